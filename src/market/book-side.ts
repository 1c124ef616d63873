/**
 * One side of a book, as a window of sizes indexed by price.
 *
 * A level's *key* is its price in ticks, negated on the ask side: on both sides the best level has the largest key.
 * The window covers keys [LO, LO + windowTicks). Levels below it (worse ones) wait in a sorted stack, best last.
 * Invariant: a side that has levels has its best one inside the window, so nothing is ever above it, and what the
 * window loses at its lower edge when it moves up is exactly what goes on top of the stack.
 *
 * State, sizes and stack share one array: the compiler checks an array once per use of the object, and five arrays
 * cost more than the work itself.
 */
const LO = 0
const BEST = 1
const TOTAL = 2
const LEVELS = 3
const FAR = 4
const CAPACITY = 5
const SIGN = 6
const SIZES = 8

/** Applied; the book may be used. */
export const BOOK_OK = 0
/** A price is no positive safe integer, or a size no integer from 0 to LOTS_MAX: invalid until the next snapshot. */
export const BOOK_BAD_LEVEL = 3
/** A side got more levels than it has room for: invalid until the next snapshot. */
export const BOOK_FULL = 4

/** Largest size of one level, and most levels of a side: together they keep every total a safe integer. */
export const LOTS_MAX = 2 ** 40
export const CAPACITY_MAX = 2 ** 13 - 1

/** Answers of `#setOutside`: no room for one more level; a key that is no safe integer; inside the window now. */
const SIDE_FULL = -1
const SIDE_BAD_KEY = -2
const SIDE_MOVED = -3

export class BookSide {
  readonly #window: number
  /** Index where the best level is put when the window moves. */
  readonly #home: number
  /** The window moves down when the best level falls below this index. */
  readonly #floor: number
  readonly #emptyKey: number
  /** Where the keys of the stack begin in `wide`, and their sizes. */
  readonly #farKeys: number
  readonly #farLots: number
  readonly #wide: Float64Array
  /** One bit for each index of the window that has a level. */
  readonly #bits: Int32Array

  /**
   * @param sign makes a key of a price: 1 for bids, -1 for asks. @param noPrice what `best` answers without a level.
   * @param windowTicks multiple of 128. @param capacity levels that the side has room for, CAPACITY_MAX at most.
   */
  constructor(buffer: SharedArrayBuffer, byteOffset: number, sign: 1 | -1, noPrice: number, windowTicks: number, capacity: number) {
    this.#window = windowTicks
    this.#home = (windowTicks * 3) / 4
    this.#floor = windowTicks / 4
    this.#emptyKey = sign * noPrice
    this.#farKeys = SIZES + windowTicks
    this.#farLots = this.#farKeys + capacity
    this.#wide = new Float64Array(buffer, byteOffset, this.#farLots + capacity)
    this.#bits = new Int32Array(buffer, byteOffset + this.#wide.byteLength, windowTicks >> 5)
    this.#wide[CAPACITY] = capacity
    this.#wide[SIGN] = sign
    this.clear()
  }

  static bytesFor(windowTicks: number, capacity: number): number {
    return Math.ceil(((SIZES + windowTicks + 2 * capacity) * 8 + (windowTicks >> 5) * 4) / 64) * 64
  }

  /** Best price in ticks, or the side's "no price". */
  get best(): number {
    return this.#wide[BEST]! * this.#wide[SIGN]!
  }

  /** Key of the best level; below every real key while there is none. */
  get bestKey(): number {
    return this.#wide[BEST]!
  }

  /** Lots over all levels. */
  get totalLots(): number {
    return this.#wide[TOTAL]!
  }

  get levels(): number {
    return this.#wide[LEVELS]!
  }

  /** Levels that wait outside the window. */
  get farLevels(): number {
    return this.#wide[FAR]!
  }

