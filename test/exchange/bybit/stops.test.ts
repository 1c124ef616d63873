import { describe, expect, it } from 'vitest'

import { BUY, SELL } from '../../../src/core/index.ts'
import { at, fixture, fixturesPresent, limit, type Client, type Frame } from './harness.ts'
import { ManualVenue } from './manual-venue.ts'

const own = { category: 'linear', symbol: 'BTCUSDT' }
const stop = (more: object = {}): object => ({ ...own, side: 'Sell', orderType: 'Market', qty: '0.010', triggerPrice: '64900.0', triggerDirection: 2, ...more })
const buy = (more: object = {}): object => ({ ...own, side: 'Buy', orderType: 'Market', qty: '0.010', ...more })
const list = (frame: Frame): Frame[] => at(frame, 'result', 'list') as Frame[]
const open = (venue: ManualVenue, more = ''): Frame[] => list(venue.get('/v5/order/realtime', `category=linear&symbol=BTCUSDT${more}`))
const told = (client: Client): string[] => ManualVenue.rows(client, 'order').map((row) => `${String(row['stopOrderType'])} ${String(row['orderStatus'])} ${String(row['cancelType'])}`)

describe('conditional orders', () => {
  it('are Untriggered, then Triggered, then an order with the same id, in rows and pushes', () => {
    const venue = new ManualVenue()
    const client = venue.signedIn('/v5/private', ['order'])
    const made = venue.post('/v5/order/create', stop({ orderLinkId: 'stop-1' }))
    expect(made['retCode']).toBe(0)
    expect(open(venue)).toMatchObject([{
      orderId: at(made, 'result', 'orderId'), orderLinkId: 'stop-1', orderStatus: 'Untriggered', stopOrderType: 'Stop', triggerPrice: '64900.00', triggerDirection: 2, triggerBy: 'LastPrice', createType: 'CreateByUser', lastPriceOnCreated: '65000.00',
    }])
    venue.print(649_000)
    venue.run(1)
    expect(told(client)).toEqual(['Stop Untriggered UNKNOWN', 'Stop Triggered UNKNOWN', 'Stop New UNKNOWN', 'Stop Filled UNKNOWN'])
    expect(new Set(ManualVenue.rows(client, 'order').map((row) => row['orderId'])).size).toBe(1)
    expect(open(venue)).toEqual([])
    expect(list(venue.get('/v5/execution/list', 'category=linear'))).toMatchObject([{ stopOrderType: 'Stop', execType: 'Trade', orderLinkId: 'stop-1' }])
  })

  it.each([
    ['rising below the price', { triggerPrice: '64900', triggerDirection: 1 }, 110092], ['falling above the price', { triggerPrice: '65100', triggerDirection: 2 }, 110093], ['off the grid', { triggerPrice: '64900.05' }, 10001],
  ])('are refused when %s', (_, change, code) => {
    const venue = new ManualVenue()
    expect(venue.post('/v5/order/create', stop(change))['retCode']).toBe(code)
    expect(open(venue)).toEqual([])
  })

  it('are ten per symbol, 110009 after that', () => {
    const venue = new ManualVenue()
    for (let i = 0; i < 10; i++) {
      expect(venue.post('/v5/order/create', stop({ triggerPrice: `${64900 - i}.0` }))['retCode']).toBe(0)
      venue.run(200)
    }
    expect(venue.post('/v5/order/create', stop())['retCode']).toBe(110009)
  })

  it('are filtered, amended and cancelled as StopOrder; cancelled ones are Deactivated', () => {
    const venue = new ManualVenue()
    const client = venue.signedIn('/v5/private', ['order'])
    venue.post('/v5/order/create', stop({ orderLinkId: 's' }))
    venue.post('/v5/order/create', limit({ orderLinkId: 'l' }))
    const links = (rows: Frame[]): unknown[] => rows.map((row) => row['orderLinkId'])
    expect([links(open(venue)), links(open(venue, '&orderFilter=StopOrder')), links(open(venue, '&orderFilter=Order'))]).toEqual([['l', 's'], ['s'], ['l']])
    expect(venue.post('/v5/order/amend', { ...own, orderLinkId: 's', triggerPrice: '64800' })['retCode']).toBe(0)
    expect(open(venue, '&orderFilter=StopOrder')).toMatchObject([{ triggerPrice: '64800.00' }])
    expect(list(venue.post('/v5/order/cancel-all', { ...own, orderFilter: 'StopOrder' }))).toMatchObject([{ orderLinkId: 's' }])
    expect(links(open(venue))).toEqual(['l'])
    expect(told(client).at(-1)).toBe('Stop Deactivated CancelByUser')
    expect(list(venue.get('/v5/order/history', 'category=linear'))).toMatchObject([{ orderLinkId: 's', orderStatus: 'Deactivated', cancelType: 'CancelByUser' }])
  })

  it.skipIf(!fixturesPresent)('carry every field of the samples of a stop, a take profit and a stop loss (needs fixtures: RINGMASTER_FIXTURES)', () => {
    const venue = new ManualVenue()
    const client = venue.signedIn('/v5/private', ['order'])
    venue.post('/v5/order/create', stop())
    venue.post('/v5/order/create', stop({ orderType: 'Limit', price: '64890.0' }))
    venue.post('/v5/order/create', buy({ takeProfit: '66000', stopLoss: '64000' }))
    const rows = ManualVenue.rows(client, 'order')
    const like = (kind: string, type: string): Frame => rows.find((row) => row['stopOrderType'] === kind && row['orderType'] === type)!
    for (const [name, row] of [['stop_market', like('Stop', 'Market')], ['stop_limit', like('Stop', 'Limit')], ['take_profit', like('TakeProfit', 'Market')], ['stop_loss', like('StopLoss', 'Market')]] as const) {
      const sample = at(fixture(`ws_private_order_${name}`), 'data', 0) as Frame
      for (const [field, value] of Object.entries(sample)) expect(typeof row[field], `${name}.${field}`).toBe(typeof value)
      for (const field of ['orderStatus', 'stopOrderType', 'tpslMode', 'reduceOnly', 'closeOnTrigger', 'triggerDirection', 'triggerBy'] as const) expect(row[field], `${name}.${field}`).toBe(sample[field])
    }
  })
})

