import { RestClient, WebsocketAPIClient, WebsocketClient, type OrderRequest } from 'okx-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { CREDENTIALS, serve, until, type Served } from './served.ts'
import { at, BTC, ETH, type Frame } from './venue.ts'

const quiet = { trace: () => {}, info: () => {}, error: () => {} }
const accounts = [{ apiKey: CREDENTIALS.key, apiSecret: CREDENTIALS.secret, apiPass: CREDENTIALS.passphrase }]

let venue: Served
let rest: RestClient
const sockets: WebsocketClient[] = []

/** One stock client for one path, with everything it heard. */
class Stream {
  readonly client: WebsocketClient
  readonly updates: Frame[] = []
  readonly responses: Frame[] = []
  readonly exceptions: unknown[] = []
  reconnects = 0

  constructor(path: 'public' | 'private' | 'business', signed: boolean) {
    this.client = new WebsocketClient({ ...(signed ? { accounts } : {}), wsUrl: `${venue.ws}/${path}`, pingInterval: 1_000, pongTimeout: 1_000, reconnectTimeout: 200 }, quiet)
    sockets.push(this.client)
    this.client.on('update', (frame) => void this.updates.push(frame as unknown as Frame))
    this.client.on('response', (frame) => void this.responses.push(frame as unknown as Frame))
    this.client.on('exception', (frame: unknown) => void this.exceptions.push(frame))
    this.client.on('reconnect', () => void this.reconnects++)
  }

  async subscribe(args: readonly Frame[]): Promise<void> {
    void this.client.subscribe(args as never)
    await until(`acknowledgements of ${JSON.stringify(args)}`, () => args.every((arg) => this.responses.some((frame) => frame['event'] === 'subscribe' && at(frame, 'arg', 'channel') === arg['channel'])))
  }

  rows(channel: string): Frame[] {
    return this.updates.filter((frame) => at(frame, 'arg', 'channel') === channel).flatMap((frame) => frame['data'] as Frame[])
  }
}

let own: Stream

const place = async (more: Partial<OrderRequest>): Promise<string> => {
  const [row] = await rest.submitOrder({ instId: BTC, tdMode: 'cross', side: 'buy', ordType: 'limit', sz: '1', ...more })
  return row!.ordId
}
const state = async (ordId: string): Promise<Frame> => (await rest.getOrderDetails({ instId: BTC, ordId }))[0] as unknown as Frame
const book = async (sz = '5'): Promise<{ asks: string[][]; bids: string[][] }> => (await rest.getOrderBook({ instId: BTC, sz }))[0] as unknown as { asks: string[][]; bids: string[][] }
const far = async (): Promise<string> => (Number((await book()).bids[0]![0]) * 0.97).toFixed(1)
const heard = (ordId: string): Frame[] => own.rows('orders').filter((row) => row['ordId'] === ordId)
const ended = (ordId: string): Promise<void> => until(`the end of ${ordId}`, () => heard(ordId).some((row) => row['state'] === 'filled' || row['state'] === 'canceled'))

// Read beside the venue: its limit of queries is for what is tested.
async function flatten(): Promise<void> {
  const held = venue.exchange.positions('main')
  for (const one of held) await rest.closePositions({ instId: one.symbol === 'BTCUSDT' ? BTC : ETH, mgnMode: 'cross', autoCxl: true })
  expect(venue.exchange.positions('main')).toEqual([])
}

beforeAll(async () => {
  venue = await serve(7)
  rest = new RestClient({ apiKey: CREDENTIALS.key, apiSecret: CREDENTIALS.secret, apiPass: CREDENTIALS.passphrase, baseUrl: venue.http })
  own = new Stream('private', true)
  await own.subscribe([{ channel: 'orders', instType: 'SWAP' }, { channel: 'positions', instType: 'SWAP' }, { channel: 'account' }, { channel: 'balance_and_position' }])
}, 30_000)

afterAll(async () => {
  for (const socket of sockets) socket.closeAll(true)
  await venue.stop()
})

