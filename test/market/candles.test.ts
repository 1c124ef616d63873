import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DecimalStep, RingmasterError } from '../../src/core/index.ts'
import { CANDLE_FLAT, CANDLE_TRADES, CANDLE_VENUE, type Candle, CandleManager, emptyCandle } from '../../src/market/index.ts'
import type { Kline } from '../../src/venues/index.ts'
import { present, readLines } from './book-oracle.ts'

const MIN = 60_000
const T0 = 28_000_000 * MIN

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return error instanceof RingmasterError ? error.code : String(error)
  }
  return 'no error'
}

const kline = (minute: number, o: number, h: number, l: number, c: number, lots: number, closed = true): Kline => ({
  intervalMs: MIN, startMs: T0 + minute * MIN, openTicks: o, highTicks: h, lowTicks: l, closeTicks: c, lots, closed,
})
/** minute, open, high, low, close, lots, source */
const row = (c: Candle): number[] => [(c.startMs - T0) / MIN, c.openTicks, c.highTicks, c.lowTicks, c.closeTicks, c.lots, c.source]
const forming = (m: CandleManager): number[] | null => {
  const candle = emptyCandle()
  return m.forming(candle) ? row(candle) : null
}
const closed = (m: CandleManager): number[][] => m.closedCandles().map(row)

interface Trade {
  readonly ms: number
  readonly ticks: number
  readonly lots: number
}

/** Candles of trades in order of time, as plainly as can be: gather by minute, fill what is between. */
function plain(trades: readonly Trade[]): number[][] {
  const minutes = new Map<number, Trade[]>()
  for (const t of trades) {
    const minute = Math.floor((t.ms - T0) / MIN)
    minutes.set(minute, [...(minutes.get(minute) ?? []), t])
  }
  const known = [...minutes.keys()].sort((a, b) => a - b)
  const rows: number[][] = []
  for (let m = known[0]!; m <= known.at(-1)!; m++) {
    const own = minutes.get(m)
    if (own === undefined) {
      const close = rows.at(-1)![4]!
      rows.push([m, close, close, close, close, 0, CANDLE_FLAT])
      continue
    }
    const prices = own.map((t) => t.ticks)
    rows.push([m, prices[0]!, prices.reduce((a, b) => Math.max(a, b)), prices.reduce((a, b) => Math.min(a, b)), prices.at(-1)!, own.reduce((sum, t) => sum + t.lots, 0), CANDLE_TRADES])
  }
  return rows
}

