import type { DecimalStep, Lots, Money, PriceTicks, Side, WallMs } from '../core/index.ts'
import type { CancelReason, ExchangeOrder, Execution, ExecutionKind, Leg, NewOrder, Position, PositionMargin, PositionMode, ProtectionChange } from './order-types.ts'

export type * from './order-types.ts'

/**
 * What a protocol front sees of the built-in exchange: the venue behind the wire, in whole ticks and lots.
 * Calls are synchronous and deterministic; latency, message order and wire formats belong to the front.
 */

/** Suspended: no new orders and no trades, cancels are taken. Closed: delisted, positions are settled. */
export type ContractStatus = 'PreLaunch' | 'Trading' | 'Suspended' | 'Closed'

export interface Contract {
  readonly symbol: string
  readonly baseCoin: string
  readonly quoteCoin: string
  /** The finest grid the contract can ever have: the unit of every price and size inside. Never changes. */
  readonly tick: DecimalStep
  readonly lot: DecimalStep
  /** Listed tick and lot as multiples of the units; 1 unless changed. Orders must lie on this grid. */
  readonly tickSteps: number
  readonly lotSteps: number
  readonly status: ContractStatus
  /** A change that is announced and not in force yet. */
  readonly upcoming: AnnouncedChange | null
  readonly minLots: Lots
  readonly maxLots: Lots
  readonly maxMarketLots: Lots
  /** Quote currency, decimal text. */
  readonly minNotional: string
  readonly maxLeverage: number
  readonly makerFeeRate: string
  readonly takerFeeRate: string
  /** Maintenance margin as a fraction of position value, decimal text. */
  readonly maintenanceRate: string
  readonly fundingIntervalMin: number
  readonly launchMs: WallMs
}

/** What the operator may change of a listed contract. */
export interface ContractChange {
  readonly tickSteps?: number
  readonly lotSteps?: number
  readonly minLots?: Lots
  readonly maxLots?: Lots
  readonly maxMarketLots?: Lots
  readonly minNotional?: string
  readonly maxLeverage?: number
  readonly maintenanceRate?: string
  readonly makerFeeRate?: string
  readonly takerFeeRate?: string
  readonly fundingIntervalMin?: number
  readonly status?: ContractStatus
}

export interface AnnouncedChange {
  readonly atMs: WallMs
  readonly change: ContractChange
}

/** Why a command was refused before anything happened; a front turns it into the venue's code. */
export type Refusal =
  | 'unknown-symbol'
  | 'symbol-not-trading'
  | 'duplicate-client-id'
  | 'order-not-found'
  | 'order-already-final'
  | 'bad-price'
  | 'bad-size'
  | 'below-min-notional'
  | 'above-max-size'
  | 'price-band'
  | 'insufficient-margin'
  | 'reduce-only-no-position'
  | 'too-many-orders'
  | 'leverage-range'
  | 'leverage-unchanged'
  | 'amend-nothing'
  | 'amend-below-filled'
  | 'mode-unchanged'
  | 'mode-unsupported'
  | 'mode-has-positions'
  | 'mode-has-orders'
  | 'leg-mismatch'
  | 'trigger-not-above'
  | 'trigger-not-below'
  | 'too-many-triggers'
  | 'protection-no-position'
  | 'protection-side'
  | 'protection-unchanged'

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal; readonly text: string }

/** Account totals in the quote currency, computed when asked. */
export interface Wallet {
  readonly account: string
  readonly balance: Money
  readonly equity: Money
  readonly unrealisedPnl: Money
  readonly positionMargin: Money
  readonly orderMargin: Money
  readonly maintenanceMargin: Money
  readonly available: Money
  readonly realisedPnl: Money
}

export interface PublicTrade {
  readonly symbol: string
  readonly tradeId: string
  readonly priceTicks: PriceTicks
  readonly lots: Lots
  /** Side of the taker. */
  readonly side: Side
  readonly timeMs: WallMs
  readonly sequence: number
}

export interface PublicLiquidation {
  readonly symbol: string
  /** Of the position that was taken over, not of the order that closed it. */
  readonly positionSide: Side
  readonly lots: Lots
  /** Bankruptcy price of the position. */
  readonly priceTicks: PriceTicks
  readonly timeMs: WallMs
}

export interface Candle {
  readonly startMs: WallMs
  openTicks: PriceTicks
  highTicks: PriceTicks
  lowTicks: PriceTicks
  closeTicks: PriceTicks
  lots: Lots
  /** Quote currency. */
  turnover: number
}

export interface MarketSummary {
  readonly symbol: string
  lastTicks: PriceTicks
  bidTicks: PriceTicks
  bidLots: Lots
  askTicks: PriceTicks
  askLots: Lots
  /** Quote currency; the mark follows the mid with a slow premium. */
  markPrice: number
  indexPrice: number
  fundingRate: number
  nextFundingMs: WallMs
  high24hTicks: PriceTicks
  low24hTicks: PriceTicks
  open24hTicks: PriceTicks
  volume24hLots: Lots
  turnover24h: number
  openInterestLots: Lots
}

