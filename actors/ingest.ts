import type { Instrument, Nanos, Timer } from '../src/core/index.ts'
import { BUY, SELL, errorLabel, errorLine, limits } from '../src/core/index.ts'
import type { Candle, CandleCheckpoint, CellWriter } from '../src/market/index.ts'
import {
  BOOK_OK, BOOK_RESULTS, BOOK_UNSYNCED, BookIntegrity, CandleManager, OrderBook, type RegistryMemory, SOURCE_NONE, SOURCE_STREAM, TickOutlet, emptyCandle,
} from '../src/market/index.ts'
import type { BOOK_PICTURE, CURRENT_TICK, MARKET_STATS, RingProducer, TICK, View } from '../src/memory/index.ts'
import { TICK_BOOK, TICK_CANDLE, TICK_GAP, TICK_TRADE } from '../src/memory/index.ts'
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
/** How often a full tick ring is looked at again. */
const FLUSH_PERIOD_MS = 1
/** A resync that brought no snapshot is asked for again, not before. */
const RESYNC_RETRY_MS = 5000
const CLOCK_PERIOD_MS = 60_000
/** While the stream is down, history is fetched this often. */
const CATCH_UP_PERIOD_MS = 5000
const CANDLE_MS = 60_000
/** What a socket may still deliver after `pause`: two frames of trades and as many book messages again. */
const STAGED_MAX = 4 * limits.tradesPerFrameMax

/**
 * Feed frames in; book, candles, registry cells and tick records out; one symbol.
 *
 * A book that cannot be trusted (crossed, damaged, feed not live, start) is marked invalid in the cell before anything
 * else happens; then come the gap record and one request for a snapshot. When the tick ring is full the feed is
 * paused, what was already decoded waits in order beside the ring, and the feed goes on when all of it is in.
 */
export class IngestActor implements Actor, MarketHandler {
  readonly book: OrderBook
  readonly candles: CandleManager
  readonly integrity: BookIntegrity
  readonly #context: ActorContext
  readonly #wiring: IngestWiring
  readonly #outlet: TickOutlet
  readonly #tickCell: CellWriter<typeof CURRENT_TICK.fields>
  readonly #statsCell: CellWriter<typeof MARKET_STATS.fields>
  readonly #pictureCell: CellWriter<typeof BOOK_PICTURE.fields>
  /** The current tick as it stands, in the order of the layout's use below; the cell is always written whole. */
  readonly #now = { bidTicks: 0, bidLots: 0, askTicks: 0, askLots: 0, lastTicks: -1, markTicks: -1, venueTimeMs: 0, receiveNs: 0, updateId: -1, tickSequence: -1, source: SOURCE_NONE }
  readonly #topTicks = new Float64Array(1)
  readonly #topLots = new Float64Array(1)
  readonly #candle: Candle = emptyCandle()
  readonly #timers: Timer[] = []
  #feedState: FeedState = 'down'
  #clockOffsetMs: number
  #bookValid = false
  #resyncAtNs: Nanos = Number.NEGATIVE_INFINITY
  #resyncReason = ''
  #pictureDirty = false
  #paused = false
  #gapOwed = false
  #catchingUp = false
  #askingClock = false
  #badFrame = ''
  #rung = 0
  #stopped = false

  constructor(context: ActorContext, wiring: IngestWiring) {
    this.#context = context
    this.#wiring = wiring
    this.book = OrderBook.create()
    this.candles = new CandleManager({ intervalMs: CANDLE_MS })
    this.integrity = new BookIntegrity(context.clock.nowNs())
    this.#clockOffsetMs = wiring.reference === null ? 0 : Number.NaN
    const { clock } = context
    this.#outlet = new TickOutlet(wiring.ticks, STAGED_MAX, () => clock.nowNs(), (receiveNs, publishNs) => context.observe('receive_publish', publishNs - receiveNs))
    this.#tickCell = wiring.registry.writeTick(wiring.instrument.index)
    this.#statsCell = wiring.registry.writeStats(wiring.instrument.index)
    this.#pictureCell = wiring.registry.writePicture(wiring.instrument.index)
  }

