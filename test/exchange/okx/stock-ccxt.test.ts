import ccxt from 'ccxt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { Random, SystemClock, SystemTimers, systemOriginNs } from '../../../src/core/index.ts'
import { createCounters, noLatency, serverDefaults } from '../../../src/exchange/front/index.ts'
import { defaultContracts, defaultStartTicks, Exchange, generatedMarket, MemoryLedger } from '../../../src/exchange/index.ts'
import { OkxFront } from '../../../src/exchange/okx/index.ts'
import { FrontServer } from '../../../src/exchange/front/index.ts'

const SYMBOL = 'BTC/USDT:USDT'

let exchange: Exchange
let server: FrontServer
let client: InstanceType<typeof ccxt.pro.okx>

beforeAll(async () => {
  const clock = new SystemClock(systemOriginNs())
  const timers = new SystemTimers()
  exchange = new Exchange({
    clock, timers, ledger: new MemoryLedger(), startingBalance: '100000', defaultLeverage: '10',
    markets: defaultContracts.map((contract) => generatedMarket({ contract, seed: 5, startTicks: defaultStartTicks[contract.symbol]!, rate: 20, historyMin: 120 })),
  })
  const front = new OkxFront({ exchange, clock, timers, random: new Random(5, 'okx-front'), keys: [{ apiKey: 'k', secret: 's', passphrase: 'p', account: 'main' }], latency: noLatency, counters: createCounters() })
  server = new FrontServer(front, { ...serverDefaults, port: 0 })
  const port = await server.listen()
  exchange.start()
  client = new ccxt.pro.okx({ apiKey: 'k', secret: 's', password: 'p', enableRateLimit: false, urls: { api: { rest: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}/ws/v5` } }, options: { fetchMarkets: { types: ['swap'] } } })
  await client.loadHttpProxyAgent()
  await client.loadMarkets()
}, 30_000)

afterAll(async () => {
  await client.close()
  exchange.stop()
  await server.close()
})

describe('the stock ccxt client', () => {
  it('lists the contract with its value, and reads book, ticker, candles and funding', async () => {
    expect(client.market(SYMBOL)).toMatchObject({ id: 'BTC-USDT-SWAP', linear: true, swap: true, contractSize: 0.01, precision: { price: 0.1, amount: 0.1 } })
    const book = await client.fetchOrderBook(SYMBOL, 10)
    expect(book.bids[0]![0]!).toBeLessThan(book.asks[0]![0]!)
    expect((await client.fetchTicker(SYMBOL)).bid).toBeGreaterThan(0)
    expect(await client.fetchOHLCV(SYMBOL, '1m', undefined, 50)).toHaveLength(50)
    expect((await client.fetchFundingRate(SYMBOL)).fundingTimestamp).toBeGreaterThan(Date.now())
  })

  it('places, edits and cancels, is filled and sees its position and balance', async () => {
    const { bids } = await client.fetchOrderBook(SYMBOL, 5)
    const far = Number((bids[0]![0]! * 0.97).toFixed(1))
    const resting = await client.createOrder(SYMBOL, 'limit', 'buy', 2, far, { tdMode: 'cross', postOnly: true })
    expect(await client.fetchOpenOrders(SYMBOL)).toMatchObject([{ id: resting.id, amount: 2, price: far, status: 'open' }])
    await client.editOrder(resting.id!, SYMBOL, 'limit', 'buy', 3, far)
    expect(await client.fetchOrder(resting.id!, SYMBOL)).toMatchObject({ id: resting.id, amount: 3 })
    await client.cancelOrder(resting.id!, SYMBOL)
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([])
    await expect(client.cancelOrder('2000000000000999999', SYMBOL)).rejects.toBeInstanceOf(ccxt.OrderNotFound)

    await client.createOrder(SYMBOL, 'market', 'sell', 4, undefined, { tdMode: 'cross' })
    expect(await client.fetchPositions([SYMBOL])).toMatchObject([{ side: 'short', contracts: 4, contractSize: 0.01 }])
    expect((await client.fetchMyTrades(SYMBOL)).reduce((sum, trade) => sum + trade.amount!, 0)).toBeCloseTo(4, 10)
    expect((await client.fetchBalance())['USDT']!.total).toBeLessThan(100_001)
    await client.createOrder(SYMBOL, 'market', 'buy', 4, undefined, { tdMode: 'cross', reduceOnly: true })
    expect(exchange.position('main', 'BTCUSDT').signedLots).toBe(0)
  })

  it('watches the book and its orders over WebSocket', async () => {
    for (let i = 0; i < 3; i++) {
      const book = await client.watchOrderBook(SYMBOL)
      expect(book.bids[0]![0]!).toBeLessThan(book.asks[0]![0]!)
    }
    const watched = client.watchOrders(SYMBOL)
    let heard = false
    void watched.then(() => (heard = true))
    const { bids } = await client.fetchOrderBook(SYMBOL, 5)
    while (!heard) {
      const one = await client.createOrder(SYMBOL, 'limit', 'buy', 1, Number((bids[0]![0]! * 0.97).toFixed(1)), { tdMode: 'cross' })
      await client.cancelOrder(one.id!, SYMBOL)
    }
    expect((await watched)[0]).toMatchObject({ symbol: SYMBOL, side: 'buy' })
  })
})
