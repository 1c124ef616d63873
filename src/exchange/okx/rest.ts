import type { Timers, WallMs } from '../../core/index.ts'
import { isFields, parseObject, type Fields } from '../front/json.ts'
import type { FrontRequest, FrontResponse } from '../front/wire.ts'
import type { FrontCounters } from '../front/counters.ts'
import type { FrontLatency } from '../front/latency.ts'
import { codes, Refused, type Verdict } from './codes.ts'
import type { OkxFaults } from './faults.ts'
import type { PrivateHub } from './private-hub.ts'
import { Query } from './query.ts'
import type { RateLimits } from './rate-limits.ts'
import { routesOf, type Command, type Route, type RouteParts } from './routes.ts'
import type { OkxKey, OkxLimits, RateGroup } from './settings.ts'
import type { KeyRing } from './signature.ts'
import type { TradeGate } from './trade-gate.ts'

export interface RestParts extends RouteParts {
  readonly timers: Timers
  readonly latency: FrontLatency
  readonly limits: OkxLimits
  readonly counters: FrontCounters
  readonly faults: OkxFaults
  readonly rates: RateLimits
  readonly keys: KeyRing
  readonly gate: TradeGate
  readonly hub: PrivateHub
  readonly wallMs: () => WallMs
  /** Uniform addition to a delay. */
  readonly jittered: (baseMs: number) => number
  readonly onDefect: (error: unknown) => void
}

type Done = (response: FrontResponse) => void

/** The REST side: routes, signatures, limits and the envelope. */
export class Rest {
  readonly #parts: RestParts
  readonly #routes: ReadonlyMap<string, Route>

  constructor(parts: RestParts) {
    this.#parts = parts
    this.#routes = routesOf(parts)
  }

  /** `done` runs once, after the latency of both ways, never inside this call; not at all when the answer is lost. */
  request(request: FrontRequest, done: Done): void {
    const { timers, latency, jittered } = this.#parts
    this.#parts.counters.httpRequests++
    const requestMs = jittered(latency.requestMs)
    const arrivedMs = this.#parts.venueMs()
    if (requestMs > 0) timers.after(requestMs, () => this.#handle(request, arrivedMs, done))
    else this.#handle(request, arrivedMs, done)
  }

  #handle(request: FrontRequest, arrivedMs: WallMs, done: Done): void {
    const { counters, faults, limits, timers } = this.#parts
    const answerMs = this.#parts.jittered(this.#parts.latency.replyMs)
    const reply = (response: FrontResponse): void => {
      if (response.status !== 200) counters.httpRefused++
      timers.after(answerMs, () => done(response))
    }
    try {
      if (faults.banned) return reply(envelope(codes.forbidden, [], 403))
      if (faults.maintenance) return reply(envelope(codes.unavailable, [], faults.window.by === 'http' ? 503 : 200))
      if (request.body.length > limits.messageBytesMax) return reply(envelope({ code: '50000', text: 'Body is too large', subCode: '' }, [], 413))
      const route = this.#routes.get(`${request.method} ${request.path}`)
      if (route === undefined) return reply(envelope({ code: '404', text: 'Not Found', subCode: '' }, [], 404))
      this.#route(route, request, arrivedMs, answerMs, reply)
    } catch (error) {
      if (error instanceof Refused) return reply(envelope(error.verdict, []))
      // A defect of ours is one failed request, never the end of the exchange.
      counters.internalErrors++
      this.#parts.onDefect(error)
      reply(envelope(codes.systemError, [], 500))
    }
  }

