import { describe, expect, it } from 'vitest'
import { INGEST_DEFAULTS, IngestActor, type IngestSettings, type IngestWiring } from '../../actors/ingest.ts'
import { DecimalStep, RingmasterError, VirtualTime } from '../../src/core/index.ts'
import { PriceReader, RegistryMemory } from '../../src/market/index.ts'
import { type GatingConsumer, Ring, TICK, TICK_BOOK, TICK_CANDLE, TICK_GAP, TICK_LEVELS, TICK_REFRESH, TICK_TRADE } from '../../src/memory/index.ts'
import type { FeedState, Kline, MarketFeed, MarketHandler, MarketQueries, MarketReference, RestBook, Ticker, TradeBatch } from '../../src/venues/index.ts'
import { type Level, update } from '../market/book-oracle.ts'
import { type HandContext, WALL_ORIGIN_MS, btcusdt, handContext } from '../market/hand-context.ts'

/** A feed by hand: remembers what it was told, says what the test says. */
class HandFeed implements MarketFeed {
  handler: MarketHandler | null = null
  readonly told: string[] = []
  /** What the cell said of the book when a resync was asked for. */
  onResync: () => void = () => {}
  start(handler: MarketHandler): void {
    this.handler = handler
    this.told.push('start')
  }
  resync(reason: string): void {
    this.told.push(`resync: ${reason}`)
    this.onResync()
  }
  reconnect(reason: string): void {
    this.told.push(`reconnect: ${reason}`)
  }
  pause(): void {
    this.told.push('pause')
  }
  resume(): void {
    this.told.push('resume')
  }
  stop(): void {
    this.told.push('stop')
  }
}

interface Seen {
  readonly kind: number
  readonly sequence: number
  readonly valid: number
  readonly bid: number
  readonly ask: number
  readonly price: number
  readonly lots: number
  readonly side: number
  readonly updateId: number
}

interface Bench {
  readonly context: HandContext
  readonly time: VirtualTime
  readonly feed: HandFeed
  readonly ring: Ring
  readonly consumer: GatingConsumer
  readonly registry: RegistryMemory
  readonly actor: IngestActor
  readonly rings: () => number
  book(snapshot: boolean, bids: readonly Level[], asks: readonly Level[], id?: number): void
  trades(...list: readonly (readonly [ticks: number, lots: number, side: number])[]): void
  /** Takes waiting records, as many as asked for; those of levels are left out of what it gives. */
  read(max?: number): Seen[]
  /** The same, levels included. */
  readAll(max?: number): Seen[]
  valid(): number
}

function bench(options: { slots?: number; reference?: MarketReference; queries?: MarketQueries; settings?: Partial<IngestSettings>; registry?: RegistryMemory; ring?: Ring; checkpoint?: unknown; start?: boolean } = {}): Bench {
  const time = new VirtualTime(WALL_ORIGIN_MS)
  const context = handContext('ingest', time)
  const feed = new HandFeed()
  const ring = options.ring ?? Ring.create(options.slots ?? 64, TICK.byteLength)
  ring.open(0, 'gating')
  const consumer = ring.gatingConsumer(0)
  const registry = options.registry ?? RegistryMemory.create(1)
  let rung = 0
  const wiring: IngestWiring = { instrument: btcusdt, feed, ticks: ring.producer(), registry, onPublished: () => void rung++, reference: options.reference ?? null, queries: options.queries ?? null, settings: { ...INGEST_DEFAULTS, ...options.settings }, checkpoint: options.checkpoint }
  const actor = new IngestActor(context, wiring)
  const view = TICK.view(ring.buffer)
  const cell = registry.readTick(0)
  if (options.start !== false) actor.start()
  const readAll = (max = 1e9): Seen[] => {
    const out: Seen[] = []
    const count = Math.min(consumer.available(), max)
    for (let i = 0; i < count; i++) {
      const t = view.at(consumer.slot(i))
      out.push({ kind: t.kind, sequence: t.sequence, valid: t.bookValid, bid: t.f64[t.bidTicks]!, ask: t.f64[t.askTicks]!, price: t.priceTicks, lots: t.lots, side: t.side, updateId: t.updateId })
    }
    consumer.advance(count)
    return out
  }
  return {
    context, time, feed, ring, consumer, registry, actor,
    rings: () => rung,
    book: (snapshot, bids, asks, id = 1) => feed.handler!.onBook({ ...update(snapshot, bids, asks, id), venueTimeMs: time.wallMs() }, time.nowNs()),
    trades: (...list) => {
      const batch: TradeBatch = {
        count: list.length,
        priceTicks: Float64Array.from(list, (t) => t[0]), lots: Float64Array.from(list, (t) => t[1]), sides: Uint8Array.from(list, (t) => t[2]),
        timeMs: new Float64Array(list.length).fill(time.wallMs()), ids: list.map(String),
      }
      feed.handler!.onTrades(batch, time.nowNs())
    },
    readAll,
    read: (max) => readAll(max).filter((one) => one.kind !== TICK_LEVELS),
    valid: () => {
      expect(cell.read()).toBe(true)
      return cell.value.bookValid
    },
  }
}

const ms = (b: Bench, delay: number): void => b.time.runUntil(b.time.nowNs() + delay * 1e6)

