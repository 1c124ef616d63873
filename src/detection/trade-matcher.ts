import { BUY, fail, type Lots, type PriceTicks, SELL, type Side, type WallMs } from '../core/index.ts'
import { keyOf, PriceTable } from './price-table.ts'

/** Decreases and trades of both sides that may wait for each other. */
const CAPACITY = 4096
const DECREASE = 0
const TRADE = 1
/** No order is behind a decrease. */
export const NO_ORDER = -1

/** Hears what became of the part of a decrease that belongs to an order. Called while the matcher works: it must not be called back. */
export interface MatchSink {
  onTraded(order: number, lots: Lots): void
  onCancelled(order: number, lots: Lots): void
}

/**
 * Tells traded from cancelled size: what a level of the book lost is set against the trades at its price.
 *
 * Decreases and trades of one price are two queues in the order of their times. Their heads are compared: within `windowMs`
 * of each other the smaller size of both is *traded*, else the older head finds nobody, and a decrease that finds nobody was *cancelled*.
 * No step depends on which of two heads came first, so a trade may arrive before or after the book message that shows it: as
 * long as no message is later than `windowMs`, every order of arrival has the same outcome. What waited for twice the window is settled.
 *
 * Within a message, size that came hides size that was traded: the rest of such a trade is counted as hidden.
 * Memory is bounded: beyond the places there are, the longest wait is settled early, and counted.
 */
export class TradeMatcher {
  /** Lots of each side of the book, since the start: places BUY and SELL. */
  readonly tradedLots = new Float64Array(2)
  readonly cancelledLots = new Float64Array(2)
  /** Traded without a decrease of the book that shows it. */
  readonly hiddenLots = new Float64Array(2)
  /** Waits that were settled early for want of places. */
  overflow = 0
  readonly #windowMs: number
  readonly #sink: MatchSink
  /** First entry of the queue of a price. */
  readonly #heads = new PriceTable(CAPACITY)
  readonly #keys = new Float64Array(CAPACITY)
  readonly #timesMs = new Float64Array(CAPACITY)
  readonly #lots = new Float64Array(CAPACITY)
  readonly #orderLots = new Float64Array(CAPACITY)
  readonly #orders = new Int32Array(CAPACITY)
  readonly #kinds = new Uint8Array(CAPACITY)
  readonly #next = new Int32Array(CAPACITY)
  /** Last entry of the queue, kept at its first one. */
  readonly #tails = new Int32Array(CAPACITY)
  /** Entries ever made; the places [first, made) may still wait. */
  #made = 0
  #first = 0

  /** @throws RM_DETECTION_CONFIG for a window that is no time */
  constructor(windowMs: number, sink: MatchSink) {
    if (!(windowMs > 0 && windowMs < 60_000)) fail('RM_DETECTION_CONFIG', { what: 'the matching window', actual: windowMs, needed: 'above 0 ms, below 60 000 ms' })
    this.#windowMs = windowMs
    this.#sink = sink
  }

  /** Entries that wait, settled ones at the back of the queue included. */
  get waiting(): number {
    return this.#made - this.#first
  }

  /** A level lost size. @param side of the book @param order whose size it was, as far as `orderLots` of it, or NO_ORDER */
  decrease(side: Side, priceTicks: PriceTicks, lots: Lots, timeMs: WallMs, order: number, orderLots: Lots): void {
    this.#arrive(DECREASE, side, keyOf(side, priceTicks), lots, timeMs, order, orderLots)
  }

  /** A public trade. @param side of the aggressor: a buyer takes from the asks */
  trade(side: Side, priceTicks: PriceTicks, lots: Lots, timeMs: WallMs): void {
    const book = side === BUY ? SELL : BUY
    this.#arrive(TRADE, book, keyOf(book, priceTicks), lots, timeMs, NO_ORDER, 0)
  }

