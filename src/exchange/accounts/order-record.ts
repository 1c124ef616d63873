import { ZERO, type Lots, type Money, type PriceTicks, type Side, type WallMs } from '../../core/index.ts'
import { orderIdOf, triggerIdOf } from '../ids.ts'
import type { CancelReason, ExchangeOrder, ExecutionKind, Leg, OrderOrigin, OrderStatus, OrderTrigger, PriceSource, Protection, StopKind, TimeInForce, Trail } from '../port.ts'
import type { OrderFact, TriggerFact } from '../ledger/facts.ts'

/** The conditional side of an order; only `ticks` and `triggeredMs` change. */
export class TriggerState {
  readonly kind: StopKind
  readonly by: PriceSource
  readonly rise: boolean
  readonly trail: Trail | null
  readonly group: string
  readonly parent: string
  readonly whole: boolean
  readonly createdAtTicks: PriceTicks
  ticks: PriceTicks | null
  triggeredMs: WallMs | null = null

  constructor(fact: TriggerFact) {
    this.kind = fact.kind
    this.by = fact.by
    this.rise = fact.rise
    this.trail = fact.trail
    this.group = fact.group
    this.parent = fact.parent
    this.whole = fact.whole
    this.createdAtTicks = fact.last
    this.ticks = fact.ticks
  }

  snapshot(number: number): OrderTrigger {
    return {
      triggerId: triggerIdOf(number),
      kind: this.kind,
      by: this.by,
      direction: this.rise ? 'rise' : 'fall',
      ticks: this.ticks,
      trail: this.trail,
      group: this.group,
      parentClientId: this.parent,
      wholePosition: this.whole,
      createdAtTicks: this.createdAtTicks,
      triggeredMs: this.triggeredMs,
    }
  }
}

/** An order as the exchange keeps it; listeners and answers get snapshots. */
export class OrderRecord {
  readonly number: number
  readonly orderId: string
  readonly clientId: string
  readonly account: string
  readonly symbol: string
  readonly side: Side
  readonly type: 'limit' | 'market'
  readonly timeInForce: TimeInForce
  readonly reduceOnly: boolean
  readonly closeOnTrigger: boolean
  readonly leg: Leg
  readonly origin: OrderOrigin
  readonly createdMs: WallMs
  readonly trigger: TriggerState | null
  readonly protection: Protection | null
  priceTicks: PriceTicks | null
  lots: Lots
  filledLots: Lots = 0
  filledValue: Money = ZERO
  fee: Money = ZERO
  status: OrderStatus
  cancelReason: CancelReason | null = null
  updatedMs: WallMs
  /** Place in the table of live orders: the owner number of its queue entry; 0 when it is final. */
  owner = 0
  /** Queue entry in the book, −1 while it does not rest. */
  entry = -1
  /** Kind of its executions. */
  kind: ExecutionKind = 'Trade'

  constructor(fact: OrderFact) {
    this.number = fact.n
    this.orderId = orderIdOf(fact.n)
    this.clientId = fact.client
    this.account = fact.account
    this.symbol = fact.symbol
    this.side = fact.side
    this.type = fact.type
    this.timeInForce = fact.tif
    this.reduceOnly = fact.reduceOnly
    this.closeOnTrigger = fact.close ?? false
    this.leg = fact.leg ?? 'net'
    this.origin = fact.origin ?? 'user'
    this.trigger = fact.trigger === undefined ? null : new TriggerState(fact.trigger)
    this.protection = fact.protect ?? null
    this.status = fact.trigger === undefined ? 'New' : 'Untriggered'
    this.createdMs = fact.ms
    this.updatedMs = fact.ms
    this.priceTicks = fact.ticks
    this.lots = fact.lots
  }

  get open(): boolean {
    return this.status === 'New' || this.status === 'PartiallyFilled'
  }

  /** Conditional and not fired yet. */
  get waiting(): boolean {
    return this.status === 'Untriggered'
  }

  get leavesLots(): Lots {
    return this.open ? this.lots - this.filledLots : 0
  }

  /** @param status told instead of the present one: an order that fires is told as Triggered before it is New. */
  snapshot(status = this.status): ExchangeOrder {
    return {
      orderId: this.orderId,
      clientId: this.clientId,
      account: this.account,
      symbol: this.symbol,
      side: this.side,
      type: this.type,
      timeInForce: this.timeInForce,
      reduceOnly: this.reduceOnly,
      closeOnTrigger: this.closeOnTrigger,
      leg: this.leg,
      origin: this.origin,
      trigger: this.trigger === null ? null : this.trigger.snapshot(this.number),
      protection: this.protection,
      createdMs: this.createdMs,
      priceTicks: this.priceTicks,
      lots: this.lots,
      filledLots: this.filledLots,
      filledValue: this.filledValue,
      fee: this.fee,
      status,
      cancelReason: this.cancelReason,
      updatedMs: this.updatedMs,
    }
  }
}
