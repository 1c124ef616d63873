import { BUY, type Instrument, type Lots, type PriceTicks, SELL, type Side, type WallMs } from '../core/index.ts'
import { BOOK_OK, OrderBook } from '../market/index.ts'
import type { BookUpdate } from '../venues/index.ts'
import { BASIC_FEATURES, basicFeatures } from './basic.ts'
import { BookShape } from './book-shape.ts'
import { GridScale } from './grid-scale.ts'
import { LevelHistory } from './level-history.ts'
import { PriceImpact } from './price-impact.ts'
import { QuoteFlow } from './quote-flow.ts'
import { type RecordedTop, TOP_LEVELS, TopLevels } from './top-levels.ts'
import { TradeFlow } from './trade-flow.ts'

/** A trade as a record of the tick ring carries it. */
export interface RecordedTrade {
  /** Of the aggressor: 0 buy, 1 sell. */
  readonly side: number
  readonly priceTicks: PriceTicks
  readonly lots: Lots
  readonly venueTimeMs: WallMs
}

/** How many values `BookFeatures.compute` writes. */
export const BOOK_FEATURES = 50

/** Price changes of trades, returns of the mid and ended levels that the features over them need. */
const CHANGES_NEEDED = 10
const RETURNS_NEEDED = 20
const LIFETIMES_NEEDED = 10
/** Rates stand for at least this long. */
const RATE_NEEDED_MS = 1000
const MINUTE_MS = 60_000

export interface BookFeatureSettings {
  /** Value of a level, quote currency, from which on it is a cluster (MIN_CLUSTER_VOLUME). */
  readonly minClusterValue: number
}

/**
 * The 50 order-book features of one symbol: its own copy of the book, kept by the change sets of ingest, and the
 * histories of levels, quotes and trades. Everything is a function of the events handed in, in their order.
 */
export class BookFeatures {
  readonly book = OrderBook.create()
  readonly levels = new LevelHistory()
  /** Of the candles, see CandleFeatures: its place is in this channel. */
  illiquidity = Number.NaN
  readonly #scale: GridScale
  readonly #clusterTicksLots: number
  readonly #top = new TopLevels()
  readonly #shape = new BookShape()
  readonly #quotes = new QuoteFlow()
  readonly #trades = new TradeFlow()
  readonly #impact = new PriceImpact()
  /** Bid minus ask lots of five levels at the record before. */
  #deltaBefore = Number.NaN
  #volumeDelta = Number.NaN
  /**
   * Whole minute before the first event. Times are kept from there: small whole numbers are handed from call to call as they
   * are, where a time since 1970 becomes an object in each.
   */
  #originMs: WallMs = Number.NaN
  /** Whether `top` is of the newest book record: not after a gap. */
  #current = false

  constructor(instrument: Pick<Instrument, 'tick' | 'lot'>, settings: BookFeatureSettings) {
    this.#scale = new GridScale(instrument)
    this.#clusterTicksLots = this.#scale.ticksLots(settings.minClusterValue)
  }

  /** Levels as of the last book message. */
  get top(): TopLevels {
    return this.#top
  }

