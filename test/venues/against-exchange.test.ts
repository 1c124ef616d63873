import { describe, expect, it } from 'vitest'
import { BUY, money, Random, SELL } from '../../src/core/index.ts'
import {
  bybitUrlsAt, type CommandOutcome, createBybitVenue, type FeeRates, type FundingEstimate, type FundingSettled,
  type InstrumentState, type OrderRequest, type PositionMode, type PriceLimits, type RestBook, type RestQuote, type VenueFill,
} from '../../src/venues/index.ts'
import { World } from './exchange-world.ts'
import { FrontTransport } from './front-transport.ts'

/*
 * The adapter against the built-in exchange, which shares no code with it above the core and was written from the
 * venue's protocol sheet by other hands: what one says the other has to understand.
 */

describe('market data of the built-in exchange', () => {
  it('is followed exactly: the same book, never crossed, all by the scanner; trades, tickers and candles arrive', () => {
    const w = new World()
    const feed = w.venue.feed(w.btc)
    feed.start(w.heard)
    w.run(30_000)
    expect(w.heard.bad).toEqual([])
    expect(w.heard.fundings.length).toBeGreaterThan(0)
    expect(w.heard.feed.at(-1)).toBe('live')
    expect(w.heard.feed.filter((line) => line.startsWith('down'))).toEqual([])
    expect(w.heard.books).toBeGreaterThan(100)
    expect(w.heard.trades).toBeGreaterThan(20)
    expect(w.heard.tickers).toBeGreaterThan(20)
    expect(w.heard.klines).toBeGreaterThan(5)
    expect(w.heard.crossed).toBe(0)
    expect(w.counts.get('bybit_decode_fallback/public')).toBe(undefined)
    // Let what is under way arrive: between two pushes the exchange may be ahead of the stream.
    w.exchange.stop()
    w.run(200)
    w.sameBook()
    feed.stop()
    w.front.close()
    expect(w.defects).toEqual([])
  })

  it('F15: skipped updates, a restart snapshot, a cut connection and a stalled stream each end in the right book', () => {
    const w = new World({ bookSilentMs: 5000 })
    const feed = w.venue.feed(w.btc)
    feed.start(w.heard)
    w.run(3000)
    w.front.faults.skipUpdates('orderbook.50.BTCUSDT', 2)
    w.run(2000)
    expect(w.heard.feed.some((line) => line.startsWith('down: gap in orderbook.50.BTCUSDT'))).toBe(true)
    w.front.faults.resnapshot('orderbook.50.BTCUSDT', true)
    w.run(2000)
    w.front.faults.dropConnections('public')
    w.run(3000)
    expect(w.heard.feed.some((line) => line.startsWith('down: closed by the other side'))).toBe(true)
    w.front.faults.stall('orderbook.50.BTCUSDT', 4000)
    w.run(12_000)
    expect(w.heard.feed.at(-1)).toBe('live')
    expect(w.heard.bad).toEqual([])
    expect(w.heard.crossed).toBe(0)
    w.exchange.stop()
    w.run(200)
    w.sameBook()
    feed.stop()
    w.front.close()
  })

  it('the price band arrives by stream, and is the band by REST', () => {
    const w = new World()
    const feed = w.venue.feed(w.btc)
    feed.start(w.heard)
    w.run(3000)
    expect(w.heard.bad).toEqual([])
    expect(w.heard.bands.length).toBeGreaterThan(0)
    const band = w.ask<PriceLimits>((done) => w.venue.queries.priceLimits(w.btc, 1000, done))
    w.run(1000)
    const picture = (one: PriceLimits): string => `${one.lowestSellTicks}..${one.highestBuyTicks}`
    expect(w.heard.bands.map(picture)).toContain(picture(band))
    feed.stop()
    w.stop()
  })

  it('candles and the clock over REST', () => {
    const w = new World()
    w.run(150_000)
    const klines = w.wait<readonly { readonly startMs: number; readonly closed: boolean }[]>((done) => w.venue.reference.klines(w.btc, 60_000, 200, (error, list) => {
      expect(error).toBe(null)
      done(list)
    }))
    expect(klines.length).toBeGreaterThanOrEqual(2)
    expect(klines.map((kline) => kline.closed)).toEqual(klines.map((_, i) => i < klines.length - 1))
    w.front.faults.clockSkewMs = 2500
    const offset = w.wait<number>((done) => w.venue.reference.clock((_error, offsetMs) => done(offsetMs)))
    expect(Math.abs(offset - 2500)).toBeLessThan(10)
    w.stop()
  })
})

