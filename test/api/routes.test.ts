import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiErrors, errorAnswer, type RouteName, type RouteSpec, routes } from '../../src/api/index.ts'
import { errorCatalogue, RingmasterError } from '../../src/core/index.ts'
import type { ModelsHealth } from '../../src/runtime/health/index.ts'
import { snapshot } from '../health/fixture.ts'
import { ApiFixture } from './fixture.ts'

const table = Object.entries(routes) as [RouteName, RouteSpec][]
/** Ends the session, or another one's: not while others are to be asked. */
const LEAVING: readonly string[] = ['logout', 'refresh', 'changePassword', 'login']

describe('the routes', () => {
  let api: ApiFixture
  let token: string
  beforeAll(async () => {
    api = await ApiFixture.start()
    ;({ token } = await api.login())
  })
  afterAll(() => api.close())

  const call = (method: 'GET' | 'POST', url: string, payload?: string | object, headers: Record<string, string> = {}) =>
    api.server.app.inject({ method, url, headers: { authorization: `Bearer ${token}`, ...headers }, ...(payload === undefined ? {} : { payload }) })

  it('have coded errors of the catalogue, and nothing twice', () => {
    for (const code of Object.keys(apiErrors)) expect(Object.keys(errorCatalogue)).toContain(code)
    expect(new Set(table.map(([, { method, path }]) => `${method} ${path}`)).size).toBe(table.length)
    for (const [name, { method, body }] of table) if (method === 'GET') expect([name, body]).toEqual([name, undefined])
  })

  it('stand in the OpenAPI document, each with its answer', async () => {
    const document = (await call('GET', '/docs/json')).json() as { paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>> }
    for (const [name, { method, path, status }] of table) {
      const found = document.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
      expect([name, found?.operationId, Object.keys(found?.responses ?? {})]).toEqual([name, name, [String(status), '4XX', '5XX']])
    }
    const page = await call('GET', '/docs/')
    expect(page.statusCode).toBe(200)
    expect(page.body).not.toMatch(/(?:src|href)="https?:/)
  })

  const good: readonly (readonly [RouteName, string, object?])[] = [
    ['verify', '/auth/verify'], ['health', '/health'], ['live', '/health/live'], ['ready', '/health/ready'], ['actors', '/actors'], ['restartActor', '/actors/ingest:BTCUSDT/restart', { why: 'test' }], ['alerts', '/alerts?severity=warning'], ['audit', '/audit'],
    ['botStatus', '/bot/status'], ['botStart', '/bot/start', { why: 'test' }], ['botStop', '/bot/stop', { why: 'test' }], ['botConfig', '/bot/config'], ['kill', '/kill', { why: 'test', flatten: true }], ['killRelease', '/kill/release', { why: 'test', force: true }],
    ['pairs', '/data/pairs'], ['orderBook', '/data/orderbook/BTCUSDT?depth=1'], ['symbolMetrics', '/data/metrics/BTCUSDT'], ['allMetrics', '/data/metrics'], ['klines', '/api/market/klines/BTCUSDT?interval=15'],
    ['signals', '/trading/signals'], ['balance', '/trading/balance'], ['equity', '/trading/equity'], ['positions', '/trading/positions'], ['closePosition', '/trading/positions/BTCUSDT/close', { why: 'test' }], ['trades', '/trading/trades'], ['riskStatus', '/trading/risk-status'],
    ['setLimit', '/trading/risk/limits/max_open_positions', { value: '3', why: 'test' }], ['executionStats', '/trading/execution-stats'], ['orders', '/api/trading/orders'], ['order', '/api/trading/orders/rmtestE1D0S1A0'], ['closeOrder', '/api/trading/orders/rmtestE1D0S5A0/close', { why: 'test' }],
    ['mlStatus', '/ml/status'], ['models', '/models'], ['detectionStatus', '/detection/status/BTCUSDT'], ['srLevels', '/detection/sr-levels/BTCUSDT'], ['strategiesStatus', '/strategies/status'], ['setStrategy', '/strategies/imbalance/weight', { value: 2, why: 'test' }],
    ['recoveryStatus', '/api/monitoring/recovery/status'], ['recoveryTrigger', '/api/monitoring/recovery/trigger', { why: 'test' }], ['breakers', '/api/monitoring/breakers'], ['resetBreaker', '/api/monitoring/breakers/trade/reset', { why: 'test' }],
    ['faults', '/chaos/faults'], ['armFault', '/chaos/faults/heal', { why: 'test' }], ['killActor', '/chaos/actors/execution/kill', { why: 'test' }], ['invariants', '/chaos/invariants'],
  ]

  it('answer what the contract says, every one of them', async () => {
    const named = new Set([...good.map(([name]) => name), ...LEAVING, 'activateModel'])
    expect([...table.map(([name]) => name)].filter((name) => !named.has(name))).toEqual([])
    for (const [name, url, body] of good) {
      const spec: RouteSpec = routes[name]
      const response = await call(spec.method, url, body)
      expect([name, response.statusCode, response.body.slice(0, 300)]).toEqual([name, spec.status, response.body.slice(0, 300)])
      expect([name, spec.answer.safeParse(response.json()).error]).toEqual([name, undefined])
    }
    expect((await call('POST', '/models/v1/activate', { why: 'test' })).json()).toMatchObject({ code: 'RM_API_NOT_FOUND' })
  })

  it('pass the word of a person on to the supervisor, and write it down', async () => {
    api.asked.length = 0
    await call('POST', '/bot/stop', { why: ' too hot ', flatten: true })
    await call('POST', '/api/trading/orders/rmtestE1D0S5A0/close', { why: 'enough' })
    await call('POST', '/strategies/momentum/enabled', { value: false, why: 'noise' })
    expect(api.asked).toEqual([
      { kind: 'kill', give: { user: 'operator', why: 'stopped: too hot', flatten: true } },
      { kind: 'close-position', give: { user: 'operator', why: 'operator: enough', symbol: 'BTCUSDT' } },
      { kind: 'set-strategy', give: { user: 'operator', why: 'noise', strategy: 'momentum', setting: 'enabled', value: 'false' } },
    ])
    const { items } = (await call('GET', '/audit?limit=3')).json() as { items: object[] }
    expect(items).toMatchObject([{ action: 'set-strategy', why: 'noise', answer: 'accepted', user: 'operator' }, { action: 'close-order', target: 'rmtestE1D0S5A0' }, { action: 'bot-stop', why: 'too hot' }])
  })

  it('say no where the engine says no, and that it is away where nobody answers', async () => {
    api.answers = { release: { kind: 'refused', reason: 'the loss stands' }, 'restart-actor': { kind: 'unknown' }, 'set-limit': 'too small', 'close-position': { kind: 'refused', reason: 'down' }, recover: new RingmasterError('RM_API_ENGINE_AWAY', { what: 'recover', reason: 'gone' }) }
    const of = async (url: string, body: object): Promise<readonly [number, string]> => {
      const response = await call('POST', url, body)
      return [response.statusCode, (response.json() as { code: string }).code]
    }
    expect(await of('/bot/start', { why: 'x' })).toEqual([409, 'RM_API_REFUSED'])
    expect(await of('/actors/x/restart', { why: 'x' })).toEqual([404, 'RM_API_NOT_FOUND'])
    expect(await of('/trading/risk/limits/max_open_positions', { value: '0', why: 'x' })).toEqual([409, 'RM_API_REFUSED'])
    expect(await of('/trading/positions/BTCUSDT/close', { why: 'x' })).toEqual([409, 'RM_API_REFUSED'])
    expect(await of('/api/monitoring/recovery/trigger', { why: 'x' })).toEqual([503, 'RM_API_ENGINE_AWAY'])
    expect(await of('/api/trading/orders/rmtestE1D0S1A0/close', { why: 'x' })).toEqual([409, 'RM_API_REFUSED'])
    expect(await of('/api/trading/orders/nobody/close', { why: 'x' })).toEqual([404, 'RM_API_NOT_FOUND'])
    expect(await of('/kill', { why: '' })).toEqual([400, 'RM_API_REQUEST'])
    api.answers = {}
  })

  it('tell of drift and shadow as the actors do, and of none while there is no model', async () => {
    const status = async (models: ModelsHealth | null): Promise<unknown> => {
      api.desk.root.forget()
      api.answers = { picture: { snapshot: { ...snapshot({ mode: 'paper' }), models }, recovery: null, strategies: [] } }
      const response = await call('GET', '/ml/status')
      expect([response.statusCode, routes.mlStatus.answer.safeParse(response.json()).error]).toEqual([200, undefined])
      return response.json()
    }
    const drift = { severity: 'high', recommendation: 'use the fallback', features: 0.4, worst: [{ name: 'spread_percent', distance: 0.7 }], predictions: 0.31, accuracy: null, testAccuracy: 0.55 }
    const shadow = { version: 'v2', answers: 40, agreement: 0.75, matured: 0, accuracy: null, activeAccuracy: null }
    const told = await status({ active: 'v1', error: 'RM_MODEL_HASH: another file', answers: 9, failures: 0, meanRunNs: 1, largestBatch: 1, agreementRate: null, fallbackRate: 0, drift, shadow })
    const { predictions, ...rest } = drift
    expect(told).toMatchObject({ refused: 'RM_MODEL_HASH: another file', drift: { ...rest, predictionPsi: predictions }, shadow })
    expect(await status(null)).toMatchObject({ refused: null, drift: null, shadow: null })
    api.answers = {}
    api.desk.root.forget()
  })

  it('answer with 304 to who has the answer already', async () => {
    for (const path of ['/bot/config', '/api/trading/orders', '/api/market/klines/BTCUSDT']) {
      const first = await call('GET', path)
      const again = await call('GET', path, undefined, { 'if-none-match': String(first.headers['etag']) })
      expect([path, again.statusCode, again.body]).toEqual([path, 304, ''])
      expect((await call('GET', path, undefined, { 'if-none-match': 'W/"other"' })).statusCode).toBe(200)
    }
  })

  it('take whatever is thrown at them without a 500', async () => {
    const nasty = fc.oneof(fc.string({ maxLength: 40 }), fc.constantFrom("' or 1=1 --", '"; drop table orders', '../../etc/passwd', '%00', '__proto__', '${7*7}', '<script>', '{"$ne":null}', 'NaN', '-1', '1e999', '9007199254740993', 'BTCUSDT', 'rmtestE1D0S5A0', '\u202e', '💥'), fc.integer().map(String))
    const value = fc.oneof(nasty, fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.array(fc.string(), { maxLength: 3 }), fc.dictionary(fc.string({ maxLength: 10 }), fc.string({ maxLength: 10 }), { maxKeys: 3 }))
    const names = fc.constantFrom('why', 'flatten', 'force', 'value', 'fields', 'fault', 'limit', 'cursor', 'sort', 'direction', 'symbol', 'status', 'strategy', 'depth', 'interval', 'password', 'current', 'next', 'x')
    const route = fc.constantFrom(...table.filter(([name]) => !LEAVING.includes(name)))
    await fc.assert(
      fc.asyncProperty(route, fc.array(nasty, { minLength: 2, maxLength: 2 }), fc.dictionary(names, nasty, { maxKeys: 4 }), fc.oneof(fc.dictionary(names, value, { maxKeys: 4 }), value), fc.constantFrom('application/json', 'text/plain', 'application/json; charset=x'), async ([name, spec], parts, query, body, type) => {
        let part = 0
        const path = spec.path.replaceAll(/:\w+/g, () => encodeURIComponent(parts[part++ % 2]!.toWellFormed()))
        const search = new URLSearchParams(Object.fromEntries(Object.entries(query).map(([key, text]) => [key, text.toWellFormed()])))
        const response = await call(spec.method, `${path}?${search.toString()}`, spec.method === 'POST' ? JSON.stringify(body) : undefined, spec.method === 'POST' ? { 'content-type': type } : {})
        const status = response.statusCode
        expect([name, status, response.body.slice(0, 200)]).toEqual([name, status >= 500 ? -1 : status, response.body.slice(0, 200)])
        if (status >= 400) expect([name, errorAnswer.safeParse(response.json()).error]).toEqual([name, undefined])
      }),
      { numRuns: 500 },
    )
  })

  it('find nothing by a filter that is none, and everything is a word to them', async () => {
    for (const query of ["symbol=BTCUSDT' or '1'='1", 'status=filled; drop', 'sort=constructor', 'strategy=__proto__', 'limit=0', 'limit=501', 'cursor=../x']) expect([query, (await call('GET', `/api/trading/orders?${query}`)).statusCode]).toEqual([query, 400])
    expect((await call('GET', '/api/trading/orders?cursor=zzz')).json()).toMatchObject({ total: 9 })
  })
})
