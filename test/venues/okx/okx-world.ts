import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { DecimalStep, type Instrument, Random, VirtualTime } from '../../../src/core/index.ts'
import {
  createOkxVenue, type HttpOutcome, type OkxCredentials, type OkxSettings, okxUrlsAt, type OkxUrls, type Socket, type SocketHandlers, type Venue,
} from '../../../src/venues/index.ts'
import { FakeTransport, type Responder } from '../fake-transport.ts'

export const FIXTURES = process.env['RINGMASTER_FIXTURES'] ?? '../shared/reference/fixtures'
export const DATA = process.env['RINGMASTER_DATA'] ?? '../shared/data'
export const fixturesPresent = existsSync(`${FIXTURES}/okx`)
export const WALL_MS = 1_700_000_000_000

export type Row = Record<string, unknown>

export const fixture = (name: string): unknown => JSON.parse(readFileSync(`${FIXTURES}/okx/${name}.json`, 'utf8'))
export const frame = (name: string): Row => fixture(name) as Row
export const firstRow = (name: string): Row => (frame(name)['data'] as Row[])[0]!
export const socketFixtures = (): readonly string[] => (fixturesPresent ? readdirSync(`${FIXTURES}/okx`).filter((name) => name.startsWith('ws_')).map((name) => name.replace('.json', '')) : [])

/** One row of the venue's instruments list. */
export const swap = (coin: string, change: Row = {}): Row => ({
  instType: 'SWAP', instId: `${coin}-USDT-SWAP`, instFamily: `${coin}-USDT`, uly: `${coin}-USDT`, baseCcy: '', quoteCcy: '', settleCcy: 'USDT', ctType: 'linear', ctVal: '0.01', ctValCcy: coin, ctMult: '1',
  tickSz: '0.1', lotSz: '0.01', minSz: '0.01', maxLmtSz: '100000000.0000000000000000', maxMktSz: '30000', lever: '100', state: 'live', instIdCode: 10459, ...change,
})
export const INSTRUMENTS = [swap('BTC'), swap('ETH', { ctVal: '0.1', tickSz: '0.01', instIdCode: 10461 })]

const instrument = (symbol: string, baseCoin: string, tick: string, lot: string, index = 0): Instrument => ({
  symbol, index, baseCoin, quoteCoin: 'USDT', tick: new DecimalStep(tick), lot: new DecimalStep(lot), minLots: 1, maxLots: 3_000_000, minNotional: '0', maxLeverage: 100,
})
export const BTC = instrument('BTCUSDT', 'BTC', '0.1', '0.0001')
export const ETH = instrument('ETHUSDT', 'ETH', '0.01', '0.001', 1)

export const ok = (data: readonly unknown[], extra: Row = {}): HttpOutcome => http(200, { code: '0', msg: '', data, ...extra })
export const refused = (code: string, msg = 'text', status = 200): HttpOutcome => http(status, { code, msg, data: [] })
/** Answer of an order endpoint with one item. */
export const item = (sCode: string, change: Row = {}): Row => ({ code: sCode === '0' ? '0' : '1', msg: '', data: [{ clOrdId: 'a1', ordId: sCode === '0' ? '312' : '', tag: '', ts: '1700000000000', sCode, sMsg: sCode === '0' ? '' : 'words', subCode: '', ...change }], inTime: '1700000000000000', outTime: '1700000000000001' })
export const http = (status: number, body: unknown): HttpOutcome => ({ kind: 'response', status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) })

/** Takes the venue's text pings out of what the scripted sockets record, which are frames. */
class OkxFakeTransport extends FakeTransport {
  pings = 0

  override socket(url: string, handlers: SocketHandlers): Socket {
    const inner = super.socket(url, handlers)
    return {
      send: (text) => {
        if (text !== 'ping') return inner.send(text)
        this.pings++
        return true
      },
      close: () => inner.close(),
      terminate: () => inner.terminate(),
      pause: () => inner.pause(),
      resume: () => inner.resume(),
    }
  }
}

export const CREDENTIALS: OkxCredentials = { key: 'testkey', secret: 'testsecret', passphrase: 'testphrase' }

/** A venue in virtual time whose clock, instruments and account mode answer; the rest is `respond`. */
export class OkxWorld {
  readonly time = new VirtualTime(WALL_MS)
  readonly transport = new OkxFakeTransport(this.time)
  readonly counts = new Map<string, number>()
  readonly venue: Venue
  venueAheadMs = 0
  posMode = 'net_mode'
  instruments: readonly Row[] = INSTRUMENTS
  respond: Responder = () => null

  constructor(settings: Partial<OkxSettings> = {}, urls: Partial<OkxUrls> = {}, credentials: OkxCredentials | null = CREDENTIALS) {
    const count = (name: string, label = '', by = 1): void => {
      const key = label === '' ? name : `${name}/${label}`
      this.counts.set(key, (this.counts.get(key) ?? 0) + by)
    }
    this.transport.respond = (request, query, path) => {
      if (path === '/api/v5/public/time') return ok([{ ts: String(Math.round(this.venueMs() + this.transport.latencyMs / 2)) }])
      if (path === '/api/v5/public/instruments') return ok(this.instruments.filter((row) => query.get('instId') === null || row['instId'] === query.get('instId')))
      if (path === '/api/v5/account/config') return ok([{ acctLv: '2', posMode: this.posMode, uid: '1' }])
      return this.respond(request, query, path) ?? this.#algo(path)
    }
    this.venue = createOkxVenue({ transport: this.transport, clock: this.time, timers: this.time, random: new Random(1), urls: { ...okxUrlsAt('venue', 1), ...urls }, credentials, settings, count, mayIncrease: () => this.mayIncrease })
  }

  /** What execution says of orders that increase exposure. */
  mayIncrease = true

  /** Without a word of the test there are no algo orders. */
  #algo(path: string): HttpOutcome | null {
    if (path === '/api/v5/trade/order-algo') return refused('51603', 'Order does not exist')
    return path === '/api/v5/trade/orders-algo-pending' ? ok([]) : null
  }

  venueMs(): number {
    return WALL_MS + this.time.nowNs() / 1e6 + this.venueAheadMs
  }

  run(ms: number): void {
    this.time.runUntil(this.time.nowNs() + ms * 1e6)
  }
}
