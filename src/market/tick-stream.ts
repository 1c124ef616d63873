import type { Lots, Nanos, PriceTicks, WallMs } from '../core/index.ts'
import { BUY, limits, SELL } from '../core/index.ts'
import type { RingProducer } from '../memory/index.ts'
import type { TICK, View } from '../memory/index.ts'
import { TICK_BOOK, TICK_CANDLE, TICK_GAP, TICK_LEVELS, TICK_REFRESH, TICK_TRADE } from '../memory/index.ts'
import type { BookUpdate, MarketFeed } from '../venues/index.ts'
import type { OrderBook } from './book.ts'
import { type Candle, emptyCandle } from './candles/candle.ts'
import type { CandleManager } from './candles/candle-manager.ts'
import type { MarketCells } from './market-cells.ts'
import type { MarketContext } from './market-context.ts'
import { TickOutlet } from './tick-outlet.ts'

/** How often a full tick ring is looked at again. */
const FLUSH_PERIOD_MS = 1
const LEVELS = limits.tickLevels
/** What a socket may still deliver after `pause`: two frames of trades and as many book messages again. */
const STAGED_MAX = 4 * limits.tradesPerFrameMax

export interface TickStreamEnds {
  readonly producer: RingProducer
  /** Paused while the ring is full. */
  readonly feed: Pick<MarketFeed, 'pause' | 'resume'>
  /** Rings the bell of whoever reads the ticks. */
  readonly onPublished: () => void
  /** The feed did not stop when told to and the bound is reached: a record was left out, and a gap is owed to the readers. */
  readonly onOverrun: () => void
}

/**
 * The tick records of one symbol, each with the top of the book as of that event. When their ring is full the feed is
 * paused, what was already decoded waits in order beside the ring, and the feed goes on when all of it is in.
 */
export class TickStream {
  readonly #context: MarketContext
  readonly #ends: TickStreamEnds
  readonly #book: OrderBook
  readonly #cells: MarketCells
  readonly #candles: CandleManager
  readonly #candle: Candle = emptyCandle()
  readonly #ticks = new Float64Array(4 * limits.bookLevelsMax)
  readonly #lots = new Float64Array(4 * limits.bookLevelsMax)
  readonly #outlet: TickOutlet
  #gapOwed = false
  #paused = false
  #stopped = false
  /** Records that were published when the bell was last rung. */
  #rung = 0

  /** @throws RM_FEATURE_WIRING for a ring of other records. */
  constructor(context: MarketContext, book: OrderBook, candles: CandleManager, cells: MarketCells, ends: TickStreamEnds) {
    this.#context = context
    this.#ends = ends
    this.#book = book
    this.#candles = candles
    this.#cells = cells
    const { clock } = context
    this.#outlet = new TickOutlet(ends.producer, STAGED_MAX, () => clock.nowNs(), (receiveNs, publishNs) => context.observe('receive_publish', publishNs - receiveNs))
  }

  /** Records that wait beside the ring. */
  get staged(): number {
    return this.#outlet.staged
  }

  /** Sequence of the next record. */
  get nextSequence(): number {
    return this.#outlet.nextSequence
  }

  /**
   * Writes one record, behind a gap when one is owed.
   * @param kind TICK_BOOK, TICK_TRADE, TICK_GAP or TICK_REFRESH
   * @param side of a trade its aggressor, of a book record 1 when the book is only told again
   * @returns false when it had to be left out
   */
  write(kind: number, venueTimeMs: WallMs, receiveNs: Nanos, priceTicks: PriceTicks, lots: Lots, side: number): boolean {
    const tick = this.#open(kind, venueTimeMs, receiveNs)
    if (tick === null) return false
    tick.priceTicks = priceTicks
    tick.lots = lots
    tick.side = side
    this.#book.writeTop(tick)
    this.#candles.writeForming(tick)
    this.#commit()
    return true
  }

  /** Writes a closed candle. @returns false when it had to be left out */
  writeCandle(candle: Candle, venueTimeMs: WallMs, receiveNs: Nanos): boolean {
    const tick = this.#open(TICK_CANDLE, venueTimeMs, receiveNs)
    if (tick === null) return false
    tick.priceTicks = candle.closeTicks
    tick.lots = candle.lots
    tick.side = 0
    this.#book.writeTop(tick)
    tick.candleStartMs = candle.startMs
    tick.candleOpenTicks = candle.openTicks
    tick.candleHighTicks = candle.highTicks
    tick.candleLowTicks = candle.lowTicks
    tick.candleCloseTicks = candle.closeTicks
    tick.candleLots = candle.lots
    this.#commit()
    return true
  }

  /**
   * Writes the levels of a book message that was applied; its TICK_BOOK record has to follow.
   * @returns false when some had to be left out: the message is lost to the readers, a gap is owed, nothing may follow
   */
  writeLevels({ snapshot, venueTimeMs, bidTicks, bidLots, bidCount, askTicks, askLots, askCount }: BookUpdate, receiveNs: Nanos): boolean {
    return this.#writeLevels(snapshot, venueTimeMs, receiveNs, bidTicks, bidLots, bidCount, askTicks, askLots, askCount)
  }

