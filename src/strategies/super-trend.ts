import { BUY, SELL } from '../core/index.ts'
import { SlidingSum, SuperTrend } from '../indicators/index.ts'
import type { DecisionReason } from '../memory/index.ts'
import { type Bounds, configured, type Ordered } from './bounds.ts'
import { CandleStrategy, favour, unit } from './candle-strategy.ts'
import { ROC_10 } from './indicator-places.ts'
import type { ClosedCandle, HeldPosition, Signal, StrategyStatus } from './strategy.ts'

export type SuperTrendConfig = {
  readonly period: number
  /** Distance of the bands, in average true ranges. */
  readonly multiplier: number
  /** Candles after a turn in which it may still be entered. */
  readonly turnCandles: number
  /** Least movement of ten candles with the trend, percent. */
  readonly rocMin: number
  readonly volumeRatioMin: number
  readonly volumeCandles: number
  /** How far a stop may lie from entry and from the best price, in average true ranges. */
  readonly stopRanges: number
  readonly trailRanges: number
  readonly holdCandles: number
}

export const superTrendDefaults: SuperTrendConfig = { period: 10, multiplier: 3, turnCandles: 2, rocMin: 0.05, volumeRatioMin: 1, volumeCandles: 20, stopRanges: 2, trailRanges: 3, holdCandles: 1 }

export const superTrendBounds: Bounds<SuperTrendConfig> = {
  period: { min: 2, max: 100, whole: true }, multiplier: { min: 0.5, max: 20 }, turnCandles: { min: 0, max: 100, whole: true }, rocMin: { min: 0, max: 50 }, volumeRatioMin: { min: 0, max: 20 },
  volumeCandles: { min: 2, max: 150, whole: true }, stopRanges: { min: 0.1, max: 50 }, trailRanges: { min: 0.1, max: 50 }, holdCandles: { min: 0, max: 60, whole: true },
}

const superTrendOrdered: Ordered<SuperTrendConfig> = []

const UP = 'trend turned upwards, with movement and volume'
const DOWN = 'trend turned downwards, with movement and volume'

/**
 * SuperTrend: bands of `multiplier` average true ranges around price; a close beyond one turns the trend.
 *
 * Buy within `turnCandles` of an upward turn, with ROC(10) ≥ rocMin and the candle's volume at least volumeRatioMin times the mean of those before
 * it; sell mirrored. confidence = 0.55 + 0.25 · min(1, distance of the close from the line / multiplier / range) + 0.2 · min(1, ratio − volumeRatioMin).
 *
 * Out when the trend has turned; when price is beyond the line, or further than stopRanges ranges from the entry, or further than trailRanges ranges from the best price.
 * The stops follow the range of the newest candle: wider in a wild market, closer in a calm one.
 */
export class SuperTrendStrategy extends CandleStrategy<SuperTrendConfig> {
  readonly name = 'super_trend'
  readonly numberNames = ['line', 'range', 'roc', 'volume_ratio', 'age']
  protected readonly bounds = superTrendBounds
  protected readonly ordered = superTrendOrdered
  #trend: SuperTrend
  #volumes: SlidingSum

  /** @throws RM_STRATEGY_CONFIG */
  constructor(config: SuperTrendConfig) {
    super(configured('super_trend', superTrendBounds, config, {}, superTrendOrdered))
    this.#trend = new SuperTrend(this.config.period, this.config.multiplier)
    this.#volumes = new SlidingSum(this.config.volumeCandles)
  }

  shouldExit({ side, entryPrice, price, bestPrice }: HeldPosition): DecisionReason | null {
    const { line, range, up } = this.#trend
    if (Number.isNaN(line)) return null
    if (up !== (side === BUY)) return 'trend-turned'
    const sign = favour(side)
    const { stopRanges, trailRanges } = this.config
    const crossed = sign * (price - line) < 0 || sign * (price - entryPrice) < -stopRanges * range || sign * (price - bestPrice) < -trailRanges * range
    return crossed ? 'trailing-stop-crossed' : null
  }

  status(): StrategyStatus {
    const { line, up, age } = this.#trend
    return { warm: !Number.isNaN(line) && this.#volumes.full, note: `trend ${up ? 'up' : 'down'} for ${age} candles, line ${line}` }
  }

  protected judge({ high, low, close, volume, indicators }: ClosedCandle, out: Signal): boolean {
    const { multiplier, turnCandles, rocMin, volumeRatioMin } = this.config
    const trend = this.#trend
    trend.push(high, low, close)
    const { full, sum } = this.#volumes
    const ratio = full && sum > 1e-9 ? (volume * this.#volumes.length) / sum : 0
    this.#volumes.push(volume)
    const { line, range, up, age } = trend
    const roc = indicators[ROC_10]!
    const sign = up ? 1 : -1
    // Without a range there is no trend to follow.
    if (!full || !(range > 0) || age > turnCandles || !(sign * roc >= rocMin) || !(ratio >= volumeRatioMin)) return false
    out.side = up ? BUY : SELL
    out.confidence = 0.55 + 0.25 * unit((sign * (close - line)) / multiplier / range) + 0.2 * unit(ratio - volumeRatioMin)
    out.reason = up ? UP : DOWN
    out.numbers[0] = line
    out.numbers[1] = range
    out.numbers[2] = roc
    out.numbers[3] = ratio
    out.numbers[4] = age
    return true
  }

  protected forget(): void {
    this.#trend.reset()
    this.#volumes.reset()
  }

  protected rebuild(): void {
    this.#trend = new SuperTrend(this.config.period, this.config.multiplier)
    this.#volumes = new SlidingSum(this.config.volumeCandles)
  }
}