/** Heard by fronts, synchronously, in the order in which things happened. */
export interface ExchangeListener {
  onBookChanged?(symbol: string): void
  onTrade?(trade: PublicTrade): void
  onCandle?(symbol: string, candle: Candle, closed: boolean): void
  onOrder?(order: ExchangeOrder): void
  onExecution?(execution: Execution): void
  onPosition?(position: Position): void
  onWallet?(account: string): void
  /** A position was taken over from its account; the side is that of the position. Public. */
  onLiquidation?(liquidation: PublicLiquidation): void
  /** Terms or status of a contract changed, or a change was announced. */
  onInstrument?(contract: Contract): void
  /** The market source jumped (loop of a recording): every book is new. */
  onSeam?(symbol: string, reason: string): void
}

export interface ExchangePort {
  readonly contracts: readonly Contract[]
  contract(symbol: string): Contract | undefined
  listen(listener: ExchangeListener): () => void

  /** Copies the best `depth` levels of a side, best first. @returns how many. */
  levels(symbol: string, side: Side, depth: number, outTicks: Float64Array, outLots: Float64Array): number
  /** Cross sequence of the symbol: rises with every change of its book, trades and executions. */
  sequence(symbol: string): number
  summary(symbol: string): MarketSummary
  /** Newest last. */
  candles(symbol: string, intervalMin: number, count: number): readonly Candle[]
  recentTrades(symbol: string, count: number): readonly PublicTrade[]
  fundingHistory(symbol: string, count: number): readonly { readonly rate: number; readonly timeMs: WallMs }[]

  place(account: string, order: NewOrder): Answer<ExchangeOrder>
  /** `triggerTicks` of an order that still waits. */
  amend(account: string, symbol: string, id: OrderKey, change: OrderChange): Answer<ExchangeOrder>
  cancel(account: string, symbol: string, id: OrderKey, reason?: CancelReason): Answer<ExchangeOrder>
  /** Waiting conditional orders too, unless `kinds` says otherwise. */
  cancelAll(account: string, symbol: string | null, options?: CancelAllOptions): readonly ExchangeOrder[]
  /** Operator: the market trades with a resting order at its price, whatever queues before it. @returns lots that were filled */
  fillOrder(account: string, symbol: string, id: OrderKey, lots: Lots): Lots
  setLeverage(account: string, symbol: string, leverage: string): Answer<Position>
  /** @param symbol null for every symbol. Refused with positions or orders there. */
  setPositionMode(account: string, symbol: string | null, mode: PositionMode): Answer<PositionMode>
  positionMode(account: string, symbol: string): PositionMode
  /** Take profit, stop loss and trailing stop of an open position. */
  setProtection(account: string, symbol: string, leg: Leg, change: ProtectionChange): Answer<Position>

  /** What a front kept for the account under this name; '' for nothing. Outlives the process. */
  setting(account: string, name: string): string
  keepSetting(account: string, name: string, value: string): void
  /** Checks an order like `place` and changes nothing. @returns the wallet as it would be while the order rests. */
  preview(account: string, order: NewOrder): Answer<Wallet>

  findOrder(account: string, id: OrderKey): ExchangeOrder | undefined
  /** Newest first. */
  orders(account: string, filter: OrderFilter): readonly ExchangeOrder[]
  /** Newest first. */
  executions(account: string, filter: ExecutionFilter): readonly Execution[]
  /** Legs that are not flat. */
  positions(account: string): readonly Position[]
  /** `net` unless told; flat ones included. */
  position(account: string, symbol: string, leg?: Leg): Position
  wallet(account: string): Wallet
  /** Mark-to-market of one position; `net` unless told. */
  positionMargin(account: string, symbol: string, leg?: Leg): PositionMargin
  /** Mark at which the account would be liquidated if nothing else moved; null when there is none. An estimate. */
  liquidationPrice(account: string, symbol: string, leg: Leg): Money | null
  /** Place in the deleveraging queue, 1 (last) to 5 (first); 0 when flat. */
  adlRank(account: string, symbol: string, leg: Leg): number
  /** Highest price of a buy and lowest of a sale. */
  priceBand(symbol: string): { readonly highestBuyTicks: PriceTicks; readonly lowestSellTicks: PriceTicks }
}

export interface OrderChange {
  readonly priceTicks?: PriceTicks
  readonly lots?: Lots
  readonly triggerTicks?: PriceTicks
  /** See `NewOrder.onBand`. */
  readonly onBand?: 'refuse' | 'move'
}

export interface CancelAllOptions {
  readonly kinds?: 'orders' | 'conditional' | 'all'
  readonly reason?: CancelReason
}

export interface OrderFilter {
  readonly symbol?: string
  readonly open?: boolean
  /** Absent or false: orders that are or were in the market. True: conditional ones that wait, or ended before they fired. */
  readonly conditional?: boolean
  /** Only those whose trigger belongs to this group. */
  readonly group?: string
}

export interface ExecutionFilter {
  readonly symbol?: string
  readonly clientId?: string
  readonly orderId?: string
  readonly sinceMs?: WallMs
  readonly untilMs?: WallMs
  readonly kind?: ExecutionKind
}

export type OrderKey = { readonly orderId: string } | { readonly clientId: string }
