import type { Lots, PriceTicks, Side } from '../core/index.ts'
import { BUY, NO_ASK, NO_BID, fail, limits } from '../core/index.ts'
import type { BOOK_PICTURE, TICK, View } from '../memory/index.ts'
import type { BookUpdate } from '../venues/index.ts'
import { BOOK_BAD_LEVEL, BOOK_FULL, BOOK_OK, BookSide, CAPACITY_MAX, LOTS_MAX } from './book-side.ts'

/** A delta came while there is no snapshot to apply it to: ignored. */
export const BOOK_UNSYNCED = 1
/** Best bid is not below best ask: the book is invalid until the next snapshot. */
export const BOOK_CROSSED = 2
export { BOOK_BAD_LEVEL, BOOK_FULL, BOOK_OK, LOTS_MAX }
export type BookResult = 0 | 1 | 2 | 3 | 4
export const BOOK_RESULTS = ['ok', 'unsynced', 'crossed', 'bad level', 'full'] as const

export interface BookOptions {
  /** Prices around the touch that are held by index; a multiple of 128. */
  readonly windowTicks?: number
  /**
   * Levels that a side has room for. One message may name new levels before the ones that leave, so the default is
   * twice the deepest book. More levels make the book invalid, never incomplete.
   */
  readonly capacity?: number
}

const DEFAULT_WINDOW_TICKS = 8192
const DEFAULT_CAPACITY = 2 * limits.bookLevelsMax
const HEADER_BYTES = 64
const WORD_VALID = 0
/** Levels picture cells have room for. */
export const PICTURE_LEVELS = 200

/**
 * The order book of one symbol, in whole ticks and lots, in shared memory.
 *
 * A level is set in constant time, whatever the depth, as long as its price is within the window around the touch
 * (8192 ticks by default, 2048 of them kept free above the best level); farther levels cost a binary search and a move.
 * Best prices, totals and level counts are read in constant time. Only the first word of the buffer (1 while the
 * book may be used) is meant for other threads; the rest reaches them as a picture or in tick records.
 */
export class OrderBook {
  readonly buffer: SharedArrayBuffer
  /** Size of each bid of the last delta before it was applied, in the order of the message; 0 for a new level. */
  bidLotsBefore: Float64Array
  /** As `bidLotsBefore`, for its asks. */
  askLotsBefore: Float64Array
  readonly #words: Int32Array
  readonly #bids: BookSide
  readonly #asks: BookSide
  #valid = false
  #updateId = -1

