import { describe, expect, it } from 'vitest'
import { errorLabel, errorLine, Random, VirtualTime } from '../../src/core/index.ts'
import { type BybitSettings, bybitUrlsAt, createBybitVenue, type HttpOutcome, type InstrumentState, type MarketHandler, type MarketQueries, type Venue } from '../../src/venues/index.ts'
import { answer, FakeTransport, refusal, type Responder } from './fake-transport.ts'
import { bodyOf, BTC, fixturesPresent, instrumentOf } from './fixtures.ts'
import { INSTRUMENT_ROW } from './instrument-row.ts'

class World {
  readonly time = new VirtualTime(1_700_000_000_000)
  readonly transport = new FakeTransport(this.time)
  readonly counts = new Map<string, number>()
  readonly venue: Venue
  readonly queries: MarketQueries

  constructor(respond: Responder, settings: Partial<BybitSettings> = {}) {
    this.transport.respond = respond
    const count = (name: string, label = '', by = 1): void => void this.counts.set(label === '' ? name : `${name}/${label}`, (this.counts.get(label === '' ? name : `${name}/${label}`) ?? 0) + by)
    this.venue = createBybitVenue({ transport: this.transport, clock: this.time, timers: this.time, random: new Random(1), urls: bybitUrlsAt('venue', 1), credentials: null, settings, count })
    this.queries = this.venue.queries
  }

  run(ms: number): void {
    this.time.runUntil(this.time.nowNs() + ms * 1e6)
  }

  /** The answer, or the code of the error; asked with a deadline of one second. */
  ask<T>(ask: (done: (error: unknown, value: T) => void) => void): T | string {
    const results: (T | string)[] = []
    ask((error, value) => results.push(error === null ? value : errorLabel(error)))
    expect(results).toEqual([]) // never inside the call
    this.run(1001)
    expect(results).toHaveLength(1)
    return results[0]!
  }
}

const DEADLINE_MS = 1000
const TICKER = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
  symbol: 'BTCUSDT', lastPrice: '30000.50', markPrice: '30000.13', bid1Price: '30000.40', bid1Size: '1.5', ask1Price: '30000.50', ask1Size: '0.002', fundingRate: '-0.0001', nextFundingTime: '1700006400000', fundingIntervalHour: '4', ...change,
})
const BOOK = (change: Record<string, unknown> = {}): Record<string, unknown> => ({ s: 'BTCUSDT', b: [['30000.4', '1.5'], ['30000.2', '0.1']], a: [['30000.5', '0.002']], ts: 5, cts: 4, u: 7, seq: 99, ...change })
const quote = (w: World): unknown => w.ask((done) => w.queries.quote(BTC, DEADLINE_MS, done))
const book = (w: World, levels = 50): unknown => w.ask((done) => w.queries.book(BTC, levels, DEADLINE_MS, done))
const limitsOf = (w: World): unknown => w.ask((done) => w.queries.priceLimits(BTC, DEADLINE_MS, done))
const funding = (w: World): unknown => w.ask((done) => w.queries.funding(BTC, DEADLINE_MS, done))
const history = (w: World, count: number): unknown => w.ask((done) => w.queries.fundingHistory(BTC, count, DEADLINE_MS, done))
const instrumentStateOf = (w: World): unknown => w.ask((done) => w.queries.instrumentState(BTC, DEADLINE_MS, done))

