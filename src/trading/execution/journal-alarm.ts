import { errorLine, type Nanos } from '../../core/index.ts'
import type { ActorContext } from '../../runtime/index.ts'

/** First and longest pause between two lines about the same trouble, ns. */
const PAUSE_MIN_NS = 1e9
const PAUSE_MAX_NS = 60e9

/**
 * Tells that the journal cannot be written: at once, then with pauses that double up to a minute, each line with the number of
 * failures since the first; and that it can be again. It is tried many times a second, and a log of nothing else helps nobody.
 */
export class JournalAlarm {
  readonly #context: Pick<ActorContext, 'clock' | 'count' | 'log'>
  #failures = 0
  /** Whether a line said that it fails, and none yet that it is over. */
  #told = false
  #sinceNs: Nanos = 0
  #nextNs: Nanos = Number.NEGATIVE_INFINITY
  #pauseNs = PAUSE_MIN_NS

  constructor(context: Pick<ActorContext, 'clock' | 'count' | 'log'>) {
    this.#context = context
  }

  failed(error: unknown): void {
    const now = this.#context.clock.nowNs()
    this.#context.count('journal_failures')
    if (this.#failures++ === 0) this.#sinceNs = now
    if (now < this.#nextNs) return
    // Well for longer than it would have been silent: this is another trouble.
    if (now >= this.#nextNs + this.#pauseNs) this.#pauseNs = PAUSE_MIN_NS
    this.#told = true
    this.#context.log('error', 'the journal cannot be written: nothing that increases exposure is sent', { error: errorLine(error), ...this.#extent(now) })
    this.#nextNs = now + this.#pauseNs
    this.#pauseNs = Math.min(PAUSE_MAX_NS, 2 * this.#pauseNs)
  }

  /** Looks whether it is over: told where the trouble was. One that comes back soon is told by the pauses of the first. */
  look(healthy: boolean): void {
    if (!healthy || this.#failures === 0) return
    if (this.#told) this.#context.log('warn', 'the journal can be written again', this.#extent(this.#context.clock.nowNs()))
    this.#failures = 0
    this.#told = false
  }

  #extent(now: Nanos): { readonly failures: number; readonly forMs: number } {
    return { failures: this.#failures, forMs: Math.round((now - this.#sinceNs) / 1e6) }
  }
}
