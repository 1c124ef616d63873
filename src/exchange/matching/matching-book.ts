import { BUY, fail, opposite, SELL, type Lots, type PriceTicks, type Side } from '../../core/index.ts'
import { BookSide } from './book-side.ts'
import { MARKET } from './queue-pool.ts'

/**
 * What a book asks and tells while it matches. Owners are positive numbers of account orders, `MARKET` is the market.
 * The book is in the middle of its work during these calls: they must not change it.
 */
export interface FillSink {
  /** How many of `lots` the resting account order may trade with this taker. Fewer than asked: the order is withdrawn after that part. */
  allow(maker: number, taker: number, lots: Lots): Lots
  /** Whether the resting account order is certain to trade its whole size with this taker (for fill-or-kill). */
  firm(maker: number, taker: number): boolean
  /** A trade at the maker's price; either owner may be `MARKET`. */
  fill(maker: number, taker: number, takerSide: Side, priceTicks: PriceTicks, lots: Lots): void
  /** The resting account order left the book because `allow` said so. */
  withdrawn(maker: number, taker: number): void
}

/**
 * Price-time priority matching of one symbol. The market's size and the orders of accounts stand in one queue per price.
 * Market flow comes in through `setLevel`, `take` and `print`; account orders through `submit`, `rest`, `shrink`, `remove`.
 * Never crossed. No allocation per call except when the pools double.
 *
 * Entries are pool indices per side; whoever rests an order keeps the entry until `fill` has used the order up,
 * `withdrawn` named it, or `remove` took it out.
 */
export class MatchingBook {
  /** Rises with every change. */
  changes = 0
  readonly bids = new BookSide(BUY)
  readonly asks = new BookSide(SELL)
  readonly #sink: FillSink

  constructor(sink: FillSink) {
    this.#sink = sink
  }

  side(side: Side): BookSide {
    return side === BUY ? this.bids : this.asks
  }

  /** Whether an order of `side` at `ticks` would trade now. */
  crosses(side: Side, ticks: PriceTicks): boolean {
    return side === BUY ? this.asks.best <= ticks : this.bids.best >= ticks
  }

  /**
   * The market now shows exactly `lots` of its own at this price. More than before queue at the tail, fewer leave from the tail.
   * A level that arrives through the opposite side trades against account orders there first (at their price) and removes the
   * market's own stale size on its way; what is left rests.
   * @throws RM_EXCHANGE_LOTS, RM_EXCHANGE_PRICE_RANGE for what no market can show.
   */
  setLevel(side: Side, ticks: PriceTicks, lots: Lots): void {
    if (!(lots >= 0 && lots <= Number.MAX_SAFE_INTEGER)) fail('RM_EXCHANGE_LOTS', { lots, ticks })
    const rests = lots > 0 && this.crosses(side, ticks) ? this.#arrive(side, ticks, lots) : lots
    if (this.side(side).setExternal(ticks, rests)) this.changes++
  }

  /** An aggressive market order. @returns the lots that found nobody up to the limit. */
  take(side: Side, limitTicks: PriceTicks, lots: Lots): Lots {
    return this.submit(MARKET, side, limitTicks, lots)
  }

  /**
   * A trade that the recorded market reports at `ticks`. Depth updates alone say what size the market shows, so its total stays;
   * the trade moves the queue: account orders at better prices fill first, then the queue at `ticks` is worked from its head,
   * and the market's traded lots count as new at the tail until a depth update says otherwise. Independent of whether the
   * depth update of this trade came before or after it.
   * @returns the lots that account orders gave.
   */
  print(side: Side, ticks: PriceTicks, lots: Lots): Lots {
    const makers = this.side(opposite(side))
    if (makers.accountOrders === 0) return 0
    let left = lots
    for (let at = makers.best; left > 0 && (side === BUY ? at < ticks : at > ticks); ) {
      const behind = makers.behind(at)
      left = this.#workLevel(makers, MARKET, side, at, left, 'accounts')
      at = behind
    }
    const shown = this.externalAt(makers.side, ticks)
    // A level of market size only is one entry: rotating it would change nothing.
    if (left === 0 || this.lotsAt(makers.side, ticks) === shown) return lots - left
    left = this.#workLevel(makers, MARKET, side, ticks, left, 'rotate')
    const rotated = shown - this.externalAt(makers.side, ticks)
    if (rotated > 0) makers.append(MARKET, ticks, rotated)
    return lots - left - rotated
  }

  /** Matches an account order (or the market, as `MARKET`) against the book. @returns the lots that are left. */
  submit(owner: number, side: Side, limitTicks: PriceTicks, lots: Lots): Lots {
    const makers = this.side(opposite(side))
    let left = lots
    while (left > 0 && this.crosses(side, limitTicks)) left = this.#workLevel(makers, owner, side, makers.best, left, 'all')
    return left
  }

  /** Queues an account order at the tail of its level; it must not cross. @returns its entry. */
  rest(owner: number, side: Side, ticks: PriceTicks, lots: Lots): number {
    this.changes++
    return this.side(side).append(owner, ticks, lots)
  }

