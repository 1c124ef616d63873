import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { RingmasterError } from '../../src/core/index.ts'
import { createHealthServer, killMetrics, type HealthServer, type HealthServerSettings, type RestartAnswer } from '../../src/runtime/health/index.ts'
import { type Log } from '../../src/telemetry/index.ts'
import { MetricsPage } from '../../src/telemetry/root/index.ts'
import { killCommands, snapshot } from './fixture.ts'

const TOKEN = 'a-token-of-the-test'
const open: HealthServer[] = []
afterEach(async () => void (await Promise.all(open.splice(0).map((server) => server.close()))))

const silent = (): Log => Object.assign(() => {}, { child: silent })

async function start(more: Partial<HealthServerSettings> = {}): Promise<HealthServer & { readonly asked: string[] }> {
  const asked: string[] = []
  const answers: Record<string, RestartAnswer> = { 'features:BTCUSDT': { kind: 'accepted' }, execution: { kind: 'refused', reason: 'it holds an exposed position' } }
  const server = await createHealthServer({
    host: '127.0.0.1',
    port: 0,
    token: TOKEN,
    provider: () => snapshot(),
    restartActor: (id) => {
      asked.push(id)
      return answers[id] ?? { kind: 'unknown' }
    },
    ...killCommands(),
    resetBreaker: (group) => {
      asked.push(`breaker ${group}`)
      return group === 'trade' ? { kind: 'accepted' } : group === 'other' ? { kind: 'refused', reason: 'the engine process is not running' } : { kind: 'unknown' }
    },
    setLimit: (limit, value) => {
      asked.push(`${limit}=${value}`)
      return value === '0' ? 'it is not above 0' : null
    },
    metrics: new MetricsPage(),
    log: silent(),
    ...more,
  })
  open.push(server)
  return Object.assign(server, { asked })
}

async function call(server: HealthServer, path: string, init: RequestInit = {}): Promise<{ status: number; type: string; body: Record<string, unknown>; headers: Headers }> {
  const response = await fetch(server.url + path, { signal: AbortSignal.timeout(5000), ...init })
  const text = await response.text()
  const type = response.headers.get('content-type') ?? ''
  return { status: response.status, type, body: type.startsWith('application/json') ? (JSON.parse(text) as Record<string, unknown>) : { text }, headers: response.headers }
}

const restart = (server: HealthServer, id: string, authorization?: string) => call(server, `/actors/${encodeURIComponent(id)}/restart`, { method: 'POST', ...(authorization === undefined ? {} : { headers: { authorization } }) })

