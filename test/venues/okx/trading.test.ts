import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { BUY, errorLabel, SELL } from '../../../src/core/index.ts'
import type { CommandOutcome, HttpOutcome, OrderEvidence, OrderRequest } from '../../../src/venues/index.ts'
import { BTC, CREDENTIALS, ETH, firstRow, fixturesPresent, frame, http, item, ok, OkxWorld, refused, type Row, swap, WALL_MS } from './okx-world.ts'
import { BALANCE, FILL, FILLED, ORDER, POSITION, ROW, routes, TradingWorld } from './trading-world.ts'

describe('private connection', () => {
  it('measures the clock, reads the contracts and the account, logs in on the venue\'s time, and is up only when all channels are acknowledged', () => {
    const w = new TradingWorld()
    w.venueAheadMs = 40_000
    w.begin()
    expect(w.handler.links).toEqual([])
    w.socket.open()
    const login = (w.socket.sent[0]!['args'] as Row[])[0]!
    const timestamp = String(login['timestamp'])
    expect(login).toMatchObject({ apiKey: 'testkey', passphrase: 'testphrase', sign: createHmac('sha256', 'testsecret').update(`${timestamp}GET/users/self/verify`).digest('base64') })
    expect(Math.abs(Number(timestamp) * 1000 - w.venueMs())).toBeLessThanOrEqual(1100)
    w.socket.receive({ event: 'login', code: '0', msg: '', connId: 'c' })
    expect(w.socket.sent[1]).toMatchObject({ op: 'subscribe', args: [{ channel: 'orders', instType: 'SWAP' }, { channel: 'positions', instType: 'SWAP' }, { channel: 'account' }, { channel: 'balance_and_position' }] })
    const [orders, positions, account, both] = w.socket.sent[1]!['args'] as Row[]
    w.socket.receive({ event: 'subscribe', arg: orders, connId: 'c' })
    w.socket.receive({ event: 'subscribe', arg: positions, connId: 'c' })
    expect(w.handler.links).toEqual([])
    w.socket.receive({ event: 'subscribe', arg: account, connId: 'c' })
    w.socket.receive({ event: 'subscribe', arg: both, connId: 'c' })
    expect(w.handler.links).toEqual(['up'])
  })

  it('an account in hedge mode stays down, with the reason told, until it is switched', () => {
    const w = new TradingWorld()
    w.posMode = 'long_short_mode'
    w.begin()
    expect(w.handler.links[0]).toMatch(/^down: .*RM_VENUE_ACCOUNT_MODE.*long_short_mode.*net_mode/)
    expect(w.transport.sockets).toEqual([])
    w.posMode = 'net_mode'
    w.run(1100)
    expect(w.connections).toBe(1)
  })

  it('comes up on our own clock when the venue\'s cannot be measured, and sends no deadline by it', () => {
    const w = new TradingWorld()
    const answer = w.transport.respond
    w.transport.respond = (request, query, path) => (path === '/api/v5/public/time' ? null : answer(request, query, path))
    w.begin()
    w.run(5100)
    w.login()
    w.subscribe()
    expect(w.handler.links).toEqual(['up'])
    w.place()
    expect(w.socket.sent.at(-1)).not.toHaveProperty('expTime')
  })

  it('stopped before it could connect, it connects nothing', () => {
    const w = new TradingWorld()
    w.port.start(w.handler)
    w.port.stop()
    w.run(30_000)
    expect(w.transport.sockets).toEqual([])
  })

  it('a refused login is told with the venue\'s words, measures the clock and is tried again', () => {
    const w = new TradingWorld()
    w.begin()
    w.socket.open()
    const asked = w.transport.asked('/api/v5/public/time')
    w.socket.receive({ event: 'error', code: '60009', msg: 'Login failed.', connId: 'c' })
    expect(w.handler.links).toEqual(['down: login refused: 60009 Login failed.'])
    w.run(1000)
    expect([w.connections, w.transport.asked('/api/v5/public/time') > asked]).toEqual([2, true])
  })

  it('too many connections on a channel is a refused subscription, a mere count is nothing', () => {
    const w = new TradingWorld()
    w.begin()
    w.login()
    w.socket.receive({ event: 'channel-conn-count', channel: 'orders', connCount: '2', connId: 'c' })
    expect(w.handler.links).toEqual([])
    w.socket.receive({ event: 'channel-conn-count-error', channel: 'orders', connCount: '30', connId: 'c' })
    expect(w.handler.links).toEqual(['down: subscription refused: too many connections on orders'])
  })

  it('after a lost connection it is up again only after a new login and subscription', () => {
    const w = new TradingWorld()
    w.up()
    w.socket.drop(4004, 'no data')
    w.run(1000)
    expect(w.handler.links).toEqual(['up', 'down: closed by the other side: 4004 no data'])
    w.login()
    w.subscribe()
    expect(w.handler.links.at(-1)).toBe('up')
  })

  it.each<[string, unknown]>([
    ['no JSON', '{"a'], ['neither event, op nor arg', { data: [] }], ['rows that are no list', { arg: { channel: 'orders' }, data: {} }], ['a row that is no object', { arg: { channel: 'orders' }, data: [1] }],
    ['a state that is not known', { arg: { channel: 'orders' }, data: [ROW({ state: 'odd' })] }], ['a size that is none', { arg: { channel: 'orders' }, data: [ROW({ sz: '-1' })] }],
    ['a hedge leg', { arg: { channel: 'positions' }, data: [POSITION({ posSide: 'long', pos: '1' })] }], ['an isolated position', { arg: { channel: 'positions' }, data: [POSITION({ mgnMode: 'isolated' })] }],
    ['a fill of several without its own fee', { arg: { channel: 'orders' }, data: [FILLED({ fillFee: '', fillSz: '1' })] }],
  ])('%s may hide an event: the link goes down, so that the account is asked', (_what, bad) => {
    const w = new TradingWorld()
    w.up()
    w.socket.receive(bad)
    expect(w.handler.links.length).toBe(2)
    expect(w.handler.links[1]).toMatch(/^down: /)
    expect([...w.handler.orders, ...w.handler.fills, ...w.handler.positions]).toEqual([])
  })

  it('F24: rows off the grid, as after a change of tick or lot, are told with their exact text and touch nobody else', () => {
    const w = new TradingWorld()
    w.up()
    w.socket.receive({ arg: { channel: 'orders' }, data: [FILLED({ px: '60000.06', fillPx: '60000.06', sz: '1.234', fillSz: '1.234', accFillSz: '1.234' })] })
    w.socket.receive({ arg: { channel: 'positions' }, data: [POSITION({ pos: '-1.239' })] })
    expect(w.handler.links).toEqual(['up'])
    expect(w.handler.fills).toMatchObject([{ priceTicks: 600_001, priceText: '60000.06', lots: 123, sizeText: '1.234' }])
    expect(w.handler.orders).toMatchObject([{ priceTicks: 600_001, lots: 123, filledLots: 123 }])
    expect(w.handler.positions).toMatchObject([{ signedLots: -123, sizeText: '-1.239' }])
  })

  it('EX-50: keeps the coin of a fee, the price between two ticks and the venue\'s own result, as the venue wrote them', () => {
    const w = new TradingWorld()
    w.up()
    w.push('orders', FILLED({ fillFeeCcy: 'OKB', fillFee: '-0.00012', fillPnl: '1.25' }))
    w.push('orders', FILLED({ category: 'full_liquidation', fillPx: '60000.0375', tradeId: '8', fillPnl: '-12.123456789', fillFee: '-0.5', fillFeeCcy: 'USDT' }))
    const [other, forced] = w.handler.fills
    expect(other).toMatchObject({ fee: '0.00012', feeCoin: 'OKB', realised: '1.25' })
    expect(other!.priceText).toBeUndefined()
    expect(forced).toMatchObject({ kind: 'liquidation', fee: '0.5', priceTicks: 600_000, priceText: '60000.0375', realised: '-12.123456789' })
    expect(forced!.feeCoin).toBeUndefined()
  })

  it('leaves rows of other instruments out', () => {
    const w = new TradingWorld()
    w.up()
    w.push('orders', ROW({ instId: 'SOL-USDT-SWAP' }), ROW({ instId: 'BTC-USD-SWAP' }), ROW())
    w.push('positions', POSITION({ instId: 'BTC-USD-220527', posSide: 'long' }))
    expect([w.handler.orders.length, w.handler.positions.length, w.handler.links]).toEqual([1, 0, ['up']])
  })
})

