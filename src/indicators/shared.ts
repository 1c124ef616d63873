import { fail } from '../core/index.ts'

/** What TA-Lib takes for nothing in a divisor. */
export const ZERO = 1e-14

/** A volume that is none: what is left when zeros were added up with something else is rounding. */
export const NO_VOLUME = 1e-9

export const isZero = (value: number): boolean => value > -ZERO && value < ZERO

/** A change if it is a rise, else 0; exact, and without a jump that a processor guesses wrong at every second bar. */
export const risen = (change: number): number => (Math.abs(change) + change) * 0.5

/** Columns of closed bars, oldest first. */
export interface BarColumns {
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

/*
 * Places of the numbers of one bar, as the incremental half of every family reads them: a number that is handed to a call
 * may become an object, an array does not.
 */
export const HIGH = 0
export const LOW = 1
export const CLOSE = 2
export const VOLUME = 3
/** (high + low + close) / 3 */
export const TYPICAL = 4
export const TRUE_RANGE = 5
/** Close and typical price of the bar before. */
export const CLOSE_BEFORE = 6
export const TYPICAL_BEFORE = 7
export const BAR_NUMBERS = 8

/** @returns the period. @throws RM_INDICATOR_PERIOD unless it is a whole number of at least `least`. */
export function checkPeriod(indicator: string, period: number, least: number): number {
  if (!Number.isSafeInteger(period) || period < least) fail('RM_INDICATOR_PERIOD', { indicator, period, least })
  return period
}

/**
 * Bars `from` … `to` − 1 must lie within the shortest of the columns that are read and written.
 * @throws RM_INDICATOR_RANGE
 */
export function checkRange(indicator: string, from: number, to: number, bars: number): void {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || to < from || to > bars) fail('RM_INDICATOR_RANGE', { indicator, from, to, bars })
}
