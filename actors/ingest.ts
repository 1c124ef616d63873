import type { Instrument, Nanos, Timer } from '../src/core/index.ts'
import { errorLabel, errorLine } from '../src/core/index.ts'
import type { Candle, CandleCheckpoint, RegistryMemory } from '../src/market/index.ts'
import {
  BOOK_OK, BOOK_RESULTS, BOOK_UNSYNCED, BookIntegrity, BookResync, CandleCatchUp, CandleManager, MarketCells, OrderBook, TickStream, VenueClock, emptyCandle,
} from '../src/market/index.ts'
import type { RingProducer } from '../src/memory/index.ts'
import { TICK_BOOK, TICK_CANDLE, TICK_TRADE } from '../src/memory/index.ts'
import type { Actor, ActorContext } from '../src/runtime/index.ts'
import type { BookUpdate, FeedState, Kline, MarketFeed, MarketHandler, MarketReference, Ticker, TradeBatch } from '../src/venues/index.ts'

export interface IngestWiring {
  readonly instrument: Instrument
  readonly feed: MarketFeed
  readonly ticks: RingProducer
  readonly registry: RegistryMemory
  /** Rings the bell of whoever reads the ticks: once after each frame that published something. */
  readonly onPublished: () => void
  /** History and clock of the venue. null means: there is no REST side, and the venue's clock is ours (offset 0). */
  readonly reference: MarketReference | null
  /** What the last life of this actor left, see `checkpoint`. */
  readonly checkpoint?: unknown
}

export const PICTURE_PERIOD_MS = 100
const CLOCK_PERIOD_MS = 60_000
/** While the stream is down, history is fetched this often. */
const CATCH_UP_PERIOD_MS = 5000
const CANDLE_MS = 60_000

/**
 * Feed frames in; book, candles, registry cells and tick records out; one symbol.
 *
 * A book that cannot be trusted (crossed, damaged, feed not live, start) is marked invalid in the cell before anything
 * else happens; then come the gap record and one request for a snapshot. A full tick ring pauses the feed (TickStream).
 */
export class IngestActor implements Actor, MarketHandler {
  readonly book: OrderBook
  readonly candles: CandleManager
  readonly integrity: BookIntegrity
  readonly #context: ActorContext
  readonly #wiring: IngestWiring
  readonly #cells: MarketCells
  readonly #ticks: TickStream
  readonly #resync: BookResync
  readonly #clock: VenueClock | null
  readonly #history: CandleCatchUp | null
  readonly #candle: Candle = emptyCandle()
  readonly #timers: Timer[] = []
  #feedState: FeedState = 'down'
  #badFrame = ''

