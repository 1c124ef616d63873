import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, Random, SELL } from '../../../src/core/index.ts'
import type { Candle } from '../../../src/exchange/index.ts'
import { MarkPrice } from '../../../src/exchange/market/mark-price.ts'
import { openDesk } from './support.ts'

interface Print {
  readonly ms: number
  readonly ticks: number
  readonly lots: number
}

/** Candles of an interval written plainly from the list of trades; minutes without trades repeat the last close. */
function plainCandles(prints: readonly Print[], intervalMin: number, untilMs: number): Candle[] {
  const minutes: Candle[] = []
  const first = Math.floor(prints[0].ms / 60_000) * 60_000
  for (let startMs = first; startMs <= untilMs; startMs += 60_000) {
    const inside = prints.filter((print) => print.ms >= startMs && print.ms < startMs + 60_000)
    const before = minutes[minutes.length - 1]?.closeTicks ?? 0
    const prices = inside.length === 0 ? [before] : inside.map((print) => print.ticks)
    minutes.push({
      startMs, openTicks: prices[0], highTicks: Math.max(...prices), lowTicks: Math.min(...prices), closeTicks: prices[prices.length - 1],
      lots: inside.reduce((sum, print) => sum + print.lots, 0), turnover: inside.reduce((sum, print) => sum + print.lots * print.ticks, 0),
    })
  }
  const span = intervalMin * 60_000
  const groups = Map.groupBy(minutes, (candle) => Math.floor(candle.startMs / span) * span)
  return [...groups].map(([startMs, parts]) => ({
    startMs, openTicks: parts[0].openTicks, highTicks: Math.max(...parts.map((part) => part.highTicks)), lowTicks: Math.min(...parts.map((part) => part.lowTicks)),
    closeTicks: parts[parts.length - 1].closeTicks, lots: parts.reduce((sum, part) => sum + part.lots, 0), turnover: parts.reduce((sum, part) => sum + part.turnover, 0),
  }))
}

