import type { FrontRequest, FrontResponse } from '../front/wire.ts'
import type { Timers, WallMs } from '../../core/index.ts'
import { codes, Refused, wrong } from './codes.ts'
import type { Verdict } from '../front/verdict.ts'
import type { CommandKind, FaultPlan } from '../front/faults.ts'
import type { Maintenance } from '../front/maintenance.ts'
import { parseObject, type Fields } from '../front/json.ts'
import { batchOf, type CommandResult, type OrderDesk } from './order-desk.ts'
import type { PrivateHub } from './private-hub.ts'
import { Query } from './query.ts'
import type { RateGrant, RateLimits } from './rate-limits.ts'
import type { RestAccount } from './rest-account.ts'
import type { RestMarket } from './rest-market.ts'
import type { Row } from './rows.ts'
import type { ApiKey, FrontLimits, RateGroup } from './settings.ts'
import type { FrontCounters } from '../front/counters.ts'
import type { FrontLatency } from '../front/latency.ts'
import type { KeyRing } from './signature.ts'

export interface RestParts {
  readonly timers: Timers
  readonly latency: FrontLatency
  readonly limits: FrontLimits
  readonly counters: FrontCounters
  readonly faults: FaultPlan
  readonly rates: RateLimits
  readonly keys: KeyRing
  readonly desk: OrderDesk
  readonly hub: PrivateHub
  readonly market: RestMarket
  readonly account: RestAccount
  readonly wallMs: () => WallMs
  readonly venueMs: () => WallMs
  /** Uniform addition to a delay. */
  readonly jittered: (baseMs: number) => number
  readonly traceId: () => string
  readonly onDefect: (error: unknown) => void
}

