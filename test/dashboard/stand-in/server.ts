import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { Packr } from 'msgpackr'
import { type WebSocket, WebSocketServer } from 'ws'
import { clientMessage, type ClientMessage, type RouteName, routes, type RouteSpec, serverFrame, type TopicName, topics } from '../../../src/api/contract/index.ts'
import { answers, Refusal } from './answers.ts'
import { World } from './world.ts'

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' }
export const PASSWORD = 'a password of the stand-in'
const TOKEN = 'stand-in-token'
const LIFE_MS = 900_000
const TICK_MS = 250

export interface StandInOptions {
  /** Folder of the built page. */
  readonly page: string
  readonly world?: World
  readonly port?: number
}

/**
 * Speaks the contract of the gateway about a made-up world, every answer checked by the schema of its route, for what a real engine cannot
 * show on demand: ten thousand orders, failures, empty pages. It is a test of the page and never shipped.
 */
export class StandIn {
  readonly world: World
  readonly #page: string
  readonly #codec = new Packr({ useRecords: false })
  readonly #sockets = new Set<Client>()
  readonly #server: Server
  readonly #upgrades = new WebSocketServer({ noServer: true, handleProtocols: (offered) => (offered.has('ringmaster.msgpack') ? 'ringmaster.msgpack' : false) })
  #beat: NodeJS.Timeout | null = null
  /** Routes that answer with this status for as long as it is there. */
  readonly failing = new Map<RouteName, number>()
  #signedIn = false

  constructor({ page, world = new World() }: StandInOptions) {
    this.#page = page
    this.world = world
    this.#server = createServer((request, response) => void this.#serve(request, response))
    this.#server.on('upgrade', (request, socket, head) => this.#upgrades.handleUpgrade(request, socket, head, (ws) => this.#welcome(ws)))
  }

