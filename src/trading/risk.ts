import { ZERO, type Lots, type Money, type PriceTicks } from '../core/index.ts'
import type { Moment, Refusal } from './events.ts'
import type { Rules, SymbolRules } from './rules.ts'
import { valueOf } from './sizing.ts'
import type { SymbolState, TradingState } from './state.ts'

/** Value at stake on a symbol in quote currency: what is held at its entry price plus what live entries may add. */
export function exposureOf(symbol: SymbolState): Money {
  let value = symbol.ledger.costTickLots.mul(symbol.unit)
  for (const order of symbol.live) if (!order.reduceOnly && order.lots > order.filledLots) value = value.add(valueOf(order.lots - order.filledLots, order.referenceTicks, symbol.unit))
  return value
}

/** Value at stake over all symbols, quote currency. */
export function exposureTotal(state: TradingState): Money {
  let total = ZERO
  for (const symbol of state.symbols.values()) if (symbol.position !== null || symbol.live.length > 0) total = total.add(exposureOf(symbol))
  return total
}

/** Positions and pending entries. */
export function positionsHeld(state: TradingState): number {
  let held = 0
  for (const symbol of state.symbols.values()) if (symbol.position !== null || symbol.ledger.signedLots !== 0) held++
  return held
}

/** The first limit that a new entry would break, or null. */
export function limitBroken(rules: Rules, own: SymbolRules, state: TradingState, symbol: SymbolState, lots: Lots, priceTicks: PriceTicks, now: Moment): Refusal | null {
  const { limits } = rules.settings
  if (lots > own.instrument.maxLots) return 'above-maximum'
  const value = valueOf(lots, priceTicks, own.unit)
  if (lots < own.instrument.minLots || lots <= 0 || value.lt(own.minNotional)) return 'below-minimum'
  if (positionsHeld(state) >= limits.openPositionsMax) return 'limit-positions'
  if (exposureOf(symbol).add(value).gt(rules.symbolExposureMax)) return 'limit-symbol-exposure'
  if (exposureTotal(state).add(value).gt(rules.exposureMax)) return 'limit-exposure'
  if (rateReached(state, limits.ordersPerWindowMax, now.ns - limits.orderWindowMs * 1e6)) return 'limit-order-rate'
  return null
}

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
