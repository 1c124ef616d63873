import { BUY, SELL } from '../core/index.ts'
import { VolumeProfile } from '../indicators/index.ts'
import type { DecisionReason } from '../memory/index.ts'
import { type Bounds, configured, type Ordered } from './bounds.ts'
import { CandleStrategy, unit } from './candle-strategy.ts'
import { ATR_14 } from './indicator-places.ts'
import type { ClosedCandle, HeldPosition, Signal, StrategyStatus } from './strategy.ts'

export type VolumeProfileConfig = {
  /** Candles that the profile is of, and bins that their range is cut into. */
  readonly candles: number
  readonly bins: number
  /** Part of the volume that the value area holds. */
  readonly valueShare: number
  /** Volume of a bin in mean bins: from where it is a high-volume node, and up to where a low-volume one. */
  readonly highNode: number
  readonly lowNode: number
  /** Least distance from the close to the target, in average true ranges. */
  readonly targetRangesMin: number
  readonly holdCandles: number
}

export const volumeProfileDefaults: VolumeProfileConfig = { candles: 120, bins: 48, valueShare: 0.7, highNode: 1.5, lowNode: 0.5, targetRangesMin: 1, holdCandles: 1 }

export const volumeProfileBounds: Bounds<VolumeProfileConfig> = {
  candles: { min: 10, max: 190, whole: true }, bins: { min: 8, max: 200, whole: true }, valueShare: { min: 0.3, max: 0.95 }, highNode: { min: 1, max: 20 }, lowNode: { min: 0, max: 1 },
  targetRangesMin: { min: 0, max: 50 }, holdCandles: { min: 0, max: 60, whole: true },
}

const volumeProfileOrdered: Ordered<VolumeProfileConfig> = [['lowNode', 'highNode']]

const UP = 'back in the value area from below'
const DOWN = 'back in the value area from above'

/**
 * Volume profile: where most was traded, price was accepted (Steidlmayer's market profile). Price that left the value area and closes in it again
 * has been refused outside and tends to cross it.
 *
 * Buy at a close inside the value area after a close below it, when its upper edge, the target, is at least targetRangesMin ATR(14) away; sell
 * mirrored. confidence = 0.55 + 0.2 · min(1, distance to the target / (3 ATR)) + 0.15 when the price that was refused lies in a
 * low-volume node + 0.1 when the close lies in a high-volume node.
 *
 * Out at the edge of the value area that is the target, and at a close outside it on the wrong side.
 */
export class VolumeProfileStrategy extends CandleStrategy<VolumeProfileConfig> {
  readonly name = 'volume_profile'
  readonly numberNames = ['point_of_control', 'value_low', 'value_high', 'target', 'refused_bin', 'close_bin']
  protected readonly bounds = volumeProfileBounds
  protected readonly ordered = volumeProfileOrdered
  #profile: VolumeProfile
  #close = Number.NaN

  /** @throws RM_STRATEGY_CONFIG */
  constructor(config: VolumeProfileConfig) {
    super(configured('volume_profile', volumeProfileBounds, config, {}, volumeProfileOrdered))
    this.#profile = this.#made()
  }

  shouldExit({ side, price }: HeldPosition): DecisionReason | null {
    const { warm, valueLow, valueHigh } = this.#profile
    if (!warm) return null
    if (side === BUY ? price >= valueHigh : price <= valueLow) return 'target-reached'
    return (side === BUY ? this.#close < valueLow : this.#close > valueHigh) ? 'left-value-area' : null
  }

  status(): StrategyStatus {
    const { warm, pointOfControl, valueLow, valueHigh } = this.#profile
    return { warm, note: `value area ${valueLow} to ${valueHigh}, most at ${pointOfControl}` }
  }

  protected judge({ high, low, close, volume, indicators }: ClosedCandle, out: Signal): boolean {
    const { highNode, lowNode, targetRangesMin } = this.config
    const profile = this.#profile
    const before = this.#close
    this.#close = close
    // Judged by the profile of the candles before: this one must not move the edge that it is measured by.
    const { warm, valueLow, valueHigh, pointOfControl } = profile
    const up = before < valueLow
    const back = warm && close >= valueLow && close <= valueHigh && (up || before > valueHigh)
    const refusedBin = back ? profile.volumes[profile.binOf(before)]! / profile.mean : 0
    const closeBin = back ? profile.volumes[profile.binOf(close)]! / profile.mean : 0
    profile.push(high, low, volume)
    if (!back) return false
    const target = up ? valueHigh : valueLow
    const ranges = Math.abs(target - close) / indicators[ATR_14]!
    if (!(ranges >= targetRangesMin)) return false
    out.side = up ? BUY : SELL
    out.confidence = 0.55 + 0.2 * unit(ranges / 3) + (refusedBin <= lowNode ? 0.15 : 0) + (closeBin >= highNode ? 0.1 : 0)
    out.reason = up ? UP : DOWN
    out.numbers[0] = pointOfControl
    out.numbers[1] = valueLow
    out.numbers[2] = valueHigh
    out.numbers[3] = target
    out.numbers[4] = refusedBin
    out.numbers[5] = closeBin
    return true
  }

  protected forget(): void {
    this.#profile.reset()
    this.#close = Number.NaN
  }

  protected rebuild(): void {
    this.#profile = this.#made()
    this.#close = Number.NaN
  }

  #made(): VolumeProfile {
    return new VolumeProfile(this.config.candles, this.config.bins, this.config.valueShare)
  }
}
