import { BUY, type Lots, SELL } from '../core/index.ts'
import type { OrderBook } from '../market/index.ts'

/** Levels of a side that the features of the near book look at. */
export const TOP_LEVELS = 10

/** The best ten levels as a record of the tick ring carries them: places in `f64`, and how many there are. */
export interface RecordedTop {
  readonly f64: Float64Array
  readonly bidTicks: number
  readonly bidLots: number
  readonly askTicks: number
  readonly askLots: number
  readonly bidLevels: number
  readonly askLevels: number
  readonly bidLotsTotal: Lots
  readonly askLotsTotal: Lots
}

/** The best ten levels of both sides and the totals, copied out of a book. Prices in ticks, sizes in lots. */
export class TopLevels {
  readonly bidTicks = new Float64Array(TOP_LEVELS)
  readonly bidLots = new Float64Array(TOP_LEVELS)
  readonly askTicks = new Float64Array(TOP_LEVELS)
  readonly askLots = new Float64Array(TOP_LEVELS)
  bidLevels = 0
  askLevels = 0
  bidTotalLots: Lots = 0
  askTotalLots: Lots = 0

  /** False while a side is empty. */
  get hasTouch(): boolean {
    return this.bidLevels > 0 && this.askLevels > 0
  }

  /** NaN while a side is empty. A field: half a tick that a getter hands back becomes an object. */
  midTicks = Number.NaN

  /** The same out of a record that carries them from the given places on. */
  take({ f64, bidTicks, bidLots, askTicks, askLots, bidLevels, askLevels, bidLotsTotal, askLotsTotal }: RecordedTop): this {
    for (let i = 0; i < TOP_LEVELS; i++) {
      this.bidTicks[i] = f64[bidTicks + i]!
      this.bidLots[i] = f64[bidLots + i]!
      this.askTicks[i] = f64[askTicks + i]!
      this.askLots[i] = f64[askLots + i]!
    }
    this.bidLevels = bidLevels
    this.askLevels = askLevels
    this.bidTotalLots = bidLotsTotal
    this.askTotalLots = askLotsTotal
    this.midTicks = this.hasTouch ? (this.bidTicks[0]! + this.askTicks[0]!) / 2 : Number.NaN
    return this
  }

  read(book: OrderBook): this {
    this.bidLevels = book.copyTop(BUY, TOP_LEVELS, this.bidTicks, this.bidLots)
    this.askLevels = book.copyTop(SELL, TOP_LEVELS, this.askTicks, this.askLots)
    this.bidTotalLots = book.totalLots(BUY)
    this.askTotalLots = book.totalLots(SELL)
    this.midTicks = this.hasTouch ? (this.bidTicks[0]! + this.askTicks[0]!) / 2 : Number.NaN
    return this
  }
}
