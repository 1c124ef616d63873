import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorLabel, errorLine, type Instrument, Random, VirtualTime } from '../../src/core/index.ts'
import { type BybitSettings, bybitUrlsAt, createBybitVenue, type HttpOutcome, type Kline, type MarketReference } from '../../src/venues/index.ts'
import { authFrame, signedHeaders } from '../../src/venues/bybit/sign.ts'
import { QUERY } from '../../src/venues/resilience/urgency.ts'
import { RateWindow } from '../../src/venues/resilience/rate-window.ts'
import { answer, FakeTransport, refusal, type Responder } from './fake-transport.ts'
import { INSTRUMENT_ROW } from './instrument-row.ts'
import { bodyOf, BTC, fixturesPresent } from './fixtures.ts'

const WALL_MS = 1_700_000_000_000
// Vectors of the venue's protocol sheet, made with another implementation.
const CREDENTIALS = { key: 'testkey', secret: 'testsecret' }

describe('signatures agree with independent test vectors', () => {
  it('GET', () => expect(signedHeaders(CREDENTIALS, WALL_MS, 5000, 'category=linear&symbol=BTCUSDT')['X-BAPI-SIGN']).toBe('f2f79889fd1201752936b389c890e9d393e01e0311a6d8785fb80753aa26c69b'))
  it('POST', () => expect(signedHeaders(CREDENTIALS, WALL_MS, 5000, '{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.001","price":"50000"}')).toEqual({
    'X-BAPI-API-KEY': 'testkey', 'X-BAPI-TIMESTAMP': '1700000000000', 'X-BAPI-RECV-WINDOW': '5000', 'X-BAPI-SIGN-TYPE': '2', 'X-BAPI-SIGN': '82823792fce0672d4ffef76ce1da54160ae6d1012a36ac0e3b3db2ccc22cf174',
  }))
  it('socket login', () => expect(JSON.parse(authFrame(CREDENTIALS, 1_700_000_010_000, 'r'))).toEqual({ req_id: 'r', op: 'auth', args: ['testkey', 1_700_000_010_000, '6a806639d27b1c24c3808a191e9d0274d0c9d3a04a160233856d65840dfda2c8'] }))
})

