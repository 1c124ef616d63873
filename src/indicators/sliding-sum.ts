import { fail } from '../core/index.ts'

/**
 * Sum over the last `length` values that were pushed, in constant time per push. One value is put in, one is taken
 * out; the rounding of that is thrown away once per round by adding all of them anew, so it cannot grow.
 */
export class SlidingSum {
  readonly length: number
  readonly #values: Float64Array
  #at = 0
  #sum = 0
  #count = 0

  /** @throws RM_INDICATOR_PERIOD for a length that is no whole number ≥ 0. */
  constructor(length: number) {
    if (!Number.isSafeInteger(length) || length < 0) fail('RM_INDICATOR_PERIOD', { indicator: 'sliding sum', period: length, least: 0 })
    this.length = length
    this.#values = new Float64Array(length)
  }

  /** Values held, at most `length`. */
  get count(): number {
    return this.#count
  }

  get full(): boolean {
    return this.#count === this.length
  }

  get sum(): number {
    return this.#sum
  }

  /** The value pushed longest ago that is still held; NaN when none is. */
  get oldest(): number {
    if (this.#count === 0) return Number.NaN
    return this.#values[this.#count < this.length ? 0 : this.#at]!
  }

  /** Value number `index`, 0 for the oldest held. */
  value(index: number): number {
    const at = this.#count < this.length ? index : this.#at + index
    return this.#values[at < this.length ? at : at - this.length]!
  }

  push(value: number): void {
    if (this.length === 0) return
    const leaving = this.#count === this.length ? this.#values[this.#at]! : 0
    this.#values[this.#at] = value
    if (this.#count < this.length) this.#count++
    if (++this.#at < this.length) {
      this.#sum += value - leaving
      return
    }
    this.#at = 0
    let sum = 0
    for (let i = 0; i < this.length; i++) sum += this.#values[i]!
    this.#sum = sum
  }

  reset(): void {
    this.#at = this.#sum = this.#count = 0
  }
}
