import { createHmac } from 'node:crypto'
import { RingmasterError } from '../core/index.ts'
import type { DeskSettings, GuardDesk, GuardedOrder, GuardedPosition } from './desk.ts'
import { isObject, type Json, pathOnly, requestJson, rowsOf, textOf } from './http.ts'

const RECV_WINDOW_MS = 5000
const PAGES_MAX = 50
/** Kinds of orders that the venue keeps for a position (reference: Bybit V5, `stopOrderType`). */
const KEPT = /^(?:Partial)?(?:StopLoss|TakeProfit)$|^TrailingStop$/
/** Refusals that say that the order or the position is gone (reference: Bybit V5, return codes). */
const GONE: ReadonlySet<number> = new Set([110001, 110008, 110010, 110019, 110017, 110034, 110023, 110042])

/** The watchdog's view of a Bybit V5 account, linear contracts. */
export class BybitDesk implements GuardDesk {
  readonly #settings: DeskSettings
  #offsetMs = 0

  constructor(settings: DeskSettings) {
    this.#settings = settings
  }

  async sync(): Promise<void> {
    const { rest, requestMs } = this.#settings
    const before = Date.now()
    const answer = await requestJson({ method: 'GET', base: rest, path: '/v5/market/time', headers: {}, body: null, deadlineMs: requestMs })
    const timeMs = Number(answer['time'])
    if (!Number.isFinite(timeMs)) throw new RingmasterError('RM_WATCHDOG_ANSWER', { method: 'GET', path: '/v5/market/time', what: 'a time' })
    this.#offsetMs = Math.round(timeMs - (before + Date.now()) / 2)
  }

  async entries(): Promise<readonly GuardedOrder[]> {
    const rows = await this.#list('/v5/order/realtime', [['category', 'linear'], ['settleCoin', 'USDT'], ['openOnly', '0'], ['limit', '50']])
    return rows
      .filter((row) => textOf(row, 'orderLinkId').startsWith(this.#settings.prefix) && row['reduceOnly'] !== true && row['closeOnTrigger'] !== true && !KEPT.test(textOf(row, 'stopOrderType')))
      .map((row) => ({ symbol: textOf(row, 'symbol'), clientId: textOf(row, 'orderLinkId'), venueId: textOf(row, 'orderId') }))
  }

  async cancel({ symbol, venueId }: GuardedOrder): Promise<void> {
    await this.#call('POST', '/v5/order/cancel', { category: 'linear', symbol, orderId: venueId })
  }

  async positions(): Promise<readonly GuardedPosition[]> {
    const rows = await this.#list('/v5/position/list', [['category', 'linear'], ['settleCoin', 'USDT'], ['limit', '200']])
    return rows
      .filter((row) => this.#settings.symbols.includes(textOf(row, 'symbol')) && Number(row['size']) > 0)
      .map((row) => ({ symbol: textOf(row, 'symbol'), side: row['side'] === 'Sell' ? 'short' : 'long', size: textOf(row, 'size'), stops: Number(row['stopLoss']) > 0 ? 1 : 0 }))
  }

  async close({ symbol, side, size }: GuardedPosition, clientId: string): Promise<void> {
    await this.#call('POST', '/v5/order/create', { category: 'linear', symbol, side: side === 'long' ? 'Sell' : 'Buy', orderType: 'Market', timeInForce: 'IOC', qty: size, positionIdx: 0, reduceOnly: true, orderLinkId: clientId })
  }

  async #list(path: string, params: readonly (readonly [string, string])[]): Promise<readonly Json[]> {
    const found: Json[] = []
    let cursor = ''
    for (let page = 0; page < PAGES_MAX; page++) {
      const query = [...params, ...(cursor === '' ? [] : [['cursor', cursor] as const])].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
      const result = await this.#call('GET', `${path}?${query}`, null)
      found.push(...rowsOf(result['list'], 'GET', path))
      const next = textOf(result, 'nextPageCursor')
      if (next === '') return found
      // The venue gives it encoded already.
      cursor = decodeURIComponent(next)
    }
    throw new RingmasterError('RM_WATCHDOG_ANSWER', { method: 'GET', path, what: 'an end of its pages' })
  }

  /** @returns the result; empty where what was meant is gone already. */
  async #call(method: 'GET' | 'POST', path: string, params: Json | null): Promise<Json> {
    const { rest, credentials, requestMs } = this.#settings
    const body = params === null ? null : JSON.stringify(params)
    const timestamp = String(Date.now() + this.#offsetMs)
    const payload = body ?? path.slice(path.indexOf('?') + 1)
    const sign = createHmac('sha256', credentials.secret).update(`${timestamp}${credentials.key}${RECV_WINDOW_MS}${payload}`).digest('hex')
    const headers = { 'X-BAPI-API-KEY': credentials.key, 'X-BAPI-TIMESTAMP': timestamp, 'X-BAPI-RECV-WINDOW': String(RECV_WINDOW_MS), 'X-BAPI-SIGN-TYPE': '2', 'X-BAPI-SIGN': sign }
    const answer = await requestJson({ method, base: rest, path, headers, body, deadlineMs: requestMs })
    const code = answer['retCode']
    if (code === 0) return isObject(answer['result']) ? answer['result'] : {}
    if (method === 'POST' && typeof code === 'number' && GONE.has(code)) return {}
    throw new RingmasterError('RM_WATCHDOG_REFUSED', { method, path: pathOnly(path), code: String(code), text: textOf(answer, 'retMsg') })
  }
}