describe('market data by REST', () => {
  it('quote: whole ticks and lots, the mark price between ticks, the time of the answer', () => {
    expect(quote(new World(() => answer({ list: [TICKER()] })))).toEqual({ bidTicks: 300_004, bidLots: 1500, askTicks: 300_005, askLots: 2, lastTicks: 300_005, markTicks: expect.closeTo(300_001.3, 6) as number, venueTimeMs: 1_700_000_000_000 })
    expect(quote(new World(() => answer({ list: [TICKER({ markPrice: '' })] })))).toMatchObject({ markTicks: Number.NaN })
  })

  it('book: as many levels as asked for, best first, numbered by the cross sequence', () => {
    const w = new World(() => answer(BOOK()))
    expect(book(w, 200)).toEqual({ number: 99, by: 'sequence', venueTimeMs: 4, bidTicks: Float64Array.of(300_004, 300_002), bidLots: Float64Array.of(1500, 100), askTicks: Float64Array.of(300_005), askLots: Float64Array.of(2) })
    expect(w.transport.requests[0]!.query.get('limit')).toBe('200')
    book(w, 5000)
    expect(w.transport.requests[1]!.query.get('limit')).toBe('1000')
    expect(book(new World(() => answer(BOOK({ seq: undefined, cts: undefined, b: [] }))))).toMatchObject({ number: -1, venueTimeMs: 5, bidTicks: new Float64Array(0) })
  })

  it('price band, funding and its interval, instrument', () => {
    expect(limitsOf(new World(() => answer({ symbol: 'BTCUSDT', buyLmt: '30100.07', sellLmt: '29900.03', ts: '1700000000001' })))).toEqual({ highestBuyTicks: 301_000, lowestSellTicks: 299_001, enabled: true, timeMs: 1_700_000_000_001 })
    expect(funding(new World(() => answer({ list: [TICKER()] })))).toEqual({ rate: -0.0001, settleMs: 1_700_006_400_000, intervalMs: 4 * 3_600_000, timeMs: 1_700_000_000_000 })
    expect(funding(new World(() => answer({ list: [TICKER({ fundingIntervalHour: undefined })] })))).toMatchObject({ intervalMs: Number.NaN })
    expect(instrumentStateOf(new World(() => answer({ list: [INSTRUMENT_ROW('BTCUSDT', { fundingInterval: 240, status: 'Delivering' })] })))).toMatchObject({
      status: 'closed', statusText: 'Delivering', fundingIntervalMs: 240 * 60_000, contractValue: '1', instrument: { symbol: 'BTCUSDT', index: BTC.index, maxLots: 500_000 },
    })
    for (const [word, status] of [['Trading', 'trading'], ['PreLaunch', 'suspended'], ['Closed', 'closed'], ['Surprise', 'suspended']]) expect(instrumentStateOf(new World(() => answer({ list: [INSTRUMENT_ROW('BTCUSDT', { status: word })] })))).toMatchObject({ status, statusText: word })
  })

  it('funding that was settled: oldest first, over as many pages as it takes', () => {
    const row = (timeMs: number): unknown => ({ symbol: 'BTCUSDT', fundingRate: '0.0001', fundingRateTimestamp: String(timeMs) })
    const w = new World((_r, query) => {
      const end = Number(query.get('endTime') ?? 1_000_000)
      return answer({ list: Array.from({ length: Number(query.get('limit')) }, (_, i) => row(Math.floor(end / 1000) * 1000 - i * 1000)) })
    })
    const rows = history(w, 450) as { rate: number; timeMs: number }[]
    expect(rows).toHaveLength(450)
    expect(rows.every((one, i) => one.rate === 0.0001 && (i === 0 || one.timeMs === rows[i - 1]!.timeMs + 1000))).toBe(true)
    expect(w.transport.requests.map((request) => [request.query.get('limit'), request.query.get('startTime')])).toEqual([['200', null], ['200', null], ['50', null]])
    expect(history(new World(() => answer({ list: [row(5000)] })), 200)).toEqual([{ rate: 0.0001, timeMs: 5000 }])
  })

  it('F24: a quote on a finer tick than ours is in whole ticks, and never better than it is', () => {
    expect(quote(new World(() => answer({ list: [TICKER({ bid1Price: '30000.36', ask1Price: '30000.41', bid1Size: '1.5004' })] })))).toMatchObject({ bidTicks: 300_003, askTicks: 300_005, bidLots: 1500 })
  })

  it.each<readonly [string, (w: World) => unknown, HttpOutcome, string]>([
    ['an empty ticker list', quote, answer({ list: [] }), 'RM_VENUE_SYMBOL_UNKNOWN'], ['the ticker of another symbol', quote, answer({ list: [TICKER({ symbol: 'ETHUSDT' })] }), 'RM_VENUE_SYMBOL_UNKNOWN'],
    ['a side without a price', quote, answer({ list: [TICKER({ bid1Price: '' })] }), 'RM_VENUE_ROW'], ['a price that is none', quote, answer({ list: [TICKER({ ask1Price: '-30000.5' })] }), 'RM_VENUE_ROW'],
    ['a crossed quote', quote, answer({ list: [TICKER({ bid1Price: '30000.50' })] }), 'RM_VENUE_ROW'], ['a size of zero', quote, answer({ list: [TICKER({ bid1Size: '0' })] }), 'RM_VENUE_ROW'], ['no list', quote, answer({}), 'RM_VENUE_ROW'],
    ['a book of another symbol', book, answer(BOOK({ s: 'ETHUSDT' })), 'RM_VENUE_ROW'], ['bids that rise', book, answer(BOOK({ b: [['1', '1'], ['2', '1']] })), 'RM_VENUE_ROW'], ['a level twice', book, answer(BOOK({ a: [['30000.5', '1'], ['30000.5', '1']] })), 'RM_VENUE_ROW'],
    ['a crossed book', book, answer(BOOK({ a: [['30000.4', '1']] })), 'RM_VENUE_ROW'], ['a level of nothing', book, answer(BOOK({ a: [['30000.5', '0']] })), 'RM_VENUE_ROW'], ['three texts in a level', book, answer(BOOK({ a: [['30000.5', '1', '1']] })), 'RM_VENUE_ROW'], ['a missing side', book, answer(BOOK({ a: undefined })), 'RM_VENUE_ROW'], ['no time', book, answer(BOOK({ ts: '5', cts: undefined })), 'RM_VENUE_ROW'],
    ['a band of another symbol', limitsOf, answer({ symbol: 'ETHUSDT', buyLmt: '2', sellLmt: '1', ts: '5' }), 'RM_VENUE_ROW'], ['a band upside down', limitsOf, answer({ symbol: 'BTCUSDT', buyLmt: '1', sellLmt: '2', ts: '5' }), 'RM_VENUE_ROW'],
    ['a rate that is no number', funding, answer({ list: [TICKER({ fundingRate: 'soon' })] }), 'RM_VENUE_ROW'], ['no settlement time', funding, answer({ list: [TICKER({ nextFundingTime: '' })] }), 'RM_VENUE_ROW'],
    ['history of another symbol', (w) => history(w, 5), answer({ list: [{ symbol: 'ETHUSDT', fundingRate: '1', fundingRateTimestamp: '1' }] }), 'RM_VENUE_ROW'],
    ['an instrument without a tick', instrumentStateOf, answer({ list: [INSTRUMENT_ROW('BTCUSDT', { priceFilter: {} })] }), 'RM_VENUE_INSTRUMENT'], ['an instrument without a funding interval', instrumentStateOf, answer({ list: [INSTRUMENT_ROW('BTCUSDT', { fundingInterval: undefined })] }), 'RM_VENUE_INSTRUMENT'],
    ['a refusal', quote, refusal(10001), 'RM_VENUE_REFUSED'], ['HTTP 500', quote, { kind: 'response', status: 500, headers: {}, body: '' }, 'RM_VENUE_REQUEST'],
  ])('%s is a coded error', (_name, ask, outcome, code) => expect(ask(new World(() => outcome))).toBe(code))

  it('every call ends within its own deadline', () => {
    for (const ask of [quote, book, limitsOf, funding, instrumentStateOf, (w: World) => history(w, 5)]) expect(ask(new World(() => null))).toBe('RM_VENUE_REQUEST')
    // Pages share the deadline of the call.
    const w = new World((_r, query) => (query.get('endTime') === null ? answer({ list: Array.from({ length: 200 }, (_, i) => ({ symbol: 'BTCUSDT', fundingRate: '0', fundingRateTimestamp: String(9000 - i) })) }) : null))
    expect(history(w, 400)).toBe('RM_VENUE_REQUEST')
  })
})

