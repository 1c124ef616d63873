import { SlidingSum } from './sliding-sum.ts'
import { checkPeriod, isZero, trueRange } from './shared.ts'

/*
 * How all kernels work: `preview` says what the output would be if the open bar closed with these values and changes
 * nothing; `commit` closes the bar. The value of a closed bar is its last preview. Before the warm-up is over an
 * output is NaN. State holds closed bars only: a window of n is n − 1 of them and the bar that is asked about.
 */

/** Simple moving average: mean of the last `period` closes. Warm-up: `period` bars. TA-Lib SMA. */
export class Sma {
  readonly period: number
  readonly #window: SlidingSum

  /** @throws RM_INDICATOR_PERIOD */
  constructor(period: number) {
    this.period = checkPeriod('SMA', period, 1)
    this.#window = new SlidingSum(period - 1)
  }

  preview(value: number): number {
    return this.#window.full ? (this.#window.sum + value) / this.period : Number.NaN
  }

  commit(value: number): void {
    this.#window.push(value)
  }

  reset(): void {
    this.#window.reset()
  }
}

/**
 * Exponential moving average, weight 2 / (period + 1); starts with the mean of the first `period` values after the
 * first `skip` ones. Warm-up: `skip + period` bars. TA-Lib EMA (classic seed).
 */
export class Ema {
  readonly period: number
  readonly #weight: number
  readonly #skip: number
  #seen = 0
  #sum = 0
  #value = Number.NaN

  /** @throws RM_INDICATOR_PERIOD */
  constructor(period: number, skip = 0) {
    this.period = checkPeriod('EMA', period, 1)
    this.#weight = 2 / (period + 1)
    this.#skip = skip
  }