  start(): void {
    const context = this.#context
    const wiring = this.#wiring
    this.#invalidate('start', wiring.ticks.next > 0)
    if (wiring.checkpoint !== undefined && wiring.checkpoint !== null) this.#restore(wiring.checkpoint)
    context.report({ state: 'starting', note: 'waits for a book' })
    this.#timers.push(context.timers.every(PICTURE_PERIOD_MS, () => this.#everyPicture()))
    if (wiring.reference !== null) {
      this.#timers.push(context.timers.every(CLOCK_PERIOD_MS, () => this.#askClock()))
      this.#timers.push(context.timers.every(CATCH_UP_PERIOD_MS, () => this.#fallBack()))
      this.#askClock()
      this.#catchUp()
    }
    this.#ring()
    wiring.feed.start(this)
  }

  checkpoint(): CandleCheckpoint {
    return this.candles.checkpoint()
  }

  stop(_graceful: boolean, done: () => void): void {
    this.#stopped = true
    for (const timer of this.#timers.splice(0)) timer.cancel()
    this.#wiring.feed.stop()
    // Nobody keeps the price current from here on.
    if (this.#bookValid) this.#markInvalid()
    this.#context.report({ state: 'stopping' })
    done()
  }

  onBook(update: BookUpdate, receiveNs: Nanos): void {
    const result = this.book.apply(update)
    if (result === BOOK_OK) this.#publishBook(update, receiveNs)
    else if (result === BOOK_UNSYNCED) this.#unsynced()
    else this.#distrust(`book ${BOOK_RESULTS[result]}`)
    this.#closeCandles(this.candles.advance(update.venueTimeMs), update.venueTimeMs, receiveNs)
    this.#ring()
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
      this.#emit(TICK_TRADE, timeMs, receiveNs, priceTicks, lots, batch.sides[i]!)
      this.#now.lastTicks = priceTicks
    }
    // The age of bid and ask stays what it was: a trade says nothing about the book.
    if (this.#now.source !== SOURCE_NONE) this.#writeTick()
    this.#ring()
  }

  onTicker(ticker: Ticker, _receiveNs: Nanos): void {
    const stats = this.#statsCell.begin()
    stats.lastPrice = ticker.lastPrice
    stats.markPrice = ticker.markPrice
    stats.indexPrice = ticker.indexPrice
    stats.volume24h = ticker.volume24h
    stats.turnover24h = ticker.turnover24h
    stats.high24h = ticker.high24h
    stats.low24h = ticker.low24h
    stats.open24h = ticker.open24h
    stats.fundingRate = ticker.fundingRate
    stats.nextFundingMs = ticker.nextFundingMs
    stats.updatedMs = this.#context.clock.wallMs()
    this.#statsCell.end()
    if (Number.isFinite(ticker.markPrice) && ticker.markPrice > 0) {
      this.#now.markTicks = ticker.markPrice / this.#wiring.instrument.tick.value
      if (this.#now.source !== SOURCE_NONE) this.#writeTick()
    }
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
    this.#ring()
  }

  onFeed(state: FeedState, reason: string): void {
    const before = this.#feedState
    this.#feedState = state
    if (state !== 'live') {
      if (this.book.valid) this.#invalidate(`feed ${state}: ${reason}`, true)
    } else if (before !== 'live') {
      // A new subscription: what was asked of the old one is settled, whatever came of it.
      this.#resyncAtNs = Number.NEGATIVE_INFINITY
      this.#catchUp()
    }
    this.#context.log(state === 'down' ? 'warn' : 'info', `feed ${state}`, { reason })
    this.#ring()
  }

  onBadFrame(error: unknown, excerpt: string): void {
    const label = errorLabel(error)
    this.#context.count('ingest_bad_frames', label)
    if (label === this.#badFrame) return
    this.#badFrame = label
    this.#context.log('warn', 'frame refused', { error: errorLine(error), excerpt })
  }

  #publishBook(update: BookUpdate, receiveNs: Nanos): void {
    const { book } = this
    const now = this.#now
    const usable = book.usable
    if (update.snapshot) {
      this.#resyncAtNs = Number.NEGATIVE_INFINITY
      this.#context.count('ingest_snapshots')
    }
    this.#top(BUY)
    now.bidTicks = this.#topTicks[0]!
    now.bidLots = this.#topLots[0]!
    this.#top(SELL)
    now.askTicks = this.#topTicks[0]!
    now.askLots = this.#topLots[0]!
    now.venueTimeMs = update.venueTimeMs
    now.receiveNs = receiveNs
    now.updateId = update.updateId
    now.tickSequence = this.#outlet.nextSequence
    now.source = SOURCE_STREAM
    if (usable !== this.#bookValid) this.#turn(usable)
    this.#writeTick()
    this.#emit(TICK_BOOK, update.venueTimeMs, receiveNs, 0, 0, 0)
    this.#pictureDirty = true
  }

  #top(side: 0 | 1): void {
    this.#topTicks[0] = -1
    this.#topLots[0] = 0
    this.book.copyTop(side, 1, this.#topTicks, this.#topLots)
  }

  /** The book is whole again, or lost one whole side without any fault. */
  #turn(usable: boolean): void {
    this.#bookValid = usable
    this.integrity.turn(usable, this.#context.clock.nowNs())
    this.#context.report(usable ? { state: 'ready' } : { state: 'degraded', note: 'a side of the book is empty' })
  }

  /** A delta without a book: normal while a snapshot is on its way, asked for again when it does not come. */
  #unsynced(): void {
    this.#context.count('ingest_unsynced')
    this.#resync(this.#resyncReason === '' ? 'delta before a snapshot' : this.#resyncReason)
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
    this.#resync(reason)
  }

  /** One request at a time: the next one only after a snapshot, a new connection, or a long silence. */
  #resync(reason: string): void {
    const nowNs = this.#context.clock.nowNs()
    if (nowNs - this.#resyncAtNs < RESYNC_RETRY_MS * 1e6) return
    this.#resyncAtNs = nowNs
    this.#resyncReason = reason
    this.#wiring.feed.resync(reason)
  }

  /** Invalid first, everything else after. */
  #invalidate(reason: string, gap: boolean): void {
    this.#markInvalid()
    if (gap) this.#emitGap()
    this.#context.report({ state: 'degraded', note: `no book: ${reason}` })
  }

  #markInvalid(): void {
    this.book.invalidate()
    this.#bookValid = false
    this.#writeTick()
    this.#writePicture()
    this.integrity.turn(false, this.#context.clock.nowNs())
  }

  #writeTick(): void {
    const now = this.#now
    const tick = this.#tickCell.begin()
    tick.bookValid = this.#bookValid ? 1 : 0
    tick.bidTicks = now.bidTicks
    tick.bidLots = now.bidLots
    tick.askTicks = now.askTicks
    tick.askLots = now.askLots
    tick.lastTicks = now.lastTicks
    tick.markTicks = now.markTicks
    tick.venueTimeMs = now.venueTimeMs
    tick.receiveNs = now.receiveNs
    tick.clockOffsetMs = this.#clockOffsetMs
    tick.updateId = now.updateId
    tick.tickSequence = now.tickSequence
    tick.source = now.source
    this.#tickCell.end()
  }

  #writePicture(): void {
    this.#pictureDirty = false
    this.book.writePicture(this.#pictureCell.begin(), this.#now.venueTimeMs, this.#now.receiveNs)
    this.#pictureCell.end()
  }

  #everyPicture(): void {
    if (this.#pictureDirty) this.#writePicture()
  }

  /** @param count how many of the newest closed candles are new. */
  #closeCandles(count: number, venueTimeMs: number, receiveNs: Nanos): void {
    for (let i = Math.min(count, this.candles.count); i > 0; i--) {
      this.candles.closed(this.candles.count - i, this.#candle)
      this.#emit(TICK_CANDLE, Math.min(this.#candle.startMs + CANDLE_MS, venueTimeMs), receiveNs, this.#candle.closeTicks, this.#candle.lots, 0)
    }
  }

  #emitGap(): void {
    this.#gapOwed = !this.#emit(TICK_GAP, this.#now.venueTimeMs, this.#context.clock.nowNs(), 0, 0, 0)
  }

