import type { Clock, Nanos, Timer, Timers } from '../../core/index.ts'
import { MARKET, REDUCE, type Urgency } from './urgency.ts'

interface Waiting {
  readonly urgency: Urgency
  readonly deadlineNs: Nanos
  readonly cost: number
  readonly also: RateWindow | null
  readonly alsoCost: number
  readonly held: (() => boolean) | null
  readonly go: (granted: boolean) => void
}

/** Callers that wait at most: one more sends the least urgent of them away. No window serves so many within a deadline. */
export const LINE_MAX = 1024
/** Pause before a place is looked at again that somebody more urgent has a claim on, ns. */
const YIELD_NS = 1e6

/**
 * The bucket of one endpoint group, as a sliding window: never more than `limit` sends in any `windowMs`, which a token
 * bucket that refills while it is full does not promise. A share of it is kept for what takes risk away; nothing else
 * can use that up. Callers wait in line until their deadline, the more urgent first.
 *
 * A request may count under a second, wider window (the address, the whole account). It takes its places in both at the
 * moment in which it leaves: taken one after the other, those that wait for the second would come out of it in one burst
 * that overruns the first.
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
  /** As a second window: heads of other lines that only it keeps waiting, by their urgency. */
  readonly #claims = new Int32Array(MARKET + 1)
  /** The second window that keeps the head of our line waiting, and how urgent that is. */
  #claimed: RateWindow | null = null
  #claim: Urgency = REDUCE

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
    // From the newest back: what is shown of a wide window costs what was sent, not what may be.
    let used = 0
    let at = this.#next
    while (used < this.#limit) {
      at = at === 0 ? this.#configured - 1 : at - 1
      if (!(this.#sent[at]! > sinceNs)) break
      used++
    }
    return used
  }

  /** Whether there are places for a caller of this urgency that nobody more urgent waits for. */
  free(urgency: Urgency, cost: number): boolean {
    for (let i = 0; i < urgency; i++) if (this.#claims[i]! > 0) return false
    return this.#freeAtNs(urgency, cost) <= this.#clock.nowNs()
  }

  /**
   * Takes places at once, if there are any and nobody as urgent waits for them. Makes nothing.
   * @param cost places that it takes: the orders of a batch. More than the limit counts as the whole window.
   * @param also a second window, and the places in that
   */
  take(urgency: Urgency, cost = 1, also: RateWindow | null = null, alsoCost = 1): boolean {
    if (this.#line.length > 0 && this.#line[0]!.urgency <= urgency) return false
    if (!this.free(urgency, cost) || (also !== null && !also.free(urgency, alsoCost))) return false
    this.#use(cost)
    if (also !== null) also.#use(alsoCost)
    return true
  }

  /**
   * Runs `go(true)` when the request may leave (perhaps at once), `go(false)` when that is not before `deadlineNs`, or
   * the line is too long for it (never inside the call). Parameters as for `take`.
   * @param held true once it must not leave any more: it takes no place then
   */
  acquire(urgency: Urgency, deadlineNs: Nanos, go: (granted: boolean) => void, cost = 1, also: RateWindow | null = null, alsoCost = 1, held: (() => boolean) | null = null): void {
    if (this.take(urgency, cost, also, alsoCost)) {
      go(true)
      return
    }
    let at = this.#line.length
    while (at > 0 && this.#line[at - 1]!.urgency > urgency) at--
    this.#line.splice(at, 0, { urgency, deadlineNs, cost, also, alsoCost, held, go })
    if (this.#line.length > LINE_MAX) {
      const sentAway = this.#line.pop()!
      this.#timers.after(0, () => sentAway.go(false))
    }
    this.#plan()
  }

  /** Sends those away that must not leave any more; they are told after the call. */
  endHeld(): void {
    const left = this.#line.filter((waiting) => waiting.held?.() !== true)
    if (left.length === this.#line.length) return
    const ended = this.#line.filter((waiting) => !left.includes(waiting))
    this.#line.splice(0, this.#line.length, ...left)
    this.#plan()
    this.#timers.after(0, () => {
      for (const { go } of ended) go(false)
    })
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

  #use(cost: number): void {
    const nowNs = this.#clock.nowNs()
    for (let i = Math.min(cost, this.#limit); i > 0; i--) {
      this.#sent[this.#next] = nowNs
      this.#next = (this.#next + 1) % this.#configured
    }
  }

  #plan(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#unclaim()
    if (this.#line.length === 0) return
    const nowNs = this.#clock.nowNs()
    let wakeNs = this.#headFreeNs(nowNs)
    for (const waiting of this.#line) if (waiting.deadlineNs < wakeNs) wakeNs = waiting.deadlineNs
    // One microsecond more, so that rounding of timers cannot wake it just before the time.
    this.#timer = this.#timers.after(Math.max(0, (wakeNs - nowNs) / 1e6) + 0.001, () => this.#serve())
  }

  /** When the head may leave; where only its second window is in the way, it says so there. */
  #headFreeNs(nowNs: Nanos): Nanos {
    const { urgency, cost, also, alsoCost } = this.#line[0]!
    const ownNs = this.#freeAtNs(urgency, cost)
    if (also === null) return ownNs
    const alsoNs = also.#freeAtNs(urgency, alsoCost)
    if (ownNs > nowNs) return Math.max(ownNs, alsoNs)
    this.#claimed = also
    this.#claim = urgency
    also.#claims[urgency]!++
    // Places are there, but somebody more urgent has a claim: looked at again soon.
    return alsoNs > nowNs ? alsoNs : nowNs + YIELD_NS
  }

  #unclaim(): void {
    if (this.#claimed !== null) this.#claimed.#claims[this.#claim]!--
    this.#claimed = null
  }

  #serve(): void {
    const now = this.#clock.nowNs()
    const answers: { readonly go: (granted: boolean) => void; readonly granted: boolean }[] = []
    this.#unclaim()
    // Nobody overtakes: a batch that waits for many places would else wait for ever.
    let open = true
    for (let i = 0; i < this.#line.length; ) {
      const waiting = this.#line[i]!
      const { urgency, cost, also, alsoCost } = waiting
      const held = waiting.held?.() === true
      const free = open && !held && this.free(urgency, cost) && (also === null || also.free(urgency, alsoCost))
      if (waiting.deadlineNs > now && !free && !held) {
        open = false
        i++
        continue
      }
      this.#line.splice(i, 1)
      const granted = waiting.deadlineNs > now && !held
      if (granted) {
        this.#use(cost)
        if (also !== null) also.#use(alsoCost)
      }
      answers.push({ go: waiting.go, granted })
    }
    this.#plan()
    for (const answer of answers) answer.go(answer.granted)
  }
}

/** At least one place is kept, and at least one is not; of a limit of one, none. */
const withoutReserve = (limit: number, share: number): number => (share === 0 ? limit : Math.max(1, limit - Math.max(1, Math.ceil(limit * share))))
