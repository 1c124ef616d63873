import { type Clock, NO_ASK, NO_BID, Random, type Side, type Timer, type Timers, BUY, SELL } from '../../src/core/index.ts'
import { defaultContracts, type Episode, type EpisodeRates, type GeneratedMarket, generatedMarket, MatchingBook } from '../../src/exchange/index.ts'
import { OrderBook } from '../../src/market/index.ts'
import type { BookUpdate } from '../../src/venues/index.ts'

const DEPTH = 50
const ORIGIN_MS = 1_700_000_040_000
const MINUTE_MS = 60_000

type Update = { -readonly [K in keyof BookUpdate]: BookUpdate[K] }

/** Hears the market as an engine would: change sets that its copy of the book has taken, trades, closed candles. */
export interface MarketEar {
  onSnapshot(update: BookUpdate, book: OrderBook): void
  onDelta(update: BookUpdate, book: OrderBook): void
  onTrade(side: Side, priceTicks: number, lots: number, timeMs: number): void
  onClosed(startMs: number, openTicks: number, highTicks: number, lowTicks: number, closeTicks: number, lots: number): void
}

/**
 * The generated market of the built-in exchange, matched by its own book, without fronts and sockets between: what changes among the
 * best fifty levels becomes a change set at every commit, levels that leave the depth included. Trades come before or
 * after the change set that shows them, by chance. As fast as the machine.
 */
export class PlantedMarket {
  readonly contract = defaultContracts[0]!
  readonly source: GeneratedMarket
  readonly book = OrderBook.create()
  readonly originMs = ORIGIN_MS
  messages = 0
  #nowNs = 0
  #due: { readonly atNs: number; readonly callback: () => void } | null = null
  readonly #ear: MarketEar
  readonly #matching: MatchingBook
  readonly #order: Random
  readonly #sides = [new Shown(), new Shown()] as const
  readonly #trades: { side: Side; ticks: number; lots: number }[] = []
  readonly #update: Update = {
    snapshot: true, updateId: 0, sequence: -1, venueTimeMs: 0, pushTimeMs: 0, bidCount: 0, askCount: 0,
    bidTicks: new Float64Array(2 * DEPTH), bidLots: new Float64Array(2 * DEPTH), askTicks: new Float64Array(2 * DEPTH), askLots: new Float64Array(2 * DEPTH),
  }
  readonly #candle = { startMs: -1, open: 0, high: 0, low: 0, close: 0, lots: 0 }

  constructor(seed: number, episodes: EpisodeRates, ear: MarketEar, rate = 30) {
    this.#ear = ear
    this.#order = new Random(seed, 'order of arrival')
    this.source = generatedMarket({ contract: this.contract, seed, startTicks: 600_000, historyMin: 0, rate, episodes })
    const fill = (_maker: number, _taker: number, side: Side, ticks: number, lots: number): void => void this.#trades.push({ side, ticks, lots })
    this.#matching = new MatchingBook({ allow: (_maker, _taker, lots) => lots, firm: () => true, withdrawn: () => {}, fill })
    this.#start()
  }

  get episodes(): readonly Episode[] {
    return this.source.episodes
  }

  get nowMs(): number {
    return ORIGIN_MS + Math.floor(this.#nowNs / 1e6)
  }

  run(seconds: number): void {
    const untilNs = this.#nowNs + seconds * 1e9
    while (this.#due !== null && this.#due.atNs <= untilNs) {
      const { atNs, callback } = this.#due
      this.#due = null
      this.#nowNs = atNs
      callback()
    }
    this.#nowNs = untilNs
  }

  #start(): void {
    const book = this.#matching
    const clock: Clock = { nowNs: () => this.#nowNs, wallMs: () => this.nowMs }
    const after = (delayMs: number, callback: () => void): Timer => {
      this.#due = { atNs: this.#nowNs + Math.max(0, Math.round(delayMs * 1e6)), callback }
      return { cancel: () => void (this.#due = null) }
    }
    const timers: Timers = { after, every: () => { throw new Error('a generated market has no period') } }
    this.source.start({
      clock, timers, start: 1, resumeTicks: null,
      setLevel: (side, ticks, lots) => book.setLevel(side, ticks, lots),
      take: (side, limitTicks, lots) => book.take(side, limitTicks, lots),
      print: () => {},
      best: (side) => book.side(side).best,
      externalAt: (side, ticks) => book.externalAt(side, ticks),
      history: () => {}, fundingHistory: () => {}, openInterest: () => {}, seamBegin: () => {}, seamEnd: () => {},
      commit: () => this.#commit(),
    })
  }

  #commit(): void {
    const update = this.#update
    update.venueTimeMs = update.pushTimeMs = this.nowMs
    update.updateId++
    update.bidCount = this.#sides[BUY].changes(this.#matching, BUY, update.bidTicks, update.bidLots)
    update.askCount = this.#sides[SELL].changes(this.#matching, SELL, update.askTicks, update.askLots)
    this.#roll()
    const tradesFirst = this.#order.chance(0.5)
    if (tradesFirst) this.#tell()
    if (update.snapshot || update.bidCount > 0 || update.askCount > 0) {
      if (this.book.apply(update) !== 0) throw new Error(`message ${this.messages} could not be applied`)
      this.messages++
      if (update.snapshot) this.#ear.onSnapshot(update, this.book)
      else this.#ear.onDelta(update, this.book)
      update.snapshot = false
    }
    if (!tradesFirst) this.#tell()
    this.#trades.length = 0
  }

  #tell(): void {
    for (const { side, ticks, lots } of this.#trades) {
      const candle = this.#candle
      if (candle.lots === 0) candle.open = candle.high = candle.low = ticks
      candle.high = Math.max(candle.high, ticks)
      candle.low = Math.min(candle.low, ticks)
      candle.close = ticks
      candle.lots += lots
      this.#ear.onTrade(side, ticks, lots, this.nowMs)
    }
  }

  #roll(): void {
    const candle = this.#candle
    const startMs = this.nowMs - (this.nowMs % MINUTE_MS)
    if (startMs === candle.startMs) return
    if (candle.close > 0) this.#ear.onClosed(candle.startMs, candle.lots === 0 ? candle.close : candle.open, candle.lots === 0 ? candle.close : candle.high, candle.lots === 0 ? candle.close : candle.low, candle.close, candle.lots)
    candle.startMs = startMs
    candle.lots = 0
  }
}

