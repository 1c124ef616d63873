import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { BUY, Random, SELL, VirtualTime } from '../../../src/core/index.ts'
import { createCounters, noLatency, type FrontLatency, type FrontResponse, type FrontSession } from '../../../src/exchange/front/index.ts'
import { defaultContracts, defaultStartTicks, Exchange, generatedMarket, MemoryLedger, type Contract } from '../../../src/exchange/index.ts'
import { OkxFront, sign, type OkxLimits } from '../../../src/exchange/okx/index.ts'

export type Frame = Record<string, unknown>

export const KEY = 'key-1'
export const SECRET = 'testsecret'
export const PASSPHRASE = 'open sesame'
export const START_MS = 1_700_000_000_000
export const BTC = 'BTC-USDT-SWAP'
export const ETH = 'ETH-USDT-SWAP'

const fixtureRoot = join(process.env['RINGMASTER_FIXTURES'] ?? '../shared/reference/fixtures', 'okx')
export const fixturesPresent = existsSync(fixtureRoot)
export const fixture = (name: string): Frame => JSON.parse(readFileSync(join(fixtureRoot, `${name}.json`), 'utf8')) as Frame

/** Follows names and indices into parsed JSON. */
export const at = (value: unknown, ...path: readonly (string | number)[]): unknown => path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value)

/** A client at the end of a connection: what it heard, and how it was closed. */
export class Client {
  readonly texts: string[] = []
  session: FrontSession | null = null
  closed: { code: number; reason: string } | null = null

  say(message: object | string): void {
    this.session!.receive(typeof message === 'string' ? message : JSON.stringify(message))
  }

  get frames(): Frame[] {
    return this.texts.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text) as Frame)
  }

  /** Pushes of a channel, in order. */
  on(channel: string): Frame[] {
    return this.frames.filter((frame) => frame['data'] !== undefined && frame['arg'] !== undefined && at(frame, 'arg', 'channel') === channel)
  }

  rows(channel: string): Frame[] {
    return this.on(channel).flatMap((frame) => frame['data'] as Frame[])
  }

  answer(id: string): Frame {
    const found = this.frames.find((frame) => frame['id'] === id && frame['op'] !== undefined)
    if (found === undefined) throw new Error(`no answer to ${id}`)
    return found
  }
}

export interface VenueOptions {
  readonly seed?: number
  readonly lines?: readonly string[]
  readonly contracts?: readonly Contract[]
  readonly latency?: Partial<FrontLatency>
  readonly limits?: Partial<OkxLimits>
  readonly rate?: number
  readonly startMs?: number
}

/** Front and real exchange in one thread of virtual time. */
export class Venue {
  readonly time: VirtualTime
  readonly ledger: MemoryLedger
  readonly exchange: Exchange
  readonly front: OkxFront
  readonly said: string[] = []
  readonly defects: unknown[] = []

