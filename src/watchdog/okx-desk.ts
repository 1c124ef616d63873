import { createHmac } from 'node:crypto'
import { RingmasterError } from '../core/index.ts'
import type { DeskSettings, GuardDesk, GuardedOrder, GuardedPosition } from './desk.ts'
import { isObject, type Json, pathOnly, requestJson, rowsOf, textOf } from './http.ts'

const PAGE_ROWS = 100
const PAGES_MAX = 50
/** Refusals that say that the order or the position is gone (reference: OKX V5, error codes). */
const GONE: ReadonlySet<string> = new Set(['51603', '51400', '51401', '51402', '51503', '51410', '51169', '51170', '51112', '51023', '51205', '51148'])

const instrumentOf = (symbol: string): string => symbol.replace(/USDT$/, '-USDT-SWAP')
const symbolOf = (instId: string): string => instId.replace(/-USDT-SWAP$/, 'USDT')

/** The watchdog's view of an OKX V5 account, linear swaps in cross margin and net mode. */
export class OkxDesk implements GuardDesk {
  readonly #settings: DeskSettings
  #offsetMs = 0

  constructor(settings: DeskSettings) {
    this.#settings = settings
  }

  async sync(): Promise<void> {
    const { rest, requestMs } = this.#settings
    const path = '/api/v5/public/time'
    const before = Date.now()
    const answer = await requestJson({ method: 'GET', base: rest, path, headers: {}, body: null, deadlineMs: requestMs })
    const timeMs = Number(rowsOf(answer['data'], 'GET', path)[0]?.['ts'])
    if (!Number.isFinite(timeMs)) throw new RingmasterError('RM_WATCHDOG_ANSWER', { method: 'GET', path, what: 'a time' })
    this.#offsetMs = Math.round(timeMs - (before + Date.now()) / 2)
  }

  async entries(): Promise<readonly GuardedOrder[]> {
    const found: GuardedOrder[] = []
    let after = ''
    for (let page = 0; page < PAGES_MAX; page++) {
      const rows = await this.#call('GET', `/api/v5/trade/orders-pending?instType=SWAP&limit=${PAGE_ROWS}${after === '' ? '' : `&after=${after}`}`, null)
      for (const row of rows) {
        if (textOf(row, 'clOrdId').startsWith(this.#settings.prefix) && row['reduceOnly'] !== 'true' && row['reduceOnly'] !== true)
          found.push({ symbol: symbolOf(textOf(row, 'instId')), clientId: textOf(row, 'clOrdId'), venueId: textOf(row, 'ordId') })
      }
      if (rows.length < PAGE_ROWS) return found
      after = textOf(rows.at(-1)!, 'ordId')
    }
    throw new RingmasterError('RM_WATCHDOG_ANSWER', { method: 'GET', path: '/api/v5/trade/orders-pending', what: 'an end of its pages' })
  }

  async cancel({ symbol, venueId }: GuardedOrder): Promise<void> {
    await this.#call('POST', '/api/v5/trade/cancel-order', { instId: instrumentOf(symbol), ordId: venueId })
  }

  async positions(): Promise<readonly GuardedPosition[]> {
    const rows = await this.#call('GET', '/api/v5/account/positions?instType=SWAP', null)
    const held = rows.filter((row) => this.#settings.symbols.includes(symbolOf(textOf(row, 'instId'))) && row['posSide'] === 'net' && Number(row['pos']) !== 0)
    if (held.length === 0) return []
    const stops: Json[] = []
    for (const kind of ['conditional', 'oco']) stops.push(...(await this.#call('GET', `/api/v5/trade/orders-algo-pending?ordType=${kind}&instType=SWAP`, null)))
    return held.map((row) => {
      const pos = textOf(row, 'pos')
      return {
        symbol: symbolOf(textOf(row, 'instId')),
        side: pos.startsWith('-') ? 'short' : 'long',
        size: pos.replace('-', ''),
        stops: stops.filter((stop) => stop['instId'] === row['instId'] && textOf(stop, 'slTriggerPx') !== '').length,
      }
    })
  }

  async close({ symbol, side, size }: GuardedPosition, clientId: string): Promise<void> {
    await this.#call('POST', '/api/v5/trade/order', { instId: instrumentOf(symbol), tdMode: 'cross', posSide: 'net', side: side === 'long' ? 'sell' : 'buy', ordType: 'market', sz: size, reduceOnly: true, clOrdId: clientId })
  }

  /** @returns the rows; none where what was meant is gone already. */
  async #call(method: 'GET' | 'POST', path: string, params: Json | null): Promise<readonly Json[]> {
    const { rest, credentials, simulated, requestMs } = this.#settings
    const body = params === null ? null : JSON.stringify(params)
    const timestamp = new Date(Date.now() + this.#offsetMs).toISOString()
    const sign = createHmac('sha256', credentials.secret).update(`${timestamp}${method}${path}${body ?? ''}`).digest('base64')
    const headers = { 'OK-ACCESS-KEY': credentials.key, 'OK-ACCESS-SIGN': sign, 'OK-ACCESS-TIMESTAMP': timestamp, 'OK-ACCESS-PASSPHRASE': credentials.passphrase, ...(simulated ? { 'x-simulated-trading': '1' } : {}) }
    const answer = await requestJson({ method, base: rest, path, headers, body, deadlineMs: requestMs })
    const rows = Array.isArray(answer['data']) ? answer['data'].filter(isObject) : []
    const item = rows[0]
    const code = method === 'POST' && item !== undefined && textOf(item, 'sCode') !== '' ? textOf(item, 'sCode') : textOf(answer, 'code')
    if (code === '0') return rowsOf(answer['data'], method, path)
    if (method === 'POST' && GONE.has(code)) return []
    throw new RingmasterError('RM_WATCHDOG_REFUSED', { method, path: pathOnly(path), code, text: (item === undefined ? '' : textOf(item, 'sMsg')) || textOf(answer, 'msg') })
  }
}
