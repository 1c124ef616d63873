import type { Instrument, Nanos, PriceTicks, WallMs } from '../core/index.ts'
import { BUY, SELL } from '../core/index.ts'
import type { BOOK_PICTURE, CURRENT_TICK } from '../memory/index.ts'
import type { BookUpdate } from '../venues/index.ts'
import type { OrderBook } from './book.ts'
import type { CellWriter } from './cell-ends.ts'
import type { RegistryMemory } from './registry.ts'
import { SOURCE_NONE, SOURCE_STREAM } from './registry-words.ts'

/**
 * What every thread may see of one symbol's prices: its current tick and a picture of its book. The one writer of these
 * two cells; each is always written whole.
 */
export class MarketCells {
  readonly #instrument: Instrument
  readonly #book: OrderBook
  readonly #tickCell: CellWriter<typeof CURRENT_TICK.fields>
  readonly #pictureCell: CellWriter<typeof BOOK_PICTURE.fields>
  /** The current tick as it stands, but for what is said of the book and of the clock. */
  readonly #now = { bidTicks: 0, bidLots: 0, askTicks: 0, askLots: 0, lastTicks: -1, markTicks: -1, venueTimeMs: 0, receiveNs: 0, updateId: -1, tickSequence: -1, source: SOURCE_NONE }
  #venueBaseMs: number
  #bookValid = false
  #pictureOwed = false

  /**
   * @param venueBaseMs venue clock minus the run clock, NaN while it is not known: then nobody gets a price
   * @throws RM_REGISTRY_SYMBOL
   */
  constructor(registry: RegistryMemory, instrument: Instrument, book: OrderBook, venueBaseMs: number) {
    this.#instrument = instrument
    this.#book = book
    this.#venueBaseMs = venueBaseMs
    this.#tickCell = registry.writeTick(instrument.index)
    this.#pictureCell = registry.writePicture(instrument.index)
  }

  /** True while the current tick says that its bid and ask are those of a book. */
  get bookValid(): boolean {
    return this.#bookValid
  }

  /** When the newest update shown was received. */
  get receiveNs(): Nanos {
    return this.#now.receiveNs
  }

  /** Venue time of the newest update shown, 0 before the first. */
  get venueTimeMs(): WallMs {
    return this.#now.venueTimeMs
  }

  /** How long the newest update shown was on its way by what is known of the venue's clock, ms; NaN where nothing is. */
  get lagMs(): number {
    return this.#now.source === SOURCE_NONE ? Number.NaN : this.#now.receiveNs / 1e6 + this.#venueBaseMs - this.#now.venueTimeMs
  }

  /**
   * Shows the best bid and ask of the book as it is after `update`; price -1 and size 0 for an empty side.
   * @param tickSequence of the next tick record
   * @param usable what the book says of itself: with an empty side there is no price to take from it
   */
  showBook(update: BookUpdate, receiveNs: Nanos, tickSequence: number, usable: boolean): void {
    const now = this.#now
    const book = this.#book
    const hasBid = book.levels(BUY) > 0
    now.bidTicks = hasBid ? book.bestBid : -1
    now.bidLots = hasBid ? book.lotsAt(BUY, book.bestBid) : 0
    const hasAsk = book.levels(SELL) > 0
    now.askTicks = hasAsk ? book.bestAsk : -1
    now.askLots = hasAsk ? book.lotsAt(SELL, book.bestAsk) : 0
    now.venueTimeMs = update.venueTimeMs
    now.receiveNs = receiveNs
    now.updateId = update.updateId
    now.tickSequence = tickSequence
    now.source = SOURCE_STREAM
    this.#bookValid = usable
    this.#writeTick()
  }

  /** The book has changed: its picture follows with the next `refreshPicture`. */
  owePicture(): void {
    this.#pictureOwed = true
  }

  /** Says that there is no book to take a price from, in the tick and in the picture. */
  showNoBook(): void {
    this.#bookValid = false
    this.#writeTick()
    this.#writePicture()
  }

  /** Keeps the price of a trade for the next time that the tick is written: see `refreshTick`. */
  keepTrade(priceTicks: PriceTicks): void {
    this.#now.lastTicks = priceTicks
  }

  /** @param markPrice in quote currency; NaN where the venue has not said */
  showMark(markPrice: number): void {
    if (!(markPrice > 0 && markPrice < Number.POSITIVE_INFINITY)) return
    this.#now.markTicks = markPrice / this.#instrument.tick.value
    this.refreshTick()
  }

  /** @param venueBaseMs venue clock minus the run clock */
  showClock(venueBaseMs: number): void {
    this.#venueBaseMs = venueBaseMs
    this.refreshTick()
  }

  /** Writes the current tick anew, unless no book was ever shown. The age of bid and ask stays what it was. */
  refreshTick(): void {
    if (this.#now.source !== SOURCE_NONE) this.#writeTick()
  }

  /** Writes the picture anew when one is owed. */
  refreshPicture(): void {
    if (this.#pictureOwed) this.#writePicture()
  }

  #writeTick(): void {
    const now = this.#now
    const tick = this.#tickCell.begin()
    tick.bookValid = this.#bookValid ? 1 : 0
    tick.bidTicks = now.bidTicks
    tick.bidLots = now.bidLots
    tick.askTicks = now.askTicks
    tick.askLots = now.askLots
    tick.lastTicks = now.lastTicks
    tick.markTicks = now.markTicks
    tick.venueTimeMs = now.venueTimeMs
    tick.receiveNs = now.receiveNs
    tick.venueBaseMs = this.#venueBaseMs
    tick.updateId = now.updateId
    tick.tickSequence = now.tickSequence
    tick.source = now.source
    this.#tickCell.end()
  }

  #writePicture(): void {
    this.#pictureOwed = false
    this.#book.writePicture(this.#pictureCell.begin(), this.#now.venueTimeMs, this.#now.receiveNs)
    this.#pictureCell.end()
  }
}