  /** A book message, whole. @returns false when it could not be applied: nothing is known of the book until a snapshot. */
  onBook(update: BookUpdate): boolean {
    if (Number.isNaN(this.#originMs)) this.#begin(update.venueTimeMs)
    const timeMs = update.venueTimeMs - this.#originMs
    const { book, levels } = this
    if (book.apply(update) !== BOOK_OK) {
      this.gap()
      return false
    }
    this.#top.read(book)
    levels.advance(timeMs)
    if (update.snapshot) levels.forgetLevels()
    else {
      this.#changes(BUY, update.bidTicks, update.bidLots, book.bidLotsBefore, update.bidCount, timeMs)
      this.#changes(SELL, update.askTicks, update.askLots, book.askLotsBefore, update.askCount, timeMs)
    }
    this.#moved(timeMs)
    return true
  }

  /**
   * A message to a book of which only the best levels are known: what looks back on those is kept as by `onBook`, and so are
   * levels that came or went among them. @param top levels after the message
   */
  onTop(top: RecordedTop, update: BookUpdate): void {
    if (Number.isNaN(this.#originMs)) this.#begin(update.venueTimeMs)
    const timeMs = update.venueTimeMs - this.#originMs
    this.levels.advance(timeMs)
    if (this.#current) {
      this.#before(BUY, update.bidTicks, update.bidCount, this.book.bidLotsBefore)
      this.#before(SELL, update.askTicks, update.askCount, this.book.askLotsBefore)
      this.#top.take(top)
      this.#changes(BUY, update.bidTicks, update.bidLots, this.book.bidLotsBefore, Math.min(update.bidCount, this.book.bidLotsBefore.length), timeMs)
      this.#changes(SELL, update.askTicks, update.askLots, this.book.askLotsBefore, Math.min(update.askCount, this.book.askLotsBefore.length), timeMs)
    } else this.#top.take(top)
    this.#moved(timeMs)
  }

  /** Sizes that levels had, as far as the best ones tell: NaN for those beyond. */
  #before(side: Side, ticks: Float64Array, count: number, out: Float64Array): void {
    const top = this.#top
    const held = side === BUY ? top.bidLevels : top.askLevels
    const prices = side === BUY ? top.bidTicks : top.askTicks
    const lots = side === BUY ? top.bidLots : top.askLots
    const far = held < TOP_LEVELS ? Number.NaN : prices[held - 1]!
    for (let i = 0; i < count && i < out.length; i++) {
      const price = ticks[i]!
      const beyond = side === BUY ? price < far : price > far
      let size = beyond ? Number.NaN : 0
      for (let level = 0; level < held; level++) if (prices[level] === price) size = lots[level]!
      out[i] = size
    }
  }

  /** The whole book as it stands after the newest record: no event of the market. @returns as `onBook` */
  adopt(update: BookUpdate): boolean {
    const { book, levels } = this
    if (book.apply(update) !== BOOK_OK) {
      this.gap()
      return false
    }
    this.#top.read(book)
    this.#current = true
    if (Number.isNaN(this.#originMs)) this.#begin(update.venueTimeMs)
    levels.advance(update.venueTimeMs - this.#originMs)
    if (Number.isNaN(this.#deltaBefore)) this.#deltaBefore = this.#delta()
    return true
  }

  /** `top` has moved on. */
  #moved(timeMs: WallMs): void {
    const top = this.#top
    this.#current = true
    this.#trades.advance(timeMs)
    if (!top.hasTouch) {
      this.#quotes.reset()
      this.#impact.gap()
      this.#deltaBefore = this.#volumeDelta = Number.NaN
      return
    }
    this.#quotes.record(top.bidTicks[0]!, top.bidLots[0]!, top.askTicks[0]!, top.askLots[0]!, timeMs)
    this.#impact.mid(top.midTicks, timeMs)
    const delta = this.#delta()
    this.#volumeDelta = delta - this.#deltaBefore
    this.#deltaBefore = delta
  }

  #begin(timeMs: WallMs): void {
    this.#originMs = Math.floor(timeMs / MINUTE_MS) * MINUTE_MS
  }

  #delta(): Lots {
    const top = this.#top
    return fiveLots(top.bidLots, top.bidLevels) - fiveLots(top.askLots, top.askLevels)
  }

  onTrade(side: Side, priceTicks: PriceTicks, lots: Lots, timeMs: WallMs): void {
    if (Number.isNaN(this.#originMs)) this.#begin(timeMs)
    this.#trade(side, priceTicks, lots, timeMs - this.#originMs)
  }

  /** The same of a record. */
  takeTrade(trade: RecordedTrade): void {
    if (Number.isNaN(this.#originMs)) this.#begin(trade.venueTimeMs)
    this.#trade(trade.side as Side, trade.priceTicks, trade.lots, trade.venueTimeMs - this.#originMs)
  }

  #trade(side: Side, priceTicks: PriceTicks, lots: Lots, atMs: number): void {
    this.#trades.midTicks = this.#current ? this.#top.midTicks : Number.NaN
    this.#trades.trade(side, priceTicks, lots, atMs)
    this.#impact.trade(side, lots, atMs)
  }

  /** Nothing that the book said before may reach what comes after. Trades are no part of the book and stay. */
  gap(): void {
    this.#current = false
    this.book.invalidate()
    this.levels.reset()
    this.#quotes.reset()
    this.#impact.gap()
    this.#deltaBefore = this.#volumeDelta = Number.NaN
  }

  /** As new. */
  reset(): void {
    this.gap()
    this.#trades.reset()
    this.#impact.reset()
  }

  /**
   * Writes the 50 values to `out` from place `at` on; what is still warming up is NaN.
   */
  compute(out: Float64Array, at: number): void {
    const scale = this.#scale
    const top = this.#top
    this.#quotes.measure()
    this.#trades.measure()
    this.levels.measure()
    basicFeatures(top, scale, out, at)
    this.#pressure(out, at + BASIC_FEATURES)
    this.#levelsAndClusters(out, at + 25)
    const five = top.bidLevels >= 5 && top.askLevels >= 5
    const bidValue = five ? fiveValue(top.bidTicks, top.bidLots) : Number.NaN
    const askValue = five ? fiveValue(top.askTicks, top.askLots) : Number.NaN
    out[at + 35] = scale.value(bidValue)
    out[at + 36] = scale.value(askValue)
    out[at + 37] = (bidValue - askValue) / (bidValue + askValue)
    const trades = this.#trades
    const effective = trades.effectiveSpread
    out[at + 38] = Number.isNaN(effective) ? out[at + 1]! : effective
    out[at + 39] = scale.price(this.#impact.lambda) / scale.size(1)
    out[at + 40] = this.illiquidity
    out[at + 41] = trades.changePairs >= CHANGES_NEEDED ? scale.price(2 * Math.sqrt(Math.max(0, -trades.changeCovariance))) : Number.NaN
    out[at + 42] = Math.log(out[at + 10]! / out[at + 11]!)
    const { levels } = this
    const lived = levels.lifetimes >= LIFETIMES_NEEDED
    out[at + 43] = lived ? levels.lifetimeMeanMs / 1000 : Number.NaN
    out[at + 44] = lived ? levels.lifetimeDeviationMs / 1000 : Number.NaN
    const quotes = this.#quotes
    const moved = quotes.returns >= RETURNS_NEEDED
    const rated = quotes.ageMs >= RATE_NEEDED_MS
    out[at + 45] = moved ? quotes.midDeviation : Number.NaN
    out[at + 46] = rated ? quotes.updatesPerSecond : Number.NaN
    out[at + 47] = rated ? quotes.quotesPerSecond : Number.NaN
    out[at + 48] = trades.tradesPerSecond
    out[at + 49] = moved ? scale.price(quotes.spreadDeviationTicks) : Number.NaN
  }

  /** Imbalance and pressure, 10 values. */
  #pressure(out: Float64Array, at: number): void {
    const scale = this.#scale
    const top = this.#top
    const basic = at - BASIC_FEATURES
    const mid = top.midTicks
    let weighted = 0
    let weights = 0
    const depth = Math.min(top.bidLevels, top.askLevels)
    if (depth < TOP_LEVELS) weighted = Number.NaN
    for (let i = 0; i < depth; i++) {
      const bid = top.bidLots[i]! / (mid - top.bidTicks[i]!)
      const ask = top.askLots[i]! / (top.askTicks[i]! - mid)
      weighted += bid - ask
      weights += bid + ask
    }
    const bidTotal = top.bidTotalLots
    const askTotal = top.askTotalLots
    out[at] = balance(out[basic + 8]!, out[basic + 9]!)
    out[at + 1] = balance(out[basic + 10]!, out[basic + 11]!)
    out[at + 2] = top.hasTouch ? balance(bidTotal, askTotal) : Number.NaN
    out[at + 3] = weighted / weights
    out[at + 4] = scale.size(this.#volumeDelta)
    const { levels } = this
    const quotes = this.#quotes
    const rated = quotes.ageMs >= RATE_NEEDED_MS
    out[at + 5] = rated ? scale.size(quotes.imbalanceLots) : Number.NaN
    out[at + 6] = rated ? scale.size(levels.addedPerSecond(BUY)) : Number.NaN
    out[at + 7] = rated ? scale.size(levels.addedPerSecond(SELL)) : Number.NaN
    out[at + 8] = this.#trades.buyShare
    out[at + 9] = this.#trades.largeTradeBalance
  }

  /** Clusters and levels, 10 values. */
  #levelsAndClusters(out: Float64Array, at: number): void {
    const scale = this.#scale
    const mid = this.#top.midTicks
    const { bids, asks } = this.#shape
    this.#shape.measure(this.book, this.#clusterTicksLots)
    out[at] = scale.price(bids.clusterTicks)
    out[at + 1] = scale.size(bids.clusterLots)
    out[at + 2] = scale.price(asks.clusterTicks)
    out[at + 3] = scale.size(asks.clusterLots)
    out[at + 4] = bids.clusters
    out[at + 5] = asks.clusters
    out[at + 6] = scale.price(bids.heavyTicks)
    out[at + 7] = scale.price(asks.heavyTicks)
    out[at + 8] = (mid - bids.heavyTicks) / mid
    out[at + 9] = (asks.heavyTicks - mid) / mid
  }

  #changes(side: Side, ticks: Float64Array, lots: Float64Array, before: Float64Array, count: number, timeMs: WallMs): void {
    const top = this.#top
    const held = side === BUY ? top.bidLevels : top.askLevels
    const far = held === 0 ? Number.NaN : (side === BUY ? top.bidTicks : top.askTicks)[held - 1]!
    for (let i = 0; i < count; i++) {
      const price = ticks[i]!
      this.levels.change(side, price, before[i]!, lots[i]!, side === BUY ? price >= far : price <= far, timeMs)
    }
  }
}

const balance = (bid: number, ask: number): number => (bid - ask) / (bid + ask)

function fiveLots(lots: Float64Array, levels: number): number {
  return levels < 5 ? Number.NaN : lots[0]! + lots[1]! + lots[2]! + lots[3]! + lots[4]!
}

/** Σ price · size of five levels, ticks times lots. */
function fiveValue(ticks: Float64Array, lots: Float64Array): number {
  let value = 0
  for (let i = 0; i < 5; i++) value += ticks[i]! * lots[i]!
  return value
}
