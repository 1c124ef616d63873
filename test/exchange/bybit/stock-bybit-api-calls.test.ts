import { RestClientV5, WebsocketAPIClient, WebsocketClient, type OrderParamsV5, type WSClientConfigurableOptions } from 'bybit-api'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { at, type Frame } from './harness.ts'
import { until } from './process.ts'
import { ServedVenue } from './served-venue.ts'

const quiet = { trace: () => {}, info: () => {}, error: () => {} }
const auth = { key: 'key-1', secret: 'secret-1' }
const A = 'main'
const own = { category: 'linear', symbol: 'BTCUSDT' } as const

let venue: ServedVenue
let rest: RestClientV5
let trade: WebsocketAPIClient
const frames: Frame[] = []
const sockets: { closeAll(force?: boolean): void }[] = []
let links = 0

const options = (path: string): WSClientConfigurableOptions => ({ ...auth, wsUrl: `${venue.ws}${path}`, pingInterval: 300, pongTimeout: 1_000, reconnectTimeout: 200, market: 'v5' } as WSClientConfigurableOptions)
const rows = (topic: string, link?: string): Frame[] => frames.filter((frame) => frame['topic'] === topic).flatMap((frame) => frame['data'] as Frame[]).filter((row) => link === undefined || row['orderLinkId'] === link)
const order = (more: Partial<OrderParamsV5> = {}): OrderParamsV5 & { orderLinkId: string } => ({ ...own, side: 'Buy', orderType: 'Limit', qty: '0.010', price: '64000.0', orderLinkId: `n-${++links}`, ...more })
const listed = async (orderLinkId: string): Promise<Frame> => (await rest.getActiveOrders({ ...own, orderLinkId })).result.list[0] as unknown as Frame
const statuses = (link: string): unknown[] => rows('order', link).map((row) => row['orderStatus'])
const placed = async (wanted: OrderParamsV5 & { orderLinkId: string }): Promise<string> => {
  expect(await rest.submitOrder(wanted)).toMatchObject({ retCode: 0, result: { orderLinkId: wanted.orderLinkId } })
  return wanted.orderLinkId
}

beforeAll(async () => {
  venue = await ServedVenue.start([{ apiKey: 'key-1', secret: 'secret-1', account: A }])
  rest = new RestClientV5({ ...auth, baseUrl: venue.http, recv_window: 5_000, parseAPIRateLimits: true })
  const stream = new WebsocketClient(options('/v5/private'), quiet)
  trade = new WebsocketAPIClient({ ...options('/v5/trade'), attachEventListeners: false }, quiet)
  sockets.push(stream, trade.getWSClient())
  stream.on('update', (frame) => void frames.push(frame as unknown as Frame))
  void stream.subscribeV5(['order', 'execution', 'position', 'wallet'], 'linear')
  // Nothing is pushed before the subscription stands.
  await until(async () => {
    await rest.submitOrder(order({ timeInForce: 'IOC' }))
    return frames.length > 0
  })
})

afterAll(async () => {
  for (const socket of sockets) socket.closeAll(true)
  await venue.stop()
})

beforeEach(() => venue.reset(A))

