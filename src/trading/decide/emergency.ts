import { BUY, SELL } from '../../core/index.ts'
import { clientId } from '../client-id.ts'
import type { Effect, Moment } from '../events.ts'
import { exitPaused } from '../exits.ts'
import { PENDING } from '../order-machine.ts'
import { OPEN } from '../position-machine.ts'
import type { OrderIntended, TradingRecord } from '../records.ts'
import type { Rules, SymbolRules } from '../rules.ts'
import { closingLots, type SymbolState, type TradingState } from '../state.ts'
import { placeOf } from './place.ts'

/**
 * Adds what leaves a position at once: at market and reduce-only, without asking for a price, because it is for the moment
 * in which the venue will not keep a stop. Adds nothing while an exit is under way or the last one is too young.
 */
export function emergencyExit(rules: Rules, state: TradingState, own: SymbolRules, symbol: SymbolState, why: string, now: Moment, records: TradingRecord[], effects: Effect[]): void {
  const position = symbol.position
  if (position === null || position.state !== OPEN || exitPaused(rules, position, now.ns)) return
  const held = symbol.ledger.signedLots
  const lots = Math.min(Math.abs(held) - closingLots(symbol), own.instrument.maxLots)
  if (lots <= 0) return
  for (const order of symbol.live) {
    if (order.purpose !== 'entry' || order.cancelNs >= 0 || order.state === PENDING) continue
    records.push({ kind: 'cancel-intended', atMs: now.wallMs, atNs: now.ns, clientId: order.clientId, symbol: symbol.symbol, why: `emergency exit: ${why}` })
    effects.push({ kind: 'cancel', symbol: symbol.symbol, clientId: order.clientId })
  }
  const intent: OrderIntended = {
    kind: 'order-intended',
    atMs: now.wallMs,
    atNs: now.ns,
    clientId: clientId({ account: state.account, epoch: state.epoch, intent: { kind: 'exit', positionId: position.id, n: position.exits }, attempt: 0 }),
    symbol: symbol.symbol,
    purpose: 'exit',
    positionId: position.id,
    side: held > 0 ? SELL : BUY,
    type: 'market',
    priceTicks: null,
    // No price was asked for: what it stands for in sums is what was paid.
    referenceTicks: Math.max(1, symbol.ledger.entryTicks.round().toNumber()),
    lots,
    timeInForce: 'IOC',
    reduceOnly: true,
    ttlMs: 0,
    terms: null,
    reason: 'unprotected',
    why: `emergency: ${why}`,
    trace: position.trace,
    decisionSequence: -1,
    plan: null,
  }
  records.push(intent)
  effects.push(placeOf(intent, now.ns))
}
