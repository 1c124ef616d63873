import type { DecisionBasis } from '../basis.ts'
import { BUY, type Lots, type Nanos, type PriceTicks, SELL } from '../../core/index.ts'
import { clientId } from '../client-id.ts'
import type { Effect, Moment } from '../events.ts'
import { PENDING } from '../order-machine.ts'
import type { ExitReason, OrderIntended, TradingRecord } from '../records.ts'
import type { SymbolRules } from '../rules.ts'
import { closingLots, type Position, type SymbolState, type TradingState } from '../state.ts'
import { placeOf } from './place.ts'

export interface ExitOrder {
  readonly lots: Lots
  readonly market: boolean
  /** Limit price, or what stands for a market order in sums. */
  readonly priceTicks: PriceTicks
  /** Of the price that it rests on: its age counts until it leaves. */
  readonly receiveNs: Nanos
  readonly reason: ExitReason
  readonly why: string
  /** Of the decision that asked for it, or -1. */
  readonly decisionSequence: number
  /** What that decision rests on. */
  readonly basis?: DecisionBasis | undefined
}

/**
 * Lots that an exit may close now: what live exits may close already is left out, so that filled and closing size
 * together never exceed the position. At most what one order takes.
 */
export const unclosedLots = (own: SymbolRules, symbol: SymbolState): Lots => Math.min(Math.abs(symbol.ledger.signedLots) - closingLots(symbol), own.instrument.maxLots)

/** What stands for a price where none was asked for: what was paid. */
export const paidTicks = (symbol: SymbolState): PriceTicks => Math.max(1, symbol.ledger.entryTicks.round().toNumber())

/** Adds an order that closes: reduce-only, and at once or not at all. */
export function addExit(state: TradingState, symbol: SymbolState, position: Position, order: ExitOrder, now: Moment, records: TradingRecord[], effects: Effect[]): void {
  const { lots, market, priceTicks, receiveNs, reason, why, decisionSequence, basis } = order
  const intent: OrderIntended = {
    kind: 'order-intended',
    atMs: now.wallMs,
    atNs: now.ns,
    clientId: clientId({ account: state.account, epoch: state.epoch, intent: { kind: 'exit', positionId: position.id, n: position.exits }, attempt: 0 }),
    symbol: symbol.symbol,
    purpose: 'exit',
    positionId: position.id,
    side: symbol.ledger.signedLots > 0 ? SELL : BUY,
    type: market ? 'market' : 'limit',
    priceTicks: market ? null : priceTicks,
    referenceTicks: priceTicks,
    lots,
    timeInForce: 'IOC',
    reduceOnly: true,
    ttlMs: 0,
    why,
    trace: position.trace,
    decisionSequence,
    plan: null,
    reason,
    terms: null,
    ...(basis === undefined ? {} : { basis }),
  }
  records.push(intent)
  effects.push(placeOf(intent, receiveNs))
}

/** Adds the cancels of entries that may still fill. */
export function callBackEntries(symbol: SymbolState, why: string, now: Moment, records: TradingRecord[], effects: Effect[]): void {
  for (const order of symbol.live) {
    if (order.purpose !== 'entry' || order.cancelNs >= 0 || order.state === PENDING) continue
    records.push({ kind: 'cancel-intended', atMs: now.wallMs, atNs: now.ns, clientId: order.clientId, symbol: symbol.symbol, why })
    effects.push({ kind: 'cancel', symbol: symbol.symbol, clientId: order.clientId })
  }
}
