import type { Lots, PriceTicks, WallMs } from '../../core/index.ts'
import { fail, limits } from '../../core/index.ts'
import type { TICK, View } from '../../memory/index.ts'
import type { Kline } from '../../venues/index.ts'
import { type Candle, emptyCandle } from './candle.ts'
import { aggregateCandles, type CandleAggregate } from './candle-aggregate.ts'
import { type CandleCheckpoint, checkpointProblem } from './candle-checkpoint.ts'
import { mergeHistory } from './candle-history.ts'
import { CandleRing } from './candle-ring.ts'
import { CLOSE, HIGH, LOTS, LOW, OPEN, START } from './candle-words.ts'
import { FormingCandle } from './forming-candle.ts'
import { candleOf, checkKline } from './kline-candle.ts'

export interface CandleOptions {
  readonly intervalMs?: number
  /** Closed candles held. */
  readonly max?: number
  /** How long after its end a candle without a successor still waits for trades, ms of venue time. */
  readonly graceMs?: number
}

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
  readonly #closed: CandleRing
  readonly #forming = new FormingCandle()

  /** @throws RM_CANDLE_CONFIG */
  constructor(options: CandleOptions = {}) {
    this.intervalMs = positive('intervalMs', options.intervalMs ?? 60_000)
    this.max = positive('max', options.max ?? limits.candlesMax)
    this.#graceMs = options.graceMs ?? 2000
    if (!(this.#graceMs >= 0)) fail('RM_CANDLE_CONFIG', { what: 'graceMs', actual: this.#graceMs, needed: '0 or more' })
    this.#closed = new CandleRing(this.intervalMs, this.max)
  }

  /** Closed candles held. */
  get count(): number {
    return this.#closed.count
  }

  get hasForming(): boolean {
    return this.#forming.present
  }

  /** Copies a closed candle, 0 the oldest held. @returns false when there is none of that index. */
  closed(index: number, out: Candle): boolean {
    return this.#closed.read(index, out)
  }

  /** Copies the forming candle. @returns false when there is none yet. */
  forming(out: Candle): boolean {
    return this.#forming.read(out)
  }

  /** Writes the forming candle into a tick record, start -1 when there is none. */
  writeForming(tick: View<typeof TICK.fields>): void {
    const { present, words } = this.#forming
    tick.candleStartMs = present ? words[START]! : -1
    tick.candleOpenTicks = words[OPEN]!
    tick.candleHighTicks = words[HIGH]!
    tick.candleLowTicks = words[LOW]!
    tick.candleCloseTicks = words[CLOSE]!
    tick.candleLots = words[LOTS]!
  }

  /** @returns candles that this trade closed, flat ones included. @throws RM_CANDLE_INPUT */
  onTrade(timeMs: WallMs, priceTicks: PriceTicks, lots: Lots): number {
    if (!(timeMs > 0 && Number.isFinite(timeMs))) fail('RM_CANDLE_INPUT', { intervalMs: this.intervalMs, what: 'time of a trade', actual: timeMs })
    if (!(priceTicks > 0 && Number.isFinite(priceTicks))) fail('RM_CANDLE_INPUT', { intervalMs: this.intervalMs, what: 'price of a trade', actual: priceTicks })
    if (!(lots > 0 && Number.isFinite(lots))) fail('RM_CANDLE_INPUT', { intervalMs: this.intervalMs, what: 'size of a trade', actual: lots })
    const startMs = timeMs - (timeMs % this.intervalMs)
    if (startMs < this.#nextStartMs()) {
      this.#addLateTrade(startMs, priceTicks, lots)
      return 0
    }
    const closed = this.#reach(startMs)
    this.#forming.addTrade(startMs, priceTicks, lots)
    return closed
  }

  /** @returns candles that this kline closed. @throws RM_CANDLE_INPUT for one of another interval or off its grid. */
  onKline(kline: Kline): number {
    checkKline(kline, this.intervalMs)
    const { startMs } = kline
    if (startMs < this.#nextStartMs()) {
      const index = kline.closed ? this.#closed.indexOf(startMs) : -1
      if (index >= 0) this.#closed.replace(index, candleOf(kline))
      return 0
    }
    const closed = this.#reach(startMs)
    if (!kline.closed) {
      this.#forming.merge(kline)
      return closed
    }
    this.#closed.append(candleOf(kline))
    this.#forming.clear()
    return closed + 1
  }

  /** The venue's clock says `venueMs`: closes what ended before it and its grace. @returns candles closed. */
  advance(venueMs: WallMs): number {
    const nextMs = this.#nextStartMs()
    if (!(nextMs > 0) || !(venueMs >= nextMs + this.intervalMs + this.#graceMs)) return 0
    const endedMs = venueMs - this.#graceMs
    return this.#reach(endedMs - (endedMs % this.intervalMs))
  }

  /**
   * Merges history of the venue, in any order: closed klines replace what is held, older ones come before it, the
   * forming one is merged as in `onKline`. @returns candles closed behind the newest that was held.
   * @throws RM_CANDLE_INPUT for any kline that `onKline` would not take; then nothing has changed.
   */
  catchUp(klines: readonly Kline[]): number {
    for (const kline of klines) checkKline(kline, this.intervalMs)
    const ascending = [...klines].sort((a, b) => a.startMs - b.startMs)
    const merged = mergeHistory(this.closedCandles(), ascending, this.#nextStartMs())
    this.#closed.clear()
    for (const candle of merged.slice(-this.max)) {
      this.#closed.fillUntil(candle.startMs)
      this.#closed.append(candle)
    }
    if (this.#forming.present) this.#closed.fillUntil(this.#forming.startMs)
    let closed = 0
    for (const kline of ascending) if (kline.startMs >= this.#nextStartMs()) closed += this.onKline(kline)
    return closed
  }

  /** The closed candles as values, oldest first. For charts and checkpoints, not for the hot path. */
  closedCandles(): Candle[] {
    return this.#closed.values()
  }

  /**
   * Candles of a longer interval, aligned to it: closed ones, oldest first, and the forming one. A first one whose
   * beginning is not held is left out. @throws RM_CANDLE_CONFIG unless `intervalMs` is a multiple of ours.
   */
  aggregate(intervalMs: number): CandleAggregate {
    if (!(intervalMs > 0) || intervalMs % this.intervalMs !== 0)
      fail('RM_CANDLE_CONFIG', { what: 'interval to aggregate to', actual: intervalMs, needed: `a multiple of ${this.intervalMs} ms` })
    const parts = this.closedCandles()
    const last = emptyCandle()
    if (this.forming(last)) parts.push(last)
    return aggregateCandles(parts, intervalMs, this.#closed.nextStartMs)
  }

  /** State worth keeping over a restart, plain data. */
  checkpoint(): CandleCheckpoint {
    const forming = emptyCandle()
    return { intervalMs: this.intervalMs, closed: this.closedCandles(), forming: this.forming(forming) ? forming : null, tradedLots: this.#forming.tradedLots }
  }

  /** Takes a checkpoint back into an empty manager. @throws RM_CANDLE_CHECKPOINT, and stays empty. */
  restore(checkpoint: unknown): void {
    const problem = checkpointProblem(checkpoint, this.intervalMs)
    if (problem !== null) fail('RM_CANDLE_CHECKPOINT', { problem })
    const { closed, forming, tradedLots } = checkpoint as CandleCheckpoint
    this.#closed.clear()
    for (const candle of closed.slice(-this.max)) this.#closed.append(candle)
    this.#forming.restore(forming, tradedLots)
  }

  /** Start of the first interval that is not closed; -1 while nothing is known. */
  #nextStartMs(): WallMs {
    return this.#forming.present ? this.#forming.startMs : this.#closed.nextStartMs
  }

  /** Closes everything before `startMs`. @returns how many candles that were. */
  #reach(startMs: WallMs): number {
    const forming = this.#forming
    if (!forming.present) return this.#closed.fillUntil(startMs)
    if (forming.startMs >= startMs) return 0
    this.#closed.appendWords(forming.words)
    forming.clear()
    return 1 + this.#closed.fillUntil(startMs)
  }

  #addLateTrade(startMs: WallMs, priceTicks: PriceTicks, lots: Lots): void {
    this.late++
    const index = this.#closed.indexOf(startMs)
    if (index < 0) this.outOfReach++
    else this.#closed.addLateTrade(index, priceTicks, lots)
  }
}

function positive(what: string, value: number): number {
  if (!Number.isSafeInteger(value) || value <= 0) fail('RM_CANDLE_CONFIG', { what, actual: value, needed: 'a positive integer' })
  return value
}
