/**
 * Sums over the last `length` values of several series that move on together, in constant time and without ever
 * subtracting: a window is the rest of the last full round, whose sums from each place to its end were added up once, and
 * the round that is going on.
 *
 * All of it stands in one array, `cells`: first the sums (before there are `length` values, of those there are), then the next
 * value of each series, to be written before `push`. Numbers that are handed to a call may become objects, and a second array
 * costs as much as the sum.
 */
export class SumRows {
  readonly cells: Float64Array
  readonly #series: number
  /** Where the rows begin: behind sums, next values and sums of this round. */
  readonly #first: number
  /** Row of the next values. Behind it: sums of the last round, from there to its end; before it: values of this round. */
  #row: number

  /** @param length values in each sum, a whole number ≥ 1 */
  constructor(length: number, series: number) {
    this.#series = series
    this.#first = this.#row = 3 * series
    this.cells = new Float64Array((3 + length) * series)
  }

  push(): void {
    const { cells } = this
    const series = this.#series
    const row = this.#row
    const next = row + series
    if (next === cells.length) {
      this.#turn()
      return
    }
    for (let i = 0; i < series; i++) {
      const value = cells[series + i]!
      const sum = cells[2 * series + i]! + value
      cells[row + i] = value
      cells[2 * series + i] = sum
      cells[i] = cells[next + i]! + sum
    }
    this.#row = next
  }

  reset(): void {
    this.#row = this.#first
    this.cells.fill(0)
  }

  /** The round is over: its values become sums to its end. */
  #turn(): void {
    const { cells } = this
    const series = this.#series
    const first = this.#first
    const row = this.#row
    for (let i = 0; i < series; i++) {
      cells[row + i] = cells[series + i]!
      cells[2 * series + i] = 0
      let sum = 0
      for (let at = row + i; at >= first; at -= series) cells[at] = sum += cells[at]!
      cells[i] = sum
    }
    this.#row = first
  }
}