describe('candles', () => {
  it.each([1, 3, 5, 15, 60])('of %d minutes equal those of the trades, with no holes', (intervalMin) => {
    fc.assert(fc.property(fc.integer(), (seed) => {
      const random = new Random(seed)
      const desk = openDesk()
      const prints: Print[] = []
      for (let i = 0; i < 80; i++) {
        desk.time.runUntil(desk.time.nowNs() + Math.round(random.exponential(100e9)))
        const print = { ms: desk.time.wallMs(), ticks: 990 + random.below(20), lots: 1 + random.below(9) }
        desk.market.print(random.chance(0.5) ? BUY : SELL, print.ticks, print.lots)
        prints.push(print)
      }
      desk.time.runUntil(desk.time.nowNs() + 200e9)
      expect(desk.exchange.candles('AAAUSDT', intervalMin, 1000)).toEqual(plainCandles(prints, intervalMin, desk.time.wallMs()))
    }), { numRuns: 5 })
  })

  it('are told while they form and once when they close, every minute', () => {
    const closed: number[] = []
    let forming = 0
    const desk = openDesk({ listener: { onCandle: (_, candle, done) => { if (done) closed.push(candle.startMs); else forming++ } } })
    desk.market.print(BUY, 1001, 5)
    desk.time.runUntil(330e9)
    expect(closed).toEqual([0, 1, 2, 3, 4].map((i) => 1_700_000_000_000 - (1_700_000_000_000 % 60_000) + i * 60_000))
    expect(forming).toBeGreaterThanOrEqual(6)
    desk.market.print(SELL, 999, 2)
    const before = forming
    desk.time.runUntil(335e9)
    expect(forming).toBe(before + 1)
  })

  it('the last day: high, low, open, volume and turnover of 1440 minutes, and not of older ones', () => {
    const desk = openDesk()
    desk.market.print(BUY, 1040, 7)
    desk.time.runUntil(3600e9)
    desk.market.print(BUY, 1002, 5)
    desk.market.print(SELL, 997, 3)
    expect(desk.exchange.summary('AAAUSDT')).toMatchObject({ lastTicks: 997, high24hTicks: 1040, low24hTicks: 997, open24hTicks: 1040, volume24hLots: 15, turnover24h: 7 * 1040 + 5 * 1002 + 3 * 997 })
    desk.time.runUntil(86_400e9)
    expect(desk.exchange.summary('AAAUSDT')).toMatchObject({ high24hTicks: 1040, low24hTicks: 997, volume24hLots: 8, turnover24h: 5 * 1002 + 3 * 997 })
    desk.time.runUntil(86_400e9 + 3720e9)
    expect(desk.exchange.summary('AAAUSDT')).toMatchObject({ lastTicks: 997, high24hTicks: 997, low24hTicks: 997, volume24hLots: 0, turnover24h: 0 })
  })

  it('trades are listed newest last, with ids that are never equal', () => {
    const desk = openDesk()
    for (let i = 0; i < 1500; i++) desk.market.print(BUY, 1000 + (i % 5), i + 1)
    const trades = desk.exchange.recentTrades('AAAUSDT', 1000)
    expect(trades.map((trade) => trade.lots)).toEqual(Array.from({ length: 1000 }, (_, i) => 501 + i))
    expect(new Set(trades.map((trade) => trade.tradeId)).size).toBe(1000)
    expect(trades.every((trade, i) => i === 0 || trade.sequence > trades[i - 1].sequence)).toBe(true)
    expect(desk.exchange.recentTrades('AAAUSDT', 3)).toEqual(trades.slice(-3))
  })

  it.each([0, 7, 1.5, -1])('an interval of %d minutes is a coded error', (intervalMin) => {
    expect(() => openDesk().exchange.candles('AAAUSDT', intervalMin, 10)).toThrow(expect.objectContaining({ code: 'RM_EXCHANGE_SETUP' }))
  })
})

describe('mark', () => {
  it('follows the mid slowly: a jump is not a jump of the mark', () => {
    const desk = openDesk()
    for (let i = 1; i <= 5; i++) desk.market.flow.setLevel(SELL, 1000 + i, 0)
    desk.market.flow.setLevel(SELL, 1041, 10)
    desk.market.level(BUY, 1039, 10)
    const marks: number[] = []
    for (let s = 1; s <= 120; s++) {
      desk.time.runUntil(s * 1e9)
      marks.push(desk.exchange.summary('AAAUSDT').markPrice)
    }
    expect(marks[0]).toBeLessThan(1010)
    // The smoothed premium may overshoot a little; it never runs away.
    expect(Math.max(...marks)).toBeLessThan(1050)
    expect(marks[119]).toBe(1040)
  })

  it.each([[480, 0.00002], [480, -0.002], [480, 0.02], [60, 0.001], [60, -0.0004]])('funding of %d minutes is the clamped premium with interest (premium about %d), and begins anew when settled', (intervalMin, premium) => {
    const mark = new MarkPrice(intervalMin)
    mark.reset(100_000)
    // The index chases the mid, so a mid that runs away by the right speed keeps a premium.
    let index = 100_000
    let sum = 0
    for (let s = 0; s < 600; s++) {
      const mid = index * (1 + premium)
      index += (mid - index) * (1 - Math.exp(-1 / 30))
      mark.update(mid, 1)
      sum += (mid - index) / index
    }
    const share = intervalMin / 480
    const average = (sum / 600) * share
    const pulled = average + Math.min(0.0005 * share, Math.max(-0.0005 * share, 0.0001 * share - average))
    expect(mark.fundingRate).toBeCloseTo(Math.min(0.0075, Math.max(-0.0075, pulled)), 7)
    mark.settled()
    expect(mark.fundingRate).toBeCloseTo(0.0001 * share, 8)
  })
})