describe('bybit-api RestClientV5, unchanged', () => {
  it('instruments', async () => {
    expect((await rest.getInstrumentsInfo({ category: 'linear' })).result.list).toMatchObject([{ symbol: 'BTCUSDT', status: 'Trading', priceFilter: { tickSize: '0.10' }, lotSizeFilter: { qtyStep: '0.001', minNotionalValue: '5' } }])
  })

  it('order book', async () => {
    expect((await rest.getOrderbook({ ...own, limit: 2 })).result).toMatchObject({ b: [['64999.90', '1.000'], ['64999.80', '1.000']], a: [['65000.10', '1.000'], ['65000.20', '1.000']] })
  })

  it('candles', async () => {
    const { list } = (await rest.getKline({ ...own, interval: '1', limit: 10 })).result
    expect(list).toHaveLength(10)
    expect(list[9]).toMatchObject([expect.any(String), '65000.00', '65001.00', '64999.00', '65000.00', '1.000', '65000'])
  })

  it('balance', async () => {
    const [wallet] = (await rest.getWalletBalance({ accountType: 'UNIFIED' })).result.list
    expect(wallet!.coin).toMatchObject([{ coin: 'USDT', walletBalance: wallet!.totalWalletBalance }])
    expect(Number(wallet!.totalWalletBalance)).toBeGreaterThan(99_000)
  })

  it('leverage', async () => {
    const set = (leverage: string): Promise<unknown> => rest.setLeverage({ ...own, buyLeverage: leverage, sellLeverage: leverage }).then((answer) => answer.retCode)
    expect([await set('20'), await set('20'), await set('1000'), await set('10')]).toEqual([0, 110043, 110013, 0])
  })

  it('limit order', async () => {
    const link = await placed(order())
    expect(await listed(link)).toMatchObject({ orderStatus: 'New', price: '64000.00', qty: '0.010', timeInForce: 'GTC' })
  })

  it('market order', async () => {
    const link = await placed(order({ orderType: 'Market' }))
    expect(await listed(link)).toMatchObject({ orderStatus: 'Filled', cumExecQty: '0.010', avgPrice: '65000.1' })
  })

  it('post-only order: rests, or is cancelled when it would take', async () => {
    expect(await listed(await placed(order({ timeInForce: 'PostOnly' })))).toMatchObject({ orderStatus: 'New', timeInForce: 'PostOnly' })
    expect(await listed(await placed(order({ timeInForce: 'PostOnly', price: '65000.1' })))).toMatchObject({ orderStatus: 'Cancelled', rejectReason: 'EC_PostOnlyWillTakeLiquidity', cumExecQty: '0.000' })
  })

  it('IOC order: takes what is there and ends', async () => {
    expect(await listed(await placed(order({ timeInForce: 'IOC', qty: '1.500', price: '65000.1' })))).toMatchObject({ orderStatus: 'Cancelled', cumExecQty: '1.000' })
  })

  it('FOK order: all or nothing', async () => {
    expect(await listed(await placed(order({ timeInForce: 'FOK', qty: '1.500', price: '65000.1' })))).toMatchObject({ orderStatus: 'Cancelled', cumExecQty: '0.000', rejectReason: 'EC_CancelForNoFullFill' })
    expect(await listed(await placed(order({ timeInForce: 'FOK', qty: '1.500', price: '65000.2' })))).toMatchObject({ orderStatus: 'Filled', cumExecQty: '1.500' })
  })

  it('reduce-only order: cut to the position, refused without one', async () => {
    expect((await rest.submitOrder(order({ side: 'Sell', orderType: 'Market', reduceOnly: true }))).retCode).toBe(110017)
    await placed(order({ orderType: 'Market' }))
    expect(await listed(await placed(order({ side: 'Sell', orderType: 'Market', qty: '0.050', reduceOnly: true })))).toMatchObject({ orderStatus: 'Filled', qty: '0.010', reduceOnly: true })
  })

  it('trigger order: waits, fires and is filled', async () => {
    const link = await placed(order({ side: 'Sell', orderType: 'Market', triggerPrice: '64900', triggerDirection: 2 }))
    expect(await listed(link)).toMatchObject({ orderStatus: 'Untriggered', stopOrderType: 'Stop', triggerPrice: '64900.00' })
    venue.print(649_000)
    expect(await listed(link)).toMatchObject({ orderStatus: 'Filled' })
    await until(() => statuses(link).includes('Filled'))
    expect(statuses(link)).toEqual(['Untriggered', 'Triggered', 'New', 'Filled'])
    expect((await rest.submitOrder(order({ triggerPrice: '64900', triggerDirection: 1 }))).retCode).toBe(110092)
  })

  it('take profit and stop loss: with an order, and set later', async () => {
    await placed(order({ orderType: 'Market', takeProfit: '66000', stopLoss: '64000' }))
    expect((await rest.getPositionInfo(own)).result.list).toMatchObject([{ takeProfit: '66000.00', stopLoss: '64000.00' }])
    expect(await rest.setTradingStop({ ...own, positionIdx: 0, tpslMode: 'Full', takeProfit: '0', stopLoss: '64100' })).toMatchObject({ retCode: 0 })
    expect((await rest.getPositionInfo(own)).result.list).toMatchObject([{ takeProfit: '', stopLoss: '64100.00' }])
  })

  it('amend', async () => {
    const link = await placed(order())
    expect(await rest.amendOrder({ ...own, orderLinkId: link, qty: '0.020', price: '63000' })).toMatchObject({ retCode: 0 })
    expect(await listed(link)).toMatchObject({ qty: '0.020', price: '63000.00' })
    const stop = await placed(order({ triggerPrice: '65500', triggerDirection: 1 }))
    expect(await rest.amendOrder({ ...own, orderLinkId: stop, triggerPrice: '65600' })).toMatchObject({ retCode: 0 })
    expect(await listed(stop)).toMatchObject({ triggerPrice: '65600.00' })
  })

  it('cancel, one and all', async () => {
    const link = await placed(order())
    expect(await rest.cancelOrder({ ...own, orderLinkId: link })).toMatchObject({ retCode: 0 })
    expect(await listed(link)).toMatchObject({ orderStatus: 'Cancelled', cancelType: 'CancelByUser' })
    expect((await rest.cancelOrder({ ...own, orderLinkId: link })).retCode).toBe(110008)
    await placed(order())
    await placed(order({ triggerPrice: '65500', triggerDirection: 1 }))
    expect((await rest.cancelAllOrders(own)).result.list).toHaveLength(2)
  })

  it('batch', async () => {
    const answer = await rest.batchSubmitOrders('linear', [order(), order({ qty: '0' })])
    expect(answer).toMatchObject({ retCode: 0, retExtInfo: { list: [{ code: 0 }, { code: 10001 }] } })
  })

  it('partial fill', async () => {
    const link = await placed(order())
    expect(venue.exchange.operator.fill(A, { clientId: link }, 4)).toBe(4)
    expect(await listed(link)).toMatchObject({ orderStatus: 'PartiallyFilled', cumExecQty: '0.004', leavesQty: '0.006' })
    await rest.cancelOrder({ ...own, orderLinkId: link })
    expect(await listed(link)).toMatchObject({ orderStatus: 'Cancelled', cumExecQty: '0.004' })
  })

  it('history of orders, executions, closed positions and money', async () => {
    const link = await placed(order({ orderType: 'Market' }))
    await placed(order({ side: 'Sell', orderType: 'Market', reduceOnly: true }))
    expect((await rest.getHistoricOrders({ ...own, orderLinkId: link })).result.list).toMatchObject([{ orderStatus: 'Filled' }])
    expect((await rest.getExecutionList({ ...own, orderLinkId: link })).result.list).toMatchObject([{ execType: 'Trade', execQty: '0.010', execPrice: '65000.10', isMaker: false }])
    expect((await rest.getClosedPnL(own)).result.list[0]).toMatchObject({ side: 'Sell', closedSize: '0.010', avgEntryPrice: '65000.1' })
    expect((await rest.getTransactionLog({ category: 'linear' })).result.list[0]).toMatchObject({ type: 'TRADE', side: 'Sell' })
  })

  it('position mode', async () => {
    expect((await rest.switchPositionMode({ category: 'linear', coin: 'USDT', mode: 3 })).retCode).toBe(0)
    await placed(order({ orderType: 'Market', positionIdx: 1 }))
    expect((await rest.getPositionInfo(own)).result.list).toMatchObject([{ positionIdx: 1, size: '0.010' }, { positionIdx: 2, size: '0' }])
    venue.reset(A)
    expect((await rest.switchPositionMode({ category: 'linear', coin: 'USDT', mode: 0 })).retCode).toBe(0)
  })

  it('disconnect protection and price limit action', async () => {
    expect(await rest.setDisconnectCancelAllWindowV2({ product: 'DERIVATIVES', timeWindow: 40 })).toMatchObject({ retCode: 0 })
    expect((await rest.getDCPInfo()).result).toMatchObject({ dcpInfos: [{ product: 'DERIVATIVES', timeWindow: '40' }] })
    expect(await rest.setLimitPriceAction({ category: 'linear', modifyEnable: true })).toMatchObject({ retCode: 0 })
  })
})

