import type { Nanos } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import type { VenueErrorClass } from '../trading-port.ts'
import type { ResilienceSettings } from './settings.ts'
import { ENTRY, type Urgency } from './urgency.ts'

/** What of an answer tells whether to ask again. */
export type Repeatable =
  | { readonly kind: 'ok' | 'unknown' }
  /** `later`: what kept it may pass in a moment. */
  | { readonly kind: 'unsent'; readonly later?: boolean }
  | { readonly kind: 'refused'; readonly errorClass: VenueErrorClass }

/**
 * Repeats what is certain not to have been taken: what never left, and what was refused for the clock or for a limit. An
 * outcome that is unknown is never repeated here; it goes to evidence. Pauses grow and are jittered; no attempt begins
 * after its time. The request is the same each time, its client id included.
 */
export class Retrier {
  readonly #services: VenueServices
  readonly #settings: ResilienceSettings
  /** Measures the venue's clock anew; set by whoever can. */
  resyncClock: (done: () => void) => void = (done) => done()

  constructor(services: VenueServices, settings: ResilienceSettings) {
    this.#services = services
    this.#settings = settings
  }

  /**
   * @param persistent as often as its time allows, for commands that take risk away; else at most `retryMax` times
   * @param leaveByNs no attempt begins later
   * @param attempt one attempt; must answer exactly once
   */
  run<A extends Repeatable>(urgency: Urgency, persistent: boolean, leaveByNs: Nanos, attempt: (answered: (answer: A) => void) => void, done: (answer: A) => void): void {
    const { clock, timers, count } = this.#services
    let repeats = 0
    let refusal: A | null = null
    // What the venue said last is told, not that a repeat of it found no place.
    const end = (answer: A): void => done(answer.kind === 'unsent' && refusal !== null ? refusal : answer)
    const answered = (answer: A): void => {
      if (answer.kind === 'refused') refusal = answer
      const clockIsWrong = answer.kind === 'refused' && answer.errorClass === 'clock'
      if (!this.#safe(urgency, answer) || (!persistent && repeats >= this.#settings.retryMax)) {
        // Those that come next want the right time.
        if (clockIsWrong) this.resyncClock(() => {})
        return end(answer)
      }
      const pauseMs = this.#pauseMs(repeats)
      const again = (): void => {
        if (clock.nowNs() + pauseMs * 1e6 >= leaveByNs) return end(answer)
        repeats++
        count('venue_repeats', answer.kind === 'refused' ? answer.errorClass : answer.kind)
        timers.after(pauseMs, () => {
          // The process may have stood still meanwhile.
          if (clock.nowNs() >= leaveByNs) end(answer)
          else attempt(answered)
        })
      }
      if (clockIsWrong) this.#resyncWithin(leaveByNs, (inTime) => (inTime ? again() : end(answer)))
      else again()
    }
    attempt(answered)
  }

  #safe(urgency: Urgency, answer: Repeatable): boolean {
    if (answer.kind === 'unsent') return answer.later === true
    if (answer.kind !== 'refused') return false
    // "Busy" is refused as well, but of an entry that is worth a decision of its own.
    return answer.errorClass === 'clock' || answer.errorClass === 'rate-limited' || (answer.errorClass === 'retryable' && urgency !== ENTRY)
  }

  #pauseMs(repeats: number): number {
    const { retryMs, retryMsMax } = this.#settings
    return Math.min(retryMsMax, retryMs * 2 ** Math.min(repeats, 20)) * (0.5 + 0.5 * this.#services.random.next())
  }

  /** `then` runs exactly once: when the clock was measured, or with false at the deadline. */
  #resyncWithin(deadlineNs: Nanos, then: (inTime: boolean) => void): void {
    const { clock, timers } = this.#services
    let over = false
    const end = (inTime: boolean): void => {
      if (over) return
      over = true
      timer.cancel()
      then(inTime)
    }
    const timer = timers.after(Math.max(0, (deadlineNs - clock.nowNs()) / 1e6), () => end(false))
    this.resyncClock(() => end(true))
  }
}
