import ccxt, { type Order } from 'ccxt'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { until } from './process.ts'
import { ServedVenue } from './served-venue.ts'

const S = 'BTC/USDT:USDT'
const A = 'main'

let venue: ServedVenue
let client: InstanceType<typeof ccxt.pro.bybit>

const create = (type: 'limit' | 'market', side: 'buy' | 'sell', amount: number, price?: number, params: object = {}): Promise<Order> => client.createOrder(S, type, side, amount, price, params)
const seen = (order: Order): Promise<Order> => client.fetchOrder(order.id!, S, { acknowledged: true })

beforeAll(async () => {
  venue = await ServedVenue.start([{ apiKey: 'key-1', secret: 'secret-1', account: A }])
  const { http, ws } = venue
  client = new ccxt.pro.bybit({
    apiKey: 'key-1',
    secret: 'secret-1',
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
  await venue.stop()
})

beforeEach(() => venue.reset(A))

describe('ccxt over REST, unchanged', () => {
  it('instruments', () => {
    expect(client.market(S)).toMatchObject({ id: 'BTCUSDT', linear: true, active: true, contractSize: 1, precision: { price: 0.1, amount: 0.001 }, limits: { amount: { min: 0.001 } } })
  })

  it('order book', async () => {
    expect(await client.fetchOrderBook(S, 2)).toMatchObject({ bids: [[64999.9, 1], [64999.8, 1]], asks: [[65000.1, 1], [65000.2, 1]] })
  })

  it('candles', async () => {
    const candles = await client.fetchOHLCV(S, '1m', undefined, 10)
    expect(candles).toHaveLength(10)
    expect(candles[0]!.slice(1)).toEqual([65000, 65001, 64999, 65000, 1])
  })

  it('balance', async () => {
    expect((await client.fetchBalance())['USDT']!.total).toBeGreaterThan(99_000)
  })

  it('leverage', async () => {
    await client.setLeverage(20, S)
    await create('market', 'buy', 0.01)
    expect(await client.fetchPositions([S])).toMatchObject([{ leverage: 20 }])
    venue.reset(A)
    await client.setLeverage(10, S)
  })

  it('limit order', async () => {
    expect(await seen(await create('limit', 'buy', 0.01, 64000, { clientOrderId: 'c-limit' }))).toMatchObject({ status: 'open', type: 'limit', price: 64000, amount: 0.01, clientOrderId: 'c-limit' })
  })

  it('market order', async () => {
    expect(await seen(await create('market', 'buy', 0.01))).toMatchObject({ status: 'closed', type: 'market', filled: 0.01, average: 65000.1 })
  })

  it('post-only order', async () => {
    expect(await seen(await create('limit', 'buy', 0.01, 64000, { postOnly: true }))).toMatchObject({ status: 'open', postOnly: true })
    expect(await seen(await create('limit', 'buy', 0.01, 65000.1, { postOnly: true }))).toMatchObject({ status: 'canceled', filled: 0 })
  })

  it('IOC order', async () => {
    expect(await seen(await create('limit', 'buy', 1.5, 65000.1, { timeInForce: 'IOC' }))).toMatchObject({ status: 'canceled', filled: 1, timeInForce: 'IOC' })
  })

  it('FOK order', async () => {
    expect(await seen(await create('limit', 'buy', 1.5, 65000.1, { timeInForce: 'FOK' }))).toMatchObject({ status: 'canceled', filled: 0 })
    expect(await seen(await create('limit', 'buy', 1.5, 65000.2, { timeInForce: 'FOK' }))).toMatchObject({ status: 'closed', filled: 1.5 })
  })

  it('reduce-only order', async () => {
    await create('market', 'buy', 0.01)
    expect(await seen(await create('market', 'sell', 0.05, undefined, { reduceOnly: true }))).toMatchObject({ status: 'closed', filled: 0.01, reduceOnly: true })
    await expect(create('market', 'sell', 0.05, undefined, { reduceOnly: true })).rejects.toBeInstanceOf(ccxt.ExchangeError)
  })

  it('trigger order', async () => {
    const made = await create('market', 'sell', 0.01, undefined, { triggerPrice: 64900, triggerDirection: 'descending' })
    expect(await client.fetchOpenOrders(S, undefined, undefined, { trigger: true })).toMatchObject([{ id: made.id, triggerPrice: 64900, status: 'open' }])
    venue.print(649_000)
    expect(await seen(made)).toMatchObject({ status: 'closed', filled: 0.01 })
    const other = await create('limit', 'buy', 0.01, 65400, { triggerPrice: 65500, triggerDirection: 'ascending' })
    await client.cancelOrder(other.id!, S, { trigger: true })
    expect(await seen(other)).toMatchObject({ status: 'canceled' })
  })

  it('take profit and stop loss with an order', async () => {
    await create('market', 'buy', 0.01, undefined, { takeProfit: { triggerPrice: 66000 }, stopLoss: { triggerPrice: 64000 } })
    expect(await client.fetchPositions([S])).toMatchObject([{ takeProfitPrice: 66000, stopLossPrice: 64000 }])
  })

  it('amend', async () => {
    const made = await create('limit', 'buy', 0.01, 64000)
    await client.editOrder(made.id!, S, 'limit', 'buy', 0.02, 63000)
    expect(await seen(made)).toMatchObject({ amount: 0.02, price: 63000 })
  })

  it('cancel, one and all', async () => {
    const made = await create('limit', 'buy', 0.01, 64000)
    await client.cancelOrder(made.id!, S)
    expect(await seen(made)).toMatchObject({ status: 'canceled' })
    await create('limit', 'buy', 0.01, 64000)
    await create('limit', 'buy', 0.01, 63000)
    expect(await client.cancelAllOrders(S)).toHaveLength(2)
    expect(await client.fetchOpenOrders(S)).toEqual([])
  })

  it('partial fill', async () => {
    const made = await create('limit', 'buy', 0.01, 64000)
    venue.exchange.operator.fill(A, { orderId: made.id! }, 4)
    expect(await seen(made)).toMatchObject({ status: 'open', filled: 0.004, remaining: 0.006 })
  })

  it('history of orders and trades', async () => {
    const made = await create('market', 'buy', 0.01)
    const dropped = await create('limit', 'buy', 0.01, 64000)
    await client.cancelOrder(dropped.id!, S)
    expect((await client.fetchClosedOrders(S)).map((order) => order.id)).toContain(made.id)
    expect((await client.fetchCanceledOrders(S)).map((order) => order.id)).toContain(dropped.id)
    expect((await client.fetchMyTrades(S)).filter((one) => one.order === made.id)).toMatchObject([{ amount: 0.01, price: 65000.1, takerOrMaker: 'taker' }])
  })

  it('position mode', async () => {
    await client.setPositionMode(true, S)
    await create('market', 'buy', 0.01, undefined, { positionIdx: 1 })
    expect(await client.fetchPositions([S])).toMatchObject([{ side: 'long', contracts: 0.01, hedged: true }, { side: 'short', contracts: 0 }])
    venue.reset(A)
    await client.setPositionMode(false, S)
  })
})

/** Starts to watch, lets it happen until the watcher has heard, and gives what it heard. */
async function watched<T>(watch: () => Promise<T>, happen: () => Promise<unknown>): Promise<T> {
  let heard: { readonly value: T } | null = null
  const watching = watch().then((value) => { heard = { value } })
  await until(async () => {
    await happen()
    await new Promise((resolve) => setTimeout(resolve, 30))
    return heard !== null
  })
  await watching
  return heard!.value
}

describe('ccxt pro, unchanged', () => {
  it('stream of the order book', async () => {
    expect(await client.watchOrderBook(S, 50)).toMatchObject({ bids: expect.arrayContaining([[64999.9, 1]]) })
  })

  it('stream of orders', async () => {
    const [heard] = await watched(() => client.watchOrders(S), () => create('limit', 'buy', 0.01, 64000))
    expect(heard).toMatchObject({ symbol: S, side: 'buy', status: 'open', price: 64000 })
  })

  it('stream of executions', async () => {
    const [heard] = await watched(() => client.watchMyTrades(S), () => create('market', 'buy', 0.01))
    expect(heard).toMatchObject({ symbol: S, side: 'buy', amount: 0.01, price: 65000.1 })
  })

  it('stream of positions', async () => {
    const [heard] = await watched(() => client.watchPositions([S]), () => create('market', 'buy', 0.01))
    expect(heard).toMatchObject({ symbol: S, side: 'long' })
  })

  it('stream of the wallet', async () => {
    const heard = await watched(() => client.watchBalance(), () => create('market', 'buy', 0.01))
    expect(heard['USDT']!.total).toBeGreaterThan(99_000)
  })

  it('places, amends and cancels over the trade socket', async () => {
    const made = await client.createOrderWs(S, 'limit', 'buy', 0.01, 64000)
    await client.editOrderWs(made.id!, S, 'limit', 'buy', 0.02, 63000)
    expect(await seen(made)).toMatchObject({ amount: 0.02, price: 63000, status: 'open' })
    await client.cancelOrderWs(made.id!, S)
    expect(await seen(made)).toMatchObject({ status: 'canceled' })
  })
})