describe('bybit-api WebsocketClient, unchanged', () => {
  it('stream of orders, with a fill in parts', async () => {
    const link = await placed(order())
    venue.exchange.operator.fill(A, { clientId: link }, 4)
    venue.exchange.operator.fill(A, { clientId: link }, 6)
    await until(() => statuses(link).includes('Filled'))
    expect(rows('order', link).map((row) => [row['orderStatus'], row['cumExecQty']])).toEqual([['New', '0.000'], ['PartiallyFilled', '0.004'], ['Filled', '0.010']])
  })

  it('stream of executions', async () => {
    const link = await placed(order({ orderType: 'Market', qty: '1.500' }))
    await until(() => rows('execution', link).length === 2)
    expect(rows('execution', link).map((row) => [row['execQty'], row['execPrice'], row['isMaker']])).toEqual([['1.000', '65000.10', false], ['0.500', '65000.20', false]])
  })

  it('stream of positions', async () => {
    frames.length = 0
    await placed(order({ orderType: 'Market', stopLoss: '64000' }))
    await until(() => rows('position').some((row) => row['size'] === '0.010' && row['side'] === 'Buy' && row['stopLoss'] === '64000.00' && row['entryPrice'] === '65000.1'))
  })

  it('stream of the wallet', async () => {
    frames.length = 0
    await placed(order({ orderType: 'Market' }))
    await until(() => rows('wallet').length > 0)
    expect(rows('wallet').at(-1)).toMatchObject({ accountType: 'UNIFIED', coin: [{ coin: 'USDT' }] })
  })
})

