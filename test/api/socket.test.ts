import { unpack } from 'msgpackr'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type ClientMessage, closeCodes, serverFrame, type ServerMessage, subprotocols, type TopicName, topics } from '../../src/api/index.ts'
import { bookDelta, Channel, joined, RowSet } from '../../src/api/socket/index.ts'
import { ApiFixture, feedSymbol, STRANGER } from './fixture.ts'

const book = (bids: [string, string][]): Parameters<typeof bookDelta>[0] => ({ valid: true, updateId: 1, venueTimeMs: 1, bids, asks: [] })

describe('a channel', () => {
  it('tells a delta to who heard the one before, what is missing to who was away, and the whole to everybody else', () => {
    let state = 0
    const channel = new Channel('tick', 'BTCUSDT', () => 5, () => ({ state }))
    for (state = 1; state <= 200; state++) channel.publish({ state })
    const told = (seq: number, most: number): unknown[] => channel.after(seq, 'json', most).map((text) => JSON.parse(text as string) as unknown)
    expect(told(200, 1)).toEqual([])
    expect(told(199, 1)).toMatchObject([{ op: 'delta', seq: 200, data: { state: 200 } }])
    expect(told(197, 1)).toMatchObject([{ op: 'snapshot', seq: 200 }])
    expect(told(197, 5)).toMatchObject([{ seq: 198 }, { seq: 199 }, { seq: 200 }])
    expect(told(-1, 128)).toMatchObject([{ op: 'snapshot', seq: 200 }])
    expect([channel.canResume(72), channel.canResume(71), channel.canResume(201)]).toEqual([true, false, false])
    // Nobody listened for a while.
    channel.skip()
    expect(channel.canResume(200)).toBe(false)
    expect(told(200, 128)).toMatchObject([{ op: 'snapshot', seq: channel.seq }])
  })

  it('is the same in both encodings, and several messages are one frame', () => {
    const channel = new Channel('status', null, () => 5, () => ({ a: 1 }))
    channel.publish({ a: 1 })
    const json = channel.after(0, 'json', 1)
    const packed = channel.after(0, 'msgpack', 1)
    expect(unpack(joined([...packed, ...packed], 'msgpack') as Buffer)).toEqual(JSON.parse(joined([...json, ...json], 'json') as string))
  })

  it('leads from one book to the next by what changed', () => {
    expect(bookDelta(book([['10', '1'], ['9', '2']]), book([['10', '3'], ['8', '1']])).bids).toEqual([['10', '3'], ['8', '1'], ['9', '0']])
  })

  it('finds rows that are new, changed or gone', () => {
    const set = new RowSet<{ id: string; x: number }>(({ id }) => id)
    expect(set.look([{ id: 'a', x: 1 }, { id: 'b', x: 1 }])).toEqual({ rows: [{ id: 'a', x: 1 }, { id: 'b', x: 1 }], gone: [] })
    expect(set.look([{ id: 'a', x: 1 }, { id: 'b', x: 1 }])).toBeNull()
    expect(set.look([{ id: 'b', x: 2 }])).toEqual({ rows: [{ id: 'b', x: 2 }], gone: ['a'] })
  })
})

class Listener {
  readonly messages: ServerMessage[] = []
  readonly socket: WebSocket
  readonly closed: Promise<number>

