import type { Lots, PriceTicks, WallMs } from '../../core/index.ts'
import { type Candle, CANDLE_FLAT, CANDLE_TRADES, CANDLE_VENUE, emptyCandle } from './candle.ts'
import { CLOSE, HIGH, LOTS, LOW, OPEN, readCandle, SOURCE, START, WORDS, writeCandle } from './candle-words.ts'

/** The newest closed candles of one interval, at most `max` of them, oldest first, without a hole between them. */
export class CandleRing {
  readonly intervalMs: number
  readonly max: number
  readonly #words: Float64Array
  #first = 0
  #count = 0

  constructor(intervalMs: number, max: number) {
    this.intervalMs = intervalMs
    this.max = max
    this.#words = new Float64Array(max * WORDS)
  }

  get count(): number {
    return this.#count
  }

  /** Start of the interval behind the newest candle, -1 when there is none. */
  get nextStartMs(): WallMs {
    return this.#count === 0 ? -1 : this.#words[this.#at(this.#count - 1) + START]! + this.intervalMs
  }

  /** Copies a candle, 0 the oldest. @returns false when there is none of that index. */
  read(index: number, out: Candle): boolean {
    if (!(index >= 0 && index < this.#count)) return false
    readCandle(this.#words, this.#at(index), out)
    return true
  }

  /** All candles as values, oldest first. */
  values(): Candle[] {
    return Array.from({ length: this.#count }, (_, i) => {
      const candle = emptyCandle()
      this.read(i, candle)
      return candle
    })
  }

  /** Index of the candle that starts then, -1 when it is not held: there are no holes. */
  indexOf(startMs: WallMs): number {
    if (this.#count === 0) return -1
    const index = (startMs - this.#words[this.#at(0) + START]!) / this.intervalMs
    return index >= 0 && index < this.#count ? index : -1
  }

  /** Puts a candle behind the newest: the caller sees to it that nothing is missing between the two. */
  append(candle: Candle): void {
    writeCandle(this.#words, this.#push(), candle)
  }

  /** As `append`, for a candle that stands in words. */
  appendWords(words: Float64Array): void {
    this.#words.set(words, this.#push())
  }

  /** @param index from `indexOf`, of the interval that the candle is of */
  replace(index: number, candle: Candle): void {
    writeCandle(this.#words, this.#at(index), candle)
  }

  /**
   * A trade that came after its candle was closed: adds its volume and may widen high and low; the close stands. It
   * makes a flat candle a traded one. A candle of the venue has it already.
   */
  addLateTrade(index: number, priceTicks: PriceTicks, lots: Lots): void {
    const at = this.#at(index)
    const words = this.#words
    if (words[at + SOURCE] === CANDLE_VENUE) return
    if (words[at + SOURCE] === CANDLE_FLAT) {
      words[at + OPEN] = words[at + HIGH] = words[at + LOW] = words[at + CLOSE] = priceTicks
      words[at + SOURCE] = CANDLE_TRADES
    }
    words[at + HIGH] = Math.max(words[at + HIGH]!, priceTicks)
    words[at + LOW] = Math.min(words[at + LOW]!, priceTicks)
    words[at + LOTS]! += lots
  }

  /** Flat candles from the newest one up to `startMs`, no more than are held. @returns how many. */
  fillUntil(startMs: WallMs): number {
    if (this.#count === 0) return 0
    const words = this.#words
    const close = words[this.#at(this.#count - 1) + CLOSE]!
    const from = Math.max(this.nextStartMs, startMs - this.max * this.intervalMs)
    let filled = 0
    for (let t = from; t < startMs; t += this.intervalMs, filled++) {
      const at = this.#push()
      words[at + START] = t
      words[at + OPEN] = words[at + HIGH] = words[at + LOW] = words[at + CLOSE] = close
      words[at + LOTS] = 0
      words[at + SOURCE] = CANDLE_FLAT
    }
    return filled
  }

  clear(): void {
    this.#first = 0
    this.#count = 0
  }

  #at(index: number): number {
    return ((this.#first + index) % this.max) * WORDS
  }

  /** Room behind the newest candle; the oldest goes when all places are taken. */
  #push(): number {
    if (this.#count < this.max) return this.#at(this.#count++)
    this.#first = (this.#first + 1) % this.max
    return this.#at(this.#count - 1)
  }
}