describe.skipIf(!fixturesPresent)('documented answers (needs fixtures: RINGMASTER_FIXTURES)', () => {
  const world = (name: string): World => new World(() => ({ kind: 'response', status: 200, headers: {}, body: bodyOf(name) }))

  it('read as the venue documents them', () => {
    const coarse = instrumentOf('BTCUSDT', '0.01', '0.000001')
    let w = world('rest_orderbook')
    expect(w.ask((done) => w.queries.book(coarse, 1, DEADLINE_MS, done))).toMatchObject({ number: 1432604333, venueTimeMs: 1716863718905, bidTicks: Float64Array.of(6_548_547) })
    w = world('rest_price_limit')
    expect(limitsOf(w)).toEqual({ highestBuyTicks: 1_058_781, lowestSellTicks: 1_037_816, enabled: true, timeMs: 1750302284491 })
    w = world('rest_funding_history')
    expect(w.ask((done) => w.queries.fundingHistory(instrumentOf('ETHPERP', '0.01', '0.01'), 200, DEADLINE_MS, done))).toEqual([{ rate: 0.0001, timeMs: 1672041600000 }])
    w = world('rest_tickers_inverse')
    const inverse = instrumentOf('BTCUSD', '0.10', '1')
    expect(w.ask((done) => w.queries.quote(inverse, DEADLINE_MS, done))).toMatchObject({ bidTicks: 1_034_010, askTicks: 1_091_528, lastTicks: 1_206_355, venueTimeMs: 1760352369814 })
    expect(w.ask((done) => w.queries.funding(inverse, DEADLINE_MS, done))).toMatchObject({ rate: 0.0001, settleMs: 1760371200000, intervalMs: 28_800_000 })
    w = world('rest_instruments_linear_docs')
    expect(instrumentStateOf(w)).toMatchObject({ status: 'trading', fundingIntervalMs: 28_800_000, instrument: { maxLots: 500_000 } })
  })
})