type Done = (response: FrontResponse) => void
type Ask = { readonly kind: 'public'; readonly run: (query: Query) => Row }
type Signed = { readonly kind: 'signed'; readonly group: RateGroup; readonly run: (key: ApiKey, query: Query) => Row }
type Change = { readonly kind: 'change'; readonly group: RateGroup; readonly run: (key: ApiKey, fields: Fields) => Row }
type Command = { readonly kind: 'command'; readonly group: RateGroup; readonly command: CommandKind; readonly units: (fields: Fields) => number; readonly run: (key: ApiKey, fields: Fields, granted: number) => CommandResult }
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
    const answerMs = this.#parts.jittered(this.#parts.latency.replyMs)
    const reply = (response: FrontResponse): void => {
      if (response.status !== 200) this.#parts.counters.httpRefused++
      this.#parts.timers.after(answerMs, () => done(response))
    }
    try {
      const early = this.#door(request)
      if (early !== null) return reply(early)
      const route = this.#routes.get(`${request.method} ${request.path}`)
      if (route === undefined) return reply(plain(404, 'path not found'))
      this.#route(route, request, answerMs, reply)
    } catch (error) {
      if (error instanceof Refused) return reply(this.#envelope(error.verdict, {}, {}, null))
      // A defect of ours is one failed request, never the end of the exchange.
      this.#parts.counters.internalErrors++
      this.#parts.onDefect(error)
      reply(this.#envelope(codes.serverError, {}, {}, null))
    }
  }

  #door(request: FrontRequest): FrontResponse | null {
    const { counters, faults, limits, rates } = this.#parts
    const address = rates.address(request.ip ?? '', this.#parts.wallMs())
    if (address !== 'pass') {
      if (address === 'ban') counters.addressBans++
      return plain(403, 'access too frequent')
    }
    if (faults.banned) return plain(403, 'access too frequent')
    if (faults.maintenance) return faults.window.by === 'http' ? plain(503, 'service unavailable') : this.#envelope(codes.serverError, {}, {}, null)
    if (request.body.length > limits.messageBytesMax) return plain(413, 'body too large')
    if (request.method === 'GET' && request.body.trim() !== '') return plain(403, 'GET with a body')
    return null
  }

  #route(route: Route, request: FrontRequest, answerMs: number, reply: Done): void {
    const query = request.method === 'GET' ? request.query : ''
    const { rest } = this.#parts.faults
    if (route.kind === 'public') {
      if (rest.takeRateRefusal('market')) return reply(this.#envelope(codes.tooManyVisits, {}, {}, null))
      return reply(this.#envelope(codes.ok, this.#shown(request.path, route.run(new Query(query))), {}, null))
    }
    const { headers } = request
    if (headers['x-bapi-api-key'] === undefined || headers['x-bapi-timestamp'] === undefined || headers['x-bapi-sign'] === undefined) {
      return reply(this.#envelope(codes.unknownKey, {}, {}, null, 401))
    }
    const check = this.#parts.keys.request(headers, request.method === 'GET' ? request.query : request.body, this.#parts.venueMs())
    if (!check.ok) {
      this.#parts.counters.badSignatures++
      return reply(this.#envelope(check.verdict, {}, {}, null))
    }
    if (route.kind === 'signed') {
      const grant = this.#take(check.key, route.group, 1)
      if (grant.granted === 0) return reply(this.#envelope(codes.tooManyVisits, {}, {}, grant))
      return reply(this.#guarded(grant, () => this.#shown(request.path, route.run(check.key, new Query(query)))))
    }
    const parsed = parseObject(request.body)
    if (!parsed.ok) {
      this.#parts.counters.badMessages++
      return reply(this.#envelope(wrong(`body is ${parsed.reason}`), {}, {}, null))
    }
    if (route.kind === 'change') {
      const grant = this.#take(check.key, route.group, 1)
      if (grant.granted === 0) return reply(this.#envelope(codes.tooManyVisits, {}, {}, grant))
      return this.#parts.hub.command(answerMs, () => reply(this.#guarded(grant, () => route.run(check.key, parsed.value))))
    }
    this.#command(route, check.key, parsed.value, answerMs, reply)
  }

  #command(route: Command, key: ApiKey, fields: Fields, answerMs: number, reply: Done): void {
    const { counters, faults, hub, timers } = this.#parts
    const grant = this.#take(key, route.group, route.units(fields))
    if (grant.granted === 0) return reply(this.#envelope(codes.tooManyVisits, {}, {}, grant))
    hub.command(answerMs, () => {
      const done = route.run(key, fields, grant.granted)
      if (faults.takeLostReply(route.command)) {
        counters.repliesLost++
        return
      }
      const failed = faults.rest.takeFailedReply(route.command)
      const extraMs = faults.takeReplyDelay(route.command)
      const response = failed === null ? this.#envelope(done, done.result, done.ext, grant) : plain(failed, 'no answer in time')
      if (extraMs > 0) timers.after(extraMs, () => reply(response))
      else reply(response)
    })
  }

  // A list that was shortened does not say so: no cursor leads on.
  #shown(path: string, row: Row): Row {
    const { list } = row
    if (!Array.isArray(list)) return row
    const shown = this.#parts.faults.rest.shown(path, list as readonly unknown[])
    return shown === list ? row : { ...row, list: shown, nextPageCursor: '' }
  }

  #guarded(grant: RateGrant, run: () => Row): FrontResponse {
    try {
      return this.#envelope(codes.ok, run(), {}, grant)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return this.#envelope(error.verdict, {}, {}, grant)
    }
  }

  #take(key: ApiKey, group: RateGroup, units: number): RateGrant {
    const grant = this.#parts.rates.take(key.account, group, units, this.#parts.wallMs())
    if (grant.granted === 0) this.#parts.counters.rateLimited++
    return grant
  }

  #envelope(verdict: Verdict, result: Row, ext: Row, grant: RateGrant | null, status = 200): FrontResponse {
    const time = this.#parts.venueMs()
    const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8', Timenow: String(time), Traceid: this.#parts.traceId() }
    if (grant !== null) {
      headers['X-Bapi-Limit'] = String(grant.limit)
      headers['X-Bapi-Limit-Status'] = String(grant.remaining)
      headers['X-Bapi-Limit-Reset-Timestamp'] = String(grant.resetMs)
    }
    return { status, headers, body: JSON.stringify({ retCode: verdict.code, retMsg: verdict.text, result, retExtInfo: ext, time }) }
  }
}

/** The last maintenance that was announced, as the status page of the venue has it. */
function maintenanceRows({ status }: Maintenance): readonly Row[] {
  if (status === null) return []
  const { announcedMs, beginMs, endMs, state } = status
  return [{ id: String(announcedMs), title: 'Maintenance of the built-in exchange', state, begin: String(beginMs), end: String(endMs), href: '', serviceTypes: [2, 3, 4, 5], product: [1, 2], uidSuffix: [], maintainType: 1, env: 1 }]
}

const plain = (status: number, body: string): FrontResponse => ({ status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body })

function routes({ market, account, desk, faults, venueMs }: RestParts): ReadonlyMap<string, Route> {
  const one = (): number => 1
  const ask = (run: Ask['run']): Route => ({ kind: 'public', run })
  const signed = (group: RateGroup, run: Signed['run']): Route => ({ kind: 'signed', group, run })
  const change = (group: RateGroup, run: Change['run']): Route => ({ kind: 'change', group, run })
  const single = (command: 'create' | 'amend' | 'cancel'): Route => ({ kind: 'command', group: command, command, units: one, run: (key, fields) => desk[command](key.account, fields) })
  const batch = (command: 'create' | 'amend' | 'cancel'): Route => ({
    kind: 'command', group: `${command}-batch`, command, units: (fields) => batchOf(fields).length, run: (key, fields, granted) => desk.batch(key.account, command, fields, granted),
  })
  return new Map<string, Route>([
    ['GET /v5/system/status', ask(() => ({ list: maintenanceRows(faults.window) }))],
    ['GET /v5/market/time', ask(() => market.time(venueMs()))],
    ['GET /v5/market/instruments-info', ask((query) => market.instruments(query))],
    ['GET /v5/market/tickers', ask((query) => market.tickers(query))],
    ['GET /v5/market/orderbook', ask((query) => market.orderbook(query))],
    ['GET /v5/market/kline', ask((query) => market.kline(query))],
    ['GET /v5/market/mark-price-kline', ask((query) => market.markKline(query, 'mark'))],
    ['GET /v5/market/index-price-kline', ask((query) => market.markKline(query, 'index'))],
    ['GET /v5/market/funding/history', ask((query) => market.fundingHistory(query))],
    ['GET /v5/market/recent-trade', ask((query) => market.recentTrades(query))],
    ['GET /v5/market/open-interest', ask((query) => market.openInterest(query))],
    ['GET /v5/market/price-limit', ask((query) => market.priceLimit(query))],
    ['GET /v5/market/risk-limit', ask((query) => market.riskLimit(query))],
    ['POST /v5/order/create', single('create')],
    ['POST /v5/order/amend', single('amend')],
    ['POST /v5/order/cancel', single('cancel')],
    ['POST /v5/order/cancel-all', { kind: 'command', group: 'cancel-all', command: 'cancel', units: one, run: (key, fields) => desk.cancelAll(key.account, fields) }],
    ['POST /v5/order/pre-check', { kind: 'command', group: 'pre-check', command: 'create', units: one, run: (key, fields) => desk.preCheck(key.account, fields) }],
    ['POST /v5/order/create-batch', batch('create')],
    ['POST /v5/order/amend-batch', batch('amend')],
    ['POST /v5/order/cancel-batch', batch('cancel')],
    ['GET /v5/order/realtime', signed('realtime', (key, query) => account.realtime(key, query))],
    ['GET /v5/order/history', signed('history', (key, query) => account.history(key, query))],
    ['GET /v5/execution/list', signed('executions', (key, query) => account.executions(key, query))],
    ['GET /v5/position/list', signed('positions', (key, query) => account.positions(key, query))],
    ['GET /v5/position/closed-pnl', signed('closed-pnl', (key, query) => account.closedPnl(key, query))],
    ['POST /v5/position/set-leverage', change('leverage', (key, fields) => account.setLeverage(key, fields))],
    ['POST /v5/position/switch-mode', change('mode', (key, fields) => account.switchMode(key, fields))],
    ['POST /v5/position/trading-stop', change('trading-stop', (key, fields) => account.tradingStop(key, fields))],
    ['POST /v5/order/disconnected-cancel-all', change('settings', (key, fields) => account.setDisconnectProtection(key, fields))],
    ['GET /v5/account/query-dcp-info', signed('settings', (key) => account.disconnectProtection(key))],
    ['POST /v5/account/set-limit-px-action', change('settings', (key, fields) => account.setLimitPriceAction(key, fields))],
    ['POST /v5/account/set-margin-mode', change('settings', (_key, fields) => account.setMarginMode(fields))],
    ['GET /v5/account/wallet-balance', signed('wallet', (key, query) => account.wallet(key, query))],
    ['GET /v5/account/info', signed('account', (key) => account.accountInfo(key))],
    ['GET /v5/account/fee-rate', signed('fee-rate', (_key, query) => account.feeRate(query))],
    ['GET /v5/account/transaction-log', signed('transactions', (key, query) => account.transactionLog(key, query))],
    ['GET /v5/user/query-api', signed('account', (key) => account.apiKey(key))],
    ['GET /v5/asset/coin/query-info', signed('account', (_key, query) => account.coins(query))],
  ])
}
