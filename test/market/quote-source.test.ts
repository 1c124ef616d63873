import { describe, expect, it } from 'vitest'
import { type Instrument, NO_ASK, onRunClock, RingmasterError, VirtualTime } from '../../src/core/index.ts'
import { type FreshPrice, PriceReader, QuoteSource, ReadShares, RegistryMemory, SOURCE_REST, SOURCE_STREAM } from '../../src/market/index.ts'
import { readerPrices } from '../../src/trading/index.ts'
import type { MarketQueries, MarketReference, RestQuote } from '../../src/venues/index.ts'
import { WALL_ORIGIN_MS, btcusdt, handContext } from './hand-context.ts'
import { openEntries } from './open-entries.ts'

type QuoteCall = Parameters<MarketQueries['quote']>

const instruments: readonly Instrument[] = [btcusdt, { ...btcusdt, symbol: 'ETHUSDT', index: 1 }]

function bench() {
  const time = new VirtualTime(WALL_ORIGIN_MS)
  const context = handContext('execution', time)
  const registry = RegistryMemory.create(instruments.length)
  const calls: QuoteCall[] = []
  const clocks: Parameters<MarketReference['clock']>[0][] = []
  const woken: number[] = []
  const source = new QuoteSource({
    context, registry, instruments,
    queries: { quote: (...call) => void calls.push(call) },
    reference: { clock: (done) => void clocks.push(done) },
    settings: { deadlineMs: 1500, fallbacksMax: 10 },
    onQuote: (symbol) => void woken.push(symbol),
  })
  const shares = new ReadShares(instruments.length)
  const reader = new PriceReader(registry, undefined, shares)
  const prices = readerPrices(reader, time, source)
  return {
    time, context, registry, calls, clocks, woken, source, shares, reader, prices,
    run: (ms: number) => time.runUntil(time.nowNs() + ms * 1e6),
    /** What ingest writes with every frame of the stream. */
    stream: (bid: number, symbol = 0, told: { valid?: number; offsetMs?: number } = {}) => {
      const writer = registry.writeTick(symbol)
      const tick = writer.begin()
      tick.bidTicks = bid
      tick.askTicks = bid + 1
      tick.bidLots = tick.askLots = 1
      tick.receiveNs = time.nowNs()
      tick.venueTimeMs = time.wallMs()
      tick.venueBaseMs = onRunClock(told.offsetMs ?? 0, time)
      tick.bookValid = told.valid ?? 1
      tick.source = SOURCE_STREAM
      writer.end()
    },
    answer: (bid: number, more: Partial<RestQuote> = {}) => calls.at(-1)![2](null, { bidTicks: bid, bidLots: 3, askTicks: bid + 2, askLots: 4, lastTicks: bid, markTicks: Number.NaN, venueTimeMs: time.wallMs(), ...more }),
    exit: (symbol = 0) => prices.exitPrice(symbol),
    steps: () => context.logs.filter((line) => line.message.startsWith('exit prices come from')).map((line) => `${String(line.data['was'])} → ${String(line.data['is'])}`),
  }
}

describe('MD-15: where a price for an exit comes from', () => {
  it('is the stream while it is fresh: REST is not asked, nothing is told', () => {
    const b = bench()
    for (let i = 0; i < 100; i++) {
      b.stream(1000 + i)
      b.run(20)
      expect(b.exit()).toMatchObject({ refused: false, bidTicks: 1000 + i, source: SOURCE_STREAM })
    }
    expect([b.calls.length, b.context.logs.length, b.context.counts.size]).toEqual([0, 0, 0])
    expect(b.shares.of(0, 'exit')).toEqual({ stream: 100, rest: 0, refused: 0 })
  })

  it('is REST from the moment the stream is stale or invalid, and the stream again at once: each step told once, with age', () => {
    const b = bench()
    b.stream(1000)
    b.exit()
    b.stream(1000, 0, { valid: 0 })
    for (let i = 0; i < 5; i++) expect(b.exit()).toMatchObject({ refused: true, reason: 'invalid-book' })
    b.answer(990)
    expect(b.woken).toEqual([0])
    for (let i = 0; i < 5; i++) expect(b.exit()).toMatchObject({ refused: false, purpose: 'exit', bidTicks: 990, askTicks: 992, bidLots: 3, askLots: 4, markTicks: -1, source: SOURCE_REST, updateId: -1 })
    b.stream(1001)
    for (let i = 0; i < 5; i++) expect(b.exit()).toMatchObject({ refused: false, bidTicks: 1001, source: SOURCE_STREAM })
    b.run(2001)
    b.exit()
    expect(b.steps()).toEqual(['stream → none', 'none → rest', 'rest → stream', 'stream → none'])
    expect(b.context.logs.filter((line) => line.message.startsWith('exit prices')).map((line) => line.data['ageMs'])).toEqual([0, 0, 0, 2001])
    expect(b.context.counts.get('price_source_steps none_rest')).toBe(1)
    expect(b.shares.of(0, 'exit')).toEqual({ stream: 6, rest: 5, refused: 6 })
  })

  it('the stale-price case of MD-12: a REST quote serves exits up to exactly their limit and everything else up to its own', () => {
    const b = bench()
    b.stream(1000, 0, { valid: 0 })
    b.exit()
    b.run(300)
    b.answer(990)
    // The quote is as old as its question: the answer may have been made at any time in between.
    b.run(1700)
    expect(b.reader.priceFor(0, 'exit', b.time)).toMatchObject({ refused: false, ageMs: 2000, source: SOURCE_REST })
    b.time.runUntil(b.time.nowNs() + 1)
    expect(b.reader.priceFor(0, 'exit', b.time)).toMatchObject({ refused: true })
    expect(b.reader.priceFor(0, 'other', b.time)).toMatchObject({ refused: false, source: SOURCE_REST })
    b.run(3000)
    expect(b.reader.priceFor(0, 'other', b.time)).toMatchObject({ refused: true })
  })

  it('never is REST for an order or a signal, however fresh the quote, and never a quote the venue made too long ago', () => {
    const b = bench()
    b.stream(1000, 0, { valid: 0 })
    openEntries(b.registry, 0)
    b.exit()
    b.answer(990)
    for (const purpose of ['order', 'signal'] as const) expect(b.reader.priceFor(0, purpose, b.time)).toMatchObject({ refused: true, reason: 'invalid-book' })
    expect(b.prices.orderPrice(0)).toMatchObject({ refused: true })
    b.run(1000)
    b.exit()
    b.answer(995, { venueTimeMs: b.time.wallMs() - 2001 })
    expect(b.exit()).toMatchObject({ refused: true })
  })

  it('takes a quote that is none for no quote', () => {
    const b = bench()
    b.stream(1000, 0, { valid: 0 })
    for (const bad of [{ bidTicks: 0 }, { askTicks: 990 }, { bidTicks: Number.NaN }, { askTicks: NO_ASK }, { venueTimeMs: Number.NaN }]) {
      b.exit()
      b.answer(990, bad)
      expect(b.exit()).toMatchObject({ refused: true })
      b.run(1000)
    }
    expect([b.woken, b.context.counts.get('quote_failures no_quote')]).toEqual([[], 5])
  })

  it('knows the clock of the venue without ingest: asks itself, and refuses until there is an answer', () => {
    const b = bench()
    b.exit()
    b.answer(990, { venueTimeMs: b.time.wallMs() - 5000 })
    expect(b.exit()).toMatchObject({ refused: true })
    expect(b.clocks.length).toBe(1)
    b.clocks[0]!(null, -5000, 12)
    b.run(1000)
    b.exit()
    b.answer(991, { venueTimeMs: b.time.wallMs() - 5000 })
    expect(b.exit()).toMatchObject({ refused: false, bidTicks: 991, ageMs: 0 })
  })
})

