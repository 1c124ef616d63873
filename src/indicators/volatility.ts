import { type BarColumns, CLOSE, checkPeriod, checkRange, TRUE_RANGE } from './shared.ts'

/* Volatility: Bollinger bands, average true range, Keltner channel. For the shape of a family see trend.ts. */

/** True range (Wilder 1978): largest of the bar's range and its distances from the close before. NaN for the first bar. @throws RM_INDICATOR_RANGE */
export function trueRange({ high, low, close }: Pick<BarColumns, 'high' | 'low' | 'close'>, out: Float64Array, from: number, to: number): void {
  checkRange('true range', from, to, Math.min(high.length, low.length, close.length, out.length))
  if (from < to) out[from] = Number.NaN
  for (let i = from + 1; i < to; i++) out[i] = largest(high[i]! - low[i]!, Math.abs(high[i]! - close[i - 1]!), Math.abs(low[i]! - close[i - 1]!))
}

/** The arguments are not negative. */
export const largest = (a: number, b: number, c: number): number => (a > b ? (a > c ? a : c) : b > c ? b : c)

/** Average true range (Wilder 1978). TA-Lib ATR: starts with the mean of the first `period` true ranges. Warm-up: `period + 1` bars. @throws RM_INDICATOR_PERIOD, RM_INDICATOR_RANGE */
export function atr(ranges: Float64Array, period: number, out: Float64Array, from: number, to: number): void {
  checkPeriod('ATR', period, 2)
  checkRange('ATR', from, to, Math.min(ranges.length, out.length))
  const first = from + period
  out.fill(Number.NaN, from, Math.min(first, to))
  if (first >= to) return
  let sum = 0
  for (let i = from + 1; i <= first; i++) sum += ranges[i]!
  const kept = (period - 1) / period
  const weight = 1 / period
  let average = sum / period
  out[first] = average
  for (let i = first + 1; i < to; i++) {
    average = average * kept + ranges[i]! * weight
    out[i] = average
  }
}

/** Keltner channel: an average of the close ± `width` ATR (Raschke's form). Warm-up: the longer of both. @throws RM_INDICATOR_RANGE */
export function keltner(average: Float64Array, ranges: Float64Array, width: number, upper: Float64Array, lower: Float64Array, from: number, to: number): void {
  checkRange('Keltner', from, to, Math.min(average.length, ranges.length, upper.length, lower.length))
  for (let i = from; i < to; i++) {
    const reach = width * ranges[i]!
    upper[i] = average[i]! + reach
    lower[i] = average[i]! - reach
  }
}

/** The five outputs of Bollinger bands. */
export interface BandColumns {
  readonly upper: Float64Array
  readonly middle: Float64Array
  readonly lower: Float64Array
  /** (upper − lower) / middle */
  readonly width: Float64Array
  /** Where the close lies between the bands, 0 at the lower and 1 at the upper. */
  readonly percent: Float64Array
}

/**
 * Bollinger bands: simple average of `period` closes ± `reach` population standard deviations. TA-Lib BBANDS with SMA.
 * Warm-up: `period` bars. Flat market: width 0, percent 0.5.
 * @throws RM_INDICATOR_PERIOD, RM_INDICATOR_RANGE
 */
export function bollinger(close: Float64Array, period: number, reach: number, { upper, middle, lower, width, percent }: BandColumns, from: number, to: number): void {
  checkPeriod('BBANDS', period, 2)
  checkRange('BBANDS', from, to, Math.min(close.length, upper.length, middle.length, lower.length, width.length, percent.length))
  moments(close, period, middle, percent, from, to)
  const first = Math.min(from + period - 1, to)
  for (let i = first; i < to; i++) {
    const mean = middle[i]!
    const half = halfWidth(percent[i]!, mean, reach)
    upper[i] = mean + half
    lower[i] = mean - half
    width[i] = mean === 0 ? 0 : (2 * half) / mean
    percent[i] = half === 0 ? 0.5 : (close[i]! - mean + half) / (2 * half)
  }
  for (const one of [upper, middle, lower, width, percent]) one.fill(Number.NaN, from, first)
}

/**
 * Mean and population variance of the last `period` values: sums of distances and of their squares in blocks, as in `windowSums`,
 * around a value that is in the window, for prices are large and their changes small.
 */
