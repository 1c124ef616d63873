import { fail } from '../core/index.ts'
import { type RingMemory, WORD_CLAIM, WORD_HEAD } from './ring-memory.ts'

/**
 * Reads records again that were handled before, as long as the producer has not come over their slots. It has no line in
 * the ring, holds nobody back, and never hands out a record that was overwritten while it was copied.
 */
export class PastReader {
  readonly ring: RingMemory
  readonly #words: Int32Array

  constructor(ring: RingMemory) {
    this.ring = ring
    this.#words = ring.words
  }

  /** Sequence of the oldest record that may still be there. Below the first one that was ever written, `read` gives empty slots. */
  get oldest(): number {
    return Math.max(0, this.#claimed() - this.ring.slots)
  }

  /**
   * Copies one published record to the front of `out`, bit for bit.
   * @returns false when it was overwritten, or is not published yet @throws RM_RING_OUT when `out` has no room for a record
   */
  read(sequence: number, out: Int32Array): boolean {
    const { ring } = this
    if (out.byteLength < ring.slotBytes) fail('RM_RING_OUT', { max: 1, slotBytes: ring.slotBytes, bytes: out.byteLength })
    if (!(sequence >= 0 && sequence < ring.published)) return false
    const words = this.#words
    const from = ring.slotAt(sequence) >> 2
    const count = ring.slotBytes >> 2
    for (let i = 0; i < count; i++) out[i] = words[from + i]!
    // Closes the copy, as in the lossy consumer: whatever was claimed over this slot before shows here.
    return sequence >= this.#claimed() - ring.slots
  }

  #claimed(): number {
    const headWord = Atomics.load(this.#words, WORD_HEAD)
    const head = this.ring.widen(headWord)
    return head + ((Atomics.add(this.#words, WORD_CLAIM, 0) - headWord) | 0)
  }
}
