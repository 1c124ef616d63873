import { BookChain, type BookEvent, type ChainGap, parseSteps, type TextLevel } from '../../capture/index.ts'
import type { DecimalStep } from '../../core/index.ts'
import { BUY, SELL } from '../../core/index.ts'
import { type BookUpdate, legacyChecksum, type RawLevel } from '../../venues/index.ts'
import { BOOK_OK, BOOK_RESULTS, OrderBook } from '../book.ts'
import { CAPACITY_MAX } from '../book-side.ts'
import type { CheckedBook } from './report.ts'

export interface BookGrid {
  readonly tick: DecimalStep
  readonly lot: DecimalStep
}

export interface BookCheckHandler {
  gap(gap: ChainGap): void
  fault(event: BookEvent, what: string): void
  checksum(event: BookEvent, matches: boolean): void
  /** A text is not on the grid: the check begins again on a finer one. */
  offGrid(): never
}

interface Staged {
  ticks: Float64Array
  lots: Float64Array
  count: number
}

/** One recorded book in the order book of the engine: its chain of messages, whether it crosses, its checksums. */
export class BookCheck {
  readonly summary: CheckedBook
  readonly chain: BookChain
  readonly #handler: BookCheckHandler
  readonly #grid: BookGrid
  readonly #book = OrderBook.create({ capacity: CAPACITY_MAX })
  readonly #bids: Staged = { ticks: new Float64Array(1024), lots: new Float64Array(1024), count: 0 }
  readonly #asks: Staged = { ticks: new Float64Array(1024), lots: new Float64Array(1024), count: 0 }
  readonly #texts: { readonly bids: Map<string, string>; readonly asks: Map<string, string> } = { bids: new Map(), asks: new Map() }
  /** Something is missing since the last snapshot: what the book shows is not the market. */
  #torn = false

  constructor(symbol: string, stream: string, grid: BookGrid, handler: BookCheckHandler) {
    this.summary = { symbol, stream, snapshots: 0, updates: 0, bidLevels: 0, askLevels: 0 }
    this.#grid = grid
    this.#handler = handler
    this.chain = new BookChain({
      apply: (event) => this.#apply(event),
      gap: (gap) => {
        this.#torn = true
        handler.gap(gap)
      },
    })
  }

  #apply(event: BookEvent): void {
    if (event.snapshot) this.#torn = false
    if (event.snapshot) this.summary.snapshots++
    else this.summary.updates++
    if (event.checksum !== null) this.#checkTexts(event, event.checksum)
    if (this.#torn) return
    this.#stage(event.bids, this.#bids)
    this.#stage(event.asks, this.#asks)
    const update: BookUpdate = {
      snapshot: event.snapshot, updateId: event.lastId, sequence: -1, venueTimeMs: event.venueMs, pushTimeMs: event.venueMs,
      bidCount: this.#bids.count, askCount: this.#asks.count, bidTicks: this.#bids.ticks, bidLots: this.#bids.lots, askTicks: this.#asks.ticks, askLots: this.#asks.lots,
    }
    const result = this.#book.apply(update)
    this.summary.bidLevels = this.#book.levels(BUY)
    this.summary.askLevels = this.#book.levels(SELL)
    if (result === BOOK_OK) return
    this.#torn = true
    const { tick } = this.#grid
    this.#handler.fault(event, `book ${BOOK_RESULTS[result]}: best bid ${tick.format(this.#book.bestBid)}, best ask ${tick.format(this.#book.bestAsk)}, ${this.summary.bidLevels} and ${this.summary.askLevels} levels`)
  }

  #stage(levels: readonly TextLevel[], staged: Staged): void {
    if (levels.length > staged.ticks.length) {
      staged.ticks = new Float64Array(2 * levels.length)
      staged.lots = new Float64Array(2 * levels.length)
    }
    staged.count = levels.length
    for (let i = 0; i < levels.length; i++) {
      const level = levels[i]!
      const ticks = parseSteps(level[0], this.#grid.tick)
      const lots = parseSteps(level[1], this.#grid.lot)
      if (Number.isNaN(ticks) || Number.isNaN(lots)) this.#handler.offGrid()
      staged.ticks[i] = ticks
      staged.lots[i] = lots
    }
  }

  /** The checksum is over the venue's texts, so they are kept as they came. */
  #checkTexts(event: BookEvent, checksum: number): void {
    const best = (side: 'bids' | 'asks', sign: 1 | -1): RawLevel[] => {
      const texts = this.#texts[side]
      if (event.snapshot) texts.clear()
      for (const [price, size] of event[side]) {
        if (size === '0') texts.delete(price)
        else texts.set(price, size)
      }
      return [...texts].sort(([a], [b]) => sign * (Number(a) - Number(b)))
    }
    this.#handler.checksum(event, legacyChecksum(best('bids', -1), best('asks', 1)) === checksum)
  }
}
