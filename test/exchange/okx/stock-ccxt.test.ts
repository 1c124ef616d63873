import ccxt from 'ccxt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { CREDENTIALS, serve, until, type Served } from './served.ts'

const SYMBOL = 'BTC/USDT:USDT'
const CROSS = { tdMode: 'cross' }

let venue: Served
let client: InstanceType<typeof ccxt.pro.okx>

const far = async (): Promise<number> => Number(((await client.fetchOrderBook(SYMBOL, 5)).bids[0]![0]! * 0.97).toFixed(1))
const held = (): number => venue.exchange.position('main', 'BTCUSDT').signedLots / 10

async function flatten(): Promise<void> {
  const contracts = held()
  if (contracts !== 0) await client.createOrder(SYMBOL, 'market', contracts > 0 ? 'sell' : 'buy', Math.abs(contracts), undefined, { ...CROSS, reduceOnly: true })
  expect(held()).toBe(0)
}

beforeAll(async () => {
  venue = await serve(5)
  client = new ccxt.pro.okx({ apiKey: CREDENTIALS.key, secret: CREDENTIALS.secret, password: CREDENTIALS.passphrase, enableRateLimit: false, urls: { api: { rest: venue.http, ws: venue.ws } }, options: { fetchMarkets: { types: ['swap'] } } })
  await client.loadHttpProxyAgent()
  await client.loadMarkets()
}, 30_000)

afterAll(async () => {
  await client.close()
  await venue.stop()
})

describe('the stock ccxt client, market data', () => {
  it('lists the contract with its value and steps', () => {
    expect(client.market(SYMBOL)).toMatchObject({ id: 'BTC-USDT-SWAP', linear: true, swap: true, active: true, contractSize: 0.01, precision: { price: 0.1, amount: 0.1 } })
  })

  it('reads books over REST', async () => {
    const book = await client.fetchOrderBook(SYMBOL, 50)
    expect([book.bids.length, book.asks.length]).toEqual([50, 50])
    expect(book.bids[0]![0]!).toBeLessThan(book.asks[0]![0]!)
  })

  it('keeps the book from the stream', async () => {
    for (let i = 0; i < 5; i++) {
      const book = await client.watchOrderBook(SYMBOL)
      expect(book.bids[0]![0]!).toBeLessThan(book.asks[0]![0]!)
    }
  })

  it('reads candles, also of mark and index, and hears them', async () => {
    expect(await client.fetchOHLCV(SYMBOL, '1m', undefined, 50)).toHaveLength(50)
    expect((await client.fetchOHLCV(SYMBOL, '1m', undefined, 5, { price: 'mark' })).length).toBeGreaterThan(0)
    expect((await client.fetchOHLCV(SYMBOL, '1m', undefined, 5, { price: 'index' })).length).toBeGreaterThan(0)
    expect((await client.watchOHLCV(SYMBOL, '1m'))[0]).toHaveLength(6)
  })

  it('reads ticker, trades, funding, open interest and state, and hears tickers and trades', async () => {
    expect((await client.fetchTicker(SYMBOL)).bid).toBeGreaterThan(0)
    expect((await client.watchTicker(SYMBOL)).ask).toBeGreaterThan(0)
    expect((await client.watchTrades(SYMBOL)).length).toBeGreaterThan(0)
    expect((await client.fetchTrades(SYMBOL, undefined, 5)).length).toBeGreaterThan(0)
    expect((await client.fetchFundingRate(SYMBOL)).fundingTimestamp).toBeGreaterThan(Date.now())
    expect((await client.fetchOpenInterest(SYMBOL)).openInterestAmount).toBeGreaterThan(0)
    expect(await client.fetchMarketLeverageTiers(SYMBOL, CROSS)).toMatchObject([{ tier: 1 }])
    expect((await client.fetchStatus()).status).toBe('ok')
  })
})

describe('the stock ccxt client, account', () => {
  it('reads the balance', async () => {
    expect((await client.fetchBalance())['USDT']!.total).toBeCloseTo(1_000_000, 6)
  })

  it('sets leverage and reads it back', async () => {
    await client.setLeverage(20, SYMBOL, { mgnMode: 'cross' })
    expect(await client.fetchLeverage(SYMBOL, { mgnMode: 'cross' })).toMatchObject({ longLeverage: 20, shortLeverage: 20 })
  })

  it('turns to hedge mode and back', async () => {
    await client.setPositionMode(true)
    expect(await client.fetchPositionMode()).toMatchObject({ hedged: true })
    await client.createOrder(SYMBOL, 'market', 'buy', 1, undefined, { ...CROSS, positionSide: 'long' })
    expect(await client.fetchPositions([SYMBOL])).toMatchObject([{ side: 'long', contracts: 1, hedged: true }])
    await client.createOrder(SYMBOL, 'market', 'sell', 1, undefined, { ...CROSS, positionSide: 'long' })
    await client.setPositionMode(false)
    expect(await client.fetchPositionMode()).toMatchObject({ hedged: false })
  })
})

