import { createHash } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { BUY, Random, SELL, VirtualTime } from '../../../src/core/index.ts'
import { defaultContracts, defaultStartTicks, Exchange, generatedMarket, MemoryLedger } from '../../../src/exchange/index.ts'
import { BybitFront, sign } from '../../../src/exchange/bybit/index.ts'
import { createCounters, type FrontResponse } from '../../../src/exchange/front/index.ts'
import { at, authFrame, Client, KEY, SECRET, signedHeaders, START_MS, type Frame } from './harness.ts'

/** Front and real exchange in one thread of virtual time, as backtests run them. */
class Venue {
  readonly time = new VirtualTime(START_MS)
  readonly exchange: Exchange
  readonly front: BybitFront
  readonly said: string[] = []
  readonly defects: unknown[] = []

  constructor(seed: number, lines: readonly string[] = []) {
    const contract = defaultContracts[0]!
    this.exchange = new Exchange({
      clock: this.time, timers: this.time, ledger: new MemoryLedger(lines), startingBalance: '100000', defaultLeverage: '10',
      markets: [generatedMarket({ contract, seed, startTicks: defaultStartTicks[contract.symbol]!, rate: 40, historyMin: 120 })],
    })
    this.front = new BybitFront({
      exchange: this.exchange, clock: this.time, timers: this.time, random: new Random(seed, 'front'), keys: [{ apiKey: KEY, secret: SECRET, account: 'main' }], counters: createCounters(), shuffleTopics: true,
      latency: { requestMs: 2, replyMs: 2, pushMs: 3, marketMs: 1, jitterMs: 4, historyMs: 0 }, onDefect: (error) => void this.defects.push(error),
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

  get(path: string, query: string): Frame {
    let answer: FrontResponse | null = null
    this.front.http({ method: 'GET', path, query, headers: signedHeaders(this.time.wallMs(), query), body: '' }, (response) => (answer = response))
    for (let i = 0; i < 1_000 && answer === null; i++) this.run(1)
    return JSON.parse(answer!.body) as Frame
  }
}

const price = (venue: Venue, side: 0 | 1, offset: number): string => {
  const summary = venue.exchange.summary('BTCUSDT')
  return (((side === BUY ? summary.bidTicks : summary.askTicks) + offset) / 10).toFixed(1)
}

/** Trades for a minute of virtual time. */
function session(seed: number): { venue: Venue; publicly: Client; privately: Client; trade: Client } {
  const venue = new Venue(seed)
  const publicly = venue.connect('/v5/public/linear')
  publicly.say({ op: 'subscribe', args: ['orderbook.50.BTCUSDT', 'orderbook.1.BTCUSDT', 'orderbook.200.BTCUSDT', 'publicTrade.BTCUSDT', 'tickers.BTCUSDT', 'kline.1.BTCUSDT'] })
  const privately = venue.connect('/v5/private')
  privately.say(authFrame(START_MS + 10_000))
  privately.say({ op: 'subscribe', args: ['order', 'execution', 'position', 'wallet'] })
  const trade = venue.connect('/v5/trade')
  trade.say({ op: 'auth', args: [KEY, START_MS + 10_000, sign(SECRET, `GET/realtime${START_MS + 10_000}`)] })
  venue.run(100)
  for (let i = 0; i < 60; i++) {
    const side = i % 3 === 0 ? SELL : BUY
    const order = { category: 'linear', symbol: 'BTCUSDT', side: side === BUY ? 'Buy' : 'Sell', qty: '0.010', orderLinkId: `v-${i}` }
    const kind = [{ orderType: 'Market' }, { orderType: 'Limit', price: price(venue, side, 0), timeInForce: 'PostOnly' }, { orderType: 'Limit', price: price(venue, side, side === BUY ? 5 : -5), timeInForce: 'IOC' }, { orderType: 'Limit', price: price(venue, side, side === BUY ? 60 : -60), timeInForce: 'PostOnly' }][i % 4]
    trade.say({ reqId: `r-${i}`, header: { 'X-BAPI-TIMESTAMP': String(venue.time.wallMs()) }, op: 'order.create', args: [{ ...order, ...kind }] })
    venue.run(700)
    if (i % 5 === 4) trade.say({ reqId: `c-${i}`, header: { 'X-BAPI-TIMESTAMP': String(venue.time.wallMs()) }, op: 'order.cancel', args: [{ category: 'linear', symbol: 'BTCUSDT', orderLinkId: `v-${i - 1}` }] })
    venue.run(300)
  }
  return { venue, publicly, privately, trade }
}

describe('the front before the real exchange', () => {
  const { venue, publicly, privately, trade } = session(3)
  const rows = (topic: string): Frame[] => privately.on(topic).flatMap((frame) => frame['data'] as Frame[])

  it('answered every command, and every accepted order ended or rests', () => {
    const answers = trade.frames.filter((frame) => frame['op'] === 'order.create')
    expect(answers).toHaveLength(60)
    expect(answers.filter((frame) => frame['retCode'] !== 0)).toEqual([])
    for (let i = 0; i < 60; i++) {
      venue.run(20)
      const last = rows('order').findLast((row) => row['orderLinkId'] === `v-${i}`)!
      const listed = at(venue.get('/v5/order/realtime', `category=linear&orderLinkId=v-${i}`), 'result', 'list', 0) as Frame
      expect([last['orderStatus'], last['cumExecQty'], last['avgPrice']]).toEqual([listed['orderStatus'], listed['cumExecQty'], listed['avgPrice']])
    }
  })

  it('pushed each execution once; they add up to the position, the orders and the wallet', () => {
    const executions = rows('execution')
    expect(executions.length).toBeGreaterThan(20)
    expect(new Set(executions.map((row) => row['execId'])).size).toBe(executions.length)
    const signed = executions.reduce((sum, row) => sum + Math.round(Number(row['execQty']) * 1000) * (row['side'] === 'Buy' ? 1 : -1), 0)
    expect(venue.exchange.position('main', 'BTCUSDT').signedLots).toBe(signed)
    const change = executions.reduce((sum, row) => sum + Number(row['execPnl']) - Number(row['execFee']), 0)
    const wallet = rows('wallet').at(-1)!
    expect(Number(at(wallet, 'coin', 0, 'walletBalance'))).toBeCloseTo(100_000 + change, 6)
    const log = at(venue.get('/v5/account/transaction-log', 'limit=50'), 'result', 'list') as Frame[]
    for (let i = 0; i + 1 < log.length; i++) expect(Number(log[i]!['cashBalance']) - Number(log[i]!['change'])).toBeCloseTo(Number(log[i + 1]!['cashBalance']), 8)
    const position = rows('position').findLast((row) => row['symbol'] === 'BTCUSDT')!
    expect(Number(position['size']) * (position['side'] === 'Sell' ? -1 : 1)).toBeCloseTo(signed / 1000, 10)
    expect(venue.defects).toEqual([])
  })

  it('nets closed profit of the whole run to the change of the wallet when the run ends flat', () => {
    const size = venue.exchange.position('main', 'BTCUSDT').signedLots
    trade.say({ reqId: 'all', header: { 'X-BAPI-TIMESTAMP': String(venue.time.wallMs()) }, op: 'order.create', args: [{ category: 'linear', symbol: 'BTCUSDT', side: size > 0 ? 'Sell' : 'Buy', orderType: 'Market', qty: '0', reduceOnly: true, closeOnTrigger: true }] })
    venue.run(100)
    expect(venue.exchange.position('main', 'BTCUSDT').signedLots).toBe(0)
    const closed = at(venue.get('/v5/position/closed-pnl', 'category=linear&limit=100'), 'result', 'list') as Frame[]
    const net = closed.reduce((sum, row) => sum + Number(row['closedPnl']), 0)
    expect(net).toBeCloseTo(venue.exchange.wallet('main').balance.minus(100_000).toNumber(), 6)
  })

  it('told a book without gap and never crossed, which ends as the matching engine has it', () => {
    venue.exchange.stop()
    venue.run(500)
    const out = [new Float64Array(200), new Float64Array(200)] as const
    for (const depth of [50, 200]) {
      const sides = [new Map<string, string>(), new Map<string, string>()] as const
      let updateId = -1
      for (const frame of publicly.on(`orderbook.${depth}.BTCUSDT`)) {
        const data = frame['data'] as { b: [string, string][]; a: [string, string][]; u: number }
        if (updateId >= 0) expect(data.u).toBe(updateId + 1)
        updateId = data.u
        for (const [i, list] of [data.b, data.a].entries()) for (const [one, size] of list) if (size === '0') sides[i]!.delete(one); else sides[i]!.set(one, size)
        expect(Math.max(...[...sides[0].keys()].map(Number))).toBeLessThan(Math.min(...[...sides[1].keys()].map(Number)))
      }
      expect(publicly.on(`orderbook.${depth}.BTCUSDT`).length).toBeGreaterThan(100)
      for (const side of [BUY, SELL] as const) {
        const count = venue.exchange.levels('BTCUSDT', side, depth, out[0], out[1])
        expect(count).toBeGreaterThan(40)
        expect(sides[side]).toEqual(new Map(Array.from({ length: count }, (_, i) => [(out[0][i]! / 10).toFixed(2), (out[1][i]! / 1000).toFixed(3)])))
      }
    }
  })

  it('says the same bytes for the same seed', () => {
    const hash = (lines: readonly string[]): string => createHash('sha256').update(lines.join('\n')).digest('hex')
    const again = session(4)
    expect(hash(again.venue.said)).toBe(hash(session(4).venue.said))
    expect(again.venue.said.length).toBeGreaterThan(2_000)
  })
})
