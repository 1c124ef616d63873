import type { DecimalStep, Lots, Money, PriceTicks, Side, WallMs } from '../core/index.ts'

/**
 * What a protocol front sees of the built-in exchange: the venue behind the wire, in whole ticks and lots.
 * Calls are synchronous and deterministic; latency, message order and wire formats belong to the front.
 */

export interface Contract {
  readonly symbol: string
  readonly baseCoin: string
  readonly quoteCoin: string
  readonly tick: DecimalStep
  readonly lot: DecimalStep
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

export type TimeInForce = 'GTC' | 'IOC' | 'FOK' | 'PostOnly'
export type OrderStatus = 'New' | 'PartiallyFilled' | 'Filled' | 'Cancelled' | 'Rejected'

export interface NewOrder {
  readonly symbol: string
  readonly clientId: string
  readonly side: Side
  readonly type: 'limit' | 'market'
  readonly priceTicks: PriceTicks | null
  readonly lots: Lots
  readonly timeInForce: TimeInForce
  readonly reduceOnly: boolean
  readonly closeOnTrigger: boolean
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
  readonly createdMs: WallMs
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

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal; readonly text: string }

export type ExecutionKind = 'Trade' | 'Funding' | 'Liquidation'

export interface Execution {
  readonly executionId: string
  readonly account: string
  readonly kind: ExecutionKind
  readonly orderId: string
  readonly clientId: string
  readonly symbol: string
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
  /** Negative for a short. */
  signedLots: number
  /** Quote currency; zero when flat. */
  entryPrice: Money
  leverage: string
  realisedPnl: Money
  openedMs: WallMs
  updatedMs: WallMs
  sequence: number
}

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
  amend(account: string, symbol: string, id: OrderKey, change: { readonly priceTicks?: PriceTicks; readonly lots?: Lots }): Answer<ExchangeOrder>
  cancel(account: string, symbol: string, id: OrderKey): Answer<ExchangeOrder>
  cancelAll(account: string, symbol: string | null): readonly ExchangeOrder[]
  /** Operator: the market trades with a resting order at its price, whatever queues before it. @returns lots that were filled */
  fillOrder(account: string, symbol: string, id: OrderKey, lots: Lots): Lots
  setLeverage(account: string, symbol: string, leverage: string): Answer<Position>

  findOrder(account: string, id: OrderKey): ExchangeOrder | undefined
  /** Newest first. */
  orders(account: string, filter: { readonly symbol?: string; readonly open?: boolean }): readonly ExchangeOrder[]
  /** Newest first. */
  executions(account: string, filter: { readonly symbol?: string; readonly clientId?: string; readonly orderId?: string; readonly sinceMs?: WallMs; readonly untilMs?: WallMs; readonly kind?: ExecutionKind }): readonly Execution[]
  positions(account: string): readonly Position[]
  position(account: string, symbol: string): Position
  wallet(account: string): Wallet
  /** Mark-to-market of one position. */
  positionMargin(account: string, symbol: string): { readonly initial: Money; readonly maintenance: Money; readonly unrealised: Money; readonly value: Money }
}

export type OrderKey = { readonly orderId: string } | { readonly clientId: string }
