import type { Timers, WallMs } from '../../core/index.ts'
import { isFields, parseObject, type Fields } from '../front/json.ts'
import type { FrontRequest, FrontResponse } from '../front/wire.ts'
import type { FrontCounters } from '../front/counters.ts'
import type { FrontLatency } from '../front/latency.ts'
import { codes, Refused, type Verdict } from './codes.ts'
import type { DeadMan } from './dead-man.ts'
import type { OkxFaults } from './faults.ts'
import type { Maintenance } from '../front/maintenance.ts'
import type { Action, OrderDesk } from './order-desk.ts'
import type { PrivateHub } from './private-hub.ts'
import { Query } from './query.ts'
import type { RateLimits } from './rate-limits.ts'
import type { RestAccount } from './rest-account.ts'
import type { RestMarket } from './rest-market.ts'
import type { OkxKey, OkxLimits, RateGroup } from './settings.ts'
import type { KeyRing } from './signature.ts'
import type { TradeGate } from './trade-gate.ts'

export interface RestParts {
  readonly timers: Timers
  readonly latency: FrontLatency
  readonly limits: OkxLimits
  readonly counters: FrontCounters
  readonly faults: OkxFaults
  readonly rates: RateLimits
  readonly keys: KeyRing
  readonly desk: OrderDesk
  readonly gate: TradeGate
  readonly hub: PrivateHub
  readonly deadMan: DeadMan
  readonly market: RestMarket
  readonly account: RestAccount
  readonly wallMs: () => WallMs
  readonly venueMs: () => WallMs
  /** Uniform addition to a delay. */
  readonly jittered: (baseMs: number) => number
  readonly onDefect: (error: unknown) => void
}

type Done = (response: FrontResponse) => void
type Ask = { readonly kind: 'public'; readonly group: RateGroup; readonly run: (query: Query) => readonly unknown[] }
type Signed = { readonly kind: 'signed'; readonly group: RateGroup; readonly run: (key: OkxKey, query: Query) => readonly unknown[] }
type Change = { readonly kind: 'change'; readonly group: RateGroup; readonly run: (key: OkxKey, fields: Fields) => readonly unknown[] }
type Command = { readonly kind: 'command'; readonly action: Action; readonly batch: boolean }
type Route = Ask | Signed | Change | Command

/** The REST side: routes, signatures, limits and the envelope. */
export class Rest {
  readonly #parts: RestParts
  readonly #routes: ReadonlyMap<string, Route>

  constructor(parts: RestParts) {
    this.#parts = parts
    this.#routes = routes(parts)
  }

