/** Clients of a gateway, in a process of their own: sockets that listen, and one that calls the API. Reports to its parent and ends. */
import { Agent, request } from 'node:http'
import { unpack } from 'msgpackr'
import { WebSocket } from 'ws'
import { type ServerMessage, subprotocols } from '../../src/api/index.ts'

export interface FanoutTask {
  readonly url: string
  readonly password: string
  readonly symbols: readonly string[]
  readonly clients: number
  readonly forMs: number
}

export interface FanoutReport {
  readonly messages: number
  readonly frames: number
  /** Deltas that came to a client which had not heard the one before. */
  readonly holes: number
  readonly ageMs: { readonly p50: number; readonly p99: number }
  readonly calls: number
  readonly failed: number
  readonly callMs: { readonly p50: number; readonly p99: number }
  readonly tookMs: number
}

const PATHS = ['/bot/status', '/data/pairs', '/trading/positions', '/api/trading/orders?limit=50', '/trading/risk-status', '/trading/balance', '/actors', '/strategies/status']
const CALL_EVERY_MS = 20
const { url, password, symbols, clients, forMs } = JSON.parse(process.argv[2]!) as FanoutTask
const agent = new Agent({ keepAlive: true })

function call(method: string, path: string, token: string, body?: object): Promise<{ readonly status: number; readonly text: string; readonly ms: number }> {
  const startMs = performance.now()
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, agent, headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) } }, (response) => {
      let text = ''
      response.on('data', (part: Buffer) => (text += part.toString()))
      response.on('end', () => resolve({ status: response.statusCode!, text, ms: performance.now() - startMs }))
    })
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

let messages = 0
let frames = 0
let holes = 0
const ages: number[] = []

function listen(token: string): WebSocket {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, [subprotocols.msgpack])
  const heard = new Map<string, number>()
  socket.on('open', () => {
    socket.send(JSON.stringify({ op: 'auth', token }))
    for (const symbol of symbols) for (const topic of ['tick', 'book', 'candle']) socket.send(JSON.stringify({ op: 'subscribe', id: 1, topic, symbol }))
    socket.send(JSON.stringify({ op: 'subscribe', id: 2, topic: 'pairs' }))
  })
  socket.on('message', (data: Buffer) => {
    frames++
    const nowMs = Date.now()
    for (const message of unpack(data) as ServerMessage[]) {
      messages++
      if (message.op !== 'delta' && message.op !== 'snapshot') continue
      const channel = `${message.topic} ${message.symbol}`
      if (message.op === 'delta' && heard.get(channel) !== message.seq - 1) holes++
      heard.set(channel, message.seq)
      ages.push(nowMs - message.atMs)
    }
  })
  return socket
}

const quantile = (values: readonly number[], share: number): number => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0
const both = (values: readonly number[]): { readonly p50: number; readonly p99: number } => ({ p50: quantile(values, 0.5), p99: quantile(values, 0.99) })

const { accessToken } = JSON.parse((await call('POST', '/auth/login', '', { password })).text) as { readonly accessToken: string }
const sockets = Array.from({ length: clients }, () => listen(accessToken))
await new Promise((resolve) => setTimeout(resolve, 2000))
messages = 0
frames = 0
ages.length = 0
const startMs = performance.now()
const times: number[] = []
let failed = 0
for (let i = 0; performance.now() - startMs < forMs; i++) {
  const { status, ms } = await call('GET', PATHS[i % PATHS.length]!, accessToken)
  if (status !== 200) failed++
  times.push(ms)
  await new Promise((resolve) => setTimeout(resolve, CALL_EVERY_MS))
}
const tookMs = performance.now() - startMs
const report: FanoutReport = { messages, frames, holes, ageMs: both(ages), calls: times.length, failed, callMs: both(times), tookMs }
for (const socket of sockets) socket.terminate()
agent.destroy()
process.send!(report, () => process.exit(0))