describe('rate window', () => {
  it('never lets more than its limit through in any window, whatever the pattern', () => {
    const time = new VirtualTime(0)
    const window = new RateWindow(time, time, 10, 1000)
    const random = new Random(7)
    const sent: number[] = []
    let refused = 0
    for (let i = 0; i < 500; i++) {
      window.acquire(QUERY, time.nowNs() + random.between(0, 3e9), (granted) => (granted ? sent.push(time.nowNs()) : refused++))
      time.runUntil(time.nowNs() + (random.chance(0.3) ? random.between(0, 5e8) : 0))
    }
    time.runUntil(time.nowNs() + 10e9)
    expect(sent.length + refused).toBe(500)
    expect(window.waiting).toBe(0)
    expect(sent.length).toBeGreaterThan(300)
    for (let i = 10; i < sent.length; i++) expect(sent[i]! - sent[i - 10]!).toBeGreaterThanOrEqual(1e9)
  })

  it('serves in the order of asking', () => {
    const time = new VirtualTime(0)
    const window = new RateWindow(time, time, 2, 1000)
    const order: number[] = []
    for (let i = 0; i < 7; i++) window.acquire(QUERY, 1e12, () => order.push(i))
    time.runUntil(5e9)
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  it('a caller whose time ran out is told at that time and takes no place', () => {
    const time = new VirtualTime(0)
    const window = new RateWindow(time, time, 1, 1000)
    const log: string[] = []
    window.acquire(QUERY, 1e12, (granted) => log.push(`a ${granted} ${Math.round(time.nowNs() / 1e6)}`))
    window.acquire(QUERY, 300e6, (granted) => log.push(`b ${granted} ${Math.round(time.nowNs() / 1e6)}`))
    window.acquire(QUERY, 1e12, (granted) => log.push(`c ${granted} ${Math.round(time.nowNs() / 1e6)}`))
    time.runUntil(5e9)
    expect(log).toEqual(['a true 0', 'b false 300', 'c true 1000'])
  })

  it('property: batches and single requests together never take more places than the limit in any window, and nobody overtakes', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 700 })), { maxLength: 60 }), fc.integer({ min: 1, max: 10 }), (asks, limit) => {
      const time = new VirtualTime(0)
      const window = new RateWindow(time, time, limit, 1000)
      const sent: { readonly ns: number; readonly places: number; readonly order: number }[] = []
      asks.forEach(([cost, pauseMs], order) => {
        window.acquire(QUERY, 1e15, (granted) => granted && sent.push({ ns: time.nowNs(), places: Math.min(cost, limit), order }), cost)
        time.runUntil(time.nowNs() + pauseMs * 1e6)
      })
      time.runUntil(time.nowNs() + 200e9)
      expect(sent.map((one) => one.order)).toEqual(asks.map((_, i) => i))
      for (const last of sent) {
        const within = sent.filter((one) => one.ns <= last.ns && one.ns > last.ns - 1e9)
        expect(within.reduce((sum, one) => sum + one.places, 0)).toBeLessThanOrEqual(limit)
      }
    }), { numRuns: 100 })
  })

  it('a batch that cannot leave in time lets those behind it go', () => {
    const time = new VirtualTime(0)
    const window = new RateWindow(time, time, 4, 1000)
    const log: string[] = []
    const ask = (name: string, cost: number, deadlineMs: number): void => window.acquire(QUERY, deadlineMs * 1e6, (granted) => log.push(`${name} ${granted} ${Math.round(time.nowNs() / 1e6)}`), cost)
    ask('two', 2, 9000)
    time.runUntil(500e6)
    ask('batch', 4, 800)
    ask('one', 1, 9000)
    time.runUntil(600e6)
    expect(log).toEqual(['two true 0'])
    time.runUntil(2e9)
    expect(log).toEqual(['two true 0', 'batch false 800', 'one true 800'])
  })

  it('obeys a smaller limit of the venue and ignores a larger one and nonsense', () => {
    const time = new VirtualTime(0)
    const window = new RateWindow(time, time, 4, 1000)
    for (const limit of [100, Number.NaN, 0, -1, 2.5]) window.resize(limit)
    const take = (): number => {
      let now = 0
      for (let i = 0; i < 6; i++) window.acquire(QUERY, time.nowNs() + 1, (granted) => (granted ? now++ : 0))
      time.runUntil(time.nowNs() + 2e9)
      return now
    }
    expect(take()).toBe(4)
    window.resize(2)
    expect(take()).toBe(2)
  })
})

class World {
  readonly time = new VirtualTime(WALL_MS)
  readonly transport = new FakeTransport(this.time)
  readonly reference: MarketReference
  constructor(respond: Responder, settings: Partial<BybitSettings> = {}) {
    this.transport.respond = respond
    this.reference = createBybitVenue({ transport: this.transport, clock: this.time, timers: this.time, random: new Random(1), urls: bybitUrlsAt('venue', 1), credentials: null, settings, count: () => {} }).reference
  }
  instruments(symbols: readonly string[]): [string | null, readonly Instrument[]] {
    let result: [string | null, readonly Instrument[]] = ['no answer', []]
    this.reference.instruments(symbols, (error, instruments) => void (result = [error === null ? null : errorLabel(error), instruments]))
    this.time.runUntil(this.time.nowNs() + 30e9)
    return result
  }
  klines(intervalMs: number, count: number): [string | null, readonly Kline[]] {
    let result: [string | null, readonly Kline[]] = ['no answer', []]
    this.reference.klines(BTC, intervalMs, count, (error, klines) => void (result = [error === null ? null : errorLabel(error), klines]))
    this.time.runUntil(this.time.nowNs() + 30e9)
    return result
  }
}

/** A list that holds nothing that was asked for. */
const ROW_OF_NONE = INSTRUMENT_ROW('ETHUSDT')