describe('take profit and stop loss', () => {
  it('come with an order, stand in the position row, and are cleared when the position closes', () => {
    const venue = new ManualVenue()
    const client = venue.signedIn('/v5/private', ['order', 'position'])
    expect(venue.post('/v5/order/create', buy({ orderLinkId: 'parent', takeProfit: '65500', stopLoss: '64500', tpslMode: 'Full' }))['retCode']).toBe(0)
    venue.run(5)
    expect(ManualVenue.rows(client, 'position').at(-1)).toMatchObject({ takeProfit: '65500.00', stopLoss: '64500.00', tpslMode: 'Full' })
    expect(open(venue)).toMatchObject([{ stopOrderType: 'StopLoss', parentOrderLinkId: 'parent', createType: 'CreateByStopLoss', tpslMode: 'Full', closeOnTrigger: true }, { stopOrderType: 'TakeProfit' }])
    venue.print(655_000)
    venue.run(5)
    expect(told(client).slice(-2)).toEqual(['TakeProfit Filled UNKNOWN', 'StopLoss Deactivated CancelByTpSlTsClear'])
    expect(list(venue.get('/v5/position/list', 'category=linear&symbol=BTCUSDT'))).toMatchObject([{ size: '0', takeProfit: '', stopLoss: '' }])
  })

  it('are set, moved and removed by trading-stop; nothing changed is 34040, no position and a wrong side are 10001', () => {
    const venue = new ManualVenue()
    const set = (more: object): unknown => venue.post('/v5/position/trading-stop', { ...own, tpslMode: 'Full', positionIdx: 0, ...more })['retCode']
    const row = (): Frame => list(venue.get('/v5/position/list', 'category=linear&symbol=BTCUSDT'))[0]!
    expect(set({ stopLoss: '64500' })).toBe(10001)
    venue.post('/v5/order/create', buy())
    expect(set({ stopLoss: '64500', takeProfit: '66000', slTriggerBy: 'MarkPrice' })).toBe(0)
    expect(row()).toMatchObject({ stopLoss: '64500.00', takeProfit: '66000.00' })
    expect(set({ takeProfit: '66000' })).toBe(34040)
    expect(set({ takeProfit: '64000' })).toBe(10001)
    expect(set({ takeProfit: '0', trailingStop: '100' })).toBe(0)
    expect(row()).toMatchObject({ takeProfit: '', stopLoss: '64500.00', trailingStop: '100.00' })
    expect(set({ stopLoss: '64000', positionIdx: 1 })).toBe(10001)
    expect(open(venue).map((one) => [one['stopOrderType'], one['triggerBy'], one['triggerPrice']])).toEqual([['TrailingStop', 'LastPrice', '64900.10'], ['StopLoss', 'MarkPrice', '64500.00']])
  })

  it('in Partial mode have a size and fire alone', () => {
    const venue = new ManualVenue()
    venue.post('/v5/order/create', buy({ qty: '0.030' }))
    const set = (more: object): unknown => venue.post('/v5/position/trading-stop', { ...own, tpslMode: 'Partial', positionIdx: 0, ...more })['retCode']
    expect(set({ takeProfit: '65500', tpSize: '0.010', stopLoss: '64500', slSize: '0.010', tpOrderType: 'Limit', tpLimitPrice: '65490' })).toBe(0)
    expect(set({ stopLoss: '64400', slSize: '0.031' })).toBe(10001)
    expect(open(venue)).toMatchObject([{ stopOrderType: 'PartialStopLoss', qty: '0.010', tpslMode: 'Partial' }, { stopOrderType: 'PartialTakeProfit', orderType: 'Limit', price: '65490.00' }])
    venue.print(645_000)
    venue.run(5)
    expect(list(venue.get('/v5/position/list', 'category=linear&symbol=BTCUSDT'))).toMatchObject([{ size: '0.020' }])
    expect(open(venue)).toEqual([])
  })
})

