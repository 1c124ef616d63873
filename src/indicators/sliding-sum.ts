import { fail } from '../core/index.ts'

/**
 * Sum over the last `length` values that were pushed, in constant time per push and without ever subtracting: the window
 * is the rest of the last full round, whose sums from each place to its end were added up once, and the sum of the round
 * that is going on. So a sum has no rounding of values that left it, sums of nothing but zeros are zero, and sums of
 * squares are never negative.
 */
export class SlidingSum {
  readonly length: number
  readonly #values: Float64Array
  /** Of the last full round: sum from this place to its end. */
  readonly #rest: Float64Array
  #at = 0
  #round = 0
  #count = 0

  /** @throws RM_INDICATOR_PERIOD for a length that is no whole number ≥ 0. */
  constructor(length: number) {
    if (!Number.isSafeInteger(length) || length < 0) fail('RM_INDICATOR_PERIOD', { indicator: 'sliding sum', period: length, least: 0 })
    this.length = length
    this.#values = new Float64Array(length)
    this.#rest = new Float64Array(length + 1)
  }

  /** Values held, at most `length`. */
  get count(): number {
    return this.#count
  }

  get full(): boolean {
    return this.#count === this.length
  }

  get sum(): number {
    return this.#rest[this.#at]! + this.#round
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
    const { length } = this
    if (length === 0) return
    this.#values[this.#at] = value
    if (this.#count < length) this.#count++
    this.#round += value
    if (++this.#at < length) return
    this.#at = this.#round = 0
    let sum = 0
    for (let i = length - 1; i >= 0; i--) this.#rest[i] = sum += this.#values[i]!
  }

  reset(): void {
    this.#at = this.#round = this.#count = 0
    this.#rest.fill(0)
  }
}
