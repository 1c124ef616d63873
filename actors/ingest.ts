import type { Instrument, Nanos, Timer } from '../src/core/index.ts'
import { errorLabel, errorLine, onRunClock, sideName } from '../src/core/index.ts'
import type { AuditOutcome, AuditProof, Candle, CandleCheckpoint, IntegrityLimits, RegistryMemory, SharedCount } from '../src/market/index.ts'
import {
  BOOK_OK, BOOK_RESULTS, BOOK_UNSYNCED, BookAudit, BookResync, CandleCatchUp, CandleManager, FeedHealth, FeedWishes, MarketCells, OrderBook, SOURCE_REST, SOURCE_STREAM,
  StatsCell, StatsRefresh, TickStream, VenueClock, emptyCandle,
} from '../src/market/index.ts'
import type { RingProducer } from '../src/memory/index.ts'
import { TICK_BOOK, TICK_TRADE } from '../src/memory/index.ts'
import type { Actor, ActorContext } from '../src/runtime/index.ts'
import type {
  BookUpdate, FeedState, FundingEstimate, InstrumentState, Kline, Liquidation, MarketFeed, MarketHandler, MarketQueries, MarketReference, PriceLimits, Ticker, TradeBatch,
} from '../src/venues/index.ts'

export interface IngestSettings {
  /** Mean time from audit to audit of the book, ms. */
  readonly auditPeriodMs: number
  /** Time for one answer by REST, ms. */
  readonly restDeadlineMs: number
  readonly integrity: IntegrityLimits
}

export const INGEST_DEFAULTS: IngestSettings = { auditPeriodMs: 60_000, restDeadlineMs: 1500, integrity: { closeBelow: 0.8, openFrom: 0.9 } }

export interface IngestWiring {
  readonly instrument: Instrument
  readonly feed: MarketFeed
  readonly ticks: RingProducer
  readonly registry: RegistryMemory
  /** Rings the bell of whoever reads the ticks: once after each frame that published something. */
  readonly onPublished: () => void
  /** History and clock of the venue. null means: there is no REST side, and the venue's clock is ours (offset 0). */
  readonly reference: MarketReference | null
  /** Market data by REST. null means: no audits, and of the statistics only what the stream says. */
  readonly queries: MarketQueries | null
  readonly settings: IngestSettings
  /** What the last life of this actor left, see `checkpoint`. */
  readonly checkpoint?: unknown
}

export const PICTURE_PERIOD_MS = 100
/** While the stream is down, history is fetched this often. */
const CATCH_UP_PERIOD_MS = 5000
const CANDLE_MS = 60_000
/** The score of a book moves with time alone. */
const HEALTH_PERIOD_MS = 1000
/** What nobody waits for may stand in the line of the budget for so many deadlines. */
const REFRESH_DEADLINES = 4

/**
 * Feed frames in; book, candles, registry cells and tick records out; one symbol.
 *
 * A book that cannot be trusted (crossed, damaged, disproved by an audit, feed not live, start) is marked invalid in the
 * cell before anything else happens; then come the gap record and one request for a snapshot. A full tick ring pauses
 * the feed (TickStream).
 */
export class IngestActor implements Actor, MarketHandler {
  readonly book: OrderBook
  readonly candles: CandleManager
  readonly health: FeedHealth
  readonly #context: ActorContext
  readonly #wiring: IngestWiring
  readonly #cells: MarketCells
  readonly #stats: StatsCell
  readonly #ticks: TickStream
  readonly #resync: BookResync
  readonly #wishes: FeedWishes
  /** Raised by readers of the ticks that have lost what they knew. */
  readonly #refreshWish: SharedCount
  #refreshes = 0
  readonly #audit: BookAudit | null
  readonly #refresh: StatsRefresh | null
  readonly #clock: VenueClock | null
  readonly #history: CandleCatchUp | null
  readonly #candle: Candle = emptyCandle()
  readonly #timers: Timer[] = []
  #feedState: FeedState = 'down'
  /** When a book that was shown as valid was lost; -1 while there is one, and before the first. */
  #lostNs: Nanos = -1
  #badFrame = ''
  /** The grid that the venue has instead of ours, '' while it is ours. */
  #changeSeen = ''

