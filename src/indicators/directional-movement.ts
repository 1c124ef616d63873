import { type BarColumns, checkPeriod, checkRange, isZero, risen } from './shared.ts'

/**
 * Directional movement (Wilder 1978): average directional index, +DI and −DI in percent. TA-Lib ADX, PLUS_DI, MINUS_DI.
 * Warm-up: `period + 1` bars for the two DI, `2 · period` for ADX. Rules: without true range both DI are 0 and ADX keeps its
 * value; so does ADX when both DI are 0.
 * @param ranges true range of each bar @param sums where the sums of upward and downward movement and range are left
 * @throws RM_INDICATOR_PERIOD, RM_INDICATOR_RANGE
 */
export function directionalMovement(
  { high, low }: Pick<BarColumns, 'high' | 'low'>, ranges: Float64Array, period: number, adx: Float64Array, plusDi: Float64Array, minusDi: Float64Array, from: number, to: number, sums: Float64Array,
): void {
  checkPeriod('ADX', period, 2)
  checkRange('ADX', from, to, Math.min(high.length, low.length, ranges.length, adx.length, plusDi.length, minusDi.length))
  const first = from + period
  const firstAdx = first + period - 1
  movements(high, low, plusDi, minusDi, from, to)
  directions(ranges, period, plusDi, minusDi, from, to, sums)
  let sum = 0
  for (let i = first; i < to && i <= firstAdx; i++) sum += directionalIndex(plusDi[i]!, minusDi[i]!, 0)
  if (firstAdx < to) {
    adx[firstAdx] = sum / period
    smoothed(plusDi, minusDi, period, adx, firstAdx + 1, to)
  }
  adx.fill(Number.NaN, from, Math.min(firstAdx, to))
  for (const one of [plusDi, minusDi]) one.fill(Number.NaN, from, Math.min(first, to))
}

function movements(high: Float64Array, low: Float64Array, plus: Float64Array, minus: Float64Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const up = risen(high[i]! - high[i - 1]!)
    const down = risen(low[i - 1]! - low[i]!)
    plus[i] = up > down ? up : 0
    minus[i] = down > up ? down : 0
  }
}

/** Movements are added up for `period` − 1 bars and smoothed after that, and become the two DI. */
function directions(ranges: Float64Array, period: number, plusDi: Float64Array, minusDi: Float64Array, from: number, to: number, sums: Float64Array): void {
  const kept = 1 - 1 / period
  let plus = 0
  let minus = 0
  let range = 0
  for (let i = from + 1; i < to; i++) {
    const before = i < from + period ? 1 : kept
    plus = plus * before + plusDi[i]!
    minus = minus * before + minusDi[i]!
    range = range * before + ranges[i]!
    const none = isZero(range)
    plusDi[i] = none ? 0 : 100 * (plus / range)
    minusDi[i] = none ? 0 : 100 * (minus / range)
  }
  sums[0] = plus
  sums[1] = minus
  sums[2] = range
}

function smoothed(plusDi: Float64Array, minusDi: Float64Array, period: number, adx: Float64Array, from: number, to: number): void {
  const weight = 1 / period
  let average = adx[from - 1]!
  for (let i = from; i < to; i++) {
    average += (directionalIndex(plusDi[i]!, minusDi[i]!, average) - average) * weight
    adx[i] = average
  }
}

/** DX: distance of the two DI in percent of their sum; `otherwise` when both are 0. */
export function directionalIndex(plusDi: number, minusDi: number, otherwise: number): number {
  const both = plusDi + minusDi
  return isZero(both) ? otherwise : 100 * (Math.abs(plusDi - minusDi) / both)
}
