import { describe, expect, it } from 'vitest'
import { RingmasterError } from '../../src/core/index.ts'
import {
  atr, bollinger, cci, directionalMovement, ema, IndicatorColumns, keltner, macd, momentum, moneyFlow, moneyFlowIndex, negativeVolumeIndex, onBalanceVolume, rsi, SlidingSum, sma, stochastic, trueRange,
  volumePriceTrend, volumeWeightedPrice, williamsR,
} from '../../src/indicators/index.ts'

const codeOf = (act: () => unknown): string => {
  try {
    act()
    return 'nothing was thrown'
  } catch (error) {
    return error instanceof RingmasterError ? error.code : String(error)
  }
}

const c = new Float64Array(40).fill(3)
const bars = { high: c, low: c, close: c, volume: c }
const o = new Float64Array(40)
const bands = { upper: o, middle: o, lower: o, width: o, percent: o }
const lines = { line: o, signal: o, histogram: o }

/** Each indicator with a period and a range; `least` is the smallest period that it takes, 0 where it has none. */
const indicators: readonly (readonly [name: string, least: number, run: (period: number, from: number, to: number) => void])[] = [
  ['SMA', 1, (period, from, to) => sma(c, period, o, from, to)],
  ['EMA', 1, (period, from, to) => ema(c, period, o, from, to)],
  ['MACD fast', 1, (period, from, to) => macd(c, period, 26, 9, lines, from, to, o)],
  ['MACD slow', 13, (period, from, to) => macd(c, 12, period, 9, lines, from, to, o)],
  ['MACD signal', 1, (period, from, to) => macd(c, 12, 26, period, lines, from, to, o)],
  ['ADX', 2, (period, from, to) => directionalMovement(bars, c, period, o, o, o, from, to, o)],
  ['RSI', 2, (period, from, to) => rsi(c, period, o, from, to, o)],
  ['stochastic', 1, (period, from, to) => stochastic(c, c, c, 14, period, o, o, from, to)],
  ['stochastic, its range', 1, (period, from, to) => stochastic(c, c, c, period, 3, o, o, from, to)],
  ['Williams %R', 0, (_period, from, to) => williamsR(c, c, c, o, from, to)],
  ['CCI', 2, (period, from, to) => cci(c, period, o, from, to)],
  ['MOM', 1, (period, from, to) => momentum(c, period, o, o, from, to)],
  ['MFI', 2, (period, from, to) => moneyFlowIndex(c, c, period, o, from, to, o, o, o)],
  ['true range', 0, (_period, from, to) => trueRange(bars, o, from, to)],
  ['Bollinger', 2, (period, from, to) => bollinger(c, period, 2, bands, from, to)],
  ['ATR', 2, (period, from, to) => atr(c, period, o, from, to)],
  ['Keltner', 0, (_period, from, to) => keltner(c, c, 2, o, o, from, to)],
  ['OBV', 2, (period, from, to) => onBalanceVolume(bars, period, o, from, to, o)],
  ['VWAP', 1, (period, from, to) => volumeWeightedPrice(c, c, period, o, from, to, o, o)],
  ['AD', 1, (period, from, to) => moneyFlow(bars, period, 20, o, o, from, to, o, o)],
  ['CMF', 1, (period, from, to) => moneyFlow(bars, 50, period, o, o, from, to, o, o)],
  ['VPT', 2, (period, from, to) => volumePriceTrend(bars, period, o, from, to, o)],
  ['NVI', 2, (period, from, to) => negativeVolumeIndex(bars, period, o, from, to, o)],
]

describe('a period that is none is refused with its number', () => {
  it.each(indicators.filter(([, least]) => least > 0))('%s', (_name, least, run) => {
    for (const period of [least - 1, least + 0.5, Number.NaN, -1]) expect(codeOf(() => run(period, 0, 40)), `period ${period}`).toBe('RM_INDICATOR_PERIOD')
    expect(codeOf(() => run(least, 0, 40))).toBe('nothing was thrown')
  })

  it('a sum of −1 values', () => {
    expect(codeOf(() => new SlidingSum(-1))).toBe('RM_INDICATOR_PERIOD')
  })
})

describe('bars that are not in the columns are refused', () => {
  const ranges = [[-1, 10], [10, 9], [0, 41], [0.5, 10], [0, Number.NaN]] as const
  it.each(indicators)('%s', (_name, least, run) => {
    for (const [from, to] of ranges) expect(codeOf(() => run(Math.max(least, 14), from, to)), `${from} to ${to}`).toBe('RM_INDICATOR_RANGE')
  })

  it('all 35 at once', () => {
    const columns = new IndicatorColumns(40)
    for (const [from, to] of ranges) expect(codeOf(() => columns.compute(bars, from, to)), `${from} to ${to}`).toBe('RM_INDICATOR_RANGE')
    expect(codeOf(() => new IndicatorColumns(39).compute(bars, 0, 40))).toBe('RM_INDICATOR_RANGE')
    expect(codeOf(() => new IndicatorColumns(-1))).toBe('RM_INDICATOR_RANGE')
  })

  it.each(indicators)('%s of no bar, of one bar and of fewer than it needs has no value', (_name, least, run) => {
    for (const to of [20, 21, 24]) expect(codeOf(() => run(Math.max(least, 14), 20, to)), `to ${to}`).toBe('nothing was thrown')
  })
})
