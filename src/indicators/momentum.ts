import { SlidingExtreme } from './sliding-extreme.ts'
import { SlidingSum } from './sliding-sum.ts'
import { checkPeriod, isZero } from './shared.ts'

/**
 * Relative strength index (Wilder 1978), 0 to 100. TA-Lib RSI. Warm-up: `period + 1` bars. Flat market: 0, when there
 * was neither gain nor loss (TA-Lib's rule; others say 50).
 */
export class Rsi {
  readonly period: number
  #seen = 0
  #last = 0
  #gain = 0
  #loss = 0

  /** @throws RM_INDICATOR_PERIOD */
  constructor(period: number) {
    this.period = checkPeriod('RSI', period, 2)
  }

  preview(close: number): number {
    if (this.#seen < this.period) return Number.NaN
    const gain = this.#nextGain(close)
    const sum = gain + this.#nextLoss(close)
    return isZero(sum) ? 0 : 100 * (gain / sum)
  }

  /** Writes the close before, what is kept of the averages of gain and loss, and the weight of a change; NaN during warm-up. */
  prepare(k: Float64Array, at: number): void {
    const { period } = this
    const kept = this.#seen < period ? Number.NaN : this.#seen === period ? 1 / period : (period - 1) / period
    k[at] = this.#last
    k[at + 1] = this.#gain * kept
    k[at + 2] = this.#loss * kept
    k[at + 3] = 1 / period
  }

  commit(close: number): void {
    if (this.#seen > 0) {
      const gain = this.#nextGain(close)
      this.#loss = this.#nextLoss(close)
      this.#gain = gain
    }
    this.#last = close
    this.#seen++
  }

  reset(): void {
    this.#seen = this.#gain = this.#loss = 0
  }

  // The first `period` changes are added up and divided once, at the end of the warm-up.
  #nextGain(close: number): number {
    return this.#next(this.#gain, close > this.#last ? close - this.#last : 0)
  }

  #nextLoss(close: number): number {
    return this.#next(this.#loss, close < this.#last ? this.#last - close : 0)
  }

  #next(average: number, change: number): number {
    const { period } = this
    if (this.#seen < period) return average + change
    return this.#seen === period ? (average + change) / period : (average * (period - 1) + change) / period
  }
}

/** Highest high and lowest low of the last `period` bars, the open one included; shared by who needs both. */
export class HighLow {
  high = Number.NaN
  low = Number.NaN
  readonly period: number
  readonly #highs: SlidingExtreme
  readonly #lows: SlidingExtreme

  /** @throws RM_INDICATOR_PERIOD */
  constructor(period: number) {
    this.period = checkPeriod('high-low', period, 2)
    this.#highs = new SlidingExtreme(period - 1, 1)
    this.#lows = new SlidingExtreme(period - 1, -1)
  }

  /** Sets both, NaN before `period` bars. */
  preview(high: number, low: number): void {
    if (!this.#highs.full) {
      this.high = this.low = Number.NaN
      return
    }
    const before = this.#highs.value
    const under = this.#lows.value
    this.high = high > before ? high : before
    this.low = low < under ? low : under
  }

  commit(high: number, low: number): void {
    this.#highs.push(high)
    this.#lows.push(low)
  }

  reset(): void {
    this.#highs.reset()
    this.#lows.reset()
  }
}

/**
 * Fast stochastic (Lane): where the close lies in the range of the last bars, in percent, and the mean of its last
 * `smooth` values. TA-Lib STOCHF. Warm-up: `period + smooth − 1` bars for both. Flat range: 0.
 * @see HighLow the range is previewed and committed by its owner, before and after this one
 */
export class Stochastic {
  k = Number.NaN
  d = Number.NaN
  readonly #range: HighLow
  readonly #smooth: number
  readonly #ks: SlidingSum

  /** @throws RM_INDICATOR_PERIOD */
  constructor(range: HighLow, smooth = 3) {
    this.#range = range
    this.#smooth = checkPeriod('stochastic', smooth, 1)
    this.#ks = new SlidingSum(smooth - 1)
  }

