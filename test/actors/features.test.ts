import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FeaturesActor } from '../../actors/features.ts'
import { INGEST_DEFAULTS, IngestActor } from '../../actors/ingest.ts'
import { RingmasterError } from '../../src/core/index.ts'
import { BASIC_FEATURES, featureNames } from '../../src/features/index.ts'
import { RegistryMemory } from '../../src/market/index.ts'
import { FEATURE_VECTOR, Ring, type RingProducer, TICK, TICK_BOOK, TICK_GAP, TICK_TRADE } from '../../src/memory/index.ts'
import type { MarketFeed, MarketHandler } from '../../src/venues/index.ts'
import { type Level, PlainSide, update } from '../market/book-oracle.ts'
import { type HandContext, WALL_ORIGIN_MS, btcusdt, handContext } from '../market/hand-context.ts'

interface Told {
  readonly kind?: number
  readonly valid?: number
  readonly levels?: number
  readonly bid?: number
  readonly lots?: number
  readonly total?: number
}

interface Vector {
  readonly sequence: number
  readonly tick: number
  readonly warm: number
  readonly count: number
  readonly bid: number
  readonly values: number[]
}

function bench(options: { vectorSlots?: number; ticks?: Ring; vectors?: Ring } = {}) {
  const context: HandContext = handContext('features')
  const ticks = options.ticks ?? Ring.create(64, TICK.byteLength)
  const vectors = options.vectors ?? Ring.create(options.vectorSlots ?? 64, FEATURE_VECTOR.byteLength)
  ticks.open(0, 'gating')
  vectors.open(0, 'gating')
  let rung = 0
  const actor = new FeaturesActor(context, { instrument: btcusdt, ticks: ticks.buffer, vectors: vectors.producer(), indicators: null, onPublished: () => void rung++ })
  actor.start()
  const producer: RingProducer = ticks.producer()
  const input = ticks.gatingConsumer(0)
  const output = vectors.gatingConsumer(0)
  const view = TICK.view(ticks.buffer)
  const vector = FEATURE_VECTOR.view(vectors.buffer)
  return {
    context, actor, ticks, vectors, input, rings: () => rung,
    tick(told: Told = {}): void {
      expect(producer.claim(1)).toBe(true)
      const t = view.at(producer.slot(0))
      const levels = told.levels ?? 10
      t.kind = told.kind ?? TICK_BOOK
      t.bookValid = told.valid ?? 1
      t.sequence = producer.next
      t.venueTimeMs = WALL_ORIGIN_MS
      t.receiveNs = 10
      t.publishNs = 20
      for (let i = 0; i < 10; i++) {
        t.f64[t.bidTicks + i] = i < levels ? (told.bid ?? 1000) - i : -1
        t.f64[t.bidLots + i] = i < levels ? (told.lots ?? 5) : 0
        t.f64[t.askTicks + i] = i < levels ? (told.bid ?? 1000) + 1 + i : -1
        t.f64[t.askLots + i] = i < levels ? 5 : 0
      }
      t.bidLevels = t.askLevels = levels
      t.bidLotsTotal = told.total ?? 50
      t.askLotsTotal = 50
      producer.publish()
    },
    /** What a scheduler does: record by record while the actor is not busy. @returns records taken. */
    pump(): number {
      const count = input.available()
      let i = 0
      while (i < count && !actor.busy) {
        actor.onRecord(0, input.slot(i), input.next + i, i === count - 1)
        i++
      }
      input.advance(i)
      return i
    },
    read(max = 1e9): Vector[] {
      const out: Vector[] = []
      const count = Math.min(max, output.available())
      for (let i = 0; i < count; i++) {
        const v = vector.at(output.slot(i))
        out.push({ sequence: v.sequence, tick: v.tickSequence, warm: v.warm, count: v.count, bid: v.bidTicks, values: Array.from(v.f64.subarray(v.values, v.values + v.count)) })
      }
      output.advance(count)
      return out
    },
  }
}

