import type { AccountSnapshot, VenueOrder } from '../venues/index.ts'
import { isOurStop } from './client-id.ts'
import type { Moment } from './events.ts'
import type { TradingRecord } from './records.ts'
import type { Rules } from './rules.ts'
import type { SymbolState, TradingState } from './state.ts'

export interface StopsSeen {
  readonly snapshot: AccountSnapshot
  readonly askedNs: number
  readonly movesThen: ReadonlyMap<string, number>
}

/**
 * Compares the stops that a snapshot lists with those that the books know of, and writes down what differs; what follows
 * from it is decided with the next look at the stops. A symbol that moved, or whose stop did, since the snapshot was asked
 * for is left to the next one.
 */
export function compareStops(rules: Rules, state: TradingState, input: StopsSeen, now: Moment, records: TradingRecord[]): void {
  if (!rules.settings.protection.enabled) return
  for (const own of rules.symbols) {
    const name = own.instrument.symbol
    const symbol = state.symbols.get(name)
    if (input.snapshot.setAside?.includes(name) === true) continue
    if (symbol === undefined || symbol.moves !== (input.movesThen.get(name) ?? 0)) continue
    if (symbol.stop.askedNs >= 0 || symbol.stop.changedNs >= input.askedNs) continue
    const seen = input.snapshot.openOrders.filter((order) => order.symbol === name && order.status === 'untriggered' && order.kept?.kind === 'stop-loss')
    compare(rules, state, symbol, seen, now, records)
  }
}

function compare(rules: Rules, state: TradingState, symbol: SymbolState, seen: readonly VenueOrder[], now: Moment, records: TradingRecord[]): void {
  const { stop, position } = symbol
  const stamp = { atMs: now.wallMs, atNs: now.ns, symbol: symbol.symbol }
  if (symbol.ledger.signedLots === 0) {
    const ours = seen.find((order) => isOurStop(order.clientId, state.account))
    if (position === null && ours !== undefined && stop.state === 'none' && rules.settings.protection.clearAfterClose)
      records.push({ kind: 'protection-failed', ...stamp, positionId: stop.positionId, trouble: 'leftover', clientId: ours.clientId, text: `order ${ours.venueId} rests without a position` })
    return
  }
  if (position === null || stop.state !== 'resting' || stop.positionId !== position.id) return
  const only = seen[0]
  if (only === undefined) records.push({ kind: 'protection-failed', ...stamp, positionId: position.id, trouble: 'gone', clientId: '', text: `the venue lists no stop, it rested at ${stop.ticks} ticks` })
  else if (seen.length > 1) records.push({ kind: 'protection-failed', ...stamp, positionId: position.id, trouble: 'company', clientId: '', text: `the venue lists ${seen.length} stops: ${seen.map((order) => order.venueId).join(', ')}` })
  else if (only.kept!.triggerTicks !== null && only.kept!.triggerTicks !== stop.ticks) records.push({ kind: 'protection-set', ...stamp, positionId: position.id, stopTicks: only.kept!.triggerTicks, source: 'snapshot' })
}