describe('the stock ccxt client, orders', () => {
  it('places a limit order, which rests', async () => {
    const price = await far()
    const order = await client.createOrder(SYMBOL, 'limit', 'buy', 2, price, CROSS)
    expect(await client.fetchOpenOrders(SYMBOL)).toMatchObject([{ id: order.id, amount: 2, price, status: 'open', side: 'buy' }])
    await client.cancelOrder(order.id!, SYMBOL)
  })

  it('amends an order', async () => {
    const price = await far()
    const order = await client.createOrder(SYMBOL, 'limit', 'buy', 2, price, CROSS)
    await client.editOrder(order.id!, SYMBOL, 'limit', 'buy', 3, price)
    expect(await client.fetchOrder(order.id!, SYMBOL)).toMatchObject({ id: order.id, amount: 3 })
    await client.cancelOrder(order.id!, SYMBOL)
  })

  it('cancels orders, one and several, and is told of one that is not there', async () => {
    const price = await far()
    const orders = [await client.createOrder(SYMBOL, 'limit', 'buy', 1, price, CROSS), await client.createOrder(SYMBOL, 'limit', 'buy', 1, price, CROSS)]
    await client.cancelOrders(orders.map(({ id }) => id!), SYMBOL)
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([])
    await expect(client.cancelOrder('2000000000000999999', SYMBOL)).rejects.toBeInstanceOf(ccxt.OrderNotFound)
  })

  it('fills a market order and sees position and fills', async () => {
    const order = await client.createOrder(SYMBOL, 'market', 'sell', 4, undefined, CROSS)
    expect(await client.fetchPositions([SYMBOL])).toMatchObject([{ side: 'short', contracts: 4, contractSize: 0.01 }])
    expect((await client.fetchMyTrades(SYMBOL)).filter((trade) => trade.order === order.id).reduce((sum, trade) => sum + trade.amount!, 0)).toBeCloseTo(4, 10)
    await flatten()
  })

  it('cancels a post-only order that would take', async () => {
    const ask = (await client.fetchOrderBook(SYMBOL, 1)).asks[0]![0]!
    const order = await client.createOrder(SYMBOL, 'limit', 'buy', 1, Number((ask * 1.001).toFixed(1)), { ...CROSS, postOnly: true })
    expect(await client.fetchOrder(order.id!, SYMBOL)).toMatchObject({ status: 'canceled', filled: 0, postOnly: true })
  })

  it('cancels what an immediate-or-cancel order did not get', async () => {
    const [price, size] = (await client.fetchOrderBook(SYMBOL, 1)).asks[0]!
    const order = await client.createOrder(SYMBOL, 'limit', 'buy', size! + 500, price, { ...CROSS, timeInForce: 'IOC' })
    const ended = await client.fetchOrder(order.id!, SYMBOL)
    expect(ended).toMatchObject({ status: 'canceled', timeInForce: 'IOC' })
    expect(ended.filled).toBeLessThan(size! + 500)
    await flatten()
  })

  it('fills a fill-or-kill order whole or not at all', async () => {
    const [price, size] = (await client.fetchOrderBook(SYMBOL, 1)).asks[0]!
    const dead = await client.createOrder(SYMBOL, 'limit', 'buy', size! + 500, price, { ...CROSS, timeInForce: 'FOK' })
    const filled = await client.createOrder(SYMBOL, 'limit', 'buy', 0.1, Number((price! * 1.001).toFixed(1)), { ...CROSS, timeInForce: 'FOK' })
    expect(await client.fetchOrder(dead.id!, SYMBOL)).toMatchObject({ status: 'canceled', filled: 0 })
    expect(await client.fetchOrder(filled.id!, SYMBOL)).toMatchObject({ status: 'closed', filled: 0.1 })
    await flatten()
  })

  it('fills a limit order in part', async () => {
    const price = await far()
    const order = await client.createOrder(SYMBOL, 'limit', 'buy', 5, price, CROSS)
    const [own] = venue.exchange.orders('main', { open: true })
    expect(venue.exchange.operator.fill('main', { orderId: own!.orderId }, 20)).toBe(20)
    expect(await client.fetchOrder(order.id!, SYMBOL)).toMatchObject({ status: 'open', filled: 2, remaining: 3 })
    await client.cancelOrder(order.id!, SYMBOL)
    expect(await client.fetchOrder(order.id!, SYMBOL)).toMatchObject({ status: 'canceled', filled: 2 })
    await flatten()
  })

  it('takes reduce-only orders for what closes, and refuses them where nothing does', async () => {
    await expect(client.createOrder(SYMBOL, 'market', 'sell', 1, undefined, { ...CROSS, reduceOnly: true })).rejects.toBeInstanceOf(ccxt.ExchangeError)
    await client.createOrder(SYMBOL, 'market', 'buy', 2, undefined, CROSS)
    await client.createOrder(SYMBOL, 'market', 'sell', 5, undefined, { ...CROSS, reduceOnly: true })
    expect(held()).toBe(0)
  })

  it('places, lists and cancels trigger orders', async () => {
    const ask = (await client.fetchOrderBook(SYMBOL, 1)).asks[0]![0]!
    const order = await client.createOrder(SYMBOL, 'market', 'buy', 1, undefined, { ...CROSS, triggerPrice: Number((ask * 1.02).toFixed(1)) })
    expect(await client.fetchOpenOrders(SYMBOL, undefined, undefined, { trigger: true })).toMatchObject([{ id: order.id, status: 'open', triggerPrice: Number((ask * 1.02).toFixed(1)) }])
    await client.cancelOrder(order.id!, SYMBOL, { trigger: true })
    expect(await client.fetchOpenOrders(SYMBOL, undefined, undefined, { trigger: true })).toEqual([])
  })

  it('protects a position with attached and separate stops, one of which fires', async () => {
    const ask = (await client.fetchOrderBook(SYMBOL, 1)).asks[0]![0]!
    await client.createOrder(SYMBOL, 'market', 'buy', 1, undefined, { ...CROSS, stopLoss: { triggerPrice: Number((ask * 0.95).toFixed(1)) }, takeProfit: { triggerPrice: Number((ask * 1.05).toFixed(1)) } })
    expect(await client.fetchOpenOrders(SYMBOL, undefined, undefined, { ordType: 'oco', trigger: true })).toHaveLength(1)
    const stop = await client.createOrder(SYMBOL, 'market', 'sell', 1, undefined, { ...CROSS, reduceOnly: true, stopLossPrice: Number((ask * 0.97).toFixed(1)) })
    expect(await client.fetchOpenOrders(SYMBOL, undefined, undefined, { ordType: 'conditional', trigger: true })).toMatchObject([{ id: stop.id }])
    await client.editOrder(stop.id!, SYMBOL, 'conditional', 'sell', 1, undefined, { stopLossPrice: Number((ask * 0.96).toFixed(1)), newSlOrdPx: '-1' })
    expect(await client.fetchOpenOrders(SYMBOL, undefined, undefined, { ordType: 'conditional', trigger: true })).toMatchObject([{ id: stop.id, stopLossPrice: Number((ask * 0.96).toFixed(1)) }])
    await client.cancelOrder(stop.id!, SYMBOL, { trigger: true })
    const { bid, last } = await client.fetchTicker(SYMBOL)
    const level = Number((Math.min(bid!, last!) - 5).toFixed(1))
    await client.createOrder(SYMBOL, 'market', 'sell', 1, undefined, { ...CROSS, reduceOnly: true, stopLossPrice: level })
    venue.exchange.place('whale', { symbol: 'BTCUSDT', clientId: '', side: 1, type: 'limit', priceTicks: Math.round(level * 10) - 50, lots: 200_000, timeInForce: 'IOC', reduceOnly: false, closeOnTrigger: false })
    await until('the stop', () => held() === 0)
  })

  it('reads history: orders, fills, ledger and positions', async () => {
    const order = await client.createOrder(SYMBOL, 'market', 'buy', 2, undefined, CROSS)
    await flatten()
    expect((await client.fetchClosedOrders(SYMBOL)).some((one) => one.id === order.id && one.filled === 2)).toBe(true)
    expect((await client.fetchCanceledOrders(SYMBOL)).length).toBeGreaterThan(0)
    expect((await client.fetchOrderTrades(order.id!, SYMBOL)).reduce((sum, trade) => sum + trade.amount!, 0)).toBeCloseTo(2, 10)
    expect((await client.fetchLedger('USDT', undefined, undefined, { type: 'swap' })).length).toBeGreaterThan(0)
    expect((await client.fetchPositionsHistory([SYMBOL])).length).toBeGreaterThan(0)
  })
})

