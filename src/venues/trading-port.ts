import type { Lots, PriceTicks, Side, WallMs } from '../core/index.ts'

/** An order as we ask for it. Prices and sizes are already on the instrument's grid. */
export interface OrderRequest {
  readonly clientId: string
  readonly symbol: string
  readonly side: Side
  readonly type: 'limit' | 'market'
  /** null for a market order. */
  readonly priceTicks: PriceTicks | null
  readonly lots: Lots
  readonly timeInForce: 'GTC' | 'IOC' | 'FOK' | 'PostOnly'
  readonly reduceOnly: boolean
  /** Rests unseen at the venue until the price crosses: `rise` from below, `fall` from above. Absent: at once. */
  readonly trigger?: { readonly priceTicks: PriceTicks; readonly direction: 'rise' | 'fall'; readonly by: 'last' | 'mark' | 'index' }
  /** Market exits that the venue attaches to the position which this order opens. */
  readonly attach?: {
    readonly takeProfitTicks?: PriceTicks
    readonly stopLossTicks?: PriceTicks
    /** Our name for them, where the venue lets its own exits have one (OKX). */
    readonly clientId?: string
  }
  /** Leg of an account in hedge mode. Absent: one-way. */
  readonly leg?: 'long' | 'short'
}

export type VenueErrorClass =
  | 'retryable'
  | 'rejected'
  | 'unknown'
  | 'duplicate'
  | 'insufficient-margin'
  | 'would-cross'
  | 'not-found'
  | 'reduce-only'
  | 'rate-limited'
  | 'clock'
  | 'auth'
  | 'unchanged'

/**
 * Answer to a command. `accepted` is the venue's word that it took the command, not that it is done.
 * `refused` cites the venue's code. `unknown` says that the command may or may not have been taken.
 * `unsent` is certain: nothing left this machine.
 */
export type CommandOutcome =
  | { readonly kind: 'accepted'; readonly venueId: string }
  | { readonly kind: 'refused'; readonly errorClass: VenueErrorClass; readonly code: string; readonly text: string }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'unsent'; readonly reason: string }

/** Order status in the venue's own life cycle, brought to common words. `untriggered` waits for its trigger price and holds no margin. */
export type VenueOrderStatus = 'open' | 'untriggered' | 'partially-filled' | 'filled' | 'cancelled' | 'rejected'

/** What is special about an exit that the venue itself keeps for a position (take-profit or stop-loss, attached or set). */
export interface KeptExit {
  /** null where the venue's row does not say which of the two. */
  readonly kind: 'stop-loss' | 'take-profit' | null
  /** null where the row does not say it, as after it fired. */
  readonly triggerTicks: PriceTicks | null
}

/** An order as the venue reports it, by stream or by query. */
export interface VenueOrder {
  readonly clientId: string
  readonly venueId: string
  readonly symbol: string
  readonly side: Side
  readonly status: VenueOrderStatus
  readonly priceTicks: PriceTicks | null
  /** Whole lots, less than the order where it is of the time before the venue changed the lot. */
  readonly lots: Lots
  /** Authority for the filled size. */
  readonly filledLots: Lots
  /** Decimal text, or '' before the first fill. */
  readonly averagePrice: string
  readonly reduceOnly: boolean
  /** The venue's words for a cancel or a reject, '' otherwise. */
  readonly reason: string
  readonly updatedMs: WallMs
  /** Only on an exit that the venue keeps, waiting or fired. */
  readonly kept?: KeptExit
  /** Only on an order that the venue itself made against the account: liquidation, deleveraging, settlement. It has no client id of ours. */
  readonly forced?: true
}

/** One execution. `executionId` is unique on the venue: the key against double booking. */
export interface VenueFill {
  readonly executionId: string
  readonly clientId: string
  readonly venueId: string
  readonly symbol: string
  readonly side: Side
  readonly priceTicks: PriceTicks
  /** The venue's exact price as decimal text, where it does not lie on the tick: `priceTicks` is the nearest one then. Absent: it is exact. */
  readonly priceText?: string
  readonly lots: Lots
  /** The venue's exact size in its own unit, where it is no whole number of lots (of before a change of the lot): `lots` is less then. */
  readonly sizeText?: string
  /** Decimal text; positive is a cost. For funding: what was paid. */
  readonly fee: string
  /** Coin of the fee where it is not the quote coin. */
  readonly feeCoin?: string
  /** The venue's own figure for what this execution closed: quote currency, before fees. Absent: the venue does not tell. */
  readonly realised?: string
  /** Rate of a funding payment, decimal text. Absent: the venue does not tell, or it is none. */
  readonly fundingRate?: string
  readonly maker: boolean
  /** Funding is no fill: it moves cash, never the position. */
  readonly kind: 'trade' | 'funding' | 'liquidation' | 'adl' | 'settle'
  readonly timeMs: WallMs
  /** Only on the fill of an exit that the venue kept: it fired. Such a fill may carry no client id. */
  readonly kept?: true
}

export interface VenuePosition {
  readonly symbol: string
  /** Leg of an account in hedge mode; its `signedLots` are negative for the short leg. Absent: one-way. */
  readonly leg?: 'long' | 'short'
  /** Negative for a short. */
  readonly signedLots: number
  /** The venue's exact size in its own unit, where more is held than these whole lots: dust that no order of ours can close. */
  readonly sizeText?: string
  /** Decimal text, '' when flat. */
  readonly entryPrice: string
  readonly leverage: string
}