describe('the second source: market data by REST', () => {
  it('quote, book, price band, funding and instrument agree with the stream and the exchange', () => {
    const w = new World()
    const feed = w.venue.feed(w.btc)
    feed.start(w.heard)
    w.run(5000)
    const { queries } = w.venue
    const quote = w.ask<RestQuote>((done) => queries.quote(w.btc, 1000, done))
    const book = w.ask<RestBook>((done) => queries.book(w.btc, 50, 1000, done))
    const band = w.ask<PriceLimits>((done) => queries.priceLimits(w.btc, 1000, done))
    const funding = w.ask<FundingEstimate>((done) => queries.funding(w.btc, 1000, done))
    expect(quote.bidTicks).toBeLessThan(quote.askTicks)
    expect(Math.abs(quote.lastTicks - w.heard.bid)).toBeLessThan(200)
    expect(Math.abs(quote.markTicks - w.heard.bid)).toBeLessThan(200)
    expect([book.bidTicks.length, book.askTicks.length]).toEqual([50, 50])
    expect(book.by).toBe('sequence')
    expect(band.lowestSellTicks).toBeLessThan(quote.bidTicks)
    expect(band.highestBuyTicks).toBeGreaterThan(quote.askTicks)
    expect(w.heard.fundings.length).toBeGreaterThan(0)
    expect(w.heard.fundings.at(-1)).toMatchObject({ settleMs: funding.settleMs, intervalMs: funding.intervalMs })
    const state = w.ask<InstrumentState>((done) => queries.instrumentState(w.btc, 1000, done))
    expect(state).toMatchObject({ status: 'trading', statusText: 'Trading', fundingIntervalMs: funding.intervalMs, contractValue: '1' })
    expect(state.instrument).toEqual(w.btc)
    expect(w.ask<readonly FundingSettled[]>((done) => queries.fundingHistory(w.btc, 5, 1000, done))).toBeInstanceOf(Array)
    feed.stop()
    w.stop()
  })

  it('a book by REST is the stream\'s book of the same sequence: what an audit compares', () => {
    const w = new World()
    const feed = w.venue.feed(w.btc)
    const books = new Map<number, string>()
    const picture = (bids: readonly number[], asks: readonly number[]): string => `${bids.join(',')}|${asks.join(',')}`
    const best = (side: Map<number, number>, sign: number): number[] => [...side.keys()].sort((a, b) => sign * (a - b)).slice(0, 20)
    const onBook = w.heard.onBook.bind(w.heard)
    w.heard.onBook = (update): void => {
      onBook(update)
      books.set(update.sequence, picture(best(w.heard.bids, -1), best(w.heard.asks, 1)))
    }
    feed.start(w.heard)
    w.run(2000)
    let compared = 0
    for (let i = 0; i < 40; i++) {
      const book = w.ask<RestBook>((done) => w.venue.queries.book(w.btc, 20, 1000, done))
      w.run(100)
      const streamed = books.get(book.number)
      if (streamed === undefined) continue
      compared++
      expect(picture([...book.bidTicks], [...book.askTicks])).toBe(streamed)
    }
    expect(compared).toBeGreaterThan(5)
    feed.stop()
    w.stop()
  })
})

describe('the clock of an exchange that is seconds off', () => {
  it.each([-4000, 4000])('%d ms: logins, orders and queries pass, on its clock', (skewMs) => {
    const w = new World()
    w.front.faults.clockSkewMs = skewMs
    w.up()
    expect(w.place({})).toMatchObject({ kind: 'accepted' })
    expect(w.snapshot().openOrders).toHaveLength(1)
    // It moves while we run: the next refusal measures it anew.
    w.front.faults.clockSkewMs = -skewMs
    expect(w.command((done) => w.port.cancel('BTCUSDT', 'c1', done))).toMatchObject({ kind: 'accepted' })
    w.stop()
  })
})