describe('the ingest actor', () => {
  it('has no price before a snapshot, and one from it on', () => {
    const b = bench()
    const prices = new PriceReader(b.registry)
    expect(b.context.reports.at(-1)?.state).toBe('starting')
    b.book(false, [[1000, 1]], [[1001, 1]])
    expect(prices.priceFor(0, 'order', b.time).refused).toBe(true)
    expect(b.read()).toEqual([])
    b.book(true, [[1000, 3], [999, 4]], [[1002, 5]], 7)
    const price = prices.priceFor(0, 'order', b.time)
    expect(price).toMatchObject({ refused: false, bidTicks: 1000, bidLots: 3, askTicks: 1002, askLots: 5, updateId: 7, source: 1, tickSequence: 1 })
    expect(b.read()).toEqual([{ kind: TICK_BOOK, sequence: 1, valid: 1, bid: 1000, ask: 1002, price: 0, lots: 0, side: 0, updateId: 7 }])
    expect(b.context.reports.at(-1)?.state).toBe('ready')
    expect(b.rings()).toBe(1)
  })

  it('puts the ten best levels and the totals into the record, as of that event', () => {
    const b = bench()
    b.book(true, Array.from({ length: 14 }, (_, i) => [1000 - i, i + 1] as const), [[1001, 2], [1005, 3]])
    const t = TICK.view(b.ring.buffer).at(b.consumer.slot(2))
    b.book(false, [[1000, 0]], [])
    const run = (at: number): number[] => Array.from(t.f64.subarray(at, at + 10))
    expect(run(t.bidTicks)).toEqual([1000, 999, 998, 997, 996, 995, 994, 993, 992, 991])
    expect(run(t.bidLots)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(run(t.askTicks)).toEqual([1001, 1005, -1, -1, -1, -1, -1, -1, -1, -1])
    expect(run(t.askLots)).toEqual([2, 3, 0, 0, 0, 0, 0, 0, 0, 0])
    expect([t.bidLevels, t.askLevels, t.bidLotsTotal, t.askLotsTotal]).toEqual([10, 2, 105, 5])
  })

  it('marks a crossed book invalid before anything else, then says the gap, then asks for a snapshot once', () => {
    const b = bench()
    b.book(true, [[1000, 1]], [[1001, 1]])
    b.read()
    const seen: unknown[] = []
    b.feed.onResync = () => seen.push([b.valid(), b.actor.book.valid, b.read().map((s) => [s.kind, s.valid])])
    b.book(false, [[1001, 4]], [])
    expect(seen).toEqual([[0, false, [[TICK_GAP, 0]]]])
    const refusal = new PriceReader(b.registry).priceFor(0, 'other', b.time)
    expect(refusal.refused && refusal.reason).toBe('invalid-book')
    for (let i = 0; i < 50; i++) b.book(false, [[900, i]], [])
    expect(b.feed.told).toEqual(['start', 'resync: book crossed'])
    expect(b.read()).toEqual([])
    expect([b.context.counts.get('ingest_rebuilds book crossed'), b.context.counts.get('ingest_unsynced')]).toEqual([1, 50])
    b.book(true, [[1000, 1]], [[1001, 1]])
    expect([b.valid(), b.read().map((s) => s.kind)]).toEqual([1, [TICK_BOOK]])
    b.book(false, [[1002, 4]], [])
    expect(b.feed.told.length).toBe(3)
  })

  it('asks again when no snapshot came for five seconds', () => {
    const b = bench()
    b.book(true, [[1000, 1]], [[1001, 1]])
    b.book(false, [[1001, 4]], [])
    ms(b, 4999)
    b.book(false, [[900, 1]], [])
    expect(b.feed.told.length).toBe(2)
    ms(b, 1)
    b.book(false, [[900, 1]], [])
    expect(b.feed.told.slice(1)).toEqual(['resync: book crossed', 'resync: book crossed'])
  })

  it('takes damage of any kind as a reason to rebuild', () => {
    for (const bad of [[Number.NaN, 1], [1000.5, 1], [999, -1], [999, Number.NaN]] as const) {
      const b = bench()
      b.book(true, [[1000, 1]], [[1001, 1]])
      b.book(false, [bad], [])
      expect([b.valid(), b.feed.told.at(-1), b.read().at(-1)?.kind]).toEqual([0, 'resync: book bad level', TICK_GAP])
    }
  })

  it('trusts no book while the feed is not live, whatever the feed is doing', () => {
    for (const state of ['down', 'connecting', 'subscribing'] as readonly FeedState[]) {
      const b = bench()
      b.feed.handler!.onFeed('live', '')
      b.book(true, [[1000, 1]], [[1001, 1]])
      b.read()
      b.feed.handler!.onFeed(state, 'test')
      expect([b.valid(), b.actor.book.valid]).toEqual([0, false])
      expect(b.read().map((s) => s.kind)).toEqual([TICK_GAP])
      b.feed.handler!.onFeed(state, 'again')
      expect(b.read()).toEqual([])
      b.feed.handler!.onFeed('live', '')
      b.book(true, [[1000, 1]], [[1001, 1]])
      expect(b.valid()).toBe(1)
    }
  })

  it('gives no price from a book with one empty side, and recovers without a rebuild', () => {
    const b = bench()
    b.book(true, [[1000, 1]], [[1001, 1]])
    b.book(false, [[1000, 0]], [])
    expect([b.valid(), b.read().map((s) => [s.kind, s.valid, s.bid])]).toEqual([0, [[TICK_BOOK, 1, 1000], [TICK_BOOK, 0, -1]]])
    b.book(false, [[998, 2]], [])
    expect([b.valid(), b.feed.told]).toEqual([1, ['start']])
  })

  it('publishes each trade with aggressor, and a trade does not make an old book young', () => {
    const b = bench()
    b.book(true, [[1000, 1]], [[1001, 1]])
    const prices = new PriceReader(b.registry)
    b.read()
    ms(b, 1500)
    b.trades([1001, 5, 0], [1000, 2, 1])
    expect(b.read()).toEqual([
      { kind: TICK_TRADE, sequence: 2, valid: 1, bid: 1000, ask: 1001, price: 1001, lots: 5, side: 0, updateId: 1 },
      { kind: TICK_TRADE, sequence: 3, valid: 1, bid: 1000, ask: 1001, price: 1000, lots: 2, side: 1, updateId: 1 },
    ])
    expect(prices.priceFor(0, 'order', b.time).refused).toBe(true)
    expect(prices.priceFor(0, 'exit', b.time)).toMatchObject({ refused: false, lastTicks: 1000, ageMs: 1500 })
  })

  it('leaves a trade out that is none, counts it, and takes the others', () => {
    const b = bench()
    b.trades([1000, 1, 0], [Number.NaN, 1, 0], [1000, 0, 0], [-5, 1, 0], [1000.5, 1, 0], [1001, 1, 1])
    expect(b.read().map((s) => s.price)).toEqual([1000, 1001])
    expect(b.context.counts.get('ingest_bad_trades')).toBe(4)
  })

  it('makes candles of trades and publishes each as it closes, once', () => {
    const b = bench()
    b.trades([1000, 5, 0], [1010, 2, 0])
    ms(b, 61_000)
    b.trades([1005, 1, 0])
    ms(b, 120_000)
    b.book(true, [[1000, 1]], [[1001, 1]])
    const candles = b.read().filter((s) => s.kind === TICK_CANDLE)
    expect(candles.map((s) => [s.price, s.lots])).toEqual([[1010, 7], [1005, 1], [1005, 0]])
    b.feed.handler!.onKline({ intervalMs: 300_000 } as Kline, 0)
    b.feed.handler!.onKline({ intervalMs: 60_000, startMs: 1, openTicks: 1, highTicks: 1, lowTicks: 1, closeTicks: 1, lots: 1, closed: true }, 0)
    expect(b.context.counts.get('ingest_bad_frames RM_CANDLE_INPUT')).toBe(1)
    expect(b.read()).toEqual([])
  })

  it('writes the ticker to the statistics and the mark price to the current tick', () => {
    const b = bench()
    const ticker: Ticker = { lastPrice: 100.1, markPrice: 100.15, indexPrice: Number.NaN, bidPrice: 100, askPrice: 100.1, volume24h: 5, turnover24h: 500, high24h: 110, low24h: 90, open24h: 95, fundingRate: 0.0001, nextFundingMs: 9, openInterest: 77, venueTimeMs: WALL_ORIGIN_MS }
    ms(b, 250)
    b.feed.handler!.onTicker(ticker, b.time.nowNs())
    b.book(true, [[1000, 1]], [[1001, 1]])
    const stats = b.registry.readStats(0)
    stats.read()
    expect([stats.value.lastPrice, stats.value.indexPrice, stats.value.fundingRate, stats.value.updatedMs]).toEqual([100.1, Number.NaN, 0.0001, WALL_ORIGIN_MS + 250])
    const price = new PriceReader(b.registry).priceFor(0, 'order', b.time)
    expect(price.refused ? 0 : price.markTicks).toBeCloseTo(1001.5, 9)
  })

  it('pictures the book at most every 100 ms, never misses its last state, and shows an invalid one at once', () => {
    const b = bench()
    const picture = b.registry.readPicture(0)
    const cell = b.registry.bookPicture(0)
    b.book(true, [[1000, 1]], [[1001, 1]])
    const before = cell.writes
    for (let i = 0; i < 40; i++) {
      ms(b, 10)
      b.book(false, [[990, i + 1]], [], i + 2)
    }
    expect(cell.writes - before).toBeLessThanOrEqual(4)
    ms(b, 100)
    picture.read()
    expect([picture.value.valid, picture.value.updateId, picture.value.f64[picture.value.bidLots + 1]]).toEqual([1, 41, 40])
    const still = cell.writes
    ms(b, 1000)
    expect(cell.writes).toBe(still)
    b.book(false, [[1001, 1]], [])
    picture.read()
    expect(picture.value.valid).toBe(0)
  })

  it('never blocks and never loses when the reader is slow: pauses, keeps what was decoded in order, resumes', () => {
    const b = bench({ slots: 8 })
    b.book(true, [[1000, 1]], [[1001, 1]])
    // One socket read worth of frames arrives although the feed was told to pause.
    for (let i = 0; i < 300; i++) b.book(false, [[900, i + 1]], [], i + 2)
    b.trades(...Array.from({ length: 100 }, (_, i) => [1000, i + 1, 0] as const))
    expect(b.feed.told).toEqual(['start', 'pause'])
    const got: Seen[] = []
    for (let turn = 0; turn < 500 && got.length < 702; turn++) {
      got.push(...b.readAll(3))
      ms(b, 1)
      if (got.length < 690) expect(b.feed.told).toEqual(['start', 'pause'])
    }
    expect(got.map((s) => s.sequence)).toEqual(Array.from({ length: 702 }, (_, i) => i))
    expect(got.map((s) => s.kind)).toEqual([...Array.from({ length: 602 }, (_, i) => (i % 2 === 0 ? TICK_LEVELS : TICK_BOOK)), ...new Array<number>(100).fill(TICK_TRADE)])
    expect(got.filter((s) => s.kind === TICK_BOOK).map((s) => s.updateId)).toEqual(Array.from({ length: 301 }, (_, i) => i + 1))
    expect(got.slice(602).map((s) => s.lots)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    expect(b.feed.told).toEqual(['start', 'pause', 'resume'])
    // The cell is the latest truth also while the ring is full.
    expect(b.context.counts.get('ingest_overrun book')).toBe(undefined)
    b.book(false, [[901, 7]], [], 999)
    expect(b.read().map((s) => [s.sequence, s.updateId])).toEqual([[703, 999]])
  })

  it('says so when a feed does not stop and the bound is reached: invalid, a gap in its right place, a new snapshot', () => {
    const b = bench({ slots: 8 })
    b.book(true, [[1000, 1]], [[1001, 1]])
    for (let i = 0; i < 4200; i++) b.book(false, [[900, i + 1]], [], i + 2)
    expect(b.valid()).toBe(0)
    expect(b.context.counts.get('ingest_overrun book')).toBe(1)
    expect(b.feed.told.filter((t) => t.startsWith('resync'))).toEqual(['resync: tick ring full'])
    const got: Seen[] = []
    for (let turn = 0; turn < 100; turn++) {
      got.push(...b.readAll())
      ms(b, 1)
      if (turn === 20) b.book(true, [[1000, 1]], [[1001, 1]], 5000)
    }
    for (let turn = 0; turn < 1000; turn++) {
      got.push(...b.readAll())
      ms(b, 1)
    }
    expect(got.map((s) => s.sequence)).toEqual(got.map((_, i) => i))
    expect(got.slice(-3).map((s) => s.kind)).toEqual([TICK_GAP, TICK_LEVELS, TICK_BOOK])
    expect([got.at(-1)!.updateId, got.at(-2)!.side]).toEqual([5000, 1])
    expect(got.slice(0, -3).every((s) => s.kind === TICK_BOOK || s.kind === TICK_LEVELS)).toBe(true)
    expect([b.valid(), b.feed.told.at(-1)]).toEqual([1, 'resume'])
  })

  it('comes back without a book: a gap for the readers, no price until a snapshot, candles kept', () => {
    const a = bench()
    a.book(true, [[1000, 1]], [[1001, 1]])
    a.trades([1000, 5, 0])
    a.read()
    const left = structuredClone(a.actor.checkpoint())
    const b = bench({ ring: a.ring, registry: a.registry, checkpoint: left })
    expect([b.valid(), b.read().map((s) => [s.kind, s.sequence, s.valid])]).toEqual([0, [[TICK_GAP, 3, 0]]])
    b.book(false, [[1000, 2]], [])
    expect(new PriceReader(b.registry).priceFor(0, 'other', b.time).refused).toBe(true)
    b.book(true, [[1000, 1]], [[1001, 1]])
    expect(new PriceReader(b.registry).priceFor(0, 'order', b.time).refused).toBe(false)
    expect(b.actor.candles.hasForming).toBe(true)
    const c = bench({ checkpoint: { closed: 'nonsense' } })
    expect(c.context.logs.some((l) => l.message === 'checkpoint not used')).toBe(true)
  })

  it('gives no price until the venue clock is known, when there is one to ask, and corrects ages with it', () => {
    let answer: ((error: unknown, offsetMs: number, roundTripMs: number) => void) | null = null
    const reference: MarketReference = { instruments: () => {}, klines: (_i, _ms, _n, done) => done(null, []), clock: (done) => void (answer = done) }
    const b = bench({ reference })
    b.book(true, [[1000, 1]], [[1001, 1]])
    const prices = new PriceReader(b.registry)
    const unknown = prices.priceFor(0, 'other', b.time)
    expect(unknown.refused && unknown.reason).toBe('clock-unknown')
    answer!(new RingmasterError('RM_ASSERT', { what: 'no answer' }), 0, 0)
    expect(prices.priceFor(0, 'other', b.time).refused).toBe(true)
    ms(b, 60_000)
    b.book(false, [[999, 1]], [])
    answer!(null, 700, 20)
    expect(prices.priceFor(0, 'order', b.time)).toMatchObject({ refused: false, ageMs: 700 })
  })

  it.each([['back', -4400], ['on', 4400]])('F18: a venue whose clock is put %s has its clock measured anew within five seconds, and is asked no more often while the frames still contradict it', (_way, stepMs) => {
    const answers: ((error: unknown, offsetMs: number, roundTripMs: number) => void)[] = []
    const reference: MarketReference = { instruments: () => {}, klines: (_i, _ms, _n, done) => done(null, []), clock: (done) => void answers.push(done) }
    const b = bench({ reference })
    const prices = new PriceReader(b.registry)
    let offsetMs = 0
    const frame = (): void => b.feed.handler!.onBook({ ...update(true, [[1000, 1]], [[1001, 1]], 1), venueTimeMs: b.time.wallMs() + offsetMs }, b.time.nowNs())
    b.time.every(200, frame)
    ms(b, 300)
    answers[0]!(null, 0, 4)
    ms(b, 8000)
    expect([answers.length, prices.priceFor(0, 'exit', b.time).ageMs < 300]).toEqual([1, true])
    offsetMs = stepMs
    ms(b, 300)
    expect(answers.length).toBe(2)
    answers[1]!(null, offsetMs, 4)
    ms(b, 300)
    const price = prices.priceFor(0, 'exit', b.time)
    expect([price.refused, price.ageMs >= 0 && price.ageMs < 300]).toEqual([false, true])
    // Frames that are late in truth, and a clock that was measured well.
    offsetMs = stepMs - 1500
    ms(b, 14_000)
    expect(answers.length).toBe(3)
    answers[2]!(null, stepMs, 4)
    ms(b, 4000)
    expect(answers.length).toBe(3)
    ms(b, 1500)
    expect(answers.length).toBe(4)
  })

  it('fetches history at start, after each reconnect, and every five seconds while the stream is down', () => {
    const asked: ((error: unknown, klines: readonly Kline[]) => void)[] = []
    const reference: MarketReference = { instruments: () => {}, klines: (_i, _ms, _n, done) => void asked.push(done), clock: () => {} }
    const b = bench({ reference })
    expect(asked.length).toBe(1)
    ms(b, 20_000)
    expect(asked.length).toBe(1)
    asked[0]!(new RingmasterError('RM_ASSERT', { what: 'down' }), [])
    ms(b, 10_000)
    expect(asked.length).toBe(2)
    const start = WALL_ORIGIN_MS - (WALL_ORIGIN_MS % 60_000)
    const minute = (i: number, closed: boolean): Kline => ({ intervalMs: 60_000, startMs: start + i * 60_000, openTicks: 10, highTicks: 12, lowTicks: 9, closeTicks: 11, lots: 3, closed })
    asked[1]!(null, [minute(-2, true), minute(-1, true), minute(0, false)])
    expect([b.actor.candles.count, b.actor.candles.hasForming]).toEqual([2, true])
    // What was told of the candles before is void: all of them are told.
    expect(b.read().map((s) => [s.kind, s.price])).toEqual([[TICK_REFRESH, 0], [TICK_CANDLE, 11], [TICK_CANDLE, 11]])
    b.feed.handler!.onFeed('live', '')
    expect(asked.length).toBe(3)
    asked[2]!(null, [minute(-1, true), minute(0, true), minute(1, false)])
    expect(b.read().map((s) => [s.kind, s.price, s.lots])).toEqual([[TICK_REFRESH, 0, 0], [TICK_CANDLE, 11, 3], [TICK_CANDLE, 11, 3], [TICK_CANDLE, 11, 3]])
    ms(b, 60_000)
    expect(asked.length).toBe(3)
    b.feed.handler!.onFeed('down', 'test')
    ms(b, 5000)
    asked[3]!(null, [{ ...minute(5, true), startMs: 7 }])
    expect(b.context.counts.get('ingest_bad_frames RM_CANDLE_INPUT')).toBe(1)
  })

  it('counts refused frames and logs each kind of refusal once', () => {
    const b = bench()
    for (let i = 0; i < 5; i++) b.feed.handler!.onBadFrame(new RingmasterError('RM_DECIMAL_SYNTAX', { what: 'price', text: 'x' }), '{"x"')
    expect(b.context.counts.get('ingest_bad_frames RM_DECIMAL_SYNTAX')).toBe(5)
    expect(b.context.logs.filter((l) => l.message === 'frame refused').length).toBe(1)
  })

  it('stops with no price left behind and no timer running', () => {
    const b = bench()
    b.book(true, [[1000, 1]], [[1001, 1]])
    let done = 0
    b.actor.stop(true, () => void done++)
    expect([done, b.valid(), b.feed.told.at(-1)]).toEqual([1, 0, 'stop'])
    ms(b, 100_000)
    expect(b.time.pending).toBe(0)
  })

  it('reports how long each record took from receipt to publication', () => {
    const b = bench({ slots: 2 })
    b.book(true, [[1000, 1]], [[1001, 1]])
    b.book(false, [[999, 1]], [])
    b.book(false, [[998, 1]], [])
    b.read()
    ms(b, 3)
    expect(b.context.hops.get('receive_publish')).toEqual([0, 0, 1e6, 1e6])
  })

  it('MD-13: lets no close of a candle become a price: the current tick says what book and trades said', () => {
    const b = bench()
    b.book(true, [[1000, 1]], [[1001, 1]])
    b.trades([1000, 5, 0])
    const start = WALL_ORIGIN_MS - (WALL_ORIGIN_MS % 60_000)
    const kline: Kline = { intervalMs: 60_000, startMs: start - 60_000, openTicks: 700, highTicks: 720, lowTicks: 690, closeTicks: 710, lots: 3, closed: true }
    b.feed.handler!.onKline(kline, b.time.nowNs())
    expect(new PriceReader(b.registry).priceFor(0, 'order', b.time)).toMatchObject({ refused: false, bidTicks: 1000, askTicks: 1001, lastTicks: 1000 })
    ms(b, 1500)
    b.feed.handler!.onKline({ ...kline, startMs: start }, b.time.nowNs())
    expect(new PriceReader(b.registry).priceFor(0, 'order', b.time)).toMatchObject({ refused: true, reason: 'stale', ageMs: 1500 })
  })

  it('tells how long each rebuild took, from the loss of the book to the next valid one; the start is none', () => {
    const b = bench()
    ms(b, 700)
    b.book(true, [[1000, 1]], [[1001, 1]])
    expect(b.context.hops.get('book_resync')).toBe(undefined)
    b.book(false, [[1001, 4]], [])
    ms(b, 40)
    b.book(true, [[1000, 1]], [[1001, 1]])
    b.feed.handler!.onFeed('live', '')
    b.feed.handler!.onFeed('down', 'test')
    ms(b, 100)
    b.feed.handler!.onFeed('subscribing', '')
    ms(b, 200)
    b.book(true, [[1000, 1]], [[1001, 1]])
    expect(b.context.hops.get('book_resync')).toEqual([40e6, 300e6])
  })

  it('MD-9: writes funding, price limits, liquidations and the state of the instrument to the statistics, with source and time', () => {
    const b = bench()
    const stats = b.registry.readStats(0)
    const read = () => {
      expect(stats.read()).toBe(true)
      return stats.value
    }
    expect([read().source, read().status, read().fundingRate]).toEqual([0, 0, Number.NaN])
    const { handler } = b.feed
    handler!.onFunding({ rate: -0.0003, settleMs: 5, intervalMs: 14_400_000, timeMs: 1 }, b.time.nowNs())
    handler!.onPriceLimits({ highestBuyTicks: 1100, lowestSellTicks: 900, enabled: true, timeMs: 1 }, b.time.nowNs())
    handler!.onLiquidation({ side: 0, priceTicks: 1000.5, lots: 7, timeMs: 1 }, b.time.nowNs())
    handler!.onLiquidation({ side: 1, priceTicks: 1000.5, lots: 4, timeMs: 1 }, b.time.nowNs())
    handler!.onLiquidation({ side: 1, priceTicks: 1000.5, lots: 2, timeMs: 1 }, b.time.nowNs())
    ms(b, 33)
    handler!.onInstrument({ instrument: btcusdt, status: 'trading', statusText: 'Trading', fundingIntervalMs: 28_800_000, contractValue: '1' }, b.time.nowNs())
    const now = read()
    expect([now.fundingRate, now.nextFundingMs, now.fundingIntervalMs]).toEqual([-0.0003, 5, 28_800_000])
    expect([now.highestBuyTicks, now.lowestSellTicks, now.limitsEnabled]).toEqual([1100, 900, 1])
    expect([now.liquidatedShortLots, now.liquidatedLongLots]).toEqual([7, 6])
    expect([now.status, now.source, now.updatedMs]).toEqual([1, 1, WALL_ORIGIN_MS + 33])
    // A ticker that says nothing of funding does not take it back.
    const nothing = { lastPrice: 1, markPrice: Number.NaN, indexPrice: Number.NaN, bidPrice: 1, askPrice: 1, volume24h: 1, turnover24h: 1, high24h: 1, low24h: 1, open24h: 1, fundingRate: Number.NaN, nextFundingMs: Number.NaN, openInterest: 12, venueTimeMs: 1 }
    handler!.onTicker(nothing, b.time.nowNs())
    expect([read().fundingRate, read().openInterest, read().lastPrice]).toEqual([-0.0003, 12, 1])
  })

  it('refuses entries, not exits, while the instrument is not trading, and for good when the venue has changed its grid: told once', () => {
    const b = bench()
    b.book(true, [[1000, 1]], [[1001, 1]])
    const prices = new PriceReader(b.registry)
    const state = { instrument: btcusdt, status: 'trading' as const, statusText: 'Trading', fundingIntervalMs: 28_800_000, contractValue: '1' }
    const both = (): unknown[] => (['order', 'exit'] as const).map((purpose) => {
      const answer = prices.priceFor(0, purpose, b.time)
      return answer.refused ? answer.reason : 'given'
    })
    expect(both()).toEqual(['given', 'given'])
    b.feed.handler!.onInstrument({ ...state, status: 'suspended', statusText: 'PreLaunch' }, b.time.nowNs())
    expect(both()).toEqual(['not-trading', 'given'])
    b.feed.handler!.onInstrument(state, b.time.nowNs())
    expect(both()).toEqual(['given', 'given'])
    for (let i = 0; i < 3; i++) b.feed.handler!.onInstrument({ ...state, instrument: { ...btcusdt, tick: new DecimalStep('0.5') } }, b.time.nowNs())
    expect(both()).toEqual(['instrument-changed', 'given'])
    expect(b.context.logs.filter((line) => line.level === 'error').map((line) => [line.message.slice(0, 40), (line.data['theirs'] as { tick: string }).tick])).toEqual([['the venue has changed the grid or the li', '0.5']])
    expect(b.context.counts.get('ingest_instrument_changes suspended')).toBe(1)
  })

  it('takes larger limits of the venue for no change, smaller ones for one', () => {
    const changed = (more: Partial<typeof btcusdt>): boolean => {
      const b = bench()
      b.book(true, [[1000, 1]], [[1001, 1]])
      b.feed.handler!.onInstrument({ instrument: { ...btcusdt, ...more }, status: 'trading', statusText: '', fundingIntervalMs: 1, contractValue: '1' }, b.time.nowNs())
      return new PriceReader(b.registry).priceFor(0, 'order', b.time).refused
    }
    expect([{}, { maxLots: btcusdt.maxLots + 1 }, { maxLeverage: 5 }].map(changed)).toEqual([false, false, false])
    expect([{ maxLots: btcusdt.maxLots - 1 }, { minLots: 2 }, { minNotional: '10' }, { lot: new DecimalStep('0.01') }].map(changed)).toEqual([true, true, true, true])
  })

  it('stops entries of a book that is lost again and again, and only them: the stream goes on', () => {
    const b = bench()
    const prices = new PriceReader(b.registry)
    for (let i = 0; i < 7; i++) {
      b.book(true, [[1000, 1]], [[1001, 1]])
      if (i < 6) b.book(false, [[1001, 4]], [])
    }
    expect(prices.priceFor(0, 'order', b.time)).toMatchObject({ refused: true, reason: 'integrity' })
    expect(prices.priceFor(0, 'exit', b.time)).toMatchObject({ refused: false, bidTicks: 1000 })
    expect(prices.priceFor(0, 'signal', b.time)).toMatchObject({ refused: false, bidTicks: 1000 })
    expect(b.context.logs.filter((line) => line.message === 'no entries on this symbol: integrity').length).toBe(1)
    // Five minutes of a book that stands, and entries are made again.
    for (let minute = 0; minute < 5; minute++) {
      ms(b, 60_000)
      b.book(false, [[999, minute + 1]], [])
    }
    expect(prices.priceFor(0, 'order', b.time).refused).toBe(false)
  })
})

/** The second source by hand: questions are kept until the test answers them. */
function handQueries() {
  const books: Parameters<MarketQueries['book']>[] = []
  const others: string[] = []
  const queries: MarketQueries = {
    quote: () => void others.push('quote'),
    book: (...call) => void books.push(call),
    priceLimits: (_instrument, deadlineMs, done) => {
      others.push(`limits ${deadlineMs}`)
      done(null, { highestBuyTicks: 1100, lowestSellTicks: 900, enabled: true, timeMs: 1 })
    },
    funding: (_instrument, deadlineMs, done) => {
      others.push(`funding ${deadlineMs}`)
      done(null, { rate: 0.0002, settleMs: 9, intervalMs: Number.NaN, timeMs: 1 })
    },
    fundingHistory: () => void others.push('history'),
    instrumentState: (_instrument, deadlineMs, done) => {
      others.push(`instrument ${deadlineMs}`)
      done(new RingmasterError('RM_VENUE_REQUEST', { method: 'GET', path: '/x', reason: 'no answer' }), null)
    },
  }
  return { queries, books, others }
}

const SETTINGS = { auditPeriodMs: 10_000, restDeadlineMs: 800 }
const levels = (list: readonly Level[], at: 0 | 1): Float64Array => Float64Array.from(list, (level) => level[at])
const restBook = (number: number, bids: readonly Level[], asks: readonly Level[]): RestBook => ({
  number, by: 'updateId', venueTimeMs: WALL_ORIGIN_MS, bidTicks: levels(bids, 0), bidLots: levels(bids, 1), askTicks: levels(asks, 0), askLots: levels(asks, 1),
})

describe('the ingest actor and the second source', () => {
  /** A bench whose audit has just asked. */
  function audited() {
    const hand = handQueries()
    const b = bench({ queries: hand.queries, settings: SETTINGS })
    b.book(true, [[1000, 3], [999, 4]], [[1002, 5]], 7)
    while (hand.books.length === 0) ms(b, 100)
    b.read()
    return { ...b, answer: (book: RestBook) => hand.books.at(-1)![3](null, book), ...hand }
  }

  it('audits the book within its period, with a deadline, and counts an equal one', () => {
    const b = audited()
    expect(b.time.nowNs()).toBeLessThanOrEqual(10e9)
    expect(b.books[0]![2]).toBe(800)
    b.answer(restBook(7, [[1000, 3], [999, 4]], [[1002, 5]]))
    const health = b.registry.readFeedHealth(0)
    health.read()
    expect([health.value.auditsEqual, health.value.integrity, health.value.auditNs, b.valid()]).toEqual([1, 1, b.time.nowNs(), 1])
    expect([b.context.counts.get('book_audits equal'), b.feed.told]).toEqual([1, ['start']])
  })

  it('makes a book that REST has disproved invalid before anything else, then rebuilds it once, and tells both sides', () => {
    const b = audited()
    const seen: unknown[] = []
    b.feed.onResync = () => seen.push([b.valid(), b.actor.book.valid, b.read().map((s) => [s.kind, s.valid])])
    b.answer(restBook(7, [[1000, 3], [998, 4]], [[1002, 5]]))
    expect(seen).toEqual([[0, false, [[TICK_GAP, 0]]]])
    expect(b.feed.told).toEqual(['start', 'resync: the book differs from that of the venue by REST'])
    expect([b.context.counts.get('book_audits mismatch'), b.context.counts.get('ingest_rebuilds audit')]).toEqual([1, 1])
    const line = b.context.logs.find((one) => one.level === 'error')!
    expect(line.data).toMatchObject({ number: 7, difference: { side: 'bid', level: 1, ours: [999, 4], theirs: [998, 4] } })
    // It was traded on: entries wait until the book has proved itself again.
    b.book(true, [[1000, 3]], [[1002, 5]], 8)
    expect(new PriceReader(b.registry).priceFor(0, 'order', b.time)).toMatchObject({ refused: true, reason: 'integrity' })
    expect(new PriceReader(b.registry).priceFor(0, 'exit', b.time).refused).toBe(false)
  })

  it('gives up an audit when the book is lost or replaced: a late answer changes nothing', () => {
    for (const lose of [(b: Bench) => b.book(false, [[1003, 1]], [], 8), (b: Bench) => b.book(true, [[1000, 9]], [[1002, 9]], 8)]) {
      const b = audited()
      lose(b)
      const told = b.feed.told.length
      b.answer(restBook(7, [[1, 1]], [[2, 1]]))
      expect([b.context.counts.get('book_audits inconclusive'), b.context.counts.get('book_audits mismatch'), b.feed.told.length]).toEqual([1, undefined, told])
    }
  })

  it('MD-4: asks by REST for what the stream has not said, marks it so, and leaves alone what the stream says', () => {
    const hand = handQueries()
    const b = bench({ queries: hand.queries, settings: SETTINGS })
    b.feed.handler!.onFunding({ rate: 0.0001, settleMs: 8, intervalMs: 1, timeMs: 1 }, b.time.nowNs())
    ms(b, 10_000)
    expect(hand.others).toEqual(['limits 3200', 'instrument 3200'])
    const stats = b.registry.readStats(0)
    stats.read()
    expect([stats.value.highestBuyTicks, stats.value.fundingRate, stats.value.source]).toEqual([1100, 0.0001, 2])
    expect(b.context.counts.get('stats_failures instrument RM_VENUE_REQUEST')).toBe(1)
    ms(b, 30 * 60_000)
    expect(hand.others.filter((one) => one === 'funding 3200').length).toBeGreaterThanOrEqual(2)
    const asked = hand.others.length
    b.actor.stop(true, () => {})
    ms(b, 15 * 60_000)
    expect(hand.others.length).toBe(asked)
  })

  it('MD-18: makes a new connection when execution wishes one, once for each wish, and not while an attempt is under way', () => {
    const b = bench()
    const wish = b.registry.reconnectWish(0)
    const reconnects = (): number => b.feed.told.filter((told) => told.startsWith('reconnect')).length
    b.feed.handler!.onFeed('live', '')
    b.book(true, [[1000, 1]], [[1001, 1]])
    wish.raise()
    ms(b, 1000)
    expect([reconnects(), b.context.counts.get('feed_reconnects forced')]).toEqual([1, 1])
    for (const state of ['connecting', 'subscribing'] as const) {
      b.feed.handler!.onFeed(state, '')
      wish.raise()
      ms(b, 1000)
    }
    expect([reconnects(), b.context.counts.get('feed_reconnects under_way')]).toEqual([1, 2])
    b.feed.handler!.onFeed('down', '')
    wish.raise()
    wish.raise()
    ms(b, 1000)
    expect(reconnects()).toBe(2)
    const health = b.registry.readFeedHealth(0)
    health.read()
    expect(health.value.reconnects).toBe(2)
  })

  it('follows another feed back to life at once, within a second and at most once in thirty', () => {
    const b = bench()
    const reconnects = (): number => b.feed.told.filter((told) => told.startsWith('reconnect')).length
    b.registry.feedsLive().raise()
    ms(b, 2000)
    expect(reconnects()).toBe(1)
    for (let i = 0; i < 27; i++) {
      b.registry.feedsLive().raise()
      ms(b, 1000)
    }
    expect(reconnects()).toBe(1)
    b.feed.handler!.onFeed('live', '')
    b.feed.handler!.onFeed('down', 'test')
    ms(b, 5000)
    // Its own life is no sign of another's, nor is what others did before it was lost.
    expect(reconnects()).toBe(1)
    b.registry.feedsLive().raise()
    ms(b, 1200)
    expect(reconnects()).toBe(2)
  })

  it('fills the hole that a lost connection left in the candles, and asks again when the answer did not come', () => {
    const asked: ((error: unknown, klines: readonly Kline[]) => void)[] = []
    const reference: MarketReference = { instruments: () => {}, klines: (_i, _ms, _n, done) => void asked.push(done), clock: () => {} }
    const b = bench({ reference })
    const start = WALL_ORIGIN_MS - (WALL_ORIGIN_MS % 60_000)
    const minute = (i: number, closeTicks: number, closed = true): Kline => ({ intervalMs: 60_000, startMs: start + i * 60_000, openTicks: 10, highTicks: 99, lowTicks: 9, closeTicks, lots: 3, closed })
    asked[0]!(null, [minute(-2, 20), minute(-1, 21), minute(0, 22, false)])
    b.feed.handler!.onFeed('live', '')
    asked[1]!(null, [minute(-1, 21), minute(0, 22, false)])
    b.feed.handler!.onFeed('down', 'test')
    ms(b, 1000)
    b.feed.handler!.onFeed('live', '')
    expect(asked.length).toBe(3)
    // Three minutes are missing, and the first question fails: the stream is up, but the hole is still there.
    asked[2]!(new RingmasterError('RM_VENUE_REQUEST', { method: 'GET', path: '/x', reason: 'no answer' }), [])
    b.feed.handler!.onKline(minute(3, 30, false), b.time.nowNs())
    ms(b, 5000)
    expect(asked.length).toBe(4)
    asked[3]!(null, [minute(-2, 20), minute(-1, 21), minute(0, 23), minute(1, 24), minute(2, 25), minute(3, 30, false)])
    expect(b.actor.candles.closedCandles().map((candle) => [candle.startMs - start, candle.closeTicks])).toEqual([[-120_000, 20], [-60_000, 21], [0, 23], [60_000, 24], [120_000, 25]])
    ms(b, 60_000)
    expect(asked.length).toBe(4)
    expect(b.actor.candles.aggregate(300_000).closed.every((candle) => candle.startMs % 300_000 === 0)).toBe(true)
  })
})
