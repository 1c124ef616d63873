import type { VenueOrder } from '../../venues/index.ts'
import type { Moment } from '../events.ts'
import { isLiveAtVenue } from '../order-machine.ts'
import type { ProtectionTrouble, TradingRecord } from '../records.ts'
import type { TradingState } from '../state.ts'

/**
 * A push about an exit that the venue keeps. Its fills are booked as they come; what is learned here is that the stop is
 * used up: it fired, or fired and ended without closing everything. That it was taken away is left to the next snapshot,
 * because a close by its own position is told in the same words, and may overtake the fill that closed it.
 */
export function seeKept(state: TradingState, seen: VenueOrder, now: Moment, records: TradingRecord[]): void {
  const symbol = state.symbols.get(seen.symbol)
  if (symbol === undefined || symbol.position === null || symbol.ledger.signedLots === 0 || seen.kept?.kind === 'take-profit') return
  const { stop } = symbol
  const fired = isLiveAtVenue(seen.status) && seen.status !== 'untriggered'
  const over = seen.status === 'cancelled' || seen.status === 'rejected'
  const trouble: ProtectionTrouble | null = fired && stop.state !== 'triggered' && stop.positionId === symbol.position.id ? 'triggered' : over && stop.state === 'triggered' ? 'ended' : null
  if (trouble === null) return
  const text = trouble === 'triggered' ? `order ${seen.venueId}` : `order ${seen.venueId} ${seen.status} with ${seen.filledLots} of ${seen.lots} lots filled ${seen.reason}`.trimEnd()
  records.push({ kind: 'protection-failed', atMs: now.wallMs, atNs: now.ns, symbol: seen.symbol, positionId: symbol.position.id, trouble, clientId: seen.clientId, text })
}
