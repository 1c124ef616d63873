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
  /** Cuts the connection and makes a new one. */
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

/** Side of a book for callers that index by side. */
export type BookSide = Side
