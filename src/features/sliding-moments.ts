import { SlidingSum } from '../indicators/index.ts'

/**
 * Mean and population standard deviation of the last `length` values, in constant time. Values are taken relative to the
 * first one after a reset, so that a small spread of large numbers keeps its digits.
 */
export class SlidingMoments {
  /** As of the last `measure`; NaN before the first value. */
  mean = Number.NaN
  /** Likewise. */
  deviation = Number.NaN
  /** For `take`. */
  next = Number.NaN
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

  /** Sets `mean` and `deviation`. Numbers that calls hand back may become objects, those in fields do not. */
  measure(): void {
    const { count } = this.#sum
    if (count === 0) {
      this.mean = this.deviation = Number.NaN
      return
    }
    const mean = this.#sum.sum / count
    const squares = this.#squares.sum / count
    const variance = squares - mean * mean
    this.mean = this.#origin + mean
    // Below what the squares can hold there is nothing but their rounding.
    this.deviation = variance > 4 * Number.EPSILON * squares ? Math.sqrt(variance) : 0
  }

  push(value: number): void {
    this.next = value
    this.take()
  }

  /** Pushes what stands in `next`. */
  take(): void {
    const value = this.next
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
