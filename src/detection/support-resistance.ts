import { fail, type Lots, type PriceTicks, type WallMs } from '../core/index.ts'
import { Breakouts } from './breakouts.ts'
import { LineDbscan } from './dbscan.ts'
import type { Detector, DetectorStatus } from './detector.ts'
import type { LevelsSettings } from './levels-settings.ts'
import { type BlockAnswer, noBlock } from './pattern.ts'

/** Support below the price, resistance above it. */
export interface PriceLevel {
  /** Mean of its swing points. */
  readonly priceTicks: number
  readonly lowTicks: PriceTicks
  readonly highTicks: PriceTicks
  readonly touches: number
  /** Mean volume at its touches, in mean volumes of all candles. */
  readonly volume: number
  readonly lastTouchMs: WallMs
  /** 0 to 1 */
  readonly strength: number
}

/** The nearest levels around a price; null where there is none. */
export interface NearestLevels {
  readonly support: PriceLevel | null
  readonly resistance: PriceLevel | null
}

/** Candles that may be looked at. */
export const LEVEL_CANDLES_MAX = 1000

/**
 * Support and resistance of one symbol from its closed candles. Swing points (highs and lows that top `swing` candles on each
 * side) are clustered by price with DBSCAN; a cluster is a level.
 *
 * strength = (1 − 2^(1−touches)) · v ÷ (v + ½) · 2^(−age ÷ half-life), v the volume at its touches in mean volumes, age in candles since
 * the last touch. Computed in place when a candle closes: that is once a minute, and less work than handing it to a thread.
 * It says nothing about manipulation: no side is ever blocked by it.
 */
export class SupportResistance implements Detector {
  readonly name = 'levels'
  readonly patterns = null
  /** Candles carry their own times. */
  originMs: WallMs = 0
  readonly breakouts: Breakouts
  /** Levels of the last closed candle. */
  count = 0
  readonly priceTicks: Float64Array
  readonly lowTicks: Float64Array
  readonly highTicks: Float64Array
  readonly touches: Float64Array
  readonly volumes: Float64Array
  readonly lastTouchMs: Float64Array
  readonly strengths: Float64Array
  readonly #settings: LevelsSettings
  readonly #dbscan: LineDbscan
  // Candles, a ring in columns.
  readonly #startMs: Float64Array
  readonly #high: Float64Array
  readonly #low: Float64Array
  readonly #close: Float64Array
  readonly #lots: Float64Array
  #made = 0
  // Swing points: number of the candle, and price.
  readonly #swingCandles: Float64Array
  readonly #swingTicks: Float64Array
  #swings = 0
  /** Price and candle of the swing points of the window, in their order. */
  readonly #points: Float64Array

  /** @throws RM_DETECTION_CONFIG */
  constructor(settings: LevelsSettings) {
    const { candles, swing } = settings
    if (!Number.isSafeInteger(candles) || candles < 20 || candles > LEVEL_CANDLES_MAX) fail('RM_DETECTION_CONFIG', { what: 'candles of the levels', actual: candles, needed: `a whole number from 20 to ${LEVEL_CANDLES_MAX}` })
    if (!Number.isSafeInteger(swing) || swing < 1 || 2 * swing + 1 > candles) fail('RM_DETECTION_CONFIG', { what: 'candles beside a swing point', actual: swing, needed: `a whole number from 1 to ${(candles - 1) >> 1}` })
    if (!(settings.minTouches >= 1 && settings.epsRanges > 0 && settings.halfLifeCandles > 0)) fail('RM_DETECTION_CONFIG', { what: 'touches, distance and half-life of the levels', actual: `${settings.minTouches}, ${settings.epsRanges}, ${settings.halfLifeCandles}`, needed: 'at least 1, above 0, above 0' })
    this.#settings = settings
    this.breakouts = new Breakouts(settings)
    const room = 2 * candles
    const column = (length: number): Float64Array => new Float64Array(length)
    this.#startMs = column(candles)
    this.#high = column(candles)
    this.#low = column(candles)
    this.#close = column(candles)
    this.#lots = column(candles)
    this.#swingCandles = column(room)
    this.#swingTicks = column(room)
    this.#points = column(room)
    this.#dbscan = new LineDbscan(room)
    this.priceTicks = column(room)
    this.lowTicks = column(room)
    this.highTicks = column(room)
    this.touches = column(room)
    this.volumes = column(room)
    this.lastTouchMs = column(room)
    this.strengths = column(room)
  }