describe('the features actor', () => {
  it('makes one vector of every valid book record of a batch, none of other records, and rings once', () => {
    const b = bench()
    for (const told of [{ bid: 1000 }, { kind: TICK_TRADE }, { bid: 1001 }, { valid: 0 }, { bid: 1002 }]) b.tick(told)
    expect(b.pump()).toBe(5)
    const got = b.read()
    expect(got.map((v) => [v.sequence, v.tick, v.bid, v.warm, v.count])).toEqual([[0, 0, 1000, 1, 15], [1, 2, 1001, 1, 15], [2, 4, 1002, 1, 15]])
    expect(got[0]!.values[featureNames().indexOf('mid_price')]).toBeCloseTo(100.05, 12)
    expect(b.rings()).toBe(1)
    expect(b.context.hops.get('tick_features')).toEqual([-20, -20, -20])
    b.tick({ kind: TICK_TRADE })
    b.pump()
    expect(b.rings()).toBe(1)
  })

  it('marks a vector as warming up below ten levels, with no value where there is none', () => {
    const b = bench()
    b.tick({ levels: 9 })
    b.tick({ levels: 10 })
    b.pump()
    const [cold, warm] = b.read()
    expect([cold!.warm, warm!.warm]).toEqual([0, 1])
    expect(cold!.values.map((v) => Number.isNaN(v))).toEqual(featureNames().slice(0, BASIC_FEATURES).map((name) => name.endsWith('_10')))
    expect(warm!.values.every((v) => Number.isFinite(v))).toBe(true)
    expect(b.context.reports.map((r) => r.state)).toEqual(['starting', 'ready'])
  })

  it('starts over after a gap', () => {
    const b = bench()
    b.tick()
    b.tick({ kind: TICK_GAP, valid: 0, levels: 0 })
    b.pump()
    expect(b.context.reports.at(-1)).toEqual({ state: 'degraded', note: 'warming up: the book had a gap' })
    b.tick()
    b.pump()
    expect(b.context.reports.at(-1)).toEqual({ state: 'ready' })
    expect(b.read().map((v) => v.tick)).toEqual([0, 2])
  })

  it('rejects a vector that is not finite, names the offenders once per change, and publishes the next sound one', () => {
    const b = bench()
    b.tick()
    for (let i = 0; i < 3; i++) b.tick({ total: Number.NaN })
    for (let i = 0; i < 2; i++) b.tick({ lots: Number.POSITIVE_INFINITY })
    b.tick({ total: Number.NaN })
    b.tick()
    b.pump()
    expect(b.read().map((v) => [v.sequence, v.tick])).toEqual([[0, 0], [1, 7]])
    expect(b.context.counts.get('features_rejected')).toBe(6)
    const totals = 'total_bid_volume, book_depth_ratio'
    expect(b.context.logs.map((l) => l.data.features)).toEqual([totals, 'micro_price, vwap_bid_5, vwap_bid_10, depth_bid_5, depth_bid_10', totals])
    expect(b.context.reports.at(-1)).toEqual({ state: 'ready' })
  })

  it('is busy while its ring is full, so that no tick is lost to a slow reader', () => {
    const b = bench({ vectorSlots: 4 })
    for (let i = 0; i < 20; i++) b.tick({ bid: 1000 + i })
    const got: Vector[] = []
    expect(b.pump()).toBe(4)
    expect([b.actor.busy, b.rings()]).toEqual([true, 1])
    for (let turn = 0; turn < 40 && got.length < 20; turn++) {
      got.push(...b.read(3))
      b.pump()
    }
    expect(got.map((v) => v.bid)).toEqual(Array.from({ length: 20 }, (_, i) => 1000 + i))
    expect(got.map((v) => v.sequence)).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })

  it('refuses a record with a coded error when it is given one while busy, and takes it later', () => {
    const b = bench({ vectorSlots: 2 })
    for (let i = 0; i < 3; i++) b.tick({ bid: 1000 + i })
    b.pump()
    let code = ''
    try {
      b.actor.onRecord(0, b.input.slot(0), b.input.next, true)
    } catch (error) {
      code = error instanceof RingmasterError ? error.code : String(error)
    }
    expect(code).toBe('RM_FEATURE_RING_FULL')
    b.read()
    expect(b.pump()).toBe(1)
    expect(b.read().map((v) => v.bid)).toEqual([1002])
  })

  it('does not make a second vector of a tick that comes again after a restart', () => {
    const a = bench()
    for (let i = 0; i < 3; i++) a.tick({ bid: 1000 + i })
    a.pump()
    const b = bench({ ticks: a.ticks, vectors: a.vectors })
    // The dead one handled two of three records as far as its cursor says.
    b.actor.onRecord(0, a.ticks.slotAt(1), 1, false)
    b.actor.onRecord(0, a.ticks.slotAt(2), 2, true)
    b.tick({ bid: 1003 })
    b.pump()
    expect(b.read().map((v) => [v.sequence, v.tick])).toEqual([[0, 0], [1, 1], [2, 2], [3, 3]])
    // Rings of ticks made anew count from zero again.
    const c = bench({ vectors: a.vectors })
    c.tick({ bid: 7000 })
    c.pump()
    expect(c.read().map((v) => [v.sequence, v.tick, v.bid])).toEqual([[4, 0, 7000]])
  })

  it('does not start on a ring of other records', () => {
    const ring = Ring.create(4, 64)
    expect(() => new FeaturesActor(handContext('features'), { instrument: btcusdt, ticks: Ring.create(4, TICK.byteLength).buffer, vectors: ring.producer(), indicators: null, onPublished: () => {} })).toThrow('RM_FEATURE_WIRING')
  })
})

