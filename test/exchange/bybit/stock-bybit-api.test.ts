import { RestClientV5, WebsocketAPIClient, WebsocketClient, type WSClientConfigurableOptions } from 'bybit-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { at, type Frame } from './harness.ts'
import { ExchangeProcess, until } from './process.ts'

const quiet = { trace: () => {}, info: () => {}, error: () => {} }
const auth = { key: 'key-1', secret: 'secret-1' }

let exchange: ExchangeProcess
let rest: RestClientV5
const sockets: { closeAll(force?: boolean): void }[] = []

const options = (path: string, signed: boolean): WSClientConfigurableOptions => ({ ...(signed ? auth : {}), wsUrl: `${exchange.ws}${path}`, pingInterval: 300, pongTimeout: 1_000, reconnectTimeout: 200, market: 'v5' } as WSClientConfigurableOptions)

function listen(path: string, signed: boolean, topics: string[]): { frames: Frame[]; reconnects: () => number } {
  const client = new WebsocketClient(options(path, signed), quiet)
  sockets.push(client)
  const frames: Frame[] = []
  let reconnects = 0
  client.on('update', (frame) => void frames.push(frame as unknown as Frame))
  client.on('reconnect', () => void reconnects++)
  client.on('exception', (frame) => void frames.push({ exception: frame } as Frame))
  void client.subscribeV5(topics, 'linear')
  return { frames, reconnects: () => reconnects }
}

const rows = (frames: readonly Frame[], topic: string): Frame[] => frames.filter((frame) => frame['topic'] === topic).flatMap((frame) => frame['data'] as Frame[])

beforeAll(async () => {
  exchange = await ExchangeProcess.start()
  rest = new RestClientV5({ ...auth, baseUrl: exchange.http, recv_window: 5_000, parseAPIRateLimits: true })
})

afterAll(async () => {
  for (const socket of sockets) socket.closeAll(true)
  await exchange.stop()
})

