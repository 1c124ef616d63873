import { errorLine, type Instrument, type Lots, type PriceTicks, type Side, type WallMs } from '../core/index.ts'
import type { PipelineEar, RecordedTrade } from '../features/index.ts'
import type { OrderBook } from '../market/index.ts'
import type { BookUpdate } from '../venues/index.ts'
import type { Detector, DetectorStatus } from './detector.ts'
import { LayeringDetector } from './layering.ts'
import { DETECTORS, type DetectorName } from './names.ts'
import { NearBook } from './near-book.ts'
import { type OrderSink, OrderTracker } from './order-tracker.ts'
import { type BlockAnswer, noBlock } from './pattern.ts'
import { type DetectionSettings, scaleSettings } from './settings.ts'
import { SpoofingDetector } from './spoofing.ts'
import { SupportResistance } from './support-resistance.ts'

const MINUTE_MS = 60_000

/** Hears of detectors that fail and come back. */
export interface DetectorWatch {
  onFailed(name: DetectorName, error: unknown): void
  onBack(name: DetectorName): void
}

/** A detector and whether it can be relied on. */
export interface DetectorHealth extends DetectorStatus {
  /** null while it works: else what it threw, and it protects from nothing. */
  readonly failure: string | null
}

/**
 * The detectors of one symbol, each on its own: one that throws is left out, reported, and begins anew after a while of market
 * time; the others go on. What all of them look at (near book, orders that are followed) is kept here; when that
 * throws, those that live on it are left out.
 */
export class DetectorSet implements OrderSink, PipelineEar {
  readonly near: NearBook
  readonly orders: OrderTracker
  readonly levels: SupportResistance | null = null
  readonly #detectors: Detector[] = []
  readonly #failures: (string | null)[] = []
  /** When each failed, ms from the origin. */
  readonly #failedMs: number[] = []
  readonly #watch: DetectorWatch
  #runningBits = 0
  readonly #retryMs: number
  /** Whole minute before the first event: times count from there, small whole numbers that calls hand on as they are. */
  #originMs: WallMs = Number.NaN
  #nowMs: WallMs = 0

  /** @param extra further detectors, by tests. @throws RM_DETECTION_CONFIG */
  constructor(settings: DetectionSettings, instrument: Pick<Instrument, 'tick' | 'lot'>, watch: DetectorWatch, extra: readonly Detector[] = []) {
    const scaled = scaleSettings(settings, instrument)
    this.#watch = watch
    this.#retryMs = 1000 * settings.retryS
    this.near = new NearBook(settings.nearLevels)
    this.orders = new OrderTracker(scaled.tracker, this)
    if (settings.spoofing.enabled) this.#detectors.push(new SpoofingDetector(scaled.spoofing, this.orders))
    if (settings.layering.enabled) this.#detectors.push(new LayeringDetector(scaled.layering, this.orders))
    if (settings.levels.enabled) this.#detectors.push((this.levels = new SupportResistance(settings.levels)))
    this.#detectors.push(...extra)
    for (const { name } of this.#detectors) {
      this.#runningBits |= 1 << DETECTORS.indexOf(name)
      this.#failures.push(null)
      this.#failedMs.push(0)
    }
  }

  /** A bit for each detector of DETECTORS that is switched on. */
  get runningBits(): number {
    return this.#runningBits
  }

