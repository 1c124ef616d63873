import { CLOSE, checkPeriod, checkRange, HIGH, isZero, LOW, risen, TRUE_RANGE } from './shared.ts'
import { directionalIndex } from './directional-movement.ts'
import { SumRows } from './sum-rows.ts'
import { windowSums } from './window-columns.ts'

/*
 * Trend: moving averages, MACD, directional movement. As in every family first the indicators over columns, then what goes
 * on from a history bar by bar. Over columns bar `from` is the first of the series, outputs go to the places of their bars
 * up to `to` − 1, and are NaN before the warm-up is over.
 */

/** Simple moving average: mean of the last `period` values. Warm-up: `period` bars. TA-Lib SMA. @throws RM_INDICATOR_PERIOD, RM_INDICATOR_RANGE */
export function sma(values: Float64Array, period: number, out: Float64Array, from: number, to: number): void {
  checkPeriod('SMA', period, 1)
  checkRange('SMA', from, to, Math.min(values.length, out.length))
  windowSums(values, period, out, from, to, 1 / period)
}

/**
 * Exponential moving average, weight 2 / (period + 1); starts with the mean of the first `period` values. Warm-up:
 * `period` bars. TA-Lib EMA (classic seed). @throws RM_INDICATOR_PERIOD, RM_INDICATOR_RANGE
 */
export function ema(values: Float64Array, period: number, out: Float64Array, from: number, to: number): void {
  checkPeriod('EMA', period, 1)
  checkRange('EMA', from, to, Math.min(values.length, out.length))
  const first = from + period - 1
  out.fill(Number.NaN, from, Math.min(first, to))
  if (first >= to) return
  let sum = 0
  for (let i = from; i <= first; i++) sum += values[i]!
  const weight = 2 / (period + 1)
  let average = sum / period
  out[first] = average
  for (let i = first + 1; i < to; i++) {
    average += (values[i]! - average) * weight
    out[i] = average
  }
}

export interface MacdColumns {
  readonly line: Float64Array
  readonly signal: Float64Array
  readonly histogram: Float64Array
}

/**
 * MACD: difference of two exponential averages, its own average (signal), and the difference of these (histogram). The fast
 * average is begun late, so that both have their first value at bar `slow` (TA-Lib). Warm-up: `slow + period − 1` bars for all.
 * @param period of the signal @param averages where the fast and the slow average are left @throws RM_INDICATOR_PERIOD, RM_INDICATOR_RANGE
 */
export function macd(close: Float64Array, fast: number, slow: number, period: number, { line, signal, histogram }: MacdColumns, from: number, to: number, averages: Float64Array): void {
  checkPeriod('MACD slow', slow, checkPeriod('MACD fast', fast, 1) + 1)
  checkPeriod('MACD signal', period, 1)
  checkRange('MACD', from, to, Math.min(close.length, line.length, signal.length, histogram.length))
  const begun = Math.min(from + slow, to)
  const first = Math.min(begun + period - 1, to)
  let fastAverage = 0
  let slowAverage = 0
  for (let i = from; i < begun; i++) {
    slowAverage += close[i]! / slow
    if (i >= from + slow - fast) fastAverage += close[i]! / fast
  }
  const fastWeight = 2 / (fast + 1)
  const slowWeight = 2 / (slow + 1)
  const weight = 2 / (period + 1)
  let average = (fastAverage - slowAverage) / period
  for (let i = begun; i < first; i++) {
    fastAverage += (close[i]! - fastAverage) * fastWeight
    slowAverage += (close[i]! - slowAverage) * slowWeight
    average += (fastAverage - slowAverage) / period
  }
  // TA-Lib gives the line only where there is a signal.
  const start = first - 1
  for (const one of [line, signal, histogram]) one.fill(Number.NaN, from, from + slow + period - 2 < to ? start : to)
  if (from + slow + period - 2 < to) {
    line[start] = fastAverage - slowAverage
    signal[start] = average
    histogram[start] = line[start] - average
  }
  for (let i = first; i < to; i++) {
    fastAverage += (close[i]! - fastAverage) * fastWeight
    slowAverage += (close[i]! - slowAverage) * slowWeight
    const difference = fastAverage - slowAverage
    average += (difference - average) * weight
    line[i] = difference
    signal[i] = average
    histogram[i] = difference - average
  }
  averages[0] = fastAverage
  averages[1] = slowAverage
}

/** Outputs of the family: SMA 10, 20, 50, EMA 10, 20, 50, MACD line, signal, histogram, ADX, +DI, −DI. */
export const TREND_OUTPUTS = 12

