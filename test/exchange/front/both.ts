import { Random, VirtualTime } from '../../../src/core/index.ts'
import { BybitFront } from '../../../src/exchange/bybit/index.ts'
import { createCounters, noLatency, type FrontResponse } from '../../../src/exchange/front/index.ts'
import { defaultContracts, defaultStartTicks, Exchange, generatedMarket, MemoryLedger } from '../../../src/exchange/index.ts'
import { OkxFront } from '../../../src/exchange/okx/index.ts'
import * as bybit from '../bybit/harness.ts'
import * as okx from '../okx/venue.ts'

export type VenueName = 'bybit' | 'okx'
export const VENUES: readonly VenueName[] = ['bybit', 'okx']
export const SYMBOL = 'BTCUSDT'

/** What an HTTP answer said in the words of either venue. */
export interface Said {
  readonly status: number
  /** The venue's code; of the row where the row has one. */
  readonly code: string
  readonly rows: readonly okx.Frame[]
}

/** One market and one account behind either protocol, in virtual time. */
export class BothVenue {
  readonly name: VenueName
  readonly time = new VirtualTime(bybit.START_MS)
  readonly exchange: Exchange
  readonly front: BybitFront | OkxFront
  readonly book: string
  readonly bookMark: string
  #ids = 0

  constructor(name: VenueName) {
    this.name = name
    this.exchange = new Exchange({
      clock: this.time, timers: this.time, ledger: new MemoryLedger([]), startingBalance: '100000', defaultLeverage: '10',
      markets: [generatedMarket({ contract: defaultContracts[0]!, seed: 3, startTicks: defaultStartTicks[SYMBOL]!, rate: 60, historyMin: 30 })],
    })
    const parts = { exchange: this.exchange, clock: this.time, timers: this.time, random: new Random(1, 'front'), latency: noLatency, counters: createCounters() }
    this.front =
      name === 'bybit'
        ? new BybitFront({ ...parts, keys: [{ apiKey: bybit.KEY, secret: bybit.SECRET, account: 'main' }] })
        : new OkxFront({ ...parts, keys: [{ apiKey: okx.KEY, secret: okx.SECRET, passphrase: okx.PASSPHRASE, account: 'main' }] })
    this.exchange.start()
    const { books, bookMark } = this.front.faultNames(50)
    this.book = books[0]!
    this.bookMark = bookMark
  }

  get faults() {
    return this.front.faults
  }

  run(ms: number): void {
    this.time.runUntil(this.time.nowNs() + ms * 1e6)
  }

  connect(path: string): okx.Client {
    const client = new okx.Client()
    client.session = this.front.connect(path, { send: (text) => void client.texts.push(text), close: (code, reason) => void (client.closed ??= { code, reason }) })
    return client
  }

  /** A public connection with the book subscribed. */
  listening(): okx.Client {
    const client = this.connect(this.name === 'bybit' ? '/v5/public/linear' : '/ws/v5/public')
    client.say(this.name === 'bybit' ? { op: 'subscribe', args: [this.book] } : { op: 'subscribe', args: [{ channel: 'books', instId: okx.BTC }] })
    this.run(1)
    return client
  }

  /** A private connection that is signed in and hears of orders. */
  trading(): okx.Client {
    const client = this.connect(this.name === 'bybit' ? '/v5/private' : '/ws/v5/private')
    client.say(this.name === 'bybit' ? bybit.authFrame(this.time.wallMs() + 10_000) : okx.loginFrame(this.time.wallMs()))
    client.say({ op: 'subscribe', args: this.name === 'bybit' ? ['order'] : [{ channel: 'orders', instType: 'SWAP' }] })
    this.run(1)
    client.texts.length = 0
    return client
  }

  /** Book frames that the client heard, as text. */
  books(client: okx.Client): string[] {
    return client.texts.filter((text) => text.includes(this.bookMark))
  }

