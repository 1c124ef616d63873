import { BUY, SELL, type Random, type Side } from '../../../core/index.ts'

/** How long the sign of an event and its move are, s, and what it moves the price by, bp. */
const SIGN_S = 6
const MOVE_S = 1
const MOVE_BP = 20
/** Quotes of an event: tight means that the price will go the way that the book leans, wide that it will go against it. */
const TIGHT_TICKS = 1
const WIDE_TICKS = 6
/** Share of events that are tight: what is above a half can be seen by a linear model. */
const TIGHT_SHARE = 0.65
const BP = 1e-4

/** What the generator is asked to do in a step. */
export interface EdgeStep {
  /** Ticks that the efficient price is moved by. */
  readonly push: number
  /** Spread that the quotes have, or null for their own. */
  readonly spreadTicks: number | null
  /** Side of the book that is thick near the touch while the other is thin, or null. */
  readonly lean: Side | null
}

const NOTHING: EdgeStep = { push: 0, spreadTicks: null, lean: null }

/**
 * Something in a generated market that can be learned, for tests and demonstrations of training: now and then the book leans to one
 * side while quotes are either tight or wide, and after some seconds the price goes the way of the thick side or against it, all at
 * once. Each sign alone tells little (the lean, that most events go with it) or nothing (the spread); both together tell the way.
 */
export class PlantedEdge {
  readonly #meanWaitS: number
  readonly #random: Random
  /** Seconds to the next event while waiting, else since its begin. */
  #clockS: number
  #running = false
  #side: Side = BUY
  #wide = false

  /** @param perHour mean events an hour, above 0 */
  constructor(perHour: number, random: Random) {
    this.#random = random
    this.#meanWaitS = Math.max(1, 3600 / perHour - SIGN_S - MOVE_S)
    this.#clockS = random.exponential(this.#meanWaitS)
  }

  /** Lets time pass. @param priceTicks the efficient price */
  step(seconds: number, priceTicks: number): EdgeStep {
    const random = this.#random
    if (!this.#running) {
      this.#clockS -= seconds
      if (this.#clockS > 0) return NOTHING
      this.#running = true
      this.#clockS = 0
      this.#side = random.chance(0.5) ? BUY : SELL
      this.#wide = !random.chance(TIGHT_SHARE)
    }
    const before = this.#clockS
    this.#clockS += seconds
    const moved = Math.min(this.#clockS, SIGN_S + MOVE_S) - Math.max(before, SIGN_S)
    const direction = (this.#side === BUY ? 1 : -1) * (this.#wide ? -1 : 1)
    const push = moved > 0 ? (direction * MOVE_BP * BP * priceTicks * moved) / MOVE_S : 0
    if (this.#clockS >= SIGN_S + MOVE_S) {
      this.#running = false
      this.#clockS = random.exponential(this.#meanWaitS)
    }
    return before < SIGN_S ? { push, spreadTicks: this.#wide ? WIDE_TICKS : TIGHT_TICKS, lean: this.#side } : { push, spreadTicks: null, lean: null }
  }
}
