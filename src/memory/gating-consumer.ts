import { fail } from '../core/index.ts'
import { CURSOR, type RingMemory, WORD_HEAD } from './ring-memory.ts'

/** Reads every record. Its cursor moves after handling: at least once, sequence numbers tell repeats. */
export class GatingConsumer {
  readonly ring: RingMemory
  readonly #words: Int32Array
  readonly #line: number
  #cursor: number
  #cursorWide: number
  /** HEAD when last looked at; spares `advance` a second look. */
  #seen: number

  constructor(ring: RingMemory, line: number) {
    this.ring = ring
    this.#words = ring.words
    this.#line = line
    this.#cursor = Atomics.load(ring.words, line + CURSOR)
    this.#cursorWide = ring.widen(this.#cursor)
    this.#seen = this.#cursor
  }

  /** Sequence of the first record not handled yet. */
  get next(): number {
    return this.#cursorWide
  }

  /** Records that wait; their slots stay valid until `advance`. */
  available(): number {
    this.#seen = Atomics.load(this.#words, WORD_HEAD)
    return (this.#seen - this.#cursor) | 0
  }

  /** Byte of the i-th waiting record. */
  slot(i: number): number {
    return this.ring.slotAt(this.#cursor + i)
  }

  /**
   * Marks `count` records as handled and frees their slots: once per batch.
   * @throws RM_RING_ADVANCE for more than wait: the cursor would pass the head.
   */
  advance(count: number): void {
    if (!(count >= 0 && (count <= ((this.#seen - this.#cursor) | 0) || count <= this.available())) || (count | 0) !== count)
      fail('RM_RING_ADVANCE', { count, available: this.available(), sequence: this.#cursorWide })
    this.#cursor = (this.#cursor + count) | 0
    this.#cursorWide += count
    Atomics.store(this.#words, this.#line + CURSOR, this.#cursor)
  }
}
