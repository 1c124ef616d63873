import type { Lots, Money, PriceTicks, Side, WallMs } from '../core/index.ts'

/** Orders, triggers and positions as the exchange and its fronts speak of them; whole ticks and lots. */

export type TimeInForce = 'GTC' | 'IOC' | 'FOK' | 'PostOnly'
/**
 * An order is open while it is New or PartiallyFilled; a conditional one waits as Untriggered, is told once as Triggered and
 * becomes New with the same order id. A conditional order that ends before its trigger is Deactivated.
 */
export type OrderStatus = 'Untriggered' | 'Triggered' | 'New' | 'PartiallyFilled' | 'Filled' | 'Cancelled' | 'Rejected' | 'Deactivated'

/** Part of a position: the whole of it in one-way mode, one of two in hedge mode. */
export type Leg = 'net' | 'long' | 'short'
export type PositionMode = 'one-way' | 'hedge'
/** The price that a trigger looks at. */
export type PriceSource = 'last' | 'mark' | 'index'
/** What a conditional order is for. */
export type StopKind = 'stop' | 'take-profit' | 'stop-loss' | 'partial-take-profit' | 'partial-stop-loss' | 'trailing-stop'
/** Who made an order: the account, the operator by hand, or the exchange. */
export type OrderOrigin = 'user' | 'operator' | 'protection' | 'liquidation' | 'adl'

/** A stop that follows the best price at a distance. Exactly one of the two distances is given. */
export interface Trail {
  readonly distanceTicks: PriceTicks | null
  /** Distance as a fraction of the best price, decimal text. */
  readonly ratio: string | null
  /** The price from which it follows; null for at once. */
  readonly activeTicks: PriceTicks | null
}

/** Makes an order conditional: no margin is held and nothing is in the book until the price is there. */
export interface NewTrigger {
  readonly by: PriceSource
  /** Fires at or above the price (rise), or at or below it (fall). */
  readonly direction: 'rise' | 'fall'
  readonly ticks: PriceTicks
  /** How many waiting orders of a symbol the venue lets an account have; `rules.conditionalMax` unless told. */
  readonly activeMax?: number
  /** Orders of an account with the same name: the first to fire ends the others (one cancels the other). */
  readonly group?: string
}

/** A conditional order whose trigger follows the price. */
export interface NewTrailingTrigger {
  readonly by: PriceSource
  readonly direction: 'rise' | 'fall'
  readonly trail: Trail
  readonly activeMax?: number
  readonly group?: string
}

export interface ProtectionPrice {
  readonly ticks: PriceTicks
  readonly by: PriceSource
  /** Price of the order that it becomes; null for a market order. */
  readonly limitTicks: PriceTicks | null
}

/** Take profit and stop loss that come with an order and begin with its first opening fill. */
export interface Protection {
  /** Full: one pair for the whole position, at market. Partial: a pair of its own for what this order opened. */
  readonly mode: 'full' | 'partial'
  readonly takeProfit: ProtectionPrice | null
  readonly stopLoss: ProtectionPrice | null
}

/** Absent leaves as it is, null removes. Partial always adds orders of its own. */
export interface ProtectionChange {
  readonly mode: 'full' | 'partial'
  readonly takeProfit?: ProtectionPrice | null
  readonly stopLoss?: ProtectionPrice | null
  readonly trailing?: { readonly trail: Trail; readonly by: PriceSource } | null
  /** Partial mode: the sizes; both the same when both are given. */
  readonly lots?: Lots
}

export interface NewOrder {
  readonly symbol: string
  readonly clientId: string
  readonly side: Side
  readonly type: 'limit' | 'market'
  readonly priceTicks: PriceTicks | null
  /** 0 with `closeOnTrigger`: the whole position, as it is when a trigger fires. */
  readonly lots: Lots
  readonly timeInForce: TimeInForce
  readonly reduceOnly: boolean
  /** Reduces only, whatever `reduceOnly` says. */
  readonly closeOnTrigger: boolean
  /** `net` unless told; must fit the position mode of the symbol. */
  readonly leg?: Leg
  readonly trigger?: NewTrigger | NewTrailingTrigger
  readonly protection?: Protection
  /** A price outside the band is refused, unless told to move to its end. */
  readonly onBand?: 'refuse' | 'move'
  /** Orders by hand say so; `user` unless told. */
  readonly origin?: 'user' | 'operator'
}

