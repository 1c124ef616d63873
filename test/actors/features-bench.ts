import { expect } from 'vitest'
import { FeaturesActor } from '../../actors/features.ts'
import { INGEST_DEFAULTS, IngestActor } from '../../actors/ingest.ts'
import type { DetectionSettings } from '../../src/detection/index.ts'
import { featureNames } from '../../src/features/index.ts'
import { RegistryMemory } from '../../src/market/index.ts'
import { FEATURE_VECTOR, Ring, type RingProducer, TICK, TICK_BOOK, TICK_LEVELS, VECTOR_FEATURES } from '../../src/memory/index.ts'
import type { MarketFeed, MarketHandler } from '../../src/venues/index.ts'
import type { WildMarket } from '../features/wild-market.ts'
import { type HandContext, WALL_ORIGIN_MS, btcusdt, handContext } from '../market/hand-context.ts'

export interface Told {
  readonly kind?: number
  readonly valid?: number
  readonly levels?: number
  readonly bid?: number
  /** Best bid that the record says, when it is not that of the levels. */
  readonly says?: number
  /** A book record that says nothing new. */
  readonly again?: boolean
  /** Start of the candle, and its open, high, low, close in ticks and its lots. */
  readonly startMs?: number
  readonly candle?: readonly [number, number, number, number, number]
}

export interface Vector {
  readonly sequence: number
  readonly tick: number
  readonly warm: number
  readonly count: number
  readonly bid: number
  /** Market time, ms. */
  readonly atMs: number
  readonly values: number[]
}

export const SETTINGS = { minClusterValue: 10_000 }

export function bench(options: { vectorSlots?: number; ticks?: Ring; vectors?: Ring; registry?: RegistryMemory; detection?: DetectionSettings } = {}) {
  const context: HandContext = handContext('features')
  const ticks = options.ticks ?? Ring.create(4096, TICK.byteLength)
  const vectors = options.vectors ?? Ring.create(options.vectorSlots ?? 4096, FEATURE_VECTOR.byteLength)
  const registry = options.registry ?? RegistryMemory.create(1)
  ticks.open(0, 'gating')
  vectors.open(0, 'gating')
  let rung = 0
  const wish = registry.refreshWish(0)
  const actor = new FeaturesActor(context, { instrument: btcusdt, ticks: ticks.buffer, vectors: vectors.producer(), indicators: registry.writeIndicators(0), refreshWish: wish, settings: SETTINGS, detection: options.detection === undefined ? null : { settings: options.detection, cell: registry.writeDetection(0) }, onPublished: () => void rung++ })
  actor.start()
  const producer: RingProducer = ticks.producer()
  const input = ticks.gatingConsumer(0)
  const output = vectors.gatingConsumer(0)
  const view = TICK.view(ticks.buffer)
  const vector = FEATURE_VECTOR.view(vectors.buffer)
  const record = (kind: number, told: Told): void => {
    expect(producer.claim(1)).toBe(true)
    const t = view.at(producer.slot(0))
    const levels = told.levels ?? 10
    t.kind = kind
    t.bookValid = told.valid ?? 1
    t.sequence = producer.next
    t.venueTimeMs = WALL_ORIGIN_MS
    t.receiveNs = 10
    t.publishNs = 20
    t.side = kind === TICK_LEVELS || told.again === true ? 1 : 0
    t.priceTicks = 1000
    t.lots = 1
    t.candleStartMs = told.startMs ?? -1
    const [open, high, low, close, lots] = told.candle ?? [1000, 1000, 1000, 1000, 0]
    Object.assign(t, { candleOpenTicks: open, candleHighTicks: high, candleLowTicks: low, candleCloseTicks: close, candleLots: lots })
    for (let i = 0; i < 10; i++) {
      t.f64[t.bidTicks + i] = i < levels ? (told.bid ?? 1000) - i : -1
      t.f64[t.bidLots + i] = i < levels ? 5 : 0
      t.f64[t.askTicks + i] = i < levels ? (told.bid ?? 1000) + 1 + i : -1
      t.f64[t.askLots + i] = i < levels ? 5 : 0
    }
    if (kind === TICK_BOOK && told.says !== undefined) t.f64[t.bidTicks] = told.says
    t.bidLevels = t.askLevels = levels
    producer.publish()
  }
  return {
    context, actor, ticks, vectors, registry, input, rings: () => rung, wishes: () => wish.value,
    /** A snapshot: its levels and the record that completes it, or a record of another kind. */
    tick(told: Told = {}): void {
      const kind = told.kind ?? TICK_BOOK
      if (kind === TICK_BOOK) record(TICK_LEVELS, told)
      record(kind, told)
    },
    only: (kind: number, told: Told = {}) => record(kind, told),
    /** What a scheduler does: record by record while the actor is not busy. @returns records taken. */
    pump(max = Number.POSITIVE_INFINITY): number {
      const count = Math.min(max, input.available())
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
        if (v.kind !== VECTOR_FEATURES) continue
        out.push({ sequence: v.sequence, tick: v.tickSequence, warm: v.warm, count: v.count, bid: v.bidTicks, atMs: v.venueTimeMs, values: Array.from(v.f64.subarray(v.values, v.values + v.count)) })
      }
      output.advance(count)
      return out
    },
  }
}

/** Ingest and features over one ring, the feed in our hand. */
export function pair(options: Parameters<typeof bench>[0] = {}) {
  const b = bench(options)
  let handler: MarketHandler | null = null
  const told: string[] = []
  const feed: MarketFeed = { start: (h) => void (handler = h), resync: () => void told.push('resync'), reconnect: () => {}, pause: () => void told.push('pause'), resume: () => void told.push('resume'), stop: () => {} }
  const ingest = new IngestActor(handContext('ingest', b.context.time), { instrument: btcusdt, feed, ticks: b.ticks.producer(), registry: b.registry, onPublished: () => {}, reference: null, queries: null, settings: INGEST_DEFAULTS })
  ingest.start()
  return { ...b, ingest, told, say: handler! as MarketHandler }
}

/** Plays a wild market for so many messages, with a candle history first. @returns the vectors, and what a pipeline of its own makes of the same events. */
export function play(p: ReturnType<typeof pair>, market: WildMarket, messages: number, restartAt = -1) {
  const names = featureNames()
  const fresh: { actor: ReturnType<typeof bench> | null } = { actor: null }
  const vectors: Vector[] = []
  for (let i = 0; i < 60; i++) {
    const startMs = WALL_ORIGIN_MS - (WALL_ORIGIN_MS % 60_000) - (60 - i) * 60_000
    p.say.onKline({ intervalMs: 60_000, startMs, openTicks: 30_000 + i, highTicks: 30_050 + i, lowTicks: 29_950, closeTicks: 30_010 + (i % 7), lots: 100 + i, closed: true }, 0)
  }
  p.say.onBook(market.snapshot(), 0)
  for (let i = 0; i < messages; i++) {
    const { sign, ticks, lots } = market.trade()
    p.say.onTrades({ count: 1, priceTicks: Float64Array.of(ticks), lots: Float64Array.of(lots), timeMs: Float64Array.of(market.timeMs), sides: Uint8Array.of(sign > 0 ? 0 : 1), ids: ['x'] }, 0)
    p.say.onBook(market.delta(), 0)
    const one = fresh.actor ?? p
    one.pump()
    vectors.push(...one.read())
    if (i === restartAt) {
      fresh.actor = bench({ ticks: p.ticks, vectors: p.vectors, registry: p.registry })
      p.context.time.runUntil(p.context.time.nowNs() + 200e6)
    }
  }
  return { vectors, names, last: fresh.actor ?? p }
}
