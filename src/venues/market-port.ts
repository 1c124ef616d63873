import type { Instrument, Lots, Nanos, PriceTicks, Side, WallMs } from '../core/index.ts'

/** One book message, whole and checked, in whole ticks and lots. Reused by its decoder: copy what must outlive the call. */
export interface BookUpdate {
  snapshot: boolean
  updateId: number
  /** The venue's cross sequence, or -1. */
  sequence: number
  /** Matching-engine time where given, else the time of the push. */
  venueTimeMs: WallMs
  pushTimeMs: WallMs
  bidCount: number
  askCount: number
  /** First `bidCount` entries are bids; a size of 0 deletes the level, any other replaces it. */
  readonly bidTicks: Float64Array
  readonly bidLots: Float64Array
  readonly askTicks: Float64Array
  readonly askLots: Float64Array
}

/** The trades of one frame, oldest first. Reused by its decoder. */
export interface TradeBatch {
  count: number
  readonly priceTicks: Float64Array
  readonly lots: Float64Array
  readonly timeMs: Float64Array
  /** Aggressor, 0 buy, 1 sell. */
  readonly sides: Uint8Array
  /** The venue's trade ids. */
  readonly ids: string[]
}

/** Ticker as last known; NaN where the venue has not said anything yet. Deltas are already merged. */
export interface Ticker {
  lastPrice: number
  markPrice: number
  indexPrice: number
  bidPrice: number
  askPrice: number
  volume24h: number
  turnover24h: number
  high24h: number
  low24h: number
  open24h: number
  fundingRate: number
  nextFundingMs: number
  /** In base coin. */
  openInterest: number
  venueTimeMs: WallMs
}

/** One candle of the venue's stream or REST. */
export interface Kline {
  readonly intervalMs: number
  readonly startMs: WallMs
  readonly openTicks: PriceTicks
  readonly highTicks: PriceTicks
  readonly lowTicks: PriceTicks
  readonly closeTicks: PriceTicks
  readonly lots: Lots
  readonly closed: boolean
}

export type FeedState = 'connecting' | 'subscribing' | 'live' | 'down'

/** What an ingest actor hears from a feed. All calls come on the actor's thread. */
export interface MarketHandler {
  onBook(update: BookUpdate, receiveNs: Nanos): void
  onTrades(batch: TradeBatch, receiveNs: Nanos): void
  onTicker(ticker: Ticker, receiveNs: Nanos): void
  onKline(kline: Kline, receiveNs: Nanos): void
  onLiquidation(liquidation: Liquidation, receiveNs: Nanos): void
  onPriceLimits(limits: PriceLimits, receiveNs: Nanos): void
  onFunding(funding: FundingEstimate, receiveNs: Nanos): void
  /** The venue changed the grid, the limits or the status of the instrument. */
  onInstrument(state: InstrumentState, receiveNs: Nanos): void
  /** `down` comes before anything else is done about it. */
  onFeed(state: FeedState, reason: string): void
  /** A frame that was refused: coded error and the first bytes; the feed goes on. */
  onBadFrame(error: unknown, excerpt: string): void
}

/** Public market data of one symbol on one venue. */
export interface MarketFeed {
  start(handler: MarketHandler): void
  /** Drops the book subscription and takes it again: a fresh snapshot follows. At most one at a time. */
  resync(reason: string): void
  /** Cuts the connection and makes a new one; while that is waited for, makes it at once. */
  reconnect(reason: string): void
  /** Stops reading until `resume`: backpressure of a full ring. */
  pause(): void
  resume(): void
  stop(): void
}

/** What is known of a venue before trading starts. */
export interface MarketReference {
  /** @throws coded errors through `done` when a symbol is unknown or not trading. */
  instruments(symbols: readonly string[], done: (error: unknown, instruments: readonly Instrument[]) => void): void
  klines(instrument: Instrument, intervalMs: number, count: number, done: (error: unknown, klines: readonly Kline[]) => void): void
  /** Venue clock minus ours, in ms, with the round trip it was measured over. */
  clock(done: (error: unknown, offsetMs: number, roundTripMs: number) => void): void
}

