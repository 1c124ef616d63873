import { errorLabel } from '../core/index.ts'
import type { MarketReference } from '../venues/index.ts'
import type { MarketContext } from './market-context.ts'
import type { SharedClock } from './shared-clock.ts'

/** A measurement of another symbol that is younger than this serves as well. */
const YOUNG_NS = 30e9

/** The venue's clock, asked for over REST; one symbol asks, all hear of the answer. */
export class VenueClock {
  readonly #context: Pick<MarketContext, 'log' | 'count' | 'clock'>
  readonly #reference: Pick<MarketReference, 'clock'>
  readonly #shared: SharedClock
  readonly #onOffset: (offsetMs: number, roundTripMs: number) => void
  #seen = 0
  #wanted = false
  #stopped = false

  /** @param onOffset hears of each answer: venue clock minus ours, and the round trip it was measured over, ms */
  constructor(context: Pick<MarketContext, 'log' | 'count' | 'clock'>, reference: Pick<MarketReference, 'clock'>, shared: SharedClock, onOffset: (offsetMs: number, roundTripMs: number) => void) {
    this.#context = context
    this.#reference = reference
    this.#shared = shared
    this.#onOffset = onOffset
  }

  /** Wants a measurement that is not old: takes another's, or asks when nobody does. */
  ask(): void {
    this.#wanted = true
    this.look()
  }

  /** Takes a new measurement of whoever made it, and makes one when it is wanted and nobody is at it. */
  look(): void {
    const { version } = this.#shared
    const nowNs = this.#context.clock.nowNs()
    if (version !== this.#seen && version % 2 === 0) {
      const { offsetMs, roundTripMs } = this.#shared
      // Read while another was being written: the next look has it.
      if (this.#shared.version !== version) return
      this.#seen = version
      this.#onOffset(offsetMs, roundTripMs)
    }
    if (!this.#wanted) return
    if (this.#shared.ageNs(nowNs) < YOUNG_NS) this.#wanted = false
    else if (this.#shared.claim(nowNs)) this.#measure()
  }

  /** An answer that is still to come is not heard any more; others may ask. */
  stop(): void {
    this.#stopped = true
  }

  #measure(): void {
    this.#wanted = false
    this.#reference.clock((error, offsetMs, roundTripMs) => {
      if (error !== null && error !== undefined) {
        // What was known stays, and whoever wants to know asks anew.
        this.#shared.release()
        this.#context.count('ingest_clock_failures', errorLabel(error))
        return
      }
      this.#context.log('debug', 'venue clock', { offsetMs, roundTripMs })
      this.#shared.publish(offsetMs, roundTripMs, this.#context.clock.nowNs())
      if (!this.#stopped) this.look()
    })
  }
}
