import ccxt from 'ccxt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { ExchangeProcess, until } from './process.ts'

const SYMBOL = 'BTC/USDT:USDT'

let exchange: ExchangeProcess
let client: InstanceType<typeof ccxt.pro.bybit>

beforeAll(async () => {
  exchange = await ExchangeProcess.start()
  const { http, ws } = exchange
  client = new ccxt.pro.bybit({
    apiKey: 'key-2',
    secret: 'secret-2',
    enableRateLimit: false,
    options: { fetchMarkets: { types: ['linear'] } },
    urls: {
      api: {
        public: http, private: http, spot: http, futures: http, v2: http,
        ws: {
          public: { linear: `${ws}/v5/public/linear`, spot: `${ws}/v5/public/spot`, inverse: `${ws}/v5/public/inverse`, option: `${ws}/v5/public/option` },
          private: { spot: { unified: `${ws}/v5/private` }, contract: `${ws}/v5/private`, trade: `${ws}/v5/trade` },
        },
      },
    },
  })
  await client.loadHttpProxyAgent()
  await client.loadMarkets()
})

afterAll(async () => {
  await client.close()
  await exchange.stop()
})

describe('the stock ccxt client', () => {
  it('lists markets, book, ticker, candles, funding and trades', async () => {
    expect(client.market(SYMBOL)).toMatchObject({ id: 'BTCUSDT', linear: true, swap: true, contractSize: 1, precision: { price: 0.1, amount: 0.001 }, limits: { leverage: { max: 100 } } })
    const book = await client.fetchOrderBook(SYMBOL, 10)
    expect(book.bids[0]![0]!).toBeLessThan(book.asks[0]![0]!)
    expect((await client.fetchTicker(SYMBOL)).last).toBeGreaterThan(0)
    const candles = await client.fetchOHLCV(SYMBOL, '1m', undefined, 50)
    expect(candles).toHaveLength(50)
    expect(candles[49]![0]! - candles[0]![0]!).toBe(49 * 60_000)
    await until(async () => (await client.fetchTrades(SYMBOL, undefined, 10)).length > 0)
    expect((await client.fetchFundingRate(SYMBOL)).fundingTimestamp).toBeGreaterThan(Date.now())
    expect(Math.abs((await client.fetchTime())! - Date.now())).toBeLessThan(60_000)
  })

  it('places, edits, cancels, is filled and sees its position and balance', async () => {
    const { bids } = await client.fetchOrderBook(SYMBOL, 5)
    const far = Number((bids[0]![0]! * 0.97).toFixed(1))
    const order = await client.createOrder(SYMBOL, 'limit', 'buy', 0.01, far, { clientOrderId: 'ccxt-1', postOnly: true })
    expect(await client.editOrder(order.id!, SYMBOL, 'limit', 'buy', 0.02, far)).toMatchObject({ id: order.id })
    expect(await client.fetchOpenOrders(SYMBOL)).toMatchObject([{ id: order.id, clientOrderId: 'ccxt-1', amount: 0.02, price: far, status: 'open', postOnly: true }])
    await client.cancelOrder(order.id!, SYMBOL)
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([])
    await expect(client.cancelOrder('0000000a-0000-4000-8000-00000000ffff', SYMBOL)).rejects.toBeInstanceOf(ccxt.OrderNotFound)
    await expect(client.createOrder(SYMBOL, 'limit', 'buy', 0.01, far, { clientOrderId: 'ccxt-1' })).rejects.toBeInstanceOf(ccxt.ExchangeError)

    const taken = await client.createOrder(SYMBOL, 'market', 'sell', 0.004)
    const positions = await until(async () => {
      const found = await client.fetchPositions([SYMBOL])
      return found[0]?.contracts === 0.004 && found
    })
    expect(positions && positions[0]).toMatchObject({ side: 'short', contracts: 0.004, symbol: SYMBOL })
    const trades = await client.fetchMyTrades(SYMBOL)
    expect(trades.filter((trade) => trade.order === taken.id).reduce((sum, trade) => sum + trade.amount!, 0)).toBeCloseTo(0.004, 10)
    const balance = await client.fetchBalance()
    expect(balance['USDT']!.total).toBeLessThan(100_001)
    expect(await client.fetchClosedOrders(SYMBOL)).toMatchObject([{ id: taken.id, status: 'closed', filled: 0.004 }])
    expect(await client.fetchCanceledOrders(SYMBOL)).toMatchObject([{ id: order.id, status: 'canceled', filled: 0 }])
    await client.createOrder(SYMBOL, 'market', 'buy', 0.004, undefined, { reduceOnly: true })
    await until(async () => (await client.fetchPositions([SYMBOL]))[0]?.contracts === 0)
  })

  it('refuses a wrong secret as an authentication error', async () => {
    const stranger = new ccxt.bybit({ apiKey: 'key-2', secret: 'wrong', enableRateLimit: false, options: { fetchMarkets: { types: ['linear'] } }, urls: { api: { public: exchange.http, private: exchange.http } } })
    await expect(stranger.fetchBalance()).rejects.toBeInstanceOf(ccxt.AuthenticationError)
  })

  it('watches book and orders over WebSocket', async () => {
    const book = await client.watchOrderBook(SYMBOL, 50)
    expect(book.bids[0]![0]!).toBeLessThan(book.asks[0]![0]!)
    for (let i = 0; i < 5; i++) await client.watchOrderBook(SYMBOL, 50)
    const watched = client.watchOrders(SYMBOL)
    let heard: Awaited<typeof watched> | null = null
    void watched.then((orders) => (heard = orders))
    await until(async () => {
      const order = await client.createOrder(SYMBOL, 'limit', 'buy', 0.001, Number((book.bids[0]![0]! * 0.97).toFixed(1)))
      await client.cancelOrder(order.id!, SYMBOL)
      return heard !== null
    })
    expect((await watched)[0]).toMatchObject({ symbol: SYMBOL, side: 'buy' })
  })
})