  clear(): void {
    const wide = this.#wide
    wide.fill(0, SIZES, this.#farKeys)
    this.#bits.fill(0)
    // No number is inside a window that starts at NaN: the first level places it.
    wide[LO] = Number.NaN
    wide[BEST] = this.#emptyKey
    wide[TOTAL] = 0
    wide[LEVELS] = 0
    wide[FAR] = 0
  }

  /**
   * Sets levels to absolute sizes, one after the other; 0 deletes, deleting an unknown level changes nothing.
   * `before` takes the sizes they had. Stops at the first level that cannot be taken.
   *
   * One long loop on purpose: a call per level costs a third more, because numbers that cross it may be boxed.
   */
  setAll(ticks: Float64Array, lots: Float64Array, count: number, before: Float64Array): 0 | 3 | 4 {
    const wide = this.#wide
    const bits = this.#bits
    for (let i = 0; i < count; i++) {
      const price = ticks[i]!
      const size = lots[i]!
      if (!(price > 0 && size >= 0 && size <= LOTS_MAX) || Math.floor(size) !== size) return BOOK_BAD_LEVEL
      const key = price * wide[SIGN]!
      const distance = key - wide[LO]!
      let index = distance | 0
      // Both at once: inside the window, and a whole number.
      if (index >>> 0 >= this.#window || index !== distance) {
        const found = this.#setOutside(key, size)
        if (found !== SIDE_MOVED) {
          if (found < 0) return found === SIDE_FULL ? BOOK_FULL : BOOK_BAD_LEVEL
          before[i] = found
          continue
        }
        index = (key - wide[LO]!) | 0
      }
      const found = wide[SIZES + index]!
      // Whether a level appears or goes is a coin toss to the processor: computed, not branched on.
      const has = +(size !== 0)
      const levels = wide[LEVELS]! + has - +(found !== 0)
      if (levels > wide[CAPACITY]!) return BOOK_FULL
      before[i] = found
      wide[SIZES + index] = size
      wide[LEVELS] = levels
      wide[TOTAL]! += size - found
      bits[index >> 5] = (bits[index >> 5]! & ~(1 << (index & 31))) | (has << (index & 31))
      if (key >= wide[BEST]!) {
        if (size !== 0) wide[BEST] = key
        else if (key === wide[BEST]) this.#descend(index)
      }
    }
    return BOOK_OK
  }

  /** Size at a price, 0 where there is no level. */
  lotsAt(ticks: number): number {
    const wide = this.#wide
    const key = ticks * wide[SIGN]!
    const distance = key - wide[LO]!
    if (distance >= 0 && distance < this.#window) return Number.isInteger(distance) ? wide[SIZES + distance]! : 0
    const at = this.#findFar(key)
    return at < wide[FAR]! && wide[this.#farKeys + at] === key ? wide[this.#farLots + at]! : 0
  }

  /** Copies up to `count` levels, best first. @returns how many there were. */
  copyTop(count: number, outTicks: Float64Array, outLots: Float64Array, ticksAt: number, lotsAt: number): number {
    const wide = this.#wide
    if (wide[LEVELS] === 0 || count <= 0) return 0
    const sign = wide[SIGN]!
    const lo = wide[LO]!
    const bits = this.#bits
    let copied = 0
    for (let w = (wide[BEST]! - lo) >> 5; w >= 0; w--) {
      let word = bits[w]!
      while (word !== 0) {
        const bit = 31 - Math.clz32(word)
        const index = (w << 5) + bit
        outTicks[ticksAt + copied] = (lo + index) * sign
        outLots[lotsAt + copied] = wide[SIZES + index]!
        if (++copied === count) return count
        word &= ~(1 << bit)
      }
    }
    for (let i = wide[FAR]! - 1; i >= 0 && copied < count; i--, copied++) {
      outTicks[ticksAt + copied] = wide[this.#farKeys + i]! * sign
      outLots[lotsAt + copied] = wide[this.#farLots + i]!
    }
    return copied
  }

  /** Sets a level that is not in the window, or moves the window so that it will be (SIDE_MOVED). */
  #setOutside(key: number, lots: number): number {
    if (!Number.isSafeInteger(key)) return SIDE_BAD_KEY
    const wide = this.#wide
    if (wide[LEVELS] === 0) {
      if (lots === 0) return 0
      wide[LO] = key - this.#home
      return SIDE_MOVED
    }
    if (key < wide[LO]!) return this.#setFar(key, lots)
    if (lots === 0) return 0
    if (wide[LEVELS]! >= wide[CAPACITY]!) return SIDE_FULL
    this.#moveUp(key)
    return SIDE_MOVED
  }

  #setFar(key: number, lots: number): number {
    const wide = this.#wide
    const far = wide[FAR]!
    const place = this.#findFar(key)
    const atKey = this.#farKeys + place
    const atLots = this.#farLots + place
    if (place === far || wide[atKey] !== key) {
      if (lots === 0) return 0
      if (wide[LEVELS]! >= wide[CAPACITY]!) return SIDE_FULL
      wide.copyWithin(atKey + 1, atKey, this.#farKeys + far)
      wide.copyWithin(atLots + 1, atLots, this.#farLots + far)
      wide[atKey] = key
      wide[atLots] = lots
      wide[FAR] = far + 1
      wide[LEVELS]! += 1
      wide[TOTAL]! += lots
      return 0
    }
    const before = wide[atLots]!
    wide[TOTAL]! += lots - before
    if (lots !== 0) {
      wide[atLots] = lots
      return before
    }
    wide.copyWithin(atKey, atKey + 1, this.#farKeys + far)
    wide.copyWithin(atLots, atLots + 1, this.#farLots + far)
    wide[FAR] = far - 1
    wide[LEVELS]! -= 1
    return before
  }

  /** Place of a key in the stack: the first entry that is not below it. */
  #findFar(key: number): number {
    let low = 0
    let high = this.#wide[FAR]!
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#wide[this.#farKeys + middle]! < key) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The best level, at `index`, has just gone: finds the next one below. */
  #descend(index: number): void {
    const wide = this.#wide
    const bits = this.#bits
    let w = index >> 5
    let word = bits[w]!
    while (word === 0 && w > 0) word = bits[--w]!
    if (word !== 0) {
      const next = (w << 5) + 31 - Math.clz32(word)
      wide[BEST] = wide[LO]! + next
      if (next < this.#floor) this.#moveDown(next)
    } else if (wide[FAR]! > 0) {
      const best = wide[this.#farKeys + wide[FAR]! - 1]!
      wide[BEST] = best
      wide[LO] = best - this.#home
      this.#takeFromFar()
    } else {
      wide[BEST] = this.#emptyKey
    }
  }

  /** A level above the window came: moves the window up so that `key` is at home, lower levels onto the stack. */
  #moveUp(key: number): void {
    const wide = this.#wide
    const bits = this.#bits
    const lo = wide[LO]!
    // Whole bitmap words, so that no bit has to be shifted inside one.
    const shift = Math.ceil((key - lo - this.#home) / 32) * 32
    const leaving = Math.min(shift, this.#window)
    let far = wide[FAR]!
    for (let w = 0; w < leaving >> 5; w++) {
      for (let word = bits[w]!; word !== 0; word &= word - 1) {
        const index = (w << 5) + 31 - Math.clz32(word & -word)
        wide[this.#farKeys + far] = lo + index
        wide[this.#farLots + far] = wide[SIZES + index]!
        far++
      }
    }
    wide[FAR] = far
    wide.copyWithin(SIZES, SIZES + leaving, this.#farKeys)
    wide.fill(0, this.#farKeys - leaving, this.#farKeys)
    bits.copyWithin(0, leaving >> 5)
    bits.fill(0, (this.#window - leaving) >> 5)
    wide[LO] = lo + shift
  }

  /** The best level stands low, at `index`: moves the window down so that it is near home again. */
  #moveDown(index: number): void {
    const wide = this.#wide
    const shift = Math.floor((this.#home - index) / 32) * 32
    wide.copyWithin(SIZES + shift, SIZES, this.#farKeys - shift)
    wide.fill(0, SIZES, SIZES + shift)
    this.#bits.copyWithin(shift >> 5, 0)
    this.#bits.fill(0, 0, shift >> 5)
    wide[LO]! -= shift
    this.#takeFromFar()
  }

  /** Brings the levels of the stack that the window covers now into it. */
  #takeFromFar(): void {
    const wide = this.#wide
    const lo = wide[LO]!
    let far = wide[FAR]!
    while (far > 0 && wide[this.#farKeys + far - 1]! >= lo) {
      far--
      const index = wide[this.#farKeys + far]! - lo
      wide[SIZES + index] = wide[this.#farLots + far]!
      this.#bits[index >> 5]! |= 1 << (index & 31)
    }
    wide[FAR] = far
  }
}
