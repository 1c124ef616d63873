import { describe, expect, it } from 'vitest'

import { BUY, SELL } from '../../../src/core/index.ts'
import { endings, perSecond, refusals } from '../../../src/exchange/bybit/index.ts'
import type { CancelReason, Refusal } from '../../../src/exchange/port.ts'
import { at, Bench, limit, START_MS, type Frame } from './harness.ts'

const list = (frame: Frame): Frame[] => at(frame, 'result', 'list') as Frame[]
const id = (frame: Frame): string => at(frame, 'result', 'orderId') as string

describe('orders over REST', () => {
  it('creates, amends, cancels and cancels all', () => {
    const bench = new Bench()
    const created = bench.post('/v5/order/create', limit({ orderLinkId: 'a1_b-2' }))
    expect(created).toMatchObject({ retCode: 0, retMsg: 'OK', result: { orderLinkId: 'a1_b-2' }, retExtInfo: {}, time: START_MS })
    expect(bench.post('/v5/order/amend', { category: 'linear', symbol: 'BTCUSDT', orderId: id(created), price: '63999.9' })['retCode']).toBe(0)
    expect(list(bench.get('/v5/order/realtime', 'category=linear&symbol=BTCUSDT'))).toMatchObject([{ price: '63999.90', qty: '0.010', orderStatus: 'New', leavesQty: '0.010', timeInForce: 'GTC', rejectReason: 'EC_NoError' }])
    expect(bench.post('/v5/order/cancel', { category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'a1_b-2' })['retCode']).toBe(0)
    bench.post('/v5/order/create', limit())
    bench.post('/v5/order/create', limit({ symbol: 'ETHUSDT', price: '10', qty: '1.00' }))
    expect(list(bench.post('/v5/order/cancel-all', { category: 'linear', symbol: 'BTCUSDT' }))).toHaveLength(1)
    const rest = bench.post('/v5/order/cancel-all', { category: 'linear', settleCoin: 'USDT' })
    expect(rest).toMatchObject({ result: { success: '1' } })
    expect(list(rest)).toHaveLength(1)
  })

  it.each(Object.entries(refusals))('turns the refusal %s into its code', (refusal, verdict) => {
    const bench = new Bench()
    bench.exchange.refuseNext = refusal as Refusal
    expect(bench.post('/v5/order/create', limit())).toMatchObject({ retCode: verdict.code, retMsg: verdict.text, result: {} })
  })

  it('uses the codes that clients know', () => {
    const code = (refusal: Refusal): number => refusals[refusal].code
    expect([code('duplicate-client-id'), code('order-not-found'), code('reduce-only-no-position'), code('insufficient-margin'), code('below-min-notional'), code('leverage-unchanged'), code('bad-price')]).toEqual([110072, 110001, 110017, 110007, 110094, 110043, 10001])
    const ending = (reason: CancelReason): string => endings[reason].rejectReason
    expect([ending('post-only-would-take'), ending('fok-not-fillable'), ending('ioc-remainder')]).toEqual(['EC_PostOnlyWillTakeLiquidity', 'EC_CancelForNoFullFill', 'EC_NoImmediateQtyToFill'])
  })

  it.each([
    ['number as size', { qty: 0.01 }], ['negative size', { qty: '-0.010' }], ['NaN size', { qty: 'NaN' }], ['exponent size', { qty: '1e3' }], ['zero size', { qty: '0' }], ['size off the grid', { qty: '0.0005' }],
    ['endless size', { qty: '9'.repeat(400) }], ['empty size', { qty: '' }], ['no size', { qty: undefined }], ['price off the grid', { price: '64000.05' }], ['zero price', { price: '0' }], ['negative price', { price: '-1' }],
    ['absurd price', { price: '99999999999' }], ['unknown side', { side: 'buy' }], ['unknown type', { orderType: 'Iceberg' }], ['unknown time in force', { timeInForce: 'GTD' }], ['unknown symbol', { symbol: 'NOPEUSDT' }],
    ['symbol that is an object property', { symbol: '__proto__' }], ['symbol as array', { symbol: ['BTCUSDT'] }], ['other category', { category: 'spot' }], ['hedge leg', { positionIdx: 1 }], ['leg as text', { positionIdx: '0' }],
    ['flag as text', { reduceOnly: 'true' }], ['long link id', { orderLinkId: 'x'.repeat(37) }], ['link id with a space', { orderLinkId: 'a b' }], ['trigger price without a direction', { triggerPrice: '65000' }], ['trigger direction as text', { triggerPrice: '65000', triggerDirection: '1' }],
    ['trigger by nothing known', { triggerPrice: '65000', triggerDirection: 1, triggerBy: 'Gut' }], ['stop loss off the grid', { stopLoss: '60000.01' }], ['limit take profit of the whole position', { takeProfit: '66000', tpOrderType: 'Limit', tpLimitPrice: '66000' }],
    ['take profit with reduce-only', { takeProfit: '66000', reduceOnly: true }], ['slippage tolerance', { slippageTolerance: '1' }],
  ])('refuses a %s with 10001 and places nothing', (_what, change) => {
    const bench = new Bench()
    expect(bench.post('/v5/order/create', limit(change))['retCode']).toBe(10001)
    expect(bench.exchange.orders('main', {})).toEqual([])
    expect(bench.defects).toEqual([])
  })

  it('closes the whole position with size 0, reduceOnly and closeOnTrigger', () => {
    const bench = new Bench()
    const close = { category: 'linear', symbol: 'BTCUSDT', side: 'Sell', orderType: 'Market', qty: '0', reduceOnly: true, closeOnTrigger: true }
    expect(bench.post('/v5/order/create', close)['retCode']).toBe(110017)
    bench.post('/v5/order/create', limit({ price: '65000.1', qty: '0.700' }))
    expect(bench.post('/v5/order/create', { ...close, side: 'Buy' })['retCode']).toBe(110017)
    expect(bench.post('/v5/order/create', close)['retCode']).toBe(0)
    expect(bench.exchange.position('main', 'BTCUSDT').signedLots).toBe(0)
  })

  it('takes a batch apart at the rate limit: the overflow fails item by item', () => {
    const bench = new Bench()
    const request = Array.from({ length: perSecond['create-batch'] + 3 }, (_, i) => ({ symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.010', price: '64000', orderLinkId: `b-${i}` }))
    const answer = bench.post('/v5/order/create-batch', { category: 'linear', request })
    expect(answer['retCode']).toBe(0)
    expect((at(answer, 'retExtInfo', 'list') as { code: number }[]).map((one) => one.code)).toEqual([...Array<number>(10).fill(0), 10006, 10006, 10006])
    expect(list(answer).map((one) => one['orderLinkId'])).toEqual(request.map((one) => one.orderLinkId))
    expect(bench.exchange.orders('main', {})).toHaveLength(10)
    bench.run(1_000)
    expect(list(bench.post('/v5/order/cancel-batch', { category: 'linear', request: [{ symbol: 'BTCUSDT', orderLinkId: 'b-0' }, { symbol: 'BTCUSDT', orderLinkId: 'b-99' }] }))).toHaveLength(2)
    expect(bench.exchange.orders('main', { open: true })).toHaveLength(9)
    expect(bench.post('/v5/order/cancel-batch', { category: 'linear', request: Array.from({ length: 21 }, () => ({})) })['retCode']).toBe(10001)
  })

  it('pages through orders without loss or repetition while new ones arrive', () => {
    const bench = new Bench({ limits: { perSecond: { ...perSecond, create: 1000 } } })
    const make = (i: number): string => id(bench.post('/v5/order/create', limit({ orderLinkId: `p-${i}` })))
    const placed = Array.from({ length: 25 }, (_, i) => make(i)).reverse()
    const seen: string[] = []
    let cursor = ''
    for (let pages = 0; pages < 10; pages++) {
      const answer = bench.get('/v5/order/realtime', `category=linear&symbol=BTCUSDT&limit=10${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`)
      seen.push(...list(answer).map((one) => one['orderId'] as string))
      make(100 + pages)
      cursor = at(answer, 'result', 'nextPageCursor') as string
      if (cursor === '') break
    }
    expect(seen).toEqual(placed)
    expect(bench.get('/v5/order/realtime', 'category=linear&symbol=BTCUSDT&cursor=nonsense')['retCode']).toBe(10001)
    for (const bad of ['0', '51', '-1', 'x', '1.5']) expect(bench.get('/v5/order/realtime', `category=linear&symbol=BTCUSDT&limit=${bad}`)['retCode']).toBe(10001)
  })

  it('finds a closed order by its id in realtime until the venue restarts, and in the history after its delay', () => {
    const bench = new Bench({ latency: { requestMs: 0, replyMs: 0, pushMs: 0, marketMs: 0, jitterMs: 0, historyMs: 500 } })
    bench.post('/v5/order/create', limit({ orderLinkId: 'gone', price: '65000.1' }))
    const realtime = (): number => list(bench.get('/v5/order/realtime', 'category=linear&orderLinkId=gone')).length
    const history = (): number => list(bench.get('/v5/order/history', 'category=linear&orderLinkId=gone')).length
    expect([realtime(), history()]).toEqual([1, 0])
    bench.run(600)
    expect([realtime(), history()]).toEqual([1, 1])
    bench.front.faults.recentWipedMs = bench.time.wallMs()
    expect([realtime(), history()]).toEqual([0, 1])
    expect(list(bench.get('/v5/order/realtime', 'category=linear&symbol=BTCUSDT&openOnly=1'))).toEqual([])
  })

  it('forgets unfilled cancels after a day, keeps fills for the week', () => {
    const bench = new Bench()
    bench.post('/v5/order/create', limit({ orderLinkId: 'filled', price: '65000.1' }))
    bench.post('/v5/order/create', limit({ orderLinkId: 'cancelled' }))
    bench.post('/v5/order/cancel', { category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'cancelled' })
    expect(list(bench.get('/v5/order/history', 'category=linear')).map((one) => one['orderLinkId'])).toEqual(['cancelled', 'filled'])
    bench.run(25 * 3_600_000)
    expect(list(bench.get('/v5/order/history', 'category=linear')).map((one) => one['orderLinkId'])).toEqual(['filled'])
    bench.run(7 * 24 * 3_600_000)
    expect(list(bench.get('/v5/order/history', 'category=linear'))).toEqual([])
    expect(bench.get('/v5/order/history', 'category=linear&startTime=1&endTime=9999999999')['retCode']).toBe(10001)
  })
})

describe('account queries over REST', () => {
  it('lists flat positions only when asked by symbol', () => {
    const bench = new Bench()
    expect(list(bench.get('/v5/position/list', 'category=linear&settleCoin=USDT'))).toEqual([])
    expect(list(bench.get('/v5/position/list', 'category=linear&symbol=BTCUSDT'))).toMatchObject([{ side: '', size: '0', avgPrice: '0', positionIdx: 0 }])
    expect(bench.get('/v5/position/list', 'category=linear')['retCode']).toBe(10001)
    bench.post('/v5/order/create', limit({ price: '64999', side: 'Sell' }))
    expect(list(bench.get('/v5/position/list', 'category=linear&settleCoin=USDT'))).toMatchObject([{ side: 'Sell', size: '0.010', avgPrice: '65000' }])
  })

  it('sets leverage, both sides alike, and says when nothing changed', () => {
    const bench = new Bench()
    const set = (buyLeverage: unknown, sellLeverage: unknown): unknown => bench.post('/v5/position/set-leverage', { category: 'linear', symbol: 'BTCUSDT', buyLeverage, sellLeverage })['retCode']
    expect([set('20', '20'), set('20', '20'), set('20', '10'), set('x', 'x'), set('-1', '-1'), set(5, 5)]).toEqual([0, 110043, 10001, 10001, 10001, 10001])
  })

  it('answers a change of position mode as the exchange does, and refuses what is none', () => {
    const bench = new Bench()
    const mode = (value: unknown): unknown => bench.post('/v5/position/switch-mode', { category: 'linear', symbol: 'BTCUSDT', mode: value })['retCode']
    expect([mode(0), mode(3), mode('0'), mode(7)]).toEqual([110025, 110025, 10001, 10001])
  })

  it('keeps a transaction log whose balances and sizes add up, funding with the sign of income', () => {
    const bench = new Bench()
    bench.post('/v5/order/create', limit({ price: '65000.1', qty: '0.100' }))
    bench.run(10)
    bench.exchange.fund('main', 'BTCUSDT', '0.65')
    bench.run(10)
    bench.exchange.setLevel('BTCUSDT', BUY, 651_000, 500)
    bench.post('/v5/order/create', limit({ side: 'Sell', orderType: 'Market', price: undefined, qty: '0.040' }))
    const rows = list(bench.get('/v5/account/transaction-log', 'accountType=UNIFIED&category=linear'))
    expect(rows.map((row) => [row['type'], row['size'], row['funding']])).toEqual([['TRADE', '0.060', ''], ['SETTLEMENT', '0.100', '-0.65'], ['TRADE', '0.100', '']])
    for (const row of rows) expect(Number(row['change'])).toBeCloseTo(Number(row['cashFlow']) + Number(row['funding']) - Number(row['fee']), 10)
    for (let i = 0; i + 1 < rows.length; i++) expect(Number(rows[i]!['cashBalance'])).toBeCloseTo(Number(rows[i + 1]!['cashBalance']) + Number(rows[i]!['change']), 10)
    expect(Number(rows[2]!['cashBalance'])).toBeCloseTo(10_000 - 65_000.1 * 0.1 * 0.00055, 10)
    expect(at(bench.get('/v5/account/wallet-balance', 'accountType=UNIFIED'), 'result', 'list', 0, 'coin', 0, 'walletBalance')).toBe(rows[0]!['cashBalance'])
  })

  it('nets closed profit of both fees, as the published sample does', () => {
    const bench = new Bench()
    bench.post('/v5/order/create', limit({ price: '65000.1', qty: '0.100' }))
    bench.exchange.setLevel('BTCUSDT', BUY, 651_000, 500)
    const sell = bench.post('/v5/order/create', limit({ side: 'Sell', orderType: 'Market', price: undefined, qty: '0.050' }))
    const [row] = list(bench.get('/v5/position/closed-pnl', 'category=linear'))
    expect(row).toMatchObject({ orderId: id(sell), side: 'Sell', closedSize: '0.050', avgEntryPrice: '65000.1', avgExitPrice: '65100', fillCount: '1' })
    const expected = (65_100 - 65_000.1) * 0.05 - 0.00055 * 0.05 * (65_100 + 65_000.1)
    expect(Number(row!['closedPnl'])).toBeCloseTo(expected, 8)
  })

  it('narrows executions by order and type', () => {
    const bench = new Bench()
    bench.post('/v5/order/create', limit({ price: '65000.1', orderLinkId: 'x' }))
    bench.exchange.fund('main', 'BTCUSDT', '1')
    expect(list(bench.get('/v5/execution/list', 'category=linear')).map((one) => one['execType'])).toEqual(['Funding', 'Trade'])
    expect(list(bench.get('/v5/execution/list', 'category=linear&execType=Trade&orderLinkId=x'))).toMatchObject([{ execPrice: '65000.10', execQty: '0.010', orderQty: '0.010', orderPrice: '65000.10' }])
    expect(list(bench.get('/v5/execution/list', 'category=linear&execType=AdlTrade'))).toEqual([])
  })
})

describe('market queries over REST', () => {
  it('lists instruments by pages and by status', () => {
    const bench = new Bench()
    const first = bench.get('/v5/market/instruments-info', 'category=linear&limit=1')
    expect(list(first)).toMatchObject([{ symbol: 'BTCUSDT', fundingInterval: 480, priceFilter: { tickSize: '0.10', minPrice: '0.10' }, lotSizeFilter: { qtyStep: '0.001', minNotionalValue: '5' }, status: 'Trading' }])
    const cursor = at(first, 'result', 'nextPageCursor') as string
    expect(list(bench.get('/v5/market/instruments-info', `category=linear&limit=1&cursor=${cursor}`))).toMatchObject([{ symbol: 'ETHUSDT' }])
    expect(list(bench.get('/v5/market/instruments-info', 'category=linear&status=PreLaunch'))).toEqual([])
    expect(bench.get('/v5/market/instruments-info', 'category=option')['retCode']).toBe(10001)
  })

  it('shows book, trades, ticker and time', () => {
    const bench = new Bench()
    bench.exchange.trade('BTCUSDT', SELL, 650_000, 5)
    expect(bench.get('/v5/market/orderbook', 'category=linear&symbol=BTCUSDT&limit=2')['result']).toMatchObject({ s: 'BTCUSDT', b: [['65000.00', '1.000'], ['64999.90', '1.001']], a: [['65000.10', '2.000'], ['65000.20', '2.001']] })
    expect(list(bench.get('/v5/market/recent-trade', 'category=linear&symbol=BTCUSDT'))).toMatchObject([{ price: '65000.00', side: 'Sell', size: '0.005' }])
    expect(list(bench.get('/v5/market/tickers', 'category=linear&symbol=BTCUSDT'))).toMatchObject([{ lastPrice: '65000.00', bid1Price: '65000.00', ask1Size: '2.000', fundingRate: '0.0001', openInterest: '57798.137' }])
    const time = bench.get('/v5/market/time')
    expect(at(time, 'result', 'timeSecond')).toBe(String(Math.floor((time['time'] as number) / 1000)))
  })

  it('lists candles newest first inside the window, mark prices in rows of five', () => {
    const bench = new Bench()
    bench.exchange.candlesOf = [0, 1, 2, 3].map((i) => ({ startMs: 60_000 * i, openTicks: 10, highTicks: 30, lowTicks: 5, closeTicks: 20, lots: 7, turnover: 3.25 }))
    expect(list(bench.get('/v5/market/kline', 'category=linear&symbol=BTCUSDT&interval=1&start=60000&limit=2'))).toEqual([
      ['180000', '1.00', '3.00', '0.50', '2.00', '0.007', '3.25'], ['120000', '1.00', '3.00', '0.50', '2.00', '0.007', '3.25'],
    ])
    expect(bench.get('/v5/market/kline', 'category=linear&symbol=BTCUSDT&interval=7')['retCode']).toBe(10001)
    bench.exchange.summaryOf = { markPrice: 65_010 }
    bench.exchange.endCandle('BTCUSDT')
    bench.exchange.summaryOf = { markPrice: 64_990 }
    const [row] = list(bench.get('/v5/market/mark-price-kline', 'category=linear&symbol=BTCUSDT&interval=1')) as unknown as string[][]
    expect(row!.slice(1)).toEqual(['65010.00', '65010.00', '64990.00', '64990.00'])
  })

  it('lists funding newest first and wants the end with the start', () => {
    const bench = new Bench()
    expect(list(bench.get('/v5/market/funding/history', 'category=linear&symbol=BTCUSDT'))).toMatchObject([{ fundingRate: '-0.00005', fundingRateTimestamp: '1700006400000' }, { fundingRate: '0.0001' }])
    expect(bench.get('/v5/market/funding/history', 'category=linear&symbol=BTCUSDT&startTime=1')['retCode']).toBe(10001)
  })
})

describe('limits and doors', () => {
  it('lets ten creations per second through, says so in the headers, then 10006', () => {
    const bench = new Bench()
    const answers: { status: string | undefined; code: number; reset: string | undefined }[] = []
    for (let i = 0; i < 12; i++) {
      bench.ask('POST', '/v5/order/create', { body: limit() }, ({ headers, body }) => answers.push({ status: headers['X-Bapi-Limit-Status'], code: (JSON.parse(body) as { retCode: number }).retCode, reset: headers['X-Bapi-Limit-Reset-Timestamp'] }))
    }
    const nowMs = bench.time.wallMs()
    bench.run(1)
    expect(answers.map((one) => one.code)).toEqual([...Array<number>(10).fill(0), 10006, 10006])
    expect(answers.map((one) => one.status)).toEqual(['9', '8', '7', '6', '5', '4', '3', '2', '1', '0', '0', '0'])
    expect([answers[9]!.reset, answers[10]!.reset]).toEqual([String(nowMs), String(nowMs + 1_000)])
    expect(bench.post('/v5/order/cancel-all', { category: 'linear', symbol: 'BTCUSDT' })['retCode']).toBe(0)
    bench.run(1_000)
    expect(bench.post('/v5/order/create', limit())['retCode']).toBe(0)
  })

  it('shuts an address out over 600 requests in 5 s, for as long as it is told, and no other address', () => {
    const bench = new Bench({ limits: { ipBanMs: 20_000 } })
    const statuses: number[] = []
    for (let i = 0; i < 602; i++) bench.ask('GET', '/v5/market/time', { ip: '10.0.0.1' }, ({ status }) => statuses.push(status))
    bench.run(1)
    expect(statuses.slice(599)).toEqual([200, 403, 403])
    expect(bench.http('GET', '/v5/market/time', { ip: '10.0.0.2' }).status).toBe(200)
    bench.run(19_000)
    expect(bench.http('GET', '/v5/market/time', { ip: '10.0.0.1' }).status).toBe(403)
    bench.run(1_001)
    expect(bench.http('GET', '/v5/market/time', { ip: '10.0.0.1' }).status).toBe(200)
    expect(bench.front.counters.addressBans).toBe(1)
  })

  it('answers 404 for unknown paths and methods, 403 for a GET with a body, 413 for a giant', () => {
    const bench = new Bench()
    expect(bench.http('GET', '/v5/nothing').status).toBe(404)
    expect(bench.http('GET', '/v5/order/create').status).toBe(404)
    expect(bench.http('GET', '/v5/market/time', { body: '{}' }).status).toBe(403)
    expect(bench.http('POST', '/v5/order/create', { body: 'x'.repeat(1_048_577) }).status).toBe(413)
  })

  it('answers later than asked, by both ways and within the jitter', () => {
    const bench = new Bench({ latency: { requestMs: 5, replyMs: 7, pushMs: 0, marketMs: 0, jitterMs: 4, historyMs: 0 } })
    const started = bench.time.nowNs()
    for (let i = 0; i < 20; i++) bench.ask('GET', '/v5/market/time', {}, () => {
      const ms = (bench.time.nowNs() - started) / 1e6
      expect(ms).toBeGreaterThanOrEqual(12)
      expect(ms).toBeLessThan(20)
    })
    bench.run(11.9)
    expect(bench.said).toEqual([])
    bench.run(10)
    expect(bench.said).toHaveLength(20)
  })

  it('executes a command whose answer is lost, delays one, refuses one', () => {
    const bench = new Bench()
    let answers = 0
    bench.front.faults.loseReplies()
    bench.ask('POST', '/v5/order/create', { body: limit({ orderLinkId: 'x' }) }, () => answers++)
    bench.run(100_000)
    expect([answers, bench.exchange.orders('main', {}).length, bench.front.counters.repliesLost]).toEqual([0, 1, 1])
    expect(bench.post('/v5/order/create', limit({ orderLinkId: 'x' }))['retCode']).toBe(110072)
    bench.front.faults.delayReplies(300)
    const started = bench.time.nowNs()
    bench.post('/v5/order/create', limit())
    expect(bench.time.nowNs() - started).toBeGreaterThanOrEqual(300e6)
    bench.front.faults.refuseCommands({ code: 10016, text: 'Server error.' })
    expect(bench.post('/v5/order/create', limit())['retCode']).toBe(10016)
    expect(bench.exchange.orders('main', {})).toHaveLength(2)
  })

  it('turns a defect of ours into 10016 and goes on', () => {
    const bench = new Bench()
    bench.exchange.breakNext = true
    expect(bench.post('/v5/order/create', limit())['retCode']).toBe(10016)
    expect(bench.defects).toHaveLength(1)
    expect(bench.post('/v5/order/create', limit())['retCode']).toBe(0)
  })

  it('closes its doors in maintenance and opens them again', () => {
    const bench = new Bench()
    bench.front.faults.maintenance = true
    expect(bench.http('GET', '/v5/market/time').status).toBe(503)
    expect(bench.connect('/v5/private').closed).toMatchObject({ code: 1013 })
    bench.front.faults.maintenance = false
    expect(bench.http('GET', '/v5/market/time').status).toBe(200)
  })
})
