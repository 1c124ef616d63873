import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { BUY, Random, SELL, VirtualTime } from '../../../src/core/index.ts'
import { BybitFront, sign, type BybitFrontParts } from '../../../src/exchange/bybit/index.ts'
import { createCounters, noLatency, type FrontResponse, type FrontSession } from '../../../src/exchange/front/index.ts'
import { FakeExchange } from './fake-exchange.ts'

export const KEY = 'testkey'
export const SECRET = 'testsecret'
export const START_MS = 1_700_000_000_000

export const fixtures = process.env['RINGMASTER_FIXTURES'] ?? '../shared/reference/fixtures'
export const fixturesPresent = existsSync(join(fixtures, 'bybit'))
export const fixture = (name: string): unknown => JSON.parse(readFileSync(join(fixtures, 'bybit', `${name}.json`), 'utf8')) as unknown

// What comes over the wire is foreign text to a test too; it looks fields up by name.
export type Frame = Record<string, unknown>
export const at = (value: unknown, ...path: readonly (string | number)[]): unknown => path.reduce<unknown>((one, name) => (one as Record<string | number, unknown> | undefined)?.[name], value)

export class Client {
  readonly texts: string[] = []
  closed: { code: number; reason: string } | null = null
  session!: FrontSession

  get frames(): Frame[] {
    return this.texts.map((text) => JSON.parse(text) as Frame)
  }

  on(topic: string): Frame[] {
    return this.frames.filter((frame) => frame['topic'] === topic)
  }

  last(): Frame {
    return this.frames.at(-1)!
  }

  say(value: unknown): void {
    this.session.receive(typeof value === 'string' ? value : JSON.stringify(value))
  }
}

/** A front over a scripted exchange under virtual time. */
export class Bench {
  readonly time = new VirtualTime(START_MS)
  readonly exchange: FakeExchange
  readonly front: BybitFront
  readonly defects: unknown[] = []
  /** Everything the front said, in order. */
  readonly said: string[] = []

  constructor(parts: Partial<BybitFrontParts> = {}, seed = 7) {
    this.exchange = new FakeExchange(this.time)
    this.front = new BybitFront({
      exchange: this.exchange, clock: this.time, timers: this.time, random: new Random(seed, 'front'), keys: [{ apiKey: KEY, secret: SECRET, account: 'main' }, { apiKey: 'otherkey', secret: 'othersecret', account: 'other' }],
      latency: noLatency, counters: createCounters(), onDefect: (error) => void this.defects.push(error), ...parts,
    })
    for (let i = 0; i < 5; i++) {
      this.exchange.setLevel('BTCUSDT', BUY, 650_000 - i, 1000 + i)
      this.exchange.setLevel('BTCUSDT', SELL, 650_001 + i, 2000 + i)
    }
  }

  run(ms: number): void {
    this.time.runUntil(this.time.nowNs() + ms * 1e6)
  }

  connect(path: string): Client {
    const client = new Client()
    client.session = this.front.connect(path, {
      send: (text) => {
        client.texts.push(text)
        this.said.push(text)
      },
      close: (code, reason) => void (client.closed = { code, reason }),
    })
    return client
  }

  signedIn(path: '/v5/private' | '/v5/trade', topics: readonly string[] = []): Client {
    const client = this.connect(path)
    client.say(authFrame(this.time.wallMs() + 10_000))
    if (topics.length > 0) client.say({ op: 'subscribe', args: topics })
    this.run(1)
    client.texts.length = 0
    return client
  }

  /** Sends a request and runs the time until it is answered. */
  http(method: 'GET' | 'POST', path: string, options: { query?: string; body?: unknown; headers?: Record<string, string>; signed?: boolean; ip?: string } = {}): FrontResponse {
    let answer: FrontResponse | null = null
    this.ask(method, path, options, (response) => (answer = response))
    for (let i = 0; i < 10_000 && answer === null; i++) this.run(1)
    if (answer === null) throw new Error(`no answer to ${method} ${path}`)
    return answer
  }

  ask(method: 'GET' | 'POST', path: string, options: { query?: string; body?: unknown; headers?: Record<string, string>; signed?: boolean; ip?: string }, done: (response: FrontResponse) => void): void {
    const query = options.query ?? ''
    const body = options.body === undefined ? '' : typeof options.body === 'string' ? options.body : JSON.stringify(options.body)
    const headers = options.signed === false ? {} : signedHeaders(this.time.wallMs(), method === 'GET' ? query : body)
    this.front.http({ method, path, query, headers: { ...headers, ...options.headers }, body, ...(options.ip === undefined ? {} : { ip: options.ip }) }, (response) => {
      this.said.push(`${response.status} ${JSON.stringify(response.headers)} ${response.body}`)
      done(response)
    })
  }

  get(path: string, query = ''): Frame {
    return JSON.parse(this.http('GET', path, { query }).body) as Frame
  }

  post(path: string, body: unknown): Frame {
    return JSON.parse(this.http('POST', path, { body }).body) as Frame
  }
}

export function signedHeaders(timestampMs: number, payload: string, key = KEY, secret = SECRET): Record<string, string> {
  const timestamp = String(timestampMs)
  return { 'x-bapi-api-key': key, 'x-bapi-timestamp': timestamp, 'x-bapi-recv-window': '5000', 'x-bapi-sign': sign(secret, `${timestamp}${key}5000${payload}`) }
}

export const authFrame = (expires: number | string, key = KEY, secret = SECRET): object => ({ op: 'auth', args: [key, expires, sign(secret, `GET/realtime${expires}`)] })

export const limit = (more: object = {}): object => ({ category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.010', price: '64000.0', timeInForce: 'GTC', positionIdx: 0, ...more })
