import type { Nanos, PriceTicks } from '../core/index.ts'
import type { Rules } from './rules.ts'
import { doubled } from './risk.ts'
import type { Position, SymbolState } from './state.ts'

export type ExitReason = 'take-profit' | 'stop-loss' | 'time-limit'

/** The exit rule that this price and moment meet, or null. Whole numbers only: it runs on every fresh tick. */
export function exitReason(symbol: SymbolState, position: Position, bidTicks: PriceTicks, askTicks: PriceTicks, nowNs: Nanos): ExitReason | null {
  const lots = symbol.ledger.signedLots
  if (lots > 0) {
    if (bidTicks <= position.stopLossTicks) return 'stop-loss'
    if (bidTicks >= position.takeProfitTicks) return 'take-profit'
  } else if (lots < 0) {
    if (askTicks >= position.stopLossTicks) return 'stop-loss'
    if (askTicks <= position.takeProfitTicks) return 'take-profit'
  } else return null
  return nowNs - position.openedNs >= position.plan.holdMsMax * 1e6 ? 'time-limit' : null
}

/** True while the last exit is too young to be followed by another. */
export function exitPaused(rules: Rules, position: Position, nowNs: Nanos): boolean {
  if (position.exitNs < 0 || position.exitFailures === 0) return false
  const { retryMs, retryMsMax } = rules.settings.exit
  return nowNs - position.exitNs < doubled(retryMs, retryMsMax, position.exitFailures - 1) * 1e6
}