describe('the stock okx-api client, market data', () => {
  it('lists instruments with what sizes and codes mean', async () => {
    const instruments = await rest.getInstruments({ instType: 'SWAP' })
    expect(instruments.map((one) => one.instId)).toEqual([BTC, ETH, 'XRP-USDT-SWAP'])
    expect(instruments[0]).toMatchObject({ ctVal: '0.01', ctMult: '1', tickSz: '0.1', lotSz: '0.1', state: 'live', settleCcy: 'USDT' })
    expect(await rest.getSystemTime({})).toMatchObject([{ ts: expect.stringMatching(/^\d{13}$/) }])
  })

  it('reads books over REST, of the depth asked for', async () => {
    const { asks, bids } = await book('50')
    expect([asks.length, bids.length]).toEqual([50, 50])
    expect(Number(bids[0]![0])).toBeLessThan(Number(asks[0]![0]))
    const [full] = (await rest.getFullOrderBook({ instId: BTC, sz: '300' })) as unknown as { asks: string[][] }[]
    expect(full!.asks.length).toBeGreaterThan(50)
  })

  it('keeps books, trades and tickers from the stream over several of its pings', async () => {
    const stream = new Stream('public', false)
    await stream.subscribe(['books', 'books5', 'bbo-tbt', 'trades', 'tickers', 'mark-price', 'funding-rate', 'price-limit'].map((channel) => ({ channel, instId: BTC })))
    await until('books, trades and tickers', () => stream.rows('books').length > 15 && stream.rows('trades').length > 0 && stream.rows('tickers').length > 2 && stream.rows('bbo-tbt').length > 3 && stream.rows('books5').length > 3)
    const frames = stream.updates.filter((frame) => at(frame, 'arg', 'channel') === 'books')
    expect(frames.map((frame) => frame['action'])).toEqual(frames.map((_, i) => (i === 0 ? 'snapshot' : 'update')))
    const rows = stream.rows('books')
    expect(rows.map((row) => row['prevSeqId'])).toEqual([-1, ...rows.slice(0, -1).map((row) => row['seqId'])])
    expect([stream.rows('mark-price').length > 0, stream.rows('funding-rate').length > 0, stream.rows('price-limit').length > 0]).toEqual([true, true, true])
    expect([stream.reconnects, stream.exceptions]).toEqual([0, []])
  })

  it('reads candles over REST and hears them on the business path', async () => {
    expect(await rest.getCandles({ instId: BTC, bar: '1m', limit: '50' })).toHaveLength(50)
    expect((await rest.getHistoricCandles({ instId: BTC, bar: '5m', limit: '10' }))[0]).toHaveLength(9)
    expect((await rest.getMarkPriceCandles({ instId: BTC }))[0]).toHaveLength(6)
    const stream = new Stream('business', false)
    await stream.subscribe([{ channel: 'candle1m', instId: BTC }])
    await until('a candle', () => stream.updates.length > 0)
    expect(stream.rows('candle1m')[0]).toHaveLength(9)
  })

  it('reads tickers, funding, limits, tiers and status', async () => {
    expect(await rest.getTicker({ instId: BTC })).toMatchObject([{ instId: BTC, instType: 'SWAP' }])
    expect(await rest.getFundingRate({ instId: BTC })).toMatchObject([{ method: 'current_period' }])
    expect(await rest.getMinMaxLimitPrice({ instId: BTC })).toMatchObject([{ enabled: true }])
    expect(await rest.getPositionTiers({ instType: 'SWAP', tdMode: 'cross', instFamily: 'BTC-USDT' })).toMatchObject([{ tier: '1' }])
    expect(await rest.getUnitConvert({ instId: BTC, sz: '0.311', type: '1', opType: 'close' })).toMatchObject([{ sz: '31.1' }])
  })
})

