import type { Clock, Nanos } from '../core/index.ts'
import type { MarketFeed } from '../venues/index.ts'

/** A resync that brought no snapshot is asked for again, not before. */
const RETRY_NS = 5e9
const FIRST_REASON = 'delta before a snapshot'

/** Asks the feed for snapshots, one at a time: the next one only after a snapshot, a new connection, or a long silence. */
export class BookResync {
  readonly #clock: Clock
  readonly #feed: Pick<MarketFeed, 'resync'>
  #reason = FIRST_REASON
  #askedNs: Nanos = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, feed: Pick<MarketFeed, 'resync'>) {
    this.#clock = clock
    this.#feed = feed
  }

  ask(reason: string): void {
    const nowNs = this.#clock.nowNs()
    if (nowNs - this.#askedNs < RETRY_NS) return
    this.#askedNs = nowNs
    this.#reason = reason
    this.#feed.resync(reason)
  }

  /** There is still no snapshot: asks as before, if it is time to. */
  askAgain(): void {
    this.ask(this.#reason)
  }

  /** What was asked for has come, or never will: the next question need not wait. */
  settle(): void {
    this.#askedNs = Number.NEGATIVE_INFINITY
  }
}
