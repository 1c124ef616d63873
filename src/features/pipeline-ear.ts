import type { Lots, PriceTicks, WallMs } from '../core/index.ts'
import type { OrderBook } from '../market/index.ts'
import type { BookUpdate } from '../venues/index.ts'
import type { RecordedTrade } from './book-features.ts'

/** Hears the events of a pipeline after it has taken them, in their order: for what else is made of the same market. It must not throw. */
export interface PipelineEar {
  /** A snapshot, or the whole book told anew: `book` has taken it. */
  onSnapshot(update: BookUpdate, book: OrderBook): void
  /** A delta that `book` has just taken: the sizes before it stand in the book. */
  onDelta(update: BookUpdate, book: OrderBook): void
  takeTrade(trade: RecordedTrade): void
  /** A closed candle, each once. */
  onClosed(startMs: WallMs, openTicks: PriceTicks, highTicks: PriceTicks, lowTicks: PriceTicks, closeTicks: PriceTicks, lots: Lots): void
  /** Candles begin anew with the next one. */
  onCandlesAnew(): void
  /** The book is not known any more. */
  gap(): void
}