describe('instruments', () => {
  it('are read over all pages, in the order asked for', () => {
    const w = new World((_r, query) => (query.get('cursor') === null ? answer({ list: [INSTRUMENT_ROW('BTCUSDT')], nextPageCursor: 'next%2Cpage' }) : answer({ list: [INSTRUMENT_ROW('ETHUSDT', { priceFilter: { tickSize: '0.01' } })], nextPageCursor: '' })))
    const [error, instruments] = w.instruments(['ETHUSDT', 'BTCUSDT'])
    expect(error).toBe(null)
    expect(instruments.map((i) => [i.symbol, i.index, i.tick.text, i.maxLots])).toEqual([['ETHUSDT', 0, '0.01', 500_000], ['BTCUSDT', 1, '0.10', 500_000]])
    expect(w.transport.requests[1]!.query.get('cursor')).toBe('next,page')
  })

  it.each([
    ['an unknown symbol', INSTRUMENT_ROW('ETHUSDT'), 'RM_VENUE_SYMBOL_UNKNOWN'],
    ['a symbol that is not trading', INSTRUMENT_ROW('BTCUSDT', { status: 'PreLaunch' }), 'RM_VENUE_SYMBOL_NOT_TRADING'],
    ['a dated contract', INSTRUMENT_ROW('BTCUSDT', { contractType: 'LinearFutures' }), 'RM_VENUE_INSTRUMENT'],
    ['a tick of zero', INSTRUMENT_ROW('BTCUSDT', { priceFilter: { tickSize: '0' } }), 'RM_VENUE_INSTRUMENT'],
    ['a missing lot filter', INSTRUMENT_ROW('BTCUSDT', { lotSizeFilter: null }), 'RM_VENUE_INSTRUMENT'],
    ['a minimum off the lot', INSTRUMENT_ROW('BTCUSDT', { lotSizeFilter: { maxOrderQty: '1', minOrderQty: '0.0005', qtyStep: '0.001', maxMktOrderQty: '1', minNotionalValue: '5' } }), 'RM_VENUE_INSTRUMENT'],
    ['a leverage that is no number', INSTRUMENT_ROW('BTCUSDT', { leverageFilter: { maxLeverage: 'high' } }), 'RM_VENUE_INSTRUMENT'],
  ])('%s is refused by code', (_name, row, code) => {
    expect(new World(() => answer({ list: [row], nextPageCursor: '' })).instruments(['BTCUSDT'])).toEqual([code, []])
  })

  it.each<readonly [string, HttpOutcome | null, string]>([
    ['no answer', null, 'RM_VENUE_REQUEST'], ['HTTP 500', { kind: 'response', status: 500, headers: {}, body: '' }, 'RM_VENUE_REQUEST'], ['a refusal', refusal(10001), 'RM_VENUE_REFUSED'], ['no list', answer({}), 'RM_VENUE_REQUEST'],
  ])('%s is an error, not an empty venue', (_name, outcome, code) => expect(new World(() => outcome).instruments(['BTCUSDT'])[0]).toBe(code))
})

