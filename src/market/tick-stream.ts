import type { Lots, Nanos, PriceTicks, WallMs } from '../core/index.ts'
import { limits } from '../core/index.ts'
import type { RingProducer } from '../memory/index.ts'
import { TICK_BOOK, TICK_CANDLE, TICK_GAP, TICK_TRADE } from '../memory/index.ts'
import type { MarketFeed } from '../venues/index.ts'
import type { OrderBook } from './book.ts'
import type { MarketCells } from './market-cells.ts'
import type { MarketContext } from './market-context.ts'
import { TickOutlet } from './tick-outlet.ts'

/** How often a full tick ring is looked at again. */
const FLUSH_PERIOD_MS = 1
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
  readonly #outlet: TickOutlet
  #gapOwed = false
  #paused = false
  #stopped = false
  /** Records that were published when the bell was last rung. */
  #rung = 0

  /** @throws RM_FEATURE_WIRING for a ring of other records. */
  constructor(context: MarketContext, book: OrderBook, cells: MarketCells, ends: TickStreamEnds) {
    this.#context = context
    this.#ends = ends
    this.#book = book
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
   * @param kind TICK_BOOK, TICK_TRADE, TICK_CANDLE or TICK_GAP
   * @returns false when it had to be left out
   */
  write(kind: number, venueTimeMs: WallMs, receiveNs: Nanos, priceTicks: PriceTicks, lots: Lots, side: number): boolean {
    // Readers must hear of a gap before anything that comes after it.
    if (this.#gapOwed && kind !== TICK_GAP) this.writeGap()
    const tick = this.#outlet.open()
    if (tick === null) {
      this.#overrun(kind)
      return false
    }
    tick.kind = kind
    tick.venueTimeMs = venueTimeMs
    tick.receiveNs = receiveNs
    tick.priceTicks = priceTicks
    tick.lots = lots
    tick.side = side
    tick.bookValid = this.#cells.bookValid ? 1 : 0
    this.#book.writeTop(tick)
    this.#outlet.commit()
    if (this.#outlet.staged > 0) this.#pause()
    return true
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
    this.#context.count('ingest_overrun', kind === TICK_TRADE ? 'trade' : kind === TICK_BOOK ? 'book' : kind === TICK_CANDLE ? 'candle' : 'gap')
    this.#gapOwed = true
    this.#ends.onOverrun()
  }
}