  #route(route: Route, request: FrontRequest, arrivedMs: WallMs, answerMs: number, reply: Done): void {
    const { counters, hub, keys, venueMs } = this.#parts
    if (route.kind === 'public') {
      const query = new Query(request.query)
      // Every endpoint is counted by address, instruments by type too.
      if (!this.#granted(route.group, `${request.ip ?? ''} ${request.path} ${route.group === 'instruments' ? query.text('instType') : ''}`)) return reply(envelope(codes.tooManyRequests, [], 429))
      return reply(envelope(codes.ok, this.#parts.faults.rest.shown(request.path, route.run(query))))
    }
    const path = request.query === '' ? request.path : `${request.path}?${request.query}`
    const check = keys.request(request.headers, request.method, path, request.body, venueMs())
    if (!check.ok) {
      counters.badSignatures++
      return reply(envelope(check.verdict, [], 401))
    }
    const { key } = check
    if (route.kind === 'signed') {
      if (!this.#granted(route.group, key.account)) return reply(envelope(codes.tooManyRequests, [], 429))
      return reply(envelope(codes.ok, this.#parts.faults.rest.shown(request.path, route.run(key, new Query(request.query)))))
    }
    const body = bodyOf(request.body)
    if (body === null || (route.kind === 'change' && Array.isArray(body))) {
      counters.badMessages++
      return reply(envelope(codes.notJson, [], 400))
    }
    if (route.kind === 'command') return this.#command(route, key, body, request.headers['exptime'] ?? '', arrivedMs, answerMs, reply)
    if (!this.#granted(route.group, key.account)) return reply(envelope(codes.tooManyRequests, [], 429))
    hub.command(answerMs, () => reply(this.#guarded(() => route.run(key, body as Fields))))
  }

  #command(route: Command, key: OkxKey, body: Fields | readonly unknown[], expTime: string, arrivedMs: WallMs, answerMs: number, reply: Done): void {
    const { counters, faults, gate, hub, timers, venueMs } = this.#parts
    const inTime = `${venueMs()}000`
    const items = Array.isArray(body) ? (body as readonly unknown[]) : [body]
    if (!route.batch && Array.isArray(body)) return reply(envelope(codes.badArgs, [], 400))
    hub.command(answerMs, () => {
      const { verdict, data } = gate.run(route.action, key.account, items, expTime, arrivedMs)
      const kind = FAULT_KINDS[route.action]
      if (faults.takeLostReply(kind)) {
        counters.repliesLost++
        return
      }
      const extraMs = faults.takeReplyDelay(kind)
      const failed = faults.rest.takeFailedReply(kind)
      const response = failed === null ? envelope(verdict, data, LIMITED.has(verdict.code) ? 429 : 200, { inTime, outTime: `${venueMs()}000` }) : envelope(codes.timeout, [], failed)
      if (extraMs > 0) timers.after(extraMs, () => reply(response))
      else reply(response)
    })
  }

  #guarded(run: () => readonly unknown[]): FrontResponse {
    try {
      return envelope(codes.ok, run())
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return envelope(error.verdict, [])
    }
  }

  #granted(group: RateGroup, subject: string): boolean {
    if (this.#parts.rates.take(group, subject, this.#parts.wallMs())) return true
    this.#parts.counters.rateLimited++
    return false
  }
}

const FAULT_KINDS = { place: 'create', amend: 'amend', cancel: 'cancel', 'place-algo': 'create', 'amend-algo': 'amend', 'cancel-algo': 'cancel' } as const
const LIMITED: ReadonlySet<string> = new Set([codes.tooManyRequests.code, codes.accountOrders.code])

function envelope(verdict: Verdict, data: readonly unknown[], status = 200, times: object = {}): FrontResponse {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify({ code: verdict.code, msg: verdict.text, data, ...times }) }
}

/** A body is an object, or an array of them for batches. @returns null for anything else. */
function bodyOf(text: string): Fields | readonly unknown[] | null {
  const parsed = parseObject(`{"body":${text}}`)
  if (!parsed.ok || Object.keys(parsed.value).length !== 1) return null
  const body = parsed.value['body']
  return Array.isArray(body) ? (body as readonly unknown[]) : isFields(body) ? body : null
}