describe('MD-16: quotes by REST', () => {
  it('are cached for one second per symbol, and one question is in flight for each', () => {
    const b = bench()
    for (let i = 0; i < 40; i++) {
      b.exit(0)
      b.exit(1)
      b.run(20)
    }
    // 800 ms without an answer: one question each, whatever was asked.
    expect(b.calls.map(([instrument, deadlineMs]) => `${instrument.symbol} ${deadlineMs}`)).toEqual(['BTCUSDT 1500', 'ETHUSDT 1500'])
    b.calls[0]![2](null, { bidTicks: 5, bidLots: 1, askTicks: 6, askLots: 1, lastTicks: 5, markTicks: 5, venueTimeMs: b.time.wallMs() })
    b.exit(0)
    expect(b.calls.length).toBe(2)
    b.run(200)
    b.exit(0)
    b.exit(1)
    expect(b.calls.map(([instrument]) => instrument.symbol)).toEqual(['BTCUSDT', 'ETHUSDT', 'BTCUSDT'])
  })

  it('that fail are counted and asked for again one second after the last question, not sooner', () => {
    const b = bench()
    for (let i = 0; i < 30; i++) {
      b.exit()
      if (b.calls.length > 0) b.calls.splice(0).forEach((call) => call[2](new RingmasterError('RM_VENUE_REQUEST', { method: 'GET', path: '/x', reason: 'refused' }), null))
      b.run(100)
    }
    expect(b.context.counts.get('quote_failures RM_VENUE_REQUEST')).toBe(3)
    expect(b.exit()).toMatchObject({ refused: true })
  })

  it('are not heard after the end of their actor', () => {
    const b = bench()
    b.exit()
    b.source.stop()
    b.answer(990)
    b.run(5000)
    b.exit()
    expect([b.woken, b.calls.length]).toEqual([[], 1])
  })
})

describe('MD-18: more than ten fallbacks in a row', () => {
  it('wish the feed a new connection once, and again only after as many more; one price of the stream begins the count anew', () => {
    const b = bench()
    const wish = b.registry.reconnectWish(0)
    const fallBack = (times: number): void => {
      for (let i = 0; i < times; i++) {
        b.exit()
        b.answer(990)
        b.run(1000)
      }
    }
    fallBack(10)
    expect(wish.value).toBe(0)
    fallBack(1)
    expect(wish.value).toBe(1)
    fallBack(10)
    expect(wish.value).toBe(1)
    fallBack(1)
    expect(wish.value).toBe(2)
    fallBack(10)
    b.stream(1000)
    b.exit()
    b.run(3000)
    fallBack(10)
    expect(wish.value).toBe(2)
    expect([b.registry.reconnectWish(1).value, b.context.counts.get('feed_reconnects_wanted BTCUSDT')]).toEqual([0, 2])
  })
})

describe('MD-13: the close of a candle', () => {
  it('is no price for an order: the compiler says so', () => {
    const place = (price: FreshPrice<'order'>): number => price.askTicks
    const candle = { startMs: 0, openTicks: 1, highTicks: 2, lowTicks: 1, closeTicks: 2, lots: 1, source: 0 }
    // @ts-expect-error a candle says what was traded, not what can be traded now
    expect(place(candle)).toBeUndefined()
    // @ts-expect-error nor does its close become one by another name
    expect(place({ ...candle, purpose: 'order', refused: false, askTicks: candle.closeTicks })).toBe(2)
  })
})
