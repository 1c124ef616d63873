import type { BookUpdate } from '../market-port.ts'
import { isIncremental, NO_SEQUENCE } from './decode/index.ts'

/** The message follows on the last one, or begins anew. */
export const FOLLOWS = 0
/** A change before any snapshot, or between a gap and the next snapshot. */
export const ORPHAN = 1
/** The last message once more, or a small book that is older than it: nothing is missing, nothing is new. */
export const OLD = 2
/** Something is missing between the last message and this one: the book is no longer what the venue has. */
export const GAP = 3
export type ChainVerdict = typeof FOLLOWS | typeof ORPHAN | typeof OLD | typeof GAP

/**
 * The chain of numbers of one book channel (reference: OKX V5, order book channels). A change follows when its
 * `prevSeqId` is the last `seqId`; numbers need not be contiguous. An equal `seqId` is a sign of life, a smaller one
 * after the right `prevSeqId` a reset by maintenance: both follow. After a gap nothing follows until a snapshot.
 */
export class BookChain {
  /** Whether there is a book to build on. */
  valid = false
  /** Number of the last message that followed. */
  last = NO_SEQUENCE
  #lastPrevious = NO_SEQUENCE
  #lastMs = 0
  readonly #incremental: boolean

  constructor(channel: string) {
    this.#incremental = isIncremental(channel)
  }

  forget(): void {
    this.valid = false
    this.last = NO_SEQUENCE
    this.#lastMs = 0
  }

  take(book: BookUpdate, previous: number): ChainVerdict {
    const verdict = this.#judge(book, previous)
    if (verdict === FOLLOWS) {
      this.valid = true
      this.last = book.updateId
      this.#lastPrevious = previous
      this.#lastMs = book.venueTimeMs
    } else if (verdict === GAP) this.valid = false
    return verdict
  }

  #judge(book: BookUpdate, previous: number): ChainVerdict {
    if (book.snapshot) {
      // Small books are snapshots each time, without a chain. A smaller number of a later time is a reset.
      const late = !this.#incremental && this.valid && book.updateId < this.last && book.venueTimeMs <= this.#lastMs
      return late ? OLD : FOLLOWS
    }
    if (!this.valid) return ORPHAN
    if (book.updateId === NO_SEQUENCE) return GAP
    if (previous === this.last) return FOLLOWS
    return book.updateId === this.last && previous === this.#lastPrevious ? OLD : GAP
  }
}
