import { fail } from '../core/index.ts'
import { checkPeriod } from './shared.ts'
import { largest } from './volatility.ts'

/**
 * SuperTrend (Seban): bands of `multiplier` average true ranges around the middle of the bar, each held until price passes it.
 * The line is the lower band in an upward trend and the upper one in a downward trend; a close beyond it turns the trend. The average true
 * range is Wilder's with the seed of TA-Lib. Warm-up: `period + 1` bars; the first trend is up when that bar closes above the middle.
 */
export class SuperTrend {
  /** Quote currency; NaN while it warms up. */
  line = Number.NaN
  range = Number.NaN
  up = true
  /** Bars since the trend turned, 0 in the bar that turned it. */
  age = 0
  readonly #period: number
  readonly #multiplier: number
  #bars = 0
  #sum = 0
  #upper = Number.NaN
  #lower = Number.NaN
  #close = Number.NaN

  /** @throws RM_INDICATOR_PERIOD, RM_INDICATOR_FACTOR */
  constructor(period = 10, multiplier = 3) {
    this.#period = checkPeriod('SuperTrend', period, 2)
    if (!(multiplier > 0 && Number.isFinite(multiplier))) fail('RM_INDICATOR_FACTOR', { indicator: 'SuperTrend', what: 'multiplier', value: multiplier, allowed: 'above 0' })
    this.#multiplier = multiplier
  }

  /** @returns whether the trend turned with this bar */
  push(high: number, low: number, close: number): boolean {
    const before = this.#close
    this.#close = close
    this.#bars++
    if (this.#bars === 1) return false
    const range = largest(high - low, Math.abs(high - before), Math.abs(low - before))
    if (this.#bars <= this.#period) {
      this.#sum += range
      return false
    }
    const first = this.#bars === this.#period + 1
    this.range = first ? (this.#sum + range) / this.#period : (this.range * (this.#period - 1) + range) / this.#period
    const middle = (high + low) / 2
    const upper = middle + this.#multiplier * this.range
    const lower = middle - this.#multiplier * this.range
    if (first) {
      this.#upper = upper
      this.#lower = lower
      this.up = close > middle
    } else {
      if (upper < this.#upper || before > this.#upper) this.#upper = upper
      if (lower > this.#lower || before < this.#lower) this.#lower = lower
    }
    const turned = !first && (this.up ? close < this.#lower : close > this.#upper)
    if (turned) this.up = !this.up
    this.age = turned ? 0 : this.age + 1
    this.line = this.up ? this.#lower : this.#upper
    return turned
  }

  reset(): void {
    this.line = this.range = this.#upper = this.#lower = this.#close = Number.NaN
    this.up = true
    this.age = this.#bars = this.#sum = 0
  }
}
