import { BUY, Random, SELL, VirtualTime } from '../../../src/core/index.ts'
import { BybitFront } from '../../../src/exchange/bybit/index.ts'
import { createCounters, noLatency, type FrontResponse } from '../../../src/exchange/front/index.ts'
import { defaultContracts, Exchange, MemoryLedger } from '../../../src/exchange/index.ts'
import { ManualMarket } from '../core/support.ts'
import { authFrame, Client, KEY, SECRET, signedHeaders, START_MS, type Frame } from './harness.ts'

/** Front and real exchange over a BTC market that stands still at 65 000 until a test moves it. */
export class ManualVenue {
  readonly time = new VirtualTime(START_MS)
  readonly market: ManualMarket
  readonly exchange: Exchange
  readonly front: BybitFront
  readonly ledger: MemoryLedger
  readonly defects: unknown[] = []

  constructor(lines: readonly string[] = []) {
    this.market = new ManualMarket(defaultContracts[0]!, (flow) => {
      for (let i = 1; i <= 5; i++) {
        flow.setLevel(BUY, 650_000 - i, 1_000)
        flow.setLevel(SELL, 650_000 + i, 1_000)
      }
    })
    this.ledger = new MemoryLedger(lines)
    this.exchange = new Exchange({ clock: this.time, timers: this.time, ledger: this.ledger, startingBalance: '100000', defaultLeverage: '10', markets: [this.market] })
    this.front = new BybitFront({
      exchange: this.exchange, clock: this.time, timers: this.time, random: new Random(1, 'front'), keys: [{ apiKey: KEY, secret: SECRET, account: 'main' }], counters: createCounters(), latency: noLatency,
      onDefect: (error) => void this.defects.push(error),
    })
    this.exchange.start()
    this.print(650_000)
  }

  run(ms: number): void {
    this.time.runUntil(this.time.nowNs() + ms * 1e6)
  }

  /** A trade of the market: moves the last price. */
  print(ticks: number): void {
    this.market.print(BUY, ticks, 1)
  }

  connect(path: string): Client {
    const client = new Client()
    client.session = this.front.connect(path, { send: (text) => void client.texts.push(text), close: (code, reason) => void (client.closed = { code, reason }) })
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

  request(method: 'GET' | 'POST', path: string, payload: string): FrontResponse {
    let answer: FrontResponse | null = null
    const [query, body] = method === 'GET' ? [payload, ''] : ['', payload]
    this.front.http({ method, path, query, headers: signedHeaders(this.time.wallMs(), payload), body }, (response) => (answer = response))
    this.run(1)
    if (answer === null) throw new Error(`no answer to ${method} ${path}`)
    return answer
  }

  get(path: string, query = ''): Frame {
    return JSON.parse(this.request('GET', path, query).body) as Frame
  }

  post(path: string, body: object): Frame {
    return JSON.parse(this.request('POST', path, JSON.stringify(body)).body) as Frame
  }

  /** Rows of all frames of a topic, in order. */
  static rows(client: Client, topic: string): Frame[] {
    return client.on(topic).flatMap((frame) => frame['data'] as Frame[])
  }
}
