import type { Clock } from '../core/index.ts'

/**
 * Nanoseconds since 1970 as 19 digits: the wall clock where it was last looked at, and the monotonic clock since. They never go
 * back; when the wall clock was set, stamps follow at the next `anchor` and stand still until it has caught up.
 */
export class RecordingStamp {
  readonly #clock: Clock
  #anchorMs = 0
  #anchorNs = 0
  #last = ''

  constructor(clock: Clock) {
    this.#clock = clock
    this.anchor()
  }

  /** Looks at the wall clock anew. */
  anchor(): void {
    this.#anchorMs = Math.floor(this.#clock.wallMs())
    this.#anchorNs = this.#clock.nowNs()
  }

  now(): string {
    const sinceNs = this.#clock.nowNs() - this.#anchorNs
    const ms = Math.floor(sinceNs / 1e6)
    const text = `${this.#anchorMs + ms}${String(Math.floor(sinceNs - ms * 1e6)).padStart(6, '0')}`
    // Of the same length: the order of the texts is the order of the numbers.
    if (text > this.#last) this.#last = text
    return this.#last
  }
}
