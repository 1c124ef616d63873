import { BUY, type Lots, type PriceTicks, SELL, type Side, type WallMs } from '../core/index.ts'
import type { OrderBook } from '../market/index.ts'
import type { BookUpdate } from '../venues/index.ts'
import type { NearBook } from './near-book.ts'
import { keyOf, PriceTable } from './price-table.ts'
import { type MatchSink, NO_ORDER, TradeMatcher } from './trade-matcher.ts'

/** Orders that are followed at a time. */
export const ORDERS_MAX = 512
/** An order has left when no more than this share of it is left. */
const LEFT_SHARE = 0.3

const FREE = 0
const RESTING = 1
/** It has left the book; trades that explain it may still come. */
const LEAVING = 2

/** Hears of the orders that are followed. `order` is a place in the columns of the tracker, good during the call. */
export interface OrderSink {
  onPlaced(order: number): void
  /** Its way is settled: what was traded and what was cancelled. */
  onEnded(order: number): void
  /** It has outlived what is followed. */
  onRested(order: number): void
}

export interface TrackerSettings {
  /** Smallest order that is followed, as value in ticks times lots. */
  readonly minTicksLots: number
  /** …and in typical levels of the near book. */
  readonly minMultiple: number
  /** Longest life that is followed, ms. */
  readonly maxLifeMs: number
  /** See `TradeMatcher`. */
  readonly matchWindowMs: number
}

/**
 * Large orders, inferred from the levels of a book: a level that grows at once by much is an order that came; it leaves when its level
 * falls back to what was there before, by trades or by a cancel, which the matcher tells apart. Another jump at the
 * price of an order that rests is a refill of it. Fixed memory, no object per event; times count from the caller's origin.
 */
export class OrderTracker implements MatchSink {
  // Columns, one place an order.
  readonly sides = new Uint8Array(ORDERS_MAX)
  readonly priceTicks = new Float64Array(ORDERS_MAX)
  /** All that was placed, refills included. */
  readonly lots = new Float64Array(ORDERS_MAX)
  /** Size of the first placement, in typical levels of that moment. */
  readonly multiples = new Float64Array(ORDERS_MAX)
  readonly bornMs = new Float64Array(ORDERS_MAX)
  /** When the book no longer showed it. */
  readonly endMs = new Float64Array(ORDERS_MAX)
  readonly tradedLots = new Float64Array(ORDERS_MAX)
  readonly cancelledLots = new Float64Array(ORDERS_MAX)
  /** Level that the price was of its side when it was placed: 1 for the best. */
  readonly depths = new Uint16Array(ORDERS_MAX)
  /** 1 when the market went over its price: whether it would have traded nobody knows. */
  readonly overrun = new Uint8Array(ORDERS_MAX)
  readonly matcher: TradeMatcher
  /** Orders that were dropped for want of places, before they left. */
  overflow = 0
  readonly #settings: TrackerSettings
  readonly #sink: OrderSink
  readonly #resting = new PriceTable(ORDERS_MAX)
  readonly #leftLots = new Float64Array(ORDERS_MAX)
  readonly #baseLots = new Float64Array(ORDERS_MAX)
  readonly #openLots = new Float64Array(ORDERS_MAX)
  readonly #states = new Uint8Array(ORDERS_MAX)
  /** Number of the order in a place: what the matcher says of an earlier one is nobody's. */
  readonly #numbers = new Float64Array(ORDERS_MAX).fill(Number.NaN)
  #made = 0
  #oldest = 0

  constructor(settings: TrackerSettings, sink: OrderSink) {
    this.#settings = settings
    this.#sink = sink
    this.matcher = new TradeMatcher(settings.matchWindowMs, this)
  }

