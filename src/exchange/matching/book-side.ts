import { BUY, NO_ASK, NO_BID, type Lots, type PriceTicks, type Side } from '../../core/index.ts'
import { LevelPages } from './level-pages.ts'
import { MARKET, QueuePool } from './queue-pool.ts'

/**
 * One side of a book: a queue per price in order of arrival, market size and account orders in the same queue.
 * Adjacent market entries are one entry, so a level without account orders is a single entry.
 */
export class BookSide {
  readonly side: Side
  readonly levels = new LevelPages()
  readonly pool = new QueuePool()
  /** Best occupied price, `NO_BID` or `NO_ASK` when the side is empty. */
  best: PriceTicks
  /** Account orders that rest on this side. */
  accountOrders = 0
  readonly #none: PriceTicks

  constructor(side: Side) {
    this.side = side
    this.#none = side === BUY ? NO_BID : NO_ASK
    this.best = this.#none
  }

  /** Next occupied price behind `ticks` (worse), or the empty sentinel. */
  behind(ticks: PriceTicks): PriceTicks {
    const found = this.side === BUY ? this.levels.below(ticks) : this.levels.above(ticks)
    return found < 0 ? this.#none : found
  }

  /** Appends lots at the tail of a level. @returns the entry (for market lots the one they were merged into). */
  append(owner: number, ticks: PriceTicks, lots: Lots): number {
    const { levels, pool } = this
    let level = levels.find(ticks)
    if (level < 0 || levels.head[level] < 0) {
      level = levels.occupy(ticks)
      if (this.best === this.#none || (this.side === BUY ? ticks > this.best : ticks < this.best)) this.best = ticks
    }
    levels.total[level] += lots
    const tail = levels.tail[level]
    if (owner === MARKET) {
      levels.external[level] += lots
      if (tail >= 0 && pool.owner[tail] === MARKET) {
        pool.lots[tail] += lots
        return tail
      }
    } else this.accountOrders++
    const entry = pool.take(owner, ticks, lots)
    pool.prev[entry] = tail
    pool.next[entry] = -1
    if (tail < 0) levels.head[level] = entry
    else pool.next[tail] = entry
    levels.tail[level] = entry
    return entry
  }

  /** Takes lots off an entry, which leaves the queue when nothing is left of it. @returns true when it left. */
  shrink(entry: number, lots: Lots): boolean {
    const { levels, pool } = this
    const ticks = pool.ticks[entry]
    const level = levels.find(ticks)
    levels.total[level] -= lots
    const market = pool.owner[entry] === MARKET
    if (market) levels.external[level] -= lots
    const left = pool.lots[entry] - lots
    if (left > 0) {
      pool.lots[entry] = left
      return false
    }
    if (!market) this.accountOrders--
    const prev = pool.prev[entry]
    const next = pool.next[entry]
    if (prev < 0) levels.head[level] = next
    else pool.next[prev] = next
    if (next < 0) levels.tail[level] = prev
    else pool.prev[next] = prev
    pool.give(entry)
    if (prev < 0 && next < 0) {
      levels.vacate(ticks)
      if (ticks === this.best) this.best = this.behind(ticks)
    } else if (prev >= 0 && next >= 0 && pool.owner[prev] === MARKET && pool.owner[next] === MARKET) {
      this.#merge(level, prev, next)
    }
    return true
  }

  /** Makes the market part of a level exactly `lots`. @returns whether anything changed. */
  setExternal(ticks: PriceTicks, lots: Lots): boolean {
    const { levels } = this
    const level = levels.find(ticks)
    const before = level < 0 ? 0 : levels.external[level]
    if (lots === before) return false
    if (lots > before) {
      this.append(MARKET, ticks, lots - before)
      return true
    }
    const { pool } = this
    let left = before - lots
    // Who leaves is unknown; from the tail is the pessimistic choice for account orders.
    for (let entry = levels.tail[level]; left > 0; ) {
      const prev = pool.prev[entry]
      if (pool.owner[entry] === MARKET) {
        const part = Math.min(left, pool.lots[entry])
        left -= part
        this.shrink(entry, part)
      }
      entry = prev
    }
    return true
  }

  /** Lots that stand before this entry at its price. */
  ahead(entry: number): Lots {
    let lots = 0
    for (let at = this.pool.prev[entry]; at >= 0; at = this.pool.prev[at]) lots += this.pool.lots[at]
    return lots
  }

  /** The second of two market neighbours takes the lots of the first: a caller on its way to the tail may hold the second. */
  #merge(level: number, first: number, second: number): void {
    const { levels, pool } = this
    pool.lots[second] += pool.lots[first]
    const before = pool.prev[first]
    pool.prev[second] = before
    if (before < 0) levels.head[level] = second
    else pool.next[before] = second
    pool.give(first)
  }
}