/** The best levels of a side as last shown. */
class Shown {
  #ticks = new Float64Array(DEPTH)
  #lots = new Float64Array(DEPTH)
  #count = 0
  #nextTicks = new Float64Array(DEPTH)
  #nextLots = new Float64Array(DEPTH)

  /** Writes what changed since the last time. @returns how many levels */
  changes(book: MatchingBook, side: Side, outTicks: Float64Array, outLots: Float64Array): number {
    const best = book.side(side).best
    const next = best === NO_BID || best === NO_ASK ? 0 : book.copyLevels(side, DEPTH, this.#nextTicks, this.#nextLots)
    let changed = 0
    let i = 0
    let j = 0
    while (i < this.#count || j < next) {
      const old = i < this.#count ? this.#ticks[i]! : Number.NaN
      const now = j < next ? this.#nextTicks[j]! : Number.NaN
      const onlyOld = j >= next || (i < this.#count && (side === BUY ? old > now : old < now))
      const onlyNew = i >= this.#count || (j < next && (side === BUY ? now > old : now < old))
      if (!onlyOld && !onlyNew && this.#lots[i] === this.#nextLots[j]) {
        i++
        j++
        continue
      }
      outTicks[changed] = onlyOld ? old : now
      outLots[changed++] = onlyOld ? 0 : this.#nextLots[j]!
      if (!onlyNew) i++
      if (!onlyOld) j++
    }
    this.#count = next
    const [ticks, lots] = [this.#ticks, this.#lots]
    this.#ticks = this.#nextTicks
    this.#lots = this.#nextLots
    this.#nextTicks = ticks
    this.#nextLots = lots
    return changed
  }
}
