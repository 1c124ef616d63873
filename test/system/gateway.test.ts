import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { request as httpRequest } from 'node:http'
import { WebSocket } from 'ws'
import { type RouteAnswer, type RouteName, type RouteSpec, routes, type ServerMessage, subprotocols } from '../../src/api/index.ts'
import { readJournal } from '../../src/trading/index.ts'
import { EngineProcess } from './engine-process.ts'
import { journalOf } from './ledger-check.ts'

const PASSWORD = 'a password for the test'
const EAGER = [
  'trading_pairs=BTCUSDT', 'gateway.enabled=true', 'gateway.port=0', `gateway.password=${PASSWORD}`, 'strategy.imbalance.buy_threshold=0.52', 'strategy.imbalance.sell_threshold=0.48', 'strategy.imbalance.repeat_ms=100', 'strategy.min_confidence=0.5',
  'order_executor.limit_order.default_offset_percent=0.001', 'order_executor.limit_order.by_regime.choppy.limit_offset_percent=0.001', 'strategies.exits=off', 'strategies.model=decides', 'exit.max_holding_s=600', 'exit.by_regime.choppy.tp_percent=5', 'exit.by_regime.choppy.sl_percent=5', 'shutdown.timeout_s=6',
]

/** The gateway of a running engine, as a client sees it. */
class Client {
  readonly #url: () => string
  token = ''

  constructor(url: () => string) {
    this.#url = url
  }

  /** Not by fetch: a connection that is kept may be one to a gateway that was killed. */
  call<Name extends RouteName>(name: Name, parts: Readonly<Record<string, string>> = {}, body?: object, query = ''): Promise<{ readonly status: number; readonly answer: RouteAnswer<Name> }> {
    const spec: RouteSpec = routes[name]
    const path = spec.path.replaceAll(/:(\w+)/g, (_all, part: string) => encodeURIComponent(parts[part]!)) + query
    return new Promise((resolve, reject) => {
      const sent = httpRequest(`${this.#url()}${path}`, { method: spec.method, agent: false, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), authorization: `Bearer ${this.token}` } }, (response) => {
        let text = ''
        response.on('data', (part: Buffer) => (text += part.toString()))
        response.on('end', () => resolve({ status: response.statusCode!, answer: JSON.parse(text) as RouteAnswer<Name> }))
      })
      sent.on('error', reject)
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }

  async login(): Promise<void> {
    const { status, answer } = await this.call('login', {}, { password: PASSWORD })
    expect(status).toBe(200)
    this.token = answer.accessToken
  }

  async until<Name extends RouteName>(what: string, name: Name, holds: (answer: RouteAnswer<Name>) => boolean, parts: Readonly<Record<string, string>> = {}, query = ''): Promise<RouteAnswer<Name>> {
    let last: unknown = null
    for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 100))) {
      try {
        const { status, answer } = await this.call(name, parts, undefined, query)
        last = answer
        if (status === 200 && holds(answer)) return answer
      } catch (error) {
        last = error
      }
    }
    throw new Error(`not within a minute: ${what}; last seen: ${JSON.stringify(last).slice(0, 1500)}`)
  }
}

