import type { Nanos } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import type { VenueErrorClass } from '../trading-port.ts'
import { HELD_BACK } from '../common/increases.ts'
import { BanTimer } from './ban.ts'
import { BAD, CircuitBreaker, GOOD, NO_PASS, NOTHING_SAID, type Verdict } from './breaker.ts'
import { RateWindow } from './rate-window.ts'
import { SessionEpoch } from './session.ts'
import type { ResilienceSettings } from './settings.ts'
import type { GroupStatus, ResilienceStatus } from './status.ts'
import { ENDPOINT_GROUPS, type EndpointGroup, ENTRY, EVIDENCE, REDUCE, unbreakable, type Urgency } from './urgency.ts'

/** What of an answer tells how the venue is. */
export type Judged =
  | { readonly kind: 'ok' | 'unknown' }
  /** `network`: the connection could not be made. */
  | { readonly kind: 'unsent'; readonly network?: boolean }
  | { readonly kind: 'refused'; readonly errorClass: VenueErrorClass }

/** Why a request did not get through; all certain, nothing left. `later`: it may in a moment. */
export interface Kept {
  readonly reason: string
  readonly later: boolean
}

interface Member {
  readonly name: string
  readonly window: RateWindow
}

/** One request on its way through: the limits that it needs places of, in this order. */
export interface Passage {
  readonly group: EndpointGroup
  readonly urgency: Urgency
  readonly first: RateWindow
  readonly cost: number
  /** A limit that it counts under besides, or null. */
  readonly second: RateWindow | null
  readonly secondCost: number
  /** It does not leave after this. */
  readonly leaveByNs: Nanos
  /** Names of the limits, for what is told. */
  readonly firstName: string
  readonly secondName: string
  /** Over a connection that is open already: a ban of the address does not end it. */
  readonly overSocket: boolean
  /** True once it must not leave any more, whatever was decided before; null for what may always. */
  readonly held: (() => boolean) | null
}

/**
 * The one way out of an adapter. In this order: is the address banned, does the breaker of the endpoint group let it
 * through, is there a place under the limits. Whoever gets through holds a pass, and settles it exactly once.
 */
export class Gate {
  readonly session = new SessionEpoch()
  readonly ban: BanTimer
  readonly #services: VenueServices
  readonly #settings: ResilienceSettings
  readonly #breakers: Readonly<Record<EndpointGroup, CircuitBreaker>>
  readonly #members: Readonly<Record<EndpointGroup, Member[]>>
  readonly #evidencePace: RateWindow

  constructor(services: VenueServices, settings: ResilienceSettings) {
    const { clock, timers, count } = services
    this.#services = services
    this.#settings = settings
    this.ban = new BanTimer(clock, settings.banProbeMs)
    const breaker = (group: EndpointGroup): CircuitBreaker => new CircuitBreaker(settings, (state) => count(`breaker_${state.replace('-', '_')}`, group))
    this.#breakers = { trade: breaker('trade'), position: breaker('position'), account: breaker('account'), market: breaker('market'), other: breaker('other') }
    this.#members = { trade: [], position: [], account: [], market: [], other: [] }
    this.#evidencePace = new RateWindow(clock, timers, 1, settings.evidencePaceMs)
  }

