import { fail, type PriceTicks } from '../../core/index.ts'
import { rules } from '../rules.ts'

const PAGE_BITS = 10
const PAGE_TICKS = 1 << PAGE_BITS
const PAGE_MASK = PAGE_TICKS - 1
const WORDS = PAGE_TICKS / 32

/**
 * Price levels of one side of a book, indexed by tick: a directory of pages of 1024 ticks, each with an occupancy
 * bitmap. A drifting price needs no re-centring, levels far from the touch cost one page, empty pages are reused.
 *
 *     directory[ticks >> 10] → page ─ words[32] + summary ─ head/tail/total/external[1024]
 *
 * A level index (from `find` or `occupy`) addresses the public columns and stays valid while the level is occupied.
 */
export class LevelPages {
  /** First and last queue entry of the level, −1 when it is empty. */
  head = new Int32Array(0)
  tail = new Int32Array(0)
  /** All lots of the level, and the part of it that belongs to the market. Zero when empty. */
  total = new Float64Array(0)
  external = new Float64Array(0)
  /** Occupied levels. */
  count = 0
  #directory = new Int32Array(1024).fill(-1)
  #words = new Int32Array(0)
  #summary = new Int32Array(0)
  #used = new Int32Array(0)
  #free: number[] = []
  #pageLast = 0

  /** Pages that exist, in use or not: the memory of this side in units of 1024 levels. */
  get pages(): number {
    return this.#summary.length
  }

  /** Index of the level at `ticks`, occupied or not; −1 when its whole page is empty. */
  find(ticks: PriceTicks): number {
    // Unsigned: the "no price" sentinels fall outside as well.
    const page = ticks >>> PAGE_BITS
    if (page >= this.#directory.length) return -1
    const slot = this.#directory[page]
    return slot < 0 ? -1 : (slot << PAGE_BITS) | (ticks & PAGE_MASK)
  }

  /**
   * Marks the level as occupied.
   * @returns its index. @throws RM_EXCHANGE_PRICE_RANGE for a price that no book can hold (fractions, above 2^31 − 1 ticks).
   */
  occupy(ticks: PriceTicks): number {
    if (!(ticks >= 0 && (ticks | 0) === ticks)) fail('RM_EXCHANGE_PRICE_RANGE', { ticks, limit: rules.priceTicksMax })
    const page = ticks >> PAGE_BITS
    if (page >= this.#directory.length) this.#growDirectory(page)
    let slot = this.#directory[page]
    if (slot < 0) {
      if (this.#free.length === 0) this.#growPages()
      slot = this.#free.pop()!
      this.#directory[page] = slot
      if (page > this.#pageLast) this.#pageLast = page
    }
    const offset = ticks & PAGE_MASK
    const word = offset >> 5
    this.#words[slot * WORDS + word] |= 1 << (offset & 31)
    this.#summary[slot] |= 1 << word
    this.#used[slot]++
    this.count++
    return (slot << PAGE_BITS) | offset
  }

  /** Marks the level as empty; its queue must be. */
  vacate(ticks: PriceTicks): void {
    const page = ticks >> PAGE_BITS
    const slot = this.#directory[page]
    const offset = ticks & PAGE_MASK
    const word = slot * WORDS + (offset >> 5)
    this.#words[word] &= ~(1 << (offset & 31))
    if (this.#words[word] === 0) this.#summary[slot] &= ~(1 << (offset >> 5))
    this.count--
    if (--this.#used[slot] === 0) {
      this.#directory[page] = -1
      this.#free.push(slot)
    }
  }

  /** Lowest occupied price above `ticks`, or −1. */
  above(ticks: PriceTicks): PriceTicks {
    const from = ticks + 1
    let page = from >> PAGE_BITS
    if (page > this.#pageLast) return -1
    let slot = this.#directory[page]
    if (slot >= 0) {
      const word = (from & PAGE_MASK) >> 5
      const bits = this.#words[slot * WORDS + word] & (-1 << (from & 31))
      if (bits !== 0) return (page << PAGE_BITS) | (word << 5) | lowest(bits)
      const rest = word === 31 ? 0 : this.#summary[slot] & (-1 << (word + 1))
      if (rest !== 0) return this.#inWord(page, slot, lowest(rest), true)
    }
    while (++page <= this.#pageLast) {
      slot = this.#directory[page]
      if (slot >= 0) return this.#inWord(page, slot, lowest(this.#summary[slot]), true)
    }
    return -1
  }

  /** Highest occupied price below `ticks`, or −1. */
  below(ticks: PriceTicks): PriceTicks {
    const from = ticks - 1
    if (from < 0) return -1
    let page = from >> PAGE_BITS
    if (page > this.#pageLast) page = this.#pageLast + 1
    else {
      const slot = this.#directory[page]
      if (slot >= 0) {
        const word = (from & PAGE_MASK) >> 5
        const bits = this.#words[slot * WORDS + word] & (-1 >>> (31 - (from & 31)))
        if (bits !== 0) return (page << PAGE_BITS) | (word << 5) | highest(bits)
        const rest = word === 0 ? 0 : this.#summary[slot] & (-1 >>> (32 - word))
        if (rest !== 0) return this.#inWord(page, slot, highest(rest), false)
      }
    }
    while (--page >= 0) {
      const slot = this.#directory[page]
      if (slot >= 0) return this.#inWord(page, slot, highest(this.#summary[slot]), false)
    }
    return -1
  }

  #inWord(page: number, slot: number, word: number, low: boolean): PriceTicks {
    const bits = this.#words[slot * WORDS + word]
    return (page << PAGE_BITS) | (word << 5) | (low ? lowest(bits) : highest(bits))
  }

  #growDirectory(page: number): void {
    let length = this.#directory.length
    while (length <= page) length *= 2
    const directory = new Int32Array(length).fill(-1)
    directory.set(this.#directory)
    this.#directory = directory
  }

  #growPages(): void {
    const before = this.#summary.length
    const pages = before === 0 ? 4 : before * 2
    const levels = pages * PAGE_TICKS
    this.head = copied(new Int32Array(levels).fill(-1), this.head)
    this.tail = copied(new Int32Array(levels).fill(-1), this.tail)
    this.total = copied(new Float64Array(levels), this.total)
    this.external = copied(new Float64Array(levels), this.external)
    this.#words = copied(new Int32Array(pages * WORDS), this.#words)
    this.#summary = copied(new Int32Array(pages), this.#summary)
    this.#used = copied(new Int32Array(pages), this.#used)
    for (let slot = pages - 1; slot >= before; slot--) this.#free.push(slot)
  }
}

const lowest = (bits: number): number => 31 - Math.clz32(bits & -bits)
const highest = (bits: number): number => 31 - Math.clz32(bits)

function copied<T extends Int32Array | Float64Array>(target: T, source: T): T {
  target.set(source)
  return target
}
