import { BUY, SELL, type Lots, type Side, type WallMs } from '../core/index.ts'
import type { Detector, DetectorStatus } from './detector.ts'
import type { OrderTracker } from './order-tracker.ts'
import { type BlockAnswer, noBlock, PatternList, patternWords } from './pattern.ts'
import { sideStatus } from './side-status.ts'

export interface SpoofingSettings {
  /** Smallest order that counts, in ticks times lots. */
  readonly minTicksLots: number
  /** …and in typical levels of the near book. */
  readonly minMultiple: number
  /** Levels from the best one within which it is placed. */
  readonly depth: number
  /** Longest life of an order that was not meant, ms. */
  readonly maxLifeMs: number
  /** Share of the size that left by cancel from which on orders were not meant. */
  readonly minCancelRate: number
  /** Times that such orders come and go within `windowMs` before it is called spoofing. */
  readonly minCycles: number
  readonly windowMs: number
  /** How long after the last withdrawal it still counts as going on, ms. */
  readonly holdMs: number
}

/** Outcomes of large orders that are remembered, of a side. */
const KEPT = 64
/** Withdrawals closer together are one, ms. */
const CYCLE_GAP_MS = 200

/** What became of the large orders of one side within the window: a ring in columns. */
class Outcomes {
  readonly endMs = new Float64Array(KEPT)
  readonly bornMs = new Float64Array(KEPT)
  readonly priceTicks = new Float64Array(KEPT)
  readonly cancelledLots = new Float64Array(KEPT)
  readonly keptLots = new Float64Array(KEPT)
  /** 1: it came, went fast, and was cancelled. */
  readonly fast = new Uint8Array(KEPT)
  made = 0
  first = 0

  add(bornMs: WallMs, endMs: WallMs, priceTicks: number, cancelled: Lots, kept: Lots, fast: boolean): void {
    if (this.made - this.first === KEPT) this.first++
    const at = this.made++ % KEPT
    this.bornMs[at] = bornMs
    this.endMs[at] = endMs
    this.priceTicks[at] = priceTicks
    this.cancelledLots[at] = cancelled
    this.keptLots[at] = kept
    this.fast[at] = fast ? 1 : 0
  }

  expire(untilMs: WallMs): void {
    while (this.first < this.made && this.endMs[this.first % KEPT]! < untilMs) this.first++
  }
}

/**
 * Spoofing: on one side of the book large orders come and go within seconds and are cancelled, again and again, while few of the
 * large orders there are traded or stay.
 *
 * The cancel rate of a side is Σ cancelled ÷ Σ (cancelled + traded + stayed) over the large orders of the window. Confidence =
 * cancel rate · (1 − ½ · mean life ÷ longest life) · (1 − 2^−cycles): what is cancelled wholly, at once and often, is meant so.
 */
export class SpoofingDetector implements Detector {
  readonly name = 'spoofing'
  readonly patterns = new PatternList('spoofing')
  readonly #settings: SpoofingSettings
  readonly #orders: OrderTracker
  readonly #outcomes = [new Outcomes(), new Outcomes()] as const
  readonly #confidence = new Float64Array(2)
  #nowMs: WallMs = 0

  constructor(settings: SpoofingSettings, orders: OrderTracker) {
    this.#settings = settings
    this.#orders = orders
  }