describe('the limit by address', () => {
  it('holds over all groups of requests: what finds no place in its time is told and not sent', () => {
    const w = new World(() => answer({ list: [ROW_OF_NONE], nextPageCursor: '' }), { queryPerSecond: 50, addressPer5s: 20, queryMs: 2000 })
    const sentNs: number[] = []
    const request = w.transport.request.bind(w.transport)
    w.transport.request = (what, done) => {
      sentNs.push(w.time.nowNs())
      request(what, done)
    }
    const errors: string[] = []
    for (let i = 0; i < 30; i++) w.reference.instruments(['BTCUSDT'], (error) => errors.push(errorLine(error)))
    w.time.runUntil(3e9)
    // A fifth is kept for what takes risk away.
    expect(sentNs).toHaveLength(16)
    expect(errors.filter((line) => line.includes('no place under the limit of this address'))).toHaveLength(14)
    for (let i = 0; i < 100; i++) {
      w.reference.instruments(['BTCUSDT'], () => {})
      w.time.runUntil(w.time.nowNs() + 100e6)
    }
    for (let i = 16; i < sentNs.length; i++) expect(sentNs[i]! - sentNs[i - 16]!).toBeGreaterThanOrEqual(5e9)
    expect(sentNs.length).toBeGreaterThan(40)
  })

  it('a ban stops what waits for its place, too, and everything for as long as it holds', () => {
    let banned = false
    const w = new World(() => (banned ? { kind: 'response', status: 403, headers: {}, body: 'access too frequent' } : answer({ list: [ROW_OF_NONE], nextPageCursor: '' })), { queryPerSecond: 3, queryMs: 5000 })
    const errors: string[] = []
    const ask = (): void => w.reference.instruments(['BTCUSDT'], (error) => errors.push(errorLine(error)))
    banned = true
    for (let i = 0; i < 6; i++) ask()
    w.time.runUntil(10e9)
    expect(w.transport.requests).toHaveLength(2)
    expect(errors.filter((line) => line.includes('banned this address'))).toHaveLength(4)
    banned = false
    w.time.runUntil(599e9)
    ask()
    w.time.runUntil(602e9)
    expect(w.transport.requests).toHaveLength(2)
    ask()
    w.time.runUntil(610e9)
    expect(w.transport.requests).toHaveLength(3)
  })
})

describe('candles', () => {
  const rows = (newestMs: number, count: number): string[][] => Array.from({ length: count }, (_, i) => [String(newestMs - i * 60_000), '100.0', '101.5', '99.0', '100.5', '1.250', '125'])

  it('come oldest first, in pages, without the forming one being called closed', () => {
    const newest = WALL_MS - (WALL_MS % 60_000)
    const w = new World((_r, query) => {
      const limit = Number(query.get('limit'))
      const end = query.get('end')
      return answer({ list: rows(end === null ? newest : Math.floor(Number(end) / 60_000) * 60_000, limit) }, { time: WALL_MS })
    })
    const [error, klines] = w.klines(60_000, 1500)
    expect(error).toBe(null)
    expect(klines).toHaveLength(1500)
    expect(klines.every((kline, i) => i === 0 || kline.startMs === klines[i - 1]!.startMs + 60_000)).toBe(true)
    expect(klines.at(-1)).toEqual({ intervalMs: 60_000, startMs: newest, openTicks: 1000, highTicks: 1015, lowTicks: 990, closeTicks: 1005, lots: 1250, closed: false })
    expect(klines.at(-2)!.closed).toBe(true)
    expect(w.transport.requests.map((request) => [request.query.get('interval'), request.query.get('limit')])).toEqual([['1', '1000'], ['1', '500']])
  })

  it('F24: candles of before a change of the grid are in the nearest ticks and lots', () => {
    const [error, found] = new World(() => answer({ list: [['60000', '100.06', '101.01', '98.99', '100', '1.0004', '1']] })).klines(60_000, 1)
    expect([error, found]).toMatchObject([null, [{ openTicks: 1001, highTicks: 1010, lowTicks: 990, closeTicks: 1000, lots: 1000 }]])
  })

  it('fewer than asked for is all the venue has', () => expect(new World(() => answer({ list: rows(WALL_MS, 3) })).klines(60_000, 200)[1]).toHaveLength(3))

  it.each([
    ['a length without a name', 7, rows(1, 1), 'RM_VENUE_INTERVAL'], ['a price that is none', 60_000, [['60000', '-100.05', '101', '99', '100', '1', '1']], 'RM_VENUE_FRAME_FIELD'], ['a start that is no time', 60_000, [['x', '100', '101', '99', '100', '1', '1']], 'RM_VENUE_FRAME_FIELD'],
    ['a high below the open', 60_000, [['60000', '100', '99', '98', '99', '1', '1']], 'RM_VENUE_FRAME_FIELD'], ['a row that is no list', 60_000, [5], 'RM_VENUE_FRAME_FIELD'], ['no list', 60_000, null, 'RM_VENUE_FRAME_FIELD'],
  ])('%s is refused by code', (_name, intervalMs, list, code) => expect(new World(() => answer({ list })).klines(intervalMs, 10)).toEqual([code, []]))
})