  constructor(context: ActorContext, wiring: IngestWiring) {
    const { instrument, feed, reference, queries, registry, onPublished, settings } = wiring
    const { restDeadlineMs } = settings
    this.#context = context
    this.#wiring = wiring
    this.book = OrderBook.create()
    this.candles = new CandleManager({ intervalMs: CANDLE_MS })
    this.health = new FeedHealth(context, registry, instrument.index, settings.integrity)
    this.#stats = new StatsCell(registry, instrument.index)
    this.#cells = new MarketCells(registry, instrument, this.book, reference === null ? onRunClock(0, context.clock) : Number.NaN)
    this.#ticks = new TickStream(context, this.book, this.candles, this.#cells, { producer: wiring.ticks, feed, onPublished, onOverrun: () => this.#overrun() })
    this.#resync = new BookResync(context.clock, feed)
    this.#wishes = new FeedWishes(context, context.random, registry, instrument.index, feed, () => this.health.countReconnect())
    this.#refreshWish = registry.refreshWish(instrument.index)
    this.#audit =
      queries === null ? null : new BookAudit(context, context.random, queries, instrument, this.book, { periodMs: settings.auditPeriodMs, deadlineMs: restDeadlineMs }, { onOutcome: (outcome, proof) => this.#audited(outcome, proof) })
    this.#refresh =
      queries === null
        ? null
        : new StatsRefresh(context, context.random, queries, instrument, REFRESH_DEADLINES * restDeadlineMs, {
            onPriceLimits: (limits) => this.#stats.showPriceLimits(limits, SOURCE_REST, context.clock.wallMs(), context.clock.nowNs()),
            onFunding: (funding) => this.#stats.showFunding(funding, SOURCE_REST, context.clock.wallMs()),
            onInstrument: (state) => this.#showInstrument(state, SOURCE_REST),
          })
    this.#clock =
      reference === null
        ? null
        : new VenueClock(context, reference, registry.venueClock(), (baseMs, offsetMs, roundTripMs) => {
            this.#cells.showClock(baseMs)
            this.health.showClock(offsetMs, roundTripMs)
          })
    this.#history = reference === null ? null : new CandleCatchUp(context, reference, instrument, this.candles, {
      onMerged: () => {
        this.#ticks.refreshCandles()
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
    this.#timers.push(
      timers.every(PICTURE_PERIOD_MS, () => {
        this.#cells.refreshPicture()
        this.#wishes.look()
        this.#serveRefresh()
        this.#clock?.look(this.#cells.lagMs)
      }),
      timers.every(HEALTH_PERIOD_MS, () => this.health.refresh()),
    )
    if (this.#history !== null) this.#timers.push(timers.every(CATCH_UP_PERIOD_MS, () => this.#fallBack()))
    this.#clock?.look()
    this.#history?.ask()
    this.#audit?.start()
    this.#refresh?.start()
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
    this.#audit?.stop()
    this.#refresh?.stop()
    this.#wishes.stop()
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
    this.#stats.showTicker(ticker, SOURCE_STREAM, this.#context.clock.wallMs())
    this.#cells.showMark(ticker.markPrice)
  }

  onKline(kline: Kline, receiveNs: Nanos): void {
    if (kline.intervalMs !== CANDLE_MS) return
    let closed = 0
    const changes = kline.closed && this.#differs(kline)
    try {
      closed = this.candles.onKline(kline)
    } catch (error) {
      this.onBadFrame(error, `kline ${kline.startMs}`)
      return
    }
    this.#closeCandles(closed, kline.startMs + kline.intervalMs, receiveNs)
    if (changes) this.#ticks.refreshCandles()
    this.#ticks.ring()
  }

  onLiquidation(liquidation: Liquidation, _receiveNs: Nanos): void {
    this.#context.count('ingest_liquidations', sideName(liquidation.side))
    this.#stats.addLiquidation(liquidation, SOURCE_STREAM, this.#context.clock.wallMs())
  }

  onPriceLimits(limits: PriceLimits, receiveNs: Nanos): void {
    this.#refresh?.heardPriceLimits()
    this.#stats.showPriceLimits(limits, SOURCE_STREAM, this.#context.clock.wallMs(), receiveNs)
  }

  onFunding(funding: FundingEstimate, _receiveNs: Nanos): void {
    this.#refresh?.heardFunding()
    this.#stats.showFunding(funding, SOURCE_STREAM, this.#context.clock.wallMs())
  }

  onInstrument(state: InstrumentState, _receiveNs: Nanos): void {
    this.#refresh?.heardInstrument()
    this.#context.count('ingest_instrument_changes', state.status)
    this.#showInstrument(state, SOURCE_STREAM)
  }

  onFeed(state: FeedState, reason: string): void {
    const before = this.#feedState
    this.#feedState = state
    this.#wishes.onFeed(state)
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
      // Pictures of the book before it say nothing about this one.
      this.#audit?.onInvalid()
      this.#context.count('ingest_snapshots')
    }
    if (!this.#ticks.writeLevels(update, receiveNs)) return
    const usable = this.book.usable
    if (usable !== this.#cells.bookValid) this.#turn(usable)
    this.#cells.showBook(update, receiveNs, this.#ticks.nextSequence, usable)
    this.#ticks.write(TICK_BOOK, update.venueTimeMs, receiveNs, 0, 0, 0)
    this.#cells.owePicture()
    if (usable) this.#audit?.onBook(update)
  }

  /** The book is whole again, or lost one whole side without any fault. */
  #turn(usable: boolean): void {
    this.health.turn(usable)
    if (usable && this.#lostNs >= 0) {
      this.#context.observe('book_resync', this.#context.clock.nowNs() - this.#lostNs)
      this.#lostNs = -1
    }
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
      integrity: this.health.integrity.score(this.#context.clock.nowNs()),
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
    if (this.#cells.bookValid) this.#lostNs = this.#context.clock.nowNs()
    this.book.invalidate()
    this.#cells.showNoBook()
    this.health.lose()
    this.#audit?.onInvalid()
  }

  /** Ticks were lost: the loss is said, and the book is taken anew. */
  #overrun(): void {
    if (!this.book.valid) return
    this.#markInvalid()
    this.#context.log('error', 'tick ring and staging are full: ticks left out', { staged: this.#ticks.staged })
    this.#resync.ask('tick ring full')
  }

  /** @param count how many of the newest closed candles are new. */
  #closeCandles(count: number, venueTimeMs: number, receiveNs: Nanos): void {
    for (let i = Math.min(count, this.candles.count); i > 0; i--) {
      this.candles.closed(this.candles.count - i, this.#candle)
      this.#ticks.writeCandle(this.#candle, Math.min(this.#candle.startMs + CANDLE_MS, venueTimeMs), receiveNs)
    }
  }

  /** Whether the newest closed candle is the kline's, with other numbers. */
  #differs(kline: Kline): boolean {
    const candle = this.#candle
    if (!this.candles.closed(this.candles.count - 1, candle) || candle.startMs !== kline.startMs) return false
    return candle.openTicks !== kline.openTicks || candle.highTicks !== kline.highTicks || candle.lowTicks !== kline.lowTicks || candle.closeTicks !== kline.closeTicks || candle.lots !== kline.lots
  }

  /** A book that REST has disproved is given up before anything is said about it. */
  #audited(outcome: AuditOutcome, proof: AuditProof | null): void {
    if (proof !== null) {
      this.#invalidate('an audit has disproved it', true)
      this.health.audited(outcome)
      this.#context.count('ingest_rebuilds', 'audit')
      this.#context.log('error', 'the book differs from that of the venue, rebuilding', { ...proof })
      this.#resync.ask('the book differs from that of the venue by REST')
      this.#ticks.ring()
      return
    }
    this.health.audited(outcome)
  }

  #showInstrument(state: InstrumentState, source: number): void {
    const own = this.#wiring.instrument
    const { instrument, status, statusText } = state
    const changed =
      instrument.tick.text !== own.tick.text || instrument.lot.text !== own.lot.text || instrument.minLots !== own.minLots || instrument.minNotional !== own.minNotional || instrument.maxLots < own.maxLots
    this.#stats.showInstrument(state, source, this.#context.clock.wallMs())
    this.health.showInstrument(status, changed)
    const seen = changed ? `${instrument.tick.text} ${instrument.lot.text} ${instrument.minLots} ${instrument.minNotional} ${instrument.maxLots}` : ''
    if (seen !== '' && seen !== this.#changeSeen)
      this.#context.log('error', 'the venue has changed the grid or the limits of the instrument: no entries until the symbol is flat and the engine has started itself anew', {
        ours: { tick: own.tick.text, lot: own.lot.text, minLots: own.minLots, minNotional: own.minNotional, maxLots: own.maxLots },
        theirs: { tick: instrument.tick.text, lot: instrument.lot.text, minLots: instrument.minLots, minNotional: instrument.minNotional, maxLots: instrument.maxLots },
        statusText,
      })
    this.#changeSeen = seen
  }

  /** Whoever reads the ticks has lost its state: candles and book once more, whole. */
  #serveRefresh(): void {
    const { value } = this.#refreshWish
    if (value === this.#refreshes) return
    this.#refreshes = value
    this.#context.count('ingest_refreshes')
    this.#ticks.refreshCandles()
    this.#ticks.refreshBook()
    this.#ticks.ring()
  }

  #fallBack(): void {
    if (this.#feedState !== 'live' || this.#history?.owed === true) this.#history?.ask()
  }

  #restore(checkpoint: unknown): void {
    try {
      this.candles.restore(checkpoint)
    } catch (error) {
      this.#context.log('warn', 'checkpoint not used', { error: errorLine(error) })
    }
  }
}
