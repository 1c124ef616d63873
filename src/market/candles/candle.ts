import type { Lots, PriceTicks, WallMs } from '../../core/index.ts'

/** A minute without a trade: the close before it, volume 0. */
export const CANDLE_FLAT = 0
/** Counted from the trade stream. */
export const CANDLE_TRADES = 1
/** The venue's own figures, stream or REST. */
export const CANDLE_VENUE = 2

export interface Candle {
  startMs: WallMs
  openTicks: PriceTicks
  highTicks: PriceTicks
  lowTicks: PriceTicks
  closeTicks: PriceTicks
  lots: Lots
  /** CANDLE_FLAT, CANDLE_TRADES or CANDLE_VENUE. */
  source: number
}

export const emptyCandle = (): Candle => ({ startMs: 0, openTicks: 0, highTicks: 0, lowTicks: 0, closeTicks: 0, lots: 0, source: CANDLE_FLAT })
