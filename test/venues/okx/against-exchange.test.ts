import { describe, expect, it } from 'vitest'
import { BUY, errorLine, type Instrument, money, Random, SELL, VirtualTime } from '../../../src/core/index.ts'
import { createCounters } from '../../../src/exchange/front/index.ts'
import { defaultContracts, Exchange, GeneratedMarket, MemoryLedger } from '../../../src/exchange/index.ts'
import { OkxFront } from '../../../src/exchange/okx/index.ts'
import {
  type AccountSnapshot, type BookUpdate, type CommandOutcome, createOkxVenue, type MarketHandler, type OkxSettings, okxUrlsAt, type OrderEvidence, type OrderRequest, type TradingHandler, type TradingPort, type Venue, type VenueFill, type VenueOrder,
  type VenuePosition, type VenueWallet,
} from '../../../src/venues/index.ts'
import { FrontTransport } from '../front-transport.ts'

/*
 * The adapter against the built-in exchange in its OKX dress, which shares no code with it above the core and was
 * written from the venue's protocol sheet by other hands: what one says the other has to understand.
 */

type AnyFront = ConstructorParameters<typeof FrontTransport>[0]

class Heard implements MarketHandler, TradingHandler {
  readonly bids = new Map<number, number>()
  readonly asks = new Map<number, number>()
  readonly feed: string[] = []
  readonly bad: string[] = []
  readonly seen = { books: 0, trades: 0, tickers: 0, klines: 0, crossed: 0 }
  readonly orders: VenueOrder[] = []
  readonly fills: VenueFill[] = []
  readonly positions: VenuePosition[] = []
  readonly wallets: VenueWallet[] = []
  readonly links: string[] = []

  onBook(update: BookUpdate): void {
    this.seen.books++
    if (update.snapshot) {
      this.bids.clear()
      this.asks.clear()
    }
    for (let i = 0; i < update.bidCount; i++) set(this.bids, update.bidTicks[i]!, update.bidLots[i]!)
    for (let i = 0; i < update.askCount; i++) set(this.asks, update.askTicks[i]!, update.askLots[i]!)
    if (Math.max(...this.bids.keys()) >= Math.min(...this.asks.keys())) this.seen.crossed++
  }
  onTrades(batch: { count: number }): void {
    this.seen.trades += batch.count
  }
  onTicker(): void {
    this.seen.tickers++
  }
  onLiquidation(): void {}
  onPriceLimits(): void {}
  onFunding(): void {}
  onInstrument(): void {}
  onKline(): void {
    this.seen.klines++
  }
  onFeed(state: string, reason: string): void {
    this.feed.push(reason === '' ? state : `${state}: ${reason}`)
  }
  onBadFrame(error: unknown): void {
    this.bad.push(errorLine(error))
  }
  onOrder(order: VenueOrder): void {
    this.orders.push(order)
  }
  onFill(fill: VenueFill): void {
    this.fills.push(fill)
  }
  onPosition(position: VenuePosition): void {
    this.positions.push(position)
  }
  onWallet(wallet: VenueWallet): void {
    this.wallets.push(wallet)
  }
  onLink(state: string, reason: string): void {
    this.links.push(reason === '' ? state : `${state}: ${reason}`)
  }
}

const set = (side: Map<number, number>, ticks: number, lots: number): void => void (lots === 0 ? side.delete(ticks) : side.set(ticks, lots))

class World {
  readonly time = new VirtualTime(1_700_000_000_000)
  readonly heard = new Heard()
  readonly exchange: Exchange
  readonly front: OkxFront
  readonly venue: Venue
  readonly btc: Instrument
  readonly port: TradingPort
  readonly defects: unknown[] = []

  constructor(settings: Partial<OkxSettings> = {}) {
    const { time } = this
    const contract = defaultContracts.find((one) => one.symbol === 'BTCUSDT')!
    this.exchange = new Exchange({ clock: time, timers: time, markets: [new GeneratedMarket({ contract, seed: 3, startTicks: 600_000, rate: 30 })], ledger: new MemoryLedger(), startingBalance: '10000', defaultLeverage: '10' })
    this.front = new OkxFront({
      exchange: this.exchange, clock: time, timers: time, random: new Random(5, 'front'), keys: [{ apiKey: 'k', secret: 's', passphrase: 'p', account: 'main' }], counters: createCounters(),
      latency: { requestMs: 3, replyMs: 2, pushMs: 4, marketMs: 1, jitterMs: 3, historyMs: 0 }, onDefect: (error) => void this.defects.push(error),
    })
    this.exchange.start()
    this.venue = createOkxVenue({
      transport: new FrontTransport(this.front as unknown as AnyFront, time), clock: time, timers: time, random: new Random(1), urls: okxUrlsAt('venue', 1), credentials: { key: 'k', secret: 's', passphrase: 'p' }, settings, count: () => {},
    })
    this.btc = this.wait<readonly Instrument[]>((done) => this.venue.reference.instruments(['BTCUSDT'], (error, list) => {
      expect(error).toBe(null)
      done(list)
    }))[0]!
    this.port = this.venue.trading([this.btc])
  }

