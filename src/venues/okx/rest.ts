import { fail, type Nanos } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import type { VenueErrorClass } from '../trading-port.ts'
import type { HttpOutcome } from '../transport.ts'
import { classifyCode, classifyStatus } from './errors.ts'
import { heldBack } from '../common/increases.ts'
import type { Gate } from '../resilience/gate.ts'
import { Retrier } from '../resilience/retrier.ts'
import { REDUCE, type Urgency } from '../resilience/urgency.ts'
import { GROUP_OF, type LimitGroup, type OkxLimits } from './limits.ts'
import type { OkxCredentials, OkxSettings } from './settings.ts'
import { isObject, type Json } from '../common/json.ts'
import type { VenueTime } from '../common/venue-time.ts'
import { signedHeaders } from './sign.ts'

export type RestAnswer =
  | { readonly kind: 'ok'; readonly data: readonly unknown[] }
  | { readonly kind: 'refused'; readonly errorClass: VenueErrorClass; readonly code: string; readonly text: string }
  /** It may have been taken: no answer, or one that says so. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Certain: nothing left this machine. `later`: it may in a moment; `network`: there was no connection to be had. */
  | { readonly kind: 'unsent'; readonly reason: string; readonly later?: boolean; readonly network?: boolean }

/**
 * How an answer is read: `plain` by its `code`; `order` by the `sCode` of its one item; `batch` leaves the items to
 * the caller, also those of a whole that failed partly or altogether.
 */
export type AnswerForm = 'plain' | 'order' | 'batch'

interface CallTerms {
  readonly path: string
  readonly group: LimitGroup
  /** Instrument whose limit counts, and the orders that it carries (1 when absent). */
  readonly instId?: string
  readonly orders?: number
  readonly urgency: Urgency
  readonly signed: boolean
  readonly deadlineMs: number
  /** Time it may wait for its turn; not more than the deadline. */
  readonly waitMs: number
  /** Repeated here when that is safe; false where the caller repeats. */
  readonly again: boolean
  /** Session in which a command was made; absent: the present one. It leaves in no other. */
  readonly born?: number
  readonly form?: AnswerForm
  /** The venue must not execute it when it sees it after the deadline. */
  readonly expires?: boolean
}

export type RestCall = CallTerms & (
  /** Query in this order. */
  | { readonly method: 'GET'; readonly params: readonly (readonly [string, string])[] }
  | { readonly method: 'POST'; readonly params: Json | readonly Json[] }
)

/** Signed REST client: signature, time stamp on the venue's clock, limits, deadline, and a class for every refusal. */
export class OkxRest {
  readonly #services: VenueServices
  readonly #url: string
  readonly #simulated: boolean
  readonly #credentials: OkxCredentials | null
  readonly #time: VenueTime
  readonly #limits: OkxLimits
  readonly #banMs: number
  readonly retrier: Retrier

  constructor(services: VenueServices, url: string, simulated: boolean, credentials: OkxCredentials | null, settings: OkxSettings, time: VenueTime, limits: OkxLimits) {
    this.#services = services
    this.#url = url
    this.#simulated = simulated
    this.#credentials = credentials
    this.#time = time
    this.#limits = limits
    this.#banMs = settings.banMs
    this.retrier = new Retrier(services, settings.resilience)
  }

  get gate(): Gate {
    return this.#limits.gate
  }

