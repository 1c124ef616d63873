import type { Lots, PriceTicks, WallMs } from '../core/index.ts'
import { SlidingMoments } from './sliding-moments.ts'
import { TimeBuckets } from './time-buckets.ts'

const WINDOW_MS = 10_000
const BUCKET_MS = 100
const RECORDS = 100

const UPDATES = 0
const QUOTES = 1
const IMBALANCE = 2

/** What the best bid and ask do: order-flow imbalance, how often they change, how much mid and spread move. */
export class QuoteFlow {
  // As of the last `measure`.
  updatesPerSecond = Number.NaN
  /** Changes of price or size at the best bid or ask, per second. */
  quotesPerSecond = Number.NaN
  /** Population deviation of the log returns of the mid between the last hundred book records. */
  midDeviation = Number.NaN
  /** Population deviation of the spread over the last hundred book records, ticks. */
  spreadDeviationTicks = Number.NaN
  readonly #flow = new TimeBuckets(WINDOW_MS, BUCKET_MS, 3)
  readonly #returns = new SlidingMoments(RECORDS)
  readonly #spreads = new SlidingMoments(RECORDS)
  #bidTicks: PriceTicks = Number.NaN
  #bidLots: Lots = 0
  #askTicks: PriceTicks = 0
  #askLots: Lots = 0

  /** Returns of the mid that were seen since the last gap, at most a hundred. */
  get returns(): number {
    return this.#returns.count
  }

  /** Time since the first record after a gap, ms. */
  get ageMs(): number {
    return this.#flow.ageMs
  }

  /** Σ e_n of Cont, Kukanov and Stoikov (2014), eq. 2, over ten seconds, lots. */
  get imbalanceLots(): Lots {
    return this.#flow.sum(IMBALANCE)
  }

  /** Sets what follows. */
  measure(): void {
    this.#returns.measure()
    this.#spreads.measure()
    this.midDeviation = this.#returns.deviation
    this.spreadDeviationTicks = this.#spreads.deviation
    this.updatesPerSecond = this.#flow.sum(UPDATES) / this.#flow.seconds
    this.quotesPerSecond = this.#flow.sum(QUOTES) / this.#flow.seconds
  }

  /** A book record with both sides. */
  record(bidTicks: PriceTicks, bidLots: Lots, askTicks: PriceTicks, askLots: Lots, timeMs: WallMs): void {
    const flow = this.#flow
    flow.advance(timeMs)
    flow.add(UPDATES, 1)
    this.#spreads.push(askTicks - bidTicks)
    if (!Number.isNaN(this.#bidTicks)) {
      this.#returns.next = Math.log((askTicks + bidTicks) / (this.#askTicks + this.#bidTicks))
      this.#returns.take()
      const changed = bidTicks !== this.#bidTicks || bidLots !== this.#bidLots || askTicks !== this.#askTicks || askLots !== this.#askLots
      if (changed) {
        flow.add(QUOTES, 1)
        let event = 0
        if (bidTicks >= this.#bidTicks) event += bidLots
        if (bidTicks <= this.#bidTicks) event -= this.#bidLots
        if (askTicks <= this.#askTicks) event -= askLots
        if (askTicks >= this.#askTicks) event += this.#askLots
        flow.add(IMBALANCE, event)
      }
    }
    this.#bidTicks = bidTicks
    this.#bidLots = bidLots
    this.#askTicks = askTicks
    this.#askLots = askLots
  }

  reset(): void {
    this.#flow.reset()
    this.#returns.reset()
    this.#spreads.reset()
    this.#bidTicks = Number.NaN
  }
}