describe('ingest and features together', () => {
  it('never publish a vector of a book other than the one the messages describe, gaps included', () => {
    const level = fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 1, max: 14 }), fc.integer({ min: 0, max: 9 }))
    const step = fc.record({ levels: fc.array(level, { maxLength: 8 }), fault: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2) })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const b = bench()
        let handler: MarketHandler | null = null
        const feed: MarketFeed = { start: (h) => void (handler = h), resync: () => {}, reconnect: () => {}, pause: () => {}, resume: () => {}, stop: () => {} }
        const ingest = new IngestActor(handContext('ingest', b.context.time), { instrument: btcusdt, feed, ticks: b.ticks.producer(), registry: RegistryMemory.create(1), onPublished: () => {}, reference: null, queries: null, settings: INGEST_DEFAULTS })
        ingest.start()
        const say = handler! as MarketHandler
        let bids = new PlainSide(true)
        let asks = new PlainSide(false)
        let synced = false
        steps.forEach((s, id) => {
          if (!synced) {
            bids = new PlainSide(true)
            asks = new PlainSide(false)
            for (let i = 1; i <= 12; i++) bids.set(1000 - i, i)
            for (let i = 1; i <= 12; i++) asks.set(1000 + i, i + 1)
            say.onBook(update(true, [...bids.map], [...asks.map], id), 0)
            synced = true
          } else if (s.fault === 1) {
            say.onFeed('down', 'test')
            synced = false
          } else {
            const bid: Level[] = s.levels.filter((l) => l[0] === 0).map((l) => [1000 - l[1], l[2]] as const)
            const ask: Level[] = s.levels.filter((l) => l[0] === 1).map((l) => [1000 + l[1], l[2]] as const)
            if (s.fault === 2) bid.push([1050, 1])
            say.onBook(update(false, bid, ask, id), 0)
            for (const [ticks, lots] of bid) bids.set(ticks, lots)
            for (const [ticks, lots] of ask) asks.set(ticks, lots)
            const [bestBid, bestAsk] = [bids.best(), asks.best()]
            synced = bestBid === undefined || bestAsk === undefined || bestBid < bestAsk
          }
          b.pump()
          const vectors = b.read()
          const [bid, ask] = [bids.sorted(), asks.sorted()]
          expect(vectors.length).toBe(synced && bid.length > 0 && ask.length > 0 ? 1 : 0)
          if (vectors.length === 0) return
          const [v] = vectors
          const sum = (side: Level[], n: number): number => side.slice(0, n).reduce((total, l) => total + l[1], 0) / 1000
          const value = (name: string): number => v!.values[featureNames().indexOf(name)]!
          expect(v!.warm).toBe(bid.length >= 10 && ask.length >= 10 ? 1 : 0)
          expect(value('bid_ask_spread_abs')).toBeCloseTo((ask[0]![0] - bid[0]![0]) / 10, 12)
          expect(value('total_bid_volume')).toBeCloseTo(sum(bid, 99), 12)
          expect(value('depth_ask_5')).toBe(ask.length < 5 ? Number.NaN : sum(ask, 5))
          expect(value('depth_bid_10')).toBe(bid.length < 10 ? Number.NaN : sum(bid, 10))
        })
      }),
      { numRuns: 60, seed: 3 },
    )
  })
})