describe('the stock okx-api client, account', () => {
  it('reads balance, configuration, fees and what it may trade', async () => {
    expect(await rest.getBalance()).toMatchObject([{ details: [{ ccy: 'USDT', eq: expect.any(String) }] }])
    expect(await rest.getAccountConfiguration()).toMatchObject([{ acctLv: '2', posMode: 'net_mode' }])
    expect(await rest.getFeeRates({ instType: 'SWAP' })).toMatchObject([{ maker: '-0.0002', taker: '-0.00055' }])
    expect(Number(at(await rest.getMaxBuySellAmount({ instId: BTC, tdMode: 'cross' }), 0, 'maxBuy'))).toBeGreaterThan(0)
    expect(await rest.getAccountRateLimit()).toMatchObject([{ accRateLimit: '1000' }])
  })

  it('sets leverage and reads it back', async () => {
    expect(await rest.setLeverage({ instId: BTC, lever: '20', mgnMode: 'cross' })).toMatchObject([{ lever: '20', instId: BTC }])
    expect(await rest.getLeverage({ instId: BTC, mgnMode: 'cross' })).toMatchObject([{ lever: '20', posSide: 'net' }])
  })

  it('turns to hedge mode and back, while flat only', async () => {
    expect(await rest.setPositionMode({ posMode: 'long_short_mode' })).toEqual([{ posMode: 'long_short_mode' }])
    await place({ posSide: 'long', ordType: 'market' })
    await place({ posSide: 'short', side: 'sell', ordType: 'market', sz: '2' })
    expect((await rest.getPositions({ instType: 'SWAP' })).map((one) => `${one.posSide} ${one.pos}`).toSorted()).toEqual(['long 1', 'short 2'])
    await expect(rest.setPositionMode({ posMode: 'net_mode' })).rejects.toMatchObject({ code: '59000' })
    await rest.closePositions({ instId: BTC, mgnMode: 'cross', posSide: 'long' })
    await rest.closePositions({ instId: BTC, mgnMode: 'cross', posSide: 'short' })
    expect(await rest.setPositionMode({ posMode: 'net_mode' })).toEqual([{ posMode: 'net_mode' }])
  })
})

