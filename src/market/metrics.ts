import type { Lots, PriceTicks, Side } from '../core/index.ts'
import { BUY, SELL, fail, limits } from '../core/index.ts'
import type { OrderBook } from './book.ts'

/**
 * What people want to know of a book at a glance, computed when asked. Prices in ticks, volumes in lots; every number
 * is NaN while the book has no bid or no ask.
 *
 * A *cluster* is a level that holds at least `minClusterLots`; the largest of a side is reported, price -1 and
 * volume 0 when there is none.
 */
export class BookMetrics {
  spreadTicks = Number.NaN
  midTicks = Number.NaN
  /** Each price weighted by the size of the other side (Gatheral and Oomen 2010). */
  microTicks = Number.NaN
  /** (bid − ask) / (bid + ask) over the depth below, −1 to 1. */
  imbalance = Number.NaN
  /** Lots over the best `depthLevels` levels. */
  bidDepthLots: Lots = Number.NaN
  askDepthLots: Lots = Number.NaN
  /** Bid minus ask lots over all levels held. */
  deltaLots = Number.NaN
  bidClusterTicks: PriceTicks = -1
  bidClusterLots: Lots = 0
  askClusterTicks: PriceTicks = -1
  askClusterLots: Lots = 0
  readonly #minClusterLots: Lots
  readonly #depthLevels: number
  readonly #ticks = new Float64Array(2 * limits.bookLevelsMax)
  readonly #lots = new Float64Array(2 * limits.bookLevelsMax)

  /** @throws RM_CLUSTER_VOLUME */
  constructor(minClusterLots: Lots, depthLevels = 10) {
    if (!(minClusterLots > 0)) fail('RM_CLUSTER_VOLUME', { actual: minClusterLots })
    this.#minClusterLots = minClusterLots
    this.#depthLevels = depthLevels
  }

  /** Takes the numbers of the book as it is now; returns itself. */
  measure(book: OrderBook): this {
    this.bidDepthLots = this.#side(book, BUY)
    const bidTicks = this.#ticks[0]!
    const bidLots = this.#lots[0]!
    this.askDepthLots = this.#side(book, SELL)
    const askTicks = this.#ticks[0]!
    const askLots = this.#lots[0]!
    const whole = book.usable
    this.spreadTicks = whole ? askTicks - bidTicks : Number.NaN
    this.midTicks = whole ? (askTicks + bidTicks) / 2 : Number.NaN
    this.microTicks = whole ? (bidTicks * askLots + askTicks * bidLots) / (bidLots + askLots) : Number.NaN
    this.imbalance = whole ? (this.bidDepthLots - this.askDepthLots) / (this.bidDepthLots + this.askDepthLots) : Number.NaN
    this.deltaLots = whole ? book.totalLots(BUY) - book.totalLots(SELL) : Number.NaN
    if (!whole) this.bidDepthLots = this.askDepthLots = Number.NaN
    return this
  }

  #side(book: OrderBook, side: Side): number {
    const count = book.copyTop(side, this.#ticks.length, this.#ticks, this.#lots)
    let depth = 0
    let clusterTicks = -1
    let clusterLots = 0
    for (let i = 0; i < count; i++) {
      const lots = this.#lots[i]!
      if (i < this.#depthLevels) depth += lots
      if (lots >= this.#minClusterLots && lots > clusterLots) {
        clusterLots = lots
        clusterTicks = this.#ticks[i]!
      }
    }
    if (side === BUY) {
      this.bidClusterTicks = clusterTicks
      this.bidClusterLots = clusterLots
    } else {
      this.askClusterTicks = clusterTicks
      this.askClusterLots = clusterLots
    }
    return depth
  }
}