  /** Pushes about orders. */
  pushes(client: okx.Client): okx.Frame[] {
    return client.frames.filter((frame) => (this.name === 'bybit' ? frame['topic'] === 'order' : frame['data'] !== undefined))
  }

  /** Sends a request. @returns null when nothing came within a second */
  http(method: 'GET' | 'POST', path: string, query = '', body: object | null = null): Said | null {
    const text = body === null ? '' : JSON.stringify(body)
    const headers = this.name === 'bybit' ? bybit.signedHeaders(this.time.wallMs(), method === 'GET' ? query : text) : okx.signedHeaders(this.time.wallMs(), method, query === '' ? path : `${path}?${query}`, text)
    const answers: FrontResponse[] = []
    this.front.http({ method, path, query, headers, body: text }, (response) => void answers.push(response))
    for (let i = 0; i < 100 && answers.length === 0; i++) this.run(10)
    return answers.length === 0 ? null : said(answers[0]!)
  }

  /** A resting buy far below the market, or a market order. */
  order(kind: 'rests' | 'market' = 'rests', size = 1): Said | null {
    const price = defaultContracts[0]!.tick.format(this.exchange.summary(SYMBOL).bidTicks - 2_000)
    const id = `id${++this.#ids}`
    if (this.name === 'bybit') {
      const order = { category: 'linear', symbol: SYMBOL, side: 'Buy', qty: `0.${String(size).padStart(3, '0')}`, orderLinkId: id }
      return this.http('POST', '/v5/order/create', '', kind === 'rests' ? { ...order, orderType: 'Limit', price } : { ...order, orderType: 'Market' })
    }
    const order = { instId: okx.BTC, tdMode: 'cross', side: 'buy', sz: String(size), clOrdId: id }
    return this.http('POST', '/api/v5/trade/order', '', kind === 'rests' ? { ...order, ordType: 'limit', px: price } : { ...order, ordType: 'market' })
  }

  openOrders(): Said | null {
    return this.name === 'bybit' ? this.http('GET', '/v5/order/realtime', 'category=linear&symbol=BTCUSDT') : this.http('GET', '/api/v5/trade/orders-pending', 'instType=SWAP')
  }

  positions(): Said | null {
    return this.name === 'bybit' ? this.http('GET', '/v5/position/list', 'category=linear&settleCoin=USDT') : this.http('GET', '/api/v5/account/positions', 'instType=SWAP')
  }

  /** Best bid by REST, as text, with the number that REST gives the book. */
  restBook(): { readonly bid: string; readonly number: number } {
    const row = (this.name === 'bybit' ? this.http('GET', '/v5/market/orderbook', 'category=linear&symbol=BTCUSDT&limit=1') : this.http('GET', '/api/v5/market/books', `instId=${okx.BTC}&sz=1`))!.rows[0]!
    return { bid: String(okx.at(row, this.name === 'bybit' ? 'b' : 'bids', 0, 0)), number: Number(row[this.name === 'bybit' ? 'seq' : 'seqId']) }
  }

  control(action: string, fields: object = {}, method = 'POST'): { readonly status: number; readonly body: okx.Frame } {
    const answer = this.front.control({ method, path: `/control${action === '' ? '' : `/${action}`}`, query: '', headers: {}, body: method === 'GET' ? '' : JSON.stringify(fields) })
    return { status: answer.status, body: JSON.parse(answer.body) as okx.Frame }
  }
}

function said({ status, body }: FrontResponse): Said {
  if (!body.startsWith('{')) return { status, code: '', rows: [] }
  const parsed = JSON.parse(body) as okx.Frame
  if (parsed['retCode'] !== undefined) {
    const result = parsed['result'] as okx.Frame
    return { status, code: JSON.stringify(parsed['retCode']), rows: (result['list'] ?? [result]) as okx.Frame[] }
  }
  const rows = (parsed['data'] ?? []) as okx.Frame[]
  return { status, code: String(rows[0]?.['sCode'] ?? parsed['code']), rows }
}