describe('live changes of an instrument', () => {
  const silent: MarketHandler = { onBook() {}, onTrades() {}, onTicker() {}, onKline() {}, onLiquidation() {}, onPriceLimits() {}, onFunding() {}, onInstrument() {}, onFeed() {}, onBadFrame() {} }
  const LOTS = (max: string): Record<string, unknown> => ({ maxOrderQty: '1190.000', minOrderQty: '0.001', qtyStep: '0.001', maxMktOrderQty: max, minNotionalValue: '5' })
  /** As `INSTRUMENT_ROW` has it. */
  const given = { ...BTC, maxLots: 500_000 }

  /** One feed on a venue that answers with what `row` says now. */
  function watched(): { readonly w: World; readonly told: InstrumentState[]; row: (symbol: string) => HttpOutcome; stop: () => void } {
    const told: InstrumentState[] = []
    const w = new World((_r, query) => it_.row(query.get('symbol')!), { instrumentsMs: 10_000 })
    const feed = w.venue.feed(given)
    const it_ = { w, told, row: (symbol: string): HttpOutcome => answer({ list: [INSTRUMENT_ROW(symbol)] }), stop: () => feed.stop() }
    feed.start({ ...silent, onInstrument: (state) => void told.push(state) })
    return it_
  }
  const run = (w: World, ms: number): void => w.run(ms)

  it('is told when grid, limits, status or funding change, and never else', () => {
    const it_ = watched()
    run(it_.w, 30_000)
    expect(it_.w.transport.asked('/v5/market/instruments-info')).toBeGreaterThanOrEqual(2)
    expect(it_.told).toEqual([])
    // The same numbers with other digits, and fields that mean nothing to orders.
    it_.row = (symbol) => answer({ list: [INSTRUMENT_ROW(symbol, { priceFilter: { tickSize: '0.1' }, copyTrading: 'none' })] })
    run(it_.w, 12_000)
    expect(it_.told).toEqual([])
    const changes: readonly Record<string, unknown>[] = [
      { priceFilter: { tickSize: '0.5' } }, { priceFilter: { tickSize: '0.5' }, lotSizeFilter: LOTS('400.000') }, { priceFilter: { tickSize: '0.5' }, lotSizeFilter: LOTS('400.000'), fundingInterval: 60 },
      { priceFilter: { tickSize: '0.5' }, lotSizeFilter: LOTS('400.000'), fundingInterval: 60, status: 'Delivering' },
    ]
    for (const [i, change] of changes.entries()) {
      it_.row = (symbol) => answer({ list: [INSTRUMENT_ROW(symbol, change)] })
      run(it_.w, 24_000)
      expect(it_.told).toHaveLength(i + 1)
    }
    expect(it_.told.map((state) => [state.instrument.tick.text, state.instrument.maxLots, state.fundingIntervalMs / 60_000, state.status])).toEqual([['0.5', 500_000, 480, 'trading'], ['0.5', 400_000, 480, 'trading'], ['0.5', 400_000, 60, 'trading'], ['0.5', 400_000, 60, 'closed']])
    expect(it_.told[0]!.instrument).toMatchObject({ symbol: 'BTCUSDT', index: BTC.index })
    it_.stop()
    run(it_.w, 100_000)
    expect(it_.w.time.pending).toBe(0)
  })

  it('a change between the start of the engine and the first look is told with the first look', () => {
    const it_ = watched()
    it_.row = (symbol) => answer({ list: [INSTRUMENT_ROW(symbol, { lotSizeFilter: LOTS('100.000') })] })
    run(it_.w, 12_000)
    expect(it_.told).toMatchObject([{ instrument: { maxLots: 100_000 } }])
  })

  it('an instrument is gone when the venue leaves it out twice, and not for failures', () => {
    const it_ = watched()
    run(it_.w, 12_000)
    it_.row = () => refusal(10016)
    run(it_.w, 60_000)
    it_.row = () => answer({ list: [] })
    run(it_.w, 11_000)
    it_.row = (symbol) => answer({ list: [INSTRUMENT_ROW(symbol)] })
    run(it_.w, 11_000)
    expect(it_.told).toEqual([])
    it_.row = () => answer({ list: [] })
    run(it_.w, 40_000)
    expect(it_.told).toMatchObject([{ status: 'closed', statusText: 'not listed', fundingIntervalMs: 28_800_000, instrument: { symbol: 'BTCUSDT', maxLots: 500_000 } }])
    expect(it_.w.counts.get('bybit_instrument_unread/RM_VENUE_REQUEST')).toBeGreaterThan(2)
  })

  it('feeds of one venue share it: one question per symbol and round, one at a time', () => {
    const w = new World((_r, query) => answer({ list: [INSTRUMENT_ROW(query.get('symbol')!)] }), { instrumentsMs: 10_000 })
    const feeds = ['BTCUSDT', 'ETHUSDT', 'XRPUSDT'].map((symbol, i) => w.venue.feed(instrumentOf(symbol, '0.10', '0.001', i)))
    for (const feed of feeds) feed.start(silent)
    w.run(12_000)
    expect(w.transport.requests.map((request) => request.query.get('symbol'))).toEqual(['BTCUSDT', 'ETHUSDT', 'XRPUSDT'])
    feeds[1]!.stop()
    w.run(10_000)
    expect(w.transport.requests.slice(3).map((request) => request.query.get('symbol'))).toEqual(['BTCUSDT', 'XRPUSDT'])
    for (const feed of feeds) feed.stop()
    w.run(100_000)
    expect(w.time.pending).toBe(0)
  })
})

it('an error of a query says which call it was', () => {
  const lines: string[] = []
  const w = new World(() => refusal(10001, 'params error'))
  w.queries.quote(BTC, DEADLINE_MS, (error) => lines.push(errorLine(error)))
  w.run(10)
  expect(lines[0]).toContain('/v5/market/tickers')
  expect(lines[0]).toContain('10001')
})