describe('the stock okx-api client, orders', () => {
  it('places a limit order, which rests and is pushed', async () => {
    const ordId = await place({ px: await far(), clOrdId: 'limit1' })
    expect(await rest.getOrderList({ instType: 'SWAP' })).toMatchObject([{ ordId, clOrdId: 'limit1', state: 'live', tag: '159881cb7207BCDE' }])
    await until('its push', () => heard(ordId).some((row) => row['state'] === 'live'))
    await rest.cancelOrder({ instId: BTC, ordId })
  })

  it('amends an order, and hears the amendment', async () => {
    const ordId = await place({ px: await far() })
    expect(await rest.amendOrder({ instId: BTC, ordId, newSz: '2', reqId: 'amend1' })).toMatchObject([{ ordId, reqId: 'amend1', sCode: '0' }])
    expect(await state(ordId)).toMatchObject({ sz: '2' })
    await until('the push of the amendment', () => heard(ordId).some((row) => row['reqId'] === 'amend1' && row['amendResult'] === '0'))
    await rest.cancelOrder({ instId: BTC, ordId })
  })

  it('cancels an order, and is told when it comes too late', async () => {
    const ordId = await place({ px: await far() })
    expect(await rest.cancelOrder({ instId: BTC, ordId })).toMatchObject([{ ordId, sCode: '0' }])
    await ended(ordId)
    expect(heard(ordId).at(-1)).toMatchObject({ state: 'canceled', cancelSource: '1' })
    await expect(rest.cancelOrder({ instId: BTC, ordId })).rejects.toMatchObject({ code: '1', data: [{ sCode: '51400' }] })
  })

  it('fills a market order, and hears fill, position and balance', async () => {
    const ordId = await place({ ordType: 'market', sz: '3' })
    await ended(ordId)
    const fills = heard(ordId).filter((row) => row['fillSz'] !== '0')
    expect(fills.reduce((sum, row) => sum + Number(row['fillSz']), 0)).toBeCloseTo(3, 9)
    expect(heard(ordId).at(-1)).toMatchObject({ state: 'filled', accFillSz: '3' })
    await until('position and account', () => own.rows('positions').some((row) => row['pos'] === '3') && own.rows('account').length > 1 && own.rows('balance_and_position').some((row) => row['eventType'] === 'filled'))
    await flatten()
  })

  it('cancels a post-only order that would take', async () => {
    const ordId = await place({ ordType: 'post_only', px: (Number((await book()).asks[0]![0]) * 1.001).toFixed(1) })
    await ended(ordId)
    expect(heard(ordId).at(-1)).toMatchObject({ state: 'canceled', cancelSource: '31', accFillSz: '0' })
  })

  it('cancels what an immediate-or-cancel order did not get', async () => {
    const { asks } = await book('1')
    const ordId = await place({ ordType: 'ioc', px: asks[0]![0]!, sz: (Number(asks[0]![1]) + 500).toFixed(1) })
    await ended(ordId)
    expect(heard(ordId).at(-1)).toMatchObject({ state: 'canceled', cancelSource: '14' })
    await flatten()
  })

  it('fills a fill-or-kill order whole or not at all', async () => {
    const { asks } = await book('1')
    const dead = await place({ ordType: 'fok', px: asks[0]![0]!, sz: (Number(asks[0]![1]) + 500).toFixed(1) })
    const filled = await place({ ordType: 'fok', px: (Number(asks[0]![0]) * 1.001).toFixed(1), sz: '0.1' })
    await ended(dead)
    await ended(filled)
    expect([heard(dead).at(-1)!['cancelSource'], heard(dead).at(-1)!['accFillSz'], heard(filled).at(-1)!['state']]).toEqual(['13', '0', 'filled'])
    await flatten()
  })

  it('fills a limit order in part, and says so before the rest is cancelled', async () => {
    const { asks } = await book('1')
    const ordId = await place({ px: asks[0]![0]!, sz: (Number(asks[0]![1]) + 500).toFixed(1) })
    await until('a partial fill', () => heard(ordId).some((row) => row['state'] === 'partially_filled'))
    await rest.cancelOrder({ instId: BTC, ordId })
    await ended(ordId)
    const end = heard(ordId).at(-1)!
    expect(end['state']).toBe('canceled')
    expect(Number(end['accFillSz'])).toBeGreaterThan(0)
    expect(Number(end['accFillSz'])).toBeLessThan(Number(end['sz']))
    await flatten()
  })

  it('takes reduce-only orders for what closes, and refuses them where nothing does', async () => {
    await expect(place({ ordType: 'market', reduceOnly: true })).rejects.toMatchObject({ data: [{ sCode: '51169' }] })
    await place({ ordType: 'market', sz: '2' })
    await place({ ordType: 'market', side: 'sell', sz: '5', reduceOnly: true })
    expect(await rest.getPositions({ instType: 'SWAP', instId: BTC })).toEqual([])
  })

  it('places, amends, lists and cancels algo orders, and is told of the one that fires', async () => {
    const stream = new Stream('business', true)
    await stream.subscribe([{ channel: 'orders-algo', instType: 'SWAP' }])
    const { asks } = await book('20')
    const price = Number(asks[0]![0])
    const [resting] = await rest.placeAlgoOrder({ instId: BTC, tdMode: 'cross', side: 'buy', ordType: 'trigger', sz: '1', triggerPx: (price * 1.02).toFixed(1), orderPx: '-1', triggerPxType: 'last', algoClOrdId: 'algo1' } as never)
    expect(await rest.getAlgoOrderList({ ordType: 'trigger' } as never)).toMatchObject([{ algoId: resting!.algoId, algoClOrdId: 'algo1', state: 'live', ordPx: '-1' }])
    expect(await rest.amendAlgoOrder({ instId: BTC, algoId: resting!.algoId, newTriggerPx: (price * 1.03).toFixed(1) } as never)).toMatchObject([{ sCode: '0' }])
    expect(await rest.cancelAlgoOrder([{ instId: BTC, algoId: resting!.algoId }])).toMatchObject([{ algoId: resting!.algoId, sCode: '0' }])
    await until('the algo pushes', () => stream.rows('orders-algo').some((row) => row['algoId'] === resting!.algoId && row['state'] === 'canceled'))

    const [near] = await rest.placeAlgoOrder({ instId: BTC, tdMode: 'cross', side: 'buy', ordType: 'trigger', sz: '1', triggerPx: asks[2]![0]!, orderPx: '-1', triggerPxType: 'last' } as never)
    await place({ ordType: 'ioc', px: asks[4]![0]!, sz: asks.slice(0, 5).reduce((sum, level) => sum + Number(level[1]), 50).toFixed(1) })
    await until('the trigger', () => stream.rows('orders-algo').some((row) => row['algoId'] === near!.algoId && row['state'] === 'effective'))
    const fired = stream.rows('orders-algo').find((row) => row['algoId'] === near!.algoId && row['state'] === 'effective')!
    await ended(fired['ordId'] as string)
    expect(heard(fired['ordId'] as string).at(-1)).toMatchObject({ algoId: near!.algoId, source: '6', state: 'filled' })
    expect(await rest.getAlgoOrderHistory({ ordType: 'trigger', state: 'effective' } as never)).toMatchObject([{ algoId: near!.algoId, ordId: fired['ordId'] }])
    await flatten()
  })

  it('reads history: orders, fills, bills and positions', async () => {
    const ordId = await place({ ordType: 'market', sz: '2', clOrdId: 'history1' })
    await flatten()
    expect((await rest.getOrderHistory({ instType: 'SWAP' })).find((one) => one.ordId === ordId)).toMatchObject({ clOrdId: 'history1', state: 'filled', accFillSz: '2' })
    expect((await rest.getOrderHistoryArchive({ instType: 'SWAP' })).some((one) => one.ordId === ordId)).toBe(true)
    const fills = (await rest.getFillsHistory({ instType: 'SWAP', ordId })) as unknown as Frame[]
    expect(fills.reduce((sum, row) => sum + Number(row['fillSz']), 0)).toBeCloseTo(2, 9)
    expect(((await rest.getBills({ type: '2' })) as unknown as Frame[]).some((row) => row['ordId'] === ordId)).toBe(true)
    expect(at(await rest.getPositionsHistory({ instType: 'SWAP' }), 0)).toMatchObject({ instId: BTC, closeTotalPos: '2', direction: 'long', type: '2' })
    expect(await rest.getAccountBillSubtypes({ type: '8' } as never)).toMatchObject([{ type: '8' }])
  })

  it('places batches and is told which of them failed', async () => {
    const px = await far()
    const one = { instId: BTC, tdMode: 'cross', side: 'buy', ordType: 'limit', sz: '1', px } as const
    const rows = await rest.submitMultipleOrders([one, one])
    await expect(rest.submitMultipleOrders([one, { ...one, sz: '0.05' }])).rejects.toMatchObject({ code: '2', data: [{ sCode: '0' }, { sCode: '51121' }] })
    expect(await rest.cancelMultipleOrders(rows.map(({ ordId }) => ({ instId: BTC, ordId })))).toMatchObject([{ sCode: '0' }, { sCode: '0' }])
    for (const left of await rest.getOrderList({ instType: 'SWAP' })) await rest.cancelOrder({ instId: BTC, ordId: left.ordId })
  })
})

