import type { Instrument, Lots, PriceTicks, Side, WallMs } from '../core/index.ts'
import type { BookUpdate } from '../venues/index.ts'
import { BOOK_FEATURES, BookFeatures, type BookFeatureSettings } from './book-features.ts'
import { CandleFeatures } from './candle-features.ts'
import { firstNonFinite } from './check.ts'
import { FEATURES } from './table.ts'

/** Candle as the pipeline takes it: whole ticks and lots. */
export interface CandleValues {
  readonly startMs: WallMs
  readonly openTicks: PriceTicks
  readonly highTicks: PriceTicks
  readonly lowTicks: PriceTicks
  readonly closeTicks: PriceTicks
  readonly lots: Lots
}

/**
 * The 110 features of one symbol from its events: book messages, trades, candles. The same class runs live, in replay
 * and over recorded data; it knows no clock, only the times of the events. Allocates nothing per event.
 */
export class FeaturePipeline {
  readonly bookFeatures: BookFeatures
  readonly candleFeatures: CandleFeatures
  #formingStartMs: WallMs = Number.NaN
  #openTicks: PriceTicks = Number.NaN
  #highTicks: PriceTicks = Number.NaN
  #lowTicks: PriceTicks = Number.NaN
  #closeTicks: PriceTicks = Number.NaN
  #lots: Lots = Number.NaN
  #closedStartMs: WallMs = -1

  constructor(instrument: Pick<Instrument, 'tick' | 'lot'>, settings: BookFeatureSettings) {
    this.bookFeatures = new BookFeatures(instrument, settings)
    this.candleFeatures = new CandleFeatures(instrument)
  }

  /** Start of the newest closed candle, −1 before the first. */
  get closedStartMs(): WallMs {
    return this.#closedStartMs
  }

  /** @returns false when the message could not be applied: a snapshot is needed. */
  onBook(update: BookUpdate): boolean {
    return this.bookFeatures.onBook(update)
  }

  /** The book had a gap. */
  onGap(): void {
    this.bookFeatures.gap()
  }

  onTrade(side: Side, priceTicks: PriceTicks, lots: Lots, timeMs: WallMs): void {
    this.bookFeatures.onTrade(side, priceTicks, lots, timeMs)
  }

  /** A closed candle; one that is already in, or older, is left out. After a hole the candles begin anew. */
  onCandle({ startMs, openTicks, highTicks, lowTicks, closeTicks, lots }: CandleValues, intervalMs: number): void {
    if (startMs <= this.#closedStartMs) return
    if (this.#closedStartMs >= 0 && startMs !== this.#closedStartMs + intervalMs) this.candleFeatures.reset()
    this.#closedStartMs = startMs
    this.candleFeatures.close(openTicks, highTicks, lowTicks, closeTicks, lots)
  }

  /** The forming candle as it stands; NaN prices when there is none. */
  onForming(startMs: WallMs, openTicks: PriceTicks, highTicks: PriceTicks, lowTicks: PriceTicks, closeTicks: PriceTicks, lots: Lots): void {
    this.#formingStartMs = startMs
    this.#openTicks = openTicks
    this.#highTicks = highTicks
    this.#lowTicks = lowTicks
    this.#closeTicks = closeTicks
    this.#lots = lots
  }

  /** Candles begin anew, from an older history. */
  resetCandles(): void {
    this.candleFeatures.reset()
    this.#closedStartMs = -1
    this.#formingStartMs = Number.NaN
    this.#openTicks = this.#highTicks = this.#lowTicks = this.#closeTicks = this.#lots = Number.NaN
  }

  /** Start of the forming candle, NaN when there is none. */
  get formingStartMs(): WallMs {
    return this.#formingStartMs
  }

  /** Whether every feature has what it needs, as far as can be told without computing it. */
  get enough(): boolean {
    const { top } = this.bookFeatures
    return top.bidLevels >= 10 && top.askLevels >= 10 && this.candleFeatures.warm && !Number.isNaN(this.#formingStartMs)
  }

  /**
   * Writes the 110 values to `out` from place `at` on.
   * @returns place of the first value that is not finite, or −1: then the vector is warm
   */
  compute(out: Float64Array, at: number): number {
    this.bookFeatures.compute(this.candleFeatures.illiquidity, out, at)
    this.candleFeatures.compute(this.#openTicks, this.#highTicks, this.#lowTicks, this.#closeTicks, this.#lots, out, at + BOOK_FEATURES)
    return firstNonFinite(out, at, FEATURES)
  }
}
