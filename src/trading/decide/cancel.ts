import { decided, type Decided, type Effect, type Moment, NOTHING, refuse } from '../events.ts'
import { isFinal, PENDING } from '../order-machine.ts'
import type { TradingRecord } from '../records.ts'
import type { Order, TradingState } from '../state.ts'

/** Calls an order back; one that may not exist yet is asked about first, as a cancel could overtake it. */
export function cancelOrAsk(order: Order, why: string, now: Moment, records: TradingRecord[], effects: Effect[]): void {
  if (order.state === PENDING) {
    effects.push({ kind: 'ask', symbol: order.symbol, clientId: order.clientId, afterMs: 0, filledLots: 0, always: true })
    return
  }
  if (order.cancelNs >= 0) return
  records.push({ kind: 'cancel-intended', atMs: now.wallMs, atNs: now.ns, clientId: order.clientId, symbol: order.symbol, why })
  effects.push({ kind: 'cancel', symbol: order.symbol, clientId: order.clientId })
}

/** A person calls an order back. What fills meanwhile stays: its position has its exits. */
export function decideCallBack(state: TradingState, clientId: string, why: string, now: Moment): Decided {
  const order = state.orders.get(clientId)
  if (order === undefined) return refuse('unknown-id')
  if (isFinal(order.state)) return NOTHING
  const records: TradingRecord[] = []
  const effects: Effect[] = []
  cancelOrAsk(order, why, now, records, effects)
  return decided(records, effects)
}