describe('candles of trades', () => {
  it('are what gathering the trades by minute gives, with flat candles in between, newest 200 held', () => {
    const trade = fc.record({ afterMs: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 40_000 }) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 20 * MIN }) }), ticks: fc.integer({ min: 1, max: 1000 }), lots: fc.integer({ min: 1, max: 50 }) })
    fc.assert(
      fc.property(fc.array(trade, { minLength: 1, maxLength: 150 }), fc.integer({ min: 1, max: 30 }), (steps, max) => {
        let ms = T0
        const trades = steps.map((s) => ({ ms: (ms += s.afterMs), ticks: s.ticks, lots: s.lots }))
        const manager = new CandleManager({ max })
        let announced = 0
        for (const t of trades) announced += manager.onTrade(t.ms, t.ticks, t.lots)
        const rows = plain(trades)
        expect(forming(manager)).toEqual(rows.pop())
        expect(closed(manager)).toEqual(rows.slice(-max))
        expect(announced).toBeGreaterThanOrEqual(Math.min(rows.length, manager.count))
        if (max >= 20) expect(announced).toBe(rows.length)
      }),
      { numRuns: 150, seed: 8 },
    )
  })

  it('are closed by the venue clock too, after the grace, flat ones included', () => {
    const m = new CandleManager({ graceMs: 2000 })
    expect(m.advance(T0 + 99 * MIN)).toBe(0)
    m.onTrade(T0 + 10, 100, 5)
    expect(m.advance(T0 + MIN + 1999)).toBe(0)
    expect(m.advance(T0 + MIN + 2000)).toBe(1)
    expect(m.hasForming).toBe(false)
    expect(m.advance(T0 + 4 * MIN + 2000)).toBe(3)
    expect(closed(m)).toEqual([[0, 100, 100, 100, 100, 5, CANDLE_TRADES], [1, 100, 100, 100, 100, 0, CANDLE_FLAT], [2, 100, 100, 100, 100, 0, CANDLE_FLAT], [3, 100, 100, 100, 100, 0, CANDLE_FLAT]])
  })

  it('take late trades: volume and range of the closed candle, never its close; a flat one becomes a traded one', () => {
    const m = new CandleManager({ max: 3 })
    m.onTrade(T0, 100, 5)
    m.onTrade(T0 + 2 * MIN, 110, 1)
    expect(m.onTrade(T0 + 59_999, 120, 2)).toBe(0)
    expect(m.onTrade(T0 + MIN, 90, 3)).toBe(0)
    expect(closed(m)).toEqual([[0, 100, 120, 100, 100, 7, CANDLE_TRADES], [1, 90, 90, 90, 90, 3, CANDLE_TRADES]])
    expect(forming(m)).toEqual([2, 110, 110, 110, 110, 1, CANDLE_TRADES])
    expect([m.late, m.outOfReach]).toEqual([2, 0])
    m.onTrade(T0 + 9 * MIN, 100, 1)
    const before = closed(m)
    m.onTrade(T0 + 10, 500, 1)
    expect([m.late, m.outOfReach]).toEqual([3, 1])
    expect(closed(m)).toEqual(before)
  })

  it('refuse what is no trade with a coded error and stay as they were', () => {
    const m = new CandleManager()
    m.onTrade(T0, 100, 5)
    for (const [ms, ticks, lots] of [[Number.NaN, 1, 1], [0, 1, 1], [T0, 0, 1], [T0, Number.NaN, 1], [T0, 1, 0], [T0, 1, -1], [T0, 1, Number.POSITIVE_INFINITY]] as const) expect(codeOf(() => m.onTrade(ms, ticks, lots))).toBe('RM_CANDLE_INPUT')
    expect(forming(m)).toEqual([0, 100, 100, 100, 100, 5, CANDLE_TRADES])
    expect(codeOf(() => new CandleManager({ max: 0 }))).toBe('RM_CANDLE_CONFIG')
    expect(codeOf(() => new CandleManager({ intervalMs: 0.5 }))).toBe('RM_CANDLE_CONFIG')
  })
})

