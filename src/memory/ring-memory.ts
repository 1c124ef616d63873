import { limits } from '../core/index.ts'

/**
 * How a ring lies in shared memory: one producer, several consumers, each counter on its own cache line.
 *
 *   byte 0      magic, slots, slotBytes            written once, at creation
 *   byte 64     CLAIM   producer: sequences below this may have been scribbled on; it never goes back
 *   byte 128    HEAD    producer: sequences below this are published
 *   byte 192    wide head (f64), of which HEAD is the low word
 *   byte 256+   one line per consumer (below)
 *   then        slots
 *
 * A consumer's line:
 *
 *   byte 0      MODE     none, gating, lossy, or opening
 *   byte 4      CURSOR   gating: sequences below this are handled
 *   byte 8      VERSION  lossy: which of the two accounts is the valid one (its lowest bit)
 *   byte 16     account 0 (f64 cursor, f64 lost)
 *   byte 32     account 1 (f64 cursor, f64 lost)
 *
 * HEAD, CLAIM and CURSOR are 32-bit words that wrap, compared by their signed difference and widened to safe
 * integers on reading: no BigInt anywhere. A gating cursor is never further than the slots from HEAD, so 32 bits
 * suffice; a lossy one may sleep through any number of records, so its account is wide.
 *
 * Orderings relied on:
 * - HEAD is stored after the slots are written; who loads that HEAD sees them (release, acquire).
 * - CURSOR is stored after the slots were read; a producer that loads it may overwrite them (release, acquire).
 * - CLAIM is raised by a read-modify-write before a slot is touched, and a lossy consumer ends its copy with a
 *   read-modify-write of the same word. Of two such operations on one word one reads what the other wrote: either
 *   the copy was over before the slots were touched, or the consumer sees the claim and drops the copy. This needs
 *   no fence and so holds where a read-modify-write is none (arm64 without LSE).
 * - The f64 words are aligned to their size, which every 64-bit CPU reads and writes whole.
 */
export const MAGIC = 0x524d5248
export const WORD_MAGIC = 0
export const WORD_SLOTS = 1
export const WORD_SLOT_BYTES = 2
export const WORD_CLAIM = 16
export const WORD_HEAD = 32
export const F64_HEAD_WIDE = 24
export const WORD_CONSUMERS = 64
export const WORDS_PER_CONSUMER = 16

/** Words inside a consumer's line. */
export const MODE = 0
export const CURSOR = 1
export const VERSION = 2
/** f64 indices inside a consumer's line; the second account lies ACCOUNT_F64S further. */
export const F64_ACCOUNT = 2
export const F64_ACCOUNT_LOST = 1
export const ACCOUNT_F64S = 2

export const MODE_NONE = 0
export const MODE_GATING = 1
export const MODE_LOSSY = 2
/** Half opened: the producer has no room until the opener, or the next one, is done. */
export const MODE_OPENING = 3

export const HEADER_BYTES = (WORD_CONSUMERS + WORDS_PER_CONSUMER * limits.ringConsumersMax) * 4
/** Bytes of a ring at most: every byte of it stays reachable through 32-bit element indices. */
export const RING_BYTES_MAX = 2 ** 31

/** The shared words of a ring and the arithmetic on them; both ends and the ring itself stand on this. */
export class RingMemory {
  readonly buffer: SharedArrayBuffer
  readonly slots: number
  readonly slotBytes: number
  readonly words: Int32Array
  readonly wide: Float64Array

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer
    this.words = new Int32Array(buffer)
    this.wide = new Float64Array(buffer)
    this.slots = this.words[WORD_SLOTS]!
    this.slotBytes = this.words[WORD_SLOT_BYTES]!
  }

  /** Byte of the slot that holds a sequence. */
  slotAt(sequence: number): number {
    return HEADER_BYTES + (sequence & (this.slots - 1)) * this.slotBytes
  }

  /** The safe integer whose low word this is, within 2^31 of the head. */
  widen(word: number): number {
    // Written just before HEAD, and never torn: at most one batch ahead of any HEAD that was loaded before.
    const near = this.wide[F64_HEAD_WIDE]!
    return near + ((word - (near | 0)) | 0)
  }

  /** Records published so far, as a safe integer. */
  get published(): number {
    return this.widen(Atomics.load(this.words, WORD_HEAD))
  }
}
