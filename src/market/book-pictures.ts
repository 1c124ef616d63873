import type { Lots, PriceTicks } from '../core/index.ts'
import { BUY, SELL } from '../core/index.ts'
import type { OrderBook } from './book.ts'

/** Where a book differs from a picture of it. */
export interface BookDifference {
  readonly side: 'bid' | 'ask'
  /** 0 is the best. */
  readonly level: number
  readonly ours: readonly [PriceTicks, Lots]
  readonly theirs: readonly [PriceTicks, Lots]
}

export interface BookLevels {
  readonly bidTicks: Float64Array
  readonly bidLots: Float64Array
  readonly askTicks: Float64Array
  readonly askLots: Float64Array
}

/**
 * The best levels of a book as they were after each of its last updates, with the numbers of those updates: a ring of
 * fixed size. Keeping a picture allocates nothing.
 */
export class BookPictures {
  readonly levels: number
  readonly #slots: number
  readonly #sequences: Float64Array
  readonly #updateIds: Float64Array
  readonly #bidCounts: Int32Array
  readonly #askCounts: Int32Array
  /** Prices and sizes of slot after slot. */
  readonly #bidTicks: Float64Array
  readonly #bidLots: Float64Array
  readonly #askTicks: Float64Array
  readonly #askLots: Float64Array
  #kept = 0

  constructor(levels: number, slots: number) {
    this.levels = levels
    this.#slots = slots
    this.#sequences = new Float64Array(slots)
    this.#updateIds = new Float64Array(slots)
    this.#bidCounts = new Int32Array(slots)
    this.#askCounts = new Int32Array(slots)
    this.#bidTicks = new Float64Array(slots * levels)
    this.#bidLots = new Float64Array(slots * levels)
    this.#askTicks = new Float64Array(slots * levels)
    this.#askLots = new Float64Array(slots * levels)
  }

  get count(): number {
    return Math.min(this.#kept, this.#slots)
  }

  clear(): void {
    this.#kept = 0
  }

  /** Takes a picture of the book as it is after the update of these numbers. */
  keep(book: OrderBook, sequence: number): void {
    const slot = this.#kept++ % this.#slots
    const at = slot * this.levels
    this.#sequences[slot] = sequence
    this.#updateIds[slot] = book.updateId
    this.#bidCounts[slot] = book.copyTop(BUY, this.levels, this.#bidTicks, this.#bidLots, at, at)
    this.#askCounts[slot] = book.copyTop(SELL, this.levels, this.#askTicks, this.#askLots, at, at)
  }

  /** Number of the oldest picture, NaN without one. */
  first(by: 'sequence' | 'updateId'): number {
    return this.#kept === 0 ? Number.NaN : this.#numbers(by)[this.#kept > this.#slots ? this.#kept % this.#slots : 0]!
  }

  /** Number of the newest picture, NaN without one. */
  last(by: 'sequence' | 'updateId'): number {
    return this.#kept === 0 ? Number.NaN : this.#numbers(by)[(this.#kept - 1) % this.#slots]!
  }

  /** Slot of the newest picture with that number, -1 when there is none. */
  find(by: 'sequence' | 'updateId', number: number): number {
    const numbers = this.#numbers(by)
    for (let i = this.#kept - 1; i >= 0 && i >= this.#kept - this.#slots; i--) if (numbers[i % this.#slots] === number) return i % this.#slots
    return -1
  }

  /** Compares what both hold: levels beyond the last one of the shorter list are left alone. @returns null when equal */
  compare(slot: number, theirs: BookLevels): BookDifference | null {
    const at = slot * this.levels
    return (
      differ('bid', this.#bidTicks, this.#bidLots, at, this.#bidCounts[slot]!, theirs.bidTicks, theirs.bidLots) ??
      differ('ask', this.#askTicks, this.#askLots, at, this.#askCounts[slot]!, theirs.askTicks, theirs.askLots)
    )
  }

  /** The best levels of a picture, for the log. */
  top(slot: number, count: number): { readonly bids: number[][]; readonly asks: number[][] } {
    const at = slot * this.levels
    const pairs = (ticks: Float64Array, lots: Float64Array, have: number): number[][] => Array.from({ length: Math.min(count, have) }, (_, i) => [ticks[at + i]!, lots[at + i]!])
    return { bids: pairs(this.#bidTicks, this.#bidLots, this.#bidCounts[slot]!), asks: pairs(this.#askTicks, this.#askLots, this.#askCounts[slot]!) }
  }

  #numbers(by: 'sequence' | 'updateId'): Float64Array {
    return by === 'sequence' ? this.#sequences : this.#updateIds
  }
}

function differ(side: 'bid' | 'ask', ticks: Float64Array, lots: Float64Array, at: number, count: number, theirTicks: Float64Array, theirLots: Float64Array): BookDifference | null {
  const both = Math.min(count, theirTicks.length)
  for (let level = 0; level < both; level++)
    if (ticks[at + level] !== theirTicks[level] || lots[at + level] !== theirLots[level])
      return { side, level, ours: [ticks[at + level]!, lots[at + level]!], theirs: [theirTicks[level]!, theirLots[level]!] }
  return null
}
