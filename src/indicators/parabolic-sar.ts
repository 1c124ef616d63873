import { fail } from '../core/index.ts'

/**
 * Parabolic stop and reverse (Wilder 1978), bar by bar; equals TA-Lib SAR. `value` is the stop that was in force during the bar
 * that was pushed last, `next` the one of the bar to come. Warm-up: 2 bars. The first direction is that of the first move (TA-Lib: short
 * when downward movement was the larger one).
 */
export class ParabolicSar {
  /** Quote currency; NaN before the second bar. */
  value = Number.NaN
  next = Number.NaN
  long = true
  readonly #acceleration: number
  readonly #accelerationMax: number
  #bars = 0
  #factor = 0
  #extreme = Number.NaN
  #high = Number.NaN
  #low = Number.NaN

  /** @throws RM_INDICATOR_FACTOR unless 0 < acceleration ≤ accelerationMax ≤ 1 */
  constructor(acceleration = 0.02, accelerationMax = 0.2) {
    if (!(acceleration > 0 && acceleration <= accelerationMax && accelerationMax <= 1)) fail('RM_INDICATOR_FACTOR', { indicator: 'SAR', what: 'acceleration', value: `${acceleration} up to ${accelerationMax}`, allowed: '0 < acceleration ≤ maximum ≤ 1' })
    this.#acceleration = acceleration
    this.#accelerationMax = accelerationMax
  }

  push(high: number, low: number): void {
    this.#bars++
    if (this.#bars === 1) {
      this.#high = high
      this.#low = low
      return
    }
    if (this.#bars === 2) this.#begin(high, low)
    const turned = this.long ? low <= this.next : high >= this.next
    if (turned) this.#turn(high, low)
    else this.#follow(high, low)
    this.#high = high
    this.#low = low
  }

  reset(): void {
    this.value = this.next = this.#extreme = this.#high = this.#low = Number.NaN
    this.long = true
    this.#bars = this.#factor = 0
  }

  #begin(high: number, low: number): void {
    const up = high - this.#high
    const down = this.#low - low
    this.long = !(down > 0 && down > up)
    this.next = this.long ? this.#low : this.#high
    this.#extreme = this.long ? high : low
    this.#factor = this.#acceleration
    // The bar before counts as this one once: the first stop may lie within it.
    this.#high = high
    this.#low = low
  }

  #turn(high: number, low: number): void {
    this.long = !this.long
    this.value = this.#outside(this.#extreme, high, low)
    this.#factor = this.#acceleration
    this.#extreme = this.long ? high : low
    this.next = this.#outside(this.value + this.#factor * (this.#extreme - this.value), high, low)
  }

  #follow(high: number, low: number): void {
    this.value = this.next
    const further = this.long ? high > this.#extreme : low < this.#extreme
    if (further) {
      this.#extreme = this.long ? high : low
      this.#factor = Math.min(this.#accelerationMax, this.#factor + this.#acceleration)
    }
    this.next = this.#outside(this.value + this.#factor * (this.#extreme - this.value), high, low)
  }

  /** A stop is never within the last two bars. */
  #outside(stop: number, high: number, low: number): number {
    return this.long ? Math.min(stop, this.#low, low) : Math.max(stop, this.#high, high)
  }
}
