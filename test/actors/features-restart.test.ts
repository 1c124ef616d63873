import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FEATURES, featureNames } from '../../src/features/index.ts'
import { Ring, TICK, TICK_BOOK, TICK_TRADE } from '../../src/memory/index.ts'
import { WildMarket } from '../features/wild-market.ts'
import { WALL_ORIGIN_MS } from '../market/hand-context.ts'
import { bench, pair, type Vector } from './features-bench.ts'

const NAMES = featureNames()
const SECOND_MS = 1000

interface Life {
  readonly vectors: readonly Vector[]
  /** Market time at which the features died. */
  readonly diedMs: number
  readonly lost: number
}

/**
 * Ingest and features of one symbol over a wild market; the features die once.
 * @param dieAt message after which they die, −1 for never @param left records of that message that they never handled
 * @param lateMs market time until ingest has served the wish of the new life @param slots of the tick ring
 */
function live(seed: number, messages: number, dieAt = -1, left = 0, lateMs = 0, slots = 4096): Life {
  const p = pair({ ticks: Ring.create(slots, TICK.byteLength) })
  const market = new WildMarket(seed, WALL_ORIGIN_MS)
  const vectors: Vector[] = []
  let one: ReturnType<typeof bench> = p
  let diedMs = Number.NaN
  let served = true
  for (let i = 0; i < 60; i++) {
    const startMs = WALL_ORIGIN_MS - (WALL_ORIGIN_MS % 60_000) - (60 - i) * 60_000
    p.say.onKline({ intervalMs: 60_000, startMs, openTicks: 30_000 + i, highTicks: 30_050 + i, lowTicks: 29_950, closeTicks: 30_010 + (i % 7), lots: 100 + i, closed: true }, 0)
  }
  p.say.onBook(market.snapshot(), 0)
  one.pump()
  for (let i = 0; i < messages; i++) {
    const { sign, ticks, lots } = market.trade()
    p.say.onTrades({ count: 1, priceTicks: Float64Array.of(ticks), lots: Float64Array.of(lots), timeMs: Float64Array.of(market.timeMs), sides: Uint8Array.of(sign > 0 ? 0 : 1), ids: ['x'] }, 0)
    p.say.onBook(market.delta(), 0)
    one.pump(i === dieAt ? one.input.available() - left : undefined)
    vectors.push(...one.read())
    if (i === dieAt) {
      one = bench({ ticks: p.ticks, vectors: p.vectors, registry: p.registry })
      diedMs = market.timeMs
      served = false
    }
    if (!served && market.timeMs >= diedMs + lateMs) {
      served = true
      p.context.time.runUntil(p.context.time.nowNs() + 100e6)
    }
  }
  return { vectors, diedMs, lost: one.context.counts.get('features_lost') ?? 0 }
}

/** Slots of a ring that has forgotten the snapshot and the candles long before the features die, and what it holds in market time. */
const SHORT = 1024
const SHORT_S = 34

/** Equal to nine digits: sums over the same values that began at another one differ in the last. */
function expectNear(actual: Vector, expected: Vector, names: readonly string[]): void {
  for (const name of names) {
    const place = NAMES.indexOf(name)
    const [ours, theirs] = [actual.values[place]!, expected.values[place]!]
    expect(Math.abs(ours - theirs), `${name}: ${ours}, ${theirs}`).toBeLessThanOrEqual(1e-9 * Math.max(1e-6, Math.abs(theirs)))
  }
}

describe('features that died', () => {
  it('are whole again within a second of market time, from best levels alone', () => {
    for (const seed of [5, 6, 7, 8]) {
      const { vectors, diedMs, lost } = live(seed, 600, 500, 0, 0, SHORT)
      expect(lost).toBe(0)
      expect(vectors.find((one) => one.atMs === diedMs)!.warm).toBe(1)
      const warm = vectors.find((one) => one.atMs > diedMs && one.warm === 1)!
      expect(warm.atMs - diedMs, `seed ${seed}`).toBeLessThanOrEqual(SECOND_MS)
      for (const one of vectors) if (one.warm === 1) expect(one.values.every((value) => Number.isFinite(value))).toBe(true)
    }
  })

  it('go on exactly as if they had never died where the ring still has their whole life, whatever record they died at (property)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 5, max: 250 }), fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 600 }), (seed, dieAt, left, lateMs) => {
        const died = live(seed, 300, dieAt, left, lateMs)
        const whole = live(seed, 300)
        expect(died.lost).toBe(0)
        expect(died.vectors.map(({ atMs, bid, warm, values }) => ({ atMs, bid, warm, values }))).toEqual(whole.vectors.map(({ atMs, bid, warm, values }) => ({ atMs, bid, warm, values })))
        const ticks = died.vectors.map((one) => one.tick)
        expect(new Set(ticks).size).toBe(ticks.length)
      }),
      { numRuns: 12, seed: 4 },
    )
  }, 20_000)

  it('agree with a life that never died where the ring has forgotten most of it: at once in what looks back a few seconds, and in all when a minute is full', () => {
    const atOnce = NAMES.filter((name) => !/^(?:level_ttl_|bid_intensity|ask_intensity|kyle_lambda|effective_spread|buy_sell_ratio|smart_money_index|trade_arrival_rate)/.test(name))
    for (const seed of [11, 12, 13]) {
      const { vectors, diedMs, lost } = live(seed, 900, 450, 1, 300, SHORT)
      const whole = live(seed, 900).vectors
      expect(lost).toBe(0)
      const soon = vectors.find((one) => one.atMs > diedMs && one.warm === 1)!
      expectNear(soon, whole.find((one) => one.atMs === soon.atMs && one.bid === soon.bid)!, atOnce)
      expect(vectors.at(-1)!.atMs - diedMs).toBeGreaterThan((62 - SHORT_S) * 1000)
      expectNear(vectors.at(-1)!, whole.at(-1)!, NAMES.filter((name) => !name.startsWith('level_ttl_')))
    }
  }, 20_000)

  it('look back on nothing that came before a gap of the book', () => {
    const a = bench()
    for (let i = 0; i < 40; i++) {
      a.tick({ bid: 1000 + (i % 3) })
      a.only(TICK_TRADE)
    }
    a.tick({ kind: 4, valid: 0, levels: 0 })
    a.pump()
    const b = bench({ ticks: a.ticks, vectors: a.vectors })
    a.tick()
    b.pump()
    const [vector] = b.read().slice(-1)
    const value = (name: string): number => vector!.values[NAMES.indexOf(name)]!
    expect(vector!.values).toHaveLength(FEATURES)
    // Trades are no part of the book and were looked back on.
    expect([value('orderbook_volatility'), value('volume_delta_5'), value('trade_arrival_rate') > 0, value('buy_sell_ratio')]).toEqual([Number.NaN, Number.NaN, true, 1])
  })

  it('take a book that is told again for no event, and make no vector of it', () => {
    const a = bench()
    a.tick({ bid: 1000 })
    a.tick({ bid: 1001, again: true })
    a.pump()
    expect(a.read().map((one) => one.bid)).toEqual([1000])
    a.only(TICK_BOOK, { bid: 1000 })
    a.pump()
    expect(a.context.counts.get('features_lost')).toBeUndefined()
  })
})
