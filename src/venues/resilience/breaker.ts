import type { Nanos } from '../../core/index.ts'
import type { ResilienceSettings } from './settings.ts'

export type BreakerState = 'closed' | 'open' | 'half-open'

/** What a call said about the venue: that it works, that it (or the way to it) does not, or nothing. */
export const GOOD = 1
export const BAD = -1
export const NOTHING_SAID = 0
export type Verdict = typeof GOOD | typeof BAD | typeof NOTHING_SAID

/** No pass: the call must not leave. */
export const NO_PASS = -1

export interface BreakerStatus {
  readonly state: BreakerState
  /** In a row, of the kind of call that has more. */
  readonly failures: number
  /** Times that it opened since it was made. */
  readonly openings: number
  /** Until a probe may leave; 0 when it is not open. */
  readonly opensInMs: number
}

export type BreakerTerms = Pick<ResilienceSettings, 'threshold' | 'cooldownMs' | 'cooldownMsMax'>

/**
 * Circuit breaker of one endpoint group. Closed, it counts failures in a row; at `threshold` it opens and lets nothing
 * through until its cool-down is over; then one call at a time probes: a good one closes it, a bad one opens it for twice
 * as long. It is told the time and never reads one, keeps no timer, and makes nothing per call.
 *
 * A call gets a pass and gives it back with a verdict, exactly once. Passes carry the number of the state in which they
 * were given: a verdict on an earlier state (a timeout that was on its way when the breaker opened) changes nothing.
 *
 * Calls that may always leave take a `freePass`. Their failures open the breaker as well, counted for themselves: cancels
 * that work must not hide that entries do not, and the reverse. They never close it.
 */
export class CircuitBreaker {
  readonly #terms: BreakerTerms
  readonly #changed: (state: BreakerState) => void
  #state: BreakerState = 'closed'
  /** Twice the number of the state; the last bit of a pass says whether it is a free one. */
  #number = 0
  #failures = 0
  #freeFailures = 0
  /** Openings since it was last closed. */
  #inARow = 0
  #openings = 0
  #untilNs: Nanos = 0
  #probing = false

  /** @param changed hears of every step */
  constructor(terms: BreakerTerms, changed: (state: BreakerState) => void) {
    this.#terms = terms
    this.#changed = changed
  }

  /** A pass for a call that must be settled, or `NO_PASS`. */
  admit(nowNs: Nanos): number {
    if (this.#state === 'closed') return this.#number
    if (this.#state === 'open') {
      if (nowNs < this.#untilNs) return NO_PASS
      this.#enter('half-open')
    }
    if (this.#probing) return NO_PASS
    this.#probing = true
    return this.#number
  }

  /** Whether `admit` would refuse; takes nothing. */
  blocks(nowNs: Nanos): boolean {
    return this.#state === 'open' ? nowNs < this.#untilNs : this.#state === 'half-open' && this.#probing
  }

  get closed(): boolean {
    return this.#state === 'closed'
  }

  /** A pass for a call that nothing holds back; to be settled as well. */
  freePass(): number {
    return this.#number | 1
  }

  /** Whether the state in which the pass was given still lasts. */
  current(pass: number): boolean {
    return (pass & ~1) === this.#number
  }

  settle(pass: number, verdict: Verdict, nowNs: Nanos): void {
    if (!this.current(pass)) return
    const free = (pass & 1) === 1
    if (this.#state === 'closed') this.#tally(free, verdict, nowNs)
    else if (this.#state === 'half-open' && !free) this.#probed(verdict, nowNs)
  }

  /** Closes it by hand. @returns false when it was closed */
  reset(): boolean {
    if (this.#state === 'closed' && this.#failures === 0 && this.#freeFailures === 0) return false
    const was = this.#state
    this.#close()
    return was !== 'closed'
  }

  status(nowNs: Nanos): BreakerStatus {
    const open = this.#state === 'open'
    return { state: this.#state, failures: Math.max(this.#failures, this.#freeFailures), openings: this.#openings, opensInMs: open ? Math.max(0, (this.#untilNs - nowNs) / 1e6) : 0 }
  }

  #tally(free: boolean, verdict: Verdict, nowNs: Nanos): void {
    if (verdict === NOTHING_SAID) return
    const failures = verdict === GOOD ? 0 : (free ? this.#freeFailures : this.#failures) + 1
    if (free) this.#freeFailures = failures
    else this.#failures = failures
    if (failures >= this.#terms.threshold) this.#open(nowNs)
  }

  #probed(verdict: Verdict, nowNs: Nanos): void {
    this.#probing = false
    if (verdict === GOOD) this.#close()
    else if (verdict === BAD) this.#open(nowNs)
  }

  #open(nowNs: Nanos): void {
    const { cooldownMs, cooldownMsMax } = this.#terms
    this.#untilNs = nowNs + Math.min(cooldownMsMax, cooldownMs * 2 ** Math.min(this.#inARow, 30)) * 1e6
    this.#inARow++
    this.#openings++
    this.#enter('open')
  }

  #close(): void {
    this.#failures = this.#freeFailures = this.#inARow = 0
    this.#enter('closed')
  }

  #enter(state: BreakerState): void {
    const was = this.#state
    this.#state = state
    this.#number += 2
    this.#probing = false
    if (was !== state) this.#changed(state)
  }
}