describe('hedge mode', () => {
  it('switches, takes orders by positionIdx, shows two rows, and counts results per leg', () => {
    const venue = new ManualVenue()
    const client = venue.signedIn('/v5/private', ['position'])
    expect(venue.post('/v5/position/switch-mode', { category: 'linear', coin: 'USDT', mode: 3 })['retCode']).toBe(0)
    expect(venue.post('/v5/order/create', buy())).toMatchObject({ retCode: 10001, retMsg: 'position idx not match position mode' })
    expect(venue.post('/v5/order/create', buy({ positionIdx: 1, qty: '0.020' }))['retCode']).toBe(0)
    expect(venue.post('/v5/order/create', buy({ positionIdx: 2, side: 'Sell' }))['retCode']).toBe(0)
    venue.run(5)
    expect(list(venue.get('/v5/position/list', 'category=linear&symbol=BTCUSDT'))).toMatchObject([{ positionIdx: 1, side: 'Buy', size: '0.020', adlRankIndicator: 5 }, { positionIdx: 2, side: 'Sell', size: '0.010' }])
    expect(new Set(ManualVenue.rows(client, 'position').map((row) => row['positionIdx']))).toEqual(new Set([1, 2]))
    expect(venue.post('/v5/position/switch-mode', { ...own, mode: 0 })['retCode']).toBe(110024)
    venue.post('/v5/order/create', buy({ positionIdx: 1, side: 'Sell', qty: '0.020', reduceOnly: true }))
    expect(list(venue.get('/v5/position/closed-pnl', 'category=linear'))).toMatchObject([{ side: 'Sell', closedSize: '0.020', closedPnl: '-1.434', avgEntryPrice: '65000.1', avgExitPrice: '64999.9' }])
    expect(list(venue.get('/v5/account/transaction-log', 'category=linear')).map((row) => row['size'])).toEqual(['0.000', '-0.010', '0.020'])
    venue.post('/v5/order/create', buy({ positionIdx: 2 }))
    venue.post('/v5/order/create', limit({ positionIdx: 1 }))
    expect(venue.post('/v5/position/switch-mode', { ...own, mode: 0 })['retCode']).toBe(110028)
    venue.post('/v5/order/cancel-all', own)
    expect(venue.post('/v5/position/switch-mode', { ...own, mode: 0 })['retCode']).toBe(0)
  })
})

