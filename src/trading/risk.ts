import { BUY, type Lots, type Side } from '../core/index.ts'
import type { Broken, Moment } from './events.ts'
import { type Micros, microsText } from './exposure.ts'
import type { Limits } from './limits.ts'
import type { Rules, SymbolRules } from './rules.ts'
import type { SymbolState, TradingState } from './state.ts'

/**
 * The first limit that a new entry would break, with the numbers of both sides, or null. Whole numbers and sums that
 * are kept already: the time does not depend on how many symbols or orders there are.
 * @param value of the entry at its limit price, millionths of quote currency
 */
export function limitBroken(rules: Rules, limits: Limits, own: SymbolRules, state: TradingState, symbol: SymbolState, side: Side, lots: Lots, value: Micros, now: Moment): Broken | null {
  const { instrument } = own
  if (!(lots <= instrument.maxLots)) return { refusal: 'above-maximum', found: `${lots} lots`, allowed: `${instrument.maxLots} lots` }
  if (!(lots > 0 && lots >= instrument.minLots)) return { refusal: 'below-minimum', found: `${lots} lots`, allowed: `${instrument.minLots} lots` }
  const least = orderMin(limits, own)
  if (value < least) return { refusal: 'below-minimum', found: microsText(value), allowed: microsText(least) }
  const full = occupancyBroken(rules, limits, state, now)
  if (full !== null) return full
  const { exposure } = state
  const { share } = symbol
  const direction = side === BUY ? exposure.long : exposure.short
  if (share.long + share.short + value > limits.symbolExposure) return beyond('limit-symbol-exposure', share.long + share.short + value, limits.symbolExposure)
  if (direction + value > limits.directionExposure) return beyond('limit-direction-exposure', direction + value, limits.directionExposure)
  if (exposure.total + value > limits.exposure) return beyond('limit-exposure', exposure.total + value, limits.exposure)
  return null
}

/** Limits that do not depend on the size of an entry: how many positions, and how many entries in the window. */
export function occupancyBroken(rules: Rules, limits: Limits, state: TradingState, now: Moment): Broken | null {
  if (state.exposure.positions >= limits.positions) return { refusal: 'limit-positions', found: `${state.exposure.positions + 1}`, allowed: `${limits.positions}` }
  const { orderWindowMs } = rules.settings.limits
  if (rateReached(state, limits.orders, now.ns - orderWindowMs * 1e6)) return { refusal: 'limit-order-rate', found: `${limits.orders + 1} entries in ${orderWindowMs} ms`, allowed: `${limits.orders}` }
  return null
}

/** Smallest value of an entry: the venue's or the configured one, whichever is larger. */
export const orderMin = (limits: Limits, own: SymbolRules): Micros => Math.max(limits.orderMin, own.venueMin)

const beyond = (refusal: Broken['refusal'], found: Micros, allowed: Micros): Broken => ({ refusal, found: microsText(found), allowed: microsText(allowed) })

/** True when the n-th last entry is younger than the window. */
function rateReached(state: TradingState, count: number, sinceNs: number): boolean {
  const nth = state.entryNs.length - count
  return nth >= 0 && state.entryNs[nth]! > sinceNs
}

/** Pause of a symbol after entries refused in a row: doubled each time, so that a refusal is not repeated for hours. */
export function pausedByRejects(rules: Rules, symbol: SymbolState, now: Moment): boolean {
  if (symbol.rejects === 0) return false
  const { rejectPauseMs, rejectPauseMsMax } = rules.settings.venue
  return now.ns - symbol.rejectNs < doubled(rejectPauseMs, rejectPauseMsMax, symbol.rejects - 1) * 1e6
}

/** `first · 2^steps`, at most `max`. */
export const doubled = (first: number, max: number, steps: number): number => Math.min(max, first * 2 ** Math.min(steps, 30))
