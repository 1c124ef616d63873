import { ZERO, type Lots, type Money, type PriceTicks, type Side, type WallMs } from '../../core/index.ts'
import { orderIdOf } from '../ids.ts'
import type { CancelReason, ExchangeOrder, ExecutionKind, OrderStatus, TimeInForce } from '../port.ts'
import type { OrderFact } from '../ledger/facts.ts'

/** An order as the exchange keeps it; listeners and answers get snapshots. */
export class OrderRecord implements ExchangeOrder {
  readonly number: number
  readonly orderId: string
  readonly clientId: string
  readonly account: string
  readonly symbol: string
  readonly side: Side
  readonly type: 'limit' | 'market'
  readonly timeInForce: TimeInForce
  readonly reduceOnly: boolean
  readonly createdMs: WallMs
  priceTicks: PriceTicks | null
  lots: Lots
  filledLots: Lots = 0
  filledValue: Money = ZERO
  fee: Money = ZERO
  status: OrderStatus = 'New'
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
    this.createdMs = fact.ms
    this.updatedMs = fact.ms
    this.priceTicks = fact.ticks
    this.lots = fact.lots
  }

  get open(): boolean {
    return this.status === 'New' || this.status === 'PartiallyFilled'
  }

  get leavesLots(): Lots {
    return this.open ? this.lots - this.filledLots : 0
  }

  snapshot(): ExchangeOrder {
    return {
      orderId: this.orderId,
      clientId: this.clientId,
      account: this.account,
      symbol: this.symbol,
      side: this.side,
      type: this.type,
      timeInForce: this.timeInForce,
      reduceOnly: this.reduceOnly,
      createdMs: this.createdMs,
      priceTicks: this.priceTicks,
      lots: this.lots,
      filledLots: this.filledLots,
      filledValue: this.filledValue,
      fee: this.fee,
      status: this.status,
      cancelReason: this.cancelReason,
      updatedMs: this.updatedMs,
    }
  }
}
