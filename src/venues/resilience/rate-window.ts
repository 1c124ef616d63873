import type { Clock, Nanos, Timer, Timers } from '../../core/index.ts'
import { REDUCE, type Urgency } from './urgency.ts'

interface Waiting {
  readonly urgency: Urgency
  readonly deadlineNs: Nanos
  readonly cost: number
  readonly go: (granted: boolean) => void
}

/** Callers that wait at most: one more sends the least urgent of them away. No window serves so many within a deadline. */
export const LINE_MAX = 1024

/**
 * The bucket of one endpoint group, as a sliding window: never more than `limit` sends in any `windowMs`, which a token
 * bucket that refills while it is full does not promise. A share of it is kept for what takes risk away; nothing else
 * can use that up. Callers wait in line until their deadline, the more urgent first.
 */
export class RateWindow {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #windowNs: number
  readonly #configured: number
  readonly #reserveShare: number
  #limit: number
  /** What callers that take no risk away may use of it. */
  #common: number
  /** Times of the last sends, a circle of `#configured` entries; the oldest of the last `#limit` decides. */
  readonly #sent: Float64Array
  #next = 0
  #blockedUntilNs: Nanos = 0
  readonly #line: Waiting[] = []
  #timer: Timer | null = null

  constructor(clock: Clock, timers: Timers, limit: number, windowMs: number, reserveShare = 0) {
    this.#clock = clock
    this.#timers = timers
    this.#configured = limit
    this.#reserveShare = reserveShare
    this.#limit = limit
    this.#common = withoutReserve(limit, reserveShare)
    this.#windowNs = windowMs * 1e6
    this.#sent = new Float64Array(limit).fill(Number.NEGATIVE_INFINITY)
  }

  /** Requests that wait for their turn. */
  get waiting(): number {
    return this.#line.length
  }

  get limit(): number {
    return this.#limit
  }

  /** Sends of the last window. */
  used(): number {
    const sinceNs = this.#clock.nowNs() - this.#windowNs
    let used = 0
    for (const ns of this.#sent) if (ns > sinceNs) used++
    return Math.min(used, this.#limit)
  }

  /** Takes a place at once, if there is one and nobody as urgent waits for it. Makes nothing. */
  take(urgency: Urgency, cost = 1): boolean {
    if (this.#line.length > 0 && this.#line[0]!.urgency <= urgency) return false
    const nowNs = this.#clock.nowNs()
    if (this.#freeAtNs(urgency, cost) > nowNs) return false
    this.#use(nowNs, cost)
    return true
  }

  /**
   * Runs `go(true)` when the request may leave (perhaps at once), `go(false)` when that is not before `deadlineNs`, or
   * the line is too long for it (never inside the call).
   * @param cost places that it takes: the orders of a batch. More than the limit counts as the whole window.
   */
  acquire(urgency: Urgency, deadlineNs: Nanos, go: (granted: boolean) => void, cost = 1): void {
    if (this.take(urgency, cost)) {
      go(true)
      return
    }
    let at = this.#line.length
    while (at > 0 && this.#line[at - 1]!.urgency > urgency) at--
    this.#line.splice(at, 0, { urgency, deadlineNs, cost, go })
    if (this.#line.length > LINE_MAX) {
      const sentAway = this.#line.pop()!
      this.#timers.after(0, () => sentAway.go(false))
    }
    this.#plan()
  }

  /** The venue's own word about the size of the window: a smaller one holds, a larger one is not used. */
  resize(limit: number): void {
    if (!Number.isInteger(limit) || limit < 1) return
    this.#limit = Math.min(limit, this.#configured)
    this.#common = withoutReserve(this.#limit, this.#reserveShare)
  }

  /** Nothing leaves before this time. */
  blockUntil(untilNs: Nanos): void {
    if (untilNs > this.#blockedUntilNs) this.#blockedUntilNs = untilNs
  }

  #freeAtNs(urgency: Urgency, cost: number): Nanos {
    const places = Math.min(cost, this.#limit)
    // A batch larger than the common part would else never leave: it waits until the whole window is its own.
    const usable = Math.max(urgency === REDUCE ? this.#limit : this.#common, places)
    const oldest = this.#sent[(this.#next + this.#configured - usable + places - 1) % this.#configured]!
    return Math.max(oldest + this.#windowNs, this.#blockedUntilNs)
  }

  #use(nowNs: Nanos, cost: number): void {
    for (let i = Math.min(cost, this.#limit); i > 0; i--) {
      this.#sent[this.#next] = nowNs
      this.#next = (this.#next + 1) % this.#configured
    }
  }

  #plan(): void {
    this.#timer?.cancel()
    this.#timer = null
    if (this.#line.length === 0) return
    const first = this.#line[0]!
    let wakeNs = this.#freeAtNs(first.urgency, first.cost)
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
      const free = open && this.#freeAtNs(waiting.urgency, waiting.cost) <= now
      if (waiting.deadlineNs > now && !free) {
        open = false
        i++
        continue
      }
      this.#line.splice(i, 1)
      const granted = waiting.deadlineNs > now
      if (granted) this.#use(now, waiting.cost)
      answers.push({ go: waiting.go, granted })
    }
    this.#plan()
    for (const answer of answers) answer.go(answer.granted)
  }
}

/** At least one place is kept, and at least one is not; of a limit of one, none. */
const withoutReserve = (limit: number, share: number): number => (share === 0 ? limit : Math.max(1, limit - Math.max(1, Math.ceil(limit * share))))
