import { describe, expect, it } from 'vitest'
import { errorLabel } from '../../../src/core/index.ts'
import type { HttpOutcome, MarketQueries } from '../../../src/venues/index.ts'
import { BTC, firstRow, fixturesPresent, http, ok, OkxWorld, refused, type Row, swap } from './okx-world.ts'
import { routes } from './trading-world.ts'

type Table = Parameters<typeof routes>[0]

/** Asks, and gives what was answered: the value, or the label of the error. It must come once, and not inside the call. */
function ask(w: OkxWorld, question: (queries: MarketQueries, done: (error: unknown, value: unknown) => void) => void): unknown {
  const told: unknown[] = []
  question(w.venue.queries, (error, value) => told.push(error === null ? value : errorLabel(error)))
  expect(told).toEqual([])
  w.run(3000)
  expect(told.length).toBe(1)
  return told[0]
}

const world = (table: Table): OkxWorld => {
  const w = new OkxWorld({}, {}, null)
  w.respond = routes(table)
  return w
}
const TICKER: Row = { instId: 'BTC-USDT-SWAP', last: '60000.5', askPx: '60001', askSz: '1.5', bidPx: '60000', bidSz: '0.2', ts: '7' }
const quote = (w: OkxWorld): unknown => ask(w, (queries, done) => queries.quote(BTC, 1000, done))
const book = (w: OkxWorld, levels = 2): unknown => ask(w, (queries, done) => queries.book(BTC, levels, 1000, done))