describe('rows of the stream', () => {
  it('one row of an order brings its fill first, then the order, in lots of base coin, a fee that costs as a positive number', () => {
    const w = new TradingWorld()
    w.up()
    w.push('orders', FILLED())
    expect(w.handler.log).toEqual(['fill 312-777', 'order filled'])
    expect(w.handler.fills).toEqual([{ executionId: '312-777', clientId: 'a1', venueId: '312', symbol: 'BTCUSDT', side: BUY, priceTicks: 600_000, lots: 123, fee: '0.0246', maker: true, kind: 'trade', timeMs: 1_700_000_000_002 }])
    expect(w.handler.orders).toEqual([{ clientId: 'a1', venueId: '312', symbol: 'BTCUSDT', side: BUY, status: 'filled', priceTicks: 600_000, lots: 123, filledLots: 123, averagePrice: '60000', reduceOnly: false, reason: '', updatedMs: 1_700_000_000_001 }])
  })

  it('repeats pass on with the same execution id, and a rebate is a negative cost', () => {
    const w = new TradingWorld()
    w.up()
    w.push('orders', FILLED({ fillFee: '0.001' }))
    w.push('orders', FILLED({ fillFee: '0.001', uTime: '1700000000009' }))
    expect(w.handler.fills.map((fill) => [fill.executionId, fill.fee])).toEqual([['312-777', '-0.001'], ['312-777', '-0.001']])
  })

  it('an update without a fill of its own brings none, the filled size still counts', () => {
    const w = new TradingWorld()
    w.up()
    w.push('orders', FILLED({ fillSz: '0', tradeId: '' }))
    expect([w.handler.fills, w.handler.orders[0]!.filledLots]).toEqual([[], 123])
  })

  it('a forced fill without a trade id has the same identity over the stream and the query', () => {
    const w = new TradingWorld()
    w.up()
    w.push('orders', FILLED({ category: 'full_liquidation', tradeId: '0', clOrdId: '', ordType: 'market', px: '', fillPx: '60000.04' }))
    w.respond = routes({ 'trade/orders-pending': ok([]), 'account/positions': ok([]), 'account/balance': ok([BALANCE()]), 'trade/fills': ok([FILL('0', { clOrdId: '', subType: '104', fillPx: '60000.0400' })]), 'account/bills': ok([]) })
    const taken = w.snapshot()
    w.run(1000)
    const [ours] = taken[0]!.snapshot!.fills
    expect(w.handler.fills[0]).toMatchObject({ kind: 'liquidation', priceTicks: 600_000 })
    expect(ours).toMatchObject({ kind: 'liquidation', executionId: w.handler.fills[0]!.executionId })
  })

  it('positions are signed, a closed one is flat; the wallet is that of the quote coin', () => {
    const w = new TradingWorld()
    w.up()
    w.push('positions', POSITION(), POSITION({ instId: 'ETH-USDT-SWAP', pos: '0.02', avgPx: '3000.5', lever: '10.0' }), POSITION({ pos: '0', avgPx: '' }))
    expect(w.handler.positions).toEqual([
      { symbol: 'BTCUSDT', signedLots: -150, entryPrice: '60000', leverage: '10' }, { symbol: 'ETHUSDT', signedLots: 2, entryPrice: '3000.5', leverage: '10.0' }, { symbol: 'BTCUSDT', signedLots: 0, entryPrice: '', leverage: '10' },
    ])
    w.push('account', BALANCE())
    w.push('account', BALANCE({ frozenBal: '' }))
    w.push('account', { totalEq: '0', details: [] })
    expect(w.handler.wallets).toEqual([{ balance: '1000', equity: '1010.5', marginUsed: '110.25', marginAvailable: '900.25' }, { balance: '1000', equity: '1010.5', marginUsed: '110.25', marginAvailable: '900.25' }])
  })

  it.skipIf(!fixturesPresent)('published rows: a swap fill, a liquidation, a deleveraging, a post-only that would take, balances (needs reference fixtures)', () => {
    const w = new TradingWorld()
    w.up()
    for (const name of ['ws_orders_swap', 'ws_orders_liquidation', 'ws_orders_adl', 'ws_orders_postonly_cancelled_synthetic', 'ws_orders_fok', 'ws_orders_docs', 'ws_account', 'ws_account_docs', 'ws_account_empty', 'ws_positions_docs', 'ws_balance_and_position_docs', 'ws_channel_conn_count']) w.socket.receive(frame(name))
    expect(w.handler.links).toEqual(['up'])
    expect(w.handler.fills).toMatchObject([
      { executionId: '2497956918703120384-1518905529', symbol: 'BTCUSDT', priceTicks: 1_036_989, lots: 3, fee: '0.021776769', maker: true, kind: 'trade', clientId: '001BTCUSDT20250106001' },
      { kind: 'liquidation', lots: 50, side: SELL, fee: '20.0' },
      { kind: 'adl', symbol: 'ETHUSDT', lots: 30, side: BUY, fee: '12.3' },
    ])
    expect(w.handler.orders.at(-1)).toMatchObject({ status: 'cancelled', reason: '31 post-only would take', clientId: 'po1', filledLots: 0, averagePrice: '' })
    expect(w.handler.wallets).toMatchObject([{ balance: '100.52768569797846', equity: '100.52768569797846', marginUsed: '0' }, { balance: '4750.426970691436', equity: '4892.951170691435', marginUsed: '158.57998', marginAvailable: '4734.371190691435' }])
  })
})