describe('the stock okx-api client, orders over WebSocket', () => {
  it('places, amends and cancels, one and several', async () => {
    const client = new WebsocketAPIClient({ accounts, wsUrl: `${venue.ws}/private`, pingInterval: 1_000, pongTimeout: 1_000, reconnectTimeout: 200, attachEventListeners: false }, quiet as never)
    sockets.push(client.getWSClient())
    const instIdCode = 10459
    const px = await far()
    const order = { instIdCode, tdMode: 'cross', side: 'buy', ordType: 'limit', sz: '1', px } as never
    const placed = await client.submitNewOrder({ ...(order as object), clOrdId: 'ws1' } as never)
    expect(placed).toMatchObject({ op: 'order', code: '0', data: [{ clOrdId: 'ws1', sCode: '0' }] })
    expect(await client.amendOrder({ instIdCode, clOrdId: 'ws1', newSz: '2' } as never)).toMatchObject({ code: '0' })
    expect(await client.cancelOrder({ instIdCode, clOrdId: 'ws1' } as never)).toMatchObject({ code: '0' })
    await expect(client.cancelOrder({ instIdCode, clOrdId: 'ws1' } as never)).rejects.toMatchObject({ code: '1', data: [{ sCode: '51400' }] })
    const batch = await client.submitMultipleOrders([order, order])
    expect(batch).toMatchObject({ code: '0', data: [{ sCode: '0' }, { sCode: '0' }] })
    expect(await client.cancelMultipleOrders((batch.data as { ordId: string }[]).map(({ ordId }) => ({ instIdCode, ordId })) as never)).toMatchObject({ code: '0' })
  })

  it('comes back by itself when the venue announces an upgrade and when its connection is cut', async () => {
    const stream = new Stream('public', false)
    await stream.subscribe([{ channel: 'books5', instId: BTC }])
    venue.front.faults.announceUpgrade(100)
    const before = stream.updates.length
    await until('a new connection', () => stream.reconnects > 0 && stream.updates.length > before + 3)
  })
})