  run(ms: number): void {
    this.time.runUntil(this.time.nowNs() + ms * 1e6)
  }

  wait<T>(ask: (done: (value: T) => void) => void): T {
    const answers: T[] = []
    ask((value) => answers.push(value))
    for (let i = 0; i < 60_000 && answers.length === 0; i++) this.run(1)
    expect(answers).toHaveLength(1)
    return answers[0]!
  }

  up(): void {
    this.port.start(this.heard)
    this.run(500)
    expect(this.heard.links).toEqual(['up'])
  }

  place(change: Partial<OrderRequest>): CommandOutcome {
    const request: OrderRequest = { clientId: 'c1', symbol: 'BTCUSDT', side: BUY, type: 'limit', priceTicks: 597_000, lots: 10, timeInForce: 'GTC', reduceOnly: false, ...change }
    return this.wait((done) => this.port.place(request, done))
  }

  evidence(clientId: string): OrderEvidence {
    return this.wait((done) => this.port.evidence('BTCUSDT', clientId, done))
  }

  snapshot(): AccountSnapshot {
    return this.wait<AccountSnapshot>((done) => this.port.snapshot(['BTCUSDT'], 1_700_000_000_000, (error, snapshot) => {
      expect(error).toBe(null)
      done(snapshot!)
    }))
  }

  of(clientId: string): readonly (readonly [string, number])[] {
    return this.heard.orders.filter((order) => order.clientId === clientId).map((order) => [order.status, order.filledLots] as const)
  }

  /** Our book and the exchange's, best 50 levels, must be the same. */
  sameBook(): void {
    for (const [side, mine] of [[BUY, this.heard.bids], [SELL, this.heard.asks]] as const) {
      const ticks = new Float64Array(50)
      const lots = new Float64Array(50)
      const n = this.exchange.levels('BTCUSDT', side, 50, ticks, lots)
      expect(n).toBeGreaterThan(20)
      expect([...mine].sort((a, b) => (side === BUY ? b[0] - a[0] : a[0] - b[0])).slice(0, n)).toEqual([...ticks.subarray(0, n)].map((price, i) => [price, lots[i]!]))
    }
  }

  stop(): void {
    this.port.stop()
    this.front.close()
    this.exchange.stop()
    expect(this.defects).toEqual([])
  }
}

describe('market data of the built-in exchange', () => {
  it('is followed exactly, over a gap, a stall and a cut connection; trades, tickers and candles arrive', () => {
    const w = new World({ bookSilentMs: 5000 })
    const feed = w.venue.feed(w.btc)
    feed.start(w.heard)
    w.run(8000)
    expect(w.heard.feed.filter((line) => line.startsWith('down'))).toEqual([])
    w.front.faults.skipUpdates('books:BTC-USDT-SWAP', 2)
    w.run(3000)
    expect(w.heard.feed.some((line) => line.startsWith('down: gap in books of BTC-USDT-SWAP'))).toBe(true)
    w.front.faults.dropConnections('public')
    w.run(3000)
    expect(w.heard.feed.some((line) => line.startsWith('down: closed by the other side'))).toBe(true)
    w.run(5000)
    expect(w.heard.feed.at(-1)).toBe('live')
    expect(w.heard.bad).toEqual([])
    expect(w.heard.seen.crossed).toBe(0)
    for (const kind of ['books', 'trades', 'tickers', 'klines'] as const) expect(w.heard.seen[kind]).toBeGreaterThan(5)
    w.exchange.stop()
    w.run(500)
    w.sameBook()
    feed.stop()
    w.front.close()
    expect(w.defects).toEqual([])
  })
})

