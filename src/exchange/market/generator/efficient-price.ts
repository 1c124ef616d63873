import type { Random } from '../../../core/index.ts'
import type { RegimeChain } from './regimes.ts'

const BP = 1e-4

/** The unseen price that the quotes follow: a random walk whose drift, volatility and pull the regime sets. In ticks, fractional. */
export class EfficientPrice {
  ticks: number
  readonly regimes: RegimeChain
  readonly #random: Random
  readonly #floor: number
  #anchor: number

  constructor(ticks: number, regimes: RegimeChain, random: Random) {
    this.ticks = ticks
    this.#anchor = ticks
    this.regimes = regimes
    this.#random = random
    // A market that lost 95 % has no further way down: keeps every price positive over very long runs.
    this.#floor = Math.max(20, ticks * 0.05)
  }

  pass(seconds: number): void {
    if (this.regimes.pass(seconds)) this.#anchor = this.ticks
    const { driftBp, volatilityBp, pull } = this.regimes.traits
    const scale = this.ticks * BP
    this.ticks += this.regimes.direction * driftBp * scale * seconds
    this.ticks += (this.#anchor - this.ticks) * pull * seconds
    this.ticks += volatilityBp * scale * Math.sqrt(seconds) * this.#random.normal()
    if (this.ticks < this.#floor) this.ticks = this.#floor
  }

  /** Moves the price and what it is pulled back to: the move stays. */
  shift(ticks: number): void {
    this.ticks += ticks
    this.#anchor += ticks
  }

  /** An aggressive order moved the price. */
  push(ticks: number): void {
    this.ticks += ticks
  }
}