  /** `done` runs exactly once, within the deadline, never inside this call. @throws RM_VENUE_CREDENTIALS for a signed call without a key. */
  call(call: RestCall, done: (answer: RestAnswer) => void): void {
    if (call.signed && this.#credentials === null) fail('RM_VENUE_CREDENTIALS', { missing: 'the API key' })
    const nowNs = this.#services.clock.nowNs()
    const deadlineNs = nowNs + call.deadlineMs * 1e6
    const leaveByNs = nowNs + Math.min(call.waitMs, call.deadlineMs) * 1e6
    if (call.again) this.retrier.run<RestAnswer>(call.urgency, call.urgency === REDUCE && call.method === 'POST', leaveByNs, (answered) => this.#attempt(call, deadlineNs, leaveByNs, answered), done)
    else this.#attempt(call, deadlineNs, leaveByNs, done)
  }

  #attempt(call: RestCall, deadlineNs: Nanos, leaveByNs: Nanos, done: (answer: RestAnswer) => void): void {
    const { gate } = this.#limits
    const group = GROUP_OF[call.group]
    const born = call.born ?? gate.session.value
    const held = call.method === 'POST' ? heldBack(this.#services, ordersIn(call.group, call.params)) : null
    this.#limits.through(call.group, call.instId ?? '', call.orders ?? 1, call.urgency, leaveByNs, false, held, (pass, kept) => {
      if (kept !== null) return done({ kind: 'unsent', ...kept })
      if (call.method === 'POST' && gate.session.value !== born) {
        gate.unused(group, pass)
        return done({ kind: 'unsent', reason: SESSION_OVER, later: call.urgency === REDUCE })
      }
      this.#send(call, deadlineNs, leaveByNs, (answer) => {
        gate.settle(group, pass, answer)
        done(answer)
      })
    })
  }

  #send(call: RestCall, deadlineNs: Nanos, leaveByNs: Nanos, done: (answer: RestAnswer) => void): void {
    const { clock, timers, transport, count } = this.#services
    const { method } = call
    const query = call.method === 'GET' ? call.params.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&') : ''
    const path = query === '' ? call.path : `${call.path}?${query}`
    const body = call.method === 'POST' ? JSON.stringify(call.params) : null
    const leftMs = (deadlineNs - clock.nowNs()) / 1e6
    if (leftMs <= 0) {
      timers.after(0, () => done({ kind: 'unsent', reason: 'the deadline passed before it could leave' }))
      return
    }
    const headers: Record<string, string> = call.signed ? signedHeaders(this.#credentials!, this.#time.nowMs(), method, path, body ?? '') : {}
    if (body !== null) headers['Content-Type'] = 'application/json'
    if (this.#simulated) headers['x-simulated-trading'] = '1'
    const expires = call.expires === true ? expiryOf(this.#time, leftMs) : null
    if (expires !== null) headers['expTime'] = expires
    const sentNs = clock.nowNs()
    transport.request({ method, url: `${this.#url}${path}`, headers, body, deadlineMs: leftMs, leaveMs: Math.max(1, (leaveByNs - sentNs) / 1e6) }, (outcome) => {
      const answer = this.#read(call, outcome, sentNs)
      if (answer.kind !== 'ok') count('okx_rest_not_ok', answer.kind === 'refused' ? answer.errorClass : answer.kind)
      done(answer)
    })
  }

  #read(call: RestCall, outcome: HttpOutcome, sentNs: Nanos): RestAnswer {
    if (outcome.kind === 'failure') return outcome.sent ? { kind: 'unknown', reason: outcome.reason } : { kind: 'unsent', reason: outcome.reason, later: true, network: true }
    const { ban } = this.#limits.gate
    if (outcome.status === 403 || outcome.status === 418) {
      ban.begin(this.#banMs)
      this.#services.count('okx_address_banned')
    } else if (outcome.status >= 200 && outcome.status <= 299) ban.served(sentNs)
    const answer = readHttp(outcome.status, outcome.body, call.form ?? 'plain')
    if (answer.kind === 'refused' && answer.errorClass === 'rate-limited') this.#limits.pause(call.group, call.instId ?? '', answer.code)
    return answer
  }
}

/** The new orders that a command carries, each in the venue's words; none in any other command. */
export function ordersIn(group: LimitGroup, params: Json | readonly Json[]): readonly unknown[] {
  if (group !== 'place' && group !== 'place-batch' && group !== 'algo') return []
  return Array.isArray(params) ? (params as readonly unknown[]) : [params]
}

/** Why a command of an earlier session stays. */
export const SESSION_OVER = 'the session in which it was made is over'

/** The venue's time after which it must not execute any more; null while its clock is not known. */
export function expiryOf(time: VenueTime, leftMs: number): string | null {
  return time.measured ? String(time.nowMs() + Math.ceil(leftMs)) : null
}

function readHttp(status: number, body: string, form: AnswerForm): RestAnswer {
  const parsed = parse(body)
  const good = status >= 200 && status <= 299
  if (parsed !== null && typeof parsed['code'] === 'string') {
    const answer = readAnswer(parsed, form)
    // A proxy's status around a body that says "done" is no proof of anything.
    if (good || answer.kind === 'refused') return answer
  }
  if (good) return { kind: 'unknown', reason: `HTTP ${status} with a body that is no answer: ${body.slice(0, 200)}` }
  const errorClass = classifyStatus(status)
  const text = body.slice(0, 200)
  return errorClass === 'unknown' ? { kind: 'unknown', reason: `HTTP ${status}: ${text}` } : { kind: 'refused', errorClass, code: `HTTP ${status}`, text }
}

/** Reads the envelope that REST and order operations over the socket share. */
export function readAnswer(frame: Json, form: AnswerForm): RestAnswer {
  const code = frame['code']
  const data = frame['data']
  const text = typeof frame['msg'] === 'string' ? frame['msg'] : ''
  if (typeof code !== 'string') return { kind: 'unknown', reason: 'the answer has no code' }
  if (form !== 'plain' && (code === '0' || code === '1' || code === '2') && Array.isArray(data) && data.length > 0) {
    return form === 'batch' ? { kind: 'ok', data } : readItem(data[0])
  }
  // An order endpoint that says "done" without an item has not said what it did.
  if (code === '0') return Array.isArray(data) && form === 'plain' ? { kind: 'ok', data } : { kind: 'unknown', reason: 'the answer has no data' }
  return refusal(code, text)
}

/** One item of an order endpoint: its own `sCode` is what happened to it. */
export function readItem(item: unknown): RestAnswer {
  const code = isObject(item) ? item['sCode'] : undefined
  if (!isObject(item) || typeof code !== 'string') return { kind: 'unknown', reason: 'the answer has an item without a code' }
  if (code === '0') return { kind: 'ok', data: [item] }
  return refusal(code, typeof item['sMsg'] === 'string' ? item['sMsg'] : '')
}

function refusal(code: string, text: string): RestAnswer {
  const errorClass = classifyCode(code)
  return errorClass === 'unknown' ? { kind: 'unknown', reason: `code ${code}: ${text}` } : { kind: 'refused', errorClass, code, text }
}

function parse(body: string): Json | null {
  try {
    const value: unknown = JSON.parse(body)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}