describe('queries of market data', () => {
  it('a quote is in ticks and lots, from one question: an exit waits for it, and the ticker has no mark price', () => {
    const found = { bidTicks: 600_000, bidLots: 20, askTicks: 600_010, askLots: 150, lastTicks: 600_005, venueTimeMs: 7 }
    const asked: string[] = []
    const w = world({
      'market/ticker': (query) => {
        asked.push(`${query.get('instId')}`)
        return ok([TICKER])
      },
    })
    expect(quote(w)).toEqual({ ...found, markTicks: Number.NaN })
    expect(asked).toEqual(['BTC-USDT-SWAP'])
  })

  it('F24: a quote on a finer tick than ours is in whole ticks, and never better than it is', () => {
    expect(quote(world({ 'market/ticker': ok([{ ...TICKER, bidPx: '60000.06', askPx: '60000.91', bidSz: '0.005' }]) }))).toMatchObject({ bidTicks: 600_000, askTicks: 600_010 })
  })

  it.each<[string, HttpOutcome | null, string]>([
    ['silence', null, 'RM_VENUE_REQUEST'], ['a refusal', refused('51001'), 'RM_VENUE_REFUSED'], ['a server error', http(502, ''), 'RM_VENUE_REQUEST'], ['no row', ok([]), 'RM_VENUE_ROW'], ['two rows', ok([TICKER, TICKER]), 'RM_VENUE_ROW'], ['a row that is none', ok(['x']), 'RM_VENUE_REQUEST'],
    ['no bid', ok([{ ...TICKER, bidPx: '' }]), 'RM_VENUE_ROW'], ['a bid that is none', ok([{ ...TICKER, bidPx: '-60000' }]), 'RM_VENUE_ROW'], ['a size that is none', ok([{ ...TICKER, bidSz: '-1' }]), 'RM_VENUE_FRAME_FIELD'],
  ])('a quote that meets %s is a coded error within its time', (_what, answer, code) => {
    expect(quote(world({ 'market/ticker': answer }))).toBe(code)
  })

  it('a book carries the number by which the stream can be judged, best level first, in ticks and lots', () => {
    const asked: string[] = []
    const w = world({
      'market/books': (query) => {
        asked.push(`${query.get('instId')} ${query.get('sz')}`)
        return ok([{ asks: [['60001', '1.5', '0', '2'], ['60002', '2', '0', '1']], bids: [['60000', '0.2', '0', '1']], ts: '9', seqId: 77 }])
      },
    })
    expect(book(w)).toEqual({ number: 77, by: 'updateId', venueTimeMs: 9, bidTicks: Float64Array.of(600_000), bidLots: Float64Array.of(20), askTicks: Float64Array.of(600_010, 600_020), askLots: Float64Array.of(150, 200) })
    book(w, 5000)
    expect(asked).toEqual(['BTC-USDT-SWAP 2', 'BTC-USDT-SWAP 400'])
    expect(book(world({ 'market/books': ok([{ asks: [], bids: [], ts: '9' }]) }))).toMatchObject({ number: -1 })
  })

  it.each<[string, Row]>([['no side', { bids: [], ts: '1', seqId: 1 }], ['a level that is none', { asks: ['x'], bids: [], ts: '1', seqId: 1 }], ['a size of nothing', { asks: [['60000', '0', '0', '1']], bids: [], ts: '1', seqId: 1 }], ['no time', { asks: [], bids: [], seqId: 1 }]])('a book with %s is an error', (_what, row) => {
    expect(book(world({ 'market/books': ok([row]) }))).toBe('RM_VENUE_FRAME_FIELD')
  })

  it('price limits and funding are read as the stream\'s', () => {
    const w = world({ 'public/price-limit': ok([{ instId: 'BTC-USDT-SWAP', buyLmt: '60600', sellLmt: '59400', ts: '6', enabled: true }]), 'public/funding-rate': ok([{ fundingRate: '0.0001', fundingTime: '3600000', nextFundingTime: '7200000', ts: '5' }]) })
    expect(ask(w, (queries, done) => queries.priceLimits(BTC, 1000, done))).toEqual({ highestBuyTicks: 606_000, lowestSellTicks: 594_000, enabled: true, timeMs: 6 })
    expect(ask(w, (queries, done) => queries.funding(BTC, 1000, done))).toEqual({ rate: 0.0001, settleMs: 3_600_000, intervalMs: 3_600_000, timeMs: 5 })
  })

  it('settled funding is what was charged, oldest first, over all pages, and no more than was asked for', () => {
    const row = (i: number): Row => ({ fundingRate: '0.5', realizedRate: String(i / 1e6), fundingTime: String((1000 - i) * 3_600_000) })
    const pages: number[] = []
    const w = world({
      'public/funding-rate-history': (query) => {
        const limit = Number(query.get('limit'))
        pages.push(limit)
        const from = query.get('after') === null ? 0 : 1000 - Number(query.get('after')) / 3_600_000 + 1
        return ok(Array.from({ length: limit }, (_, i) => row(from + i)))
      },
    })
    const rows = ask(w, (queries, done) => queries.fundingHistory(BTC, 450, 1000, done)) as { rate: number; timeMs: number }[]
    expect([pages, rows.length]).toEqual([[400, 50], 450])
    expect(rows).toEqual(Array.from({ length: 450 }, (_, i) => ({ rate: (449 - i) / 1e6, timeMs: (551 + i) * 3_600_000 })))
    expect(ask(world({ 'public/funding-rate-history': ok([{ fundingRate: '0.0002', fundingTime: '1' }]) }), (queries, done) => queries.fundingHistory(BTC, 5, 1000, done))).toEqual([{ rate: 0.0002, timeMs: 1 }])
    expect(ask(world({ 'public/funding-rate-history': http(200, '<html>') }), (queries, done) => queries.fundingHistory(BTC, 5, 1000, done))).toBe('RM_VENUE_REQUEST')
  })

  it('an instrument is told with its state also when it does not trade, and an unlisted one is unknown', () => {
    const w = world({ 'public/funding-rate': ok([{ fundingRate: '0', fundingTime: '3600000', nextFundingTime: '18000000' }]) })
    const state = (): unknown => ask(w, (queries, done) => queries.instrumentState(BTC, 1000, done))
    expect(state()).toMatchObject({ status: 'trading', statusText: 'live', fundingIntervalMs: 14_400_000, contractValue: '0.01', instrument: { symbol: 'BTCUSDT', index: 0, maxLots: 3_000_000 } })
    w.instruments = [swap('BTC', { state: 'suspend', minSz: '0.02' })]
    expect(state()).toMatchObject({ status: 'suspended', statusText: 'suspend', instrument: { minLots: 2 } })
    w.instruments = [swap('BTC', { state: 'expired' })]
    expect(state()).toMatchObject({ status: 'closed' })
    w.instruments = []
    expect(state()).toBe('RM_VENUE_SYMBOL_UNKNOWN')
    w.respond = routes({ 'public/funding-rate': refused('50013') })
    w.instruments = [swap('BTC')]
    expect(state()).toBe('RM_VENUE_REFUSED')
  })

  it('of an instrument whose contract cannot be read are errors, never numbers', () => {
    const w = world({ 'market/ticker': ok([TICKER]) })
    w.instruments = [swap('BTC', { ctVal: '1' })]
    expect(quote(w)).toBe('RM_VENUE_INSTRUMENT')
  })

  it.skipIf(!fixturesPresent)('published answers are read (needs reference fixtures)', () => {
    const one = (name: string): HttpOutcome => ok([{ ...firstRow(name), instId: 'BTC-USDT-SWAP' }])
    const w = world({
      'market/ticker': one('rest_ticker'), 'public/price-limit': one('rest_price_limit'), 'public/funding-rate': one('rest_funding_rate'),
      'public/funding-rate-history': ok([firstRow('rest_funding_rate_history')]),
    })
    expect(quote(w)).toMatchObject({ bidTicks: 569_590, askTicks: 569_591, lastTicks: 569_561, bidLots: 455_200 })
    expect(ask(w, (queries, done) => queries.priceLimits(BTC, 1000, done))).toMatchObject({ highestBuyTicks: 170_579, lowestSellTicks: 163_889, enabled: true })
    expect(ask(w, (queries, done) => queries.funding(BTC, 1000, done))).toMatchObject({ rate: 0.0000182221218054, settleMs: 1_743_609_600_000, intervalMs: 28_800_000 })
    expect(ask(w, (queries, done) => queries.fundingHistory(BTC, 1, 1000, done))).toEqual([{ rate: 0.0000746572360545, timeMs: 1_703_059_200_000 }])
  })
})