describe('price band', () => {
  it('moves a price to its end by default, and refuses it when the account asked for that, also after a restart', () => {
    const venue = new ManualVenue()
    venue.post('/v5/order/create', limit({ side: 'Sell', price: '50000.0', timeInForce: 'PostOnly' }))
    venue.run(1)
    expect(list(venue.get('/v5/order/history', 'category=linear'))).toMatchObject([{ price: '61750.00', rejectReason: 'EC_PostOnlyWillTakeLiquidity' }])
    expect(venue.post('/v5/account/set-limit-px-action', { category: 'linear', modifyEnable: false })['retCode']).toBe(0)
    expect(venue.post('/v5/order/create', limit({ side: 'Sell', price: '50000.0' }))['retCode']).toBe(110003)
    const again = new ManualVenue(venue.ledger.lines)
    expect(again.post('/v5/order/create', limit({ side: 'Sell', price: '50000.0' }))['retCode']).toBe(110003)
    again.post('/v5/account/set-limit-px-action', { category: 'linear', modifyEnable: true })
    expect(again.post('/v5/order/create', limit({ side: 'Sell', price: '50000.0' }))['retCode']).toBe(0)
  })

  it('is told by REST and by its topic, which speaks when it changed', () => {
    const venue = new ManualVenue()
    const client = venue.connect('/v5/public/linear')
    client.say({ op: 'subscribe', args: ['priceLimit.BTCUSDT'] })
    venue.run(1)
    const [first] = client.on('priceLimit.BTCUSDT')
    expect(first).toMatchObject({ data: { symbol: 'BTCUSDT', buyLmt: '68250.00', sellLmt: '61750.00' } })
    expect(venue.get('/v5/market/price-limit', 'category=linear&symbol=BTCUSDT')).toMatchObject({ result: { buyLmt: '68250.00', sellLmt: '61750.00' } })
    venue.run(1_000)
    expect(client.on('priceLimit.BTCUSDT')).toHaveLength(1)
    for (let i = 1; i <= 5; i++) venue.market.flow.setLevel(SELL, 650_000 + i, 0)
    venue.market.flow.setLevel(SELL, 660_001, 10)
    venue.market.level(BUY, 659_999, 10)
    venue.run(3_000)
    expect(client.on('priceLimit.BTCUSDT').length).toBeGreaterThan(1)
  })
})

