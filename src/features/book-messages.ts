import { fail, limits } from '../core/index.ts'
import type { TICK, View } from '../memory/index.ts'
import type { BookUpdate } from '../venues/index.ts'
import type { FeaturePipeline } from './pipeline.ts'

type Tick = View<typeof TICK.fields>
type WritableUpdate = { -readonly [K in keyof BookUpdate]: BookUpdate[K] }

/** Levels of a side that one message may bring: a snapshot of the deepest book, or its full turnover. */
const LEVELS_MAX = 2 * limits.bookLevelsMax

/** What a book record did to the pipeline's copy of the book: it could not be applied, or nothing, or which kind of message it was. */
export const BOOK_LOST = -1
export const BOOK_UNTOUCHED = 0
export const BOOK_EMPTY = 1
export const BOOK_DELTA = 2
export const BOOK_SNAPSHOT = 3

/** Puts the book messages together that tick records bring in parts: records of levels, then the book record that completes them. */
export class BookMessages {
  readonly #symbol: string
  readonly #pipeline: FeaturePipeline
  /** The message whose levels are coming in. */
  readonly #update: WritableUpdate = {
    snapshot: false, updateId: 0, sequence: -1, venueTimeMs: 0, pushTimeMs: 0, bidCount: 0, askCount: 0,
    bidTicks: new Float64Array(LEVELS_MAX), bidLots: new Float64Array(LEVELS_MAX), askTicks: new Float64Array(LEVELS_MAX), askLots: new Float64Array(LEVELS_MAX),
  }

  constructor(symbol: string, pipeline: FeaturePipeline) {
    this.#symbol = symbol
    this.#pipeline = pipeline
  }

  /** Levels of a message (TICK_LEVELS): it takes effect with its book record. @throws RM_FEATURE_WIRING when a message has more than a book can hold */
  collect(tick: Tick): void {
    const update = this.#update
    const { f64, bidLevels, askLevels } = tick
    if (tick.side === 1) {
      update.snapshot = true
      update.bidCount = update.askCount = 0
    }
    if (update.bidCount + bidLevels > LEVELS_MAX || update.askCount + askLevels > LEVELS_MAX) fail('RM_FEATURE_WIRING', { symbol: this.#symbol, what: 'levels of a book message', actual: `more than ${LEVELS_MAX} of a side`, needed: `${LEVELS_MAX} at most` })
    const bids = update.bidCount
    for (let i = 0; i < bidLevels; i++) {
      update.bidTicks[bids + i] = f64[tick.bidTicks + i]!
      update.bidLots[bids + i] = f64[tick.bidLots + i]!
    }
    const asks = update.askCount
    for (let i = 0; i < askLevels; i++) {
      update.askTicks[asks + i] = f64[tick.askTicks + i]!
      update.askLots[asks + i] = f64[tick.askLots + i]!
    }
    update.bidCount = bids + bidLevels
    update.askCount = asks + askLevels
  }

  /** Takes the message that this record (TICK_BOOK) completes into the copy of the book, or, without one, into what the best levels tell. @returns BOOK_… */
  take(tick: Tick): number {
    const update = this.#update
    const pipeline = this.#pipeline
    const { valid } = pipeline.bookFeatures.book
    const { snapshot } = update
    update.updateId = tick.updateId
    update.venueTimeMs = update.pushTimeMs = tick.venueTimeMs
    let taken = BOOK_UNTOUCHED
    // A book that is told again is no event; it is for those who have none.
    if (tick.side === 1) taken = valid || !snapshot || pipeline.adoptBook(update) ? BOOK_UNTOUCHED : BOOK_LOST
    else if (!valid && !snapshot) pipeline.onTop(tick, update)
    else if (!pipeline.onBook(update)) taken = BOOK_LOST
    else taken = snapshot ? BOOK_SNAPSHOT : update.bidCount === 0 && update.askCount === 0 ? BOOK_EMPTY : BOOK_DELTA
    this.drop()
    return taken
  }

  /** Forgets the levels of a message that will not be completed. */
  drop(): void {
    this.#update.snapshot = false
    this.#update.bidCount = this.#update.askCount = 0
  }
}