describe('bybit-api WebsocketAPIClient, unchanged', () => {
  it('limit, market, post-only, IOC, FOK, reduce-only and trigger orders', async () => {
    const submit = async (more: Partial<OrderParamsV5>): Promise<string> => {
      const wanted = order(more)
      expect(await trade.submitNewOrder(wanted)).toMatchObject({ retCode: 0, op: 'order.create', data: { orderLinkId: wanted.orderLinkId }, header: { 'X-Bapi-Limit': '1000' } })
      return wanted.orderLinkId
    }
    const made = [await submit({}), await submit({ orderType: 'Market' }), await submit({ timeInForce: 'PostOnly', price: '65000.1' }), await submit({ timeInForce: 'IOC' }), await submit({ timeInForce: 'FOK', qty: '5', price: '65000.1' }), await submit({ side: 'Sell', orderType: 'Market', reduceOnly: true }), await submit({ triggerPrice: '65500', triggerDirection: 1 })]
    const seen = await Promise.all(made.map(listed))
    expect(seen.map((row) => row['orderStatus'])).toEqual(['New', 'Filled', 'Cancelled', 'Cancelled', 'Cancelled', 'Filled', 'Untriggered'])
    await expect(trade.submitNewOrder(order({ qty: '0' }))).rejects.toMatchObject({ retCode: 10001 })
  })

  it('amend, cancel and their batches', async () => {
    const one = order()
    await trade.submitNewOrder(one)
    expect(await trade.amendOrder({ ...own, orderLinkId: one.orderLinkId, qty: '0.030' })).toMatchObject({ retCode: 0, op: 'order.amend' })
    expect(await listed(one.orderLinkId)).toMatchObject({ qty: '0.030' })
    expect(await trade.cancelOrder({ ...own, orderLinkId: one.orderLinkId })).toMatchObject({ retCode: 0, op: 'order.cancel' })
    await expect(trade.cancelOrder({ ...own, orderLinkId: one.orderLinkId })).rejects.toMatchObject({ retCode: 110008 })
    const two = [order(), order()]
    expect(await trade.batchSubmitOrders('linear', two)).toMatchObject({ retCode: 0, retExtInfo: { list: [{ code: 0 }, { code: 0 }] } })
    expect(await trade.batchAmendOrder('linear', two.map(({ orderLinkId }) => ({ symbol: 'BTCUSDT', orderLinkId, qty: '0.020' })))).toMatchObject({ retExtInfo: { list: [{ code: 0 }, { code: 0 }] } })
    const ended = await trade.batchCancelOrder('linear', [{ symbol: 'BTCUSDT', orderLinkId: two[0]!.orderLinkId }, { symbol: 'BTCUSDT', orderLinkId: 'never' }])
    expect(at(ended, 'retExtInfo', 'list')).toMatchObject([{ code: 0 }, { code: 110001 }])
  })
})