  /** Orders that are followed now, and those whose trades are still waited for. */
  get followed(): number {
    let count = 0
    for (let i = this.#oldest; i < this.#made; i++) if (this.#states[i % ORDERS_MAX] !== FREE) count++
    return count
  }

  /** Time moved on. Before the changes of a message. */
  advance(nowMs: WallMs): void {
    this.matcher.advance(nowMs)
    const bornUntilMs = nowMs - this.#settings.maxLifeMs
    while (this.#oldest < this.#made) {
      const at = this.#oldest % ORDERS_MAX
      if (this.#states[at] !== FREE) {
        if (this.bornMs[at]! >= bornUntilMs || this.#states[at] === LEAVING) return
        this.#forget(at)
        this.#sink.onRested(at)
      }
      this.#oldest++
    }
  }

  /** A delta that `book` has taken. @param near the best levels after it */
  onDelta(update: BookUpdate, book: OrderBook, near: NearBook, timeMs: WallMs): void {
    for (let i = 0; i < update.bidCount; i++) this.#change(BUY, update.bidTicks[i]!, book.bidLotsBefore[i]!, update.bidLots[i]!, near, timeMs)
    for (let i = 0; i < update.askCount; i++) this.#change(SELL, update.askTicks[i]!, book.askLotsBefore[i]!, update.askLots[i]!, near, timeMs)
  }

  onTrade(side: Side, priceTicks: PriceTicks, lots: Lots, timeMs: WallMs): void {
    this.matcher.trade(side, priceTicks, lots, timeMs)
  }

  /** @param number of the order */
  onTraded(number: number, lots: Lots): void {
    const order = number % ORDERS_MAX
    if (this.#numbers[order] !== number) return
    this.tradedLots[order]! += lots
    this.#account(order, lots)
  }

  /** As `onTraded`. */
  onCancelled(number: number, lots: Lots): void {
    const order = number % ORDERS_MAX
    if (this.#numbers[order] !== number) return
    this.cancelledLots[order]! += lots
    this.#account(order, lots)
  }

  /** Nothing is known of any order any more. */
  reset(): void {
    this.#resting.clear()
    this.matcher.drop()
    this.#states.fill(FREE)
    this.#numbers.fill(Number.NaN)
    this.#oldest = this.#made
  }

  /** Share of what is known to have left that was cancelled. */
  cancelShare(order: number): number {
    return this.cancelledLots[order]! / (this.cancelledLots[order]! + this.tradedLots[order]!)
  }

  /** Whether it is large enough, in money and against its market, and was placed near enough to the best price. */
  counts(order: number, { minTicksLots, minMultiple, depth }: { readonly minTicksLots: number; readonly minMultiple: number; readonly depth: number }): boolean {
    return this.multiples[order]! >= minMultiple && this.depths[order]! <= depth && this.lots[order]! * this.priceTicks[order]! >= minTicksLots
  }

  #change(side: Side, priceTicks: PriceTicks, before: Lots, after: Lots, near: NearBook, timeMs: WallMs): void {
    if (after === before || !near.reaches(side, priceTicks, near.levels)) {
      // Far away only this is sure: what is not there any more need not be followed.
      if (after === 0) this.#lose(side, priceTicks)
      return
    }
    if (after > before) this.#grow(side, priceTicks, before, after, near, timeMs)
    else this.#shrink(side, priceTicks, before, after, near, timeMs)
  }

  #lose(side: Side, priceTicks: PriceTicks): void {
    const order = this.#resting.get(keyOf(side, priceTicks))
    if (order >= 0) this.#forget(order)
  }

  #grow(side: Side, priceTicks: PriceTicks, before: Lots, after: Lots, near: NearBook, timeMs: WallMs): void {
    const lots = after - before
    const { minTicksLots, minMultiple } = this.#settings
    if (lots * priceTicks < minTicksLots || lots < minMultiple * near.typicalLots || !near.reachedBefore(side, priceTicks)) return
    const key = keyOf(side, priceTicks)
    const refilled = this.#resting.get(key)
    if (refilled >= 0) {
      this.lots[refilled]! += lots
      this.#leftLots[refilled] = Math.min(this.#leftLots[refilled]! + lots, after - this.#baseLots[refilled]!)
      return
    }
    const order = this.#place()
    this.#resting.set(key, order)
    this.sides[order] = side
    this.priceTicks[order] = priceTicks
    this.lots[order] = this.#leftLots[order] = lots
    this.multiples[order] = lots / near.typicalLots
    this.#baseLots[order] = before
    this.bornMs[order] = timeMs
    this.endMs[order] = Number.NaN
    this.tradedLots[order] = this.cancelledLots[order] = this.#openLots[order] = 0
    this.depths[order] = depthOf(side, priceTicks, near)
    this.#states[order] = RESTING
    this.#sink.onPlaced(order)
  }

  #shrink(side: Side, priceTicks: PriceTicks, before: Lots, after: Lots, near: NearBook, timeMs: WallMs): void {
    const key = keyOf(side, priceTicks)
    const order = this.#resting.get(key)
    if (order < 0) {
      this.matcher.decrease(side, priceTicks, before - after, timeMs, NO_ORDER, 0)
      return
    }
    const left = Math.min(this.#leftLots[order]!, Math.max(0, after - this.#baseLots[order]!))
    // What it lost while it was out of reach is nobody's.
    const lost = Math.min(this.#leftLots[order]! - left, before - after)
    this.#leftLots[order] = left
    this.#openLots[order]! += lost
    if (left <= LEFT_SHARE * this.lots[order]!) {
      this.#resting.delete(key)
      this.endMs[order] = timeMs
      this.overrun[order] = near.isOverrun(side, priceTicks) ? 1 : 0
      this.#states[order] = LEAVING
    }
    this.matcher.decrease(side, priceTicks, before - after, timeMs, this.#numbers[order]!, lost)
    // Nothing of it is open when a trade that was here first explained all.
    this.#account(order, 0)
  }

  #account(order: number, lots: Lots): void {
    this.#openLots[order]! -= lots
    if (this.#states[order] !== LEAVING || this.#openLots[order]! > 0) return
    this.#states[order] = FREE
    this.#sink.onEnded(order)
  }

  /** An order that is no longer followed; what is open of it finds nobody. */
  #forget(order: number): void {
    const key = keyOf(this.sides[order] as Side, this.priceTicks[order]!)
    if (this.#resting.get(key) === order) this.#resting.delete(key)
    this.#states[order] = FREE
  }

  #place(): number {
    const number = this.#made++
    const at = number % ORDERS_MAX
    if (this.#made - this.#oldest > ORDERS_MAX) {
      this.#oldest++
      if (this.#states[at] !== FREE) {
        this.overflow++
        this.#forget(at)
      }
    }
    this.#numbers[at] = number
    return at
  }
}

function depthOf(side: Side, priceTicks: PriceTicks, near: NearBook): number {
  const held = side === BUY ? near.bidLevels : near.askLevels
  const ticks = side === BUY ? near.bidTicks : near.askTicks
  let at = 0
  while (at < held && ticks[at] !== priceTicks) at++
  return at + 1
}
