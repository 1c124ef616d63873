import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'

import { authFrame, limit, signedHeaders, type Frame } from './harness.ts'
import { ExchangeProcess, settings, until } from './process.ts'

const started: ExchangeProcess[] = []
const folder = mkdtempSync(join(tmpdir(), 'exchange-'))

async function start(more: Parameters<typeof settings>[0] = {}): Promise<ExchangeProcess> {
  const one = await ExchangeProcess.start(settings(more))
  started.push(one)
  return one
}

afterEach(async () => {
  for (const one of started.splice(0)) if (one.child.exitCode === null && one.child.signalCode === null) await one.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function post(one: ExchangeProcess, path: string, body: object, timeoutMs = 5_000): Promise<Frame> {
  const text = JSON.stringify(body)
  const answer = await fetch(`${one.http}${path}`, { method: 'POST', body: text, headers: signedHeaders(Date.now(), text, 'key-1', 'secret-1'), signal: AbortSignal.timeout(timeoutMs) })
  return (await answer.json()) as Frame
}

async function get(one: ExchangeProcess, path: string, query: string): Promise<Frame> {
  return (await (await fetch(`${one.http}${path}?${query}`, { headers: signedHeaders(Date.now(), query, 'key-1', 'secret-1') })).json()) as Frame
}

function open(one: ExchangeProcess, path: string): { socket: WebSocket; texts: string[]; closed: Promise<number> } {
  const socket = new WebSocket(`${one.ws}${path}`)
  const texts: string[] = []
  socket.on('message', (data: Buffer) => texts.push(data.toString()))
  socket.on('error', () => {})
  return { socket, texts, closed: new Promise((resolve) => socket.once('close', (code) => resolve(code))) }
}

const opened = (socket: WebSocket): Promise<unknown> => new Promise((resolve) => socket.once('open', resolve))

describe('the exchange process', () => {
  it('says where it listens, beats with its counters, and ends cleanly when asked', async () => {
    const one = await start()
    await until(() => one.messages.filter((message) => message.type === 'beat').length > 3)
    const beat = one.messages.find((message) => message.type === 'beat')
    expect(beat).toMatchObject({ rssBytes: expect.any(Number), counters: { internalErrors: 0, connectionsOpen: 0 } })
    const { socket, closed } = open(one, '/v5/public/linear')
    await opened(socket)
    expect(await one.stop()).toBe(0)
    expect([1001, 1006]).toContain(await closed)
  })

  it('leaves a signal to its supervisor, whose engine still needs it, and ends on its word', async () => {
    const one = await start()
    one.child.kill('SIGTERM')
    one.child.kill('SIGINT')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect((await fetch(`${one.http}/control/state`)).status).toBe(200)
    expect(await one.stop()).toBe(0)
  })

  it('serves no control page when told so, and ends when its parent lets go of it', async () => {
    const one = await start({ control: false })
    expect((await fetch(`${one.http}/control/state`)).status).toBe(404)
    one.child.disconnect()
    expect([await one.ended, one.stderr]).toEqual([0, expect.stringContaining('parent gone')])
  })

  it('ends with 98 and says so when the port is taken', async () => {
    const squatter = createServer()
    const port = await new Promise<number>((resolve) => squatter.listen(0, '127.0.0.1', () => resolve((squatter.address() as AddressInfo).port)))
    const one = new ExchangeProcess(JSON.stringify(settings({ port })))
    expect(await one.ended).toBe(98)
    expect(one.stderr).toContain(String(port))
    expect(one.stderr).toContain('taken by another program')
    squatter.close()
  })

  it('ends with 2 for settings that make no exchange, naming what is wrong and no secret', async () => {
    const cases: readonly (readonly [string | undefined, string])[] = [
      [undefined, 'not set'],
      ['{"keys": secret-1', 'no JSON'],
      [JSON.stringify({ ...settings(), port: -1, magic: 1 }), 'port: '],
      [JSON.stringify(settings({ market: { kind: 'generated', seed: 1, symbols: ['NOPEUSDT'] } })), 'NOPEUSDT'],
    ]
    await Promise.all(cases.map(async ([env, named]) => {
      const one = new ExchangeProcess(env)
      expect([await one.ended, named]).toEqual([2, named])
      expect(one.stderr).toContain(named)
      expect(one.stderr).not.toContain('secret-1')
    }))
  })

  it('knows its orders and positions again after it was killed', async () => {
    const ledger = join(folder, 'deep', 'ledger.log')
    const first = await start({ ledger })
    expect(await post(first, '/v5/order/create', { ...limit({ orderType: 'Market', price: undefined, orderLinkId: 'before' }) })).toMatchObject({ retCode: 0 })
    first.child.kill('SIGKILL')
    await first.ended
    const second = await start({ ledger })
    expect(await get(second, '/v5/position/list', 'category=linear&symbol=BTCUSDT')).toMatchObject({ result: { list: [{ side: 'Buy', size: '0.010' }] } })
    expect(await post(second, '/v5/order/create', { ...limit({ orderType: 'Market', price: undefined, orderLinkId: 'before' }) })).toMatchObject({ retCode: 110072 })
  })
})

describe('one exchange process', () => {
  let one: ExchangeProcess
  beforeAll(async () => {
    one = await ExchangeProcess.start(settings({ limits: { sendBufferBytesMax: 40_000, ordersPerSecond: 1_000 } }))
  })
  afterAll(() => one.stop())

  it('signs in and pushes over real sockets', async () => {
    const stream = open(one, '/v5/private')
    await opened(stream.socket)
    stream.socket.send(JSON.stringify(authFrame(Date.now() + 5_000, 'key-1', 'secret-1')))
    stream.socket.send(JSON.stringify({ op: 'subscribe', args: ['order', 'execution'], req_id: 'x' }))
    await until(() => stream.texts.length === 2)
    await post(one, '/v5/order/create', limit({ orderType: 'Market', price: undefined, orderLinkId: 'm' }))
    await until(() => stream.texts.some((text) => text.includes('"orderStatus":"Filled"')))
    expect(stream.texts.some((text) => text.includes('"topic":"execution"'))).toBe(true)
  })

  it('carries out an order whose answer it was told to lose', async () => {
    await fetch(`${one.http}/control/lose-replies`, { method: 'POST', body: '{}' })
    const order = limit({ orderType: 'Market', price: undefined, orderLinkId: 'lost' })
    await expect(post(one, '/v5/order/create', order, 300)).rejects.toThrow('timeout')
    expect(await get(one, '/v5/order/realtime', 'category=linear&orderLinkId=lost')).toMatchObject({ result: { list: [{ orderStatus: 'Filled', orderLinkId: 'lost' }] } })
    const fromBrowser = await fetch(`${one.http}/control/lose-replies`, { method: 'POST', body: '{}', headers: { origin: 'http://127.0.0.1:1' } })
    expect(fromBrowser.status).toBe(403)
  })

  it('survives garbage, giants, binary frames, unknown paths and hang-ups', async () => {
    const garbage = open(one, '/v5/trade')
    await opened(garbage.socket)
    for (const text of ['', '{', '[[[', 'null', '{"op":"order.create"}', `{"op":"${'x'.repeat(100_000)}"}`]) garbage.socket.send(text)
    await until(() => garbage.texts.length === 6)
    for (const text of garbage.texts) expect(JSON.parse(text)).toMatchObject({ retCode: expect.any(Number) })
    const giant = open(one, '/v5/private')
    await opened(giant.socket)
    giant.socket.send(`"${'x'.repeat(1 << 20)}"`)
    expect(await giant.closed).toBe(1009)
    const binary = open(one, '/v5/public/linear')
    await opened(binary.socket)
    binary.socket.send(Buffer.from([1, 2, 3]))
    expect(await binary.closed).toBe(1003)
    expect(await open(one, '/v5/public/spot').closed).toBe(1006)
    expect((await fetch(`${one.http}/v5/order/create`, { method: 'POST', body: 'x'.repeat(2 << 20) }).catch(() => ({ status: 413 }))).status).toBe(413)
    garbage.socket.terminate()
    expect((await fetch(`${one.http}/v5/market/time`)).status).toBe(200)
    const state = (await (await fetch(`${one.http}/control/state`)).json()) as { counters: { internalErrors: number; badMessages: number } }
    expect(state.counters).toMatchObject({ internalErrors: 0 })
    expect(state.counters.badMessages).toBeGreaterThanOrEqual(7)
  })

  it('cuts a reader that does not read, and serves the others', async () => {
    const slow = open(one, '/v5/public/linear')
    const quick = open(one, '/v5/public/linear')
    await Promise.all([opened(slow.socket), opened(quick.socket)])
    const subscribe = JSON.stringify({ op: 'subscribe', args: ['orderbook.200.BTCUSDT'] })
    quick.socket.send(subscribe)
    slow.socket.send(subscribe)
    await until(() => slow.texts.length > 1)
    slow.socket.pause()
    // Every repeated subscription answers with a whole book: the window of the one that does not read fills up.
    const cut = until(async () => {
      if (slow.socket.readyState === slow.socket.OPEN) for (let i = 0; i < 50; i++) slow.socket.send(subscribe)
      const state = (await (await fetch(`${one.http}/control/state`)).json()) as { counters: { slowConsumers: number } }
      return state.counters.slowConsumers > 0
    })
    await cut
    const seen = quick.texts.length
    await until(() => quick.texts.length > seen + 3)
    slow.socket.terminate()
  })
})

const data = process.env['RINGMASTER_DATA'] ?? '../shared/data'
const capture = ['binance_spot_nexousdt_20240723.raw.gz'].map((name) => join(data, 'l2_binance_raw', name))

describe.skipIf(!existsSync(capture[0]!))('replay (needs recorded data: RINGMASTER_DATA)', () => {
  it('plays a recording behind the same protocol', async () => {
    const one = await start({ market: { kind: 'replay', recordings: [{ symbol: 'NEXOUSDT', files: capture }], speed: 20, loop: true } })
    const { socket, texts } = open(one, '/v5/public/linear')
    await opened(socket)
    socket.send(JSON.stringify({ op: 'subscribe', args: ['orderbook.200.NEXOUSDT'] }))
    await until(() => texts.filter((text) => text.includes('"type":"delta"')).length > 3)
    expect(texts.filter((text) => text.includes('"type":"snapshot"')).length).toBeGreaterThanOrEqual(1)
    socket.terminate()
  })
})

