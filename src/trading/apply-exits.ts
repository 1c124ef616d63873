import { protect, tighter } from './protect.ts'
import type { PlanDamaged, StopMoved } from './records.ts'
import { symbolState, type TradingState } from './state.ts'

/** Takes the stop to where the record says; one that would leave it further away changes nothing. */
export function moveStop(state: TradingState, record: StopMoved): void {
  const symbol = symbolState(state, record.symbol)
  const { position } = symbol
  const lots = symbol.ledger.signedLots
  if (position === null || position.id !== record.positionId || lots === 0) return
  position.trailedTicks = tighter(lots > 0, record.toTicks, position.trailedTicks)
  position.stopLossTicks = tighter(lots > 0, position.stopLossTicks, position.trailedTicks)
}

/** Goes by the plan of the record from here on. What the stop has gained by trailing stays. */
export function damagePlan(state: TradingState, record: PlanDamaged): void {
  const symbol = symbolState(state, record.symbol)
  const { position } = symbol
  if (position === null || position.id !== record.positionId) return
  position.plan = record.plan
  position.damage = record.problem
  position.damageTold = true
  if (symbol.ledger.signedLots !== 0) protect(symbol, position)
}
