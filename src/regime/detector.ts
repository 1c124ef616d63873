import { fail } from '../core/index.ts'
import { Choppiness } from '../indicators/index.ts'

export const REGIMES_SEEN = ['trending', 'ranging', 'choppy'] as const
export type SeenRegime = (typeof REGIMES_SEEN)[number]

export interface RegimeSettings {
  /** ADX(14) from which a market trends, and below which a trend has ended. */
  readonly adxEnter: number
  readonly adxLeave: number
  /** Choppiness index from which a market is choppy, and below which it no longer is. */
  readonly choppyEnter: number
  readonly choppyLeave: number
  /** ATR(14) in percent of the close from which a market without a trend is choppy whatever its path; 0: never. */
  readonly volatilePercent: number
  /** Closed candles in a row that must say another regime before it counts. */
  readonly confirmCandles: number
}

export const regimeDefaults: RegimeSettings = { adxEnter: 25, adxLeave: 20, choppyEnter: 61.8, choppyLeave: 55, volatilePercent: 0.5, confirmCandles: 3 }

const CHOPPINESS_CANDLES = 14

/**
 * Names the regime of a market from its closed candles (SG-17). Trending: ADX(14) ≥ adxEnter, and no choppiness. Choppy: choppiness index(14) ≥
 * choppyEnter, or without a trend a range of volatilePercent or more. Ranging: neither. What is in force is left at the softer bound (adxLeave,
 * choppyLeave), and another regime counts after confirmCandles candles in a row that say so.
 *
 * confidence = 0.5 + 0.5 · distance from the bound that was decisive, over the distance from there to the end of its scale; for ranging the
 * smaller one of both.
 */
export class RegimeDetector {
  /** null while it warms up. */
  regime: SeenRegime | null = null
  /** 0 to 1, of the newest candle. */
  confidence = 0
  /** Of the newest candle; NaN while they warm up. */
  adx = Number.NaN
  choppiness = Number.NaN
  volatilityPercent = Number.NaN
  readonly #settings: RegimeSettings
  readonly #choppiness = new Choppiness(CHOPPINESS_CANDLES)
  #candidate: SeenRegime | null = null
  #seen = 0

  /** @throws RM_REGIME_CONFIG */
  constructor(settings: RegimeSettings) {
    checkRegimeSettings(settings)
    this.#settings = settings
  }

  /**
   * A closed candle, with ADX(14) and ATR(14) as of its close.
   * @returns whether the regime is another one than before
   */
  onCandle(high: number, low: number, close: number, adx: number, atr: number): boolean {
    this.#choppiness.push(high, low, close)
    this.adx = adx
    this.choppiness = this.#choppiness.value
    this.volatilityPercent = (100 * atr) / close
    if (Number.isNaN(adx) || Number.isNaN(this.choppiness) || Number.isNaN(this.volatilityPercent)) return false
    const said = this.#judge()
    if (said === this.regime) {
      this.#seen = 0
      this.#candidate = null
      this.confidence = this.#confidenceOf(said)
      return false
    }
    this.#seen = said === this.#candidate ? this.#seen + 1 : 1
    this.#candidate = said
    // The first word needs no confirmation: without it nothing can be entered at all.
    if (this.regime !== null && this.#seen < this.#settings.confirmCandles) return false
    this.regime = said
    this.#seen = 0
    this.#candidate = null
    this.confidence = this.#confidenceOf(said)
    return true
  }

  /** As new: candles begin again, from an older history. */
  reset(): void {
    this.#choppiness.reset()
    this.regime = null
    this.confidence = 0
    this.adx = this.choppiness = this.volatilityPercent = Number.NaN
    this.#candidate = null
    this.#seen = 0
  }

  #judge(): SeenRegime {
    const { adxEnter, adxLeave, choppyEnter, choppyLeave, volatilePercent } = this.#settings
    const trend = this.adx >= (this.regime === 'trending' ? adxLeave : adxEnter)
    const choppy = this.choppiness >= (this.regime === 'choppy' ? choppyLeave : choppyEnter)
    if (choppy) return 'choppy'
    if (trend) return 'trending'
    return volatilePercent > 0 && this.volatilityPercent >= volatilePercent ? 'choppy' : 'ranging'
  }

  #confidenceOf(regime: SeenRegime): number {
    const { adxEnter, choppyEnter, volatilePercent } = this.#settings
    const part = (distance: number, scale: number): number => Math.min(1, Math.max(0, distance / scale))
    const trend = part(this.adx - adxEnter, 100 - adxEnter)
    const still = part(adxEnter - this.adx, adxEnter)
    const chop = part(this.choppiness - choppyEnter, 100 - choppyEnter)
    const straight = part(choppyEnter - this.choppiness, choppyEnter)
    const wild = volatilePercent > 0 ? part(this.volatilityPercent - volatilePercent, volatilePercent) : 0
    return 0.5 + 0.5 * (regime === 'trending' ? trend : regime === 'choppy' ? Math.max(chop, wild) : Math.min(still, straight))
  }
}

/** @throws RM_REGIME_CONFIG for the first value that cannot be used */
export function checkRegimeSettings(settings: RegimeSettings): void {
  const { adxEnter, adxLeave, choppyEnter, choppyLeave, volatilePercent, confirmCandles } = settings
  const refuse = (setting: string, value: number, allowed: string): never => fail('RM_REGIME_CONFIG', { setting, value, allowed })
  if (!(adxEnter > 0 && adxEnter < 100)) refuse('adxEnter', adxEnter, 'above 0, below 100')
  if (!(adxLeave >= 0 && adxLeave <= adxEnter)) refuse('adxLeave', adxLeave, `0 to adxEnter, which is ${adxEnter}`)
  if (!(choppyEnter > 0 && choppyEnter < 100)) refuse('choppyEnter', choppyEnter, 'above 0, below 100')
  if (!(choppyLeave >= 0 && choppyLeave <= choppyEnter)) refuse('choppyLeave', choppyLeave, `0 to choppyEnter, which is ${choppyEnter}`)
  if (!(volatilePercent >= 0 && Number.isFinite(volatilePercent))) refuse('volatilePercent', volatilePercent, '0 or more')
  if (!Number.isSafeInteger(confirmCandles) || confirmCandles < 1) refuse('confirmCandles', confirmCandles, 'a whole number of at least 1')
}