describe('trading on the built-in exchange', () => {
  it('amends: price and size change in place, the venue says so by stream; what is final cannot be amended', () => {
    const w = new World()
    w.up()
    w.place({})
    expect(w.command((done) => w.port.amend('BTCUSDT', 'c1', { priceTicks: 596_500 }, done))).toMatchObject({ kind: 'accepted' })
    expect(w.command((done) => w.port.amend('BTCUSDT', 'c1', { lots: 25 }, done))).toMatchObject({ kind: 'accepted' })
    w.run(100)
    expect(w.heard.orders.at(-1)).toMatchObject({ clientId: 'c1', status: 'open', priceTicks: 596_500, lots: 25, filledLots: 0 })
    expect(w.evidence('c1')).toMatchObject({ kind: 'found', order: { priceTicks: 596_500, lots: 25 } })
    w.command((done) => w.port.cancel('BTCUSDT', 'c1', done))
    expect(w.command((done) => w.port.amend('BTCUSDT', 'c1', { lots: 5 }, done))).toMatchObject({ kind: 'refused', errorClass: 'not-found' })
    w.stop()
  })

  it.each([true, false])('batches: every order has its own answer (over the trade socket: %s)', (socket) => {
    const w = new World()
    const parts = { transport: new FrontTransport(w.front, w.time), clock: w.time, timers: w.time, random: new Random(2), credentials: { key: 'k', secret: 's' }, count: () => {} }
    const port = socket ? w.port : createBybitVenue({ ...parts, urls: { ...bybitUrlsAt('venue', 1), trade: null } }).trading([w.btc])
    port.start(w.heard)
    w.run(300)
    const request = (clientId: string, change: Partial<OrderRequest> = {}): OrderRequest => ({ clientId, symbol: 'BTCUSDT', side: BUY, type: 'limit', priceTicks: 597_000, lots: 10, timeInForce: 'GTC', reduceOnly: false, ...change })
    const placed = w.wait<readonly CommandOutcome[]>((done) => port.placeBatch([request('b-1'), request('b-2', { lots: 900_000 }), request('b-3', { priceTicks: 596_000 })], done))
    expect(placed).toMatchObject([{ kind: 'accepted' }, { kind: 'refused' }, { kind: 'accepted' }])
    w.run(100)
    expect(new Map(w.snapshot().openOrders.map((order) => [order.clientId, order.venueId]))).toEqual(new Map([['b-1', (placed[0] as { venueId: string }).venueId], ['b-3', (placed[2] as { venueId: string }).venueId]]))
    expect(w.wait<readonly CommandOutcome[]>((done) => port.cancelBatch('BTCUSDT', ['b-1', 'b-2', 'b-3'], done))).toMatchObject([{ kind: 'accepted' }, { kind: 'refused', errorClass: 'not-found' }, { kind: 'accepted' }])
    w.run(100)
    expect(w.snapshot().openOrders).toEqual([])
    if (!socket) port.stop()
    w.stop()
  })

  it('fees and position mode are what the exchange charges and keeps', () => {
    const w = new World()
    w.up()
    const fees = w.ask<FeeRates>((done) => w.port.fees('BTCUSDT', done))
    expect(w.ask<PositionMode>((done) => w.port.positionMode('BTCUSDT', done))).toBe('one-way')
    expect(w.command((done) => w.port.setPositionMode('one-way', done))).toMatchObject({ kind: 'refused', errorClass: 'unchanged' })
    w.place({ clientId: 'm', type: 'market', priceTicks: null, timeInForce: 'IOC', lots: 20 })
    w.run(200)
    const fill = w.heard.fills[0]!
    expect(fill.maker).toBe(false)
    expect(money(fill.fee).eq(money(w.btc.tick.format(fill.priceTicks)).mul(w.btc.lot.format(fill.lots)).mul(fees.takerRate))).toBe(true)
    w.stop()
  })


  it('a resting order, a duplicate, a cancel, and what the venue says of each', () => {
    const w = new World()
    w.up()
    expect(w.place({})).toMatchObject({ kind: 'accepted' })
    expect(w.place({})).toMatchObject({ kind: 'refused', errorClass: 'duplicate' })
    w.run(100)
    expect(w.of('c1')).toEqual([['open', 0]])
    expect(w.evidence('c1')).toMatchObject({ kind: 'found', order: { status: 'open', priceTicks: 597_000, lots: 10 }, fills: [] })
    expect(w.snapshot().openOrders.map((order) => order.clientId)).toEqual(['c1'])
    expect(w.wait<CommandOutcome>((done) => w.port.cancel('BTCUSDT', 'c1', done))).toMatchObject({ kind: 'accepted' })
    w.run(100)
    expect(w.of('c1').at(-1)).toEqual(['cancelled', 0])
    expect(w.heard.orders.at(-1)!.reason).not.toBe('')
    expect(w.wait<CommandOutcome>((done) => w.port.cancel('BTCUSDT', 'c1', done))).toMatchObject({ kind: 'refused', errorClass: 'not-found' })
    expect(w.snapshot().openOrders).toEqual([])
    w.stop()
  })

  it('fills by stream, query and snapshot agree with each other and with the ledger of the exchange', () => {
    const w = new World()
    w.up()
    expect(w.place({ clientId: 'm-1', type: 'market', priceTicks: null, timeInForce: 'IOC', lots: 20 })).toMatchObject({ kind: 'accepted' })
    w.run(3000)
    expect(w.place({ clientId: 'm-2', side: SELL, type: 'market', priceTicks: null, timeInForce: 'IOC', lots: 8, reduceOnly: true })).toMatchObject({ kind: 'accepted' })
    w.run(3000)
    expect(w.of('m-1').at(-1)).toEqual(['filled', 20])
    const ids = (fills: readonly VenueFill[]): readonly string[] => fills.map((fill) => fill.executionId).toSorted()
    const evidence = [w.evidence('m-1'), w.evidence('m-2')]
    const found = evidence.flatMap((one) => (one.kind === 'found' ? one.fills : []))
    const snapshot = w.snapshot()
    expect(ids(found)).toEqual(ids(w.heard.fills))
    expect(ids(snapshot.fills)).toEqual(ids(w.heard.fills))
    expect(new Set(ids(found)).size).toBe(w.heard.fills.length)
    expect(snapshot.positions).toMatchObject([{ symbol: 'BTCUSDT', signedLots: 12 }])
    expect(w.heard.positions.at(-1)).toMatchObject({ signedLots: 12 })
    const position = w.exchange.position('main', 'BTCUSDT')
    expect(position.signedLots).toBe(12)
    expect(money(snapshot.positions[0]!.entryPrice).eq(position.entryPrice)).toBe(true)
    expect(money(snapshot.wallet.balance).eq(w.exchange.wallet('main').balance)).toBe(true)
    const fees = w.heard.fills.reduce((sum, fill) => sum.plus(fill.fee), money(0))
    const ledger = w.exchange.executions('main', {}).reduce((sum, execution) => sum.plus(execution.fee), money(0))
    expect(fees.eq(ledger)).toBe(true)
    w.stop()
  })

  it('a post-only order that would take is accepted, then cancelled with the reason', () => {
    const w = new World()
    w.up()
    expect(w.place({ clientId: 'po', priceTicks: 603_000, timeInForce: 'PostOnly' })).toMatchObject({ kind: 'accepted' })
    w.run(100)
    expect(w.heard.orders.at(-1)).toMatchObject({ clientId: 'po', status: 'cancelled', filledLots: 0, reason: 'EC_PostOnlyWillTakeLiquidity' })
    w.stop()
  })

  it('refusals keep their class: too small, no margin, nothing to reduce, leverage unchanged', () => {
    const w = new World()
    w.up()
    expect(w.place({ clientId: 'big', lots: 100_000 })).toMatchObject({ kind: 'refused', errorClass: 'insufficient-margin' })
    expect(w.place({ clientId: 'red', reduceOnly: true, side: SELL, priceTicks: 603_000 })).toMatchObject({ kind: 'refused', errorClass: 'reduce-only' })
    expect(w.wait<CommandOutcome>((done) => w.port.setLeverage('BTCUSDT', '7', done))).toMatchObject({ kind: 'accepted' })
    expect(w.wait<CommandOutcome>((done) => w.port.setLeverage('BTCUSDT', '7', done))).toMatchObject({ kind: 'refused', errorClass: 'unchanged' })
    w.stop()
  })

  it('F1, F2: a lost reply is unknown, never refused, and the evidence finds the order', () => {
    const w = new World()
    w.up()
    w.front.faults.loseReplies(1, 'create')
    expect(w.place({ clientId: 'lost' })).toMatchObject({ kind: 'unknown' })
    expect(w.evidence('lost')).toMatchObject({ kind: 'found', order: { status: 'open' } })
    expect(w.evidence('never-sent')).toEqual({ kind: 'absent' })
    expect(w.exchange.orders('main', {}).filter((order) => order.clientId === 'lost')).toHaveLength(1)
    w.stop()
  })

  it('F4: duplicated pushes pass through, told apart by the execution id; all connections cut, everything comes back', () => {
    const w = new World()
    w.up()
    w.front.faults.duplicatePushes(20)
    w.place({ clientId: 'm', type: 'market', priceTicks: null, timeInForce: 'IOC', lots: 5 })
    w.run(500)
    const unique = new Set(w.heard.fills.map((fill) => fill.executionId))
    expect(w.heard.fills.length).toBeGreaterThan(unique.size)
    w.front.faults.dropConnections('all')
    w.run(3000)
    expect(w.heard.links.map((line) => line.split(':')[0])).toEqual(['up', 'down', 'up'])
    expect(w.place({ clientId: 'after' })).toMatchObject({ kind: 'accepted' })
    w.stop()
  })

  it('F18: a venue whose clock jumps is followed; a cancel succeeds', () => {
    const w = new World()
    w.up()
    w.place({ clientId: 'c-9' })
    w.front.faults.clockSkewMs = -8000
    expect(w.wait<CommandOutcome>((done) => w.port.cancel('BTCUSDT', 'c-9', done))).toMatchObject({ kind: 'accepted' })
    w.run(100)
    expect(w.of('c-9').at(-1)).toEqual(['cancelled', 0])
    w.stop()
  })

  it('F19: a burst of entries is never rate-limited by the venue', () => {
    const w = new World({ placeWaitMs: 4900 })
    w.up()
    const outcomes: string[] = []
    for (let i = 0; i < 35; i++) w.port.place({ clientId: `b-${i}`, symbol: 'BTCUSDT', side: BUY, type: 'limit', priceTicks: 597_000 - i, lots: 1, timeInForce: 'GTC', reduceOnly: false }, (outcome) => outcomes.push(outcome.kind))
    w.run(6000)
    expect(outcomes).toEqual(Array.from({ length: 35 }, () => 'accepted'))
    expect(w.front.counters.rateLimited).toBe(0)
    expect(w.wait<CommandOutcome>((done) => w.port.cancelAll('BTCUSDT', done))).toMatchObject({ kind: 'accepted' })
    w.run(100)
    expect(w.snapshot().openOrders).toEqual([])
    w.stop()
  })

  it('a wrong key is told as a refused login', () => {
    const w = new World()
    const port = createBybitVenue({ transport: new FrontTransport(w.front, w.time), clock: w.time, timers: w.time, random: new Random(1), urls: bybitUrlsAt('venue', 1), credentials: { key: 'wrong', secret: 's' }, count: () => {} }).trading([w.btc])
    port.start(w.heard)
    w.run(400)
    expect(w.heard.links[0]).toMatch(/^down: login refused: /)
    port.stop()
    w.stop()
  })
})
