import type { WallMs } from '../core/index.ts'
import { FEATURES } from './table.ts'

/** Vectors that are kept. */
export const VECTOR_CACHE_SIZE = 100

/** Numbers of a key: update id, start of the forming candle, trades so far, lots of the forming candle. */
const KEY = 4

/**
 * The last hundred vectors of a symbol, each under the state it is of: update id of the book, start of the forming candle,
 * trades so far and the lots of that candle (which the venue's klines may move before the trades do). A venue may begin its
 * ids anew with a snapshot: `clear` then. Memory is fixed; nothing is allocated.
 */
export class VectorCache {
  readonly values = new Float64Array(VECTOR_CACHE_SIZE * FEATURES)
  readonly #keys = new Float64Array(VECTOR_CACHE_SIZE * KEY)
  #next = 0
  #count = 0

  /** Vectors held. */
  get count(): number {
    return this.#count
  }

  /** @returns place in `values` of the newest vector of this state, −1 when there is none. */
  find(updateId: number, candleStartMs: WallMs, trades: number, candleLots: number): number {
    const keys = this.#keys
    for (let back = 1; back <= this.#count; back++) {
      const slot = (this.#next - back + VECTOR_CACHE_SIZE) % VECTOR_CACHE_SIZE
      const at = slot * KEY
      if (keys[at] === updateId && keys[at + 1] === candleStartMs && keys[at + 2] === trades && keys[at + 3] === candleLots) return slot * FEATURES
    }
    return -1
  }

  /** Keeps the vector that stands in `from` at place `at`; the oldest one makes room. */
  keep(updateId: number, candleStartMs: WallMs, trades: number, candleLots: number, from: Float64Array, at: number): void {
    const slot = this.#next
    const key = slot * KEY
    this.#keys[key] = updateId
    this.#keys[key + 1] = candleStartMs
    this.#keys[key + 2] = trades
    this.#keys[key + 3] = candleLots
    const to = slot * FEATURES
    for (let i = 0; i < FEATURES; i++) this.values[to + i] = from[at + i]!
    this.#next = (slot + 1) % VECTOR_CACHE_SIZE
    if (this.#count < VECTOR_CACHE_SIZE) this.#count++
  }

  clear(): void {
    this.#count = 0
  }
}
