import type { Clock, Lots, PriceTicks, Side, Timers, WallMs } from '../../core/index.ts'
import type { Contract } from '../port.ts'

/** Where the market of one symbol comes from: a generator, a recording. */
export interface MarketSource {
  readonly contract: Contract
  /** Fills the book, ends with `flow.commit()`, and sets its timers. */
  start(flow: MarketFlow): void
  /** No flow after this. */
  stop(): void
}

/** The market side of one symbol, as its source drives it. Changes become visible to accounts and listeners at `commit`. */
export interface MarketFlow {
  readonly clock: Clock
  readonly timers: Timers
  /** How often this exchange has been started over its ledger: 1 for the first time. A generator mixes it into its seed. */
  readonly start: number
  /** Last price noted before the previous process ended, or null: the generator goes on from here. */
  readonly resumeTicks: PriceTicks | null

  /** See `MatchingBook.setLevel`. */
  setLevel(side: Side, ticks: PriceTicks, lots: Lots): void
  /** See `MatchingBook.take`. @returns the lots nobody gave. */
  take(side: Side, limitTicks: PriceTicks, lots: Lots): Lots
  /** See `MatchingBook.print`; the public tape gets the whole trade. */
  print(side: Side, ticks: PriceTicks, lots: Lots): void
  /** Best price of a side, accounts included. */
  best(side: Side): PriceTicks
  externalAt(side: Side, ticks: PriceTicks): Lots

  /** Adds a closed one-minute candle; before the first trade, oldest first. */
  history(startMs: WallMs, open: PriceTicks, high: PriceTicks, low: PriceTicks, close: PriceTicks, lots: Lots, turnover: number): void
  fundingHistory(rate: number, timeMs: WallMs): void
  /** Open interest of the market itself; positions of accounts come on top. */
  openInterest(lots: Lots): void

  /** The market jumps: its size leaves the book; what follows up to `seamEnd` is the new book. */
  seamBegin(): void
  /** Account orders queue again behind the new book, and listeners hear `onSeam`. */
  seamEnd(reason: string): void
  /** End of one market message: accounts settle, listeners hear. */
  commit(): void
}
