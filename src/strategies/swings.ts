/**
 * Swing points of candles, told `reach` candles after they happened: a high above all highs of the `reach` candles before it that none of the
 * `reach` candles after it exceeds; lows mirrored. A second point of the same kind in a row counts only when it is the more extreme one, so highs and lows alternate.
 */
export class Swings {
  /** Quote currency; NaN before there is one. */
  high = Number.NaN
  low = Number.NaN
  /** Which of the two is the newer one. */
  highIsNewer = false
  readonly #reach: number
  readonly #highs: Float64Array
  readonly #lows: Float64Array
  #count = 0

  /** @param reach a whole number ≥ 1 */
  constructor(reach: number) {
    this.#reach = reach
    this.#highs = new Float64Array(2 * reach + 1)
    this.#lows = new Float64Array(2 * reach + 1)
  }

  get known(): boolean {
    return !Number.isNaN(this.high) && !Number.isNaN(this.low)
  }

  push(high: number, low: number): void {
    const width = this.#highs.length
    this.#highs[this.#count % width] = high
    this.#lows[this.#count % width] = low
    this.#count++
    if (this.#count < width) return
    const middle = (this.#count - 1 - this.#reach) % width
    const peak = this.#highs[middle]!
    const trough = this.#lows[middle]!
    let isPeak = true
    let isTrough = true
    for (let back = 1; back <= this.#reach; back++) {
      const before = (this.#count - 1 - this.#reach - back) % width
      const after = (this.#count - 1 - this.#reach + back) % width
      // The candle after a peak often begins at its very price.
      if (this.#highs[before]! >= peak || this.#highs[after]! > peak) isPeak = false
      if (this.#lows[before]! <= trough || this.#lows[after]! < trough) isTrough = false
    }
    // A candle that is both says nothing about direction.
    if (isPeak === isTrough) return
    if (isPeak && (!this.highIsNewer || !(peak <= this.high))) {
      this.high = peak
      this.highIsNewer = true
    } else if (isTrough && (this.highIsNewer || !(trough >= this.low))) {
      this.low = trough
      this.highIsNewer = false
    }
  }

  reset(): void {
    this.high = this.low = Number.NaN
    this.highIsNewer = false
    this.#count = 0
  }
}