function moments(values: Float64Array, period: number, means: Float64Array, variances: Float64Array, from: number, to: number): void {
  const share = 1 / period
  for (let start = from; start < to; start += period) {
    // The first value of a block is in every window that ends in the block.
    const centre = values[start]!
    const last = start + period - 1
    let sum = 0
    let squares = 0
    if (start > from)
      for (let i = start - 1, at = last - 1; at >= start; i--, at--) {
        const distance = values[i]! - centre
        sum += distance
        squares += distance * distance
        if (at >= to) continue
        means[at] = sum
        variances[at] = squares
      }
    if (last < to) means[last] = variances[last] = 0
    sum = squares = 0
    for (let i = start; i <= last && i < to; i++) {
      const distance = values[i]! - centre
      sum += distance
      squares += distance * distance
      const shift = (means[i]! + sum) * share
      variances[i] = (variances[i]! + squares) * share - shift * shift
      means[i] = centre + shift
    }
  }
}

/** Below the last digit of the price there is no deviation, only rounding. */
function halfWidth(variance: number, mean: number, reach: number): number {
  const least = 1e-14 * mean
  return variance < least * least ? 0 : reach * Math.sqrt(variance)
}

/** Outputs of the family: Bollinger upper, middle, lower, width and percent, ATR 14, Keltner upper and lower. */
export const VOLATILITY_OUTPUTS = 8

const BAND_BARS = 20
const EMA_WEIGHT = 2 / 21
const ATR_KEPT = 13 / 14
const ATR_WEIGHT = 1 / 14

/** What the family keeps of the closed bars; with `NEXT` added, what that will be when the bar closes. */
const ATR14 = 0
const EMA20 = 1
const ATR10 = 2
const NEXT = 3
/** Centre of the bands, sums of the distances from it and of their squares. */
const CENTRE = 6
const DISTANCES = 7
const SQUARES = 8

/** The volatility outputs bar by bar, once the averages have begun. `close` follows the `preview` of the same bar. */
export class VolatilityIndicators {
  /** The newest closed bars in no order. */
  readonly #closes = new Float64Array(BAND_BARS - 1)
  readonly #k = new Float64Array(9)
  #oldest = 0

  /** The window is full: averages at the last closed bar. */
  begin(atr14: number, ema20: number, atr10: number): void {
    this.#k[ATR14] = atr14
    this.#k[EMA20] = ema20
    this.#k[ATR10] = atr10
  }

  /** Writes the outputs to `out` from place `at` on, as if the bar closed. */
  preview(bar: Float64Array, out: Float64Array, at: number): void {
    const k = this.#k
    const close = bar[CLOSE]!
    const range = bar[TRUE_RANGE]!
    const distance = close - k[CENTRE]!
    const shift = (k[DISTANCES]! + distance) * (1 / BAND_BARS)
    const variance = (k[SQUARES]! + distance * distance) * (1 / BAND_BARS) - shift * shift
    const mean = k[CENTRE]! + shift
    const half = halfWidth(variance, mean, 2)
    out[at] = mean + half
    out[at + 1] = mean
    out[at + 2] = mean - half
    out[at + 3] = mean === 0 ? 0 : (2 * half) / mean
    out[at + 4] = half === 0 ? 0.5 : (close - mean + half) / (2 * half)
    out[at + 5] = k[NEXT + ATR14] = k[ATR14]! * ATR_KEPT + range * ATR_WEIGHT
    const average = k[EMA20]! + (close - k[EMA20]!) * EMA_WEIGHT
    const atr10 = k[ATR10]! * 0.9 + range * 0.1
    k[NEXT + EMA20] = average
    k[NEXT + ATR10] = atr10
    out[at + 6] = average + 2 * atr10
    out[at + 7] = average - 2 * atr10
  }

  /** The close is the new centre: around a close of the window squares are as small as the changes are. */
  close(bar: Float64Array): void {
    const k = this.#k
    for (let i = 0; i < NEXT; i++) k[i] = k[NEXT + i]!
    const closes = this.#closes
    const oldest = this.#oldest
    const centre = bar[CLOSE]!
    closes[oldest] = centre
    this.#oldest = oldest === BAND_BARS - 2 ? 0 : oldest + 1
    let sum = 0
    let squares = 0
    for (let i = 0; i < BAND_BARS - 1; i++) {
      const distance = closes[i]! - centre
      sum += distance
      squares += distance * distance
    }
    k[CENTRE] = centre
    k[DISTANCES] = sum
    k[SQUARES] = squares
  }

  reset(): void {
    this.#closes.fill(0)
    this.#k.fill(0)
    this.#oldest = 0
  }
}