describe('trading on the built-in exchange', () => {
  it('a resting order, a duplicate, a cancel, and what the venue says of each', () => {
    const w = new World()
    w.up()
    expect(w.place({})).toMatchObject({ kind: 'accepted' })
    expect(w.place({})).toMatchObject({ kind: 'refused', errorClass: 'duplicate' })
    w.run(100)
    expect(w.of('c1')).toEqual([['open', 0]])
    expect(w.evidence('c1')).toMatchObject({ kind: 'found', order: { status: 'open', priceTicks: 597_000, lots: 10 }, fills: [] })
    expect(w.evidence('neverSent')).toEqual({ kind: 'absent' })
    expect(w.snapshot().openOrders.map((order) => order.clientId)).toEqual(['c1'])
    expect(w.wait<CommandOutcome>((done) => w.port.cancel('BTCUSDT', 'c1', done))).toMatchObject({ kind: 'accepted' })
    w.run(100)
    expect(w.of('c1').at(-1)).toEqual(['cancelled', 0])
    expect(w.heard.orders.at(-1)!.reason).toBe('1 by the user')
    expect(w.wait<CommandOutcome>((done) => w.port.cancel('BTCUSDT', 'c1', done))).toMatchObject({ kind: 'refused', errorClass: 'not-found' })
    expect(w.snapshot().openOrders).toEqual([])
    w.stop()
  })

  it('fills by stream, query and snapshot agree with each other and with the ledger of the exchange', () => {
    const w = new World()
    w.up()
    expect(w.place({ clientId: 'm1', type: 'market', priceTicks: null, timeInForce: 'IOC', lots: 20 })).toMatchObject({ kind: 'accepted' })
    w.run(3000)
    expect(w.place({ clientId: 'm2', side: SELL, type: 'market', priceTicks: null, timeInForce: 'IOC', lots: 8, reduceOnly: true })).toMatchObject({ kind: 'accepted' })
    w.run(3000)
    expect(w.of('m1').at(-1)).toEqual(['filled', 20])
    const ids = (fills: readonly VenueFill[]): readonly string[] => fills.map((fill) => fill.executionId).toSorted()
    const found = [w.evidence('m1'), w.evidence('m2')].flatMap((one) => (one.kind === 'found' ? one.fills : []))
    const snapshot = w.snapshot()
    expect(w.heard.fills.length).toBeGreaterThanOrEqual(2)
    expect(ids(found)).toEqual(ids(w.heard.fills))
    expect(ids(snapshot.fills)).toEqual(ids(w.heard.fills))
    expect(snapshot.positions).toMatchObject([{ symbol: 'BTCUSDT', signedLots: 12 }])
    expect(w.heard.positions.at(-1)).toMatchObject({ signedLots: 12 })
    const position = w.exchange.position('main', 'BTCUSDT')
    expect(position.signedLots).toBe(12)
    expect(money(snapshot.positions[0]!.entryPrice).eq(position.entryPrice)).toBe(true)
    expect(money(snapshot.wallet.balance).eq(w.exchange.wallet('main').balance)).toBe(true)
    const fees = w.heard.fills.reduce((sum, fill) => sum.plus(fill.fee), money(0))
    const ledger = w.exchange.executions('main', {}).reduce((sum, execution) => sum.plus(execution.fee), money(0))
    expect(fees.eq(ledger)).toBe(true)
    expect(fees.gt(0)).toBe(true)
    w.stop()
  })

  it('a post-only order that would take is accepted, then cancelled with the reason', () => {
    const w = new World()
    w.up()
    expect(w.place({ clientId: 'po', priceTicks: 603_000, timeInForce: 'PostOnly' })).toMatchObject({ kind: 'accepted' })
    w.run(100)
    expect(w.heard.orders.at(-1)).toMatchObject({ clientId: 'po', status: 'cancelled', filledLots: 0, reason: '31 post-only would take' })
    w.stop()
  })

  it('refusals keep their class; leverage is set', () => {
    const w = new World()
    w.up()
    expect(w.place({ clientId: 'big', lots: 100_000 })).toMatchObject({ kind: 'refused', errorClass: 'insufficient-margin' })
    expect(w.place({ clientId: 'red', reduceOnly: true, side: SELL, priceTicks: 603_000 })).toMatchObject({ kind: 'refused', errorClass: 'reduce-only' })
    expect(w.wait<CommandOutcome>((done) => w.port.setLeverage('BTCUSDT', '7', done))).toMatchObject({ kind: 'accepted' })
    w.stop()
  })

  it('a lost reply is unknown, never refused, and the evidence finds the one order', () => {
    const w = new World()
    w.up()
    w.front.faults.loseReplies(1, 'create')
    expect(w.place({ clientId: 'lost' })).toMatchObject({ kind: 'unknown' })
    expect(w.evidence('lost')).toMatchObject({ kind: 'found', order: { status: 'open' } })
    expect(w.exchange.orders('main', {})).toHaveLength(1)
    w.stop()
  })

  it('all connections cut, or announced to be: everything comes back, and cancel all leaves nothing', () => {
    const w = new World()
    w.up()
    w.front.faults.dropConnections('all')
    w.run(3000)
    expect(w.heard.links.map((line) => line.split(':')[0])).toEqual(['up', 'down', 'up'])
    for (let i = 0; i < 25; i++) expect(w.place({ clientId: `b${i}`, priceTicks: 597_000 - i, lots: 1 })).toMatchObject({ kind: 'accepted' })
    w.front.faults.announceUpgrade()
    w.run(3000)
    expect(w.heard.links.at(-1)).toBe('up')
    expect(w.snapshot().openOrders).toHaveLength(25)
    expect(w.wait<CommandOutcome>((done) => w.port.cancelAll('BTCUSDT', done))).toMatchObject({ kind: 'accepted' })
    w.run(100)
    expect(w.snapshot().openOrders).toEqual([])
    w.stop()
  })
})