  /** `done` runs once, after the latency of both ways, never inside this call; not at all when the answer is lost. */
  request(request: FrontRequest, done: Done): void {
    const { timers, latency, jittered } = this.#parts
    this.#parts.counters.httpRequests++
    const requestMs = jittered(latency.requestMs)
    if (requestMs > 0) timers.after(requestMs, () => this.#handle(request, done))
    else this.#handle(request, done)
  }

  #handle(request: FrontRequest, done: Done): void {
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
      this.#route(route, request, answerMs, reply)
    } catch (error) {
      if (error instanceof Refused) return reply(envelope(error.verdict, []))
      // A defect of ours is one failed request, never the end of the exchange.
      counters.internalErrors++
      this.#parts.onDefect(error)
      reply(envelope(codes.systemError, [], 500))
    }
  }

  #route(route: Route, request: FrontRequest, answerMs: number, reply: Done): void {
    const { counters, hub, keys, venueMs } = this.#parts
    if (route.kind === 'public') {
      if (!this.#granted(route.group, request.ip ?? '')) return reply(envelope(codes.tooManyRequests, [], 429))
      return reply(envelope(codes.ok, this.#parts.faults.rest.shown(request.path, route.run(new Query(request.query)))))
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
    if (route.kind === 'command') return this.#command(route, key, body, request.headers['exptime'] ?? '', answerMs, reply)
    if (!this.#granted(route.group, key.account)) return reply(envelope(codes.tooManyRequests, [], 429))
    hub.command(answerMs, () => reply(this.#guarded(() => route.run(key, body as Fields))))
  }

  #command(route: Command, key: OkxKey, body: Fields | readonly unknown[], expTime: string, answerMs: number, reply: Done): void {
    const { counters, faults, gate, hub, timers, venueMs } = this.#parts
    const inTime = `${venueMs()}000`
    const items = Array.isArray(body) ? (body as readonly unknown[]) : [body]
    if (!route.batch && Array.isArray(body)) return reply(envelope(codes.badArgs, [], 400))
    hub.command(answerMs, () => {
      const { verdict, data } = gate.run(route.action, key.account, items, expTime)
      const kind = route.action === 'place' ? 'create' : route.action
      if (faults.takeLostReply(kind)) {
        counters.repliesLost++
        return
      }
      const extraMs = faults.takeReplyDelay(kind)
      const failed = faults.rest.takeFailedReply(kind)
      const response = failed === null ? envelope(verdict, data, verdict.code === codes.tooManyRequests.code ? 429 : 200, { inTime, outTime: `${venueMs()}000` }) : envelope(codes.timeout, [], failed)
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

/** The last maintenance that was announced, as the status page of the venue has it. */
function maintenanceRows({ status }: Maintenance): readonly object[] {
  if (status === null) return []
  const { beginMs, endMs, state } = status
  return [{
    title: 'Maintenance of the built-in exchange', state, begin: String(beginMs), end: String(endMs), preOpenBegin: '', href: '', serviceType: '8', system: 'unified', scheDesc: '', maintType: '1', env: '1',
  }]
}

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

function routes({ market, account, desk, deadMan, faults, venueMs }: RestParts): ReadonlyMap<string, Route> {
  const ask = (group: RateGroup, run: Ask['run']): Route => ({ kind: 'public', group, run })
  const signed = (group: RateGroup, run: Signed['run']): Route => ({ kind: 'signed', group, run })
  const change = (group: RateGroup, run: Change['run']): Route => ({ kind: 'change', group, run })
  const command = (action: Action, batch: boolean): Route => ({ kind: 'command', action, batch })
  return new Map<string, Route>([
    ['GET /api/v5/public/time', ask('market', () => market.time(venueMs()))],
    ['GET /api/v5/public/instruments', ask('instruments', (query) => market.instruments(query))],
    ['GET /api/v5/public/funding-rate', ask('market', (query) => market.fundingRate(query))],
    ['GET /api/v5/public/funding-rate-history', ask('market', (query) => market.fundingHistory(query))],
    ['GET /api/v5/public/mark-price', ask('market', (query) => market.mark(query))],
    ['GET /api/v5/public/price-limit', ask('tickers', (query) => market.priceLimit(query))],
    ['GET /api/v5/public/open-interest', ask('tickers', (query) => market.openInterest(query))],
    ['GET /api/v5/public/position-tiers', ask('market', (query) => market.positionTiers(query))],
    ['GET /api/v5/public/convert-contract-coin', ask('market', (query) => market.convert(query))],
    ['GET /api/v5/system/status', ask('market', () => maintenanceRows(faults.window))],
    ['GET /api/v5/market/ticker', ask('tickers', (query) => market.ticker(query))],
    ['GET /api/v5/market/tickers', ask('tickers', (query) => market.tickers(query))],
    ['GET /api/v5/market/books', ask('books', (query) => market.books(query))],
    ['GET /api/v5/market/candles', ask('books', (query) => market.candles(query, false))],
    ['GET /api/v5/market/history-candles', ask('tickers', (query) => market.candles(query, true))],
    ['GET /api/v5/market/trades', ask('trades', (query) => market.trades(query))],
    ['POST /api/v5/trade/order', command('place', false)],
    ['POST /api/v5/trade/batch-orders', command('place', true)],
    ['POST /api/v5/trade/amend-order', command('amend', false)],
    ['POST /api/v5/trade/amend-batch-orders', command('amend', true)],
    ['POST /api/v5/trade/cancel-order', command('cancel', false)],
    ['POST /api/v5/trade/cancel-batch-orders', command('cancel', true)],
    ['POST /api/v5/trade/close-position', change('close-position', (key, fields) => [desk.closePosition(key.account, fields)])],
    ['POST /api/v5/trade/cancel-all-after', change('cancel-all-after', (key, fields) => [deadMan.arm(key.account, fields)])],
    ['GET /api/v5/trade/order', signed('order', (key, query) => account.order(key, query))],
    ['GET /api/v5/trade/orders-pending', signed('order', (key, query) => account.pending(key, query))],
    ['GET /api/v5/trade/orders-history', signed('orders-history', (key, query) => account.history(key, query, 7))],
    ['GET /api/v5/trade/orders-history-archive', signed('orders-history', (key, query) => account.history(key, query, 90))],
    ['GET /api/v5/trade/fills', signed('fills', (key, query) => account.fills(key, query, 3, false))],
    ['GET /api/v5/trade/fills-history', signed('fills', (key, query) => account.fills(key, query, 90, true))],
    ['GET /api/v5/account/balance', signed('balance', (key, query) => account.balance(key, query))],
    ['GET /api/v5/account/positions', signed('positions', (key, query) => account.positions(key, query))],
    ['GET /api/v5/account/config', signed('settings', (key) => account.config(key))],
    ['POST /api/v5/account/set-leverage', change('leverage', (key, fields) => account.setLeverage(key, fields))],
    ['GET /api/v5/account/leverage-info', signed('leverage', (key, query) => account.leverageInfo(key, query))],
    ['POST /api/v5/account/set-position-mode', change('settings', (_key, fields) => account.setPositionMode(fields))],
    ['GET /api/v5/account/trade-fee', signed('settings', (_key, query) => account.tradeFee(query))],
    ['GET /api/v5/account/bills', signed('bills', (key, query) => account.bills(key, query, 7))],
    ['GET /api/v5/account/bills-archive', signed('bills', (key, query) => account.bills(key, query, 90))],
    ['GET /api/v5/asset/currencies', signed('order', () => account.currencies())],
  ])
}