  /** Sets both outputs, after `range.preview` of the same bar. */
  preview(close: number): void {
    const k = this.#raw(close)
    const warm = this.#ks.full && !Number.isNaN(k)
    this.k = warm ? k : Number.NaN
    this.d = warm ? (this.#ks.sum + k) / this.#smooth : Number.NaN
  }

  /** After `range.preview` of the same bar, before `range.commit`. */
  commit(close: number): void {
    const k = this.#raw(close)
    if (!Number.isNaN(k)) this.#ks.push(k)
  }

  reset(): void {
    this.#ks.reset()
  }

  #raw(close: number): number {
    const { high, low } = this.#range
    const width = high - low
    return width === 0 ? 0 : ((close - low) / width) * 100
  }
}

/** Williams %R, −100 to 0: distance of the close from the highest high. TA-Lib WILLR. Flat range: 0. Warm-up: that of `range`. */
export function williamsR(range: HighLow, close: number): number {
  const width = range.high - range.low
  return width === 0 ? 0 : -100 * ((range.high - close) / width)
}

/**
 * Commodity channel index (Lambert 1980) of the typical price. TA-Lib CCI. Warm-up: `period` bars. Flat market: 0.
 * The mean deviation is taken anew for each value, over a window whose length never changes.
 */
export class Cci {
  readonly period: number
  readonly #window: SlidingSum

  /** @throws RM_INDICATOR_PERIOD */
  constructor(period = 20) {
    this.period = checkPeriod('CCI', period, 2)
    this.#window = new SlidingSum(period - 1)
  }

  /** @param typical (high + low + close) / 3 */
  preview(typical: number): number {
    const window = this.#window
    if (!window.full) return Number.NaN
    const { period } = this
    const mean = (window.sum + typical) / period
    let deviation = Math.abs(typical - mean)
    for (let i = 0; i < period - 1; i++) deviation += Math.abs(window.value(i) - mean)
    const distance = typical - mean
    // Nothing but the rounding of the sum is left in a flat market.
    if (isZero(distance) || deviation < 1e-14 * period * Math.abs(mean)) return 0
    return distance / (0.015 * (deviation / period))
  }

  commit(typical: number): void {
    this.#window.push(typical)
  }

  reset(): void {
    this.#window.reset()
  }
}

/** Change since `period` bars ago, as a difference (TA-Lib MOM) and in percent (TA-Lib ROC). Warm-up: `period + 1` bars. */
export class Momentum {
  difference = Number.NaN
  percent = Number.NaN
  readonly #window: SlidingSum

  /** @throws RM_INDICATOR_PERIOD */
  constructor(period = 10) {
    this.#window = new SlidingSum(checkPeriod('MOM', period, 1))
  }

  /** Sets both outputs. */
  preview(close: number): void {
    const then = this.#window.full ? this.#window.oldest : Number.NaN
    this.difference = close - then
    this.percent = then === 0 ? 0 : (close / then - 1) * 100
  }

  commit(close: number): void {
    this.#window.push(close)
  }

  reset(): void {
    this.#window.reset()
  }
}

/**
 * Money flow index, 0 to 100: share of the traded value that came with a rising typical price. TA-Lib MFI. Warm-up:
 * `period + 1` bars. Rule: 0 when less than 1 unit of value was traded in the window (TA-Lib).
 */
export class Mfi {
  readonly period: number
  readonly #rising: SlidingSum
  readonly #falling: SlidingSum
  #last = Number.NaN

  /** @throws RM_INDICATOR_PERIOD */
  constructor(period = 14) {
    this.period = checkPeriod('MFI', period, 2)
    this.#rising = new SlidingSum(period - 1)
    this.#falling = new SlidingSum(period - 1)
  }

  /** @param typical (high + low + close) / 3 */
  preview(typical: number, volume: number): number {
    if (!this.#rising.full) return Number.NaN
    const flow = typical * volume
    const way = direction(typical, this.#last)
    const rising = this.#rising.sum + (way > 0 ? flow : 0)
    const falling = this.#falling.sum + (way < 0 ? flow : 0)
    const total = rising + falling
    return total < 1 ? 0 : 100 * (rising / total)
  }

  commit(typical: number, volume: number): void {
    if (!Number.isNaN(this.#last)) {
      const flow = typical * volume
      const way = direction(typical, this.#last)
      this.#rising.push(way > 0 ? flow : 0)
      this.#falling.push(way < 0 ? flow : 0)
    }
    this.#last = typical
  }

  reset(): void {
    this.#rising.reset()
    this.#falling.reset()
    this.#last = Number.NaN
  }
}

/** Typical prices that differ in the last digit of a third only are equal: such a difference is rounding. */
function direction(typical: number, before: number): number {
  const change = typical - before
  return isZero(change) ? 0 : change
}
