/**
 * Sums over the last `length` values of several series that move on together: what `SlidingSum` is, for all of them in one
 * call that is handed no number. Write one value of every series to `input`, then `push`.
 */
export class SumRows {
  /** The next value of each series. */
  readonly input: Float64Array
  /** NaN until there are `length` values. */
  readonly sums: Float64Array
  /** The value of each series that leaves its window next; NaN until it is full. */
  readonly oldest: Float64Array
  readonly #length: number
  readonly #values: Float64Array
  /** Of the last full round: sum from this place to its end. */
  readonly #rest: Float64Array
  readonly #round: Float64Array
  #place = 0
  #full = false

  /** @param length values in each sum, a whole number ≥ 1 */
  constructor(length: number, series: number) {
    this.#length = length
    this.input = new Float64Array(series)
    this.sums = new Float64Array(series).fill(Number.NaN)
    this.oldest = new Float64Array(series).fill(Number.NaN)
    this.#values = new Float64Array(length * series)
    this.#rest = new Float64Array(length * series)
    this.#round = new Float64Array(series)
  }

  /** The values of a series that are held, in no order, once its window is full. */
  window(series: number): Float64Array {
    return this.#values.subarray(series * this.#length, (series + 1) * this.#length)
  }

  push(): void {
    const { input, sums, oldest } = this
    const length = this.#length
    const values = this.#values
    const rest = this.#rest
    const round = this.#round
    const series = input.length
    const place = this.#place
    if (place === length - 1) {
      this.#place = 0
      this.#full = true
      for (let i = 0; i < series; i++) {
        const start = i * length
        values[start + place] = input[i]!
        round[i] = 0
        let sum = 0
        for (let at = start + place; at >= start; at--) rest[at] = sum += values[at]!
        sums[i] = sum
        oldest[i] = values[start]!
      }
      return
    }
    this.#place = place + 1
    const full = this.#full
    for (let i = 0; i < series; i++) {
      const at = i * length + place
      const value = input[i]!
      const sum = round[i]! + value
      values[at] = value
      round[i] = sum
      if (!full) continue
      sums[i] = rest[at + 1]! + sum
      oldest[i] = values[at + 1]!
    }
  }

  reset(): void {
    this.#place = 0
    this.#full = false
    this.#round.fill(0)
    this.sums.fill(Number.NaN)
    this.oldest.fill(Number.NaN)
  }
}