describe('disconnect protection', () => {
  const protect = (venue: ManualVenue, timeWindow: unknown, product = 'DERIVATIVES'): unknown => venue.post('/v5/order/disconnected-cancel-all', { product, timeWindow })['retCode']

  it('cancels everything when the last protected connection is gone for the window, and not when one comes back', () => {
    const venue = new ManualVenue()
    expect(protect(venue, 5)).toBe(0)
    const other = venue.signedIn('/v5/private', ['order'])
    const first = venue.signedIn('/v5/private', ['dcp.future'])
    const second = venue.signedIn('/v5/private', ['dcp.future'])
    expect(venue.get('/v5/account/query-dcp-info')).toMatchObject({ result: { dcpInfos: [{ product: 'DERIVATIVES', dcpStatus: 'ON', timeWindow: '5' }] } })
    venue.post('/v5/order/create', limit({ orderLinkId: 'l' }))
    venue.post('/v5/order/create', stop({ orderLinkId: 's' }))
    first.session.closed()
    venue.run(6_000)
    expect(open(venue)).toHaveLength(2)
    second.session.closed()
    venue.run(4_000)
    const third = venue.signedIn('/v5/private', ['dcp.future'])
    venue.run(10_000)
    expect(open(venue)).toHaveLength(2)
    third.session.closed()
    venue.run(4_900)
    expect(open(venue)).toHaveLength(2)
    venue.run(200)
    expect(open(venue)).toEqual([])
    expect(told(other).slice(-2)).toEqual([' Cancelled CancelByDCP', 'Stop Deactivated CancelByDCP'])
    expect(venue.get('/v5/account/info')).toMatchObject({ result: { dcpStatus: 'OFF', timeWindow: 5 } })
  })

  it('asks nothing of a connection that unsubscribed, and refuses a window or product that is none', () => {
    const venue = new ManualVenue()
    for (const [window, product] of [[2, 'DERIVATIVES'], [301, 'DERIVATIVES'], [3.5, 'DERIVATIVES'], ['10', 'DERIVATIVES'], [10, 'OPTIONS']] as const) expect(protect(venue, window, product)).toBe(10001)
    const client = venue.signedIn('/v5/private', ['dcp.future'])
    venue.post('/v5/order/create', limit())
    client.say({ op: 'unsubscribe', args: ['dcp.future'] })
    venue.run(1)
    client.session.closed()
    venue.run(60_000)
    expect(open(venue)).toHaveLength(1)
  })
})

describe('liquidation and deleveraging', () => {
  it('are told publicly by the side of the position, and privately as bust and ADL trades', () => {
    const venue = new ManualVenue()
    const client = venue.signedIn('/v5/private', ['order', 'execution'])
    const feed = venue.connect('/v5/public/linear')
    feed.say({ op: 'subscribe', args: ['allLiquidation.BTCUSDT'] })
    venue.post('/v5/order/create', buy({ qty: '0.020' }))
    venue.post('/v5/order/create', limit({ orderLinkId: 'rests' }))
    venue.run(5)
    venue.exchange.operator.deleverage('BTCUSDT', BUY, 5)
    venue.run(5)
    expect(ManualVenue.rows(client, 'execution').at(-1)).toMatchObject({ execType: 'AdlTrade', createType: 'CreateByAdl_PassThrough', execQty: '0.005', execFee: '0', side: 'Sell' })
    expect(told(client)).toContain(' Cancelled CancelAllBeforeAdl')
    venue.exchange.operator.liquidate('main')
    venue.run(1_000)
    expect(ManualVenue.rows(client, 'execution').at(-1)).toMatchObject({ execType: 'BustTrade', createType: 'CreateByLiq', execQty: '0.015' })
    expect(ManualVenue.rows(feed, 'allLiquidation.BTCUSDT')).toMatchObject([{ s: 'BTCUSDT', S: 'Buy', v: '0.015' }])
    expect(list(venue.get('/v5/account/transaction-log', 'category=linear')).map((row) => row['type'])).toEqual(['LIQUIDATION', 'ADL', 'TRADE'])
    expect(list(venue.get('/v5/execution/list', 'category=linear&execType=AdlTrade'))).toHaveLength(1)
  })

  it('have an estimated price in the position row', () => {
    const venue = new ManualVenue()
    venue.post('/v5/position/set-leverage', { ...own, buyLeverage: '100', sellLeverage: '100' })
    venue.post('/v5/order/create', buy({ qty: '100' }))
    venue.post('/v5/order/create', buy({ qty: '4' }))
    const row = list(venue.get('/v5/position/list', 'category=linear&symbol=BTCUSDT'))[0]!
    expect(Number(row['liqPrice'])).toBeGreaterThan(0)
    expect(Number(row['liqPrice'])).toBeLessThan(65_000)
  })
})

