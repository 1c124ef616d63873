import type { Lots, PriceTicks, WallMs } from '../core/index.ts'
import { fail, limits } from '../core/index.ts'
import type { Kline } from '../venues/index.ts'

/** A minute without a trade: the close before it, volume 0. */
export const CANDLE_FLAT = 0
/** Counted from the trade stream. */
export const CANDLE_TRADES = 1
/** The venue's own figures, stream or REST. */
export const CANDLE_VENUE = 2

export interface Candle {
  startMs: WallMs
  openTicks: PriceTicks
  highTicks: PriceTicks
  lowTicks: PriceTicks
  closeTicks: PriceTicks
  lots: Lots
  /** CANDLE_FLAT, CANDLE_TRADES or CANDLE_VENUE. */
  source: number
}

export const emptyCandle = (): Candle => ({ startMs: 0, openTicks: 0, highTicks: 0, lowTicks: 0, closeTicks: 0, lots: 0, source: CANDLE_FLAT })

export interface CandleOptions {
  readonly intervalMs?: number
  /** Closed candles held. */
  readonly max?: number
  /** How long after its end a candle without a successor still waits for trades, ms of venue time. */
  readonly graceMs?: number
}

const START = 0
const OPEN = 1
const HIGH = 2
const LOW = 3
const CLOSE = 4
const LOTS = 5
const SOURCE = 6
const WORDS = 8

/**
 * The candles of one symbol: up to `max` closed ones without a hole between them, and the forming one apart.
 *
 * - Trades make candles; a trade of a later interval closes the forming one, as does the venue's clock (`advance`).
 * - Intervals without a trade become flat candles, CANDLE_FLAT: the close before them, volume 0.
 * - A closed kline of the venue replaces what we counted for its interval. A forming one is merged: highest high,
 *   lowest low, the venue's open, the newest close, and the larger of its volume and ours, so that a trade which is
 *   in both is never counted twice.
 * - A late trade, of an interval that is already closed, adds its volume and may widen high and low; the close
 *   stands. It makes a flat candle a traded one. A candle of the venue has it already, older ones are out of reach.
 */
export class CandleManager {
  readonly intervalMs: number
  readonly max: number
  /** Trades that came after their candle was closed, and those of them whose candle is no longer held. */
  late = 0
  outOfReach = 0
  readonly #graceMs: number
  readonly #closed: Float64Array
  readonly #forming = new Float64Array(WORDS)
  /** Volume of the forming candle as counted from trades; the venue's own stands in LOTS when it is larger. */
  #tradedLots = 0
  #hasForming = false
  #first = 0
  #count = 0

