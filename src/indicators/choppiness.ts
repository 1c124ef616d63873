import { checkPeriod } from './shared.ts'
import { largest } from './volatility.ts'

/**
 * Choppiness index (Dreiss), 0 to 100: 100 · log10(Σ true range / (highest high − lowest low)) / log10(period), over `period` bars.
 * Near 100 the market went nowhere, near 0 straight. Warm-up: `period + 1` bars. A window without any range: 100.
 */
export class Choppiness {
  value = Number.NaN
  readonly #period: number
  readonly #highs: Float64Array
  readonly #lows: Float64Array
  readonly #ranges: Float64Array
  #at = 0
  #bars = 0
  #close = Number.NaN

  /** @throws RM_INDICATOR_PERIOD */
  constructor(period = 14) {
    this.#period = checkPeriod('choppiness', period, 2)
    this.#highs = new Float64Array(period)
    this.#lows = new Float64Array(period)
    this.#ranges = new Float64Array(period)
  }

  push(high: number, low: number, close: number): void {
    const before = this.#close
    this.#close = close
    if (this.#bars++ === 0) return
    const at = this.#at
    this.#highs[at] = high
    this.#lows[at] = low
    this.#ranges[at] = largest(high - low, Math.abs(high - before), Math.abs(low - before))
    this.#at = at + 1 === this.#period ? 0 : at + 1
    if (this.#bars <= this.#period) return
    let highest = Number.NEGATIVE_INFINITY
    let lowest = Number.POSITIVE_INFINITY
    let sum = 0
    for (let i = 0; i < this.#period; i++) {
      highest = Math.max(highest, this.#highs[i]!)
      lowest = Math.min(lowest, this.#lows[i]!)
      sum += this.#ranges[i]!
    }
    const width = highest - lowest
    this.value = width > 0 ? Math.min(100, Math.max(0, (100 * Math.log10(sum / width)) / Math.log10(this.#period))) : 100
  }

  reset(): void {
    this.value = this.#close = Number.NaN
    this.#at = this.#bars = 0
  }
}
