import type { z } from 'zod'
import * as auth from './auth.ts'
import * as bot from './bot.ts'
import * as chaos from './chaos.ts'
import type { ApiErrorCode } from './errors.ts'
import * as health from './health.ts'
import * as market from './market.ts'
import * as models from './models.ts'
import * as orders from './orders.ts'
import { accepted, page } from './scalars.ts'
import * as trading from './trading.ts'

/** One route: everything that the server checks and the client may rely on. */
export interface RouteSpec {
  readonly method: 'GET' | 'POST'
  /** With `:name` for the fields of `params`. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  /** `open` needs no token, `cookie` the refresh cookie, `token` the header `authorization: Bearer …`. */
  readonly access: 'open' | 'cookie' | 'token'
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  readonly answer: z.ZodType
  /** Status of a good answer. */
  readonly status: 200 | 202
  /** Besides those that every route may give: RM_API_REQUEST, RM_API_RATE, RM_API_INTERNAL, with a token also RM_API_UNAUTHORISED and RM_API_TOKEN_EXPIRED. */
  readonly errors: readonly ApiErrorCode[]
  /** Answers carry an ETag: a client that has them already gets 304. */
  readonly etag?: boolean
}

const define = <const T extends Readonly<Record<string, RouteSpec>>>(table: T): T => table
const AWAY = ['RM_API_ENGINE_AWAY'] as const
const COMMAND = ['RM_API_ENGINE_AWAY', 'RM_API_REFUSED', 'RM_API_NOT_FOUND'] as const

