import { BUY, SELL } from '../core/index.ts'
import { ParabolicSar } from '../indicators/index.ts'
import type { DecisionReason } from '../memory/index.ts'
import { type Bounds, configured, type Ordered } from './bounds.ts'
import { CandleStrategy, unit } from './candle-strategy.ts'
import { ADX } from './indicator-places.ts'
import type { ClosedCandle, HeldPosition, Signal, StrategyStatus } from './strategy.ts'
import { Swings } from './swings.ts'

export type SarWaveConfig = {
  readonly acceleration: number
  readonly accelerationMax: number
  /** Candles on both sides that a swing point must stand out from. */
  readonly swingReach: number
  /** Trend strength below which there are no waves. */
  readonly adxMin: number
  /** Part of the last wave that price has gone back, from and to: Fibonacci ratios. */
  readonly retracementMin: number
  readonly retracementMax: number
  readonly holdCandles: number
}

export const sarWaveDefaults: SarWaveConfig = { acceleration: 0.02, accelerationMax: 0.2, swingReach: 3, adxMin: 25, retracementMin: 0.382, retracementMax: 0.618, holdCandles: 1 }

export const sarWaveBounds: Bounds<SarWaveConfig> = {
  acceleration: { min: 0.001, max: 0.5 }, accelerationMax: { min: 0.01, max: 1 }, swingReach: { min: 1, max: 20, whole: true }, adxMin: { min: 0, max: 100 },
  retracementMin: { min: 0, max: 1 }, retracementMax: { min: 0, max: 1 }, holdCandles: { min: 0, max: 60, whole: true },
}

const sarWaveOrdered: Ordered<SarWaveConfig> = [['retracementMin', 'retracementMax'], ['acceleration', 'accelerationMax']]

const UP = 'upward wave, gone back to the Fibonacci zone, stop below'
const DOWN = 'downward wave, gone back to the Fibonacci zone, stop above'

/**
 * SAR wave: with the trend, on the way back. The parabolic stop (Wilder 1978) says the direction; the last wave is from the last swing low
 * to the swing high after it (falling: mirrored).
 *
 * retracement = (high − close) / (high − low) of that wave. Buy when the stop lies below, ADX(14) > adxMin and the retracement is from
 * retracementMin to retracementMax; sell mirrored. confidence = 0.5 + 0.3 · min(1, (ADX − adxMin) / 25) + 0.2 · nearness, 1 in the middle of the
 * zone and 0 at its edges.
 *
 * Out when the parabolic stop has turned against the position.
 */
export class SarWaveStrategy extends CandleStrategy<SarWaveConfig> {
  readonly name = 'sar_wave'
  readonly numberNames = ['sar', 'adx', 'retracement', 'wave_low', 'wave_high']
  protected readonly bounds = sarWaveBounds
  protected readonly ordered = sarWaveOrdered
  #sar: ParabolicSar
  #swings: Swings

  /** @throws RM_STRATEGY_CONFIG, RM_INDICATOR_FACTOR */
  constructor(config: SarWaveConfig) {
    super(configured('sar_wave', sarWaveBounds, config, {}, sarWaveOrdered))
    this.#sar = new ParabolicSar(this.config.acceleration, this.config.accelerationMax)
    this.#swings = new Swings(this.config.swingReach)
  }

  shouldExit({ side }: HeldPosition): DecisionReason | null {
    if (Number.isNaN(this.#sar.value)) return null
    return this.#sar.long === (side === SELL) ? 'trend-turned' : null
  }

  status(): StrategyStatus {
    const { high, low, known } = this.#swings
    return { warm: known && !Number.isNaN(this.#sar.value), note: `stop ${this.#sar.long ? 'below' : 'above'}, swings ${low} and ${high}` }
  }

  protected judge({ high, low, close, indicators }: ClosedCandle, out: Signal): boolean {
    const { adxMin, retracementMin, retracementMax } = this.config
    const sar = this.#sar
    const swings = this.#swings
    sar.push(high, low)
    swings.push(high, low)
    const adx = indicators[ADX]!
    const wave = swings.high - swings.low
    // The wave must have ended in the direction that the stop follows.
    if (!(adx > adxMin) || !swings.known || !(wave > 0) || swings.highIsNewer !== sar.long) return false
    const retracement = (sar.long ? swings.high - close : close - swings.low) / wave
    if (!(retracement >= retracementMin && retracement <= retracementMax)) return false
    const half = (retracementMax - retracementMin) / 2
    const nearness = half > 0 ? 1 - unit(Math.abs(retracement - retracementMin - half) / half) : 1
    out.side = sar.long ? BUY : SELL
    out.confidence = 0.5 + 0.3 * unit((adx - adxMin) / 25) + 0.2 * nearness
    out.reason = sar.long ? UP : DOWN
    out.numbers[0] = sar.value
    out.numbers[1] = adx
    out.numbers[2] = retracement
    out.numbers[3] = swings.low
    out.numbers[4] = swings.high
    return true
  }

  protected forget(): void {
    this.#sar.reset()
    this.#swings.reset()
  }

  protected rebuild(): void {
    // Both at once, or none: the first may refuse.
    const sar = new ParabolicSar(this.config.acceleration, this.config.accelerationMax)
    this.#swings = new Swings(this.config.swingReach)
    this.#sar = sar
  }
}
