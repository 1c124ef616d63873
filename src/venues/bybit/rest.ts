import { fail, type Nanos } from '../../core/index.ts'
import type { Gate } from '../resilience/gate.ts'
import type { RateWindow } from '../resilience/rate-window.ts'
import { Retrier } from '../resilience/retrier.ts'
import { type EndpointGroup, REDUCE, type Urgency } from '../resilience/urgency.ts'
import type { VenueServices } from '../services.ts'
import type { VenueErrorClass } from '../trading-port.ts'
import type { HttpOutcome } from '../transport.ts'
import { heldBack } from '../common/increases.ts'
import { isObject, type Json } from '../common/json.ts'
import { classifyCode, classifyStatus } from './errors.ts'
import type { BybitCredentials, BybitSettings } from './settings.ts'
import { signedHeaders } from './sign.ts'
import type { VenueTime } from '../common/venue-time.ts'

/** Endpoints with a limit of their own at the venue. */
export type LimitGroup = keyof typeof GROUP_OF

export type RestAnswer =
  /** `items` is `retExtInfo.list`: one verdict per order of a batch. */
  | { readonly kind: 'ok'; readonly result: Json; readonly items: readonly unknown[]; readonly timeMs: number }
  | { readonly kind: 'refused'; readonly errorClass: VenueErrorClass; readonly code: string; readonly text: string }
  /** It may have been taken: no answer, or one that says so. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Certain: nothing left this machine. `later`: it may in a moment; `network`: there was no connection to be had. */
  | { readonly kind: 'unsent'; readonly reason: string; readonly later?: boolean; readonly network?: boolean }

interface CallTerms {
  readonly path: string
  readonly group: LimitGroup
  readonly urgency: Urgency
  readonly signed: boolean
  readonly deadlineMs: number
  /** Time it may wait for its turn; not more than the deadline. */
  readonly waitMs: number
  /** Repeated here when that is safe; false where the caller repeats. */
  readonly again: boolean
  /** Session in which a command was made; absent: the present one. It leaves in no other. */
  readonly born?: number
  /** Orders of a batch: each takes a place under the limit. Absent: one. */
  readonly cost?: number
}

export type RestCall = CallTerms & (
  /** Query in this order. */
  | { readonly method: 'GET'; readonly params: readonly (readonly [string, string])[] }
  | { readonly method: 'POST'; readonly params: Json }
)

const COMMAND_GROUPS = ['create', 'amend', 'cancel', 'cancel-all', 'create-batch', 'cancel-batch', 'leverage', 'position-mode', 'protection', 'dead-man'] as const
/** The part of the venue that each belongs to. Questions about orders stand apart: that they are answered says nothing about order entry. */
const GROUP_OF = {
  create: 'trade', amend: 'trade', cancel: 'trade', 'cancel-all': 'trade', 'create-batch': 'trade', 'cancel-batch': 'trade',
  leverage: 'position', 'position-mode': 'position', protection: 'position', 'position-query': 'position',
  'wallet-query': 'account', 'fee-query': 'account', public: 'market', 'order-query': 'other', 'execution-query': 'other', 'dead-man': 'other',
} as const satisfies Readonly<Record<string, EndpointGroup>>
/** The venue gives fees five times a second and no more (reference: Bybit V5, rate limits). */
const FEES_PER_SECOND = 5
/** Window of the limit by address. */
const ADDRESS_WINDOW_MS = 5250
/** The venue counts in its own seconds: a little more than one of ours keeps jitter on the way from making eleven of ten. */
const WINDOW_MS = 1050

/** Signed REST client: signature, time stamp on the venue's clock, limits, deadline, and a class for every refusal. */
export class BybitRest {
  readonly #services: VenueServices
  readonly #url: string
  readonly #credentials: BybitCredentials | null
  readonly #settings: BybitSettings
  readonly #time: VenueTime
  readonly #windows = new Map<LimitGroup, RateWindow>()
  readonly #address: RateWindow
  readonly gate: Gate
  readonly retrier: Retrier

  constructor(services: VenueServices, url: string, credentials: BybitCredentials | null, settings: BybitSettings, time: VenueTime, gate: Gate) {
    this.#services = services
    this.#url = url
    this.#credentials = credentials
    this.#settings = settings
    this.#time = time
    this.gate = gate
    this.retrier = new Retrier(services, settings.resilience)
    const commands: ReadonlySet<string> = new Set(COMMAND_GROUPS)
    for (const group of Object.keys(GROUP_OF) as LimitGroup[]) {
      const perSecond = commands.has(group) ? settings.tradePerSecond : group === 'fee-query' ? Math.min(FEES_PER_SECOND, settings.queryPerSecond) : settings.queryPerSecond
      this.#windows.set(group, gate.window(GROUP_OF[group], group, perSecond, WINDOW_MS))
    }
    this.#address = gate.window('other', 'address', settings.addressPer5s, ADDRESS_WINDOW_MS)
  }

