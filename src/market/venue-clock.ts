import { errorLabel } from '../core/index.ts'
import type { MarketReference } from '../venues/index.ts'
import type { MarketContext } from './market-context.ts'

/** The venue's clock, asked for over REST, one question at a time. */
export class VenueClock {
  readonly #context: Pick<MarketContext, 'log' | 'count'>
  readonly #reference: Pick<MarketReference, 'clock'>
  readonly #onOffset: (offsetMs: number, roundTripMs: number) => void
  #asking = false
  #stopped = false

  /** @param onOffset hears of each answer: venue clock minus ours, and the round trip it was measured over, ms */
  constructor(context: Pick<MarketContext, 'log' | 'count'>, reference: Pick<MarketReference, 'clock'>, onOffset: (offsetMs: number, roundTripMs: number) => void) {
    this.#context = context
    this.#reference = reference
    this.#onOffset = onOffset
  }

  /** Asks, unless a question is still open. A failure is counted, and what was known stays. */
  ask(): void {
    if (this.#asking) return
    this.#asking = true
    this.#reference.clock((error, offsetMs, roundTripMs) => {
      this.#asking = false
      if (this.#stopped) return
      if (error !== null && error !== undefined) {
        this.#context.count('ingest_clock_failures', errorLabel(error))
        return
      }
      this.#context.log('debug', 'venue clock', { offsetMs, roundTripMs })
      this.#onOffset(offsetMs, roundTripMs)
    })
  }

  /** An answer that is still to come is not heard any more. */
  stop(): void {
    this.#stopped = true
  }
}
