import type { Clock, Nanos, Timer, Timers } from '../core/index.ts'

interface Waiting {
  readonly deadlineNs: Nanos
  readonly cost: number
  readonly go: (granted: boolean) => void
}

/**
 * Sliding window over one endpoint group: never more than `limit` sends in any `windowMs`, which a token bucket
 * that refills while it is full does not promise. Callers wait in line until their deadline.
 */
export class RateWindow {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #windowNs: number
  readonly #configured: number
  #limit: number
  /** Times of the last sends, a circle of `#configured` entries; the oldest of the last `#limit` decides. */
  readonly #sent: Float64Array
  #next = 0
  #blockedUntilNs: Nanos = 0
  readonly #line: Waiting[] = []
  #timer: Timer | null = null

  constructor(clock: Clock, timers: Timers, limit: number, windowMs: number) {
    this.#clock = clock
    this.#timers = timers
    this.#limit = this.#configured = limit
    this.#windowNs = windowMs * 1e6
    this.#sent = new Float64Array(limit).fill(Number.NEGATIVE_INFINITY)
  }

  /** Requests that wait for their turn. */
  get waiting(): number {
    return this.#line.length
  }

  /**
   * Runs `go(true)` when the request may leave (perhaps at once), `go(false)` when that is not before `deadlineNs`.
   * @param cost places that it takes: the orders of a batch. More than the limit counts as the whole window.
   */
  acquire(deadlineNs: Nanos, go: (granted: boolean) => void, cost = 1): void {
    const now = this.#clock.nowNs()
    if (this.#line.length === 0 && this.#freeAtNs(cost) <= now) {
      this.#take(now, cost)
      go(true)
      return
    }
    this.#line.push({ deadlineNs, cost, go })
    this.#plan()
  }

  /** The venue's own word about the size of the window: a smaller one holds, a larger one is not used. */
  resize(limit: number): void {
    if (Number.isInteger(limit) && limit >= 1) this.#limit = Math.min(limit, this.#configured)
  }

  /** Nothing leaves before this time. */
  blockUntil(untilNs: Nanos): void {
    if (untilNs > this.#blockedUntilNs) this.#blockedUntilNs = untilNs
  }

  #freeAtNs(cost: number): Nanos {
    const places = Math.min(cost, this.#limit)
    const oldest = this.#sent[(this.#next + this.#configured - this.#limit + places - 1) % this.#configured]!
    return Math.max(oldest + this.#windowNs, this.#blockedUntilNs)
  }

  #take(now: Nanos, cost: number): void {
    for (let i = Math.min(cost, this.#limit); i > 0; i--) {
      this.#sent[this.#next] = now
      this.#next = (this.#next + 1) % this.#configured
    }
  }

  #plan(): void {
    this.#timer?.cancel()
    this.#timer = null
    if (this.#line.length === 0) return
    let wakeNs = this.#freeAtNs(this.#line[0]!.cost)
    for (const waiting of this.#line) if (waiting.deadlineNs < wakeNs) wakeNs = waiting.deadlineNs
    // One microsecond more, so that rounding of timers cannot wake it just before the time.
    this.#timer = this.#timers.after(Math.max(0, (wakeNs - this.#clock.nowNs()) / 1e6) + 0.001, () => this.#serve())
  }

  #serve(): void {
    const now = this.#clock.nowNs()
    const answers: { readonly go: (granted: boolean) => void; readonly granted: boolean }[] = []
    // Nobody overtakes: a batch that waits for many places would else wait for ever.
    let open = true
    for (let i = 0; i < this.#line.length; ) {
      const waiting = this.#line[i]!
      const free = open && this.#freeAtNs(waiting.cost) <= now
      if (waiting.deadlineNs > now && !free) {
        open = false
        i++
        continue
      }
      this.#line.splice(i, 1)
      const granted = waiting.deadlineNs > now
      if (granted) this.#take(now, waiting.cost)
      answers.push({ go: waiting.go, granted })
    }
    this.#plan()
    for (const answer of answers) answer.go(answer.granted)
  }
}