  preview(value: number): number {
    const needed = this.#skip + this.period
    if (this.#seen >= needed) return (value - this.#value) * this.#weight + this.#value
    return this.#seen === needed - 1 ? (this.#sum + value) / this.period : Number.NaN
  }

  /** Writes e and w of the next value, which is e + (x − e) · w; NaN during warm-up. */
  prepare(k: Float64Array, at: number): void {
    const needed = this.#skip + this.period
    const warm = this.#seen >= needed
    // The first value is a mean: the sum so far as the mean of the others.
    k[at] = warm ? this.#value : this.#seen === needed - 1 ? (this.period > 1 ? this.#sum / (this.period - 1) : 0) : Number.NaN
    k[at + 1] = warm ? this.#weight : 1 / this.period
  }

  commit(value: number): void {
    this.#value = this.preview(value)
    if (this.#seen >= this.#skip && this.#seen < this.#skip + this.period) this.#sum += value
    this.#seen++
  }

  reset(): void {
    this.#seen = this.#sum = 0
    this.#value = Number.NaN
  }
}

/**
 * Difference of two exponential averages, its own average (signal), and their difference (histogram). As in TA-Lib
 * MACD the fast average is seeded late, so that both have their first value at bar `slow`. Warm-up: `slow + signal − 1`
 * bars for all three outputs.
 */
export class Macd {
  line = Number.NaN
  signal = Number.NaN
  histogram = Number.NaN
  readonly #fast: Ema
  readonly #slow: Ema
  readonly #signal: Ema

  /** @throws RM_INDICATOR_PERIOD unless `fast < slow`. */
  constructor(fast = 12, slow = 26, signal = 9) {
    checkPeriod('MACD slow', slow, checkPeriod('MACD fast', fast, 1) + 1)
    this.#fast = new Ema(fast, slow - fast)
    this.#slow = new Ema(slow)
    this.#signal = new Ema(signal, slow - 1)
  }

  /** Sets the three outputs. */
  preview(close: number): void {
    const line = this.#fast.preview(close) - this.#slow.preview(close)
    this.signal = this.#signal.preview(line)
    // TA-Lib gives the line only where there is a signal.
    this.line = Number.isNaN(this.signal) ? Number.NaN : line
    this.histogram = line - this.signal
  }

  /** Writes e and w of the fast, the slow and the signal average. */
  prepare(k: Float64Array, at: number): void {
    this.#fast.prepare(k, at)
    this.#slow.prepare(k, at + 2)
    this.#signal.prepare(k, at + 4)
  }

  commit(close: number): void {
    const line = this.#fast.preview(close) - this.#slow.preview(close)
    this.#fast.commit(close)
    this.#slow.commit(close)
    this.#signal.commit(line)
  }

  reset(): void {
    this.#fast.reset()
    this.#slow.reset()
    this.#signal.reset()
  }
}

/**
 * Directional movement (Wilder 1978): +DI and −DI in percent, and the average directional index. TA-Lib PLUS_DI,
 * MINUS_DI, ADX. Warm-up: `period + 1` bars for the two DI, `2 · period` for ADX. Rules: without true range both DI are
 * 0 and ADX keeps its value; so does ADX when both DI are 0.
 */
export class DirectionalMovement {
  adx = Number.NaN
  plusDi = Number.NaN
  minusDi = Number.NaN
  readonly period: number
  #seen = 0
  #high = 0
  #low = 0
  #close = 0
  #plus = 0
  #minus = 0
  #range = 0
  #dxSum = 0
  #adx = Number.NaN
  // What the last call of #move found.
  #nextPlus = 0
  #nextMinus = 0
  #nextRange = 0

  /** @throws RM_INDICATOR_PERIOD */
  constructor(period = 14) {
    this.period = checkPeriod('ADX', period, 2)
  }

  /** Sets the three outputs. */
  preview(high: number, low: number): void {
    this.adx = this.plusDi = this.minusDi = Number.NaN
    if (this.#seen < this.period) return
    this.#move(high, low)
    const dx = this.#directions()
    const { period } = this
    if (this.#seen >= 2 * period) this.adx = Number.isNaN(dx) ? this.#adx : (this.#adx * (period - 1) + dx) / period
    else if (this.#seen === 2 * period - 1) this.adx = (this.#dxSum + (Number.isNaN(dx) ? 0 : dx)) / period
  }

  commit(high: number, low: number, close: number): void {
    if (this.#seen > 0) {
      this.preview(high, low)
      if (this.#seen < this.period) this.#move(high, low)
      else if (this.#seen < 2 * this.period - 1) {
        const dx = this.#directions()
        if (!Number.isNaN(dx)) this.#dxSum += dx
      }
      this.#adx = this.adx
      this.#plus = this.#nextPlus
      this.#minus = this.#nextMinus
      this.#range = this.#nextRange
    }
    this.#high = high
    this.#low = low
    this.#close = close
    this.#seen++
  }

  /** Writes high, low and close before, the three sums as far as they are kept, then a, b and c: ADX is a + b · DX, c without DX. */
  prepare(k: Float64Array, at: number): void {
    const { period } = this
    const warm = this.#seen >= period
    const kept = warm ? 1 - 1 / period : Number.NaN
    k[at] = this.#high
    k[at + 1] = this.#low
    k[at + 2] = this.#close
    k[at + 3] = this.#plus * kept
    k[at + 4] = this.#minus * kept
    k[at + 5] = this.#range * kept
    const smoothed = this.#seen >= 2 * period
    const first = this.#seen === 2 * period - 1
    k[at + 6] = smoothed ? (this.#adx * (period - 1)) / period : first ? this.#dxSum / period : Number.NaN
    k[at + 7] = 1 / period
    k[at + 8] = smoothed ? this.#adx : k[at + 6]!
  }

  reset(): void {
    this.#seen = this.#plus = this.#minus = this.#range = this.#dxSum = 0
    this.#adx = this.adx = this.plusDi = this.minusDi = Number.NaN
  }

  /** Sums of directional movement and true range with this bar: added up for `period − 1` bars, smoothed after that. */
  #move(high: number, low: number): void {
    const up = high - this.#high
    const down = this.#low - low
    const kept = this.#seen < this.period ? 1 : 1 - 1 / this.period
    this.#nextPlus = this.#plus * kept + (up > 0 && up > down ? up : 0)
    this.#nextMinus = this.#minus * kept + (down > 0 && down > up ? down : 0)
    this.#nextRange = this.#range * kept + trueRange(high, low, this.#close)
  }

  /** Sets the two DI from the sums; @returns DX, NaN when there is none. */
  #directions(): number {
    if (isZero(this.#nextRange)) {
      this.plusDi = this.minusDi = 0
      return Number.NaN
    }
    this.plusDi = 100 * (this.#nextPlus / this.#nextRange)
    this.minusDi = 100 * (this.#nextMinus / this.#nextRange)
    const sum = this.plusDi + this.minusDi
    return isZero(sum) ? Number.NaN : 100 * (Math.abs(this.minusDi - this.plusDi) / sum)
  }
}
