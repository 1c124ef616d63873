import type { Lots, PriceTicks } from '../../core/index.ts'

/** Owner of an entry that belongs to the market and not to an account. */
export const MARKET = 0

/** Pooled entries of the queues of a side: doubly linked by index, so that an order leaves from the middle in O(1). */
export class QueuePool {
  next = new Int32Array(0)
  prev = new Int32Array(0)
  lots = new Float64Array(0)
  owner = new Int32Array(0)
  ticks = new Int32Array(0)
  #free = -1
  /** Entries in use. */
  used = 0

  get capacity(): number {
    return this.next.length
  }

  take(owner: number, ticks: PriceTicks, lots: Lots): number {
    if (this.#free < 0) this.#grow()
    const entry = this.#free
    this.#free = this.next[entry]
    this.owner[entry] = owner
    this.ticks[entry] = ticks
    this.lots[entry] = lots
    this.used++
    return entry
  }

  give(entry: number): void {
    this.next[entry] = this.#free
    this.#free = entry
    this.used--
  }

  #grow(): void {
    const before = this.next.length
    const length = before === 0 ? 1024 : before * 2
    const next = new Int32Array(length)
    next.set(this.next)
    const prev = new Int32Array(length)
    prev.set(this.prev)
    const lots = new Float64Array(length)
    lots.set(this.lots)
    const owner = new Int32Array(length)
    owner.set(this.owner)
    const ticks = new Int32Array(length)
    ticks.set(this.ticks)
    for (let i = before; i < length; i++) next[i] = i + 1 < length ? i + 1 : -1
    this.#free = before
    this.next = next
    this.prev = prev
    this.lots = lots
    this.owner = owner
    this.ticks = ticks
  }
}