  /** Writes one record. @returns false when it had to be left out; then a gap is owed to the readers. */
  #emit(kind: number, venueTimeMs: number, receiveNs: Nanos, priceTicks: number, lots: number, side: number): boolean {
    // Readers must hear of a gap before anything that comes after it.
    if (this.#gapOwed && kind !== TICK_GAP) this.#emitGap()
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
    this.#writeTop(tick)
    this.#outlet.commit()
    if (this.#outlet.staged > 0) this.#pause()
    return true
  }

  #writeTop(tick: View<typeof TICK.fields>): void {
    const { book } = this
    const { f64, bidTicks, askTicks } = tick
    tick.updateId = book.updateId
    tick.bookValid = this.#bookValid ? 1 : 0
    tick.bidLotsTotal = book.totalLots(BUY)
    tick.askLotsTotal = book.totalLots(SELL)
    const bids = book.copyTop(BUY, limits.tickLevels, f64, f64, bidTicks, tick.bidLots)
    const asks = book.copyTop(SELL, limits.tickLevels, f64, f64, askTicks, tick.askLots)
    tick.bidLevels = bids
    tick.askLevels = asks
    for (let i = bids; i < limits.tickLevels; i++) {
      f64[bidTicks + i] = -1
      f64[tick.bidLots + i] = 0
    }
    for (let i = asks; i < limits.tickLevels; i++) {
      f64[askTicks + i] = -1
      f64[tick.askLots + i] = 0
    }
  }

