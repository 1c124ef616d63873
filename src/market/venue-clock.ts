import type { Nanos } from '../core/index.ts'
import { errorLabel, onRunClock } from '../core/index.ts'
import type { MarketReference } from '../venues/index.ts'
import type { MarketContext } from './market-context.ts'
import type { SharedClock } from './shared-clock.ts'

/** A measurement of this age is made anew, ns. */
const PERIOD_NS = 60e9

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

  /** Takes over what anybody has measured; measures when that is missing or old, and nobody else does. Cheap. */
  look(): void {
    const nowNs = this.#context.clock.nowNs()
    const last = this.#shared.read()
    if (last !== null && last.measuredNs !== this.#seenNs) {
      this.#seenNs = last.measuredNs
      this.#onMeasured(last.baseMs, last.offsetMs, last.roundTripMs)
    }
    if ((last === null || nowNs - last.measuredNs >= PERIOD_NS) && this.#shared.claim(nowNs)) this.#measure()
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