  constructor(url: string, protocol: string = subprotocols.json, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, [protocol], { headers })
    this.closed = new Promise((resolve) => this.socket.once('close', resolve))
    this.socket.on('message', (data: Buffer, isBinary) => this.messages.push(...serverFrame.parse(isBinary ? unpack(data) : JSON.parse(data.toString()))))
    this.socket.on('error', () => {})
  }

  say(message: ClientMessage | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  async until(what: string, holds: (message: ServerMessage) => boolean): Promise<ServerMessage> {
    for (let i = 0; i < 500; i++) {
      const found = this.messages.find(holds)
      if (found !== undefined) return found
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error(`not heard: ${what}; heard ${JSON.stringify(this.messages).slice(0, 500)}`)
  }
}

describe('the live socket', () => {
  let api: ApiFixture
  let token: string
  const listeners: Listener[] = []
  beforeAll(async () => {
    api = await ApiFixture.start()
    ;({ token } = await api.login())
  })
  afterEach(async () => {
    for (const { socket } of listeners.splice(0)) socket.terminate()
    for (let i = 0; i < 100 && api.server.hub.size > 0; i++) await new Promise((resolve) => setTimeout(resolve, 10))
  })
  afterAll(() => api.close())
  const listen = (protocol?: string, headers?: Record<string, string>): Listener => {
    const listener = new Listener(api.url, protocol, headers)
    listeners.push(listener)
    return listener
  }
  const signedIn = async (protocol?: string): Promise<Listener> => {
    const listener = listen(protocol)
    await listener.until('hello', ({ op }) => op === 'hello')
    listener.say({ op: 'auth', token })
    await listener.until('ready', ({ op }) => op === 'ready')
    return listener
  }

  it('wants the token first, from a page of ours, in messages that can be read', async () => {
    const mute = listen()
    await mute.until('hello', ({ op }) => op === 'hello')
    mute.say({ op: 'subscribe', id: 1, topic: 'status' })
    expect(await mute.closed).toBe(closeCodes.unauthorised)
    const wrong = listen()
    await wrong.until('hello', ({ op }) => op === 'hello')
    wrong.say({ op: 'auth', token: `${token}x` })
    expect(await wrong.closed).toBe(closeCodes.unauthorised)
    expect(await listen(undefined, { origin: STRANGER }).closed).toBe(closeCodes.origin)
    for (const bad of ['{', '[]', '{"op":"subscribe","id":1,"topic":"__proto__"}', '{"op":"auth","token":"x","more":1}']) {
      const listener = await signedIn()
      listener.say(bad)
      expect([bad, await listener.closed]).toEqual([bad, closeCodes.badMessage])
    }
    const large = await signedIn()
    large.say('x'.repeat(10_000))
    expect(await large.closed).toBe(1009)
  })

  it('tells every topic as the contract says, in both encodings', async () => {
    for (const protocol of Object.values(subprotocols)) {
      const listener = await signedIn(protocol)
      const names = Object.keys(topics) as TopicName[]
      for (const [id, topic] of names.entries()) listener.say({ op: 'subscribe', id, topic, ...(topics[topic].per === 'symbol' ? { symbol: 'BTCUSDT' } : {}) })
      for (const topic of names) {
        const told = await listener.until(`snapshot of ${topic}`, (message) => message.op === 'snapshot' && message.topic === topic)
        expect([topic, topics[topic].snapshot.safeParse((told as { data: unknown }).data).error]).toEqual([topic, undefined])
      }
      listener.say({ op: 'subscribe', id: 90, topic: 'tick', symbol: 'XUSDT' })
      expect(await listener.until('no such symbol', ({ op }) => op === 'error')).toMatchObject({ id: 90, code: 'RM_API_NOT_FOUND' })
      listener.say({ op: 'ping', id: 91 })
      await listener.until('pong', (message) => message.op === 'pong' && message.id === 91)
      listener.socket.terminate()
    }
  })

  it('tells changes one by one without a hole, and goes on after a break where it was', async () => {
    const listener = await signedIn()
    listener.say({ op: 'subscribe', id: 1, topic: 'tick', symbol: 'BTCUSDT' })
    const ack = (await listener.until('ack', ({ op }) => op === 'ack')) as Extract<ServerMessage, { op: 'ack' }>
    const first = (await listener.until('snapshot', ({ op }) => op === 'snapshot')) as Extract<ServerMessage, { op: 'snapshot' }>
    let ticks = 602_100
    const move = (): void => void api.market.hear({ type: 'symbols', atMs: 1, symbols: [feedSymbol({ lastTicks: ticks++ })] })
    for (let i = 0; i < 4; i++) {
      move()
      await listener.until(`delta ${i + 1}`, (message) => message.op === 'delta' && message.seq === first.seq + i + 1)
    }
    expect(listener.messages.filter(({ op }) => op === 'snapshot')).toHaveLength(1)
    listener.socket.terminate()
    const again = await signedIn()
    again.say({ op: 'subscribe', id: 2, topic: 'tick', symbol: 'BTCUSDT', resume: { stream: ack.stream, seq: first.seq + 3 } })
    expect(await again.until('ack', ({ op }) => op === 'ack')).toMatchObject({ resumed: true })
    expect(await again.until('the delta that is missing', ({ op }) => op === 'delta' || op === 'snapshot')).toMatchObject({ op: 'delta', seq: first.seq + 4 })
    const stranger = await signedIn()
    stranger.say({ op: 'subscribe', id: 3, topic: 'tick', symbol: 'BTCUSDT', resume: { stream: 'another life', seq: first.seq } })
    expect(await stranger.until('ack', ({ op }) => op === 'ack')).toMatchObject({ resumed: false })
    await stranger.until('the whole', ({ op }) => op === 'snapshot')
  })

  it('spares who does not read, and cuts it off in the end; the others hear everything', async () => {
    const slow = await signedIn()
    const quick = await signedIn()
    for (const [id, listener] of [slow, quick].entries()) listener.say({ op: 'subscribe', id, topic: 'alerts' })
    await slow.until('snapshot', ({ op }) => op === 'snapshot')
    await quick.until('snapshot', ({ op }) => op === 'snapshot')
    slow.socket.pause()
    const heardBefore = slow.messages.length
    for (let i = 0; i < 30; i++) {
      for (let n = 0; n < 60; n++) api.alerts.add({ severity: 'warning', atMs: i, source: 'test', title: `${i} ${n}`, text: 'x'.repeat(3000), resolved: false })
      await new Promise((resolve) => setTimeout(resolve, 20))
      api.skewMs += 250
    }
    await quick.until('the last', (message) => message.op === 'delta' && JSON.stringify(message.data).includes('"29 59'))
    expect(slow.messages.length).toBe(heardBefore)
    for (let i = 0; i < 60 && api.server.hub.size > 1; i++) {
      api.skewMs += 1000
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    expect(api.server.hub.size).toBe(1)
    api.skewMs = 0
  })

  it('ends with its token, and with its session', async () => {
    const expiring = await signedIn()
    api.skewMs = 601_000
    expect(await expiring.closed).toBe(closeCodes.unauthorised)
    api.skewMs = 0
    const ended = await signedIn()
    api.server.hub.endAll()
    expect(await ended.closed).toBe(closeCodes.unauthorised)
  })

  it('has room for so many and no more', async () => {
    const open = await Promise.all(Array.from({ length: 8 }, async () => {
      const listener = listen()
      await listener.until('hello', ({ op }) => op === 'hello')
      return listener
    }))
    expect(open).toHaveLength(8)
    expect(await listen().closed).toBe(closeCodes.tooMany)
  })
})
