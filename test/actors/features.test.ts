import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FeaturesActor } from '../../actors/features.ts'
import { RingmasterError } from '../../src/core/index.ts'
import { FEATURES, FeaturePipeline, featureNames } from '../../src/features/index.ts'
import { RegistryMemory } from '../../src/market/index.ts'
import { Ring, TICK, TICK_BOOK, TICK_CANDLE, TICK_GAP, TICK_REFRESH, TICK_TRADE } from '../../src/memory/index.ts'
import { WildMarket } from '../features/wild-market.ts'
import { type Level, PlainSide, update } from '../market/book-oracle.ts'
import { WALL_ORIGIN_MS, btcusdt, handContext } from '../market/hand-context.ts'
import { bench, pair, play, SETTINGS, type Vector } from './features-bench.ts'

describe('the features actor', () => {
  it('makes one vector of every valid book record of a batch, none of other records, and rings once', () => {
    const b = bench()
    for (const told of [{ bid: 1000 }, { kind: TICK_TRADE }, { bid: 1001 }, { valid: 0 }, { bid: 1002 }]) b.tick(told)
    expect(b.pump()).toBe(9)
    const got = b.read()
    expect(got.map((v) => [v.sequence, v.tick, v.bid, v.warm, v.count])).toEqual([[0, 1, 1000, 0, FEATURES], [1, 4, 1001, 0, FEATURES], [2, 8, 1002, 0, FEATURES]])
    expect(got[0]!.values[featureNames().indexOf('mid_price')]).toBeCloseTo(100.05, 12)
    expect(b.rings()).toBe(1)
    expect(b.context.hops.get('tick_features')).toEqual([-20, -20, -20])
    b.tick({ kind: TICK_TRADE })
    b.pump()
    expect(b.rings()).toBe(1)
  })

  it('says what a vector that is not whole still waits for, and has no value where there is none', () => {
    const b = bench()
    b.tick({ levels: 9 })
    b.pump()
    const [cold] = b.read()
    expect(cold!.warm).toBe(0)
    const value = (name: string): number => cold!.values[featureNames().indexOf(name)]!
    expect([value('mid_price'), value('vwap_bid_5')].every((one) => Number.isFinite(one))).toBe(true)
    expect([value('vwap_bid_10'), value('imbalance_10'), value('sma_50'), value('close')].every((one) => Number.isNaN(one))).toBe(true)
    expect(b.context.reports.at(-1)!.note).toMatch(/^warming up: \d+ of 110 features, vwap_bid_10, vwap_ask_10, depth_bid_10, …$/)
  })

  it('asks to be told everything at its start, and takes nothing for a book before it was told one', () => {
    const b = bench()
    expect(b.wishes()).toBe(1)
    b.only(TICK_BOOK)
    b.only(TICK_BOOK)
    b.pump()
    expect(b.read()).toEqual([])
    b.tick({ bid: 1001 })
    b.pump()
    expect(b.read().map((v) => v.bid)).toEqual([1001])
  })

  it('starts over after a gap: the levels before it are gone', () => {
    const b = bench()
    b.tick()
    b.tick({ kind: TICK_GAP, valid: 0, levels: 0 })
    b.only(TICK_BOOK)
    b.pump()
    expect(b.context.reports.at(-1)).toEqual({ state: 'degraded', note: 'warming up: the book had a gap' })
    expect(b.read().map((v) => v.tick)).toEqual([1])
    b.tick()
    b.pump()
    expect(b.read().map((v) => v.tick)).toEqual([5])
  })

  it('publishes nothing of a book that is not the one of ingest, and asks for it anew', () => {
    const b = bench()
    b.tick()
    b.tick({ bid: 1005, says: 1006 })
    b.only(TICK_BOOK, { bid: 1005 })
    b.pump()
    expect(b.read()).toHaveLength(1)
    expect([b.wishes(), b.context.counts.get('features_lost')]).toEqual([2, 1])
    expect(b.context.logs.at(-1)!.data['why']).toBe('best prices 1005/1006 are 1006/1006 in the record')
  })

  it('is busy while its ring is full, so that no tick is lost to a slow reader', () => {
    const b = bench({ vectorSlots: 4 })
    for (let i = 0; i < 20; i++) b.tick({ bid: 1000 + i })
    const got: Vector[] = []
    expect(b.pump()).toBe(8)
    expect([b.actor.busy, b.rings()]).toEqual([true, 1])
    for (let turn = 0; turn < 40 && got.length < 20; turn++) {
      got.push(...b.read(3))
      b.pump()
    }
    expect(got.map((v) => v.bid)).toEqual(Array.from({ length: 20 }, (_, i) => 1000 + i))
    expect(got.map((v) => v.sequence)).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })

  it('refuses a record with a coded error when it is given one while busy', () => {
    const b = bench({ vectorSlots: 2 })
    for (let i = 0; i < 3; i++) b.tick({ bid: 1000 + i })
    b.pump()
    let code = ''
    try {
      b.actor.onRecord(0, b.input.slot(0), b.input.next, false)
      b.actor.onRecord(0, b.input.slot(1), b.input.next + 1, true)
    } catch (error) {
      code = error instanceof RingmasterError ? error.code : String(error)
    }
    expect(code).toBe('RM_FEATURE_RING_FULL')
  })

  it('does not make a second vector of a tick that comes again after a restart', () => {
    const a = bench()
    for (let i = 0; i < 3; i++) a.tick({ bid: 1000 + i })
    a.pump()
    const b = bench({ ticks: a.ticks, vectors: a.vectors })
    // The dead one handled four of six records as far as its cursor says.
    b.actor.onRecord(0, a.ticks.slotAt(4), 4, false)
    b.actor.onRecord(0, a.ticks.slotAt(5), 5, true)
    b.tick({ bid: 1003 })
    b.pump()
    expect(b.read().map((v) => [v.sequence, v.tick])).toEqual([[0, 1], [1, 3], [2, 5], [3, 7]])
    // Rings of ticks made anew count from zero again.
    const c = bench({ vectors: a.vectors })
    c.tick({ bid: 7000 })
    c.pump()
    expect(c.read().map((v) => [v.sequence, v.tick, v.bid])).toEqual([[4, 1, 7000]])
  })

  it('does not start on a ring of other records', () => {
    const ring = Ring.create(4, 64)
    const wiring = { instrument: btcusdt, ticks: Ring.create(4, TICK.byteLength).buffer, vectors: ring.producer(), indicators: null, refreshWish: RegistryMemory.create(1).refreshWish(0), settings: SETTINGS, onPublished: () => {} }
    expect(() => new FeaturesActor(handContext('features'), wiring)).toThrow('RM_FEATURE_WIRING')
  })
})

