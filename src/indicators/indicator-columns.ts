import { cci } from './channel-index.ts'
import { directionalMovement } from './directional-movement.ts'
import { momentum, MOMENTUM_OUTPUTS, moneyFlowIndex, rsi, stochastic, williamsR } from './momentum.ts'
import { type BarColumns, checkRange } from './shared.ts'
import { ema, macd, sma, TREND_OUTPUTS } from './trend.ts'
import { atr, bollinger, keltner, trueRange, VOLATILITY_OUTPUTS } from './volatility.ts'
import { moneyFlow, negativeVolumeIndex, onBalanceVolume, VOLUME_OUTPUTS, volumePriceTrend, volumeWeightedPrice } from './volume.ts'
import { windowExtremes } from './window-columns.ts'

/** Outputs of the families one behind the other: the indicator channel of the feature vector. */
export const INDICATOR_OUTPUTS = TREND_OUTPUTS + MOMENTUM_OUTPUTS + VOLATILITY_OUTPUTS + VOLUME_OUTPUTS

/** Bars after which every output has a value: the longest of the warm-ups (SMA 50, EMA 50 and the 50-bar volume lines). */
export const INDICATOR_WARM_UP_BARS = 50

/** Window of the volume lines that would otherwise be cumulative. */
const VOLUME_WINDOW_BARS = 50

/**
 * The 35 indicators of the feature vector over whole columns of bars: for a history that is there at once. Bar by bar the same
 * come from `IndicatorSet`, which begins with these.
 */
export class IndicatorColumns {
  /** One column for each output, in the order of the contract; the value of a bar is at the place of the bar. NaN before the warm-up is over. */
  readonly outputs: readonly Float64Array[]
  /** Of the Keltner channel. */
  readonly atr10: Float64Array
  /** At the last bar: EMA 12 and 26 of MACD, sums of directional movement, averages of gain and loss of both RSI. */
  readonly averages = new Float64Array(2)
  readonly movement = new Float64Array(3)
  readonly changes = new Float64Array(4)
  readonly #typical: Float64Array
  readonly #ranges: Float64Array
  readonly #scratch: Float64Array
  readonly #sums: Float64Array
  readonly #rising: Float64Array

  /** @param bars the longest history @throws RM_INDICATOR_RANGE unless it is a whole number */
  constructor(bars: number) {
    checkRange('columns', 0, bars, Number.MAX_SAFE_INTEGER)
    const column = (): Float64Array => new Float64Array(bars)
    this.outputs = Array.from({ length: INDICATOR_OUTPUTS }, column)
    this.atr10 = column()
    this.#typical = column()
    this.#ranges = column()
    this.#scratch = column()
    this.#sums = column()
    this.#rising = column()
  }

  /** Fills the places `from` … `to` − 1 of all outputs, bar `from` being the first of the series. @throws RM_INDICATOR_RANGE */
  compute(bars: BarColumns, from: number, to: number): void {
    const { high, low, close, volume } = bars
    const o = this.outputs
    const typical = this.#typical
    const ranges = this.#ranges
    const scratch = this.#scratch
    const sums = this.#sums
    checkRange('columns', from, to, Math.min(high.length, low.length, close.length, volume.length, typical.length))
    for (let i = from; i < to; i++) typical[i] = (high[i]! + low[i]! + close[i]!) / 3
    trueRange(bars, ranges, from, to)

    sma(close, 10, o[0]!, from, to)
    sma(close, 20, o[1]!, from, to)
    sma(close, 50, o[2]!, from, to)
    ema(close, 10, o[3]!, from, to)
    ema(close, 20, o[4]!, from, to)
    ema(close, 50, o[5]!, from, to)
    macd(close, 12, 26, 9, { line: o[6]!, signal: o[7]!, histogram: o[8]! }, from, to, this.averages)
    directionalMovement(bars, ranges, 14, o[9]!, o[10]!, o[11]!, from, to, this.movement)

    rsi(close, 14, o[12]!, from, to, this.changes, 0)
    rsi(close, 28, o[13]!, from, to, this.changes, 2)
    windowExtremes(high, 14, 1, scratch, from, to)
    windowExtremes(low, 14, -1, sums, from, to)
    stochastic(close, scratch, sums, 14, 3, o[14]!, o[15]!, from, to)
    williamsR(close, scratch, sums, o[16]!, from, to)
    cci(typical, 20, o[17]!, from, to)
    momentum(close, 10, o[18]!, o[19]!, from, to)
    moneyFlowIndex(typical, volume, 14, o[20]!, from, to, scratch, this.#rising, sums)

    bollinger(close, 20, 2, { upper: o[21]!, middle: o[22]!, lower: o[23]!, width: o[24]!, percent: o[25]! }, from, to)
    atr(ranges, 14, o[26]!, from, to)
    atr(ranges, 10, this.atr10, from, to)
    keltner(o[4]!, this.atr10, 2, o[27]!, o[28]!, from, to)

    onBalanceVolume(bars, VOLUME_WINDOW_BARS, o[29]!, from, to, scratch)
    volumeWeightedPrice(typical, volume, VOLUME_WINDOW_BARS, o[30]!, from, to, scratch, sums)
    moneyFlow(bars, VOLUME_WINDOW_BARS, 20, o[31]!, o[32]!, from, to, scratch, sums)
    volumePriceTrend(bars, VOLUME_WINDOW_BARS, o[33]!, from, to, scratch)
    negativeVolumeIndex(bars, VOLUME_WINDOW_BARS, o[34]!, from, to, scratch)
  }

  /** Writes the outputs of one bar to `out` from place `at` on. */
  row(bar: number, out: Float64Array, at: number): void {
    const { outputs } = this
    for (let i = 0; i < INDICATOR_OUTPUTS; i++) out[at + i] = outputs[i]![bar]!
  }
}