  constructor(options: VenueOptions = {}) {
    const { seed = 3, lines = [], contracts = defaultContracts, rate = 20 } = options
    this.time = new VirtualTime(options.startMs ?? START_MS)
    this.ledger = new MemoryLedger(lines)
    this.exchange = new Exchange({
      clock: this.time, timers: this.time, ledger: this.ledger, startingBalance: '100000', balances: { whale: '10000000000' }, defaultLeverage: '10',
      markets: contracts.map((contract) => generatedMarket({ contract, seed, startTicks: defaultStartTicks[contract.symbol]!, rate, historyMin: 120 })),
    })
    this.front = new OkxFront({
      exchange: this.exchange, clock: this.time, timers: this.time, random: new Random(seed, 'okx-front'), counters: createCounters(),
      keys: [{ apiKey: KEY, secret: SECRET, passphrase: PASSPHRASE, account: 'main' }, { apiKey: 'key-2', secret: 'other', passphrase: 'p2', account: 'second' }, { apiKey: 'key-vip', secret: SECRET, passphrase: PASSPHRASE, account: 'vip', vip: 4 }],
      latency: { ...noLatency, ...options.latency }, onDefect: (error) => void this.defects.push(error), ...(options.limits === undefined ? {} : { limits: options.limits }),
    })
    this.exchange.start()
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

  /** A public connection with the channels subscribed. */
  publicly(...args: readonly Frame[]): Client {
    const client = this.connect('/ws/v5/public')
    client.say({ op: 'subscribe', args })
    this.run(1)
    return client
  }

  /** A private connection that is logged in and has the channels subscribed. */
  privately(...args: readonly Frame[]): Client {
    const client = this.connect('/ws/v5/private')
    client.say(loginFrame(this.time.wallMs()))
    if (args.length > 0) client.say({ op: 'subscribe', args })
    this.run(1)
    return client
  }

  /** A connection of that path that is logged in and has the channels subscribed. */
  loggedIn(path: 'public' | 'private' | 'business', key: string, ...args: readonly Frame[]): Client {
    const client = this.connect(`/ws/v5/${path}`)
    client.say(loginFrame(this.time.wallMs(), { apiKey: key }))
    if (args.length > 0) client.say({ op: 'subscribe', args })
    this.run(1)
    return client
  }

  http(method: 'GET' | 'POST', path: string, options: { query?: string; body?: unknown; headers?: Record<string, string>; signed?: boolean; ip?: string } = {}): FrontResponse {
    const query = options.query ?? ''
    const body = options.body === undefined ? '' : typeof options.body === 'string' ? options.body : JSON.stringify(options.body)
    const signed = options.signed === false ? {} : signedHeaders(this.time.wallMs(), method, query === '' ? path : `${path}?${query}`, body)
    let answer: FrontResponse | null = null
    this.front.http({ method, path, query, headers: { ...signed, ...options.headers }, body, ...(options.ip === undefined ? {} : { ip: options.ip }) }, (response) => {
      this.said.push(`${response.status} ${response.body}`)
      answer = response
    })
    for (let i = 0; i < 10_000 && answer === null; i++) this.run(1)
    if (answer === null) throw new Error(`no answer to ${method} ${path}`)
    return answer
  }

  get(path: string, query = ''): Frame {
    return JSON.parse(this.http('GET', path, { query }).body) as Frame
  }

  post(path: string, body: unknown): Frame {
    return JSON.parse(this.http('POST', path, { body }).body) as Frame
  }

  /** Somebody else trades through the book, up to `ticks` behind its best price; nothing when that side is swept empty. */
  sweep(side: 'buy' | 'sell', ticks: number): void {
    const { askLots, askTicks, bidLots, bidTicks } = this.exchange.summary('BTCUSDT')
    if ((side === 'buy' ? askLots : bidLots) === 0) return
    const answer = this.exchange.place('whale', {
      symbol: 'BTCUSDT', clientId: '', side: side === 'buy' ? BUY : SELL, type: 'limit', priceTicks: side === 'buy' ? askTicks + ticks : bidTicks - ticks,
      lots: 200_000, timeInForce: 'IOC', reduceOnly: false, closeOnTrigger: false,
    })
    if (!answer.ok) throw new Error(answer.text)
  }

  /** A price `ticks` away from the best one of the side, as text the way the venue writes it. */
  price(side: 'buy' | 'sell', ticks: number): string {
    const summary = this.exchange.summary('BTCUSDT')
    return String(Number(defaultContracts[0]!.tick.format((side === 'buy' ? summary.bidTicks : summary.askTicks) + ticks)))
  }
}

export function signedHeaders(nowMs: number, method: string, pathAndQuery: string, body: string, secret = SECRET, key = KEY, passphrase = PASSPHRASE): Record<string, string> {
  const timestamp = new Date(nowMs).toISOString()
  return { 'ok-access-key': key, 'ok-access-passphrase': passphrase, 'ok-access-timestamp': timestamp, 'ok-access-sign': sign(secret, timestamp + method + pathAndQuery + body) }
}

export function loginFrame(nowMs: number, change: Frame = {}): object {
  const timestamp = String(Math.floor(nowMs / 1_000))
  return { op: 'login', args: [{ apiKey: KEY, passphrase: PASSPHRASE, timestamp, sign: sign(SECRET, `${timestamp}GET/users/self/verify`), ...change }] }
}

/** A resting buy far below the market unless said otherwise. */
export const order = (venue: Venue, more: Frame = {}): Frame => ({ instId: BTC, tdMode: 'cross', side: 'buy', ordType: 'limit', sz: '1', px: venue.price('buy', -2_000), ...more })
export const market = (more: Frame = {}): Frame => ({ instId: BTC, tdMode: 'cross', side: 'buy', ordType: 'market', sz: '1', ...more })