  /** The window that sockets share with REST. */
  window(group: LimitGroup): RateWindow {
    return this.#windows.get(group)!
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

  /** Feeds the venue's limit headers of any path into the window of their group. */
  learnLimits(group: LimitGroup, header: (name: string) => string | undefined, exceeded: boolean): void {
    const window = this.window(group)
    const size = Number(header('x-bapi-limit'))
    if (size > 0) window.resize(size)
    const remaining = header('x-bapi-limit-status')
    if (!exceeded && remaining !== '0') return
    const resetMs = Number(header('x-bapi-limit-reset-timestamp'))
    const waitMs = resetMs > 0 ? resetMs - this.#time.nowMs() : exceeded ? 1000 : 0
    // A reset far away would be a misread clock, not a limit of one second.
    window.blockUntil(this.#services.clock.nowNs() + Math.min(Math.max(waitMs, exceeded ? 100 : 0), 5000) * 1e6)
  }

  #attempt(call: RestCall, deadlineNs: Nanos, leaveByNs: Nanos, done: (answer: RestAnswer) => void): void {
    const group = GROUP_OF[call.group]
    const born = call.born ?? this.gate.session.value
    const held = call.method === 'POST' ? heldBack(this.#services, ordersIn(call.group, call.params)) : null
    this.gate.through({ group, urgency: call.urgency, first: this.window(call.group), firstName: call.group, cost: call.cost ?? 1, second: this.#address, secondName: 'this address', secondCost: 1, leaveByNs, overSocket: false, held }, (pass, kept) => {
      if (kept !== null) return done({ kind: 'unsent', ...kept })
      if (call.method === 'POST' && this.gate.session.value !== born) {
        this.gate.unused(group, pass)
        return done({ kind: 'unsent', reason: 'the session in which it was made is over', later: call.urgency === REDUCE })
      }
      this.#send(call, deadlineNs, leaveByNs, (answer) => {
        this.gate.settle(group, pass, answer)
        done(answer)
      })
    })
  }

  #send(call: RestCall, deadlineNs: Nanos, leaveByNs: Nanos, done: (answer: RestAnswer) => void): void {
    const { clock, timers, transport, count } = this.#services
    const { method, path } = call
    const query = call.method === 'GET' ? call.params.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&') : ''
    const body = call.method === 'POST' ? JSON.stringify(call.params) : null
    const headers: Record<string, string> = call.signed
      ? signedHeaders(this.#credentials!, this.#time.nowMs(), this.#settings.recvWindowMs, body ?? query)
      : {}
    if (body !== null) headers['Content-Type'] = 'application/json'
    const leftMs = (deadlineNs - clock.nowNs()) / 1e6
    if (leftMs <= 0) {
      timers.after(0, () => done({ kind: 'unsent', reason: 'the deadline passed before it could leave' }))
      return
    }
    const sentNs = clock.nowNs()
    transport.request({ method, url: `${this.#url}${path}${query === '' ? '' : `?${query}`}`, headers, body, deadlineMs: leftMs, leaveMs: Math.max(1, (leaveByNs - sentNs) / 1e6) }, (outcome) => {
      const answer = this.#read(call, outcome, sentNs)
      if (answer.kind !== 'ok') count('bybit_rest_not_ok', answer.kind === 'refused' ? answer.errorClass : answer.kind)
      done(answer)
    })
  }

  #read(call: RestCall, outcome: HttpOutcome, sentNs: Nanos): RestAnswer {
    if (outcome.kind === 'failure') return outcome.sent ? { kind: 'unknown', reason: outcome.reason } : { kind: 'unsent', reason: outcome.reason, later: true, network: true }
    const { status, body } = outcome
    const parsed = parse(body)
    const code = parsed === null ? Number.NaN : parsed['retCode']
    const limited = status === 429 || (typeof code === 'number' && classifyCode(code) === 'rate-limited')
    this.learnLimits(call.group, (name) => headerOf(outcome.headers, name), limited)
    if (status < 200 || status > 299) {
      if (status === 403 || status === 418) {
        this.gate.ban.begin(this.#settings.banMs)
        this.#services.count('bybit_address_banned')
      }
      const errorClass = classifyStatus(status)
      const text = body.slice(0, 200)
      return errorClass === 'unknown' ? { kind: 'unknown', reason: `HTTP ${status}: ${text}` } : { kind: 'refused', errorClass, code: `HTTP ${status}`, text }
    }
    this.gate.ban.served(sentNs)
    if (parsed === null || typeof code !== 'number') return { kind: 'unknown', reason: `HTTP ${status} with a body that is no answer: ${body.slice(0, 200)}` }
    return answerOf(code, parsed, 'result')
  }
}

/** The new orders that a command carries, each in the venue's words; none in any other command. */
export function ordersIn(group: LimitGroup, params: Json): readonly unknown[] {
  if (group === 'create') return [params]
  const { request } = params
  return group === 'create-batch' && Array.isArray(request) ? (request as unknown[]) : []
}

/**
 * The venue's verdict of REST and of the trade socket alike.
 * @param field where the answer's content is: `result`, or `data` on the socket
 */
export function answerOf(code: number, frame: Json, field: 'result' | 'data'): RestAnswer {
  if (code === 0) {
    const content = frame[field]
    const more = frame['retExtInfo']
    const items = isObject(more) ? more['list'] : undefined
    return { kind: 'ok', result: isObject(content) ? content : {}, items: Array.isArray(items) ? (items as unknown[]) : [], timeMs: typeof frame['time'] === 'number' ? frame['time'] : Number.NaN }
  }
  return verdictOf(code, typeof frame['retMsg'] === 'string' ? frame['retMsg'] : '')
}

/** A code other than 0: refused for certain, or not known to be. */
export function verdictOf(code: number, text: string): Exclude<RestAnswer, { kind: 'ok' | 'unsent' }> {
  const errorClass = classifyCode(code)
  return errorClass === 'unknown' ? { kind: 'unknown', reason: `code ${code}: ${text}` } : { kind: 'refused', errorClass, code: String(code), text }
}

/** Header names come in any case. */
export function headerOf(headers: Readonly<Record<string, unknown>>, name: string): string | undefined {
  for (const key of Object.keys(headers)) {
    const value = headers[key]
    if (key.toLowerCase() === name && typeof value === 'string') return value
  }
  return undefined
}

function parse(body: string): Json | null {
  try {
    const value: unknown = JSON.parse(body)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}