  /** Mean true range of the candles held, ticks; NaN before the second one. */
  get rangeTicks(): number {
    const held = Math.min(this.#made, this.#settings.candles)
    let sum = 0
    for (let i = this.#made - held + 1; i < this.#made; i++) {
      const before = this.#close[(i - 1) % this.#settings.candles]!
      const at = i % this.#settings.candles
      sum += Math.max(this.#high[at]!, before) - Math.min(this.#low[at]!, before)
    }
    return held < 2 ? Number.NaN : sum / (held - 1)
  }

  onClosed(startMs: WallMs, _openTicks: PriceTicks, highTicks: PriceTicks, lowTicks: PriceTicks, closeTicks: PriceTicks, lots: Lots): void {
    const { candles, swing } = this.#settings
    const meanLots = this.#meanLots()
    const before = this.#made === 0 ? Number.NaN : this.#close[(this.#made - 1) % candles]!
    this.breakouts.close(startMs, before, closeTicks, lots / meanLots, this)
    const at = this.#made++ % candles
    this.#startMs[at] = startMs
    this.#high[at] = highTicks
    this.#low[at] = lowTicks
    this.#close[at] = closeTicks
    this.#lots[at] = lots
    const middle = this.#made - 1 - swing
    if (middle >= swing) this.#swing(middle)
    this.#cluster()
  }

  /** Place of the nearest level below a price, −1 for none. */
  below(priceTicks: number): number {
    let nearest = -1
    for (let i = 0; i < this.count; i++) if (this.priceTicks[i]! < priceTicks && (nearest < 0 || this.priceTicks[i]! > this.priceTicks[nearest]!)) nearest = i
    return nearest
  }

  /** Place of the nearest level at a price or above, −1 for none. */
  above(priceTicks: number): number {
    let nearest = -1
    for (let i = 0; i < this.count; i++) if (this.priceTicks[i]! >= priceTicks && (nearest < 0 || this.priceTicks[i]! < this.priceTicks[nearest]!)) nearest = i
    return nearest
  }

  /** The nearest level that lies below a price, and the nearest above it. */
  nearest(priceTicks: number): NearestLevels {
    const support = this.below(priceTicks)
    const resistance = this.above(priceTicks)
    return { support: support < 0 ? null : this.at(support), resistance: resistance < 0 ? null : this.at(resistance) }
  }

  at(level: number): PriceLevel {
    return {
      priceTicks: this.priceTicks[level]!,
      lowTicks: this.lowTicks[level]!,
      highTicks: this.highTicks[level]!,
      touches: this.touches[level]!,
      volume: this.volumes[level]!,
      lastTouchMs: this.lastTouchMs[level]!,
      strength: this.strengths[level]!,
    }
  }

  /** By price, lowest first. */
  list(): PriceLevel[] {
    return Array.from({ length: this.count }, (_, i) => this.at(i)).sort((a, b) => a.priceTicks - b.priceTicks)
  }

  get status(): DetectorStatus {
    const strongest = this.list().sort((a, b) => b.strength - a.strength)[0]
    const explanation = strongest === undefined ? 'no levels yet' : `${this.count} levels, the strongest at ${Math.round(strongest.priceTicks)} ticks with ${strongest.touches} touches; ${this.breakouts.words()}`
    return { name: this.name, active: [], confidence: strongest?.strength ?? 0, patterns: [], found: this.breakouts.found, explanation }
  }

  advance(): void {}
  onPlaced(): void {}
  onEnded(): void {}
  onRested(): void {}

  against(): number {
    return 0
  }

  block(side: 0 | 1): BlockAnswer {
    return noBlock(side)
  }

  /** Candles are no part of the book. */
  gap(): void {}

  reset(): void {
    this.#made = this.#swings = this.count = 0
    this.breakouts.reset()
  }

  /** Mean volume of the candles held; of none NaN. */
  #meanLots(): number {
    const held = Math.min(this.#made, this.#settings.candles)
    let sum = 0
    for (let i = 0; i < held; i++) sum += this.#lots[i]!
    return sum / held
  }

  /** Notes a candle that tops its neighbours, or is below them. Of equal ones the first is the swing point. */
  #swing(middle: number): void {
    const { candles, swing } = this.#settings
    const high = this.#high[middle % candles]!
    const low = this.#low[middle % candles]!
    let isHigh = true
    let isLow = true
    for (let i = middle - swing; i <= middle + swing; i++) {
      const at = i % candles
      if (i < middle) {
        if (this.#high[at]! >= high) isHigh = false
        if (this.#low[at]! <= low) isLow = false
      } else if (i > middle) {
        if (this.#high[at]! > high) isHigh = false
        if (this.#low[at]! < low) isLow = false
      }
    }
    if (isHigh) this.#addSwing(middle, high)
    if (isLow) this.#addSwing(middle, low)
  }

  #addSwing(candle: number, ticks: PriceTicks): void {
    const at = this.#swings++ % this.#swingTicks.length
    this.#swingCandles[at] = candle
    this.#swingTicks[at] = ticks
  }

  #cluster(): void {
    const { candles, swing, epsRanges, minTouches } = this.#settings
    const room = this.#swingTicks.length
    // A swing point counts as long as the candles that it tops are held.
    const oldest = Math.max(0, this.#made - candles) + swing
    let first = Math.max(0, this.#swings - room)
    while (first < this.#swings && this.#swingCandles[first % room]! < oldest) first++
    const points = this.#swings - first
    for (let i = 0; i < points; i++) this.#points[i] = this.#swingTicks[(first + i) % room]!
    const eps = epsRanges * this.rangeTicks
    this.count = points === 0 ? 0 : this.#dbscan.run(this.#points, points, eps, minTouches)
    for (let level = 0; level < this.count; level++) {
      this.lowTicks[level] = Number.POSITIVE_INFINITY
      this.priceTicks[level] = this.highTicks[level] = this.touches[level] = this.volumes[level] = this.lastTouchMs[level] = this.strengths[level] = 0
    }
    const { labels } = this.#dbscan
    for (let i = 0; i < points; i++) if (labels[i]! >= 0) this.#touch(labels[i]!, this.#points[i]!, this.#swingCandles[(first + i) % room]!)
    const meanLots = this.#meanLots()
    for (let level = 0; level < this.count; level++) this.#weigh(level, meanLots)
  }

  #touch(level: number, ticks: PriceTicks, candle: number): void {
    const at = candle % this.#settings.candles
    this.priceTicks[level]! += ticks
    this.lowTicks[level] = Math.min(this.lowTicks[level]!, ticks)
    this.highTicks[level] = Math.max(this.highTicks[level]!, ticks)
    this.touches[level]!++
    this.volumes[level]! += this.#lots[at]!
    this.lastTouchMs[level] = this.#startMs[at]!
    // Until it is weighed: the candle of the last touch.
    this.strengths[level] = candle
  }

  #weigh(level: number, meanLots: number): void {
    const touches = this.touches[level]!
    const age = this.#made - 1 - this.strengths[level]!
    this.priceTicks[level]! /= touches
    const volume = meanLots > 0 ? this.volumes[level]! / touches / meanLots : 0
    this.volumes[level] = volume
    this.strengths[level] = ((1 - 2 ** (1 - touches)) * volume * 2 ** (-age / this.#settings.halfLifeCandles)) / (volume + 0.5)
  }
}