describe('ingest and features together', () => {
  it('make whole vectors of 110 finite values once every window is filled', () => {
    const p = pair()
    const { vectors } = play(p, new WildMarket(5, WALL_ORIGIN_MS), 400)
    expect(vectors.length).toBeGreaterThan(390)
    const whole = vectors.filter((one) => one.warm === 1)
    expect(whole.length).toBeGreaterThan(150)
    for (const { values } of whole) expect(values.every((value) => Number.isFinite(value))).toBe(true)
    expect(vectors.at(-1)!.warm).toBe(1)
    expect(p.context.reports.at(-1)).toEqual({ state: 'ready' })
    expect(p.context.logs.filter((line) => line.message.startsWith('features are whole')).map((line) => line.data['features']), 'told once').toEqual([110])
    expect(p.context.counts.get('features_rejected')).toBeUndefined()
  })

  it('compute through the ring what a pipeline computes from the same events directly', () => {
    const market = new WildMarket(9, WALL_ORIGIN_MS)
    const { vectors } = play(pair(), market, 300)
    const again = new WildMarket(9, WALL_ORIGIN_MS)
    const pipeline = new FeaturePipeline(btcusdt, SETTINGS)
    pipeline.onBook(again.snapshot())
    let expected: number[] = []
    for (let i = 0; i < 300; i++) {
      const { sign, ticks, lots } = again.trade()
      pipeline.onTrade(sign > 0 ? 0 : 1, ticks, lots, again.timeMs)
      pipeline.onBook(again.delta())
      const out = new Float64Array(FEATURES)
      pipeline.compute(out, 0)
      expected = [...out]
    }
    // The book channel but for Amihud, which is of the candles that only the ring had.
    const at = featureNames().indexOf('amihud_illiquidity')
    for (let i = 0; i < 50; i++) if (i !== at) expect(vectors.at(-1)!.values[i], featureNames()[i]).toBe(expected[i])
  })

  it('never publish a vector of a book other than the one the messages describe, gaps included', () => {
    const level = fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 1, max: 14 }), fc.integer({ min: 0, max: 9 }))
    const step = fc.record({ levels: fc.array(level, { maxLength: 30 }), fault: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2) })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const p = pair()
        let bids = new PlainSide(true)
        let asks = new PlainSide(false)
        let synced = false
        steps.forEach((s, id) => {
          if (!synced) {
            bids = new PlainSide(true)
            asks = new PlainSide(false)
            for (let i = 1; i <= 12; i++) bids.set(1000 - i, i)
            for (let i = 1; i <= 12; i++) asks.set(1000 + i, i + 1)
            p.say.onBook(update(true, [...bids.map], [...asks.map], id), 0)
            synced = true
          } else if (s.fault === 1) {
            p.say.onFeed('down', 'test')
            synced = false
          } else {
            const bid: Level[] = s.levels.filter((l) => l[0] === 0).map((l) => [1000 - l[1], l[2]] as const)
            const ask: Level[] = s.levels.filter((l) => l[0] === 1).map((l) => [1000 + l[1], l[2]] as const)
            if (s.fault === 2) bid.push([1050, 1])
            p.say.onBook(update(false, bid, ask, id), 0)
            for (const [ticks, lots] of bid) bids.set(ticks, lots)
            for (const [ticks, lots] of ask) asks.set(ticks, lots)
            const [bestBid, bestAsk] = [bids.best(), asks.best()]
            synced = bestBid === undefined || bestAsk === undefined || bestBid < bestAsk
          }
          p.pump()
          const vectors = p.read()
          const [bid, ask] = [bids.sorted(), asks.sorted()]
          expect(vectors.length).toBe(synced && bid.length > 0 && ask.length > 0 ? 1 : 0)
          if (vectors.length === 0) return
          const [v] = vectors
          const sum = (side: Level[], n: number): number => side.slice(0, n).reduce((total, l) => total + l[1], 0) / 1000
          const value = (name: string): number => v!.values[featureNames().indexOf(name)]!
          expect(value('bid_ask_spread_abs')).toBeCloseTo((ask[0]![0] - bid[0]![0]) / 10, 12)
          expect(value('total_bid_volume')).toBeCloseTo(sum(bid, 99), 12)
          expect(value('depth_ask_5')).toBe(ask.length < 5 ? Number.NaN : sum(ask, 5))
          expect(value('depth_bid_10')).toBe(bid.length < 10 ? Number.NaN : sum(bid, 10))
        })
      }),
      { numRuns: 60, seed: 3 },
    )
  })

  it('begin the candles anew when they are told anew, and ask for them when one is missing', () => {
    const p = pair()
    const before = p.wishes()
    const candle = (startMs: number): void => p.say.onKline({ intervalMs: 60_000, startMs, openTicks: 100, highTicks: 110, lowTicks: 90, closeTicks: 105, lots: 5, closed: true }, 0)
    for (let i = 0; i < 5; i++) candle(60_000_000 + i * 60_000)
    p.pump()
    expect(p.wishes()).toBe(before)
    const kinds: number[] = []
    const consumer = p.ticks.gatingConsumer(0)
    // A closed candle whose numbers the venue corrects: all candles are told again.
    p.say.onKline({ intervalMs: 60_000, startMs: 60_000_000 + 4 * 60_000, openTicks: 100, highTicks: 112, lowTicks: 90, closeTicks: 105, lots: 5, closed: true }, 0)
    const view = TICK.view(p.ticks.buffer)
    for (let i = 0; i < consumer.available(); i++) kinds.push(view.at(consumer.slot(i)).kind)
    expect(kinds.slice(-6)).toEqual([TICK_REFRESH, TICK_CANDLE, TICK_CANDLE, TICK_CANDLE, TICK_CANDLE, TICK_CANDLE])
  })
})

describe('MD-10: the indicators in the registry', () => {
  it('are the values of the last vector of a batch, with its sequence, its time and whether they are warm', () => {
    const b = bench()
    const reader = b.registry.readIndicators(0)
    const read = () => {
      expect(reader.read()).toBe(true)
      return reader.value
    }
    expect([read().count, read().warm]).toEqual([0, 0])
    for (const bid of [1000, 1001, 1002]) b.tick({ bid })
    b.pump()
    const vectors = b.read()
    const cell = read()
    expect(b.registry.indicators(0).writes).toBe(1)
    expect([cell.sequence, cell.tickSequence, cell.venueTimeMs, cell.count, cell.warm]).toEqual([2, 5, WALL_ORIGIN_MS, FEATURES, 0])
    expect(Array.from(cell.f64.subarray(cell.values, cell.values + cell.count))).toEqual(vectors[2]!.values)
    expect(cell.f64[cell.values + featureNames().indexOf('mid_price')]).toBeCloseTo(100.25, 9)
  })
})