/** The conditional side of an order; stays with it when it has fired. */
export interface OrderTrigger {
  /** Id of the trigger itself; the order that it becomes has the `orderId`. */
  readonly triggerId: string
  readonly kind: StopKind
  readonly by: PriceSource
  readonly direction: 'rise' | 'fall'
  /** Null while a trailing stop does not follow yet. */
  readonly ticks: PriceTicks | null
  readonly trail: Trail | null
  readonly group: string
  /** Client id of the order that brought it, '' for none. */
  readonly parentClientId: string
  /** Takes the whole position when it fires. */
  readonly wholePosition: boolean
  /** Last price when it was made. */
  readonly createdAtTicks: PriceTicks
  readonly triggeredMs: WallMs | null
}

export interface ExchangeOrder {
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
  readonly trigger: OrderTrigger | null
  readonly protection: Protection | null
  priceTicks: PriceTicks | null
  lots: Lots
  filledLots: Lots
  /** Sum of price × size of its fills, quote currency. */
  filledValue: Money
  fee: Money
  status: OrderStatus
  /** Why it was cancelled or rejected, in the exchange's own words (see `CancelReason`). */
  cancelReason: CancelReason | null
  updatedMs: WallMs
}

export type CancelReason =
  | 'user'
  | 'post-only-would-take'
  | 'ioc-remainder'
  | 'fok-not-fillable'
  | 'no-liquidity'
  | 'reduce-only'
  | 'self-trade'
  | 'liquidation'
  | 'admin'
  /** The account's own dead-man switch, disconnect protection. */
  | 'dead-man'
  /** The other order of its pair fired. */
  | 'one-cancels-other'
  /** The position it protected is gone. */
  | 'position-closed'
  /** Before the account's position was reduced to cover somebody's liquidation. */
  | 'adl'
  /** It no longer fits the instrument: grid, size limits, delisting. */
  | 'instrument'
  /** A conditional order whose margin was not there when it fired. Rejected, not cancelled. */
  | 'margin-at-trigger'
  /** Rejected by the exchange after it was accepted, on the operator's demand. */
  | 'rejected-by-operator'

export type ExecutionKind = 'Trade' | 'Funding' | 'Liquidation' | 'Adl' | 'Settlement'

export interface Execution {
  readonly executionId: string
  readonly account: string
  readonly kind: ExecutionKind
  readonly orderId: string
  readonly clientId: string
  readonly symbol: string
  readonly leg: Leg
  readonly side: Side
  readonly priceTicks: PriceTicks
  /** Price of a funding or liquidation row may lie between ticks. */
  readonly price: Money
  readonly lots: Lots
  readonly value: Money
  /** Positive is a cost. */
  readonly fee: Money
  readonly feeRate: string
  readonly maker: boolean
  /** Part that reduced the position. */
  readonly closedLots: Lots
  /** Cash flow of the closed part, without fees. */
  readonly realisedPnl: Money
  readonly leavesLots: Lots
  readonly sequence: number
  readonly timeMs: WallMs
}

export interface Position {
  readonly account: string
  readonly symbol: string
  readonly leg: Leg
  /** Negative for a short. */
  signedLots: number
  /** Quote currency; zero when flat. */
  entryPrice: Money
  leverage: string
  realisedPnl: Money
  openedMs: WallMs
  updatedMs: WallMs
  sequence: number
  /** Full-position protection; null for none. */
  readonly takeProfit: ProtectionPrice | null
  readonly stopLoss: ProtectionPrice | null
  readonly trailing: OrderTrigger | null
}

/** Mark-to-market of one position. */
export interface PositionMargin {
  readonly initial: Money
  readonly maintenance: Money
  readonly unrealised: Money
  readonly value: Money
}
