import type { Nanos, PriceTicks } from '../core/index.ts'
import type { ExitReason } from './records.ts'
import type { Rules } from './rules.ts'
import { doubled } from './risk.ts'
import type { Position, SymbolState } from './state.ts'

/**
 * The exit rule that this price and moment meet, or null: stop, then take profit, then time. A long is judged by the bid, a
 * short by the ask, the side that it would be closed at. Whole numbers only: it runs on every fresh tick.
 */
export function exitReason(symbol: SymbolState, position: Position, bidTicks: PriceTicks, askTicks: PriceTicks, nowNs: Nanos): ExitReason | null {
  const lots = symbol.ledger.signedLots
  if (lots > 0) {
    if (bidTicks <= position.stopLossTicks) return stopName(position)
    if (bidTicks >= position.takeProfitTicks) return 'take-profit'
  } else if (lots < 0) {
    if (askTicks >= position.stopLossTicks) return stopName(position)
    if (askTicks <= position.takeProfitTicks) return 'take-profit'
  } else return null
  return nowNs - position.openedNs >= position.plan.holdMsMax * 1e6 ? 'time-limit' : null
}

const stopName = (position: Position): ExitReason => (position.stopLossTicks === position.trailedTicks ? 'trailing-stop' : 'stop-loss')

/**
 * Where the stop follows this price to, or 0 while it stays: past its activation, and by at least one step in favour of the
 * position. It needs no memory of the best price: a price that was better has moved the stop already, up to one step.
 */
export function trailedStop(symbol: SymbolState, position: Position, bidTicks: PriceTicks, askTicks: PriceTicks): PriceTicks {
  if (position.trailStepTicks === 0) return 0
  const lots = symbol.ledger.signedLots
  if (lots > 0) {
    const stop = bidTicks - position.trailBehindTicks
    return bidTicks >= position.trailFromTicks && stop >= position.stopLossTicks + position.trailStepTicks ? stop : 0
  }
  if (lots === 0) return 0
  const stop = askTicks + position.trailBehindTicks
  return askTicks <= position.trailFromTicks && stop <= position.stopLossTicks - position.trailStepTicks ? stop : 0
}

/** True while the last exit is too young to be followed by another. */
export function exitPaused(rules: Rules, position: Position, nowNs: Nanos): boolean {
  if (position.exitNs < 0 || position.exitFailures === 0) return false
  const { retryMs, retryMsMax } = rules.settings.exit
  return nowNs - position.exitNs < doubled(retryMs, retryMsMax, position.exitFailures - 1) * 1e6
}
