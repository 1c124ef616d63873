import { fail } from '../core/index.ts'
import { ACCOUNT_F64S, F64_ACCOUNT, F64_ACCOUNT_LOST, type RingMemory, VERSION, WORD_CLAIM, WORD_HEAD } from './ring-memory.ts'

/** Tries of one `read` while the producer laps it without pause; after that the caller gets 0 and comes again. */
const LAPS_MAX = 4

/**
 * Never holds the producer back. Copies records out, notices when it was lapped, and counts what it lost: since the
 * line was opened, every published record is waiting, was handed out once, was skipped by choice, or counts as lost.
 *
 * Cursor and loss change together: they are written to the idle one of two accounts, then one word makes that the
 * valid one. A consumer that dies anywhere leaves the old account or the new one. Records handed out by the last
 * `read` of a dead consumer are not handed out again: at most once.
 */
export class LossyConsumer {
  readonly ring: RingMemory
  readonly #words: Int32Array
  readonly #wide: Float64Array
  readonly #line: number
  readonly #slotWords: number
  #version: number
  #cursorWide: number
  #lost: number
  /** The caller's array as 32-bit words, made when the caller first comes with it. */
  #out: Float64Array | null = null
  #outWords: Int32Array | null = null

  constructor(ring: RingMemory, line: number) {
    this.ring = ring
    this.#words = ring.words
    this.#wide = ring.wide
    this.#line = line
    this.#slotWords = ring.slotBytes >> 2
    this.#version = Atomics.load(ring.words, line + VERSION)
    const account = (line >> 1) + F64_ACCOUNT + (this.#version & 1) * ACCOUNT_F64S
    this.#cursorWide = this.#wide[account]!
    this.#lost = this.#wide[account + F64_ACCOUNT_LOST]!
  }

  /** Sequence of the next record that would be read. */
  get next(): number {
    return this.#cursorWide
  }

  /** Records lost since the line was opened. */
  get lost(): number {
    return this.#lost
  }

  available(): number {
    return this.ring.published - this.#cursorWide
  }

  /**
   * Leaves out all but the newest `keep` waiting records: chosen conflation, not counted as lost.
   * @returns how many were left out.
   */
  skipTo(keep: number): number {
    const surplus = this.available() - keep
    if (!(keep >= 0) || surplus <= 0) return 0
    this.#commit(this.#cursorWide + surplus, this.#lost)
    return surplus
  }

  /**
   * Copies up to `max` of the oldest waiting records into `out`, one after the other, from byte 0, bit for bit.
   * @returns how many are whole; records overwritten before they could be copied are counted in `lost`. 0 when none
   * wait, or when the producer lapped every try. @throws RM_RING_OUT when `out` has no room for `max` records.
   */
  read(out: Float64Array, max: number): number {
    if (!(max > 0 && max * this.ring.slotBytes <= out.byteLength) || (max | 0) !== max)
      fail('RM_RING_OUT', { max, slotBytes: this.ring.slotBytes, bytes: out.byteLength })
    const slots = this.ring.slots
    let from = this.#cursorWide
    let whole = 0
    for (let lap = 0; lap < LAPS_MAX && whole === 0; lap++) {
      const headWord = Atomics.load(this.#words, WORD_HEAD)
      const head = this.ring.widen(headWord)
      if (head - from > slots) from = head - slots
      const count = Math.min(head - from, max)
      if (count === 0) break
      this.#copy(out, from, count)
      // Closes the copy: whatever was claimed over these slots before this shows here.
      const claim = head + ((Atomics.add(this.#words, WORD_CLAIM, 0) - headWord) | 0)
      const overrun = Math.max(0, claim - slots - from)
      whole = Math.max(0, count - overrun)
      if (whole > 0 && overrun > 0) this.#keepNewest(whole, overrun)
      // Only what is published can be lost; a claim reaches past the head.
      from = Math.min(from + overrun, head)
    }
    const lost = from - this.#cursorWide
    if (lost + whole > 0) this.#commit(from + whole, this.#lost + lost)
    return whole
  }

  #copy(out: Float64Array, from: number, count: number): void {
    // As 32-bit words: as numbers, two words that together look like a NaN would lose their bits.
    if (this.#out !== out) {
      this.#out = out
      this.#outWords = new Int32Array(out.buffer, out.byteOffset, out.length * 2)
    }
    const to = this.#outWords!
    const words = this.#words
    const slotWords = this.#slotWords
    for (let i = 0, at = 0; i < count; i++) {
      const start = this.ring.slotAt(from + i) >> 2
      for (let w = 0; w < slotWords; w++) to[at++] = words[start + w]!
    }
  }

  /** Moves the whole records, the newest `count` after `skipped` overwritten ones, to the front. */
  #keepNewest(count: number, skipped: number): void {
    this.#outWords!.copyWithin(0, skipped * this.#slotWords, (skipped + count) * this.#slotWords)
  }

  #commit(cursor: number, lost: number): void {
    const version = (this.#version + 1) | 0
    const account = (this.#line >> 1) + F64_ACCOUNT + (version & 1) * ACCOUNT_F64S
    this.#wide[account] = cursor
    this.#wide[account + F64_ACCOUNT_LOST] = lost
    Atomics.store(this.#words, this.#line + VERSION, version)
    this.#version = version
    this.#cursorWide = cursor
    this.#lost = lost
  }
}
