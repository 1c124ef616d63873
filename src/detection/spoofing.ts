import { BUY, type Lots, opposite, SELL, type Side, type WallMs } from '../core/index.ts'
import type { Detector, DetectorStatus } from './detector.ts'
import { Habits } from './habits.ts'
import type { OrderTracker } from './order-tracker.ts'
import { type BlockAnswer, PatternList } from './pattern.ts'
import { sideBlock, sideStatus } from './side-status.ts'

export interface SpoofingSettings {
  /** Smallest order that counts, in ticks times lots. */
  readonly minTicksLots: number
  /** …and in typical levels of the near book. */
  readonly minMultiple: number
  /** Levels from the best one within which it is placed. */
  readonly depth: number
  /** Shortest life of an order that can mislead anybody, ms. */
  readonly minLifeMs: number
  /** Longest life of an order that was not meant, ms. */
  readonly maxLifeMs: number
  /** Time for which the habits of the market are learned before anything is judged, ms. */
  readonly learnMs: number
  /** Share of the size that left by cancel from which on orders were not meant. */
  readonly minCancelRate: number
  /** Times that such orders come and go within `windowMs` before it is called spoofing. */
  readonly minCycles: number
  readonly windowMs: number
  /** How long after the last withdrawal it still counts as going on, ms. */
  readonly holdMs: number
}

/** Outcomes of large orders that are remembered, of a side. */
const KEPT = 256
/** Withdrawals closer together are one, ms. */
const CYCLE_GAP_MS = 200
/** Cycles must outnumber those of the other side by this factor: a busy market flickers on both. */
const ONE_SIDED = 3

/** What became of the large orders of one side within the window: a ring in columns. */
class Outcomes {
  readonly endMs = new Float64Array(KEPT)
  readonly bornMs = new Float64Array(KEPT)
  readonly priceTicks = new Float64Array(KEPT)
  readonly cancelledLots = new Float64Array(KEPT)
  readonly keptLots = new Float64Array(KEPT)
  readonly sizes = new Uint8Array(KEPT)
  /** 1: it came, went fast, and was cancelled. */
  readonly fast = new Uint8Array(KEPT)
  made = 0
  first = 0
  readonly #habits: Habits
  // As of the last `measure`: lots, orders that went fast, times that they went, and the lives of them, ms.
  cancelled = 0
  all = 0
  orders = 0
  cycles = 0
  livesMs = 0

  /** @param habits take over what leaves the window */
  constructor(habits: Habits) {
    this.#habits = habits
  }

  add(bornMs: WallMs, endMs: WallMs, priceTicks: number, size: number, cancelled: Lots, kept: Lots, fast: boolean): void {
    if (this.made - this.first === KEPT) this.#drop()
    const at = this.made++ % KEPT
    this.bornMs[at] = bornMs
    this.endMs[at] = endMs
    this.priceTicks[at] = priceTicks
    this.sizes[at] = size
    this.cancelledLots[at] = cancelled
    this.keptLots[at] = kept
    this.fast[at] = fast ? 1 : 0
  }

  expire(untilMs: WallMs): void {
    while (this.first < this.made && this.endMs[this.first % KEPT]! < untilMs) this.#drop()
  }

  clear(): void {
    while (this.first < this.made) this.#drop()
  }

  /** Sums up the orders of at least a class of size. */
  measure(size: number): void {
    this.cancelled = this.all = this.orders = this.cycles = this.livesMs = 0
    let lastMs = Number.NEGATIVE_INFINITY
    for (let i = this.first; i < this.made; i++) {
      const at = i % KEPT
      if (this.sizes[at]! < size) continue
      this.cancelled += this.cancelledLots[at]!
      this.all += this.cancelledLots[at]! + this.keptLots[at]!
      if (this.fast[at] === 0) continue
      const endMs = this.endMs[at]!
      if (endMs - lastMs >= CYCLE_GAP_MS) this.cycles++
      lastMs = endMs
      this.livesMs += endMs - this.bornMs[at]!
      this.orders++
    }
  }

  #drop(): void {
    const at = this.first++ % KEPT
    if (this.fast[at] === 1) this.#habits.add(this.sizes[at]!)
  }
}

/**
 * Spoofing: on one side of the book large orders come and go within seconds and are cancelled, again and again, while few of the
 * large orders there are traded or stay, and clearly more often than on the other side and than is the habit of this market:
 * at least 2·λ + 4·√λ times, λ being what is usual for orders of that size. Looked at for each class of size, so that
 * small flicker does not hide a large wall.
 *
 * The cancel rate of a side is Σ cancelled ÷ Σ (cancelled + traded + stayed) over the large orders of the window. Confidence =
 * cancel rate · (1 − ½ · mean life ÷ longest life) · (1 − 2^−cycles): what is cancelled wholly, at once and often, is meant so.
 */
export class SpoofingDetector implements Detector {
  readonly name = 'spoofing'
  readonly patterns = new PatternList('spoofing')
  readonly #settings: SpoofingSettings
  readonly #orders: OrderTracker
  readonly #habits: Habits
  readonly #outcomes: readonly [Outcomes, Outcomes]
  readonly #confidence = new Float64Array(2)
  #nowMs: WallMs = 0

  constructor(settings: SpoofingSettings, orders: OrderTracker) {
    this.#settings = settings
    this.#orders = orders
    this.#habits = new Habits(settings.minMultiple)
    this.#outcomes = [new Outcomes(this.#habits), new Outcomes(this.#habits)]
  }

