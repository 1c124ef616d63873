import type { BookUpdate } from '../market-port.ts'

/** What to do with a book message: take it, leave it out, or rebuild the book. */
export type BookVerdict = 'take' | 'gap' | 'old' | 'orphan'

/**
 * The chain of `u` of one book stream (reference: Bybit V5, order book). A snapshot starts it anew at any time; every
 * delta continues it by one. The venue states that rule for the full book only, but recordings of all depths keep it.
 */
export class Continuity {
  /** False from the moment the chain broke until the next snapshot. */
  valid = false
  /** Update id of the last message taken. */
  lastUpdateId = 0
  #lastSequence = -1

  /** Marks `book` as a snapshot where it is one without saying so. */
  judge(book: BookUpdate): BookVerdict {
    // Update id 1 is a restart of the venue's service: the message replaces the book whatever it calls itself.
    if (book.updateId === 1) book.snapshot = true
    if (!book.snapshot) {
      if (!this.valid) return 'orphan'
      // A small number of a newer cross sequence is no repetition: the numbering began anew and its snapshot was lost.
      if (book.updateId <= this.lastUpdateId) return book.sequence > this.#lastSequence ? 'gap' : 'old'
      if (book.updateId !== this.lastUpdateId + 1) return 'gap'
    }
    this.valid = true
    this.lastUpdateId = book.updateId
    this.#lastSequence = book.sequence
    return 'take'
  }
}
