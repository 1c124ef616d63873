import type { Effect, Moment } from '../events.ts'
import { exitPaused } from '../exits.ts'
import { OPEN } from '../position-machine.ts'
import type { TradingRecord } from '../records.ts'
import type { Rules, SymbolRules } from '../rules.ts'
import type { SymbolState, TradingState } from '../state.ts'
import { addExit, callBackEntries, paidTicks, unclosedLots } from './exit-order.ts'

/**
 * Adds what leaves a position at once: at market, without asking for a price, because it is for the moment in which the
 * venue will not keep a stop. Adds nothing while an exit is under way or the last one is too young.
 */
export function emergencyExit(rules: Rules, state: TradingState, own: SymbolRules, symbol: SymbolState, why: string, now: Moment, records: TradingRecord[], effects: Effect[]): void {
  const { position } = symbol
  if (position === null || position.state !== OPEN || exitPaused(rules, position, now.ns)) return
  const lots = unclosedLots(own, symbol)
  if (lots <= 0) return
  callBackEntries(symbol, `emergency exit: ${why}`, now, records, effects)
  addExit(state, symbol, position, { lots, market: true, priceTicks: paidTicks(symbol), receiveNs: now.ns, reason: 'unprotected', why: `emergency: ${why}`, decisionSequence: -1 }, now, records, effects)
}
