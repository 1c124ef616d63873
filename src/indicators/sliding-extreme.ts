import { fail } from '../core/index.ts'

/**
 * Largest of the last `length` values, or with `sign` −1 the smallest; constant time per push on average: values that
 * can no longer win are dropped when a better one comes (monotone queue).
 */
export class SlidingExtreme {
  readonly length: number
  readonly #sign: 1 | -1
  readonly #values: Float64Array
  readonly #numbers: Float64Array
  #head = 0
  #size = 0
  #pushed = 0

  /** @throws RM_INDICATOR_PERIOD for a length that is no whole number ≥ 1. */
  constructor(length: number, sign: 1 | -1) {
    if (!Number.isSafeInteger(length) || length < 1) fail('RM_INDICATOR_PERIOD', { indicator: 'sliding extreme', period: length, least: 1 })
    this.length = length
    this.#sign = sign
    this.#values = new Float64Array(length)
    this.#numbers = new Float64Array(length)
  }

  get full(): boolean {
    return this.#pushed >= this.length
  }

  /** The extreme of what is held, NaN when nothing is. */
  get value(): number {
    return this.#size === 0 ? Number.NaN : this.#values[this.#head]! * this.#sign
  }

  push(value: number): void {
    const signed = value * this.#sign
    const { length } = this
    let size = this.#size
    let head = this.#head
    if (size > 0 && this.#numbers[head]! <= this.#pushed - length) {
      if (++head === length) head = 0
      size--
    }
    while (size > 0) {
      let last = head + size - 1
      if (last >= length) last -= length
      if (this.#values[last]! > signed) break
      size--
    }
    let place = head + size
    if (place >= length) place -= length
    this.#values[place] = signed
    this.#numbers[place] = this.#pushed++
    this.#head = head
    this.#size = size + 1
  }

  reset(): void {
    this.#head = this.#size = this.#pushed = 0
  }
}