  /** Takes lots off a resting order, which keeps its place. */
  shrink(side: Side, entry: number, lots: Lots): void {
    this.changes++
    this.side(side).shrink(entry, lots)
  }

  remove(side: Side, entry: number): void {
    const makers = this.side(side)
    this.shrink(side, entry, makers.pool.lots[entry])
  }

  /** The market takes from one resting account order, whatever queues before it. @returns the lots that it gave */
  fill(side: Side, entry: number, lots: Lots): Lots {
    const makers = this.side(side)
    const { pool } = makers
    const maker = pool.owner[entry]
    const ticks = pool.ticks[entry]
    const part = Math.min(lots, pool.lots[entry])
    const given = Math.max(0, this.#sink.allow(maker, MARKET, part))
    if (given === 0) return 0
    this.changes++
    makers.shrink(entry, given)
    this.#sink.fill(maker, MARKET, opposite(side), ticks, given)
    return given
  }

  /** Lots up to `wanted` that this order is certain to get within its limit. */
  fillable(owner: number, side: Side, limitTicks: PriceTicks, wanted: Lots): Lots {
    const makers = this.side(opposite(side))
    const { levels, pool } = makers
    let found = 0
    for (let ticks = makers.best; found < wanted && levels.count > 0 && (side === BUY ? ticks <= limitTicks : ticks >= limitTicks); ticks = makers.behind(ticks)) {
      if (makers.accountOrders === 0) {
        found += levels.total[levels.find(ticks)]
        continue
      }
      for (let entry = levels.head[levels.find(ticks)]; entry >= 0; entry = pool.next[entry]) {
        if (pool.owner[entry] === MARKET || this.#sink.firm(pool.owner[entry], owner)) found += pool.lots[entry]
      }
    }
    return Math.min(found, wanted)
  }

  /** The market's size leaves every level; account orders stay. */
  clearExternal(): void {
    this.#clear(this.bids)
    this.#clear(this.asks)
  }

  /** All lots at a price, accounts and market. */
  lotsAt(side: Side, ticks: PriceTicks): Lots {
    const { levels } = this.side(side)
    const level = levels.find(ticks)
    return level < 0 ? 0 : levels.total[level]
  }

  /** The market's lots at a price. */
  externalAt(side: Side, ticks: PriceTicks): Lots {
    const { levels } = this.side(side)
    const level = levels.find(ticks)
    return level < 0 ? 0 : levels.external[level]
  }

  /** Copies the best `depth` levels, best first. @returns how many. */
  copyLevels(side: Side, depth: number, outTicks: Float64Array, outLots: Float64Array): number {
    const from = this.side(side)
    const count = Math.min(depth, from.levels.count)
    for (let i = 0, ticks = from.best; i < count; i++, ticks = from.behind(ticks)) {
      outTicks[i] = ticks
      outLots[i] = from.levels.total[from.levels.find(ticks)]
    }
    return count
  }

  /** An arriving market level meets account orders in its way. @returns what is left of it. */
  #arrive(side: Side, ticks: PriceTicks, lots: Lots): Lots {
    const makers = this.side(opposite(side))
    let left = lots
    while (left > 0 && this.crosses(side, ticks)) {
      const at = makers.best
      if (makers.setExternal(at, 0)) this.changes++
      if (makers.levels.count > 0 && makers.best === at) left = this.#workLevel(makers, MARKET, side, at, left, 'all')
    }
    return left
  }

  /** Works the queue of one level from its head. @returns the taker's lots that are left. */
  #workLevel(makers: BookSide, taker: number, side: Side, ticks: PriceTicks, lots: Lots, who: 'all' | 'accounts' | 'rotate'): Lots {
    const { pool } = makers
    const sink = this.#sink
    let left = lots
    for (let entry = makers.levels.head[makers.levels.find(ticks)]; entry >= 0 && left > 0; ) {
      const maker = pool.owner[entry]
      const next = pool.next[entry]
      const part = Math.min(left, pool.lots[entry])
      if (maker === MARKET) {
        if (who !== 'accounts') {
          left -= part
          this.changes++
          makers.shrink(entry, part)
          if (who === 'all') sink.fill(MARKET, taker, side, ticks, part)
        }
      } else {
        const allowed = sink.allow(maker, taker, part)
        const given = allowed > 0 ? allowed : 0
        left -= given
        this.changes++
        makers.shrink(entry, allowed < part ? pool.lots[entry] : part)
        if (given > 0) sink.fill(maker, taker, side, ticks, given)
        if (allowed < part) sink.withdrawn(maker, taker)
      }
      entry = next
    }
    return left
  }

  #clear(from: BookSide): void {
    for (let left = from.levels.count, ticks = from.best; left > 0; left--) {
      const behind = from.behind(ticks)
      if (from.setExternal(ticks, 0)) this.changes++
      ticks = behind
    }
  }
}
