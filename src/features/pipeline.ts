import type { Instrument, Lots, PriceTicks, Side, WallMs } from '../core/index.ts'
import type { BookUpdate } from '../venues/index.ts'
import { BOOK_FEATURES, BookFeatures, type BookFeatureSettings, type RecordedTrade } from './book-features.ts'
import { CandleFeatures } from './candle-features.ts'
import { firstNonFinite } from './check.ts'
import type { PipelineEar } from './pipeline-ear.ts'
import { FEATURES } from './table.ts'
import type { RecordedTop } from './top-levels.ts'

/**
 * The 110 features of one symbol from its events: book messages, trades, candles. The same class runs live, in replay
 * and over recorded data; it knows no clock, only the times of the events. Allocates nothing per event.
 */
export class FeaturePipeline {
  readonly bookFeatures: BookFeatures
  readonly candleFeatures: CandleFeatures
  /** null: nobody else listens. */
  ear: PipelineEar | null = null
  #openTicks: PriceTicks = Number.NaN
  #highTicks: PriceTicks = Number.NaN
  #lowTicks: PriceTicks = Number.NaN
  #closeTicks: PriceTicks = Number.NaN
  #lots: Lots = Number.NaN
  #closedStartMs: WallMs = -1
  #closedTicks: PriceTicks = Number.NaN
  #trades = 0

  constructor(instrument: Pick<Instrument, 'tick' | 'lot'>, settings: BookFeatureSettings) {
    this.bookFeatures = new BookFeatures(instrument, settings)
    this.candleFeatures = new CandleFeatures(instrument)
  }

  /** Start of the newest closed candle, −1 before the first. */
  get closedStartMs(): WallMs {
    return this.#closedStartMs
  }

  /** Trades taken. */
  get trades(): number {
    return this.#trades
  }

  /** @returns false when the message could not be applied: a snapshot is needed. */
  onBook(update: BookUpdate): boolean {
    const { bookFeatures, ear } = this
    const taken = bookFeatures.onBook(update)
    if (ear === null) return taken
    if (!taken) ear.gap()
    else if (update.snapshot) ear.onSnapshot(update, bookFeatures.book)
    else ear.onDelta(update, bookFeatures.book)
    return taken
  }

  /** A message to a book of which only the best levels are known. */
  onTop(top: RecordedTop, update: BookUpdate): void {
    this.bookFeatures.onTop(top, update)
  }

  /** The whole book told again: no event. @returns as `onBook` */
  adoptBook(update: BookUpdate): boolean {
    const taken = this.bookFeatures.adopt(update)
    if (taken) this.ear?.onSnapshot(update, this.bookFeatures.book)
    return taken
  }

  /** The book had a gap. */
  onGap(): void {
    this.bookFeatures.gap()
    this.ear?.gap()
  }

  /** A trade out of a record: no number of it becomes an object on the way. */
  takeTrade(trade: RecordedTrade): void {
    this.#trades++
    this.bookFeatures.takeTrade(trade)
    this.ear?.takeTrade(trade)
  }

  /** Book and trades begin anew. */
  resetBook(): void {
    this.bookFeatures.reset()
    this.ear?.gap()
    this.#trades = 0
  }

  onTrade(side: Side, priceTicks: PriceTicks, lots: Lots, timeMs: WallMs): void {
    this.#trades++
    this.bookFeatures.onTrade(side, priceTicks, lots, timeMs)
  }

  /** A closed candle; one that is already in, or older, is left out. @returns false after a hole: the candles begin anew with it */
  onClosed(startMs: WallMs, openTicks: PriceTicks, highTicks: PriceTicks, lowTicks: PriceTicks, closeTicks: PriceTicks, lots: Lots, intervalMs: number): boolean {
    if (startMs <= this.#closedStartMs) return true
    const follows = this.#closedStartMs < 0 || startMs === this.#closedStartMs + intervalMs
    if (!follows) {
      this.candleFeatures.reset()
      this.ear?.onCandlesAnew()
    }
    this.#closedStartMs = startMs
    this.#closedTicks = closeTicks
    this.candleFeatures.close(openTicks, highTicks, lowTicks, closeTicks, lots)
    this.ear?.onClosed(startMs, openTicks, highTicks, lowTicks, closeTicks, lots)
    return follows
  }

  /** The forming candle as it stands. */
  onForming(openTicks: PriceTicks, highTicks: PriceTicks, lowTicks: PriceTicks, closeTicks: PriceTicks, lots: Lots): void {
    this.#openTicks = openTicks
    this.#highTicks = highTicks
    this.#lowTicks = lowTicks
    this.#closeTicks = closeTicks
    this.#lots = lots
  }

  /** Nothing was traded yet since the last candle was closed: a flat candle at its close, without volume. */
  onNoForming(): void {
    this.#openTicks = this.#highTicks = this.#lowTicks = this.#closeTicks = this.#closedTicks
    this.#lots = 0
  }

  /** Candles begin anew, from an older history. */
  resetCandles(): void {
    this.candleFeatures.reset()
    this.ear?.onCandlesAnew()
    this.#closedStartMs = -1
    this.#closedTicks = this.#openTicks = this.#highTicks = this.#lowTicks = this.#closeTicks = this.#lots = Number.NaN
  }

  /**
   * Writes the 110 values to `out` from place `at` on.
   * @returns place of the first value that is not finite, or −1: then the vector is warm
   */
  compute(out: Float64Array, at: number): number {
    this.bookFeatures.illiquidity = this.candleFeatures.illiquidity
    this.bookFeatures.compute(out, at)
    this.candleFeatures.compute(this.#openTicks, this.#highTicks, this.#lowTicks, this.#closeTicks, this.#lots, out, at + BOOK_FEATURES)
    return firstNonFinite(out, at, FEATURES)
  }
}