describe('health server', () => {
  it('answers with the whole state at the moment of asking', async () => {
    let uptimeMs = 0
    const server = await start({ provider: () => snapshot({ uptimeMs: (uptimeMs += 1) }) })
    expect((await call(server, '/health')).body).toEqual(JSON.parse(JSON.stringify(snapshot({ uptimeMs: 1 }))))
    const second = await call(server, '/health?pretty=1')
    expect([second.status, second.body['uptimeMs'], second.headers.get('cache-control')]).toEqual([200, 2, 'no-store'])
    expect((await call(server, '/actors')).body).toEqual({ actors: JSON.parse(JSON.stringify(snapshot().actors)) as unknown })
  })

  it('says 503 when nothing can be traded, and still 200 when only some part is unwell', async () => {
    const status = { value: 'degraded' as const as 'degraded' | 'down' }
    const server = await start({ provider: () => snapshot({ status: status.value, reasons: ['actor execution is suspended'] }) })
    expect((await call(server, '/health')).status).toBe(200)
    status.value = 'down'
    expect(await call(server, '/health')).toMatchObject({ status: 503, body: { status: 'down', reasons: ['actor execution is suspended'] } })
  })

  it('is ready only once reconciled', async () => {
    let ready = false
    const server = await start({ provider: () => snapshot({ ready }) })
    expect(await call(server, '/health/ready')).toMatchObject({ status: 503, body: { ready: false } })
    ready = true
    expect(await call(server, '/health/ready')).toMatchObject({ status: 200, body: { ready: true } })
  })

  it('stays live when the state cannot be told', async () => {
    const server = await start({
      provider: () => {
        throw new RingmasterError('RM_ASSERT', { what: 'the table is gone' })
      },
    })
    expect(await call(server, '/health/live')).toMatchObject({ status: 200, body: { live: true } })
    expect(await call(server, '/health')).toMatchObject({ status: 500, body: { error: 'RM_ASSERT: invariant broken: the table is gone' } })
    expect((await call(server, '/metrics')).status).toBe(200)
  })

  it('serves metrics in Prometheus text format', async () => {
    const metrics = new MetricsPage()
    metrics.addCounts([{ actor: 'execution', name: 'orders', label: 'placed', by: 3 }])
    const answer = await call(await start({ metrics }), '/metrics')
    expect(answer.type).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(answer.body['text']).toContain('ringmaster_orders_total{actor="execution",label="placed"} 3')
  })

  it('restarts an actor for the bearer of the token, and tells unknown from refused', async () => {
    const server = await start()
    expect(await restart(server, 'features:BTCUSDT', `Bearer ${TOKEN}`)).toMatchObject({ status: 202, body: { id: 'features:BTCUSDT', accepted: true } })
    expect(await restart(server, 'features:NOPE', `bearer ${TOKEN}`)).toMatchObject({ status: 404, body: { error: 'there is no actor "features:NOPE"' } })
    expect(await restart(server, 'execution', `Bearer ${TOKEN}`)).toMatchObject({ status: 409, body: { error: 'actor "execution" is not restarted: it holds an exposed position' } })
    expect(server.asked).toEqual(['features:BTCUSDT', 'features:NOPE', 'execution'])
  })

  it('does nothing for a missing, wrong, longer, shorter or differently sent token, and does not tell which actors exist', async () => {
    const server = await start()
    for (const authorization of [undefined, '', 'Bearer', `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(0, -1)}`, `Basic ${TOKEN}`, TOKEN, `Bearer ${TOKEN} ${TOKEN}`]) {
      for (const id of ['features:BTCUSDT', 'unknown']) {
        const answer = await restart(server, id, authorization)
        expect([authorization, answer.status, answer.headers.get('www-authenticate')]).toEqual([authorization, 401, 'Bearer'])
        expect(JSON.stringify(answer.body)).not.toContain(TOKEN)
      }
    }
    expect(server.asked).toEqual([])
  })

  it('answers unknown pages, wrong methods and broken ids with JSON', async () => {
    const server = await start()
    expect(await call(server, '/nope')).toMatchObject({ status: 404, body: { error: expect.stringContaining('/health') as string } })
    expect(await call(server, '/actors/a/b/restart', { method: 'POST' })).toMatchObject({ status: 404 })
    const wrong = await call(server, '/health', { method: 'DELETE' })
    expect([wrong.status, wrong.headers.get('allow'), wrong.type]).toEqual([405, 'GET, HEAD', 'application/json; charset=utf-8'])
    const read = await call(server, '/actors/execution/restart')
    expect([read.status, read.headers.get('allow')]).toEqual([405, 'POST'])
    expect(await call(server, '/actors/%E0%A4%A/restart', { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` } })).toMatchObject({ status: 400 })
    const head = await fetch(`${server.url}/health`, { method: 'HEAD' })
    expect([head.status, await head.text(), Number(head.headers.get('content-length')) > 100]).toEqual([200, '', true])
  })

  it('resets a breaker for the bearer of the token, and for nobody else', async () => {
    const server = await start()
    const reset = (group: string, authorization?: string) => call(server, `/breakers/${group}/reset`, { method: 'POST', ...(authorization === undefined ? {} : { headers: { authorization } }) })
    expect(await reset('trade', `Bearer ${TOKEN}`)).toMatchObject({ status: 202, body: { group: 'trade', accepted: true } })
    expect(await reset('nothing', `Bearer ${TOKEN}`)).toMatchObject({ status: 404, body: { error: 'there is no breaker "nothing"' } })
    expect(await reset('other', `Bearer ${TOKEN}`)).toMatchObject({ status: 409, body: { error: 'breaker "other" is not reset: the engine process is not running' } })
    expect(server.asked).toEqual(['breaker trade', 'breaker nothing', 'breaker other'])
    for (const authorization of [undefined, 'Bearer wrong', `Basic ${TOKEN}`]) expect((await reset('trade', authorization)).status).toBe(401)
    expect((await call(server, '/breakers/trade/reset')).status).toBe(405)
    for (const path of ['/breakers/TRADE/reset', '/breakers/trade', '/breakers//reset']) expect((await call(server, path, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(404)
    expect(server.asked.length).toBe(3)
  })

  it('refuses a large body, announced or not, without restarting anything', async () => {
    const server = await start()
    const headers = { authorization: `Bearer ${TOKEN}` }
    expect(await call(server, '/actors/execution/restart', { method: 'POST', headers, body: 'x'.repeat(2000) })).toMatchObject({ status: 413 })
    const status = await new Promise<number>((resolve, reject) => {
      const sent = request(`${server.url}/actors/execution/restart`, { method: 'POST', headers: { ...headers, 'transfer-encoding': 'chunked' } }, (response) => {
        resolve(response.statusCode!)
        response.destroy()
      })
      sent.on('error', reject)
      for (let i = 0; i < 3; i++) sent.write('x'.repeat(600))
    })
    expect(status).toBe(413)
    expect(server.asked).toEqual([])
    expect((await call(server, '/actors/execution/restart', { method: 'POST', headers, body: '{}' })).status).toBe(409)
  })

  it('drops what is no HTTP and goes on serving others, also while a client says nothing', async () => {
    const server = await start()
    const mute = connect(server.port, server.host)
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(server.port, server.host, () => socket.write('this is not http\r\n\r\n'))
      let text = ''
      socket.on('data', (chunk: Buffer) => void (text += chunk.toString()))
      socket.on('close', () => resolve(text))
      socket.on('error', reject)
    })
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect((await call(server, '/health/live')).status).toBe(200)
    mute.destroy()
  })

  it('is not locked out by any number of clients that connect and say nothing, or never finish their headers', async () => {
    const server = await start()
    const mutes = await Promise.all(
      Array.from(
        { length: 100 },
        (_, i) =>
          new Promise<Socket>((resolve, reject) => {
            const socket: Socket = connect(server.port, server.host, () => {
              if (i % 2 === 0) socket.write('GET /health HTTP/1.1\r\nx-slow: ')
              resolve(socket)
            })
            socket.once('error', reject)
          }),
      ),
    )
    for (const mute of mutes) mute.on('error', () => {})
    for (let i = 0; i < 3; i++) expect((await call(server, '/health/live', { headers: { connection: 'close' } })).status).toBe(200)
    for (const mute of mutes) mute.destroy()
  })

  it('EX-2: engages and releases the kill switch for the bearer of the token, and says why it does not', async () => {
    const asked: unknown[] = []
    const server = await start(killCommands(asked))
    const post = (path: string, authorization = `Bearer ${TOKEN}`) => call(server, path, { method: 'POST', headers: { authorization } })
    expect(await post('/kill?why=looks%20wrong&flatten=true')).toMatchObject({ status: 202, body: { accepted: true, id: 'R1', kept: true, told: true } })
    expect(await post('/kill')).toMatchObject({ status: 202 })
    expect(await post('/release?why=stands')).toMatchObject({ status: 409, body: { error: 'the kill switch is not released: its cause stands: the day has lost 12' } })
    expect(await post('/release?why=stands&force=true')).toMatchObject({ status: 200, body: { released: true } })
    expect(asked).toEqual([['kill', 'looks wrong', true], ['kill', 'by command', false], ['release', 'stands', false], ['release', 'stands', true]])
    asked.length = 0
    for (const path of ['/release', '/release?why=%20', '/release?why=x&force=maybe', '/kill?flatten=1']) expect([path, (await post(path)).status]).toEqual([path, 400])
    for (const authorization of ['', 'Bearer wrong', `Basic ${TOKEN}`]) for (const path of ['/kill', '/release?why=x']) expect((await post(path, authorization)).status).toBe(401)
    expect((await call(server, '/kill')).status).toBe(405)
    expect(asked).toEqual([])
    const deaf = await start(killCommands([], { id: 'R1', kept: false, told: false }))
    expect((await call(deaf, '/kill', { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(500)
  })

  it('EX-2: shows the kill switch without calling the engine ill', async () => {
    const kill = { engaged: true, by: 'trip', code: 'daily-loss', reason: 'the day has lost 12', since: '2026-03-04T12:00:00.000Z', flatten: false, values: { loss: '12' }, dayLoss: 12, drawdownPercent: 1 }
    const server = await start({ provider: () => snapshot({ kill }) })
    expect(await call(server, '/health')).toMatchObject({ status: 200, body: { status: 'ok', kill } })
    expect((await call(server, '/health/ready')).status).toBe(200)
    expect(killMetrics(kill)).toEqual([
      expect.objectContaining({ name: 'kill_switch_engaged', value: 1, labels: { code: 'daily-loss' } }),
      expect.objectContaining({ name: 'day_loss', value: 12 }),
      expect.objectContaining({ name: 'drawdown_percent', value: 1 }),
    ])
    expect(killMetrics({ ...kill, engaged: false, dayLoss: null, drawdownPercent: null })).toEqual([expect.objectContaining({ value: 0, labels: {} })])
  })

  it('passes a limit on with the token only, and says why not where it is not passed on', async () => {
    const server = await start()
    const set = (path: string, authorization?: string) => call(server, path, { method: 'POST', ...(authorization === undefined ? {} : { headers: { authorization } }) })
    expect(await set('/risk/limits/max_exposure_usdt/5000', `Bearer ${TOKEN}`)).toMatchObject({ status: 202, body: { limit: 'max_exposure_usdt', value: '5000', accepted: true } })
    expect(await set('/risk/limits/max_exposure_usdt/0', `Bearer ${TOKEN}`)).toMatchObject({ status: 409, body: { error: 'the limit max_exposure_usdt is not changed: it is not above 0' } })
    expect((await set('/risk/limits/max_exposure_usdt/7')).status).toBe(401)
    expect((await set('/risk/limits/max_exposure_usdt/7', 'Bearer wrong')).status).toBe(401)
    expect((await call(server, '/risk/limits/max_exposure_usdt/7')).status).toBe(405)
    for (const path of ['/risk/limits/max_exposure_usdt', '/risk/limits/MAX/7', '/risk/limits/a/b/c']) expect((await set(path, `Bearer ${TOKEN}`)).status).toBe(404)
    expect(server.asked).toEqual(['max_exposure_usdt=5000', 'max_exposure_usdt=0'])
  })

  it('shows the strategies and passes a change of one on, with the token only, and tells why one is not taken', async () => {
    const asked: string[] = []
    const momentum = { name: 'momentum', enabled: true, weight: 1, changed: [], outcome: null }
    const server = await start({
      strategies: {
        list: () => [momentum],
        set: (strategy, setting, value) => {
          asked.push(`${strategy} ${setting} ${value}`)
          return strategy === 'momentum' ? null : 'there is no such strategy'
        },
      },
    })
    const set = (path: string, authorization?: string) => call(server, path, { method: 'POST', ...(authorization === undefined ? {} : { headers: { authorization } }) })
    expect((await call(server, '/strategies')).body).toEqual({ strategies: [momentum] })
    expect((await set('/strategies')).status).toBe(405)
    expect(await set('/strategies/momentum/rsi_min/60', `Bearer ${TOKEN}`)).toMatchObject({ status: 202, body: { strategy: 'momentum', setting: 'rsi_min', value: '60', accepted: true } })
    expect(await set('/strategies/astrology/weight/2', `Bearer ${TOKEN}`)).toMatchObject({ status: 409, body: { error: 'astrology weight is not changed: there is no such strategy' } })
    expect((await set('/strategies/momentum/rsi_min/61')).status).toBe(401)
    expect((await call(server, '/strategies/momentum/rsi_min/61')).status).toBe(405)
    expect(asked).toEqual(['momentum rsi_min 60', 'astrology weight 2'])
    expect((await call(await start(), '/strategies')).status).toBe(404)
  })

  it('says which setting to change when the port is taken', async () => {
    const server = await start()
    const second = createHealthServer({ host: server.host, port: server.port, token: TOKEN, provider: () => snapshot(), restartActor: () => ({ kind: 'unknown' }), resetBreaker: () => ({ kind: 'unknown' }), setLimit: () => null, ...killCommands(), metrics: new MetricsPage(), log: silent() })
    await expect(second).rejects.toMatchObject({ code: 'RM_PORT_TAKEN', message: `RM_PORT_TAKEN: port ${server.port} on 127.0.0.1 is taken by another program: stop it, or set health.port (RINGMASTER_HEALTH_PORT) to a free one` })
    await expect(start({ host: '203.0.113.1' })).rejects.toMatchObject({ code: 'RM_LISTEN', details: { reason: 'EADDRNOTAVAIL' } })
  })
})

describe('recovery over HTTP', () => {
  const trigger = (server: HealthServer, authorization?: string, method = 'POST') => call(server, '/api/monitoring/recovery/trigger', { method, ...(authorization === undefined ? {} : { headers: { authorization } }) })

  it('asks for it with the token only, and tells the last report to everybody', async () => {
    let asked = 0
    const server = await start({ recovery: { trigger: () => ({ kind: 'accepted', request: `recovery-${++asked}` }), last: () => (asked === 0 ? null : { number: asked }) } })
    expect((await call(server, '/api/monitoring/recovery/last')).body).toEqual({ report: null })
    expect((await trigger(server)).status).toBe(401)
    expect((await trigger(server, 'Bearer wrong-token-of-the-test')).status).toBe(401)
    expect((await trigger(server, `Bearer ${TOKEN}`, 'GET')).status).toBe(405)
    expect(asked).toBe(0)
    expect(await trigger(server, `Bearer ${TOKEN}`)).toMatchObject({ status: 202, body: { request: 'recovery-1', accepted: true } })
    expect((await call(server, '/api/monitoring/recovery/last')).body).toEqual({ report: { number: 1 } })
  })

  it('says why there can be no run, and has no such page where there is no recovery', async () => {
    const refusing = await start({ recovery: { trigger: () => ({ kind: 'refused', reason: 'the engine process is not running' }), last: () => null } })
    expect(await trigger(refusing, `Bearer ${TOKEN}`)).toMatchObject({ status: 409, body: { error: 'no recovery: the engine process is not running' } })
    expect((await trigger(await start(), `Bearer ${TOKEN}`)).status).toBe(404)
  })
})