describe('the stock ccxt client, private streams', () => {
  it('hears orders and fills, positions and balance', async () => {
    const orders = client.watchOrders(SYMBOL)
    const trades = client.watchMyTrades(SYMBOL)
    const positions = client.watchPositions([SYMBOL])
    const balance = client.watchBalance()
    let heard = false
    void Promise.all([orders, trades]).then(() => (heard = true))
    for (let i = 0; i < 40 && !heard; i++) {
      await client.createOrder(SYMBOL, 'market', i % 2 === 0 ? 'buy' : 'sell', 0.1, undefined, CROSS)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect((await orders)[0]).toMatchObject({ symbol: SYMBOL })
    expect((await trades)[0]).toMatchObject({ symbol: SYMBOL, amount: expect.any(Number) })
    expect((await positions)[0]).toMatchObject({ symbol: SYMBOL })
    expect((await balance)['USDT']!.total).toBeGreaterThan(0)
    await flatten()
  })

  it('places, amends and cancels over WebSocket', async () => {
    const price = await far()
    const order = await client.createOrderWs(SYMBOL, 'limit', 'buy', 1, price, CROSS)
    expect(order.id).toMatch(/^\d{19}$/)
    await client.editOrderWs(order.id!, SYMBOL, 'limit', 'buy', 2, price)
    expect(await client.fetchOrder(order.id!, SYMBOL)).toMatchObject({ amount: 2, status: 'open' })
    await client.cancelOrderWs(order.id!, SYMBOL)
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([])
  })
})
