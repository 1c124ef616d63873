import { describe, expect, it } from 'vitest'
import { BUY, errorLine, type Instrument, money, Random, SELL, VirtualTime } from '../../../src/core/index.ts'
import { createCounters } from '../../../src/exchange/front/index.ts'
import { defaultContracts, Exchange, GeneratedMarket, MemoryLedger } from '../../../src/exchange/index.ts'
import { OkxFront } from '../../../src/exchange/okx/index.ts'
import {
  type AccountSnapshot, type BookUpdate, type CommandOutcome, createOkxVenue, type FundingEstimate, type InstrumentState, type Liquidation, type MarketHandler, type PriceLimits, type RestBook, type RestQuote, type FeeRates, type OkxSettings, okxUrlsAt, type OrderEvidence, type OrderRequest, type TradingHandler, type TradingPort, type Venue, type VenueFill, type VenueOrder,
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
  readonly liquidations: Liquidation[] = []
  readonly limits: PriceLimits[] = []
  readonly funding: FundingEstimate[] = []
  readonly instruments: InstrumentState[] = []

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
  onLiquidation(liquidation: Liquidation): void {
    this.liquidations.push(liquidation)
  }
  onPriceLimits(limits: PriceLimits): void {
    this.limits.push(limits)
  }
  onFunding(funding: FundingEstimate): void {
    this.funding.push(funding)
  }
  onInstrument(state: InstrumentState): void {
    this.instruments.push(state)
  }
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

  command(run: (done: (outcome: CommandOutcome) => void) => void): CommandOutcome {
    return this.wait(run)
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

describe('queries of the built-in exchange', () => {
  it('quote, book, price band, funding, its history and the instrument agree with the stream and with the exchange', () => {
    const w = new World()
    const feed = w.venue.feed(w.btc)
    feed.start(w.heard)
    w.run(5000)
    const get = <T>(ask: (done: (error: unknown, value: T) => void) => void): T => w.wait<T>((done) => ask((error, value) => {
      expect(error).toBeNull()
      done(value)
    }))
    w.exchange.stop()
    w.run(500)
    const book = get<RestBook | null>((done) => w.venue.queries.book(w.btc, 50, 2000, done))!
    const top = (side: Map<number, number>, direction: number): readonly (readonly [number, number])[] => [...side].sort(([a], [b]) => direction * (a - b)).slice(0, 50)
    expect([...book.bidTicks].map((ticks, i) => [ticks, book.bidLots[i]!])).toEqual(top(w.heard.bids, -1))
    expect([...book.askTicks].map((ticks, i) => [ticks, book.askLots[i]!])).toEqual(top(w.heard.asks, 1))
    expect([book.by, book.number > 0]).toEqual(['updateId', true])
    const quote = get<RestQuote | null>((done) => w.venue.queries.quote(w.btc, 2000, done))!
    expect([quote.bidTicks, quote.bidLots, quote.askTicks]).toEqual([book.bidTicks[0], book.bidLots[0], book.askTicks[0]])
    // One question, one answer: the venue's ticker has no mark price.
    expect(quote.markTicks).toBeNaN()
    const band = w.exchange.priceBand('BTCUSDT')
    expect(get<PriceLimits | null>((done) => w.venue.queries.priceLimits(w.btc, 2000, done))).toMatchObject({ highestBuyTicks: band.highestBuyTicks, lowestSellTicks: band.lowestSellTicks, enabled: true })
    expect(w.heard.limits.length).toBeGreaterThan(0)
    const funding = get<FundingEstimate | null>((done) => w.venue.queries.funding(w.btc, 2000, done))!
    expect(funding.settleMs % funding.intervalMs).toBe(0)
    expect(w.heard.funding.at(-1)).toMatchObject({ settleMs: funding.settleMs, intervalMs: funding.intervalMs })
    expect(get<readonly unknown[]>((done) => w.venue.queries.fundingHistory(w.btc, 10, 2000, done))).toEqual(w.exchange.fundingHistory('BTCUSDT', 10))
    expect(get<InstrumentState | null>((done) => w.venue.queries.instrumentState(w.btc, 2000, done))).toMatchObject({ status: 'trading', contractValue: '0.01', fundingIntervalMs: funding.intervalMs, instrument: { minLots: w.btc.minLots, maxLots: w.btc.maxLots } })
    feed.stop()
    w.front.close()
    expect([w.defects, w.heard.bad]).toEqual([[], []])
  })

  it('a suspension of the instrument, and its end, reach the engine; another grid takes the feed down', () => {
    const w = new World()
    const feed = w.venue.feed(w.btc)
    feed.start(w.heard)
    w.run(2000)
    w.exchange.operator.changeContract('BTCUSDT', { status: 'Suspended' })
    w.run(1000)
    expect(w.heard.instruments.at(-1)!.status).toBe('suspended')
    w.exchange.operator.changeContract('BTCUSDT', { status: 'Trading' })
    w.run(1000)
    expect([w.heard.instruments.at(-1)!.status, w.heard.feed.at(-1)]).toEqual(['trading', 'live'])
    w.exchange.operator.changeContract('BTCUSDT', { tickSteps: 5 })
    w.run(2500)
    expect(w.heard.feed.some((line) => line === 'down: the venue changed the grid of BTC-USDT-SWAP')).toBe(true)
    expect(w.heard.feed.at(-1)).toMatch(/^down: contract of BTC-USDT-SWAP: .*RM_VENUE_INSTRUMENT/)
    feed.stop()
    w.front.close()
    w.exchange.stop()
  })
})

describe('more commands on the built-in exchange', () => {
  it('an amendment changes price and total in place; what is filled already counts into the total', () => {
    const w = new World()
    w.up()
    w.place({ clientId: 'am' })
    expect(w.command((done) => w.port.amend('BTCUSDT', 'am', { priceTicks: 596_000, lots: 25 }, done))).toMatchObject({ kind: 'accepted' })
    w.run(100)
    expect(w.heard.orders.at(-1)).toMatchObject({ clientId: 'am', status: 'open', priceTicks: 596_000, lots: 25 })
    expect(w.command((done) => w.port.amend('BTCUSDT', 'nobody', { lots: 25 }, done))).toMatchObject({ kind: 'refused', errorClass: 'not-found' })
    w.stop()
  })

  it('a batch has an outcome for each: one refused does not touch the others, and they are cancelled together', () => {
    const w = new World()
    w.up()
    const request = (clientId: string, change: Partial<OrderRequest> = {}): OrderRequest => ({ clientId, symbol: 'BTCUSDT', side: BUY, type: 'limit', priceTicks: 597_000, lots: 10, timeInForce: 'GTC', reduceOnly: false, ...change })
    const outcomes = w.wait<readonly CommandOutcome[]>((done) => w.port.placeBatch([request('p1'), request('p2', { lots: 100_000 }), request('p3')], done))
    expect(outcomes.map((one) => (one.kind === 'refused' ? one.errorClass : one.kind))).toEqual(['accepted', 'insufficient-margin', 'accepted'])
    w.run(100)
    expect(w.snapshot().openOrders.map((order) => order.clientId).toSorted()).toEqual(['p1', 'p3'])
    const cancelled = w.wait<readonly CommandOutcome[]>((done) => w.port.cancelBatch('BTCUSDT', ['p1', 'p2', 'p3'], done))
    expect(cancelled.map((one) => (one.kind === 'refused' ? one.errorClass : one.kind))).toEqual(['accepted', 'not-found', 'accepted'])
    w.run(100)
    expect(w.snapshot().openOrders).toEqual([])
    w.stop()
  })

  it('a trigger order waits, is found while it waits, and fills under its client id when the market gets there', () => {
    const w = new World()
    w.up()
    const last = w.exchange.summary('BTCUSDT').lastTicks
    const trigger = (priceTicks: number, direction: 'rise' | 'fall'): Partial<OrderRequest> => ({ type: 'market', priceTicks: null, timeInForce: 'IOC', trigger: { priceTicks, direction, by: 'last' } })
    expect(w.place({ clientId: 'far', ...trigger(last + 50_000, 'rise') })).toMatchObject({ kind: 'accepted' })
    expect(w.place({ clientId: 'past', ...trigger(last - 5000, 'rise') })).toMatchObject({ kind: 'unsent' })
    w.run(300)
    expect(w.evidence('far')).toMatchObject({ kind: 'found', order: { status: 'untriggered' } })
    expect(w.snapshot().openOrders).toMatchObject([{ clientId: 'far', status: 'untriggered', lots: 10 }])
    // One on either side: the market reaches one of them.
    const here = w.exchange.summary('BTCUSDT').lastTicks
    expect(w.place({ clientId: 'up1', ...trigger(here + 20, 'rise') }).kind).toBe('accepted')
    expect(w.place({ clientId: 'dn1', ...trigger(here - 20, 'fall') }).kind).toBe('accepted')
    for (let i = 0; i < 120 && w.heard.fills.length === 0; i++) w.run(1000)
    w.run(1000)
    const { clientId } = w.heard.fills[0]!
    expect(['up1', 'dn1']).toContain(clientId)
    expect(w.heard.orders.findLast((order) => order.clientId === clientId)).toMatchObject({ status: 'filled', filledLots: 10 })
    const found = w.evidence(clientId)
    expect(found).toMatchObject({ kind: 'found', order: { status: 'filled', clientId } })
    expect(w.snapshot().fills.every((fill) => fill.clientId === clientId || fill.clientId === 'up1' || fill.clientId === 'dn1')).toBe(true)
    // Another life of the engine has heard nothing of it, and traces it back all the same.
    const second = w.venue.trading([w.btc])
    const again = w.wait<AccountSnapshot>((done) => second.snapshot(['BTCUSDT'], 1_700_000_000_000, (_error, snapshot) => done(snapshot!)))
    expect(again.fills.map((fill) => fill.clientId)).toContain(clientId)
    expect(w.command((done) => w.port.cancel('BTCUSDT', 'far', done))).toMatchObject({ kind: 'accepted' })
    w.run(200)
    expect(w.heard.orders.findLast((order) => order.clientId === 'far')!.status).toBe('cancelled')
    w.stop()
  })

  it('protection stands, is changed and is removed; cancel all takes waiting orders with it', () => {
    const w = new World()
    w.up()
    w.place({ clientId: 'm1', type: 'market', priceTicks: null, timeInForce: 'IOC', lots: 20 })
    w.run(1000)
    const protect = (takeProfitTicks: number | null, stopLossTicks: number | null): CommandOutcome => w.command((done) => w.port.setProtection('BTCUSDT', { takeProfitTicks, stopLossTicks }, done))
    expect(protect(650_000, 550_000)).toMatchObject({ kind: 'accepted' })
    w.run(100)
    expect(w.snapshot().openOrders).toMatchObject([{ clientId: '', status: 'untriggered', reduceOnly: true, side: SELL }])
    expect(protect(null, 560_000)).toMatchObject({ kind: 'accepted' })
    expect(w.snapshot().openOrders).toHaveLength(1)
    expect(protect(null, null)).toMatchObject({ kind: 'accepted' })
    expect(w.snapshot().openOrders).toEqual([])
    const last = w.exchange.summary('BTCUSDT').lastTicks
    w.place({ clientId: 'rest' })
    w.place({ clientId: 'stop', side: SELL, type: 'market', priceTicks: null, timeInForce: 'IOC', reduceOnly: true, trigger: { priceTicks: last - 50_000, direction: 'fall', by: 'last' } })
    w.run(100)
    expect(w.snapshot().openOrders).toHaveLength(2)
    expect(w.command((done) => w.port.cancelAll('BTCUSDT', done))).toMatchObject({ kind: 'accepted' })
    w.run(100)
    expect(w.snapshot().openOrders).toEqual([])
    w.stop()
  })

  it('attached exits come with the order, and hang on the position that it opened', () => {
    const w = new World()
    w.up()
    expect(w.place({ clientId: 'at', type: 'market', priceTicks: null, timeInForce: 'IOC', lots: 20, attach: { stopLossTicks: 550_000, takeProfitTicks: 650_000 } })).toMatchObject({ kind: 'accepted' })
    w.run(1000)
    expect(w.of('at').at(-1)).toEqual(['filled', 20])
    const exits = w.snapshot().openOrders
    expect(exits.length).toBeGreaterThan(0)
    expect(exits.every((order) => order.status === 'untriggered' && order.reduceOnly && order.clientId === '' && order.side === SELL)).toBe(true)
    w.stop()
  })

  it('legs: an account that is switched to hedge mode holds a long and a short, each closed by its own side', () => {
    const w = new World({ positionMode: 'hedge' })
    w.port.start(w.heard)
    w.run(500)
    expect(w.heard.links[0]).toMatch(/^down: .*RM_VENUE_ACCOUNT_MODE/)
    expect(w.command((done) => w.port.setPositionMode('hedge', done))).toMatchObject({ kind: 'accepted' })
    w.run(2000)
    expect(w.heard.links.at(-1)).toBe('up')
    const market = (clientId: string, side: 0 | 1, leg: 'long' | 'short', lots: number): CommandOutcome => w.place({ clientId, side, leg, lots, type: 'market', priceTicks: null, timeInForce: 'IOC' })
    expect(market('l1', BUY, 'long', 20)).toMatchObject({ kind: 'accepted' })
    expect(market('s1', SELL, 'short', 12)).toMatchObject({ kind: 'accepted' })
    w.run(1000)
    expect(w.snapshot().positions.toSorted((a, b) => b.signedLots - a.signedLots)).toMatchObject([{ leg: 'long', signedLots: 20 }, { leg: 'short', signedLots: -12 }])
    expect(market('l2', SELL, 'long', 20)).toMatchObject({ kind: 'accepted' })
    w.run(1000)
    expect(w.snapshot().positions).toMatchObject([{ leg: 'short', signedLots: -12 }])
    expect(w.command((done) => w.port.setPositionMode('one-way', done))).toMatchObject({ kind: 'refused', errorClass: 'rejected' })
    w.stop()
  })

  it('the dead-man switch cancels what is open when it is not armed again, and says so', () => {
    const w = new World()
    w.up()
    w.place({ clientId: 'dm' })
    expect(w.command((done) => w.port.armDeadMan(10_000, done))).toMatchObject({ kind: 'accepted' })
    w.run(8000)
    expect(w.command((done) => w.port.armDeadMan(10_000, done))).toMatchObject({ kind: 'accepted' })
    w.run(8000)
    expect(w.of('dm')).toEqual([['open', 0]])
    w.run(4000)
    expect(w.heard.orders.at(-1)).toMatchObject({ clientId: 'dm', status: 'cancelled', reason: '20 cancel-all-after' })
    w.place({ clientId: 'dm2' })
    w.command((done) => w.port.armDeadMan(10_000, done))
    expect(w.command((done) => w.port.armDeadMan(0, done))).toMatchObject({ kind: 'accepted' })
    w.run(20_000)
    expect(w.of('dm2')).toEqual([['open', 0]])
    w.stop()
  })

  it('fees are what the exchange charges; mode is what it keeps', () => {
    const w = new World()
    w.up()
    const fees = w.wait<FeeRates>((done) => w.port.fees('BTCUSDT', (_error, rates) => done(rates!)))
    w.place({ clientId: 'm1', type: 'market', priceTicks: null, timeInForce: 'IOC', lots: 20 })
    w.run(500)
    const [fill] = w.heard.fills
    const value = money(w.btc.tick.format(fill!.priceTicks)).mul(w.btc.lot.format(fill!.lots))
    expect(value.mul(fees.takerRate).eq(fill!.fee)).toBe(true)
    expect(w.wait((done) => w.port.positionMode('BTCUSDT', (_error, mode) => done(mode)))).toBe('one-way')
    w.stop()
  })

  it('a liquidation reaches the engine as the venue\'s own fill, and the public as a liquidation', () => {
    const w = new World()
    const feed = w.venue.feed(w.btc)
    feed.start(w.heard)
    w.up()
    w.place({ clientId: 'm1', type: 'market', priceTicks: null, timeInForce: 'IOC', lots: 200 })
    w.run(1000)
    w.exchange.operator.liquidate('main')
    w.run(3000)
    const forced = w.heard.fills.filter((fill) => fill.kind === 'liquidation')
    expect(forced.length).toBeGreaterThan(0)
    expect(forced.every((fill) => fill.side === SELL && fill.clientId === '')).toBe(true)
    expect(w.heard.positions.at(-1)!.signedLots).toBe(w.exchange.position('main', 'BTCUSDT').signedLots)
    expect(w.heard.liquidations.length).toBeGreaterThan(0)
    expect(w.heard.liquidations[0]!.side).toBe(SELL)
    const listed = w.snapshot().fills.filter((fill) => fill.kind === 'liquidation').map((fill) => fill.executionId).toSorted()
    expect(listed).toEqual(forced.map((fill) => fill.executionId).toSorted())
    feed.stop()
    w.stop()
  })
})