/** Amounts are decimal text in the quote currency. */
export interface VenueWallet {
  readonly balance: string
  readonly equity: string
  readonly marginUsed: string
  readonly marginAvailable: string
}

/** Everything the venue says about the account at one time; complete, or not delivered at all. */
export interface AccountSnapshot {
  readonly openOrders: readonly VenueOrder[]
  readonly positions: readonly VenuePosition[]
  /** Executions since the time asked for, oldest first. */
  readonly fills: readonly VenueFill[]
  readonly wallet: VenueWallet
  /** Symbols of which nothing can be said, because the venue does not list them any more: neither flat nor held. Absent: none. */
  readonly setAside?: readonly string[]
  /** False when the venue could not reach back as far as was asked. */
  readonly fillsComplete: boolean
}

/** Evidence about one client id. `absent` means: asked everywhere the venue keeps orders, found nowhere. */
export type OrderEvidence =
  | { readonly kind: 'found'; readonly order: VenueOrder; readonly fills: readonly VenueFill[] }
  | { readonly kind: 'absent' }
  | { readonly kind: 'no-answer'; readonly reason: string }

export type LinkState = 'up' | 'down'

/** What the execution actor hears. All calls come on its thread, never inside a call to the port. */
export interface TradingHandler {
  onOrder(order: VenueOrder): void
  onFill(fill: VenueFill): void
  onPosition(position: VenuePosition): void
  onWallet(wallet: VenueWallet): void
  /** `up` means that the private stream is subscribed; events before it may have been missed. */
  onLink(state: LinkState, reason: string): void
}

/** What changes of a resting order; at least one of them. */
export interface OrderChange {
  readonly priceTicks?: PriceTicks
  /** New total, filled part included. */
  readonly lots?: Lots
}

/** Commands beyond place and cancel. As for all commands: `done` exactly once, within the deadline, never inside the call. */
export interface OrderCommands {
  /** The accepted change is the venue's word that it took it; the order's next report says what became of it. */
  amend(symbol: string, clientId: string, change: OrderChange, done: (outcome: CommandOutcome) => void): void
  /** One outcome per request, in their order; a batch that never left is `unsent` for each. At most `batchMax` requests. */
  placeBatch(requests: readonly OrderRequest[], done: (outcomes: readonly CommandOutcome[]) => void): void
  cancelBatch(symbol: string, clientIds: readonly string[], done: (outcomes: readonly CommandOutcome[]) => void): void
  readonly batchMax: number
}

export type PositionMode = 'one-way' | 'hedge'

/** Fees of the account for one symbol: fractions as decimal text, positive is a cost, negative a rebate. */
export interface FeeRates {
  readonly makerRate: string
  readonly takerRate: string
}

/** Leverage of a symbol as the venue has it, field by field and not judged: undefined where it does not send the field. */
export interface VenueLeverage {
  readonly lever: unknown
  readonly leverage: unknown
  /** The row that they came from, as JSON. */
  readonly raw: string
}

export interface Protection {
  readonly takeProfitTicks: PriceTicks | null
  readonly stopLossTicks: PriceTicks | null
  /** Leg of an account in hedge mode. Absent: one-way. */
  readonly leg?: 'long' | 'short'
  /** Our name for it, where the venue lets its own exits have one (OKX). */
  readonly clientId?: string
  /** Earlier names of exits of the same position that may still rest: they go once this one is there. */
  readonly replaces?: readonly string[]
}

/** Settings and safety of the account. */
export interface AccountPort {
  positionMode(symbol: string, done: (error: unknown, mode: PositionMode | null) => void): void
  setPositionMode(mode: PositionMode, done: (outcome: CommandOutcome) => void): void
  /** What stands at the venue, also for a symbol without a position. */
  leverage(symbol: string, done: (error: unknown, found: VenueLeverage | null) => void): void
  fees(symbol: string, done: (error: unknown, fees: FeeRates | null) => void): void
  /**
   * Arms the venue's own dead-man switch: the venue cancels open orders when it has heard nothing for `timeoutMs`: on
   * OKX those that are not reduce-only and were placed here, on Bybit all of the account. 0 disarms it. Refused where the venue does not offer it to this account. Call it again every third
   * of that time: OKX counts from the last call, Bybit from the loss of the private connection.
   */
  armDeadMan(timeoutMs: number, done: (outcome: CommandOutcome) => void): void
  /** Take-profit and stop-loss that the venue itself keeps for the position; null removes one. */
  setProtection(symbol: string, protection: Protection, done: (outcome: CommandOutcome) => void): void
}

/** Trading side of a venue, for one account. Every callback runs exactly once, within the command's deadline. */
export interface TradingPort extends OrderCommands, AccountPort {
  start(handler: TradingHandler): void
  place(request: OrderRequest, done: (outcome: CommandOutcome) => void): void
  cancel(symbol: string, clientId: string, done: (outcome: CommandOutcome) => void): void
  /** All orders of the symbol. */
  cancelAll(symbol: string, done: (outcome: CommandOutcome) => void): void
  setLeverage(symbol: string, leverage: string, done: (outcome: CommandOutcome) => void): void
  /** Asks open orders, history and executions for one client id. */
  evidence(symbol: string, clientId: string, done: (evidence: OrderEvidence) => void): void
  /** @param fillsSinceMs executions from here on (venue time). */
  snapshot(symbols: readonly string[], fillsSinceMs: WallMs, done: (error: unknown, snapshot: AccountSnapshot | null) => void): void
  stop(): void
}