describe('instruments and account', () => {
  const info = (venue: ManualVenue, query = '&symbol=BTCUSDT'): Frame | undefined => list(venue.get('/v5/market/instruments-info', `category=linear${query}`))[0]

  it('instruments-info follows changes of terms and status', () => {
    const venue = new ManualVenue()
    expect(info(venue)).toMatchObject({ status: 'Trading', deliveryTime: '0', priceFilter: { tickSize: '0.10' }, lotSizeFilter: { qtyStep: '0.001' }, fundingInterval: 480 })
    venue.exchange.operator.changeContract('BTCUSDT', { tickSteps: 5, lotSteps: 10, minLots: 10, fundingIntervalMin: 240, maxMarketLots: 1_000 })
    expect(info(venue)).toMatchObject({ priceFilter: { tickSize: '0.50', minPrice: '0.50' }, lotSizeFilter: { qtyStep: '0.010', minOrderQty: '0.010', maxMktOrderQty: '1.000' }, fundingInterval: 240 })
    expect(list(venue.get('/v5/market/tickers', 'category=linear&symbol=BTCUSDT'))).toMatchObject([{ fundingIntervalHour: '4' }])
    expect(venue.post('/v5/order/create', limit({ price: '64000.1' }))['retCode']).toBe(10001)
    const atMs = venue.time.wallMs() + 60_000
    venue.exchange.operator.announceChange('BTCUSDT', { status: 'Closed' }, atMs)
    expect(info(venue)).toMatchObject({ status: 'Trading', deliveryTime: String(atMs) })
    venue.exchange.operator.changeContract('BTCUSDT', { status: 'Suspended' })
    expect(info(venue)).toMatchObject({ status: 'PreLaunch' })
    expect(info(venue, '')).toBeUndefined()
    expect(venue.post('/v5/order/create', limit())['retCode']).toBe(110074)
    venue.run(61_000)
    expect(info(venue, '&status=Closed')).toMatchObject({ status: 'Closed' })
  })

  it('pre-check tells the margin rates before and after and places nothing', () => {
    const venue = new ManualVenue()
    const checked = venue.post('/v5/order/pre-check', limit({ qty: '1.000', orderLinkId: 'x' }))
    expect(checked).toMatchObject({ retCode: 0, result: { orderLinkId: 'x', preImrE4: 0, preMmrE4: 0, postImrE4: 640, postMmrE4: 0 } })
    expect(venue.post('/v5/order/pre-check', limit({ qty: '1000' }))['retCode']).toBe(110007)
    expect(open(venue)).toEqual([])
    expect(venue.post('/v5/order/create', limit({ orderLinkId: 'x' }))['retCode']).toBe(0)
  })

  it('knows cross margin only', () => {
    const venue = new ManualVenue()
    const mode = (setMarginMode: unknown): unknown => venue.post('/v5/account/set-margin-mode', { setMarginMode })['retCode']
    expect([mode('REGULAR_MARGIN'), mode('ISOLATED_MARGIN'), mode('PORTFOLIO_MARGIN'), mode('MINE'), mode(1)]).toEqual([0, 3_400_045, 3_400_045, 10001, 10001])
  })

  it('an order by hand has no link id and its own create type', () => {
    const venue = new ManualVenue()
    const client = venue.signedIn('/v5/private', ['order'])
    venue.post('/v5/order/create', buy())
    venue.exchange.operator.closeByHand('main', 'BTCUSDT')
    venue.run(5)
    expect(ManualVenue.rows(client, 'order').at(-1)).toMatchObject({ orderLinkId: '', createType: 'CreateByClosing', orderStatus: 'Filled', reduceOnly: true })
  })

  it('a restart of the trade service answers orders with 10019 and REST with 503', () => {
    const venue = new ManualVenue()
    const trade = venue.signedIn('/v5/trade')
    venue.front.faults.maintenance = true
    trade.say({ reqId: 'r', header: { 'X-BAPI-TIMESTAMP': String(venue.time.wallMs()) }, op: 'order.create', args: [limit()] })
    venue.run(1)
    expect(trade.last()).toMatchObject({ reqId: 'r', retCode: 10019, op: 'order.create' })
    expect(venue.request('POST', '/v5/order/create', JSON.stringify(limit())).status).toBe(503)
    expect(venue.defects).toEqual([])
  })
})