  advance(nowMs: WallMs): void {
    this.#nowMs = nowMs
    if (this.#confidence[BUY]! > 0) this.#fade(BUY)
    if (this.#confidence[SELL]! > 0) this.#fade(SELL)
  }

  onPlaced(): void {}

  onEnded(order: number): void {
    if (!this.#isLarge(order)) return
    const orders = this.#orders
    const lifeMs = orders.endMs[order]! - orders.bornMs[order]!
    const { maxLifeMs, minCancelRate } = this.#settings
    const traded = orders.tradedLots[order]!
    if (orders.overrun[order] === 1) return this.#judge(order, orders.endMs[order]!, 0, traded, false)
    const fast = lifeMs < maxLifeMs && orders.cancelShare(order) > minCancelRate
    const cancelled = lifeMs < maxLifeMs ? orders.cancelledLots[order]! : 0
    this.#judge(order, orders.endMs[order]!, cancelled, traded + orders.cancelledLots[order]! - cancelled, fast)
  }

  onRested(order: number): void {
    if (this.#isLarge(order)) this.#judge(order, this.#nowMs, 0, this.#orders.lots[order]!, false)
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
    const confidence = this.against(side)
    const at = this.patterns.newest(side)
    if (confidence === 0 || at < 0) return noBlock(side)
    return { side, blocked: true, confidence, detector: this.name, reason: `spoofing: ${patternWords(this.patterns.at(at))}` }
  }

  get status(): DetectorStatus {
    return sideStatus(this, this.patterns, 'no large orders that come and go')
  }

  gap(): void {
    for (const outcomes of this.#outcomes) outcomes.first = outcomes.made
    this.#confidence.fill(0)
  }

  reset(): void {
    this.gap()
    this.patterns.reset()
    this.#nowMs = 0
  }

  #isLarge(order: number): boolean {
    const orders = this.#orders
    const { minTicksLots, minMultiple, depth } = this.#settings
    return orders.multiples[order]! >= minMultiple && orders.depths[order]! <= depth && orders.lots[order]! * orders.priceTicks[order]! >= minTicksLots
  }

  #judge(order: number, endMs: WallMs, cancelled: Lots, kept: Lots, fast: boolean): void {
    const orders = this.#orders
    const { windowMs, minCancelRate, minCycles, maxLifeMs } = this.#settings
    const side = orders.sides[order] as Side
    const outcomes = this.#outcomes[side]
    outcomes.add(orders.bornMs[order]!, endMs, orders.priceTicks[order]!, cancelled, kept, fast)
    outcomes.expire(endMs - windowMs)
    let cancelledLots = 0
    let allLots = 0
    let cycles = 0
    let lastMs = Number.NEGATIVE_INFINITY
    let lives = 0
    let count = 0
    for (let i = outcomes.first; i < outcomes.made; i++) {
      const at = i % KEPT
      cancelledLots += outcomes.cancelledLots[at]!
      allLots += outcomes.cancelledLots[at]! + outcomes.keptLots[at]!
      if (outcomes.fast[at] === 0) continue
      if (outcomes.endMs[at]! - lastMs >= CYCLE_GAP_MS) cycles++
      lastMs = outcomes.endMs[at]!
      lives += outcomes.endMs[at]! - outcomes.bornMs[at]!
      count++
    }
    const rate = cancelledLots / allLots
    if (!fast || cycles < minCycles || !(rate > minCancelRate)) {
      // A side whose large orders turn out to be meant is not blocked any longer.
      if (!(rate > minCancelRate)) this.#confidence[side] = 0
      return
    }
    const confidence = rate * (1 - (0.5 * lives) / count / maxLifeMs) * (1 - 2 ** -cycles)
    this.#note(side, outcomes, rate, confidence)
  }

  #note(side: Side, outcomes: Outcomes, rate: number, confidence: number): void {
    const { patterns } = this
    let at = patterns.newest(side)
    const last = (outcomes.made - 1) % KEPT
    if (at < 0 || this.#confidence[side] === 0) {
      at = patterns.begin(side)
      patterns.startMs[at] = Number.POSITIVE_INFINITY
      patterns.lowTicks[at] = Number.POSITIVE_INFINITY
      patterns.highTicks[at] = patterns.orders[at] = patterns.confidences[at] = 0
      for (let i = outcomes.first; i < outcomes.made; i++) if (outcomes.fast[i % KEPT] === 1) this.#extend(at, outcomes, i % KEPT)
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
