import { SlidingSum } from '../indicators/index.ts'

/**
 * Mean and population standard deviation of the last `length` values, in constant time. Values are taken relative to the
 * first one after a reset, so that a small spread of large numbers keeps its digits.
 */
export class SlidingMoments {
  readonly #sum: SlidingSum
  readonly #squares: SlidingSum
  #origin = Number.NaN

  constructor(length: number) {
    this.#sum = new SlidingSum(length)
    this.#squares = new SlidingSum(length)
  }

  get count(): number {
    return this.#sum.count
  }

  /** NaN before the first value. */
  get mean(): number {
    return this.#sum.count === 0 ? Number.NaN : this.#origin + this.#sum.sum / this.#sum.count
  }

  /** NaN before the first value. */
  get deviation(): number {
    const { count } = this.#sum
    if (count === 0) return Number.NaN
    const mean = this.#sum.sum / count
    const variance = this.#squares.sum / count - mean * mean
    // Below what the squares can hold there is nothing but their rounding.
    return variance > 4 * Number.EPSILON * (this.#squares.sum / count) ? Math.sqrt(variance) : 0
  }

  push(value: number): void {
    if (Number.isNaN(this.#origin)) this.#origin = value
    const distance = value - this.#origin
    this.#sum.push(distance)
    this.#squares.push(distance * distance)
  }

  reset(): void {
    this.#sum.reset()
    this.#squares.reset()
    this.#origin = Number.NaN
  }
}
