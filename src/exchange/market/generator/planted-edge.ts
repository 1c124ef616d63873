import { BUY, SELL, type Random, type Side } from '../../../core/index.ts'

/** How long each part of an event is, s, and what it moves the price by, bp. */
const SIGN_S = 3
const PAUSE_S = 5
const MOVE_S = 1
const MOVE_BP = 10
/** Quotes during the sign: tight means that the price will go the way of the burst, wide that it will go against it. */
const TIGHT_TICKS = 1
const WIDE_TICKS = 6
/** Aggressive orders of a sign, a second. */
const BURST_RATE = 6
const BP = 1e-4

/** What the generator is asked to do in a step. */
export interface EdgeStep {
  /** Ticks that the efficient price is moved by. */
  readonly push: number
  /** Spread that the quotes have, or null for their own. */
  readonly spreadTicks: number | null
  /** Side of an aggressive order to add, or null. */
  readonly aggress: Side | null
}

/**
 * Something in a generated market that can be learned, for tests and demonstrations of training: now and then a burst of aggressive
 * orders on one side comes with quotes that are either tight or wide, and after a pause the price goes the way of the burst or against
 * it, all at once: a linear model sees nothing in either sign alone, and nothing in the move once it is there.
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
    this.#meanWaitS = Math.max(1, 3600 / perHour - SIGN_S - PAUSE_S - MOVE_S)
    this.#clockS = random.exponential(this.#meanWaitS)
  }

  /** Lets time pass. @param priceTicks the efficient price */
  step(seconds: number, priceTicks: number): EdgeStep {
    const random = this.#random
    if (!this.#running) {
      this.#clockS -= seconds
      if (this.#clockS > 0) return { push: 0, spreadTicks: null, aggress: null }
      this.#running = true
      this.#clockS = 0
      this.#side = random.chance(0.5) ? BUY : SELL
      this.#wide = random.chance(0.5)
    }
    const before = this.#clockS
    this.#clockS += seconds
    const moveFrom = SIGN_S + PAUSE_S
    const moved = Math.min(this.#clockS, moveFrom + MOVE_S) - Math.max(before, moveFrom)
    const direction = (this.#side === BUY ? 1 : -1) * (this.#wide ? -1 : 1)
    const push = moved > 0 ? (direction * MOVE_BP * BP * priceTicks * moved) / MOVE_S : 0
    const signing = before < SIGN_S
    const aggress = signing && random.chance(Math.min(1, BURST_RATE * seconds)) ? this.#side : null
    if (this.#clockS >= moveFrom + MOVE_S) {
      this.#running = false
      this.#clockS = random.exponential(this.#meanWaitS)
    }
    return { push, spreadTicks: before < moveFrom ? (this.#wide ? WIDE_TICKS : TIGHT_TICKS) : null, aggress }
  }
}
