import { BUY, SELL } from '../core/index.ts'
import { SlidingSum } from '../indicators/index.ts'
import type { DecisionReason } from '../memory/index.ts'
import { type Bounds, configured, type Ordered } from './bounds.ts'
import { CandleStrategy, favour, unit } from './candle-strategy.ts'
import { ATR_14, ROC_10, RSI_14 } from './indicator-places.ts'
import type { ClosedCandle, HeldPosition, Signal, StrategyStatus } from './strategy.ts'

export type MomentumConfig = {
  /** Least strength of a movement. */
  readonly strengthMin: number
  /** RSI between which a rise is bought: it leads, and is not at its end. Falls: mirrored at 50. */
  readonly rsiMin: number
  readonly rsiMax: number
  /** Volume of the candle, in mean volumes of the candles before it. */
  readonly volumeRatioMin: number
  readonly volumeCandles: number
  /** Strength against a position from which it is to be closed. */
  readonly exitStrength: number
  readonly holdCandles: number
}

export const momentumDefaults: MomentumConfig = { strengthMin: 1, rsiMin: 55, rsiMax: 75, volumeRatioMin: 1.2, volumeCandles: 20, exitStrength: 0.25, holdCandles: 1 }

export const momentumBounds: Bounds<MomentumConfig> = {
  strengthMin: { min: 0.1, max: 10 }, rsiMin: { min: 50, max: 95 }, rsiMax: { min: 55, max: 100 }, volumeRatioMin: { min: 0, max: 20 }, volumeCandles: { min: 2, max: 150, whole: true },
  exitStrength: { min: 0, max: 10 }, holdCandles: { min: 0, max: 60, whole: true },
}

const momentumOrdered: Ordered<MomentumConfig> = [['rsiMin', 'rsiMax']]

const UP = 'price rises faster than its range, with volume'
const DOWN = 'price falls faster than its range, with volume'
const ROC_CANDLES = 10

/**
 * Momentum: a movement that is larger than chance goes on for a while (Jegadeesh & Titman 1993, on other horizons).
 *
 * strength = ROC(10) / (100 · ATR(14) / close · √10): the move of ten candles in units of what ten candles of that range make by
 * chance. Buy at strength ≥ strengthMin, with rsiMin ≤ RSI(14) ≤ rsiMax and the candle's volume at least volumeRatioMin times the mean of
 * those before it; sell mirrored. confidence = 0.5 + 0.25 · min(1, (strength − strengthMin) / strengthMin) + 0.25 · min(1, ratio / volumeRatioMin − 1).
 *
 * Out when the strength is `exitStrength` or more against the position.
 */
export class MomentumStrategy extends CandleStrategy<MomentumConfig> {
  readonly name = 'momentum'
  readonly numberNames = ['roc', 'strength', 'rsi', 'volume_ratio']
  protected readonly bounds = momentumBounds
  protected readonly ordered = momentumOrdered
  #volumes: SlidingSum
  #strength = Number.NaN

  /** @throws RM_STRATEGY_CONFIG */
  constructor(config: MomentumConfig) {
    super(configured('momentum', momentumBounds, config, {}, momentumOrdered))
    this.#volumes = new SlidingSum(this.config.volumeCandles)
  }

  shouldExit({ side }: HeldPosition): DecisionReason | null {
    return -favour(side) * this.#strength >= this.config.exitStrength && this.#strength !== 0 ? 'momentum-lost' : null
  }

  status(): StrategyStatus {
    return { warm: !Number.isNaN(this.#strength), note: `strength ${this.#strength.toFixed(2)}` }
  }

  protected judge({ close, volume, indicators }: ClosedCandle, out: Signal): boolean {
    const { strengthMin, rsiMin, rsiMax, volumeRatioMin } = this.config
    const { full, sum } = this.#volumes
    const ratio = full && sum > 1e-9 ? (volume * this.#volumes.length) / sum : 0
    this.#volumes.push(volume)
    const roc = indicators[ROC_10]!
    const rsi = indicators[RSI_14]!
    const chance = (100 * indicators[ATR_14]! * Math.sqrt(ROC_CANDLES)) / close
    const strength = chance > 0 ? roc / chance : chance === 0 ? 0 : Number.NaN
    this.#strength = strength
    const up = strength > 0
    const size = Math.abs(strength)
    const leading = up ? rsi : 100 - rsi
    if (!(full && size >= strengthMin && leading >= rsiMin && leading <= rsiMax && ratio >= volumeRatioMin)) return false
    out.side = up ? BUY : SELL
    out.confidence = 0.5 + 0.25 * unit((size - strengthMin) / strengthMin) + 0.25 * (volumeRatioMin > 0 ? unit(ratio / volumeRatioMin - 1) : 1)
    out.reason = up ? UP : DOWN
    out.numbers[0] = roc
    out.numbers[1] = strength
    out.numbers[2] = rsi
    out.numbers[3] = ratio
    return true
  }

  protected forget(): void {
    this.#volumes.reset()
    this.#strength = Number.NaN
  }

  protected rebuild(): void {
    if (this.#volumes.length !== this.config.volumeCandles) this.#volumes = new SlidingSum(this.config.volumeCandles)
  }
}