describe('orders', () => {
  it('an entry leaves with its size in contracts, its deadline and net mode in so many words, and is accepted by its id', () => {
    const w = new TradingWorld()
    w.venueAheadMs = 1000
    w.up()
    const outcomes = w.place()
    const sent = w.socket.sent.at(-1)!
    expect(sent).toMatchObject({ op: 'order', args: [{ instIdCode: 10459, tdMode: 'cross', clOrdId: 'a1', side: 'buy', posSide: 'net', ordType: 'post_only', px: '60000.0', sz: '1.23', reduceOnly: false }] })
    expect(String(sent['id'])).toMatch(/^[a-z0-9]{1,32}$/)
    const leftMs = Number(sent['expTime']) - w.venueMs()
    expect(leftMs > 4990 && leftMs <= 5002).toBe(true)
    w.reply(item('0'))
    expect(outcomes).toEqual([{ kind: 'accepted', venueId: '312' }])
  })

  it.each<[Partial<OrderRequest>, Row]>([
    [{ timeInForce: 'GTC' }, { ordType: 'limit' }], [{ timeInForce: 'IOC', side: SELL, reduceOnly: true }, { ordType: 'ioc', side: 'sell', reduceOnly: true }], [{ timeInForce: 'FOK' }, { ordType: 'fok' }],
    [{ type: 'market', priceTicks: null, timeInForce: 'IOC' }, { ordType: 'market', px: undefined }], [{ symbol: 'ETHUSDT', lots: 7, priceTicks: 300_050 }, { instIdCode: 10461, sz: '0.07', px: '3000.50' }],
  ])('%j is written as the venue wants it', (change, expected) => {
    const w = new TradingWorld()
    w.up()
    w.place({ ...ORDER, ...change })
    const args = (w.socket.sent.at(-1)!['args'] as Row[])[0]!
    for (const [name, value] of Object.entries(expected)) expect(args[name]).toBe(value)
  })

  it.each<[Partial<OrderRequest>]>([
    [{ clientId: 'a-1' }], [{ clientId: '' }], [{ clientId: 'x'.repeat(33) }], [{ lots: 0 }], [{ lots: 1.5 }], [{ priceTicks: null }], [{ priceTicks: 0 }], [{ priceTicks: 1.5 }], [{ type: 'market' }], [{ symbol: 'SOLUSDT' }],
  ])('%j never leaves', (change) => {
    const w = new TradingWorld()
    w.up()
    const before = w.socket.sent.length
    const outcomes = w.place({ ...ORDER, ...change })
    w.run(10)
    expect(outcomes).toMatchObject([{ kind: 'unsent' }])
    expect([w.socket.sent.length, w.transport.asked('/api/v5/trade/order')]).toEqual([before, 0])
  })

  it.each<[Row, Partial<CommandOutcome>]>([
    [item('51008'), { kind: 'refused', errorClass: 'insufficient-margin', code: '51008', text: 'words' }], [item('51016'), { kind: 'refused', errorClass: 'duplicate', code: '51016' }],
    [{ code: '60013', msg: 'Invalid args', data: [] }, { kind: 'refused', errorClass: 'rejected', code: '60013', text: 'Invalid args' }], [{ code: '50011', msg: 'Too many', data: [] }, { kind: 'refused', errorClass: 'rate-limited' }],
    // What may have been taken is never called refused.
    [item('51149'), { kind: 'unknown' }], [{ code: '64007', msg: 'internal', data: [] }, { kind: 'unknown' }], [{ code: '0', msg: '', data: [] }, { kind: 'unknown' }], [{ code: '1', msg: '', data: [{}] }, { kind: 'unknown' }], [{ msg: '' }, { kind: 'unknown' }],
  ])('the answer %j makes %j', (answer, expected) => {
    const w = new TradingWorld()
    w.up()
    const outcomes = w.place()
    w.reply(answer)
    w.run(6000)
    expect(outcomes.length).toBe(1)
    expect(outcomes[0]).toMatchObject(expected)
  })

  it('an order without an answer is unknown at its deadline, once, and a late answer changes nothing', () => {
    const w = new TradingWorld()
    w.up()
    const outcomes = w.place()
    w.run(5001)
    expect(outcomes).toMatchObject([{ kind: 'unknown' }])
    w.reply(item('0'))
    expect([outcomes.length, w.counts.get('okx_trade_answer_unexpected')]).toEqual([1, 1])
  })

  it('orders on a connection that is lost are unknown, each once, and are not sent again', () => {
    const w = new TradingWorld()
    w.up()
    const outcomes = [...[w.place(), w.place({ ...ORDER, clientId: 'a2' })]]
    w.socket.drop()
    w.run(20_000)
    expect(outcomes.map((list) => list.map((outcome) => outcome.kind))).toEqual([['unknown'], ['unknown']])
    expect(w.transport.asked('/api/v5/trade/order')).toBe(0)
  })

  it('answers find their commands by id, in any order', () => {
    const w = new TradingWorld()
    w.up()
    const first = w.place()
    const second = w.place({ ...ORDER, clientId: 'a2' })
    const ids = w.socket.ops('order').map((sent) => sent['id'])
    w.socket.receive({ id: ids[1], op: 'order', ...item('0', { ordId: '2' }) })
    w.socket.receive({ id: ids[0], op: 'order', ...item('0', { ordId: '1' }) })
    w.socket.receive({ id: 'foreign', op: 'order', ...item('51008') })
    expect([first, second]).toEqual([[{ kind: 'accepted', venueId: '1' }], [{ kind: 'accepted', venueId: '2' }]])
  })

  it('while the socket is down orders go over REST, signed, by the instrument\'s name', () => {
    const w = new TradingWorld()
    w.begin()
    w.respond = routes({ 'trade/order': http(200, item('0')), 'trade/cancel-order': http(200, item('51400')) })
    const placed = w.place()
    const cancelled = w.cancel()
    w.run(100)
    expect(placed).toEqual([{ kind: 'accepted', venueId: '312' }])
    expect(cancelled).toMatchObject([{ kind: 'refused', errorClass: 'not-found', code: '51400' }])
    const request = w.transport.requests.find((one) => one.path === '/api/v5/trade/order')!
    expect(JSON.parse(request.body!)).toMatchObject({ instId: 'BTC-USDT-SWAP', sz: '1.23', clOrdId: 'a1', tdMode: 'cross' })
    const stamp = request.headers['OK-ACCESS-TIMESTAMP']!
    expect(request.headers['OK-ACCESS-SIGN']).toBe(createHmac('sha256', CREDENTIALS.secret).update(`${stamp}POST/api/v5/trade/order${request.body}`).digest('base64'))
    expect(Number(request.headers['expTime']) - Date.parse(stamp)).toBe(5000)
    expect(request.headers).not.toHaveProperty('x-simulated-trading')
  })

  it('demo requests say that they are', () => {
    const w = new TradingWorld({}, { simulated: true })
    w.begin()
    expect(w.transport.requests.every((request) => request.headers['x-simulated-trading'] === '1')).toBe(true)
  })

  it.each<[string, HttpOutcome | null, string, number?]>([
    ['silence', null, 'unknown'], ['HTTP 502', http(502, 'bad gateway'), 'unknown'], ['HTTP 200 without an envelope', http(200, '<html>'), 'unknown'], ['HTTP 500 around "done"', http(500, item('0')), 'unknown'],
    ['code 50004', refused('50004'), 'unknown'], ['a lost connection', { kind: 'failure', sent: true, reason: 'reset' }, 'unknown'], ['a refused connection', { kind: 'failure', sent: false, reason: 'refused' }, 'unsent', 4],
    ['HTTP 429', http(429, ''), 'refused'], ['HTTP 401 for the clock', refused('50102', 'expired', 401), 'refused', 4], ['a passed deadline', http(200, item('50036')), 'refused', 4],
  ])('an entry over REST that meets %s is repeated only where it was not taken for certain, and not for long', (_what, answer, kind, times = 1) => {
    const w = new TradingWorld()
    w.begin()
    w.respond = routes({ 'trade/order': answer })
    const outcomes = w.place()
    w.run(20_000)
    expect(outcomes.map((outcome) => outcome.kind)).toEqual([kind])
    expect(w.transport.asked('/api/v5/trade/order')).toBeGreaterThan(times === 1 ? 0 : 1)
    expect(w.transport.asked('/api/v5/trade/order')).toBeLessThanOrEqual(times)
  })

  it('an instrument without a code, or one whose code is refused, goes over REST', () => {
    const w = new TradingWorld()
    w.instruments = [swap('BTC'), swap('ETH', { ctVal: '0.1', tickSz: '0.01', instIdCode: null })]
    w.up()
    w.respond = routes({ 'trade/order': http(200, item('0')) })
    const eth = w.place({ ...ORDER, symbol: 'ETHUSDT' })
    const btc = w.place()
    w.reply(item('51001'))
    w.run(100)
    expect([eth, btc]).toEqual([[{ kind: 'accepted', venueId: '312' }], [{ kind: 'accepted', venueId: '312' }]])
    const before = w.socket.ops('order').length
    w.place({ ...ORDER, clientId: 'a2' })
    expect(w.socket.ops('order').length).toBe(before)
  })

  it('a cancel refused for the clock measures it and asks once more', () => {
    const w = new TradingWorld()
    w.up()
    const outcomes = w.cancel()
    expect(w.socket.sent.at(-1)).toMatchObject({ op: 'cancel-order', args: [{ instIdCode: 10459, clOrdId: 'a1' }] })
    w.reply({ code: '60006', msg: 'expired', data: [] })
    w.run(50)
    expect(w.socket.ops('cancel-order').length).toBe(2)
    w.reply(item('0'))
    expect(outcomes).toEqual([{ kind: 'accepted', venueId: '312' }])
  })

  it('an announced upgrade waits for the last answer before the connection is left, and new commands go round it', () => {
    const w = new TradingWorld()
    w.up()
    w.respond = routes({ 'trade/order': http(200, item('0', { ordId: 'rest' })) })
    const first = w.place()
    w.socket.receive({ event: 'notice', code: '64008', msg: 'soon', connId: 'c' })
    expect(w.handler.links).toEqual(['up'])
    const second = w.place({ ...ORDER, clientId: 'a2' })
    w.run(10)
    expect(second).toEqual([{ kind: 'accepted', venueId: 'rest' }])
    w.reply(item('0'))
    expect(first).toEqual([{ kind: 'accepted', venueId: '312' }])
    expect(w.handler.links.at(-1)).toMatch(/^down: the venue will close/)
  })

  it('more entries in 2 s than 60 without the reserve wait for their turn or never leave', () => {
    const w = new TradingWorld()
    w.up()
    const outcomes = Array.from({ length: 61 }, (_, i) => w.place({ ...ORDER, clientId: `b${i}` }))
    expect(w.socket.ops('order').length).toBe(48)
    w.run(600)
    expect(outcomes[60]).toMatchObject([{ kind: 'unsent' }])
  })

  it('cancel all lists the open orders and cancels them twenty at a time; one that is gone already does no harm', () => {
    const w = new TradingWorld()
    w.begin()
    const open = Array.from({ length: 45 }, (_, i) => ROW({ ordId: String(1000 + i) }))
    const batches: Row[][] = []
    w.respond = (request, query, path) => {
      if (path !== '/api/v5/trade/cancel-batch-orders' && path !== '/api/v5/trade/orders-pending') return null
      if (path === '/api/v5/trade/orders-pending') return query.get('instId') === 'BTC-USDT-SWAP' ? ok(open) : null
      const batch = JSON.parse(request.body!) as Row[]
      batches.push(batch)
      return http(200, { code: batches.length === 2 ? '2' : '0', msg: '', data: batch.map((one, i) => ({ ordId: one['ordId'], clOrdId: '', sCode: batches.length === 2 && i === 3 ? '51400' : '0', sMsg: '' })) })
    }
    const outcomes: CommandOutcome[] = []
    w.port.cancelAll('BTCUSDT', (outcome) => outcomes.push(outcome))
    w.run(100)
    expect(outcomes).toEqual([{ kind: 'accepted', venueId: '' }])
    expect(batches.map((batch) => batch.length)).toEqual([20, 20, 5])
    expect(new Set(batches.flat().map((one) => one['ordId'])).size).toBe(45)
  })

  it('cancel all is unknown when one of the cancels is, and unsent when the orders cannot be listed', () => {
    const w = new TradingWorld()
    w.begin()
    const outcomes: CommandOutcome[] = []
    w.respond = routes({ 'trade/orders-pending': ok([ROW(), ROW({ ordId: '313' })]), 'trade/cancel-batch-orders': http(200, { code: '2', msg: '', data: [{ ordId: '312', sCode: '0' }, { ordId: '313', sCode: '51412', sMsg: 'timed out' }] }) })
    w.port.cancelAll('BTCUSDT', (outcome) => outcomes.push(outcome))
    w.run(100)
    w.respond = routes({ 'trade/orders-pending': refused('50013') })
    w.port.cancelAll('BTCUSDT', (outcome) => outcomes.push(outcome))
    w.run(500)
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['unknown', 'unsent'])
  })

  it('leverage is set for the cross position of the instrument', () => {
    const w = new TradingWorld()
    w.up()
    w.respond = routes({ 'account/set-leverage': ok([{ lever: '5', mgnMode: 'cross', instId: 'BTC-USDT-SWAP', posSide: '' }]) })
    const outcomes: CommandOutcome[] = []
    w.port.setLeverage('BTCUSDT', '5', (outcome) => outcomes.push(outcome))
    w.run(100)
    expect(outcomes).toEqual([{ kind: 'accepted', venueId: '' }])
    expect(JSON.parse(w.transport.requests.at(-1)!.body!)).toEqual({ instId: 'BTC-USDT-SWAP', lever: '5', mgnMode: 'cross' })
  })
})