/** Every route of the gateway but `/metrics`, `/docs`, `/ws` and the files of the dashboard. */
export const routes = define({
  login: { method: 'POST', path: '/auth/login', tag: 'auth', summary: 'Sign in; sets the refresh cookie', access: 'open', body: auth.loginBody, answer: auth.session, status: 200, errors: ['RM_API_PASSWORD', 'RM_API_LOCKED', 'RM_API_ORIGIN'] },
  refresh: { method: 'POST', path: '/auth/refresh', tag: 'auth', summary: 'A new access token for the refresh cookie, which is replaced', access: 'cookie', answer: auth.session, status: 200, errors: ['RM_API_UNAUTHORISED', 'RM_API_REFRESH_REUSED', 'RM_API_ORIGIN'] },
  logout: { method: 'POST', path: '/auth/logout', tag: 'auth', summary: 'Ends the session of the refresh cookie', access: 'cookie', answer: accepted, status: 200, errors: ['RM_API_ORIGIN'] },
  verify: { method: 'GET', path: '/auth/verify', tag: 'auth', summary: 'Whose token this is, and until when', access: 'token', answer: auth.verified, status: 200, errors: [] },
  changePassword: { method: 'POST', path: '/auth/change-password', tag: 'auth', summary: 'Another password; every other session ends', access: 'token', body: auth.changePasswordBody, answer: auth.session, status: 200, errors: ['RM_API_PASSWORD', 'RM_API_LOCKED'] },

  health: { method: 'GET', path: '/health', tag: 'supervisor', summary: 'Liveness, readiness, actors, price sources, latency', access: 'open', answer: health.health, status: 200, errors: [] },
  live: { method: 'GET', path: '/health/live', tag: 'supervisor', summary: 'The gateway turns', access: 'open', answer: health.live, status: 200, errors: [] },
  ready: { method: 'GET', path: '/health/ready', tag: 'supervisor', summary: 'The engine can trade; 503 when not', access: 'open', answer: health.readiness, status: 200, errors: AWAY },
  actors: { method: 'GET', path: '/actors', tag: 'supervisor', summary: 'The tree of supervision', access: 'token', answer: health.actorTree, status: 200, errors: AWAY },
  restartActor: { method: 'POST', path: '/actors/:id/restart', tag: 'supervisor', summary: 'Restarts an actor in good order', access: 'token', params: chaos.actorParams, body: bot.whyBody, answer: accepted, status: 202, errors: COMMAND },
  alerts: { method: 'GET', path: '/alerts', tag: 'supervisor', summary: 'Alerts, newest first', access: 'token', answer: page(health.alert), query: bot.alertsQuery, status: 200, errors: [] },
  audit: { method: 'GET', path: '/audit', tag: 'supervisor', summary: 'Who changed what, and why, newest first', access: 'token', answer: page(bot.auditRow), query: bot.auditQuery, status: 200, errors: [] },

  botStatus: { method: 'GET', path: '/bot/status', tag: 'bot', summary: 'What the engine does', access: 'token', answer: bot.botStatus, status: 200, errors: AWAY },
  botStart: { method: 'POST', path: '/bot/start', tag: 'bot', summary: 'Trades again: releases the kill switch', access: 'token', body: bot.startBody, answer: bot.released, status: 200, errors: COMMAND },
  botStop: { method: 'POST', path: '/bot/stop', tag: 'bot', summary: 'No new exposure: engages the kill switch; positions are watched on, or closed', access: 'token', body: bot.stopBody, answer: bot.killAnswer, status: 202, errors: AWAY },
  botConfig: { method: 'GET', path: '/bot/config', tag: 'bot', summary: 'The configuration in force with its sources, secrets masked', access: 'token', answer: bot.botConfig, status: 200, errors: [], etag: true },
  kill: { method: 'POST', path: '/kill', tag: 'bot', summary: 'Engages the kill switch', access: 'token', body: bot.stopBody, answer: bot.killAnswer, status: 202, errors: AWAY },
  killRelease: { method: 'POST', path: '/kill/release', tag: 'bot', summary: 'Releases the kill switch', access: 'token', body: bot.startBody, answer: bot.released, status: 200, errors: COMMAND },

  pairs: { method: 'GET', path: '/data/pairs', tag: 'data', summary: 'Every pair with its latest', access: 'token', answer: market.pairs, status: 200, errors: AWAY },
  orderBook: { method: 'GET', path: '/data/orderbook/:symbol', tag: 'data', summary: 'The book of a pair', access: 'token', params: market.symbolParams, query: market.depthQuery, answer: market.orderBook, status: 200, errors: ['RM_API_ENGINE_AWAY', 'RM_API_NOT_FOUND'] },
  symbolMetrics: { method: 'GET', path: '/data/metrics/:symbol', tag: 'data', summary: 'Everything measured of a pair, indicators included', access: 'token', params: market.symbolParams, answer: market.symbolMetrics, status: 200, errors: ['RM_API_ENGINE_AWAY', 'RM_API_NOT_FOUND'] },
  allMetrics: { method: 'GET', path: '/data/metrics', tag: 'data', summary: 'The same of all pairs', access: 'token', answer: market.allMetrics, status: 200, errors: AWAY },
  klines: { method: 'GET', path: '/api/market/klines/:symbol', tag: 'data', summary: 'Candles, oldest first', access: 'token', params: market.symbolParams, query: market.klinesQuery, answer: market.klines, status: 200, errors: ['RM_API_NOT_FOUND', 'RM_API_VENUE', 'RM_API_ENGINE_AWAY'], etag: true },

  signals: { method: 'GET', path: '/trading/signals', tag: 'trading', summary: 'Decisions, newest first', access: 'token', query: trading.signalsQuery, answer: trading.signals, status: 200, errors: [] },
  balance: { method: 'GET', path: '/trading/balance', tag: 'trading', summary: 'Balance, margin and equity', access: 'token', answer: trading.balance, status: 200, errors: AWAY },
  equity: { method: 'GET', path: '/trading/equity', tag: 'trading', summary: 'Equity over time', access: 'token', answer: trading.equity, status: 200, errors: [] },
  positions: { method: 'GET', path: '/trading/positions', tag: 'trading', summary: 'Open positions with live PnL', access: 'token', answer: trading.positions, status: 200, errors: [] },
  closePosition: { method: 'POST', path: '/trading/positions/:symbol/close', tag: 'trading', summary: 'Closes the position of a pair', access: 'token', params: trading.symbolCloseParams, body: trading.closeBody, answer: trading.closeAnswer, status: 202, errors: COMMAND },
  trades: { method: 'GET', path: '/trading/trades', tag: 'trading', summary: 'Closed positions, newest first', access: 'token', query: trading.tradesQuery, answer: trading.trades, status: 200, errors: [] },
  riskStatus: { method: 'GET', path: '/trading/risk-status', tag: 'trading', summary: 'Limits, what of them is used, and what they kept out', access: 'token', answer: trading.riskStatus, status: 200, errors: AWAY },
  setLimit: { method: 'POST', path: '/trading/risk/limits/:limit', tag: 'trading', summary: 'Another value for a limit', access: 'token', params: bot.limitParams, body: bot.limitBody, answer: accepted, status: 202, errors: COMMAND },
  executionStats: { method: 'GET', path: '/trading/execution-stats', tag: 'trading', summary: 'Orders, fills and latency in numbers', access: 'token', answer: trading.executionStats, status: 200, errors: [] },
  orders: { method: 'GET', path: '/api/trading/orders', tag: 'trading', summary: 'Orders by filter, sorted, in pages', access: 'token', query: orders.ordersQuery, answer: orders.orders, status: 200, errors: [], etag: true },
  order: { method: 'GET', path: '/api/trading/orders/:id', tag: 'trading', summary: 'An order with its story: decision, risk, fills, PnL, chain', access: 'token', params: orders.orderParams, answer: orders.orderDetail, status: 200, errors: ['RM_API_NOT_FOUND'] },
  closeOrder: { method: 'POST', path: '/api/trading/orders/:id/close', tag: 'trading', summary: 'Closes the position of an order', access: 'token', params: orders.orderParams, body: trading.closeBody, answer: trading.closeAnswer, status: 202, errors: COMMAND },

  mlStatus: { method: 'GET', path: '/ml/status', tag: 'engine', summary: 'Use of the model', access: 'token', answer: models.mlStatus, status: 200, errors: [] },
  models: { method: 'GET', path: '/models', tag: 'engine', summary: 'Registered versions', access: 'token', answer: models.models, status: 200, errors: [] },
  activateModel: { method: 'POST', path: '/models/:version/activate', tag: 'engine', summary: 'Points inference at a version', access: 'token', params: models.versionParams, body: models.activateBody, answer: models.activated, status: 200, errors: ['RM_API_NOT_FOUND', 'RM_API_REFUSED'] },
  detectionStatus: { method: 'GET', path: '/detection/status/:symbol', tag: 'engine', summary: 'What the detectors see', access: 'token', params: market.symbolParams, answer: market.detectionStatus, status: 200, errors: ['RM_API_ENGINE_AWAY', 'RM_API_NOT_FOUND'] },
  srLevels: { method: 'GET', path: '/detection/sr-levels/:symbol', tag: 'engine', summary: 'Support and resistance next to the price', access: 'token', params: market.symbolParams, answer: market.srLevels, status: 200, errors: ['RM_API_ENGINE_AWAY', 'RM_API_NOT_FOUND'] },
  strategiesStatus: { method: 'GET', path: '/strategies/status', tag: 'engine', summary: 'Strategies, their votes and what became of them', access: 'token', answer: health.strategiesStatus, status: 200, errors: AWAY },
  setStrategy: { method: 'POST', path: '/strategies/:strategy/:setting', tag: 'engine', summary: 'Switch, weight or parameter of a strategy', access: 'token', params: bot.strategyParams, body: bot.strategyBody, answer: accepted, status: 202, errors: COMMAND },
  recoveryStatus: { method: 'GET', path: '/api/monitoring/recovery/status', tag: 'engine', summary: 'The last recovery', access: 'token', answer: health.recoveryStatus, status: 200, errors: AWAY },
  recoveryTrigger: { method: 'POST', path: '/api/monitoring/recovery/trigger', tag: 'engine', summary: 'Reconciles with the venue now', access: 'token', body: bot.whyBody, answer: bot.requestAnswer, status: 202, errors: COMMAND },
  breakers: { method: 'GET', path: '/api/monitoring/breakers', tag: 'engine', summary: 'Circuit breakers and rate limits of the venue', access: 'token', answer: health.breakers, status: 200, errors: AWAY },
  resetBreaker: { method: 'POST', path: '/api/monitoring/breakers/:group/reset', tag: 'engine', summary: 'Closes a breaker by hand', access: 'token', params: bot.groupParams, body: bot.whyBody, answer: accepted, status: 202, errors: COMMAND },

  faults: { method: 'GET', path: '/chaos/faults', tag: 'chaos', summary: 'Faults of the built-in exchange, and what is armed', access: 'token', answer: chaos.faults, status: 200, errors: ['RM_API_PAPER_ONLY', 'RM_API_VENUE'] },
  armFault: { method: 'POST', path: '/chaos/faults/:action', tag: 'chaos', summary: 'Arms a fault of the built-in exchange', access: 'token', params: chaos.faultParams, body: chaos.faultBody, answer: chaos.faultAnswer, status: 202, errors: ['RM_API_PAPER_ONLY', 'RM_API_VENUE', 'RM_API_REFUSED', 'RM_API_NOT_FOUND'] },
  killActor: { method: 'POST', path: '/chaos/actors/:id/kill', tag: 'chaos', summary: 'Breaks an actor, its thread or the engine process', access: 'token', params: chaos.actorParams, body: chaos.killActorBody, answer: accepted, status: 202, errors: ['RM_API_PAPER_ONLY', ...COMMAND] },
  invariants: { method: 'GET', path: '/chaos/invariants', tag: 'chaos', summary: 'What must hold whatever is broken', access: 'token', answer: chaos.invariants, status: 200, errors: ['RM_API_PAPER_ONLY', 'RM_API_ENGINE_AWAY'] },
})

export type RouteName = keyof typeof routes
type Of<Spec, Part extends string> = Spec extends { readonly [K in Part]: infer T extends z.ZodType } ? T : undefined
type In<T> = T extends z.ZodType ? z.input<T> : undefined
type Out<T> = T extends z.ZodType ? z.output<T> : undefined

/** What a client gives and gets, by the name of a route. */
export type RouteParams<Name extends RouteName> = In<Of<(typeof routes)[Name], 'params'>>
export type RouteQuery<Name extends RouteName> = In<Of<(typeof routes)[Name], 'query'>>
export type RouteBody<Name extends RouteName> = In<Of<(typeof routes)[Name], 'body'>>
export type RouteAnswer<Name extends RouteName> = Out<Of<(typeof routes)[Name], 'answer'>>

/** What the server has checked and must answer. */
export interface RouteInput<Name extends RouteName> {
  readonly params: Out<Of<(typeof routes)[Name], 'params'>>
  readonly query: Out<Of<(typeof routes)[Name], 'query'>>
  readonly body: Out<Of<(typeof routes)[Name], 'body'>>
}