describe('the venue\'s clock', () => {
  it('is the middle of several measurements: one slow round trip moves nothing', () => {
    let asked = 0
    const w = new World(() => {
      // The answer to the third question hangs on its way back.
      w.transport.latencyMs = ++asked === 3 ? 900 : 4
      return answer({ timeNano: String((WALL_MS + Math.round(w.time.nowNs() / 1e6) + 2 + 1500) * 1e6) })
    })
    const results: unknown[] = []
    w.reference.clock((error, offsetMs, roundTripMs) => results.push([error, offsetMs, roundTripMs]))
    w.reference.clock((error) => results.push(error))
    w.time.runUntil(10e9)
    expect(asked).toBe(5)
    expect(results[1]).toBe(null)
    const [error, offsetMs, roundTripMs] = results[0] as [unknown, number, number]
    expect(error).toBe(null)
    expect(Math.abs(offsetMs - 1500)).toBeLessThanOrEqual(1)
    expect(roundTripMs).toBe(4)
  })

  it('answers that took too long do not count, and too few of the others make no clock', () => {
    const measure = (slow: number): unknown[] => {
      let asked = 0
      const w = new World(() => {
        w.transport.latencyMs = asked++ < slow ? 1200 : 10
        return answer({ timeNano: String((WALL_MS + Math.round(w.time.nowNs() / 1e6) + w.transport.latencyMs / 2 - 700) * 1e6) })
      })
      const results: unknown[] = []
      w.reference.clock((error, offsetMs, roundTripMs) => results.push(error === null ? null : errorLine(error), offsetMs, roundTripMs))
      w.time.runUntil(60e9)
      return results
    }
    const [error, offsetMs, roundTripMs] = measure(2)
    expect([error, roundTripMs]).toEqual([null, 10])
    expect(Math.abs((offsetMs as number) + 700)).toBeLessThanOrEqual(1)
    expect(measure(3)[0]).toContain('an answer took 1200 ms, 1000 are allowed')
  })

  it('is unknown when most questions fail or answer nonsense', () => {
    for (const outcome of [null, refusal(10016), answer({ timeNano: 'soon' }), answer({})]) {
      const results: unknown[] = []
      const w = new World(() => outcome)
      w.reference.clock((error, offsetMs) => results.push(errorLabel(error), offsetMs))
      w.time.runUntil(60e9)
      expect(results).toEqual(['RM_VENUE_CLOCK', Number.NaN])
    }
  })
})

describe.skipIf(!fixturesPresent)('documented REST answers (needs fixtures: RINGMASTER_FIXTURES)', () => {
  const body = (name: string): HttpOutcome => ({ kind: 'response', status: 200, headers: {}, body: bodyOf(name) })

  it('instruments', () => {
    const [error, instruments] = new World(() => body('rest_instruments_linear_docs')).instruments(['BTCUSDT'])
    expect(error).toBe(null)
    expect(instruments).toMatchObject([{ symbol: 'BTCUSDT', baseCoin: 'BTC', quoteCoin: 'USDT', minLots: 1, maxLots: 500_000, minNotional: '5', maxLeverage: 100 }])
    expect([instruments[0]!.tick.text, instruments[0]!.lot.text]).toEqual(['0.10', '0.001'])
  })

  it('time', () => {
    const results: unknown[] = []
    const w = new World(() => body('rest_time'), { clockSamples: 1 })
    w.reference.clock((error, offsetMs) => results.push(error, Math.round(offsetMs)))
    w.time.runUntil(1e9)
    expect(results[0]).toBe(null)
    expect(Math.abs((results[1] as number) - (1688639403423 - WALL_MS))).toBeLessThanOrEqual(2)
  })
})
