import { BUY, type Lots, type PriceTicks, type Side, type WallMs } from '../core/index.ts'
import { SlidingMoments } from './sliding-moments.ts'
import { TimeBuckets } from './time-buckets.ts'

/** Levels of both sides that are remembered; beyond that new ones are not followed, and counted. A power of two. */
const CAPACITY = 16_384
const MASK = CAPACITY - 1
/** Lifetimes that the mean and deviation run over. */
const LIFETIMES = 100
const WINDOW_MS = 10_000
const BUCKET_MS = 100

const BID_ADDED = 0
const ASK_ADDED = 1
const BID_REMOVED = 2
const ASK_REMOVED = 3
const PLACED = 4
const ENDED = 5

/**
 * What happens to price levels near the touch: how long they live, how much is placed and taken away. Memory is bounded: a
 * hash table of birth times with linear probing, the last lifetimes, and ten seconds of sums.
 *
 * Only changes at prices of the near book count (the caller says how far that reaches): farther levels come and go with
 * the venue's depth limit and tell nothing of the market. A level that a snapshot brought has no known birth and no lifetime.
 */
export class LevelHistory {
  // As of the last `measure`.
  /** Of the last hundred near levels that ended, ms; NaN before the first. */
  lifetimeMeanMs = Number.NaN
  /** Population deviation of the same, ms. */
  lifetimeDeviationMs = Number.NaN
  /** Levels that found no place. */
  overflow = 0
  readonly #lifetimesMs = new SlidingMoments(LIFETIMES)
  readonly #flow = new TimeBuckets(WINDOW_MS, BUCKET_MS, 6)
  /** Price + 1, negative for asks; 0 is an empty place. */
  readonly #keys = new Float64Array(CAPACITY)
  /** Venue time of birth, ms; NaN for unknown. */
  readonly #births = new Float64Array(CAPACITY)
  #size = 0

  /** Levels followed. */
  get size(): number {
    return this.#size
  }

  /** Lifetimes in the mean. */
  get lifetimes(): number {
    return this.#lifetimesMs.count
  }

  /** Sets what follows. */
  measure(): void {
    this.#lifetimesMs.measure()
    this.lifetimeMeanMs = this.#lifetimesMs.mean
    this.lifetimeDeviationMs = this.#lifetimesMs.deviation
  }

  /** Lots added to near levels of a side per second, over the last ten seconds. */
  addedPerSecond(side: Side): number {
    return this.#flow.sum(side === BUY ? BID_ADDED : ASK_ADDED) / this.#flow.seconds
  }

  /** Lots taken from near levels of a side per second, by cancels and trades. */
  removedPerSecond(side: Side): number {
    return this.#flow.sum(side === BUY ? BID_REMOVED : ASK_REMOVED) / this.#flow.seconds
  }

  /** Near levels that appeared per second. */
  get placedPerSecond(): number {
    return this.#flow.sum(PLACED) / this.#flow.seconds
  }

  /** Near levels that disappeared per second. */
  get endedPerSecond(): number {
    return this.#flow.sum(ENDED) / this.#flow.seconds
  }

  /** Moves the windows on; before the changes of a message. */
  advance(timeMs: WallMs): void {
    this.#flow.advance(timeMs)
  }

  /** One level of a delta. @param before NaN when it is not known: then it neither began nor lived as far as we know @param near whether the price belongs to the near book after the message */
  change(side: Side, priceTicks: PriceTicks, before: Lots, lots: Lots, near: boolean, timeMs: WallMs): void {
    if (near) {
      const grown = lots - before
      if (grown > 0) this.#flow.add(side === BUY ? BID_ADDED : ASK_ADDED, grown)
      else if (grown < 0) this.#flow.add(side === BUY ? BID_REMOVED : ASK_REMOVED, -grown)
    }
    if (before === 0 && lots > 0) {
      this.#insert(keyOf(side, priceTicks), timeMs)
      if (near) this.#flow.add(PLACED, 1)
    } else if (before > 0 && lots === 0) {
      const birthMs = this.#remove(keyOf(side, priceTicks))
      if (!near) return
      this.#flow.add(ENDED, 1)
      if (!Number.isNaN(birthMs)) this.#lifetimesMs.push(Math.max(0, timeMs - birthMs))
    } else if (Number.isNaN(before) && lots === 0) this.#endUnseen(keyOf(side, priceTicks), near, timeMs)
  }

  /** A snapshot came: nothing is known of the levels in it. */
  forgetLevels(): void {
    this.#keys.fill(0)
    this.#size = 0
  }

  reset(): void {
    this.forgetLevels()
    this.#lifetimesMs.reset()
    this.#flow.reset()
    this.overflow = 0
  }

  /** A level of unknown size is gone: it has a lifetime when its birth was seen. */
  #endUnseen(key: number, near: boolean, timeMs: WallMs): void {
    const birthMs = this.#remove(key)
    if (near && !Number.isNaN(birthMs)) this.#lifetimesMs.push(Math.max(0, timeMs - birthMs))
  }

  #insert(key: number, timeMs: WallMs): void {
    if (this.#size >= CAPACITY >> 1) {
      this.overflow++
      return
    }
    const keys = this.#keys
    let at = home(key)
    while (keys[at] !== 0 && keys[at] !== key) at = (at + 1) & MASK
    if (keys[at] === 0) this.#size++
    keys[at] = key
    this.#births[at] = timeMs
  }

  /** @returns the birth, NaN when it is not known. */
  #remove(key: number): WallMs {
    const keys = this.#keys
    const births = this.#births
    let at = home(key)
    while (keys[at] !== key) {
      if (keys[at] === 0) return Number.NaN
      at = (at + 1) & MASK
    }
    const birth = births[at]!
    this.#size--
    // Later entries of the same run move up, so that no search stops at the hole.
    let hole = at
    for (let next = (at + 1) & MASK; keys[next] !== 0; next = (next + 1) & MASK) {
      const distance = (next - home(keys[next]!)) & MASK
      if (distance < ((next - hole) & MASK)) continue
      keys[hole] = keys[next]!
      births[hole] = births[next]!
      hole = next
    }
    keys[hole] = 0
    return birth
  }
}

const keyOf = (side: Side, priceTicks: PriceTicks): number => (side === BUY ? priceTicks + 1 : -priceTicks - 1)

/** Neighbouring prices spread over the table; the top bits of a product with the golden ratio. */
const home = (key: number): number => (Math.imul(key | 0, 0x9e3779b1) >>> 18) & MASK
