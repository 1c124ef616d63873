import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { featureNames } from '../../src/features/index.ts'
import { limits } from '../../src/core/index.ts'
import { Ring, TICK } from '../../src/memory/index.ts'
import { type Level, PlainSide, update } from '../market/book-oracle.ts'
import { WALL_ORIGIN_MS } from '../market/hand-context.ts'
import { eagerConfig, generated, virtualStart } from '../system/virtual-run.ts'
import { bench, pair, type Vector } from './features-bench.ts'

const NAMES = featureNames()
const valueOf = (vector: Vector, name: string): number => vector.values[NAMES.indexOf(name)]!
const DEEP = limits.bookLevelsMax
const side = (from: number, step: 1 | -1, count: number, lots: (i: number) => number): Level[] => Array.from({ length: count }, (_, i) => [from + step * i, lots(i)] as const)
const sum = (levels: readonly Level[]): number => levels.reduce((total, one) => total + one[1], 0) / 1000

/** Lets time pass and the features, or a later life of theirs, read until nothing waits any more. */
function drain(p: ReturnType<typeof pair>, life: ReturnType<typeof bench> = p): Vector[] {
  const vectors: Vector[] = []
  for (let turn = 0; turn < 400; turn++) {
    life.pump()
    vectors.push(...life.read())
    p.context.time.runUntil(p.context.time.nowNs() + 2e6)
  }
  return vectors
}