describe('klines of the venue', () => {
  it('replace what was counted once they are closed, and close the forming candle', () => {
    const m = new CandleManager()
    m.onTrade(T0 + 30_000, 100, 5)
    expect(m.onKline(kline(0, 95, 105, 90, 101, 50))).toBe(1)
    expect(closed(m)).toEqual([[0, 95, 105, 90, 101, 50, CANDLE_VENUE]])
    m.onTrade(T0 + MIN, 102, 1)
    m.onTrade(T0 + 2 * MIN, 103, 1)
    expect(m.onKline(kline(1, 101, 104, 100, 103, 9))).toBe(0)
    expect(closed(m)[1]).toEqual([1, 101, 104, 100, 103, 9, CANDLE_VENUE])
    expect(m.onKline(kline(-5, 1, 1, 1, 1, 1))).toBe(0)
    // A late trade is in the venue's figures already.
    m.onTrade(T0 + MIN, 500, 100)
    expect(closed(m)[1]).toEqual([1, 101, 104, 100, 103, 9, CANDLE_VENUE])
  })

  it('never make the forming candle count a trade twice', () => {
    const m = new CandleManager()
    m.onTrade(T0 + 1000, 100, 5)
    m.onKline(kline(0, 98, 103, 97, 102, 20, false))
    expect(forming(m)).toEqual([0, 98, 103, 97, 102, 20, CANDLE_TRADES])
    // 5 + 7 of the 20 are ours: the larger count stands until ours exceeds it.
    m.onTrade(T0 + 2000, 104, 7)
    expect(forming(m)).toEqual([0, 98, 104, 97, 104, 20, CANDLE_TRADES])
    m.onTrade(T0 + 3000, 96, 30)
    expect(forming(m)).toEqual([0, 98, 104, 96, 96, 42, CANDLE_TRADES])
  })

  it('open what trades did not, and fill what lies between', () => {
    const m = new CandleManager()
    m.onKline(kline(0, 10, 12, 9, 11, 4))
    expect(m.onKline(kline(3, 20, 22, 19, 21, 6, false))).toBe(2)
    expect(closed(m).map((r) => [r[0], r[4], r[5], r[6]])).toEqual([[0, 11, 4, CANDLE_VENUE], [1, 11, 0, CANDLE_FLAT], [2, 11, 0, CANDLE_FLAT]])
    expect(forming(m)).toEqual([3, 20, 22, 19, 21, 6, CANDLE_VENUE])
  })

  it('catch up from REST in any order: history before, flat gaps replaced, forming one merged', () => {
    const m = new CandleManager()
    m.onTrade(T0 + 5 * MIN, 100, 1)
    m.onTrade(T0 + 8 * MIN, 110, 2)
    expect(closed(m).map((r) => r[6])).toEqual([CANDLE_TRADES, CANDLE_FLAT, CANDLE_FLAT])
    const history = [3, 4, 5, 6, 7].map((i) => kline(i, 50 + i, 60 + i, 40 + i, 55 + i, i))
    expect(m.catchUp([kline(8, 108, 111, 107, 110, 9, false), ...history.reverse()])).toBe(0)
    expect(closed(m)).toEqual([3, 4, 5, 6, 7].map((i) => [i, 50 + i, 60 + i, 40 + i, 55 + i, i, CANDLE_VENUE]))
    expect(forming(m)).toEqual([8, 108, 111, 107, 110, 9, CANDLE_TRADES])
    // After an outage: the forming candle has ended meanwhile, two more have.
    expect(m.catchUp([kline(8, 108, 112, 107, 109, 12), kline(9, 109, 110, 108, 108, 3), kline(10, 108, 109, 108, 109, 1, false)])).toBe(2)
    expect(closed(m).slice(-2)).toEqual([[8, 108, 112, 107, 109, 12, CANDLE_VENUE], [9, 109, 110, 108, 108, 3, CANDLE_VENUE]])
    expect(forming(m)).toEqual([10, 108, 109, 108, 109, 1, CANDLE_VENUE])
  })

  it('hold the newest of a long history and say nothing is missing inside it', () => {
    const m = new CandleManager({ max: 50 })
    m.catchUp(Array.from({ length: 120 }, (_, i) => kline(i, 10, 11, 9, 10, 1)).filter((_, i) => i % 7 !== 3))
    expect(m.count).toBe(50)
    expect(closed(m).map((r) => r[0])).toEqual(Array.from({ length: 50 }, (_, i) => 70 + i))
    m.catchUp([])
    expect(m.count).toBe(50)
  })

  it('of another interval, off the grid or not possible are refused with a coded error, and nothing of the lot is taken', () => {
    const m = new CandleManager()
    const bad: Kline[] = [{ ...kline(1, 1, 1, 1, 1, 1), intervalMs: 5 * MIN }, { ...kline(1, 1, 1, 1, 1, 1), startMs: T0 + 1 }, kline(1, 5, 4, 3, 4, 1), kline(1, 5, 6, 5, 4, 1), kline(1, 0, 0, 0, 0, 1), kline(1, 1, 1, 1, 1, Number.NaN)]
    for (const k of bad) {
      expect(codeOf(() => m.onKline(k))).toBe('RM_CANDLE_INPUT')
      expect(codeOf(() => m.catchUp([kline(0, 1, 1, 1, 1, 1), k]))).toBe('RM_CANDLE_INPUT')
    }
    expect([m.count, m.hasForming]).toEqual([0, false])
  })
})

