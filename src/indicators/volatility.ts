import { SlidingSum } from './sliding-sum.ts'
import { checkPeriod, trueRange } from './shared.ts'
import { Ema } from './trend.ts'

/**
 * Bollinger bands: simple average of `period` closes ± `width` population standard deviations. TA-Lib BBANDS with SMA.
 * Warm-up: `period` bars. `bandwidth` is (upper − lower) / middle; `percent` is where the close lies between the bands,
 * 0 at the lower and 1 at the upper. Flat market: bandwidth 0, percent 0.5.
 */
export class Bollinger {
  upper = Number.NaN
  middle = Number.NaN
  lower = Number.NaN
  bandwidth = Number.NaN
  percent = Number.NaN
  readonly period: number
  readonly #width: number
  readonly #window: SlidingSum

  /** @throws RM_INDICATOR_PERIOD */
  constructor(period = 20, width = 2) {
    this.period = checkPeriod('BBANDS', period, 2)
    this.#width = width
    this.#window = new SlidingSum(period - 1)
  }

  /** Sets the five outputs. */
  preview(close: number): void {
    const window = this.#window
    if (!window.full) {
      this.upper = this.middle = this.lower = this.bandwidth = this.percent = Number.NaN
      return
    }
    const { period } = this
    const middle = (window.sum + close) / period
    // Around the mean, not from sums of squares: prices are large and their changes small.
    let squares = (close - middle) * (close - middle)
    for (let i = 0; i < period - 1; i++) {
      const distance = window.value(i) - middle
      squares += distance * distance
    }
    const deviation = Math.sqrt(squares / period)
    // Below the last digit of the price there is no deviation, only rounding.
    const reach = deviation < 1e-14 * Math.abs(middle) ? 0 : this.#width * deviation
    this.middle = middle
    this.upper = middle + reach
    this.lower = middle - reach
    this.bandwidth = middle === 0 ? 0 : (2 * reach) / middle
    this.percent = reach === 0 ? 0.5 : (close - middle + reach) / (2 * reach)
  }

  commit(close: number): void {
    this.#window.push(close)
  }

  reset(): void {
    this.#window.reset()
  }
}

/** Average true range (Wilder 1978). TA-Lib ATR: starts with the mean of the first `period` true ranges. Warm-up: `period + 1` bars. */
export class Atr {
  readonly period: number
  #seen = 0
  #sum = 0
  #value = Number.NaN
  #close = 0

  /** @throws RM_INDICATOR_PERIOD */
  constructor(period = 14) {
    this.period = checkPeriod('ATR', period, 2)
  }

  preview(high: number, low: number): number {
    if (this.#seen < this.period) return Number.NaN
    const range = trueRange(high, low, this.#close)
    return this.#seen === this.period ? (this.#sum + range) / this.period : (this.#value * (this.period - 1) + range) / this.period
  }

  /** Writes the close before, what is kept of the average and the weight of a range; NaN during warm-up. */
  prepare(k: Float64Array, at: number): void {
    const { period } = this
    k[at] = this.#close
    k[at + 1] = this.#seen < period ? Number.NaN : this.#seen === period ? this.#sum / period : (this.#value * (period - 1)) / period
    k[at + 2] = 1 / period
  }

  commit(high: number, low: number, close: number): void {
    if (this.#seen >= this.period) this.#value = this.preview(high, low)
    else if (this.#seen > 0) this.#sum += trueRange(high, low, this.#close)
    this.#close = close
    this.#seen++
  }

  reset(): void {
    this.#seen = this.#sum = 0
    this.#value = Number.NaN
  }
}

/** Keltner channel: EMA of the close ± `width` ATR (Raschke's form). Warm-up: the longer of both. */
export class Keltner {
  upper = Number.NaN
  lower = Number.NaN
  readonly #width: number
  readonly #average: Ema
  readonly #range: Atr

  /** @throws RM_INDICATOR_PERIOD */
  constructor(period = 20, rangePeriod = 10, width = 2) {
    this.#width = width
    this.#average = new Ema(period)
    this.#range = new Atr(rangePeriod)
  }

  /** Sets both outputs. */
  preview(high: number, low: number, close: number): void {
    const middle = this.#average.preview(close)
    const reach = this.#width * this.#range.preview(high, low)
    this.upper = middle + reach
    this.lower = middle - reach
  }

  /** Writes e and w of the average, then what ATR writes. */
  prepare(k: Float64Array, at: number): void {
    this.#average.prepare(k, at)
    this.#range.prepare(k, at + 2)
  }

  commit(high: number, low: number, close: number): void {
    this.#average.commit(close)
    this.#range.commit(high, low, close)
  }

  reset(): void {
    this.#average.reset()
    this.#range.reset()
  }
}
