import type { Nanos } from '../core/index.ts'
import { errorLabel, onRunClock } from '../core/index.ts'
import type { MarketReference } from '../venues/index.ts'
import type { MarketContext } from './market-context.ts'
import type { SharedClock } from './shared-clock.ts'

/** A measurement of this age is made anew, ns. */
const PERIOD_NS = 60e9
/** One that frames contradict is made anew at this age, ns: a feed that is late in truth must not have it asked for all the time. */
const DOUBTED_NS = 5e9
/** A frame that seems to have taken longer than this, or to come from the venue's future by as much, contradicts the estimate, ms. */
const DOUBT_MS = 500

/**
 * The venue's clock as one actor sees it (MD-14). It is measured over REST by one actor for all: its questions cannot wait
 * in a line, because their round trip is what is measured, so there must be few of them.
 */
export class VenueClock {
  readonly #context: Pick<MarketContext, 'clock' | 'log' | 'count'>
  readonly #reference: Pick<MarketReference, 'clock'>
  readonly #shared: SharedClock
  readonly #onMeasured: (baseMs: number, offsetMs: number, roundTripMs: number) => void
  #seenNs: Nanos = Number.NEGATIVE_INFINITY
  #measuring = false
  #stopped = false

  /** @param onMeasured hears of each measurement: venue clock minus the run clock and minus our wall clock, and the round trip it was measured over, ms */
  constructor(context: Pick<MarketContext, 'clock' | 'log' | 'count'>, reference: Pick<MarketReference, 'clock'>, shared: SharedClock, onMeasured: (baseMs: number, offsetMs: number, roundTripMs: number) => void) {
    this.#context = context
    this.#reference = reference
    this.#shared = shared
    this.#onMeasured = onMeasured
  }

  /**
   * Takes over what anybody has measured; measures when that is missing or old, and nobody else does. Cheap.
   * @param lagMs how long the last frame took by the estimate in use, ms; NaN where there is none. The venue's clock may step, too:
   *   until that is noticed everything is too old, or old things are young.
   */
  look(lagMs = Number.NaN): void {
    const nowNs = this.#context.clock.nowNs()
    const last = this.#shared.read()
    if (last !== null && last.measuredNs !== this.#seenNs) {
      this.#seenNs = last.measuredNs
      this.#onMeasured(last.baseMs, last.offsetMs, last.roundTripMs)
    }
    const goodNs = Math.abs(lagMs) > DOUBT_MS ? DOUBTED_NS : PERIOD_NS
    if ((last === null || nowNs - last.measuredNs >= goodNs) && this.#shared.claim(nowNs)) this.#measure()
  }

  /** An answer that is still to come is not heard any more: another actor measures. */
  stop(): void {
    this.#stopped = true
    if (this.#measuring) this.#shared.fail(this.#context.clock.nowNs())
  }

  #measure(): void {
    this.#measuring = true
    this.#reference.clock((error, offsetMs, roundTripMs) => {
      this.#measuring = false
      if (this.#stopped) return
      const nowNs = this.#context.clock.nowNs()
      if (error !== null && error !== undefined) {
        this.#context.count('ingest_clock_failures', errorLabel(error))
        return this.#shared.fail(nowNs)
      }
      this.#context.log('debug', 'venue clock', { offsetMs, roundTripMs })
      // From here on ages go by the run clock: the wall clock may step at any time.
      this.#shared.publish(offsetMs, onRunClock(offsetMs, this.#context.clock), roundTripMs, nowNs)
      this.look()
    })
  }
}