/** A position that the venue closed by force, as its public stream tells it. */
export interface Liquidation {
  /** Side of the order that closes: BUY when a short was liquidated. */
  readonly side: Side
  /** Bankruptcy price; may lie between ticks. */
  readonly priceTicks: number
  readonly lots: Lots
  readonly timeMs: WallMs
}

/** The band outside of which the venue refuses, or moves, limit orders. */
export interface PriceLimits {
  readonly highestBuyTicks: PriceTicks
  readonly lowestSellTicks: PriceTicks
  /** False while the venue does not apply them. */
  readonly enabled: boolean
  readonly timeMs: WallMs
}

/** Funding as the venue announces it. */
export interface FundingEstimate {
  /** Fraction per interval; positive: longs pay. */
  readonly rate: number
  readonly settleMs: WallMs
  /** NaN where the venue has not said. */
  readonly intervalMs: number
  readonly timeMs: WallMs
}

/** One funding that was settled. */
export interface FundingSettled {
  readonly rate: number
  readonly timeMs: WallMs
}

export type InstrumentStatus = 'trading' | 'suspended' | 'closed'

/** What the venue says of an instrument now; grid and limits may change while the engine runs. */
export interface InstrumentState {
  /** With the index that the engine gave the symbol. */
  readonly instrument: Instrument
  readonly status: InstrumentStatus
  /** The venue's own word for the status. */
  readonly statusText: string
  readonly fundingIntervalMs: number
  /** Base coin of one contract, decimal text; "1" where sizes are in coin. */
  readonly contractValue: string
}

/** Best bid and ask by REST. */
export interface RestQuote {
  readonly bidTicks: PriceTicks
  readonly bidLots: Lots
  readonly askTicks: PriceTicks
  readonly askLots: Lots
  readonly lastTicks: PriceTicks
  /** NaN where the venue does not give it. */
  readonly markTicks: number
  readonly venueTimeMs: WallMs
}

/** A book by REST, best level first; for audits, never to build on. */
export interface RestBook {
  /**
   * Comparable with `BookUpdate.sequence` of the stream (Bybit `seq`) or with `BookUpdate.updateId` (OKX `seqId`),
   * as `by` says; -1 where the venue gave none.
   */
  readonly number: number
  readonly by: 'sequence' | 'updateId'
  readonly venueTimeMs: WallMs
  readonly bidTicks: Float64Array
  readonly bidLots: Float64Array
  readonly askTicks: Float64Array
  readonly askLots: Float64Array
}

/**
 * Market data by REST, one call each: the second source, and the judge of the first. Every call ends within `deadlineMs`,
 * with a coded error (RM_VENUE_REQUEST, RM_VENUE_REFUSED, RM_VENUE_ROW) when it did not get a whole answer.
 */
export interface MarketQueries {
  quote(instrument: Instrument, deadlineMs: number, done: (error: unknown, quote: RestQuote | null) => void): void
  book(instrument: Instrument, levels: number, deadlineMs: number, done: (error: unknown, book: RestBook | null) => void): void
  priceLimits(instrument: Instrument, deadlineMs: number, done: (error: unknown, limits: PriceLimits | null) => void): void
  funding(instrument: Instrument, deadlineMs: number, done: (error: unknown, funding: FundingEstimate | null) => void): void
  /** Oldest first. */
  fundingHistory(instrument: Instrument, count: number, deadlineMs: number, done: (error: unknown, rows: readonly FundingSettled[]) => void): void
  instrumentState(instrument: Instrument, deadlineMs: number, done: (error: unknown, state: InstrumentState | null) => void): void
}

/** Side of a book for callers that index by side. */
export type BookSide = Side