  /**
   * A book over `buffer`, invalid until its first snapshot, whatever the buffer held before.
   * @throws RM_BOOK_CONFIG when sizes do not fit together.
   */
  constructor(buffer: SharedArrayBuffer, options: BookOptions = {}) {
    const windowTicks = options.windowTicks ?? DEFAULT_WINDOW_TICKS
    const capacity = options.capacity ?? DEFAULT_CAPACITY
    if (!Number.isSafeInteger(windowTicks) || windowTicks < 128 || windowTicks % 128 !== 0)
      fail('RM_BOOK_CONFIG', { what: 'windowTicks', actual: windowTicks, needed: 'a positive multiple of 128' })
    if (!Number.isSafeInteger(capacity) || capacity < 1 || capacity > CAPACITY_MAX)
      fail('RM_BOOK_CONFIG', { what: 'capacity', actual: capacity, needed: `an integer from 1 to ${CAPACITY_MAX}` })
    const bytes = OrderBook.bytesFor(options)
    if (buffer.byteLength < bytes) fail('RM_BOOK_CONFIG', { what: 'the buffer', actual: `${buffer.byteLength} bytes`, needed: `${bytes} bytes` })
    this.buffer = buffer
    this.#words = new Int32Array(buffer, 0, HEADER_BYTES >> 2)
    Atomics.store(this.#words, WORD_VALID, 0)
    this.#bids = new BookSide(buffer, HEADER_BYTES, 1, NO_BID, windowTicks, capacity)
    this.#asks = new BookSide(buffer, HEADER_BYTES + BookSide.bytesFor(windowTicks, capacity), -1, NO_ASK, windowTicks, capacity)
    this.bidLotsBefore = new Float64Array(capacity)
    this.askLotsBefore = new Float64Array(capacity)
  }

  static bytesFor(options: BookOptions = {}): number {
    return HEADER_BYTES + 2 * BookSide.bytesFor(options.windowTicks ?? DEFAULT_WINDOW_TICKS, options.capacity ?? DEFAULT_CAPACITY)
  }

  static create(options: BookOptions = {}): OrderBook {
    return new OrderBook(new SharedArrayBuffer(OrderBook.bytesFor(options)), options)
  }

  /** True from a sound snapshot until the first fault. */
  get valid(): boolean {
    return this.#valid
  }

  /** True when the book is valid and has a bid and an ask. */
  get usable(): boolean {
    return this.#valid && this.#bids.levels > 0 && this.#asks.levels > 0
  }

  /** The venue's id of the last update applied, -1 before the first. */
  get updateId(): number {
    return this.#updateId
  }

  /** NO_BID when there is none. */
  get bestBid(): PriceTicks {
    return this.#bids.best
  }

  /** NO_ASK when there is none. */
  get bestAsk(): PriceTicks {
    return this.#asks.best
  }

  /** Lots over all levels of a side. */
  totalLots(side: Side): Lots {
    return this.#side(side).totalLots
  }

  levels(side: Side): number {
    return this.#side(side).levels
  }

  /** Levels of a side that are outside the window: for statistics. */
  farLevels(side: Side): number {
    return this.#side(side).farLevels
  }

  /** Size at a price, 0 where there is no level. */
  lotsAt(side: Side, priceTicks: PriceTicks): Lots {
    return this.#side(side).lotsAt(priceTicks)
  }

  /**
   * Copies up to `count` levels of a side, best first, to the given places of two arrays.
   * @returns how many levels there were. @throws RM_BOOK_LEVELS when they would not fit.
   */
  copyTop(side: Side, count: number, outTicks: Float64Array, outLots: Float64Array, ticksAt = 0, lotsAt = 0): number {
    if (!(count >= 0) || ticksAt + count > outTicks.length || lotsAt + count > outLots.length)
      fail('RM_BOOK_LEVELS', { asked: count, at: Math.max(ticksAt, lotsAt), ticksLength: outTicks.length, lotsLength: outLots.length })
    return this.#side(side).copyTop(count, outTicks, outLots, ticksAt, lotsAt)
  }

  /**
   * Applies one message of the venue. A snapshot replaces everything; a delta sets absolute sizes, 0 deletes, deleting
   * an unknown level is normal. After any answer but BOOK_OK and BOOK_UNSYNCED the book is invalid.
   */
  apply(update: BookUpdate): BookResult {
    if (update.snapshot) return this.#replace(update)
    if (!this.#valid) return BOOK_UNSYNCED
    const result = this.#setLevels(update)
    if (result !== BOOK_OK) this.invalidate()
    return result
  }

  /** Nothing may be taken from the book from here on, until the next snapshot. */
  invalidate(): void {
    this.#valid = false
    Atomics.store(this.#words, WORD_VALID, 0)
  }

  /** Writes the book to a picture: the caller holds the cell open. */
  writePicture(picture: View<typeof BOOK_PICTURE.fields>, venueTimeMs: number, receiveNs: number): void {
    picture.valid = this.usable ? 1 : 0
    picture.updateId = this.updateId
    picture.venueTimeMs = venueTimeMs
    picture.receiveNs = receiveNs
    picture.bidLevels = this.#bids.copyTop(PICTURE_LEVELS, picture.f64, picture.f64, picture.bidTicks, picture.bidLots)
    picture.askLevels = this.#asks.copyTop(PICTURE_LEVELS, picture.f64, picture.f64, picture.askTicks, picture.askLots)
  }

  /** Writes update id, totals and best levels to a tick record; a level that is not there has price -1 and size 0. */
  writeTop(tick: View<typeof TICK.fields>): void {
    const { f64, bidTicks, bidLots, askTicks, askLots } = tick
    tick.updateId = this.#updateId
    tick.bidLotsTotal = this.#bids.totalLots
    tick.askLotsTotal = this.#asks.totalLots
    const bids = this.#bids.copyTop(limits.tickLevels, f64, f64, bidTicks, bidLots)
    const asks = this.#asks.copyTop(limits.tickLevels, f64, f64, askTicks, askLots)
    tick.bidLevels = bids
    tick.askLevels = asks
    for (let i = bids; i < limits.tickLevels; i++) {
      f64[bidTicks + i] = -1
      f64[bidLots + i] = 0
    }
    for (let i = asks; i < limits.tickLevels; i++) {
      f64[askTicks + i] = -1
      f64[askLots + i] = 0
    }
  }

  /** Not usable while it is half built, also for threads that watch the first word. */
  #replace(update: BookUpdate): BookResult {
    this.invalidate()
    this.#bids.clear()
    this.#asks.clear()
    const result = this.#setLevels(update)
    if (result !== BOOK_OK) return result
    this.#valid = true
    Atomics.store(this.#words, WORD_VALID, 1)
    return BOOK_OK
  }

  #setLevels(update: BookUpdate): BookResult {
    const { bidCount, askCount } = update
    if (bidCount > 0) {
      if (bidCount > this.bidLotsBefore.length) this.bidLotsBefore = new Float64Array(update.bidTicks.length)
      const result = this.#bids.setAll(update.bidTicks, update.bidLots, bidCount, this.bidLotsBefore)
      if (result !== BOOK_OK) return result
    }
    if (askCount > 0) {
      if (askCount > this.askLotsBefore.length) this.askLotsBefore = new Float64Array(update.askTicks.length)
      const result = this.#asks.setAll(update.askTicks, update.askLots, askCount, this.askLotsBefore)
      if (result !== BOOK_OK) return result
    }
    this.#updateId = update.updateId
    // Ask keys are negated prices: the sum is best bid − best ask.
    return this.#bids.bestKey + this.#asks.bestKey >= 0 ? BOOK_CROSSED : BOOK_OK
  }

  #side(side: Side): BookSide {
    return side === BUY ? this.#bids : this.#asks
  }
}
