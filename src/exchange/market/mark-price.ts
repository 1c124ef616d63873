import type { PriceTicks } from '../../core/index.ts'

const INDEX_TAU_S = 30
const PREMIUM_TAU_S = 10
/** Interest part of a funding rate for eight hours. */
const INTEREST_8H = 0.0001
/** How far the interest part may pull the premium, per eight hours. */
const INTEREST_PULL = 0.0005
/** Largest funding rate of one interval. */
const RATE_MAX = 0.0075
const RATE_SCALE = 1e8

/**
 * Index, mark and funding rate of one symbol, in ticks. The index is a slow average of the mid (the built-in exchange knows
 * no other venue); the mark is the index plus a slow average of the premium, so that a single print does not liquidate anybody.
 *
 * Funding rate of an interval = clamp(P + clamp(I − P, ±0.05 %), ±0.75 %) with P the time-average of the premium since
 * the last boundary and I the interest, both scaled to the interval; the venues' published formula.
 */
export class MarkPrice {
  indexTicks = 0
  #premium = 0
  #premiumSum = 0
  #premiumTime = 0
  #scale!: number
  /** Rate set by the operator; null for that of the market. */
  override: number | null = null

  constructor(fundingIntervalMin: number) {
    this.setInterval(fundingIntervalMin)
  }

  setInterval(fundingIntervalMin: number): void {
    this.#scale = fundingIntervalMin / 480
  }

  /** Mark in whole ticks; 0 before the first mid. */
  get markTicks(): PriceTicks {
    return Math.max(0, Math.round(this.indexTicks + this.#premium))
  }

  /** Begins at a price, or jumps to it (seam of a recording). */
  reset(midTicks: number): void {
    this.indexTicks = midTicks
    this.#premium = 0
  }

  update(midTicks: number, elapsedS: number): void {
    if (this.indexTicks === 0) this.reset(midTicks)
    this.indexTicks += (midTicks - this.indexTicks) * (1 - Math.exp(-elapsedS / INDEX_TAU_S))
    const premium = midTicks - this.indexTicks
    this.#premium += (premium - this.#premium) * (1 - Math.exp(-elapsedS / PREMIUM_TAU_S))
    this.#premiumSum += (premium / this.indexTicks) * elapsedS
    this.#premiumTime += elapsedS
  }

  /** Rate of the running interval as it stands, rounded to 8 digits. */
  get fundingRate(): number {
    if (this.override !== null) return this.override
    const average = this.#premiumTime === 0 ? 0 : this.#premiumSum / this.#premiumTime
    const premium = average * this.#scale
    const pull = INTEREST_PULL * this.#scale
    const rate = clamp(premium + clamp(INTEREST_8H * this.#scale - premium, pull), RATE_MAX)
    return Math.round(rate * RATE_SCALE) / RATE_SCALE
  }

  /** Begins a new funding interval. */
  settled(): void {
    this.#premiumSum = 0
    this.#premiumTime = 0
  }
}

const clamp = (value: number, bound: number): number => Math.max(-bound, Math.min(bound, value))