describe('longer candles', () => {
  it('are made of minutes, aligned; a last one with minutes to come is forming, a first one cut off is left out', () => {
    const m = new CandleManager()
    const first = 5 - ((T0 / MIN) % 5)
    for (let i = first - 2; i < first + 12; i++) m.onKline(kline(i, 100 + i, 110 + i, 90 + i, 101 + i, i + 10))
    m.onKline(kline(first + 12, 1000, 1001, 5, 7, 3, false))
    const { closed: five, forming: now } = m.aggregate(5 * MIN)
    const expected = (from: number): number[] => [from, 100 + from, 110 + from + 4, 90 + from, 101 + from + 4, 5 * (from + 2 + 10), CANDLE_VENUE]
    expect(five.map(row)).toEqual([expected(first), expected(first + 5)])
    expect(now === null ? null : row(now)).toEqual([first + 10, 110 + first, 1001, 5, 7, first + 20 + first + 21 + 3, CANDLE_VENUE])
    expect(codeOf(() => m.aggregate(90_000))).toBe('RM_CANDLE_CONFIG')
  })

  it('are closed as soon as their last minute is', () => {
    const m = new CandleManager()
    const first = (5 - ((T0 / MIN) % 5)) % 5
    for (let i = first; i < first + 5; i++) m.onKline(kline(i, 10, 10, 10, 10, 1))
    expect([m.aggregate(5 * MIN).closed.length, m.aggregate(5 * MIN).forming]).toEqual([1, null])
  })
})

describe('a checkpoint of candles', () => {
  it('brings back the same candles and goes on counting where it stood', () => {
    const a = new CandleManager()
    a.onKline(kline(0, 10, 12, 9, 11, 4))
    a.onTrade(T0 + MIN, 100, 5)
    const b = new CandleManager()
    b.restore(structuredClone(a.checkpoint()))
    for (const m of [a, b]) m.onTrade(T0 + MIN + 1, 101, 5)
    expect([closed(b), forming(b)]).toEqual([closed(a), forming(a)])
    expect(forming(b)![5]).toBe(10)
  })

  it('that is damaged is refused with a coded error', () => {
    const good = new CandleManager()
    good.onKline(kline(0, 10, 12, 9, 11, 4))
    good.onKline(kline(1, 10, 12, 9, 11, 4))
    const point = good.checkpoint()
    for (const bad of [undefined, null, 5, {}, { ...point, intervalMs: 1 }, { ...point, tradedLots: Number.NaN }, { ...point, closed: [{ ...point.closed[0]!, lots: Number.NaN }] }, { ...point, closed: [point.closed[0]!, { ...point.closed[1]!, startMs: T0 + 9 * MIN }] }])
      expect(codeOf(() => new CandleManager().restore(bad))).toBe('RM_CANDLE_CHECKPOINT')
  })
})

const LTC = 'trades/binance_spot_trades_LTCUSDT_20250621_22.csv.gz'
describe.skipIf(!present(LTC))(`candles of a recorded trade tape${present(LTC) ? '' : ' (needs recorded data: RINGMASTER_DATA)'}`, () => {
  it('are what gathering the trades by minute gives', () => {
    const tick = new DecimalStep('0.01')
    const lot = new DecimalStep('0.001')
    const trades = readLines(LTC)
      .slice(1, 20_001)
      .map((line) => {
        const [ms, price, qty] = line.split(',')
        return { ms: Number(ms), ticks: tick.parse(price!), lots: lot.parse(qty!) }
      })
    expect(trades.length).toBe(20_000)
    const m = new CandleManager({ max: 2000 })
    for (const t of trades) m.onTrade(t.ms, t.ticks, t.lots)
    const rows = plain(trades)
    expect(forming(m)).toEqual(rows.pop())
    expect(closed(m)).toEqual(rows)
    expect(rows.length).toBeGreaterThan(60)
  })
})
