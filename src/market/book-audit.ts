import type { Instrument, Random, Timer } from '../core/index.ts'
import { errorLabel } from '../core/index.ts'
import type { BookUpdate, MarketQueries, RestBook } from '../venues/index.ts'
import type { OrderBook } from './book.ts'
import { type BookDifference, BookPictures } from './book-pictures.ts'
import type { MarketContext } from './market-context.ts'

/**
 * How an audit ended. `stale`: the venue answered from a replica that is behind everything kept, which says nothing of
 * our book. `inconclusive`: its number fell between two of ours, or the book was rebuilt meanwhile.
 */
export type AuditOutcome = 'equal' | 'mismatch' | 'stale' | 'inconclusive' | 'no-answer'

/** A proof that the book is wrong. */
export interface AuditProof {
  readonly by: RestBook['by']
  readonly number: number
  readonly difference: BookDifference
  readonly ours: unknown
  readonly theirs: unknown
}

export interface AuditSettings {
  /** Mean time from audit to audit, ms. */
  readonly periodMs: number
  /** Time for one answer, ms. */
  readonly deadlineMs: number
}

export interface AuditEnds {
  readonly onOutcome: (outcome: AuditOutcome, proof: AuditProof | null) => void
}

/** Levels of a side that are asked for and compared. */
export const AUDIT_LEVELS = 25
/** Pictures kept while a question is open: 2.5 s of a stream of 50 updates a second. */
const PICTURES = 128
/** How long the stream may take to reach a number that the venue has told by REST, ms. */
const REACH_MS = 1000
/** An audit that met no number of ours is tried again after this, so often. */
const AGAIN_MS = 500
const TRIES_MAX = 3
const TOP_SHOWN = 5

/**
 * Compares the book of one symbol with the venue's own by REST, now and then and at the same update: pictures are
 * kept while the question is open, and compared when the numbers meet. What does not meet proves nothing.
 */
export class BookAudit {
  readonly #context: Pick<MarketContext, 'timers' | 'count'>
  readonly #random: Random
  readonly #queries: Pick<MarketQueries, 'book'>
  readonly #instrument: Instrument
  readonly #book: OrderBook
  readonly #settings: AuditSettings
  readonly #ends: AuditEnds
  #pictures: BookPictures | null = null
  #sequence = -1
  /** One audit at a time; an answer to an earlier one is not heard. */
  #run = 0
  #open = false
  #waiting: RestBook | null = null
  #tries = 0
  #timer: Timer | null = null
  #reach: Timer | null = null

  constructor(context: Pick<MarketContext, 'timers' | 'count'>, random: Random, queries: Pick<MarketQueries, 'book'>, instrument: Instrument, book: OrderBook, settings: AuditSettings, ends: AuditEnds) {
    this.#context = context
    this.#random = random
    this.#queries = queries
    this.#instrument = instrument
    this.#book = book
    this.#settings = settings
    this.#ends = ends
  }

  /** True while pictures are being kept. */
  get open(): boolean {
    return this.#open
  }

  start(): void {
    this.#plan(0.5 + 0.5 * this.#random.next())
  }

  stop(): void {
    this.#timer?.cancel()
    this.#close()
  }

  /** Every update that was applied to a valid book. Keeps a picture only while an audit is open. */
  onBook(update: BookUpdate): void {
    this.#sequence = update.sequence
    if (!this.#open) return
    this.#pictures!.keep(this.#book, update.sequence)
    if (this.#waiting !== null) this.#judge(this.#waiting)
  }

  /** The book is not valid any more: what was kept is of a book that is given up. */
  onInvalid(): void {
    if (this.#open) this.#end('inconclusive', null)
  }

  /** Audits now, unless one is open or there is no book to audit. @returns whether it began */
  begin(): boolean {
    if (this.#open || !this.#book.usable) return false
    this.#open = true
    this.#tries = 1
    this.#pictures ??= new BookPictures(AUDIT_LEVELS, PICTURES)
    this.#ask()
    return true
  }

  #ask(): void {
    const run = ++this.#run
    const pictures = this.#pictures!
    pictures.clear()
    pictures.keep(this.#book, this.#sequence)
    this.#queries.book(this.#instrument, AUDIT_LEVELS, this.#settings.deadlineMs, (error, book) => {
      if (run !== this.#run || !this.#open) return
      if (book === null) {
        this.#context.count('book_audit_failures', errorLabel(error))
        return this.#end('no-answer', null)
      }
      if (!(book.number >= 0)) return this.#end('inconclusive', null)
      this.#judge(book)
    })
  }

  #judge(theirs: RestBook): void {
    const pictures = this.#pictures!
    const slot = pictures.find(theirs.by, theirs.number)
    if (slot >= 0) {
      const difference = pictures.compare(slot, theirs)
      if (difference === null) return this.#end('equal', null)
      const pair = (ticks: Float64Array, lots: Float64Array): number[][] => Array.from({ length: Math.min(TOP_SHOWN, ticks.length) }, (_, i) => [ticks[i]!, lots[i]!])
      return this.#end('mismatch', {
        by: theirs.by,
        number: theirs.number,
        difference,
        ours: pictures.top(slot, TOP_SHOWN),
        theirs: { bids: pair(theirs.bidTicks, theirs.bidLots), asks: pair(theirs.askTicks, theirs.askLots) },
      })
    }
    if (theirs.number < pictures.first(theirs.by)) return this.#end('stale', null)
    if (theirs.number < pictures.last(theirs.by)) return this.#again()
    if (this.#waiting !== null) return
    this.#waiting = theirs
    this.#reach = this.#context.timers.after(REACH_MS, () => this.#again())
  }

  /** The numbers have not met: another question has another number. */
  #again(): void {
    this.#unwait()
    if (this.#tries >= TRIES_MAX) return this.#end('inconclusive', null)
    this.#tries++
    this.#reach = this.#context.timers.after(AGAIN_MS, () => this.#ask())
  }

  #end(outcome: AuditOutcome, proof: AuditProof | null): void {
    this.#close()
    this.#ends.onOutcome(outcome, proof)
  }

  #close(): void {
    this.#run++
    this.#open = false
    this.#unwait()
  }

  #unwait(): void {
    this.#waiting = null
    this.#reach?.cancel()
    this.#reach = null
  }

  /** Symbols that start together must not ask together. */
  #plan(share: number): void {
    this.#timer = this.#context.timers.after(this.#settings.periodMs * share, () => {
      this.begin()
      this.#plan(0.75 + 0.5 * this.#random.next())
    })
  }
}