describe('the gateway of a running engine', () => {
  let engine: EngineProcess
  const client = new Client(() => engine.gatewayUrl)
  beforeAll(async () => {
    engine = await EngineProcess.start({ set: EAGER })
    await engine.until('engine and gateway are there', (health) => health.ready && engine.gatewayUrl !== '')
    await client.login()
  }, 90_000)
  afterAll(() => engine.cleanUp())

  it('tells the truth of the engine on every route', { timeout: 90_000 }, async () => {
    // Positions come and go: both sides are asked until they speak of the same one.
    let position: RouteAnswer<'positions'>['items'][number] | undefined
    for (const end = Date.now() + 60_000; position === undefined; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const [held, { status, answer }] = [(await engine.health()).symbols[0]!.position, await client.call('positions')]
      const one = status === 200 ? answer.items[0] : undefined
      const isSame = held !== null && one !== undefined && held.side === one.side && held.size === one.size && Math.abs(Number(one.entryPrice) - Number(held.entryPrice)) < 1e-6
      if (isSame && one.priceSource === 'stream') position = one
      if (Date.now() > end) throw new Error(`health and API do not tell of one position: ${JSON.stringify([held, answer])}`)
    }
    expect(position).toMatchObject({ symbol: 'BTCUSDT', priceSource: 'stream' })

    const order = (await client.call('order', { id: position!.entryOrderId! })).answer
    const intent = [...readJournal(journalOf(engine.dir))].map(({ record }) => record).find((record) => record.kind === 'order-intended' && record.clientId === position!.entryOrderId)
    expect(intent).toMatchObject({ why: order.order.why, trace: order.decision!.traceId })
    expect(Object.keys(order.decision!.features!)).toHaveLength(110)
    expect(order.decision!.prices).toMatchObject({ source: 'stream', entries: 'open' })
    expect(order.chain.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['order-intended', 'order-accepted', 'fill-booked']))

    const stats = (await client.call('executionStats')).answer
    const journal = [...readJournal(journalOf(engine.dir))].map(({ record }) => record)
    expect(journal.filter(({ kind }) => kind === 'order-intended').length - stats.orders).toBeLessThanOrEqual(3)
    for (const name of ['botStatus', 'actors', 'pairs', 'allMetrics', 'balance', 'equity', 'riskStatus', 'mlStatus', 'models', 'strategiesStatus', 'recoveryStatus', 'breakers', 'faults', 'invariants', 'signals', 'orders', 'alerts', 'audit', 'botConfig'] as const) {
      const { status, answer } = await client.call(name)
      expect([name, status, (routes[name] as RouteSpec).answer.safeParse(answer).error]).toEqual([name, 200, undefined])
    }
    const symbol = { symbol: 'BTCUSDT' }
    const book = (await client.call('orderBook', symbol, undefined, '?depth=5')).answer
    expect([book.bids.length, book.asks.length, Number(book.bids[0]![0]) < Number(book.asks[0]![0])]).toEqual([5, 5, true])
    const { items: candles } = (await client.call('klines', symbol, undefined, '?interval=1&limit=10')).answer
    expect(candles).toHaveLength(10)
    expect(candles.every((one, i) => i === 0 || one.startMs - candles[i - 1]!.startMs === 60_000)).toBe(true)
    expect(Object.keys((await client.call('symbolMetrics', symbol)).answer.indicators).length).toBeGreaterThanOrEqual(100)
    expect((await client.call('detectionStatus', symbol)).answer.detection!.running).toContain('spoofing')
    expect((await client.call('srLevels', symbol)).status).toBe(200)
    const text = JSON.stringify([(await client.call('botConfig')).answer, (await client.call('health')).answer])
    for (const secret of [PASSWORD, 'paper-money-only', engine.token]) expect([secret, text.includes(secret)]).toEqual([secret, false])
  })

  it('closes a position by hand, and stops and starts the engine, with the words of who asked in the journal', { timeout: 90_000 }, async () => {
    const { items } = await client.until('a position is held', 'positions', (answer) => answer.items.length === 1)
    const stopped = await client.call('botStop', {}, { why: 'a test stops it' })
    expect([stopped.status, stopped.answer]).toMatchObject([202, { kept: true, told: true }])
    await client.until('it is stopped', 'botStatus', ({ state }) => state === 'stopped')
    const closing = await client.call('closeOrder', { id: items[0]!.entryOrderId! }, { why: 'a test closes it' })
    expect(closing).toMatchObject({ status: 202, answer: { action: 'close-position', symbol: 'BTCUSDT', positionId: items[0]!.id } })
    await client.until('nothing is held', 'positions', (answer) => answer.items.length === 0)
    const { items: trades } = await client.until('the trade is there', 'trades', (answer) => answer.items.some(({ id }) => id === items[0]!.id))
    expect(trades.find(({ id }) => id === items[0]!.id)).toMatchObject({ side: items[0]!.side, exitReason: 'exit-signal' })
    expect((await client.call('closeOrder', { id: items[0]!.entryOrderId! }, { why: 'again' })).status).toBe(409)
    expect((await client.call('setLimit', { limit: 'max_open_positions' }, { value: '2', why: 'a test says two' })).status).toBe(202)
    await client.until('the limit holds', 'riskStatus', ({ limits }) => limits.some(({ name, value }) => name === 'max_open_positions' && value === '2'))
    expect((await client.call('setStrategy', { strategy: 'momentum', setting: 'enabled' }, { value: false, why: 'a test' })).status).toBe(202)
    expect((await client.call('strategiesStatus')).answer.strategies.find(({ name }) => name === 'momentum')!.enabled).toBe(false)
    expect((await client.call('botStart', {}, { why: 'a test starts it' })).answer).toEqual({ released: true })
    await client.until('it trades', 'botStatus', ({ state }) => state === 'trading')
    const records = [...readJournal(journalOf(engine.dir))].map(({ record }) => record)
    expect(records.find((record) => record.kind === 'kill-engaged')).toMatchObject({ by: 'api', reason: 'stopped: a test stops it' })
    expect(records.find((record) => record.kind === 'order-intended' && record.purpose === 'exit' && String(record.positionId) === items[0]!.id)).toMatchObject({ why: 'exit-signal: operator: operator: a test closes it' })
    expect(records.find((record) => record.kind === 'limits-changed')).toMatchObject({ value: '2', why: 'operator: a test says two' })
    expect((await client.call('audit')).answer.items.map(({ action }) => action)).toEqual(expect.arrayContaining(['bot-stop', 'close-order', 'set-limit', 'set-strategy', 'bot-start', 'login']))
  })

  it('brings a broken actor back, and tells it on the socket', { timeout: 60_000 }, async () => {
    const socket = new WebSocket(`${engine.gatewayUrl.replace('http', 'ws')}/ws`, [subprotocols.json])
    const seen: ServerMessage[] = []
    socket.on('message', (data: Buffer) => seen.push(...(JSON.parse(data.toString()) as ServerMessage[])))
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(JSON.stringify({ op: 'auth', token: client.token }))
    socket.send(JSON.stringify({ op: 'ping', id: 1 }))
    for (let i = 0; i < 100 && !seen.some(({ op }) => op === 'ready'); i++) await new Promise((resolve) => setTimeout(resolve, 50))
    socket.send(JSON.stringify({ op: 'subscribe', id: 2, topic: 'actors' }))
    const id = 'features:BTCUSDT'
    const restarts = async (): Promise<number> => (await client.call('health')).answer.actors.find((actor) => actor.id === id)!.restarts
    const before = await restarts()
    expect((await client.call('killActor', { id }, { why: 'a test breaks it', fault: 'throw' })).status).toBe(202)
    await client.until('it is back', 'health', ({ actors }) => actors.some((actor) => actor.id === id && actor.restarts > before && (actor.state === 'ready' || actor.state === 'degraded')))
    for (let i = 0; i < 100 && !JSON.stringify(seen).includes(`"restarts":${before + 1}`); i++) await new Promise((resolve) => setTimeout(resolve, 50))
    expect(JSON.stringify(seen)).toContain(`"restarts":${before + 1}`)
    socket.terminate()
  })

  it('is started again when it is killed, keeps who was signed in, and the engine does not notice', { timeout: 60_000 }, async () => {
    const before = await engine.health()
    const engineOf = (health: typeof before): number | null => health.processes.find(({ name }) => name === 'engine')!.pid
    const gateway = before.processes.find(({ name }) => name === 'gateway')!
    const url = engine.gatewayUrl
    process.kill(gateway.pid!, 'SIGKILL')
    await engine.until('another gateway runs', ({ processes }) => processes.some(({ name, pid, state }) => name === 'gateway' && pid !== gateway.pid && state === 'running'))
    for (let i = 0; i < 200 && engine.gatewayUrl === url; i++) await new Promise((resolve) => setTimeout(resolve, 50))
    await client.until('live prices again', 'pairs', ({ items }) => items[0]?.priceSource === 'stream')
    const orders = await client.until('the orders again', 'orders', ({ caughtUp, total }) => caughtUp && total > 0)
    expect(orders.total).toBeGreaterThan(0)
    const after = await engine.health()
    expect([engineOf(after), after.actors.every(({ restarts }, i) => restarts === before.actors[i]!.restarts)]).toEqual([engineOf(before), true])
    expect(await engine.stop(), engine.output.slice(-2000)).toBe(0)
  })
})

describe('a port that is taken', () => {
  it('is said clearly and keeps nobody from trading', { timeout: 60_000 }, async () => {
    const other = createServer()
    const port = await new Promise<number>((resolve) => other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)))
    const engine = await EngineProcess.start({ set: [...EAGER, `gateway.port=${port}`] })
    try {
      await engine.until('it trades', ({ ready }) => ready)
      for (let i = 0; i < 200 && !engine.output.includes('RM_PORT_TAKEN'); i++) await new Promise((resolve) => setTimeout(resolve, 50))
      expect(engine.output).toMatch(/the gateway does not serve: RM_PORT_TAKEN: port \d+ on 127\.0\.0\.1 is taken/)
      expect(engine.output).toContain('gateway.port')
      expect(engine.output).not.toContain(PASSWORD)
      expect(await engine.stop()).toBe(0)
    } finally {
      engine.cleanUp()
      other.close()
    }
  })
})