describe('evidence', () => {
  const gone = refused('51603', 'Order does not exist')

  it('an order with all its fills is found at once', () => {
    const w = new TradingWorld()
    w.respond = routes({ 'trade/order': ok([FILLED()]), 'trade/fills': (query) => (query.get('ordId') === '312' ? ok([FILL('777')]) : null) })
    const found = w.evidence()
    w.run(100)
    expect(found).toMatchObject([{ kind: 'found', order: { status: 'filled', filledLots: 123 }, fills: [{ executionId: '312-777', lots: 123, fee: '0.0246' }] }])
  })

  it('absent needs two complete empty rounds of all three places', () => {
    const w = new TradingWorld()
    w.respond = routes({ 'trade/order': gone, 'trade/orders-history': ok([ROW({ clOrdId: 'other' })]), 'trade/fills': ok([FILL('1', { clOrdId: 'other' })]) })
    const found = w.evidence()
    w.run(1900)
    expect(found).toEqual([])
    w.run(1000)
    expect(found).toEqual([{ kind: 'absent' }])
    for (const path of ['order', 'orders-history', 'fills']) expect(w.transport.asked(`/api/v5/trade/${path}`)).toBe(2)
  })

  it('an order that shows up only in the second round is found', () => {
    const w = new TradingWorld()
    let round = 0
    w.respond = routes({ 'trade/order': () => (round++ === 0 ? gone : ok([ROW()])), 'trade/orders-history': ok([]), 'trade/fills': ok([]) })
    const found = w.evidence()
    w.run(5000)
    expect(found).toMatchObject([{ kind: 'found', order: { status: 'open' }, fills: [] }])
  })

  it('an order that only the history knows is found there, over all its pages', () => {
    const w = new TradingWorld()
    const page = Array.from({ length: 100 }, (_, i) => ROW({ ordId: String(900 - i), clOrdId: `x${i}` }))
    w.respond = routes({ 'trade/order': gone, 'trade/orders-history': (query) => ok(query.get('after') === null ? page : query.get('after') === '801' ? [ROW({ state: 'canceled', cancelSource: '1' })] : []), 'trade/fills': ok([]) })
    const found = w.evidence()
    w.run(5000)
    expect(found).toMatchObject([{ kind: 'found', order: { status: 'cancelled', reason: '1 by the user' } }])
  })

  it.each<[string, Record<string, HttpOutcome | null>]>([
    ['the order query fails', { 'trade/order': http(500, ''), 'trade/orders-history': ok([]), 'trade/fills': ok([]) }], ['the history is silent', { 'trade/order': gone, 'trade/orders-history': null, 'trade/fills': ok([]) }],
    ['the fills are refused', { 'trade/order': gone, 'trade/orders-history': ok([]), 'trade/fills': refused('50013') }], ['a row cannot be read', { 'trade/order': ok([ROW({ sz: 'x' })]) }],
    ['fills are missing', { 'trade/order': ok([FILLED()]), 'trade/fills': ok([]) }], ['there are fills but no order', { 'trade/order': gone, 'trade/orders-history': ok([]), 'trade/fills': ok([FILL('777')]) }],
    ['the id is carried by two orders', { 'trade/order': gone, 'trade/orders-history': ok([ROW(), ROW({ ordId: '313' })]), 'trade/fills': ok([]) }],
  ])('no answer, never "absent", when %s', (_what, table) => {
    const w = new TradingWorld()
    w.respond = routes(table)
    const found = w.evidence()
    w.run(30_000)
    expect(found.map((evidence) => evidence.kind)).toEqual(['no-answer'])
  })

  it('a symbol that is not traded, or whose contract cannot be read, has no answer', () => {
    const w = new TradingWorld()
    const found: OrderEvidence[] = []
    w.port.evidence('SOLUSDT', 'a1', (evidence) => found.push(evidence))
    w.instruments = []
    w.port.evidence('BTCUSDT', 'a1', (evidence) => found.push(evidence))
    w.run(100)
    expect(found.map((evidence) => evidence.kind)).toEqual(['no-answer', 'no-answer'])
  })
})

