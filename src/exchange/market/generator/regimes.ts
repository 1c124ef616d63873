import type { Random } from '../../../core/index.ts'

export const REGIMES = ['trending', 'ranging', 'choppy'] as const
export type Regime = (typeof REGIMES)[number]

/** How the market behaves in a regime. 1 bp = 0.01 % of the price. */
export interface RegimeTraits {
  /** Mean time in the regime, s. */
  readonly dwellS: number
  /** Speed of the efficient price in the direction of the trend, bp per second. */
  readonly driftBp: number
  /** Volatility of the efficient price, bp per square root of a second. */
  readonly volatilityBp: number
  /** Pull back to the price at which the regime began, share per second. */
  readonly pull: number
  /** Probability that an aggressive order goes the same way as the last one, beyond chance: 0 to 1. */
  readonly persistence: number
  /** Extra probability of aggressive orders with the trend, 0 to 0.5. */
  readonly bias: number
  /** Mean spread beyond one tick, ticks. */
  readonly extraSpread: number
}

/**
 * Defaults: a quiet, a directed and a nervous market. Volatilities are of the size of a liquid perpetual
 * (0.3 bp/√s is about 17 % a year, 0.9 bp/√s about 50 %).
 */
export const defaultRegimes: Readonly<Record<Regime, RegimeTraits>> = {
  trending: { dwellS: 90, driftBp: 0.12, volatilityBp: 0.35, pull: 0, persistence: 0.45, bias: 0.18, extraSpread: 0.3 },
  ranging: { dwellS: 150, driftBp: 0, volatilityBp: 0.28, pull: 0.02, persistence: 0.25, bias: 0, extraSpread: 0.15 },
  choppy: { dwellS: 60, driftBp: 0, volatilityBp: 0.8, pull: 0.05, persistence: 0.1, bias: 0, extraSpread: 1.1 },
}

/** Markov switching between the regimes: exponential stays, the next one drawn evenly from the others. */
export class RegimeChain {
  regime: Regime = 'ranging'
  /** +1 or −1, meaningful in a trend. */
  direction: 1 | -1 = 1
  #leftS: number
  readonly #traits: Readonly<Record<Regime, RegimeTraits>>
  readonly #random: Random

  constructor(traits: Readonly<Record<Regime, RegimeTraits>>, random: Random) {
    this.#traits = traits
    this.#random = random
    this.#leftS = random.exponential(traits.ranging.dwellS)
  }

  get traits(): RegimeTraits {
    return this.#traits[this.regime]
  }

  /** Lets time pass. @returns whether the regime changed. */
  pass(seconds: number): boolean {
    this.#leftS -= seconds
    if (this.#leftS > 0) return false
    const others = REGIMES.filter((regime) => regime !== this.regime)
    this.regime = others[this.#random.below(others.length)]
    this.direction = this.#random.chance(0.5) ? 1 : -1
    this.#leftS = this.#random.exponential(this.#traits[this.regime].dwellS)
    return true
  }
}
