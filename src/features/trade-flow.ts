import { BUY, type Lots, type PriceTicks, type Side, type WallMs } from '../core/index.ts'
import { SlidingSum } from '../indicators/index.ts'
import { TimeBuckets } from './time-buckets.ts'

const WINDOW_MS = 60_000
const BUCKET_MS = 1000
/** Trades that the price change covariance and the mean size run over. */
const TRADES = 100
/** A trade is large at this many times the mean size of the trades before it, once there are enough of them. */
const LARGE = 3
const LARGE_AFTER = 20

const COUNT = 0
const BOUGHT = 1
const SOLD = 2
const LARGE_BOUGHT = 3
const LARGE_SOLD = 4
/** Σ lots · signed relative distance from the mid, and the lots of trades that had a mid. */
const SPREAD = 5
const SPREAD_LOTS = 6

/** What the public trades say: who is the aggressor, how large, how far from the mid, how prices bounce. */
export class TradeFlow {
  /** Mid of the book before the next trade, NaN when there is none. */
  midTicks = Number.NaN
  // As of the last `measure`.
  tradesPerSecond = Number.NaN
  /** Share of the buyers in the traded lots of the last minute; 0.5 without trades. */
  buyShare = 0.5
  /** (bought − sold) / (bought + sold) of the large trades of the last minute; 0 without any. */
  largeTradeBalance = 0
  /** Lot-weighted mean of 2 · sign · (price − mid) / mid over the last minute; NaN when no trade had a mid. */
  effectiveSpread = Number.NaN
  /** Covariance of successive price changes over the last hundred trades, ticks². NaN before two changes. */
  changeCovariance = Number.NaN
  readonly #flow = new TimeBuckets(WINDOW_MS, BUCKET_MS, 7)
  readonly #sizes = new SlidingSum(TRADES)
  // Price changes d_t in whole ticks: sums of d_t · d_{t−1}, of d_t and of d_{t−1}, all exact.
  readonly #products = new SlidingSum(TRADES)
  readonly #changes = new SlidingSum(TRADES)
  readonly #before = new SlidingSum(TRADES)
  #lastTicks: PriceTicks = Number.NaN
  #lastChange = Number.NaN

  /** Pairs of successive price changes seen, at most a hundred. */
  get changePairs(): number {
    return this.#products.count
  }

  /** Sets what follows. */
  measure(): void {
    const flow = this.#flow
    this.tradesPerSecond = flow.sum(COUNT) / flow.seconds
    const bought = flow.sum(BOUGHT)
    const all = bought + flow.sum(SOLD)
    this.buyShare = all > 0 ? bought / all : 0.5
    const largeBought = flow.sum(LARGE_BOUGHT)
    const largeSold = flow.sum(LARGE_SOLD)
    this.largeTradeBalance = largeBought + largeSold > 0 ? (largeBought - largeSold) / (largeBought + largeSold) : 0
    const lots = flow.sum(SPREAD_LOTS)
    this.effectiveSpread = lots > 0 ? flow.sum(SPREAD) / lots : Number.NaN
    const { count } = this.#products
    this.changeCovariance = count === 0 ? Number.NaN : this.#products.sum / count - (this.#changes.sum / count) * (this.#before.sum / count)
  }

  /** Moves the windows on, also when nothing is traded. */
  advance(timeMs: WallMs): void {
    this.#flow.advance(timeMs)
  }

  /** One trade, against `midTicks`. */
  trade(side: Side, priceTicks: PriceTicks, lots: Lots, timeMs: WallMs): void {
    const flow = this.#flow
    const { midTicks } = this
    flow.advance(timeMs)
    flow.add(COUNT, 1)
    flow.add(side === BUY ? BOUGHT : SOLD, lots)
    if (this.#sizes.count >= LARGE_AFTER && lots >= (LARGE * this.#sizes.sum) / this.#sizes.count) flow.add(side === BUY ? LARGE_BOUGHT : LARGE_SOLD, lots)
    this.#sizes.push(lots)
    if (!Number.isNaN(midTicks)) {
      const distance = ((priceTicks - midTicks) / midTicks) * (side === BUY ? 2 : -2)
      flow.add(SPREAD, distance * lots)
      flow.add(SPREAD_LOTS, lots)
    }
    const change = priceTicks - this.#lastTicks
    this.#lastTicks = priceTicks
    if (Number.isNaN(change)) return
    if (!Number.isNaN(this.#lastChange)) {
      this.#products.push(change * this.#lastChange)
      this.#changes.push(change)
      this.#before.push(this.#lastChange)
    }
    this.#lastChange = change
  }

  reset(): void {
    this.#flow.reset()
    for (const sum of [this.#sizes, this.#products, this.#changes, this.#before]) sum.reset()
    this.#lastTicks = this.#lastChange = Number.NaN
  }
}