  #pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#context.count('ingest_paused')
    this.#wiring.feed.pause()
    this.#flushLater()
  }

  #flushLater(): void {
    this.#context.timers.after(FLUSH_PERIOD_MS, () => {
      if (this.#stopped) return
      const empty = this.#outlet.flush()
      if (empty && this.#gapOwed) this.#emitGap()
      this.#ring()
      if (this.#outlet.staged > 0) {
        this.#flushLater()
        return
      }
      this.#paused = false
      this.#wiring.feed.resume()
    })
  }

  /** The feed did not stop when told to and the bound is reached: the loss is said, and the book is taken anew. */
  #overrun(kind: number): void {
    this.#context.count('ingest_overrun', kind === TICK_TRADE ? 'trade' : kind === TICK_BOOK ? 'book' : kind === TICK_CANDLE ? 'candle' : 'gap')
    this.#gapOwed = true
    if (!this.#bookValid) return
    this.#markInvalid()
    this.#context.log('error', 'tick ring and staging are full: ticks left out', { staged: this.#outlet.staged })
    this.#resync('tick ring full')
  }

  #ring(): void {
    if (this.#outlet.published === this.#rung) return
    this.#rung = this.#outlet.published
    this.#wiring.onPublished()
  }

  #askClock(): void {
    const { reference } = this.#wiring
    if (reference === null || this.#askingClock) return
    this.#askingClock = true
    reference.clock((error, offsetMs, roundTripMs) => {
      this.#askingClock = false
      if (this.#stopped) return
      if (error !== null && error !== undefined) {
        this.#context.count('ingest_clock_failures', errorLabel(error))
        return
      }
      this.#clockOffsetMs = offsetMs
      this.#context.log('debug', 'venue clock', { offsetMs, roundTripMs })
      if (this.#now.source !== SOURCE_NONE) this.#writeTick()
    })
  }

  #fallBack(): void {
    if (this.#feedState !== 'live') this.#catchUp()
  }

  #catchUp(): void {
    const { reference, instrument } = this.#wiring
    if (reference === null || this.#catchingUp) return
    this.#catchingUp = true
    reference.klines(instrument, CANDLE_MS, limits.candlesMax, (error, klines) => {
      this.#catchingUp = false
      if (this.#stopped) return
      if (error !== null && error !== undefined) {
        this.#context.count('ingest_kline_failures', errorLabel(error))
        this.#context.log('warn', 'history not fetched', { error: errorLine(error) })
        return
      }
      const hadCandles = this.candles.count > 0
      let closed = 0
      try {
        closed = this.candles.catchUp(klines)
      } catch (refused) {
        this.onBadFrame(refused, 'history of klines')
        return
      }
      // The first history is no news: it is what was there before this life began.
      const last = klines.at(-1)
      if (hadCandles && last !== undefined) this.#closeCandles(closed, last.startMs + CANDLE_MS, this.#context.clock.nowNs())
      this.#ring()
    })
  }

  #restore(checkpoint: unknown): void {
    try {
      this.candles.restore(checkpoint)
    } catch (error) {
      this.#context.log('warn', 'checkpoint not used', { error: errorLine(error) })
    }
  }
}