describe('snapshot', () => {
  const good = (): Record<string, HttpOutcome | ((query: URLSearchParams) => HttpOutcome | null) | null> => ({
    'trade/orders-pending': ok([ROW({ state: 'partially_filled', accFillSz: '0.23', avgPx: '60000' }), ROW({ ordId: '9', instId: 'SOL-USDT-SWAP' })]),
    'account/positions': ok([POSITION()]),
    'account/balance': ok([BALANCE()]),
    'trade/fills': ok([FILL('778', { fillTime: '1700000000009' }), FILL('777'), FILL('1', { fillTime: '1600000000000' })]),
    'account/bills': ok([{ type: '8', subType: '173', billId: '55', instId: 'BTC-USDT-SWAP', balChg: '-0.5', sz: '1.5', px: '60000.33', ts: '1700000000005' }, { type: '2', billId: '56', instId: 'BTC-USDT-SWAP', balChg: '1', ts: '1700000000005' }]),
  })

  it('is the whole account: a listed position and one that is flat because it is not listed, fills and funding by time', () => {
    const w = new TradingWorld()
    w.respond = routes(good())
    const taken = w.snapshot()
    w.run(1000)
    expect(taken[0]!.error).toBeNull()
    const snapshot = taken[0]!.snapshot!
    expect(snapshot.openOrders).toMatchObject([{ venueId: '312', status: 'partially-filled', lots: 123, filledLots: 23 }])
    expect(snapshot.positions).toEqual([{ symbol: 'BTCUSDT', signedLots: -150, entryPrice: '60000', leverage: '10' }, { symbol: 'ETHUSDT', signedLots: 0, entryPrice: '', leverage: '' }])
    expect(snapshot.wallet).toEqual({ balance: '1000', equity: '1010.5', marginUsed: '110.25', marginAvailable: '900.25' })
    expect(snapshot.fills.map((fill) => [fill.executionId, fill.kind, fill.fee])).toEqual([['312-777', 'trade', '0.0246'], ['bill-55', 'funding', '0.5'], ['312-778', 'trade', '0.0246']])
    expect(snapshot.fillsComplete).toBe(true)
  })

  it.each<[string, ReturnType<typeof good>]>([
    ['orders fail', { 'trade/orders-pending': http(500, '') }], ['positions are silent', { 'account/positions': null }], ['positions are in hedge mode', { 'account/positions': ok([POSITION({ posSide: 'long', pos: '1' })]) }],
    ['there is no balance of the coin', { 'account/balance': ok([{ details: [] }]) }], ['fills are refused', { 'trade/fills': refused('50013') }], ['bills are no rows', { 'account/bills': ok(['x']) }], ['a fill cannot be read', { 'trade/fills': ok([FILL('1', { fillPx: 'x' })]) }],
    ['one symbol has two positions', { 'account/positions': ok([POSITION(), POSITION({ pos: '1' })]) }],
  ])('is nothing at all when %s', (_what, change) => {
    const w = new TradingWorld()
    w.respond = routes({ ...good(), ...change })
    const taken = w.snapshot()
    w.run(30_000)
    expect(taken.length).toBe(1)
    expect(taken[0]!.snapshot).toBeNull()
    expect(errorLabel(taken[0]!.error)).toMatch(/^RM_VENUE_/)
  })

  it('an account in hedge mode is told as such', () => {
    const w = new TradingWorld()
    w.posMode = 'long_short_mode'
    w.respond = routes(good())
    const taken = w.snapshot()
    w.run(1000)
    expect(errorLabel(taken[0]!.error)).toBe('RM_VENUE_ACCOUNT_MODE')
  })

  it('reads all pages of fills and fails when they do not end', () => {
    const w = new TradingWorld()
    const page = (from: number): Row[] => Array.from({ length: 100 }, (_, i) => FILL(String(from - i)))
    w.respond = routes({ ...good(), 'account/bills': ok([]), 'trade/fills': (query) => (query.get('after') === null ? ok(page(5000)) : query.get('after') === '94901' ? ok(page(4900).slice(0, 7)) : ok([])) })
    const taken = w.snapshot()
    w.run(1000)
    expect(taken[0]!.snapshot!.fills.length).toBe(107)
    w.respond = routes({ ...good(), 'trade/fills': ok(page(5000)) })
    const endless = w.snapshot()
    w.run(10_000)
    expect(errorLabel(endless[0]!.error)).toBe('RM_VENUE_PAGES')
  })

  it('says when the venue cannot reach back as far as was asked', () => {
    const w = new TradingWorld()
    w.respond = routes(good())
    const taken = w.snapshot(WALL_MS - 30 * 86_400_000)
    w.run(1000)
    expect(taken[0]!.snapshot!.fillsComplete).toBe(false)
  })

  it('a query that was refused for the clock or a limit is asked again within its time', () => {
    const w = new TradingWorld()
    let asked = 0
    w.respond = routes({ ...good(), 'account/balance': () => (asked++ === 0 ? refused('50102', 'expired', 401) : ok([BALANCE()])), 'account/positions': () => (asked === 0 && w.counts.get('okx_rest_not_ok/rate-limited') === undefined ? refused('50011', 'Too many', 429) : ok([])) })
    const taken = w.snapshot()
    w.run(6000)
    expect(taken[0]!.error).toBeNull()
    expect(w.counts.get('okx_rest_not_ok/clock')).toBe(1)
  })
})