  /** @throws RM_CANDLE_CONFIG */
  constructor(options: CandleOptions = {}) {
    this.intervalMs = positive('intervalMs', options.intervalMs ?? 60_000)
    this.max = positive('max', options.max ?? limits.candlesMax)
    this.#graceMs = options.graceMs ?? 2000
    if (!(this.#graceMs >= 0)) fail('RM_CANDLE_CONFIG', { what: 'graceMs', actual: this.#graceMs, needed: '0 or more' })
    this.#closed = new Float64Array(this.max * WORDS)
  }

  /** Closed candles held. */
  get count(): number {
    return this.#count
  }

  get hasForming(): boolean {
    return this.#hasForming
  }

  /** Copies a closed candle, 0 the oldest held. @returns false when there is none of that index. */
  closed(index: number, out: Candle): boolean {
    if (!(index >= 0 && index < this.#count)) return false
    read(this.#closed, this.#at(index), out)
    return true
  }

  /** Copies the forming candle. @returns false when there is none yet. */
  forming(out: Candle): boolean {
    if (this.#hasForming) read(this.#forming, 0, out)
    return this.#hasForming
  }

  /** @returns candles that this trade closed, flat ones included. @throws RM_CANDLE_INPUT */
  onTrade(timeMs: WallMs, priceTicks: PriceTicks, lots: Lots): number {
    if (!(timeMs > 0 && Number.isFinite(timeMs))) fail('RM_CANDLE_INPUT', { intervalMs: this.intervalMs, what: 'time of a trade', actual: timeMs })
    if (!(priceTicks > 0 && Number.isFinite(priceTicks))) fail('RM_CANDLE_INPUT', { intervalMs: this.intervalMs, what: 'price of a trade', actual: priceTicks })
    if (!(lots > 0 && Number.isFinite(lots))) fail('RM_CANDLE_INPUT', { intervalMs: this.intervalMs, what: 'size of a trade', actual: lots })
    const start = timeMs - (timeMs % this.intervalMs)
    const forming = this.#forming
    if (start < this.#nextStart()) {
      this.#lateTrade(start, priceTicks, lots)
      return 0
    }
    const closed = this.#reach(start)
    if (!this.#hasForming) {
      this.#open(start, priceTicks, CANDLE_TRADES)
    } else {
      if (priceTicks > forming[HIGH]!) forming[HIGH] = priceTicks
      if (priceTicks < forming[LOW]!) forming[LOW] = priceTicks
      forming[CLOSE] = priceTicks
    }
    this.#tradedLots += lots
    if (this.#tradedLots > forming[LOTS]!) forming[LOTS] = this.#tradedLots
    return closed
  }

  /** @returns candles that this kline closed. @throws RM_CANDLE_INPUT for one of another interval or off its grid. */
  onKline(kline: Kline): number {
    this.#checkKline(kline)
    const start = kline.startMs
    if (start < this.#nextStart()) {
      const index = kline.closed ? this.#indexOf(start) : -1
      if (index >= 0) write(this.#closed, this.#at(index), kline)
      return 0
    }
    const closed = this.#reach(start)
    const forming = this.#forming
    if (kline.closed) {
      write(forming, 0, kline)
      this.#hasForming = true
      this.#closeForming()
      return closed + 1
    }
    if (!this.#hasForming) this.#open(start, kline.openTicks, CANDLE_VENUE)
    forming[OPEN] = kline.openTicks
    forming[HIGH] = Math.max(forming[HIGH]!, kline.highTicks)
    forming[LOW] = Math.min(forming[LOW]!, kline.lowTicks)
    forming[CLOSE] = kline.closeTicks
    forming[LOTS] = Math.max(this.#tradedLots, kline.lots)
    return closed
  }

  /** The venue's clock says `venueMs`: closes what ended before it and its grace. @returns candles closed. */
  advance(venueMs: WallMs): number {
    const next = this.#nextStart()
    if (!(next > 0) || !(venueMs >= next + this.intervalMs + this.#graceMs)) return 0
    const ended = venueMs - this.#graceMs
    return this.#reach(ended - (ended % this.intervalMs))
  }

  /**
   * Merges history of the venue, in any order: closed klines replace what is held, older ones come before it, the
   * forming one is merged as in `onKline`. @returns candles closed behind the newest that was held.
   */
  catchUp(klines: readonly Kline[]): number {
    for (const kline of klines) this.#checkKline(kline)
    const ascending = [...klines].sort((a, b) => a.startMs - b.startMs)
    const next = this.#nextStart()
    const known = new Map<number, Candle>()
    for (const candle of this.closedCandles()) known.set(candle.startMs, candle)
    for (const kline of ascending) if (kline.closed && (next < 0 || kline.startMs < next)) known.set(kline.startMs, candleOf(kline))
    this.#first = 0
    this.#count = 0
    for (const start of [...known.keys()].sort((a, b) => a - b).slice(-this.max)) {
      this.#fillUntil(start)
      const at = this.#push()
      writeCandle(this.#closed, at, known.get(start)!)
    }
    if (this.#hasForming) this.#fillUntil(this.#forming[START]!)
    let closed = 0
    for (const kline of ascending) if (kline.startMs >= this.#nextStart()) closed += this.onKline(kline)
    return closed
  }

  /** The closed candles as values, oldest first. For charts and checkpoints, not for the hot path. */
  closedCandles(): Candle[] {
    return Array.from({ length: this.#count }, (_, i) => {
      const candle = emptyCandle()
      this.closed(i, candle)
      return candle
    })
  }

  /**
   * Candles of a longer interval, aligned to it: closed ones, oldest first, and the forming one. A first one whose
   * beginning is not held is left out. @throws RM_CANDLE_CONFIG unless `intervalMs` is a multiple of ours.
   */
  aggregate(intervalMs: number): { readonly closed: Candle[]; readonly forming: Candle | null } {
    if (!(intervalMs > 0) || intervalMs % this.intervalMs !== 0)
      fail('RM_CANDLE_CONFIG', { what: 'interval to aggregate to', actual: intervalMs, needed: `a multiple of ${this.intervalMs} ms` })
    const parts = this.closedCandles()
    const last = emptyCandle()
    if (this.forming(last)) parts.push(last)
    const out: Candle[] = []
    for (const part of parts) {
      const start = part.startMs - (part.startMs % intervalMs)
      const bucket = out.at(-1)
      if (bucket === undefined || bucket.startMs !== start) {
        if (bucket === undefined && part.startMs !== start) continue
        out.push({ ...part, startMs: start })
        continue
      }
      bucket.highTicks = Math.max(bucket.highTicks, part.highTicks)
      bucket.lowTicks = Math.min(bucket.lowTicks, part.lowTicks)
      bucket.closeTicks = part.closeTicks
      bucket.lots += part.lots
      bucket.source = Math.max(bucket.source, part.source)
    }
    const tail = out.at(-1)
    const closedUntil = this.#count === 0 ? 0 : this.#closed[this.#at(this.#count - 1) + START]! + this.intervalMs
    const forming = tail !== undefined && tail.startMs + intervalMs > closedUntil ? out.pop()! : null
    return { closed: out, forming }
  }

  /** State worth keeping over a restart, plain data. */
  checkpoint(): CandleCheckpoint {
    const forming = emptyCandle()
    return { intervalMs: this.intervalMs, closed: this.closedCandles(), forming: this.forming(forming) ? forming : null, tradedLots: this.#tradedLots }
  }

  /** Takes a checkpoint back into an empty manager. @throws RM_CANDLE_CHECKPOINT, and stays empty. */
  restore(checkpoint: unknown): void {
    const problem = checkpointProblem(checkpoint, this.intervalMs)
    if (problem !== null) fail('RM_CANDLE_CHECKPOINT', { problem })
    const { closed, forming, tradedLots } = checkpoint as CandleCheckpoint
    this.#first = 0
    this.#count = 0
    for (const candle of closed.slice(-this.max)) writeCandle(this.#closed, this.#push(), candle)
    this.#hasForming = forming !== null
    if (forming !== null) writeCandle(this.#forming, 0, forming)
    this.#tradedLots = forming === null ? 0 : tradedLots
  }

  /** Start of the first interval that is not closed; -1 while nothing is known. */
  #nextStart(): number {
    if (this.#hasForming) return this.#forming[START]!
    return this.#count === 0 ? -1 : this.#closed[this.#at(this.#count - 1) + START]! + this.intervalMs
  }

  /** Closes everything before `start`. @returns how many candles that were. */
  #reach(start: number): number {
    let closed = 0
    if (this.#hasForming && this.#forming[START]! < start) {
      this.#closeForming()
      closed = 1
    }
    return this.#hasForming ? closed : closed + this.#fillUntil(start)
  }

  #open(start: number, priceTicks: number, source: number): void {
    const forming = this.#forming
    forming[START] = start
    forming[OPEN] = forming[HIGH] = forming[LOW] = forming[CLOSE] = priceTicks
    forming[LOTS] = 0
    forming[SOURCE] = source
    this.#tradedLots = 0
    this.#hasForming = true
  }

  #closeForming(): void {
    this.#closed.set(this.#forming, this.#push())
    this.#hasForming = false
    this.#tradedLots = 0
  }

  /** Flat candles from the newest closed one up to `start`, no more than are held. */
  #fillUntil(start: number): number {
    if (this.#count === 0) return 0
    const newest = this.#at(this.#count - 1)
    const close = this.#closed[newest + CLOSE]!
    const from = Math.max(this.#closed[newest + START]! + this.intervalMs, start - this.max * this.intervalMs)
    let filled = 0
    for (let t = from; t < start; t += this.intervalMs, filled++) {
      const at = this.#push()
      this.#closed[at + START] = t
      this.#closed[at + OPEN] = this.#closed[at + HIGH] = this.#closed[at + LOW] = this.#closed[at + CLOSE] = close
      this.#closed[at + LOTS] = 0
      this.#closed[at + SOURCE] = CANDLE_FLAT
    }
    return filled
  }

  #lateTrade(start: number, priceTicks: number, lots: number): void {
    this.late++
    const index = this.#indexOf(start)
    if (index < 0) {
      this.outOfReach++
      return
    }
    const at = this.#at(index)
    const closed = this.#closed
    if (closed[at + SOURCE] === CANDLE_VENUE) return
    if (closed[at + SOURCE] === CANDLE_FLAT) {
      closed[at + OPEN] = closed[at + HIGH] = closed[at + LOW] = closed[at + CLOSE] = priceTicks
      closed[at + SOURCE] = CANDLE_TRADES
    }
    closed[at + HIGH] = Math.max(closed[at + HIGH]!, priceTicks)
    closed[at + LOW] = Math.min(closed[at + LOW]!, priceTicks)
    closed[at + LOTS]! += lots
  }

  /** Index of the closed candle that starts then, -1 when it is not held: there are no holes. */
  #indexOf(start: number): number {
    if (this.#count === 0) return -1
    const index = (start - this.#closed[this.#at(0) + START]!) / this.intervalMs
    return index >= 0 && index < this.#count ? index : -1
  }

  #at(index: number): number {
    return ((this.#first + index) % this.max) * WORDS
  }

  /** Room behind the newest closed candle; the oldest goes when all places are taken. */
  #push(): number {
    if (this.#count < this.max) return this.#at(this.#count++)
    this.#first = (this.#first + 1) % this.max
    return this.#at(this.#count - 1)
  }

  #checkKline(kline: Kline): void {
    const bad = (what: string, actual: unknown): never => fail('RM_CANDLE_INPUT', { intervalMs: this.intervalMs, what, actual })
    if (kline.intervalMs !== this.intervalMs) bad('interval of a kline', kline.intervalMs)
    if (!(kline.startMs > 0) || kline.startMs % this.intervalMs !== 0) bad('start of a kline', kline.startMs)
    const { openTicks, highTicks, lowTicks, closeTicks, lots } = kline
    if (!(lowTicks > 0 && lowTicks <= openTicks && lowTicks <= closeTicks && highTicks >= openTicks && highTicks >= closeTicks && Number.isFinite(highTicks)))
      bad('kline of open, high, low, close', `${openTicks}, ${highTicks}, ${lowTicks}, ${closeTicks}`)
    if (!(lots >= 0 && Number.isFinite(lots))) bad('volume of a kline', lots)
  }
}

export interface CandleCheckpoint {
  readonly intervalMs: number
  readonly closed: readonly Candle[]
  readonly forming: Candle | null
  readonly tradedLots: number
}

function checkpointProblem(value: unknown, intervalMs: number): string | null {
  if (typeof value !== 'object' || value === null || !Array.isArray((value as CandleCheckpoint).closed)) return 'no closed candles in it'
  const { closed, forming, tradedLots, intervalMs: theirs } = value as CandleCheckpoint
  if (theirs !== intervalMs) return `interval ${theirs} ms, not ${intervalMs} ms`
  if (!Number.isFinite(tradedLots) || forming === undefined) return 'forming candle incomplete'
  const all = forming === null ? closed : [...closed, forming]
  for (let i = 0; i < all.length; i++) {
    const c = all[i]!
    if (![c.startMs, c.openTicks, c.highTicks, c.lowTicks, c.closeTicks, c.lots, c.source].every((n) => Number.isFinite(n))) return `candle ${i} is not all numbers`
    if (i > 0 && c.startMs - all[i - 1]!.startMs !== intervalMs) return `hole before candle ${i}`
  }
  return null
}

function positive(what: string, value: number): number {
  if (!Number.isSafeInteger(value) || value <= 0) fail('RM_CANDLE_CONFIG', { what, actual: value, needed: 'a positive integer' })
  return value
}

function read(from: Float64Array, at: number, out: Candle): void {
  out.startMs = from[at + START]!
  out.openTicks = from[at + OPEN]!
  out.highTicks = from[at + HIGH]!
  out.lowTicks = from[at + LOW]!
  out.closeTicks = from[at + CLOSE]!
  out.lots = from[at + LOTS]!
  out.source = from[at + SOURCE]!
}

function writeCandle(to: Float64Array, at: number, candle: Candle): void {
  to[at + START] = candle.startMs
  to[at + OPEN] = candle.openTicks
  to[at + HIGH] = candle.highTicks
  to[at + LOW] = candle.lowTicks
  to[at + CLOSE] = candle.closeTicks
  to[at + LOTS] = candle.lots
  to[at + SOURCE] = candle.source
}

const write = (to: Float64Array, at: number, kline: Kline): void => writeCandle(to, at, candleOf(kline))

const candleOf = (k: Kline): Candle => ({
  startMs: k.startMs,
  openTicks: k.openTicks,
  highTicks: k.highTicks,
  lowTicks: k.lowTicks,
  closeTicks: k.closeTicks,
  lots: k.lots,
  source: CANDLE_VENUE,
})