  /** Manipulations found. */
  get found(): number {
    let found = 0
    for (let i = 0; i < this.#detectors.length; i++) found += this.#detectors[i]!.patterns?.found ?? 0
    return found
  }

  /** A bit for each detector of DETECTORS that has failed. */
  get failedBits(): number {
    let bits = 0
    for (let i = 0; i < this.#detectors.length; i++) if (this.#failures[i] !== null) bits |= 1 << DETECTORS.indexOf(this.#detectors[i]!.name)
    return bits
  }

  /** A delta that `book` has just taken. */
  onDelta(update: BookUpdate, book: OrderBook): void {
    const timeMs = this.#time(update.venueTimeMs)
    try {
      this.near.read(book, timeMs)
      this.orders.advance(this.#nowMs)
      for (let i = 0; i < this.#detectors.length; i++) if (this.#failures[i] === null) this.#advance(i)
      this.orders.onDelta(update, book, this.near, timeMs)
    } catch (error) {
      this.#failShared(error)
    }
    for (let i = 0; i < this.#detectors.length; i++) if (this.#failures[i] !== null && this.#nowMs - this.#failedMs[i]! > this.#retryMs) this.#retry(i)
  }

  /** A snapshot that `book` has just taken: what stands in it has no known beginning. */
  onSnapshot(update: BookUpdate, book: OrderBook): void {
    const timeMs = this.#time(update.venueTimeMs)
    this.gap()
    try {
      this.near.read(book, timeMs)
    } catch (error) {
      this.#failShared(error)
    }
  }

  /** A trade out of a record: no number of it becomes an object on the way. */
  takeTrade(trade: RecordedTrade): void {
    const timeMs = this.#time(trade.venueTimeMs)
    try {
      this.orders.onTrade(trade.side as Side, trade.priceTicks, trade.lots, timeMs)
    } catch (error) {
      this.#failShared(error)
    }
  }

  /** @param side of the aggressor */
  onTrade(side: Side, priceTicks: PriceTicks, lots: Lots, venueTimeMs: WallMs): void {
    const timeMs = this.#time(venueTimeMs)
    try {
      this.orders.onTrade(side, priceTicks, lots, timeMs)
    } catch (error) {
      this.#failShared(error)
    }
  }

  /** A closed candle, each once, in the order of time. */
  onClosed(startMs: WallMs, openTicks: PriceTicks, highTicks: PriceTicks, lowTicks: PriceTicks, closeTicks: PriceTicks, lots: Lots): void {
    for (let i = 0; i < this.#detectors.length; i++) {
      if (this.#failures[i] !== null) continue
      try {
        this.#detectors[i]!.onClosed(startMs, openTicks, highTicks, lowTicks, closeTicks, lots)
      } catch (error) {
        this.#fail(i, error)
      }
    }
  }

  /** Candles are told anew, from an older one. */
  onCandlesAnew(): void {
    this.levels?.reset()
  }

  /** The book is not known any more. */
  gap(): void {
    this.near.reset()
    this.orders.reset()
    for (let i = 0; i < this.#detectors.length; i++) {
      try {
        this.#detectors[i]!.gap()
      } catch (error) {
        this.#fail(i, error)
      }
    }
  }

  onPlaced(order: number): void {
    for (let i = 0; i < this.#detectors.length; i++) {
      if (this.#failures[i] !== null) continue
      try {
        this.#detectors[i]!.onPlaced(order)
      } catch (error) {
        this.#fail(i, error)
      }
    }
  }

  onEnded(order: number): void {
    for (let i = 0; i < this.#detectors.length; i++) {
      if (this.#failures[i] !== null) continue
      try {
        this.#detectors[i]!.onEnded(order)
      } catch (error) {
        this.#fail(i, error)
      }
    }
  }

  onRested(order: number): void {
    for (let i = 0; i < this.#detectors.length; i++) {
      if (this.#failures[i] !== null) continue
      try {
        this.#detectors[i]!.onRested(order)
      } catch (error) {
        this.#fail(i, error)
      }
    }
  }

  /** The strongest word against trading in a direction now, 0 to 1; 0 for none. */
  against(side: Side): number {
    const at = this.#strongest(side)
    return at < 0 ? 0 : this.#detectors[at]!.against(side)
  }

  /** Number of the detector behind `against` in DETECTORS, −1 for none. */
  detectorAgainst(side: Side): number {
    const at = this.#strongest(side)
    return at < 0 ? -1 : DETECTORS.indexOf(this.#detectors[at]!.name)
  }

  /** Is there manipulation against trading in this direction now, how sure is that, and why. */
  block(side: Side): BlockAnswer {
    const at = this.#strongest(side)
    return at < 0 ? noBlock(side) : this.#detectors[at]!.block(side)
  }

  /** Of every detector: for health and the dashboard. */
  get status(): readonly DetectorHealth[] {
    return this.#detectors.map((detector, i) => ({ ...detector.status, failure: this.#failures[i]! }))
  }

  #strongest(side: Side): number {
    let strongest = -1
    let most = 0
    for (let i = 0; i < this.#detectors.length; i++) {
      if (this.#failures[i] !== null) continue
      const against = this.#detectors[i]!.against(side)
      if (against <= most) continue
      most = against
      strongest = i
    }
    return strongest
  }

  #time(venueTimeMs: WallMs): number {
    if (Number.isNaN(this.#originMs)) {
      this.#originMs = Math.floor(venueTimeMs / MINUTE_MS) * MINUTE_MS
      for (const detector of this.#detectors) detector.originMs = this.#originMs
    }
    const timeMs = venueTimeMs - this.#originMs
    if (timeMs > this.#nowMs) this.#nowMs = timeMs
    return timeMs
  }

  #advance(i: number): void {
    try {
      this.#detectors[i]!.advance(this.#nowMs)
    } catch (error) {
      this.#fail(i, error)
    }
  }

  #fail(i: number, error: unknown): void {
    this.#failures[i] = errorLine(error)
    this.#failedMs[i] = this.#nowMs
    this.#watch.onFailed(this.#detectors[i]!.name, error)
  }

  /** Orders are what spoofing and layering live on. */
  #failShared(error: unknown): void {
    this.near.reset()
    this.orders.reset()
    for (let i = 0; i < this.#detectors.length; i++) if (this.#failures[i] === null && this.#detectors[i] !== this.levels) this.#fail(i, error)
  }

  #retry(i: number): void {
    this.#failures[i] = null
    try {
      this.#detectors[i]!.reset()
    } catch (error) {
      return this.#fail(i, error)
    }
    this.#watch.onBack(this.#detectors[i]!.name)
  }
}