  /** @returns its origin */
  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    this.#beat = setInterval(() => this.#step(), TICK_MS)
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Ends every connection at once, as a killed process does. */
  async close(): Promise<void> {
    if (this.#beat !== null) clearInterval(this.#beat)
    for (const { ws } of this.#sockets) ws.terminate()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, 'http://stand-in')
    const match = routeOf(request.method!, url.pathname)
    if (match === null) return this.#file(url.pathname, response)
    const chunks: Uint8Array[] = []
    for await (const chunk of request) chunks.push(chunk as Uint8Array)
    try {
      const body = chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>)
      const answer = this.#answer(match.name, request, { params: match.params, query: Object.fromEntries(url.searchParams), body }, response)
      const spec = routes[match.name] as RouteSpec
      response.writeHead(spec.status, { 'content-type': 'application/json' }).end(JSON.stringify(spec.answer.parse(answer)))
    } catch (error) {
      const [status, code] = error instanceof Refusal ? [error.status, error.code] : [500, 'RM_API_INTERNAL']
      const action = status === 401 ? 'login' : status >= 500 ? 'retry' : 'reject'
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ code, message: (error as Error).message, action, requestId: 'stand-in', ...(code === 'RM_API_LOCKED' ? { retryAfterS: 60 } : {}) }))
    }
  }

  #answer(name: RouteName, request: IncomingMessage, asked: { params: Record<string, string>; query: Record<string, string>; body: Record<string, unknown> }, response: ServerResponse): unknown {
    const session = { accessToken: TOKEN, user: 'operator', expiresMs: Date.now() + LIFE_MS }
    if (name === 'login') {
      if (asked.body['password'] !== PASSWORD) throw new Refusal(401, 'RM_API_PASSWORD', 'the password is another one')
      this.#signedIn = true
      response.setHeader('set-cookie', 'refresh=stand-in; Path=/auth; HttpOnly; SameSite=Strict')
      return session
    }
    if (name === 'refresh') {
      if (!this.#signedIn || !(request.headers.cookie ?? '').includes('refresh=stand-in')) throw new Refusal(401, 'RM_API_UNAUTHORISED', 'there is no session')
      return session
    }
    if (name === 'logout') {
      this.#signedIn = false
      return { accepted: true }
    }
    if ((routes[name] as RouteSpec).access === 'token' && request.headers.authorization !== `Bearer ${TOKEN}`) throw new Refusal(401, 'RM_API_UNAUTHORISED', 'no token')
    const failure = this.failing.get(name)
    if (failure !== undefined) throw new Refusal(failure, 'RM_API_ENGINE_AWAY', 'the engine does not answer')
    const answer = (answers as Partial<Record<RouteName, (world: World, asked: unknown) => unknown>>)[name]
    if (answer === undefined) throw new Refusal(404, 'RM_API_NOT_FOUND', `the stand-in knows no ${name}`)
    return answer(this.world, asked)
  }

  #file(path: string, response: ServerResponse): void {
    const name = path === '/' ? '/index.html' : path
    try {
      const bytes = readFileSync(join(this.#page, name))
      response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream', 'content-security-policy': POLICY }).end(bytes)
    } catch {
      response.writeHead(404).end()
    }
  }

  #welcome(ws: WebSocket): void {
    const client: Client = { ws, channels: new Map(), isKnown: false }
    this.#sockets.add(client)
    ws.on('close', () => this.#sockets.delete(client))
    ws.on('message', (data: Buffer) => this.#hear(client, clientMessage.parse(this.#codec.unpack(data))))
    this.#send(client, { op: 'hello', protocol: 1, authMs: 5000, heartbeatMs: 5000 })
  }

  #hear(client: Client, message: ClientMessage): void {
    if (message.op === 'auth') {
      if (message.token !== TOKEN) return client.ws.close(4401)
      client.isKnown = true
      this.#send(client, { op: 'ready', expiresMs: Date.now() + LIFE_MS })
    } else if (message.op === 'subscribe') {
      const { topic, symbol = null } = message
      const channel = { topic, symbol, seq: 0 }
      client.channels.set(`${topic} ${symbol}`, channel)
      this.#send(client, { op: 'ack', id: message.id, topic, symbol, stream: 'one', resumed: false })
      this.#publish(client, channel)
    } else if (message.op === 'unsubscribe') client.channels.delete(`${message.topic} ${message.symbol ?? null}`)
  }

  #step(): void {
    this.world.step(Date.now())
    for (const client of this.#sockets) for (const channel of client.channels.values()) this.#publish(client, channel)
  }

  #publish(client: Client, channel: Channel): void {
    const isFirst = channel.seq === 0
    const data = this.#data(channel.topic, channel.symbol, isFirst)
    if (data === null) return
    topics[channel.topic][isFirst ? 'snapshot' : 'delta'].parse(data)
    this.#send(client, { op: isFirst ? 'snapshot' : 'delta', topic: channel.topic, symbol: channel.symbol, seq: ++channel.seq, atMs: Date.now(), data })
  }

  /** Rows that move are told anew each time, the others once. */
  #data(topic: TopicName, symbol: string | null, isFirst: boolean): unknown {
    const { world } = this
    const rows = (all: readonly unknown[], moves: boolean): unknown => (isFirst ? { rows: all } : moves ? { rows: all, gone: [] } : null)
    switch (topic) {
      case 'pairs':
        return rows(world.pairs, true)
      case 'positions': {
        const gone = ['BTCUSDT', 'SOLUSDT', 'DOGEUSDT'].map((name) => `open-${name}`).filter((id) => !world.positions.some((row) => row.id === id))
        return isFirst ? { rows: world.positions } : { rows: world.positions, gone }
      }
      case 'orders':
        return rows(world.orders.slice(-200), false)
      case 'trades':
        return rows(world.trades, false)
      case 'signals':
        return rows(world.signals, false)
      case 'alerts':
        return rows(world.alerts, false)
      case 'candle':
        return world.candles.get(symbol!)!.at(-1)
      case 'balance': {
        const open = world.positions.reduce((sum, row) => sum + Number(row.unrealised), 0)
        return { currency: 'USDT', balance: '101394.80', used: '19304.20', available: '82090.60', equity: (101_394.8 + open).toFixed(4), unrealised: open.toFixed(4), ageMs: 300, dayLoss: 12.4, drawdownPercent: 0.42 }
      }
      case 'actors':
        return world.actors
      case 'status':
        return world.status
      case 'tick':
      case 'book':
        return null
    }
  }

  #send(client: Client, message: unknown): void {
    client.ws.send(this.#codec.pack(serverFrame.parse([message])))
  }
}

/** As strict as a gateway can be: nothing but what it serves itself. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

interface Channel {
  readonly topic: TopicName
  readonly symbol: string | null
  seq: number
}

interface Client {
  readonly ws: WebSocket
  readonly channels: Map<string, Channel>
  isKnown: boolean
}

function routeOf(method: string, path: string): { readonly name: RouteName; readonly params: Record<string, string> } | null {
  for (const [name, spec] of Object.entries(routes) as [RouteName, RouteSpec][]) {
    if (spec.method !== method) continue
    const match = new RegExp(`^${spec.path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`).exec(path)
    if (match !== null) return { name, params: Object.fromEntries(Object.entries(match.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)])) }
  }
  return null
}