describe('a book of a thousand levels a side', () => {
  it('reaches the features whole, through a ring that has no room for it: the feed waits, no level is lost', () => {
    const p = pair({ ticks: Ring.create(32, TICK.byteLength) })
    const bids = side(50_000, -1, DEEP, (i) => 1 + (i % 17))
    const asks = side(50_001, 1, DEEP, (i) => 1 + (i % 13))
    p.say.onBook(update(true, bids, asks, 7), 0)
    expect(p.told).toEqual(['pause'])
    const turned = bids.map(([ticks, lots]) => [ticks, lots + 2] as const)
    p.say.onBook(update(false, turned, asks.map(([ticks]) => [ticks, 9] as const), 8), 0)
    const [whole, after] = drain(p)
    expect([valueOf(whole!, 'total_bid_volume'), valueOf(whole!, 'total_ask_volume')]).toEqual([sum(bids), sum(asks)])
    expect([valueOf(after!, 'total_bid_volume'), valueOf(after!, 'total_ask_volume')]).toEqual([sum(turned), (DEEP * 9) / 1000])
    expect([p.told.at(-1), p.told.filter((one) => one === 'resync')]).toEqual(['resume', []])
    expect(p.context.counts.get('features_lost')).toBeUndefined()
  })

  /** Features that died after the ring had forgotten every snapshot. */
  function died(bids: Level[], asks: Level[]) {
    const p = pair({ ticks: Ring.create(64, TICK.byteLength) })
    p.say.onBook(update(true, bids, asks, 7), 0)
    drain(p)
    for (let i = 0; i < 80; i++) {
      p.say.onTrades({ count: 1, priceTicks: Float64Array.of(50_000), lots: Float64Array.of(1), timeMs: Float64Array.of(WALL_ORIGIN_MS), sides: Uint8Array.of(0), ids: ['x'] }, 0)
      p.pump()
    }
    const life = bench({ ticks: p.ticks, vectors: p.vectors, registry: p.registry })
    return { p, life }
  }

  it('is told again whole to features that have lost theirs', () => {
    const bids = side(50_000, -1, DEEP, (i) => 1 + (i % 17))
    const { p, life } = died(bids, side(50_001, 1, DEEP, () => 3))
    expect(drain(p, life)).toEqual([])
    p.say.onBook(update(false, [[50_000, 5]], [], 8), 0)
    const [vector] = drain(p, life)
    expect(valueOf(vector!, 'total_bid_volume')).toBeCloseTo(sum(bids) + 0.004, 9)
    expect(valueOf(vector!, 'total_ask_volume')).toBe(3)
  })

  it('is told again also while a side of it is empty, and vectors come as soon as there is one', () => {
    const { p, life } = died(side(50_000, -1, 12, () => 2), [])
    expect(drain(p, life)).toEqual([])
    p.say.onBook(update(false, [], [[50_001, 4]], 8), 0)
    const [vector] = drain(p, life)
    expect([valueOf(vector!, 'total_bid_volume'), valueOf(vector!, 'total_ask_volume')]).toEqual([0.024, 0.004])
  })

  it('never becomes a vector in halves when ring and staging are full in the middle of a message (property)', () => {
    let overruns = 0
    fc.assert(
      fc.property(fc.array(fc.record({ levels: fc.integer({ min: 1, max: DEEP }), snapshot: fc.boolean(), up: fc.integer({ min: -3, max: 3 }) }), { minLength: 45, maxLength: 110 }), fc.integer({ min: 0, max: 40 }), (messages, pumped) => {
        const p = pair({ ticks: Ring.create(16, TICK.byteLength) })
        const truth = new Map<string, true>()
        const vectors: Vector[] = []
        const keyOf = (bid: number, ask: number, bids: number, asks: number): string => `${bid} ${ask} ${bids.toFixed(6)} ${asks.toFixed(6)}`
        let bids = new PlainSide(true)
        let asks = new PlainSide(false)
        let lots = 1
        const say = (snapshot: boolean, bid: Level[], ask: Level[], id: number): void => {
          if (snapshot) {
            bids = new PlainSide(true)
            asks = new PlainSide(false)
          }
          for (const [ticks, size] of bid) bids.set(ticks, size)
          for (const [ticks, size] of ask) asks.set(ticks, size)
          truth.set(keyOf(bids.best()!, asks.best()!, bids.total() / 1000, asks.total() / 1000), true)
          p.say.onBook(update(snapshot, bid, ask, id), 0)
        }
        messages.forEach(({ levels, snapshot, up }, id) => {
          // A feed that does not stop when it is told to; the reader takes a little now and then.
          lots++
          if (id === 0 || snapshot) say(true, side(50_000 + up, -1, levels, () => lots), side(50_001 + up, 1, levels, () => lots + 1), id)
          else say(false, side(bids.best()!, -1, levels, () => lots), side(asks.best()!, 1, levels, () => lots), id)
          if (id % 9 === 0) p.pump(pumped)
          vectors.push(...p.read())
        })
        vectors.push(...drain(p))
        say(true, side(60_000, -1, 20, () => 5), side(60_001, 1, 20, () => 6), 1e6)
        vectors.push(...drain(p))
        for (const one of vectors) expect(truth.has(keyOf(Math.round(valueOf(one, 'mid_price') * 10 - valueOf(one, 'bid_ask_spread_abs') * 5), Math.round(valueOf(one, 'mid_price') * 10 + valueOf(one, 'bid_ask_spread_abs') * 5), valueOf(one, 'total_bid_volume'), valueOf(one, 'total_ask_volume')))).toBe(true)
        overruns += p.told.filter((one) => one === 'resync').length
        expect(vectors.at(-1)!.bid).toBe(60_000)
        expect(p.context.counts.get('features_lost')).toBeUndefined()
      }),
      { numRuns: 12, seed: 6 },
    )
    expect(overruns).toBeGreaterThan(6)
  }, 20_000)

  it.each(['bybit', 'okx'] as const)('comes from the front of %s at two hundred levels or more: every message makes a vector, and none is lost', (venue) => {
    const { engine } = virtualStart({ ...eagerConfig(['BTCUSDT'], venue), book_depth: 200 }, generated(['BTCUSDT'], 3))
    engine.runUntil(14e9)
    const { ticks, vectors } = engine.memory
    expect([...engine.record.counts].filter(([name]) => /features_(?:lost|gaps|rejected)/.test(name))).toEqual([])
    expect(ticks[0]!.published).toBeGreaterThan(500)
    expect(vectors[0]!.published).toBeGreaterThan(100)
    engine.stop()
  }, 20_000)
})