const W10 = 2 / 11
const W12 = 2 / 13
const W20 = 2 / 21
const W26 = 2 / 27
const W50 = 2 / 51
const KEPT = 13 / 14
const WILDER = 1 / 14

/** What the family keeps of the closed bars; with `NEXT` added, what that will be when the bar closes. */
const AVERAGE10 = 0
const AVERAGE20 = 1
const AVERAGE50 = 2
const FAST = 3
const SLOW = 4
const SIGNAL = 5
const PLUS = 6
const MINUS = 7
const RANGES = 8
const ADX = 9
const HIGH_BEFORE = 10
const LOW_BEFORE = 11
const NEXT = 12

/** The trend outputs bar by bar, once the averages have begun. `close` follows the `preview` of the same bar. */
export class TrendIndicators {
  readonly #closes9 = new SumRows(9, 1)
  readonly #closes19 = new SumRows(19, 1)
  readonly #closes49 = new SumRows(49, 1)
  readonly #k = new Float64Array(2 * NEXT)

  /** The windows are full: averages as the columns have them at the last closed bar. @param averages, movement what `macd` and `directionalMovement` left */
  begin(outputs: Float64Array, averages: Float64Array, movement: Float64Array): void {
    const k = this.#k
    k.set(outputs.subarray(3, 6), AVERAGE10)
    k.set(averages, FAST)
    k[SIGNAL] = outputs[7]!
    k.set(movement, PLUS)
    k[ADX] = outputs[9]!
  }

  /** Writes the outputs to `out` from place `at` on, as if the bar closed. */
  preview(bar: Float64Array, out: Float64Array, at: number): void {
    const k = this.#k
    const close = bar[CLOSE]!
    out[at] = (this.#closes9.cells[0]! + close) * 0.1
    out[at + 1] = (this.#closes19.cells[0]! + close) * 0.05
    out[at + 2] = (this.#closes49.cells[0]! + close) * 0.02
    out[at + 3] = k[NEXT + AVERAGE10] = k[AVERAGE10]! + (close - k[AVERAGE10]!) * W10
    out[at + 4] = k[NEXT + AVERAGE20] = k[AVERAGE20]! + (close - k[AVERAGE20]!) * W20
    out[at + 5] = k[NEXT + AVERAGE50] = k[AVERAGE50]! + (close - k[AVERAGE50]!) * W50
    const fast = k[FAST]! + (close - k[FAST]!) * W12
    const slow = k[SLOW]! + (close - k[SLOW]!) * W26
    const line = fast - slow
    const signal = k[SIGNAL]! + (line - k[SIGNAL]!) * 0.2
    k[NEXT + FAST] = fast
    k[NEXT + SLOW] = slow
    k[NEXT + SIGNAL] = signal
    out[at + 6] = line
    out[at + 7] = signal
    out[at + 8] = line - signal

    const up = risen(bar[HIGH]! - k[HIGH_BEFORE]!)
    const down = risen(k[LOW_BEFORE]! - bar[LOW]!)
    const plus = k[PLUS]! * KEPT + (up > down ? up : 0)
    const minus = k[MINUS]! * KEPT + (down > up ? down : 0)
    const range = k[RANGES]! * KEPT + bar[TRUE_RANGE]!
    const none = isZero(range)
    const plusDi = none ? 0 : 100 * (plus / range)
    const minusDi = none ? 0 : 100 * (minus / range)
    const adx = k[ADX]! + (directionalIndex(plusDi, minusDi, k[ADX]!) - k[ADX]!) * WILDER
    k[NEXT + PLUS] = plus
    k[NEXT + MINUS] = minus
    k[NEXT + RANGES] = range
    k[NEXT + ADX] = adx
    out[at + 9] = adx
    out[at + 10] = plusDi
    out[at + 11] = minusDi
  }

  close(bar: Float64Array): void {
    const k = this.#k
    for (let i = 0; i < HIGH_BEFORE; i++) k[i] = k[NEXT + i]!
    k[HIGH_BEFORE] = bar[HIGH]!
    k[LOW_BEFORE] = bar[LOW]!
    const close = bar[CLOSE]!
    this.#closes9.cells[1] = close
    this.#closes9.push()
    this.#closes19.cells[1] = close
    this.#closes19.push()
    this.#closes49.cells[1] = close
    this.#closes49.push()
  }

  reset(): void {
    this.#closes9.reset()
    this.#closes19.reset()
    this.#closes49.reset()
    this.#k.fill(0)
  }
}
