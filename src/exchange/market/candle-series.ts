import type { Lots, PriceTicks, WallMs } from '../../core/index.ts'
import type { Candle } from '../port.ts'

export const MINUTE_MS = 60_000

/** High, low, open, volume and turnover of the last 24 hours. */
export interface DayStats {
  openTicks: PriceTicks
  highTicks: PriceTicks
  lowTicks: PriceTicks
  volumeLots: Lots
  turnover: number
}

/**
 * One-minute candles of one symbol in typed columns, the newest `capacity` of them; other intervals are added up on request.
 * Minutes without a trade repeat the last close with no volume, so the series has no holes.
 */
export class CandleSeries {
  readonly #capacity: number
  readonly #start: Float64Array
  readonly #open: Float64Array
  readonly #high: Float64Array
  readonly #low: Float64Array
  readonly #close: Float64Array
  readonly #lots: Float64Array
  readonly #turnover: Float64Array
  /** Candles ever begun; the last of them is the forming one. */
  #count = 0
  /** Sums of the closed minutes of the last day, renewed when a minute closes. */
  readonly #closedDay: DayStats = { openTicks: 0, highTicks: 0, lowTicks: 0, volumeLots: 0, turnover: 0 }

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#start = new Float64Array(capacity)
    this.#open = new Float64Array(capacity)
    this.#high = new Float64Array(capacity)
    this.#low = new Float64Array(capacity)
    this.#close = new Float64Array(capacity)
    this.#lots = new Float64Array(capacity)
    this.#turnover = new Float64Array(capacity)
  }

  /** Candles held, the forming one included. */
  get length(): number {
    return Math.min(this.#count, this.#capacity)
  }

  /** Start of the forming candle, or −1 when there is none. */
  get formingMs(): WallMs {
    return this.#count === 0 ? -1 : this.#start[(this.#count - 1) % this.#capacity]
  }

  /** Last traded price, or −1 when nothing ever traded. */
  get lastTicks(): PriceTicks {
    return this.#count === 0 ? -1 : this.#close[(this.#count - 1) % this.#capacity]
  }

  /** Adds a closed candle before the first trade; oldest first, whole minutes. */
  history(startMs: WallMs, open: PriceTicks, high: PriceTicks, low: PriceTicks, close: PriceTicks, lots: Lots, turnover: number): void {
    if (this.#count > 0) this.rollTo(startMs)
    if (this.#count === 0 || this.formingMs < startMs) this.#begin(startMs, open)
    const at = (this.#count - 1) % this.#capacity
    this.#open[at] = open
    this.#high[at] = high
    this.#low[at] = low
    this.#close[at] = close
    this.#lots[at] = lots
    this.#turnover[at] = turnover
  }

  trade(timeMs: WallMs, ticks: PriceTicks, lots: Lots, turnover: number): void {
    const minute = timeMs - (timeMs % MINUTE_MS)
    if (this.#count === 0) this.#begin(minute, ticks)
    else if (minute > this.formingMs) this.rollTo(minute)
    const at = (this.#count - 1) % this.#capacity
    // A minute begins as a copy of the last close; its first trade is its open.
    if (this.#lots[at] === 0) {
      this.#open[at] = ticks
      this.#high[at] = ticks
      this.#low[at] = ticks
    }
    if (ticks > this.#high[at]) this.#high[at] = ticks
    if (ticks < this.#low[at]) this.#low[at] = ticks
    this.#close[at] = ticks
    this.#lots[at] += lots
    this.#turnover[at] += turnover
  }

  /** Begins every minute up to the one that contains `timeMs`. @returns how many candles closed. */
  rollTo(timeMs: WallMs): number {
    if (this.#count === 0) return 0
    const minute = timeMs - (timeMs % MINUTE_MS)
    const missing = Math.floor((minute - this.formingMs) / MINUTE_MS)
    if (missing <= 0) return 0
    const close = this.lastTicks
    // After a long pause only as many empty candles as can be held.
    for (let i = Math.min(missing, this.#capacity) - 1; i >= 0; i--) this.#begin(minute - i * MINUTE_MS, close)
    this.#sumDay()
    return missing
  }

  /** The newest `count` candles of an interval, newest last; the last one is still forming. */
  view(intervalMin: number, count: number): Candle[] {
    const found: Candle[] = []
    const span = intervalMin * MINUTE_MS
    const first = this.#count - this.length
    for (let i = this.#count - 1; i >= first && found.length <= count; i--) {
      const at = i % this.#capacity
      const startMs = this.#start[at] - (this.#start[at] % span)
      const last = found[found.length - 1]
      if (last !== undefined && last.startMs === startMs) {
        last.openTicks = this.#open[at]
        if (this.#high[at] > last.highTicks) last.highTicks = this.#high[at]
        if (this.#low[at] < last.lowTicks) last.lowTicks = this.#low[at]
        last.lots += this.#lots[at]
        last.turnover += this.#turnover[at]
      } else {
        found.push({ startMs, openTicks: this.#open[at], highTicks: this.#high[at], lowTicks: this.#low[at], closeTicks: this.#close[at], lots: this.#lots[at], turnover: this.#turnover[at] })
      }
    }
    return found.slice(0, count).reverse()
  }

  /** The candle that lies `back` minutes before the forming one (0). */
  at(back: number): Candle {
    const at = (this.#count - 1 - back) % this.#capacity
    return { startMs: this.#start[at], openTicks: this.#open[at], highTicks: this.#high[at], lowTicks: this.#low[at], closeTicks: this.#close[at], lots: this.#lots[at], turnover: this.#turnover[at] }
  }

  day(): DayStats {
    const closed = this.#closedDay
    if (this.#count === 0) return { ...closed }
    const at = (this.#count - 1) % this.#capacity
    const any = closed.openTicks > 0
    return {
      openTicks: any ? closed.openTicks : this.#open[at],
      highTicks: any ? Math.max(closed.highTicks, this.#high[at]) : this.#high[at],
      lowTicks: any ? Math.min(closed.lowTicks, this.#low[at]) : this.#low[at],
      volumeLots: closed.volumeLots + this.#lots[at],
      turnover: closed.turnover + this.#turnover[at],
    }
  }

  #sumDay(): void {
    const day = this.#closedDay
    day.highTicks = 0
    day.lowTicks = Number.MAX_SAFE_INTEGER
    day.volumeLots = 0
    day.turnover = 0
    const last = this.#count - 1
    const first = Math.max(this.#count - this.length, last - 1439)
    if (first < last) day.openTicks = this.#open[first % this.#capacity]
    for (let i = first; i < last; i++) {
      const at = i % this.#capacity
      if (this.#high[at] > day.highTicks) day.highTicks = this.#high[at]
      if (this.#low[at] < day.lowTicks) day.lowTicks = this.#low[at]
      day.volumeLots += this.#lots[at]
      day.turnover += this.#turnover[at]
    }
  }

  #begin(startMs: WallMs, ticks: PriceTicks): void {
    const at = this.#count++ % this.#capacity
    this.#start[at] = startMs
    this.#open[at] = ticks
    this.#high[at] = ticks
    this.#low[at] = ticks
    this.#close[at] = ticks
    this.#lots[at] = 0
    this.#turnover[at] = 0
  }
}
