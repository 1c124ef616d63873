import { fail } from '../core/index.ts'

/** What TA-Lib takes for nothing in a divisor. */
export const ZERO = 1e-14

export const isZero = (value: number): boolean => value > -ZERO && value < ZERO

/** @returns the period. @throws RM_INDICATOR_PERIOD unless it is a whole number of at least `least`. */
export function checkPeriod(indicator: string, period: number, least: number): number {
  if (!Number.isSafeInteger(period) || period < least) fail('RM_INDICATOR_PERIOD', { indicator, period, least })
  return period
}

/** Largest of the bar's range and its distances from the close before (Wilder 1978). */
export function trueRange(high: number, low: number, closeBefore: number): number {
  const up = Math.abs(high - closeBefore)
  const down = Math.abs(low - closeBefore)
  const range = high - low
  return range > up ? (range > down ? range : down) : up > down ? up : down
}
