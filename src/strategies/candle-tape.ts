import { INDICATOR_OUTPUTS, IndicatorSet } from '../indicators/index.ts'
import type { ClosedCandle, FeatureVectorView } from './strategy.ts'

/** A candle that is known already; one that begins after a hole; the next one. */
export const CANDLE_KNOWN = 0
export const CANDLE_AFTER_HOLE = 1
export const CANDLE_NEXT = 2

/** Puts closed candles in line and keeps the 35 indicators over them, once for everybody who looks at candles. */
export class CandleTape {
  /** The newest one, valid until the next `take`. */
  readonly candle: ClosedCandle
  readonly #indicators = new IndicatorSet()
  #closed = false

  constructor(intervalMs: number) {
    this.candle = { startMs: 0, intervalMs, open: 0, high: 0, low: 0, close: 0, volume: 0, indicators: new Float64Array(INDICATOR_OUTPUTS).fill(Number.NaN) }
  }

  /** @param vector a VECTOR_CANDLE @returns what it was; a known one changes nothing */
  take(vector: FeatureVectorView): number {
    const { f64, values } = vector
    return this.push(vector.candleStartMs, f64[values]!, f64[values + 1]!, f64[values + 2]!, f64[values + 3]!, f64[values + 4]!)
  }

  /** Prices in quote currency, volume in base coin. */
  push(startMs: number, open: number, high: number, low: number, close: number, volume: number): number {
    const { candle } = this
    const expectedMs = candle.startMs + candle.intervalMs
    if (this.#closed && startMs < expectedMs) return CANDLE_KNOWN
    const hole = this.#closed && startMs !== expectedMs
    if (hole) this.#indicators.reset()
    this.#indicators.commit(high, low, close, volume)
    this.#closed = true
    candle.startMs = startMs
    candle.open = open
    candle.high = high
    candle.low = low
    candle.close = close
    candle.volume = volume
    candle.indicators.set(this.#indicators.closed)
    return hole ? CANDLE_AFTER_HOLE : CANDLE_NEXT
  }

  reset(): void {
    this.#indicators.reset()
    this.#closed = false
  }
}
