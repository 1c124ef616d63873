import type { VenueOrder } from '../../venues/index.ts'
import type { Moment } from '../events.ts'
import { isLiveAtVenue } from '../order-machine.ts'
import type { ProtectionTrouble, TradingRecord } from '../records.ts'
import type { TradingState } from '../state.ts'

/**
 * A push about an exit that the venue keeps. Its fills are booked as they come; what is learned here is that the stop is
 * used up: it fired, or fired and ended without closing everything, or was cancelled. The close of its own position cancels it in the
 * same words, which may overtake the fill that closed it: so one that was cancelled is given the time of one that fired before
 * another is asked for.
 */
export function seeKept(state: TradingState, seen: VenueOrder, now: Moment, records: TradingRecord[]): void {
  const symbol = state.symbols.get(seen.symbol)
  if (symbol === undefined || symbol.position === null || symbol.ledger.signedLots === 0 || seen.kept?.kind === 'take-profit') return
  const { stop } = symbol
  const fired = isLiveAtVenue(seen.status) && seen.status !== 'untriggered'
  const over = seen.status === 'cancelled' || seen.status === 'rejected'
  const isOwn = stop.positionId === symbol.position.id
  const trouble: ProtectionTrouble | null =
    fired && stop.state !== 'triggered' && isOwn ? 'triggered' : !over ? null : stop.state === 'triggered' ? 'ended' : stop.state === 'resting' && isOwn && seen.clientId === stop.askedId ? 'cancelled' : null
  if (trouble === null) return
  const text = trouble === 'triggered' ? `order ${seen.venueId}` : `order ${seen.venueId} ${seen.status} with ${seen.filledLots} of ${seen.lots} lots filled ${seen.reason}`.trimEnd()
  records.push({ kind: 'protection-failed', atMs: now.wallMs, atNs: now.ns, symbol: seen.symbol, positionId: symbol.position.id, trouble, clientId: seen.clientId, text })
}