  advance(nowMs: WallMs): void {
    this.#nowMs = nowMs
    this.#habits.advance(nowMs)
    if (this.#confidence[BUY]! > 0) this.#fade(BUY)
    if (this.#confidence[SELL]! > 0) this.#fade(SELL)
  }

  onPlaced(): void {}

  onEnded(order: number): void {
    if (!this.#orders.counts(order, this.#settings)) return
    const orders = this.#orders
    const lifeMs = orders.endMs[order]! - orders.bornMs[order]!
    const { minLifeMs, maxLifeMs, minCancelRate } = this.#settings
    if (lifeMs < minLifeMs) return
    const traded = orders.tradedLots[order]!
    if (orders.overrun[order] === 1) return this.#judge(order, orders.endMs[order]!, 0, traded, false)
    const fast = lifeMs < maxLifeMs && orders.cancelShare(order) > minCancelRate
    const cancelled = lifeMs < maxLifeMs ? orders.cancelledLots[order]! : 0
    this.#judge(order, orders.endMs[order]!, cancelled, traded + orders.cancelledLots[order]! - cancelled, fast)
  }

  onRested(order: number): void {
    if (this.#orders.counts(order, this.#settings)) this.#judge(order, this.#nowMs, 0, this.#orders.lots[order]!, false)
  }

  onClosed(): void {}

  get originMs(): WallMs {
    return this.patterns.originMs
  }

  set originMs(originMs: WallMs) {
    this.patterns.originMs = originMs
  }

  against(side: Side): number {
    return this.#confidence[side]!
  }

  block(side: Side): BlockAnswer {
    return sideBlock(this, this.patterns, side)
  }

  get status(): DetectorStatus {
    return sideStatus(this, this.patterns, 'no large orders that come and go')
  }

  gap(): void {
    for (const outcomes of this.#outcomes) outcomes.clear()
    this.#confidence.fill(0)
  }

  reset(): void {
    this.gap()
    this.#habits.reset()
    this.patterns.reset()
    this.#nowMs = 0
  }

  #judge(order: number, endMs: WallMs, cancelled: Lots, kept: Lots, fast: boolean): void {
    const orders = this.#orders
    const { windowMs, minCancelRate } = this.#settings
    const side = orders.sides[order] as Side
    const size = this.#habits.classOf(orders.multiples[order]!)
    const outcomes = this.#outcomes[side]
    outcomes.add(orders.bornMs[order]!, endMs, orders.priceTicks[order]!, size, cancelled, kept, fast)
    outcomes.expire(endMs - windowMs)
    this.#outcomes[opposite(side)].expire(endMs - windowMs)
    outcomes.measure(0)
    // A side whose large orders turn out to be meant is not blocked any longer.
    if (!(outcomes.cancelled > minCancelRate * outcomes.all)) this.#confidence[side] = 0
    if (!fast || this.#habits.ageMs < this.#settings.learnMs) return
    for (let least = 0; least <= size; least++) if (this.#isUnusual(side, least)) return this.#note(side, least)
  }

  /** Whether orders of at least a class come and go more often than usual. Leaves them summed up. */
  #isUnusual(side: Side, least: number): boolean {
    const { windowMs, minCancelRate, minCycles } = this.#settings
    const outcomes = this.#outcomes[side]
    outcomes.measure(least)
    if (outcomes.cycles < minCycles || !(outcomes.cancelled > minCancelRate * outcomes.all)) return false
    const usual = this.#habits.expected(least, windowMs, this.#habits.ageMs - windowMs)
    if (outcomes.cycles < 2 * usual + 4 * Math.sqrt(usual)) return false
    const other = this.#outcomes[opposite(side)]
    other.measure(least)
    return outcomes.cycles >= ONE_SIDED * other.cycles
  }

  #note(side: Side, least: number): void {
    const { patterns } = this
    const outcomes = this.#outcomes[side]
    const rate = outcomes.cancelled / outcomes.all
    const confidence = rate * (1 - (0.5 * outcomes.livesMs) / outcomes.orders / this.#settings.maxLifeMs) * (1 - 2 ** -outcomes.cycles)
    let at = patterns.newest(side)
    const last = (outcomes.made - 1) % KEPT
    if (at < 0 || this.#confidence[side] === 0) {
      at = patterns.begin(side)
      patterns.startMs[at] = Number.POSITIVE_INFINITY
      patterns.lowTicks[at] = Number.POSITIVE_INFINITY
      patterns.highTicks[at] = patterns.orders[at] = patterns.confidences[at] = 0
      for (let i = outcomes.first; i < outcomes.made; i++) if (outcomes.fast[i % KEPT] === 1 && outcomes.sizes[i % KEPT]! >= least) this.#extend(at, outcomes, i % KEPT)
    } else this.#extend(at, outcomes, last)
    patterns.endMs[at] = outcomes.endMs[last]!
    patterns.cancelRates[at] = rate
    patterns.confidences[at] = Math.max(patterns.confidences[at]!, confidence)
    this.#confidence[side] = confidence
  }

  #extend(at: number, outcomes: Outcomes, from: number): void {
    const { patterns } = this
    patterns.orders[at]!++
    patterns.startMs[at] = Math.min(patterns.startMs[at]!, outcomes.bornMs[from]!)
    patterns.lowTicks[at] = Math.min(patterns.lowTicks[at]!, outcomes.priceTicks[from]!)
    patterns.highTicks[at] = Math.max(patterns.highTicks[at]!, outcomes.priceTicks[from]!)
  }

  #fade(side: Side): void {
    const at = this.patterns.newest(side)
    if (at < 0 || this.#nowMs - this.patterns.endMs[at]! > this.#settings.holdMs) this.#confidence[side] = 0
  }
}