  constructor(context: ActorContext, wiring: IngestWiring) {
    const { instrument, feed, reference, registry, onPublished } = wiring
    this.#context = context
    this.#wiring = wiring
    this.book = OrderBook.create()
    this.candles = new CandleManager({ intervalMs: CANDLE_MS })
    this.integrity = new BookIntegrity(context.clock.nowNs())
    this.#cells = new MarketCells(registry, instrument, this.book, reference === null ? 0 : Number.NaN)
    this.#ticks = new TickStream(context, this.book, this.#cells, { producer: wiring.ticks, feed, onPublished, onOverrun: () => this.#overrun() })
    this.#resync = new BookResync(context.clock, feed)
    this.#clock = reference === null ? null : new VenueClock(context, reference, (offsetMs) => this.#cells.showClock(offsetMs))
    this.#history = reference === null ? null : new CandleCatchUp(context, reference, instrument, this.candles, {
      onMerged: (closed, venueTimeMs) => {
        this.#closeCandles(closed, venueTimeMs, context.clock.nowNs())
        this.#ticks.ring()
      },
      onRefused: (error) => this.onBadFrame(error, 'history of klines'),
    })
  }

  start(): void {
    const { timers, report } = this.#context
    const { ticks, checkpoint, feed } = this.#wiring
    this.#invalidate('start', ticks.next > 0)
    if (checkpoint !== undefined && checkpoint !== null) this.#restore(checkpoint)
    report({ state: 'starting', note: 'waits for a book' })
    this.#timers.push(timers.every(PICTURE_PERIOD_MS, () => this.#cells.refreshPicture()))
    if (this.#clock !== null) this.#timers.push(timers.every(CLOCK_PERIOD_MS, () => this.#clock?.ask()))
    if (this.#history !== null) this.#timers.push(timers.every(CATCH_UP_PERIOD_MS, () => this.#fallBack()))
    this.#clock?.ask()
    this.#history?.ask()
    this.#ticks.ring()
    feed.start(this)
  }

  checkpoint(): CandleCheckpoint {
    return this.candles.checkpoint()
  }

  stop(_graceful: boolean, done: () => void): void {
    this.#ticks.stop()
    this.#clock?.stop()
    this.#history?.stop()
    for (const timer of this.#timers.splice(0)) timer.cancel()
    this.#wiring.feed.stop()
    // Nobody keeps the price current from here on.
    if (this.#cells.bookValid) this.#markInvalid()
    this.#context.report({ state: 'stopping' })
    done()
  }

  onBook(update: BookUpdate, receiveNs: Nanos): void {
    const result = this.book.apply(update)
    if (result === BOOK_OK) this.#publishBook(update, receiveNs)
    else if (result === BOOK_UNSYNCED) this.#unsynced()
    else this.#distrust(`book ${BOOK_RESULTS[result]}`)
    this.#closeCandles(this.candles.advance(update.venueTimeMs), update.venueTimeMs, receiveNs)
    this.#ticks.ring()
  }

  onTrades(batch: TradeBatch, receiveNs: Nanos): void {
    for (let i = 0; i < batch.count; i++) {
      const priceTicks = batch.priceTicks[i]!
      const lots = batch.lots[i]!
      const timeMs = batch.timeMs[i]!
      const sound = Number.isSafeInteger(priceTicks) && Number.isSafeInteger(lots) && priceTicks > 0 && lots > 0 && timeMs > 0 && Number.isFinite(timeMs)
      if (!sound) {
        this.#context.count('ingest_bad_trades')
        continue
      }
      this.#closeCandles(this.candles.onTrade(timeMs, priceTicks, lots), timeMs, receiveNs)
      this.#ticks.write(TICK_TRADE, timeMs, receiveNs, priceTicks, lots, batch.sides[i]!)
      this.#cells.keepTrade(priceTicks)
    }
    this.#cells.refreshTick()
    this.#ticks.ring()
  }

  onTicker(ticker: Ticker, _receiveNs: Nanos): void {
    this.#cells.showTicker(ticker, this.#context.clock.wallMs())
  }

  onKline(kline: Kline, receiveNs: Nanos): void {
    if (kline.intervalMs !== CANDLE_MS) return
    let closed = 0
    try {
      closed = this.candles.onKline(kline)
    } catch (error) {
      this.onBadFrame(error, `kline ${kline.startMs}`)
      return
    }
    this.#closeCandles(closed, kline.startMs + kline.intervalMs, receiveNs)
    this.#ticks.ring()
  }

  onLiquidation(): void {
    this.#context.count('ingest_liquidations')
  }

  onPriceLimits(): void {
    this.#context.count('ingest_price_limits')
  }

  onFunding(): void {
    this.#context.count('ingest_funding')
  }

  onInstrument(): void {
    this.#context.count('ingest_instrument_changes')
  }

  onFeed(state: FeedState, reason: string): void {
    const before = this.#feedState
    this.#feedState = state
    if (state !== 'live') {
      if (this.book.valid) this.#invalidate(`feed ${state}: ${reason}`, true)
    } else if (before !== 'live') {
      // A new subscription: what was asked of the old one is settled, whatever came of it.
      this.#resync.settle()
      this.#history?.ask()
    }
    this.#context.log(state === 'down' ? 'warn' : 'info', `feed ${state}`, { reason })
    this.#ticks.ring()
  }

  onBadFrame(error: unknown, excerpt: string): void {
    const label = errorLabel(error)
    this.#context.count('ingest_bad_frames', label)
    if (label === this.#badFrame) return
    this.#badFrame = label
    this.#context.log('warn', 'frame refused', { error: errorLine(error), excerpt })
  }

  #publishBook(update: BookUpdate, receiveNs: Nanos): void {
    if (update.snapshot) {
      this.#resync.settle()
      this.#context.count('ingest_snapshots')
    }
    const usable = this.book.usable
    if (usable !== this.#cells.bookValid) this.#turn(usable)
    this.#cells.showBook(update, receiveNs, this.#ticks.nextSequence, usable)
    this.#ticks.write(TICK_BOOK, update.venueTimeMs, receiveNs, 0, 0, 0)
    this.#cells.owePicture()
  }

  /** The book is whole again, or lost one whole side without any fault. */
  #turn(usable: boolean): void {
    this.integrity.turn(usable, this.#context.clock.nowNs())
    this.#context.report(usable ? { state: 'ready' } : { state: 'degraded', note: 'a side of the book is empty' })
  }

  /** A delta without a book: normal while a snapshot is on its way, asked for again when it does not come. */
  #unsynced(): void {
    this.#context.count('ingest_unsynced')
    this.#resync.askAgain()
  }

  #distrust(reason: string): void {
    this.#invalidate(reason, true)
    this.#context.count('ingest_rebuilds', reason)
    this.#context.log('warn', 'book not trusted, rebuilding', {
      reason,
      updateId: this.book.updateId,
      bestBid: this.book.bestBid,
      bestAsk: this.book.bestAsk,
      integrity: this.integrity.score(this.#context.clock.nowNs()),
    })
    this.#resync.ask(reason)
  }

  /** Invalid first, everything else after. */
  #invalidate(reason: string, gap: boolean): void {
    this.#markInvalid()
    if (gap) this.#ticks.writeGap()
    this.#context.report({ state: 'degraded', note: `no book: ${reason}` })
  }

  #markInvalid(): void {
    this.book.invalidate()
    this.#cells.showNoBook()
    this.integrity.turn(false, this.#context.clock.nowNs())
  }

  /** Ticks were lost: the loss is said, and the book is taken anew. */
  #overrun(): void {
    if (!this.#cells.bookValid) return
    this.#markInvalid()
    this.#context.log('error', 'tick ring and staging are full: ticks left out', { staged: this.#ticks.staged })
    this.#resync.ask('tick ring full')
  }

  /** @param count how many of the newest closed candles are new. */
  #closeCandles(count: number, venueTimeMs: number, receiveNs: Nanos): void {
    for (let i = Math.min(count, this.candles.count); i > 0; i--) {
      this.candles.closed(this.candles.count - i, this.#candle)
      this.#ticks.write(TICK_CANDLE, Math.min(this.#candle.startMs + CANDLE_MS, venueTimeMs), receiveNs, this.#candle.closeTicks, this.#candle.lots, 0)
    }
  }

  #fallBack(): void {
    if (this.#feedState !== 'live') this.#history?.ask()
  }

  #restore(checkpoint: unknown): void {
    try {
      this.candles.restore(checkpoint)
    } catch (error) {
      this.#context.log('warn', 'checkpoint not used', { error: errorLine(error) })
    }
  }
}
