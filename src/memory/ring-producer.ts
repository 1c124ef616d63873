import { assert, fail, limits } from '../core/index.ts'
import {
  CURSOR, F64_HEAD_WIDE, MODE, MODE_GATING, MODE_OPENING, type RingMemory, WORD_CLAIM, WORD_CONSUMERS, WORD_HEAD, WORDS_PER_CONSUMER,
} from './ring-memory.ts'

/**
 * The writing end. One at a time; a new one resumes where the last published record ended. A producer that dies
 * between claim and publish has published nothing; one that dies inside publish has published all or nothing.
 */
export class RingProducer {
  readonly ring: RingMemory
  readonly #words: Int32Array
  readonly #wide: Float64Array
  readonly #slots: number
  #head: number
  #headWide: number
  #claimed = 0
  /**
   * Highest claim ever made. It outlives publishing less than was claimed, and the death of a producer: the slots up
   * to it may be scribbled on, so a lossy consumer must go on taking them for overwritten.
   */
  #claimEnd: number
  /** Largest head at which every gating consumer was known to have room; spares a look at them per record. */
  #roomUntil: number

  constructor(ring: RingMemory) {
    this.ring = ring
    this.#words = ring.words
    this.#wide = ring.wide
    this.#slots = ring.slots
    this.#head = Atomics.load(ring.words, WORD_HEAD)
    this.#headWide = ring.widen(this.#head)
    this.#claimEnd = Atomics.load(ring.words, WORD_CLAIM)
    this.#roomUntil = this.#head
  }

  /** Sequence that the next published record will have. */
  get next(): number {
    return this.#headWide
  }

  /**
   * Claims `count` slots for one batch. @returns false when a gating consumer has no room for them: nothing was
   * claimed, try again later. @throws RM_RING_BATCH when it never could have.
   */
  claim(count: number): boolean {
    assert(this.#claimed === 0, 'the last batch was published before the next is claimed')
    if (!(count > 0 && count <= this.#slots) || (count | 0) !== count) fail('RM_RING_BATCH', { count, slots: this.#slots })
    const end = (this.#head + count) | 0
    if (((end - this.#roomUntil) | 0) > 0 && !this.#look(count)) return false
    this.#claimed = count
    if (((end - this.#claimEnd) | 0) > 0) {
      this.#claimEnd = end
      Atomics.exchange(this.#words, WORD_CLAIM, end)
    }
    return true
  }

  /** Byte of the i-th slot of the claimed batch. */
  slot(i: number): number {
    return this.ring.slotAt(this.#head + i)
  }

  /**
   * Publishes the first `count` slots of the claimed batch: all of them by default, none with 0. Without a claim
   * there is nothing to publish and nothing happens. @throws RM_RING_PUBLISH for more than was claimed.
   */
  publish(count: number = this.#claimed): void {
    if (!(count >= 0 && count <= this.#claimed) || (count | 0) !== count) fail('RM_RING_PUBLISH', { count, claimed: this.#claimed })
    this.#claimed = 0
    if (count === 0) return
    this.#head = (this.#head + count) | 0
    this.#headWide += count
    // The wide head goes first: a death in between leaves it one batch ahead, which widening from it undoes.
    this.#wide[F64_HEAD_WIDE] = this.#headWide
    Atomics.store(this.#words, WORD_HEAD, this.#head)
  }

  /** Free slots as the slowest gating consumer allows. */
  get room(): number {
    let room = this.#slots
    for (let c = 0; c < limits.ringConsumersMax; c++) {
      const line = WORD_CONSUMERS + WORDS_PER_CONSUMER * c
      const mode = Atomics.load(this.#words, line + MODE)
      if (mode === MODE_OPENING) return 0
      if (mode !== MODE_GATING) continue
      const free = this.#slots - ((this.#head - Atomics.load(this.#words, line + CURSOR)) | 0)
      if (free < room) room = free
    }
    return room
  }

  #look(count: number): boolean {
    const room = this.room
    this.#roomUntil = (this.#head + room) | 0
    return count <= room
  }
}
