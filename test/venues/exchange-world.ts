import { expect } from 'vitest'
import { BUY, errorLine, type Instrument, Random, SELL, VirtualTime } from '../../src/core/index.ts'
import { BybitFront } from '../../src/exchange/bybit/index.ts'
import { createCounters } from '../../src/exchange/front/index.ts'
import { defaultContracts, Exchange, GeneratedMarket, MemoryLedger } from '../../src/exchange/index.ts'
import {
  type AccountSnapshot, type BookUpdate, type BybitSettings, bybitUrlsAt, type CommandOutcome, createBybitVenue, type FundingEstimate, type InstrumentState, type Liquidation, type MarketHandler,
  type OrderEvidence, type OrderRequest, type PriceLimits, type TradingHandler, type TradingPort, type Venue, type VenueFill, type VenueOrder, type VenuePosition, type VenueWallet,
} from '../../src/venues/index.ts'
import { FrontTransport } from './front-transport.ts'

/** Everything that feed and account said. */
export class Heard implements MarketHandler, TradingHandler {
  readonly bids = new Map<number, number>()
  readonly asks = new Map<number, number>()
  readonly feed: string[] = []
  readonly bad: string[] = []
  books = 0
  trades = 0
  klines = 0
  tickers = 0
  crossed = 0
  readonly liquidations: Liquidation[] = []
  readonly bands: PriceLimits[] = []
  readonly fundings: FundingEstimate[] = []
  readonly instruments: InstrumentState[] = []
  lastPrice = Number.NaN
  readonly orders: VenueOrder[] = []
  readonly fills: VenueFill[] = []
  readonly positions: VenuePosition[] = []
  readonly wallets: VenueWallet[] = []
  readonly links: string[] = []

  onBook(update: BookUpdate): void {
    this.books++
    if (update.snapshot) {
      this.bids.clear()
      this.asks.clear()
    }
    for (let i = 0; i < update.bidCount; i++) set(this.bids, update.bidTicks[i]!, update.bidLots[i]!)
    for (let i = 0; i < update.askCount; i++) set(this.asks, update.askTicks[i]!, update.askLots[i]!)
    if (this.bid >= this.ask) this.crossed++
  }
  get bid(): number {
    return Math.max(...this.bids.keys())
  }
  get ask(): number {
    return Math.min(...this.asks.keys())
  }
  onTrades(batch: { count: number }): void {
    this.trades += batch.count
  }
  onTicker(ticker: { lastPrice: number }): void {
    this.tickers++
    this.lastPrice = ticker.lastPrice
  }
  onLiquidation(liquidation: Liquidation): void {
    this.liquidations.push(liquidation)
  }
  onPriceLimits(limits: PriceLimits): void {
    this.bands.push(limits)
  }
  onFunding(funding: FundingEstimate): void {
    this.fundings.push(funding)
  }
  onInstrument(state: InstrumentState): void {
    this.instruments.push(state)
  }
  onKline(): void {
    this.klines++
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

/** Built-in exchange and adapter in one thread, in virtual time. */
export class World {
  readonly time = new VirtualTime(1_700_000_000_000)
  readonly heard = new Heard()
  readonly counts = new Map<string, number>()
  readonly exchange: Exchange
  readonly front: BybitFront
  readonly venue: Venue
  readonly btc: Instrument
  readonly port: TradingPort
  readonly defects: unknown[] = []

  constructor(settings: Partial<BybitSettings> = {}) {
    const { time } = this
    const contract = defaultContracts.find((one) => one.symbol === 'BTCUSDT')!
    this.exchange = new Exchange({ clock: time, timers: time, markets: [new GeneratedMarket({ contract, seed: 3, startTicks: 600_000, rate: 30 })], ledger: new MemoryLedger(), startingBalance: '10000', defaultLeverage: '10' })
    this.front = new BybitFront({
      exchange: this.exchange, clock: time, timers: time, random: new Random(5, 'front'), keys: [{ apiKey: 'k', secret: 's', account: 'main' }], counters: createCounters(), shuffleTopics: true,
      latency: { requestMs: 3, replyMs: 2, pushMs: 4, marketMs: 1, jitterMs: 3, historyMs: 500 }, onDefect: (error) => void this.defects.push(error),
    })
    this.exchange.start()
    this.venue = createBybitVenue({
      transport: new FrontTransport(this.front, time), clock: time, timers: time, random: new Random(1), urls: bybitUrlsAt('venue', 1), credentials: { key: 'k', secret: 's' }, settings,
      count: (name, label = '', by = 1) => void this.counts.set(`${name}/${label}`, (this.counts.get(`${name}/${label}`) ?? 0) + by),
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

  /** Runs the time until the question is answered. */
  wait<T>(ask: (done: (value: T) => void) => void): T {
    const answers: T[] = []
    ask((value) => answers.push(value))
    for (let i = 0; i < 60_000 && answers.length === 0; i++) this.run(1)
    expect(answers).toHaveLength(1)
    return answers[0]!
  }

  /** The answer of a query that must succeed. */
  ask<T>(query: (done: (error: unknown, value: T | null) => void) => void): T {
    return this.wait<T>((done) => query((error, value) => {
      expect(error).toBe(null)
      done(value!)
    }))
  }

  command(send: (done: (outcome: CommandOutcome) => void) => void): CommandOutcome {
    return this.wait(send)
  }

  up(): void {
    this.port.start(this.heard)
    this.run(300)
    expect(this.heard.links).toEqual(['up'])
  }

  place(change: Partial<OrderRequest>): CommandOutcome {
    const request: OrderRequest = { clientId: 'c-1', symbol: 'BTCUSDT', side: BUY, type: 'limit', priceTicks: 597_000, lots: 10, timeInForce: 'GTC', reduceOnly: false, ...change }
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