describe('credentials', () => {
  it.each(['key', 'secret', 'passphrase'] as const)('trading without a %s is refused', (name) => {
    const w = new OkxWorld({}, {}, { ...CREDENTIALS, [name]: '' })
    expect(() => w.venue.trading([BTC])).toThrow(/missing/)
    expect(() => new OkxWorld({}, {}, null).venue.trading([BTC])).toThrow(/missing/)
  })

  it('instruments of several quote coins, or none, are refused', () => {
    const w = new OkxWorld()
    expect(() => w.venue.trading([])).toThrow(/one/)
    expect(() => w.venue.trading([BTC, { ...ETH, quoteCoin: 'USDC' }])).toThrow(/USDC/)
  })
})

it.skipIf(!fixturesPresent)('every published answer of an order operation is an outcome of its own command (needs reference fixtures)', () => {
  const kinds: Record<string, string> = {}
  for (const name of ['ws_op_order_success', 'ws_op_order_failure', 'ws_op_order_format_error', 'ws_op_cancel_success', 'ws_op_cancel_failure']) {
    const w = new TradingWorld()
    w.up()
    const outcomes = name.includes('cancel') ? w.cancel() : w.place()
    const { id: _id, op: _op, ...answer } = frame(name)
    w.reply(answer)
    kinds[name] = outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.errorClass : outcome.kind)).join()
  }
  // The documented cancel failure has a placeholder for its code: that proves nothing.
  expect(kinds).toEqual({ ws_op_order_success: 'accepted', ws_op_order_failure: 'insufficient-margin', ws_op_order_format_error: 'rejected', ws_op_cancel_success: 'accepted', ws_op_cancel_failure: 'unknown' })
  expect(firstRow('ws_op_order_failure')['sCode']).toBe('51008')
})
