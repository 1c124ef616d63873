import type { Lots } from '../core/index.ts'
import type { SymbolState } from './state.ts'

/** Whether the venue is known to keep a stop for the position that is held. */
export const isCovered = ({ stop, position }: SymbolState): boolean => position !== null && stop.state === 'resting' && stop.positionId === position.id

/** Whether an exit for the whole of what is held is under way. */
export function isLeaving(symbol: SymbolState): boolean {
  let lots: Lots = 0
  for (const order of symbol.live) if (order.reduceOnly && order.unknown === '') lots += Math.max(0, order.lots - order.filledLots)
  return lots >= Math.abs(symbol.ledger.signedLots)
}

/** Whether a position somewhere stands without protection for too long. */
export function isAlarmed(symbols: ReadonlyMap<string, SymbolState>): boolean {
  for (const symbol of symbols.values()) if (symbol.stop.alarm) return true
  return false
}