  /** A limit of the venue that the gate keeps and shows. */
  window(group: EndpointGroup, name: string, limit: number, windowMs: number): RateWindow {
    const { clock, timers } = this.#services
    const window = new RateWindow(clock, timers, limit, windowMs, this.#settings.reserveShare)
    this.#members[group].push({ name, window })
    return window
  }

  breaker(group: EndpointGroup): CircuitBreaker {
    return this.#breakers[group]
  }

  /** Whether a new order may be tried now: no ban, and a breaker of `trade` that lets it through. Makes nothing. */
  takesEntries(): boolean {
    return !this.ban.active && !this.#breakers.trade.blocks(this.#services.clock.nowNs())
  }

  /**
   * Runs `go` with a pass when the request may leave, perhaps at once; or with null and why it stays. A request that was
   * kept is never told inside the call.
   */
  through(passage: Passage, go: (pass: number, kept: Kept | null) => void): void {
    const { group, urgency, first, cost, second, secondCost, leaveByNs } = passage
    if (passage.held?.() === true) return this.#keep(HELD, go)
    if (urgency !== REDUCE && this.ban.active) return this.#keep(this.#banned(passage), go)
    const breaker = this.#breakers[group]
    if (urgency === EVIDENCE && !breaker.closed) {
      this.#evidencePace.acquire(EVIDENCE, leaveByNs, (granted) => {
        if (granted) this.#line(passage, breaker.freePass(), go)
        else go(NO_PASS, { reason: `questions about orders go one in ${this.#settings.evidencePaceMs} ms while the breaker of ${group} is not closed`, later: false })
      })
      return
    }
    const pass = unbreakable(urgency) ? breaker.freePass() : breaker.admit(this.#services.clock.nowNs())
    if (pass === NO_PASS) return this.#keep(this.#broken(group), go)
    // The way of nearly all: places for the taking, nothing to wait for.
    if (!first.take(urgency, cost, second, secondCost)) return this.#line(passage, pass, go)
    if (!this.#stopped(passage)) return go(pass, null)
    this.unused(group, pass)
    this.#keep(this.#banned(passage), go)
  }

  settle(group: EndpointGroup, pass: number, answer: Judged): void {
    this.#breakers[group].settle(pass, this.#verdict(answer), this.#services.clock.nowNs())
  }

  /** Gives a pass back that was not used. */
  unused(group: EndpointGroup, pass: number): void {
    this.#breakers[group].settle(pass, NOTHING_SAID, this.#services.clock.nowNs())
  }

  /** @returns false when it was closed already */
  reset(group: EndpointGroup): boolean {
    return this.#breakers[group].reset()
  }

  /** Ends what waits and must not leave any more, at once: it leaves its place in the line to others. */
  endHeld(): void {
    for (const group of ENDPOINT_GROUPS) for (const { window } of this.#members[group]) window.endHeld()
  }

  status(): ResilienceStatus {
    const nowNs = this.#services.clock.nowNs()
    return { banMs: this.ban.leftMs, groups: ENDPOINT_GROUPS.map((group): GroupStatus => ({ group, breaker: this.#breakers[group].status(nowNs), ...loadOf(this.#members[group]) })) }
  }

  #line(passage: Passage, pass: number, go: (pass: number, kept: Kept | null) => void): void {
    const { urgency, first, cost, second, secondCost, leaveByNs } = passage
    first.acquire(urgency, leaveByNs, (granted) => this.#waited(passage, pass, granted, go), cost, second, secondCost, passage.held)
  }

  /** A ban or an open breaker may have come while it waited. */
  #waited(passage: Passage, pass: number, granted: boolean, go: (pass: number, kept: Kept | null) => void): void {
    const { group, urgency, firstName, second, secondCost, secondName } = passage
    let kept: Kept | null = null
    if (passage.held?.() === true) kept = HELD
    else if (!granted) kept = { reason: `no place under the limit of ${second === null || second.free(urgency, secondCost) ? firstName : secondName} within its time`, later: false }
    else if (this.#stopped(passage)) kept = this.#banned(passage)
    else if (!unbreakable(urgency) && !this.#breakers[group].current(pass)) kept = this.#broken(group)
    if (kept === null) return go(pass, null)
    this.unused(group, pass)
    go(NO_PASS, kept)
  }

  /** Whether a ban stops it at the door. What takes risk away is let out now and then, to see whether it still lasts. */
  #stopped({ urgency, overSocket }: Passage): boolean {
    if (!this.ban.active) return false
    return urgency !== REDUCE || !(overSocket || this.ban.probe())
  }

  #banned({ group, urgency }: Passage): Kept {
    this.#services.count('venue_kept_by_ban', group)
    return { reason: `the venue banned this address, ${Math.ceil(this.ban.leftMs / 1000)} s left`, later: urgency === REDUCE }
  }

  #broken(group: EndpointGroup): Kept {
    this.#services.count('venue_kept_by_breaker', group)
    const { state, opensInMs } = this.#breakers[group].status(this.#services.clock.nowNs())
    return { reason: state === 'open' ? `the breaker of ${group} is open, ${Math.ceil(opensInMs)} ms left` : `the breaker of ${group} is half-open, its probe is under way`, later: false }
  }

  #keep(kept: Kept, go: (pass: number, kept: Kept | null) => void): void {
    this.#services.timers.after(0, () => go(NO_PASS, kept))
  }

  /** Timeouts, 5xx, lost connections and answers that leave the outcome open speak against the venue; a business refusal shows that it works. */
  #verdict(answer: Judged): Verdict {
    switch (answer.kind) {
      case 'ok':
        return GOOD
      case 'unknown':
        return BAD
      case 'unsent':
        return answer.network === true ? BAD : NOTHING_SAID
      case 'refused':
        if (answer.errorClass === 'rate-limited') return this.#settings.countLimits ? BAD : NOTHING_SAID
        if (answer.errorClass === 'retryable') return BAD
        return answer.errorClass === 'clock' || answer.errorClass === 'auth' ? NOTHING_SAID : GOOD
    }
  }
}

const HELD: Kept = { reason: HELD_BACK, later: false }

/** Urgency of an order by what it does to the exposure. */
export const urgencyOf = (order: { readonly reduceOnly: boolean }): Urgency => (order.reduceOnly ? REDUCE : ENTRY)

/** The fullest limit of a group says how full it is. */
function loadOf(members: readonly Member[]): Pick<GroupStatus, 'utilisation' | 'fullest' | 'waiting'> {
  let utilisation = 0
  let fullest = ''
  let waiting = 0
  for (const { name, window } of members) {
    waiting += window.waiting
    const share = window.used() / window.limit
    if (share <= utilisation) continue
    utilisation = share
    fullest = name
  }
  return { utilisation, fullest, waiting }
}