describe('the stock bybit-api client', () => {
  it('trades over REST and hears about it on the private stream', async () => {
    const stream = listen('/v5/private', true, ['order', 'execution', 'position', 'wallet'])
    await until(() => exchange.messages.some((one) => one.type === 'beat' && one.counters.connectionsOpen > 0))
    const instruments = await rest.getInstrumentsInfo({ category: 'linear', symbol: 'BTCUSDT' })
    expect(instruments.result.list[0]).toMatchObject({ symbol: 'BTCUSDT', status: 'Trading' })
    const book = await rest.getOrderbook({ category: 'linear', symbol: 'BTCUSDT', limit: 5 })
    const bid = Number(book.result.b[0]![0])
    const far = (bid * 0.97).toFixed(1)

    // Until the subscription stands nothing is pushed: repeat a harmless order until the stream answers.
    await until(async () => {
      const { result } = await rest.submitOrder({ category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.001', price: far })
      await rest.cancelOrder({ category: 'linear', symbol: 'BTCUSDT', orderId: result.orderId })
      await new Promise((resolve) => setTimeout(resolve, 50))
      return rows(stream.frames, 'order').length > 0
    })

    expect(await rest.setLeverage({ category: 'linear', symbol: 'BTCUSDT', buyLeverage: '20', sellLeverage: '20' })).toMatchObject({ retCode: 0 })
    expect(await rest.setLeverage({ category: 'linear', symbol: 'BTCUSDT', buyLeverage: '20', sellLeverage: '20' })).toMatchObject({ retCode: 110043 })

    const placed = await rest.submitOrder({ category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.010', price: far, timeInForce: 'PostOnly', orderLinkId: 'stock-1' })
    expect(placed).toMatchObject({ retCode: 0, result: { orderLinkId: 'stock-1' }, rateLimitApi: { remainingRequests: expect.any(Number) } })
    expect(await rest.submitOrder({ category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.010', price: far, orderLinkId: 'stock-1' })).toMatchObject({ retCode: 110072 })
    expect(await rest.amendOrder({ category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'stock-1', qty: '0.020' })).toMatchObject({ retCode: 0 })
    expect((await rest.getActiveOrders({ category: 'linear', symbol: 'BTCUSDT' })).result.list).toMatchObject([{ orderLinkId: 'stock-1', qty: '0.020', orderStatus: 'New' }])
    expect(await rest.cancelOrder({ category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'stock-1' })).toMatchObject({ retCode: 0 })
    expect((await rest.cancelOrder({ category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'stock-1' })).retCode).toBe(110008)
    expect((await rest.cancelOrder({ category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'never-seen' })).retCode).toBe(110001)

    expect(await rest.submitOrder({ category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Market', qty: '0.005', orderLinkId: 'stock-2' })).toMatchObject({ retCode: 0 })
    const crossing = (bid * 1.03).toFixed(1)
    expect(await rest.submitOrder({ category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.005', price: crossing, timeInForce: 'PostOnly', orderLinkId: 'stock-3' })).toMatchObject({ retCode: 0 })
    await until(() => rows(stream.frames, 'order').some((row) => row['orderLinkId'] === 'stock-3') && rows(stream.frames, 'order').some((row) => row['orderLinkId'] === 'stock-2' && row['orderStatus'] === 'Filled'))
    await until(() => rows(stream.frames, 'position').some((row) => row['size'] === '0.005' && row['side'] === 'Buy') && rows(stream.frames, 'wallet').length > 0)
    const mine = (link: string): unknown[] => rows(stream.frames, 'order').filter((row) => row['orderLinkId'] === link).map((row) => [row['orderStatus'], row['rejectReason']])
    expect(mine('stock-1')).toEqual([['New', 'EC_NoError'], ['New', 'EC_NoError'], ['Cancelled', 'EC_PerCancelRequest']])
    expect(mine('stock-3').at(-1)).toEqual(['Cancelled', 'EC_PostOnlyWillTakeLiquidity'])

    const filled = rows(stream.frames, 'execution').filter((row) => row['orderLinkId'] === 'stock-2')
    const executed = filled.reduce((sum, row) => sum + Number(row['execQty']), 0)
    expect(executed).toBeCloseTo(0.005, 10)
    const listed = (await rest.getExecutionList({ category: 'linear', symbol: 'BTCUSDT', execType: 'Trade' })).result.list.filter((row) => row.orderLinkId === 'stock-2')
    expect(new Set(listed.map((row) => row.execId))).toEqual(new Set(filled.map((row) => row['execId'])))
    expect((await rest.getPositionInfo({ category: 'linear', symbol: 'BTCUSDT' })).result.list).toMatchObject([{ side: 'Buy', size: '0.005', leverage: '20' }])
    const wallet = (await rest.getWalletBalance({ accountType: 'UNIFIED' })).result.list[0]!
    const fees = listed.reduce((sum, row) => sum + Number(row.execFee), 0)
    expect(Number(wallet.totalWalletBalance)).toBeCloseTo(100_000 - fees, 6)
    expect((await rest.getHistoricOrders({ category: 'linear', orderLinkId: 'stock-2' })).result.list).toMatchObject([{ orderStatus: 'Filled', cumExecQty: '0.005' }])

    expect(await rest.batchSubmitOrders('linear', ['a', 'b'].map((name) => ({ symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.001', price: far, orderLinkId: `batch-${name}` })))).toMatchObject({ retCode: 0, retExtInfo: { list: [{ code: 0 }, { code: 0 }] } })
    expect(((await rest.cancelAllOrders({ category: 'linear', symbol: 'BTCUSDT' })).result as unknown as { list: unknown[] }).list).toHaveLength(2)
    expect(await rest.submitOrder({ category: 'linear', symbol: 'BTCUSDT', side: 'Sell', orderType: 'Market', qty: '0', reduceOnly: true, closeOnTrigger: true })).toMatchObject({ retCode: 0 })
    await until(async () => (await rest.getPositionInfo({ category: 'linear', settleCoin: 'USDT' })).result.list.length === 0)
    expect(stream.reconnects()).toBe(0)
    expect(stream.frames.filter((frame) => frame['exception'] !== undefined)).toEqual([])
  })

  it('keeps a book, trades and tickers over several of its short pings', async () => {
    const stream = listen('/v5/public/linear', false, ['orderbook.50.BTCUSDT', 'orderbook.1.ETHUSDT', 'publicTrade.BTCUSDT', 'tickers.BTCUSDT', 'kline.1.BTCUSDT'])
    const of = (topic: string): Frame[] => stream.frames.filter((frame) => frame['topic'] === topic)
    await until(() => of('orderbook.50.BTCUSDT').length > 20 && of('publicTrade.BTCUSDT').length > 2 && of('tickers.BTCUSDT').length > 4 && of('kline.1.BTCUSDT').length > 0 && of('orderbook.1.ETHUSDT').length > 2)
    expect(of('orderbook.50.BTCUSDT')[0]!['type']).toBe('snapshot')
    const updateIds = of('orderbook.50.BTCUSDT').map((frame) => at(frame, 'data', 'u') as number)
    expect(updateIds).toEqual(updateIds.map((_, i) => updateIds[0]! + i))
    expect(stream.reconnects()).toBe(0)
  })

  it('places, amends and cancels over the trade socket', async () => {
    const client = new WebsocketAPIClient({ ...options('/v5/trade', true), attachEventListeners: false }, quiet)
    sockets.push(client.getWSClient())
    const price = ((await rest.getTickers({ category: 'linear', symbol: 'ETHUSDT' })).result.list[0]!.lastPrice as unknown as number) * 0.97
    const placed = await client.submitNewOrder({ category: 'linear', symbol: 'ETHUSDT', side: 'Buy', orderType: 'Limit', qty: '0.10', price: price.toFixed(2), orderLinkId: 'ws-1' })
    expect(placed).toMatchObject({ retCode: 0, op: 'order.create', data: { orderLinkId: 'ws-1' } })
    expect(await client.amendOrder({ category: 'linear', symbol: 'ETHUSDT', orderLinkId: 'ws-1', qty: '0.20' })).toMatchObject({ retCode: 0 })
    expect(await client.cancelOrder({ category: 'linear', symbol: 'ETHUSDT', orderLinkId: 'ws-1' })).toMatchObject({ retCode: 0 })
    await expect(client.cancelOrder({ category: 'linear', symbol: 'ETHUSDT', orderLinkId: 'ws-1' })).rejects.toMatchObject({ retCode: 110008 })
    const batch = await client.batchSubmitOrders('linear', [{ symbol: 'ETHUSDT', side: 'Buy', orderType: 'Limit', qty: '0.10', price: price.toFixed(2) }, { symbol: 'ETHUSDT', side: 'Buy', orderType: 'Limit', qty: '0', price: price.toFixed(2) }])
    expect(batch).toMatchObject({ retCode: 0, retExtInfo: { list: [{ code: 0 }, { code: 10001 }] } })
    await rest.cancelAllOrders({ category: 'linear', symbol: 'ETHUSDT' })
  })

  it('comes back by itself when its connection is cut', async () => {
    const stream = listen('/v5/public/linear', false, ['orderbook.50.BTCUSDT'])
    await until(() => stream.frames.length > 2)
    await fetch(`${exchange.http}/control/drop-connections`, { method: 'POST', body: '{"connection":"public"}' })
    const before = stream.frames.length
    await until(() => stream.reconnects() > 0 && stream.frames.slice(before).some((frame) => frame['type'] === 'snapshot'))
  })
})
