import { checkPeriod, checkRange, isZero } from './shared.ts'
import { windowSums } from './window-columns.ts'

/**
 * Commodity channel index (Lambert 1980) of the typical price. TA-Lib CCI. Warm-up: `period` bars. Flat market: 0. The mean
 * deviation is around the mean of each window: it is taken anew for each bar. @throws RM_INDICATOR_PERIOD, RM_INDICATOR_RANGE
 */
export function cci(typical: Float64Array, period: number, out: Float64Array, from: number, to: number): void {
  checkPeriod('CCI', period, 2)
  checkRange('CCI', from, to, Math.min(typical.length, out.length))
  windowSums(typical, period, out, from, to, 1 / period)
  // Three bars at once: their windows have all but a few values in common, and a sum waits for each addition.
  let i = from + period - 1
  if (period > 3)
    for (; i + 2 < to; i += 3) {
      const first = i - period + 1
      const mean0 = out[i]!
      const mean1 = out[i + 1]!
      const mean2 = out[i + 2]!
      const next = typical[i + 1]!
      const last = typical[i + 2]!
      const second = typical[first + 1]!
      let sum0 = Math.abs(typical[first]! - mean0) + Math.abs(second - mean0)
      let sum1 = Math.abs(second - mean1) + Math.abs(next - mean1)
      let sum2 = Math.abs(next - mean2) + Math.abs(last - mean2)
      for (let at = first + 2; at <= i; at++) {
        const value = typical[at]!
        sum0 += Math.abs(value - mean0)
        sum1 += Math.abs(value - mean1)
        sum2 += Math.abs(value - mean2)
      }
      out[i] = channelIndex(typical[i]! - mean0, sum0, mean0, period)
      out[i + 1] = channelIndex(next - mean1, sum1, mean1, period)
      out[i + 2] = channelIndex(last - mean2, sum2, mean2, period)
    }
  for (; i < to; i++) {
    const mean = out[i]!
    let sum = 0
    for (let at = i - period + 1; at <= i; at++) sum += Math.abs(typical[at]! - mean)
    out[i] = channelIndex(typical[i]! - mean, sum, mean, period)
  }
}

/** @param deviation sum of the distances from the mean. Nothing but the rounding of the sum is left in a flat market. */
export const channelIndex = (distance: number, deviation: number, mean: number, period: number): number =>
  isZero(distance) || deviation < 1e-14 * period * Math.abs(mean) ? 0 : (distance * period) / (0.015 * deviation)
