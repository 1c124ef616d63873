import { HIGH, LOW } from './shared.ts'

/** Where the rows begin: behind highest and lowest of the window, and of this round. */
const FIRST = 4

/**
 * Highest high and lowest low of the last `length` bars in constant time: rounds as in `SumRows`, the better one in place of the
 * sum. `cells` begins with the two (before there are `length` bars, of those there are).
 */
export class SlidingRange {
  readonly cells: Float64Array
  #row = FIRST

  /** @param length a whole number ≥ 1 */
  constructor(length: number) {
    this.cells = new Float64Array(FIRST + 2 * length)
    this.reset()
  }

  /** @param bar by the places of shared.ts */
  push(bar: Float64Array): void {
    const { cells } = this
    const row = this.#row
    let high = bar[HIGH]!
    let low = bar[LOW]!
    cells[row] = high
    cells[row + 1] = low
    if (row + 2 === cells.length) {
      for (let at = row - 2; at >= FIRST; at -= 2) {
        if (cells[at]! > high) high = cells[at]!
        else cells[at] = high
        if (cells[at + 1]! < low) low = cells[at + 1]!
        else cells[at + 1] = low
      }
      cells[0] = high
      cells[1] = low
      cells[2] = Number.NEGATIVE_INFINITY
      cells[3] = Number.POSITIVE_INFINITY
      this.#row = FIRST
      return
    }
    if (cells[2]! > high) high = cells[2]!
    if (cells[3]! < low) low = cells[3]!
    cells[2] = high
    cells[3] = low
    cells[0] = cells[row + 2]! > high ? cells[row + 2]! : high
    cells[1] = cells[row + 3]! < low ? cells[row + 3]! : low
    this.#row = row + 2
  }

  reset(): void {
    this.#row = FIRST
    const { cells } = this
    for (let at = 0; at < cells.length; at += 2) {
      cells[at] = Number.NEGATIVE_INFINITY
      cells[at + 1] = Number.POSITIVE_INFINITY
    }
  }
}