  /** Writes all closed candles anew: they are others than the readers were told. */
  refreshCandles(): void {
    const nowNs = this.#context.clock.nowNs()
    const { venueTimeMs } = this.#cells
    this.write(TICK_REFRESH, venueTimeMs, nowNs, 0, 0, 0)
    for (let i = 0; this.#candles.closed(i, this.#candle); i++) this.writeCandle(this.#candle, venueTimeMs, nowNs)
  }

  /** Writes the whole book as it is, when there is one, for a reader that has lost its own. One side of it may be empty. */
  refreshBook(): void {
    const { receiveNs, venueTimeMs } = this.#cells
    if (!this.#book.valid) return
    const half = 2 * limits.bookLevelsMax
    const bids = this.#book.copyTop(BUY, half, this.#ticks, this.#lots)
    const asks = this.#book.copyTop(SELL, half, this.#ticks, this.#lots, half, half)
    const whole = this.#writeLevels(true, venueTimeMs, receiveNs, this.#ticks, this.#lots, bids, this.#ticks.subarray(half), this.#lots.subarray(half), asks)
    if (whole) this.write(TICK_BOOK, venueTimeMs, receiveNs, 0, 0, 1)
  }

  #writeLevels(snapshot: boolean, venueTimeMs: WallMs, receiveNs: Nanos, bidTicks: Float64Array, bidLots: Float64Array, bidCount: number, askTicks: Float64Array, askLots: Float64Array, askCount: number): boolean {
    for (let at = 0; at === 0 ? snapshot || bidCount > 0 || askCount > 0 : at < bidCount || at < askCount; at += LEVELS) {
      const tick = this.#open(TICK_LEVELS, venueTimeMs, receiveNs)
      // What is left out here is owed as a gap: readers wait for a snapshot then.
      if (tick === null) return false
      const bids = Math.max(0, Math.min(LEVELS, bidCount - at))
      const asks = Math.max(0, Math.min(LEVELS, askCount - at))
      const { f64, bidTicks: bidAt, bidLots: bidLotsAt, askTicks: askAt, askLots: askLotsAt } = tick
      for (let i = 0; i < bids; i++) {
        f64[bidAt + i] = bidTicks[at + i]!
        f64[bidLotsAt + i] = bidLots[at + i]!
      }
      for (let i = 0; i < asks; i++) {
        f64[askAt + i] = askTicks[at + i]!
        f64[askLotsAt + i] = askLots[at + i]!
      }
      tick.bidLevels = bids
      tick.askLevels = asks
      tick.side = snapshot && at === 0 ? 1 : 0
      tick.priceTicks = 0
      tick.lots = 0
      this.#commit()
    }
    return true
  }

  /** The window on the next record, behind a gap when one is owed; null when it has to be left out. */
  #open(kind: number, venueTimeMs: WallMs, receiveNs: Nanos): View<typeof TICK.fields> | null {
    // Readers must hear of a gap before anything that comes after it.
    if (this.#gapOwed && kind !== TICK_GAP) this.writeGap()
    const tick = this.#outlet.open()
    if (tick === null) {
      this.#overrun(kind)
      return null
    }
    tick.kind = kind
    tick.venueTimeMs = venueTimeMs
    tick.receiveNs = receiveNs
    tick.bookValid = this.#cells.bookValid ? 1 : 0
    return tick
  }

  #commit(): void {
    this.#outlet.commit()
    if (this.#outlet.staged > 0) this.#pause()
  }

  /** Tells the readers that what comes does not follow on what was: now, or as soon as there is room. */
  writeGap(): void {
    this.#gapOwed = !this.write(TICK_GAP, this.#cells.venueTimeMs, this.#context.clock.nowNs(), 0, 0, 0)
  }

  /** Rings the bell when something was published since: once after each frame. */
  ring(): void {
    if (this.#outlet.published === this.#rung) return
    this.#rung = this.#outlet.published
    this.#ends.onPublished()
  }

  /** Lets go of the feed and the timer. What waits beside the ring is given up. */
  stop(): void {
    this.#stopped = true
  }

  #pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#context.count('ingest_paused')
    this.#ends.feed.pause()
    this.#flushLater()
  }

  #flushLater(): void {
    this.#context.timers.after(FLUSH_PERIOD_MS, () => {
      if (this.#stopped) return
      const empty = this.#outlet.flush()
      if (empty && this.#gapOwed) this.writeGap()
      this.ring()
      if (this.#outlet.staged > 0) {
        this.#flushLater()
        return
      }
      this.#paused = false
      this.#ends.feed.resume()
    })
  }

  #overrun(kind: number): void {
    this.#context.count('ingest_overrun', kind === TICK_TRADE ? 'trade' : kind === TICK_BOOK || kind === TICK_LEVELS ? 'book' : kind === TICK_CANDLE ? 'candle' : 'gap')
    this.#gapOwed = true
    this.#ends.onOverrun()
  }
}