  /** Settles what no message within the window can match any more. @param nowMs newest time seen */
  advance(nowMs: WallMs): void {
    const untilMs = nowMs - 2 * this.#windowMs
    while (this.#first < this.#made) {
      const at = this.#first % CAPACITY
      if (this.#lots[at]! > 0) {
        if (this.#timesMs[at]! >= untilMs) return
        this.#settle(at)
        this.#pop(at)
      }
      this.#first++
    }
  }

  /** Everything that waits is forgotten; sums stay. */
  drop(): void {
    this.#heads.clear()
    this.#first = this.#made = 0
  }

  reset(): void {
    this.drop()
    this.tradedLots.fill(0)
    this.cancelledLots.fill(0)
    this.hiddenLots.fill(0)
    this.overflow = 0
  }

  #arrive(kind: number, side: Side, key: number, lots: Lots, timeMs: WallMs, order: number, orderLots: Lots): void {
    const windowMs = this.#windowMs
    let left = lots
    let owed = orderLots
    let head = this.#heads.get(key)
    while (left > 0 && head >= 0 && this.#kinds[head] !== kind) {
      const laterMs = timeMs - this.#timesMs[head]!
      if (laterMs > windowMs) {
        this.#settle(head)
        head = this.#pop(head)
        continue
      }
      if (laterMs < -windowMs) {
        this.#end(kind, side, left, order, owed)
        return
      }
      const part = Math.min(left, this.#lots[head]!)
      left -= part
      this.tradedLots[side]! += part
      if (kind === TRADE) this.#tellTraded(head, part)
      else if (owed > 0) {
        const told = Math.min(part, owed)
        owed -= told
        this.#sink.onTraded(order, told)
      }
      this.#lots[head]! -= part
      if (this.#lots[head] === 0) head = this.#pop(head)
    }
    if (left > 0) this.#wait(kind, key, left, timeMs, order, owed)
  }

  #tellTraded(at: number, lots: Lots): void {
    const told = Math.min(lots, this.#orderLots[at]!)
    if (told === 0) return
    this.#orderLots[at]! -= told
    this.#sink.onTraded(this.#orders[at]!, told)
  }

  /** What is left of an entry found nobody. */
  #settle(at: number): void {
    this.#end(this.#kinds[at]!, this.#keys[at]! > 0 ? BUY : SELL, this.#lots[at]!, this.#orders[at]!, this.#orderLots[at]!)
    this.#lots[at] = 0
  }

  #end(kind: number, side: Side, lots: Lots, order: number, orderLots: Lots): void {
    if (kind === TRADE) {
      this.hiddenLots[side]! += lots
      return
    }
    this.cancelledLots[side]! += lots
    if (orderLots > 0) this.#sink.onCancelled(order, orderLots)
  }

  /** Takes the first entry of its price out of the queue. @returns the one behind it, −1 for none. */
  #pop(at: number): number {
    const key = this.#keys[at]!
    const next = this.#next[at]!
    if (next < 0) this.#heads.delete(key)
    else {
      this.#tails[next] = this.#tails[at]!
      this.#heads.set(key, next)
    }
    this.#lots[at] = 0
    return next
  }

  #wait(kind: number, key: number, lots: Lots, timeMs: WallMs, order: number, orderLots: Lots): void {
    if (this.#made - this.#first === CAPACITY) this.#makeRoom()
    const at = this.#made++ % CAPACITY
    this.#kinds[at] = kind
    this.#keys[at] = key
    this.#lots[at] = lots
    this.#timesMs[at] = timeMs
    this.#orders[at] = order
    this.#orderLots[at] = orderLots
    this.#next[at] = -1
    const head = this.#heads.get(key)
    if (head < 0) {
      this.#heads.set(key, at)
      this.#tails[at] = at
      return
    }
    this.#next[this.#tails[head]!] = at
    this.#tails[head] = at
  }

  #makeRoom(): void {
    const at = this.#first++ % CAPACITY
    if (this.#lots[at] === 0) return
    this.overflow++
    this.#settle(at)
    this.#pop(at)
  }
}
