import { describe, expect, it } from 'vitest'
import { BUY, errorLabel, SELL } from '../../../src/core/index.ts'
import { type CommandOutcome, type HttpOutcome, type OrderChange, type OrderRequest, RESILIENCE_DEFAULTS } from '../../../src/venues/index.ts'
import { http, item, ok, refused, type Row, swap } from './okx-world.ts'
import { FILLED, ORDER, POSITION, ROW, routes, TradingWorld } from './trading-world.ts'

/** Answers of several items. */
const items = (code: string, ...list: Row[]): Row => ({ code, msg: '', data: list.map((one) => ({ clOrdId: '', ordId: '', tag: '', ts: '1', sCode: '0', sMsg: '', ...one })), inTime: '1', outTime: '2' })
const requests = (n: number): OrderRequest[] => Array.from({ length: n }, (_, i) => ({ ...ORDER, clientId: `b${i}` }))
const bodyOf = (w: TradingWorld, path: string): unknown => JSON.parse(w.transport.requests.findLast((one) => one.path === `/api/v5/${path}`)!.body!)

/** Collects what a command says, and checks that it does not say it inside the call. */
function heard<T>(ask: (done: (value: T) => void) => void): T[] {
  const values: T[] = []
  ask((value) => values.push(value))
  expect(values).toEqual([])
  return values
}

describe('amending', () => {
  const amend = (w: TradingWorld, change: OrderChange): CommandOutcome[] => heard((done) => w.port.amend('BTCUSDT', 'a1', change, done))

  it('sends the new price, and the new total in contracts, with a deadline', () => {
    const w = new TradingWorld()
    w.up()
    const outcomes = amend(w, { priceTicks: 600_005, lots: 150 })
    expect(w.socket.sent.at(-1)).toMatchObject({ op: 'amend-order', args: [{ instIdCode: 10459, clOrdId: 'a1', newPx: '60000.5', newSz: '1.50' }] })
    expect(w.socket.sent.at(-1)).toHaveProperty('expTime')
    w.reply(item('0'))
    expect(outcomes).toEqual([{ kind: 'accepted', venueId: '312' }])
  })

  it.each<[OrderChange]>([[{}], [{ lots: 0 }], [{ lots: 1.5 }], [{ priceTicks: 0 }], [{ priceTicks: 0.5 }]])('%j never leaves', (change) => {
    const w = new TradingWorld()
    w.up()
    const before = w.socket.sent.length
    const outcomes = amend(w, change)
    w.run(10)
    expect([outcomes.map((one) => one.kind), w.socket.sent.length]).toEqual([['unsent'], before])
  })

  it.each<[string, Partial<CommandOutcome>]>([['51511', { kind: 'refused', errorClass: 'would-cross' }], ['51503', { kind: 'refused', errorClass: 'not-found' }], ['51149', { kind: 'unknown' }]])('refusal %s keeps its class', (code, expected) => {
    const w = new TradingWorld()
    w.up()
    const outcomes = amend(w, { priceTicks: 1 })
    w.reply(item(code))
    expect(outcomes[0]).toMatchObject(expected)
  })

  it('over REST goes to its own endpoint, once', () => {
    const w = new TradingWorld()
    w.begin()
    w.respond = routes({ 'trade/amend-order': http(500, '') })
    const outcomes = amend(w, { lots: 100 })
    w.run(9000)
    expect(outcomes.map((one) => one.kind)).toEqual(['unknown'])
    expect(bodyOf(w, 'trade/amend-order')).toEqual({ instId: 'BTC-USDT-SWAP', clOrdId: 'a1', newSz: '1.00' })
    expect(w.transport.asked('/api/v5/trade/amend-order')).toBe(1)
  })
})

describe('batches', () => {
  it('of one instrument go in one frame, each order with its own outcome by its own code', () => {
    const w = new TradingWorld()
    w.up()
    const outcomes = heard<readonly CommandOutcome[]>((done) => w.port.placeBatch(requests(3), done))
    expect(w.socket.sent.at(-1)).toMatchObject({ op: 'batch-orders', args: [{ clOrdId: 'b0', instIdCode: 10459, sz: '1.23' }, { clOrdId: 'b1' }, { clOrdId: 'b2' }] })
    w.reply(items('2', { clOrdId: 'b0', ordId: '1' }, { clOrdId: 'b1', sCode: '51008', sMsg: 'margin' }, { clOrdId: 'b2', sCode: '50026' }))
    expect(outcomes).toMatchObject([[{ kind: 'accepted', venueId: '1' }, { kind: 'refused', errorClass: 'insufficient-margin', code: '51008' }, { kind: 'unknown' }]])
  })

  it('answers are found by client id when they come in another order, and by place when they carry none', () => {
    const w = new TradingWorld()
    w.up()
    const mixed = heard<readonly CommandOutcome[]>((done) => w.port.placeBatch(requests(2), done))
    w.reply(items('0', { clOrdId: 'b1', ordId: '2' }, { clOrdId: 'b0', ordId: '1' }))
    const bare = heard<readonly CommandOutcome[]>((done) => w.port.placeBatch(requests(2), done))
    w.reply(items('2', { ordId: '1' }, { sCode: '51008' }))
    expect([mixed, bare]).toMatchObject([[[{ venueId: '1' }, { venueId: '2' }]], [[{ kind: 'accepted', venueId: '1' }, { kind: 'refused' }]]])
  })

  it('an order that no item speaks of is unknown, a refused whole refuses each', () => {
    const w = new TradingWorld()
    w.up()
    const short = heard<readonly CommandOutcome[]>((done) => w.port.placeBatch(requests(3), done))
    w.reply(items('2', { clOrdId: 'b0', ordId: '1' }))
    const whole = heard<readonly CommandOutcome[]>((done) => w.port.placeBatch(requests(2), done))
    w.reply({ code: '60013', msg: 'Invalid args', data: [] })
    expect(short[0]!.map((one) => one.kind)).toEqual(['accepted', 'unknown', 'unknown'])
    expect(whole[0]!.map((one) => one.kind)).toEqual(['refused', 'refused'])
  })

  it('a batch of one is a single order, and of two instruments two frames; the outcomes keep the order of the requests', () => {
    const w = new TradingWorld()
    w.up()
    const [first, second, third] = requests(3) as [OrderRequest, OrderRequest, OrderRequest]
    const outcomes = heard<readonly CommandOutcome[]>((done) => w.port.placeBatch([first, { ...second, symbol: 'ETHUSDT' }, third], done))
    const [btc, eth] = w.socket.sent.slice(-2) as [Row, Row]
    expect([btc, eth]).toMatchObject([{ op: 'batch-orders', args: [{ clOrdId: 'b0' }, { clOrdId: 'b2' }] }, { op: 'order', args: [{ clOrdId: 'b1', instIdCode: 10461 }] }])
    w.socket.receive({ id: eth['id'], op: 'order', ...item('0', { ordId: 'eth' }) })
    expect(outcomes).toEqual([])
    w.socket.receive({ id: btc['id'], op: 'batch-orders', ...items('0', { ordId: 'x' }, { ordId: 'y' }) })
    expect(outcomes).toMatchObject([[{ venueId: 'x' }, { venueId: 'eth' }, { venueId: 'y' }]])
  })

  it('an order that cannot be written is unsent, the others leave; more than 20, or none, leave not at all', () => {
    const w = new TradingWorld()
    w.up()
    const outcomes = heard<readonly CommandOutcome[]>((done) => w.port.placeBatch([...requests(2), { ...ORDER, clientId: 'a-b' }, { ...ORDER, symbol: 'SOLUSDT' }], done))
    w.run(1)
    w.reply(items('0', { ordId: '1' }, { ordId: '2' }))
    expect(outcomes[0]!.map((one) => one.kind)).toEqual(['accepted', 'accepted', 'unsent', 'unsent'])
    const before = w.socket.sent.length
    const many = heard<readonly CommandOutcome[]>((done) => w.port.placeBatch(requests(w.port.batchMax + 1), done))
    const none = heard<readonly CommandOutcome[]>((done) => w.port.placeBatch([], done))
    w.run(1)
    expect([many[0]!.length, new Set(many[0]!.map((one) => one.kind)), none, w.socket.sent.length]).toEqual([21, new Set(['unsent']), [[]], before])
  })

  it('a batch that is lost with the connection is unknown for each, and not sent again', () => {
    const w = new TradingWorld()
    w.up()
    const outcomes = heard<readonly CommandOutcome[]>((done) => w.port.placeBatch(requests(2), done))
    w.socket.drop()
    w.run(9000)
    expect(outcomes[0]!.map((one) => one.kind)).toEqual(['unknown', 'unknown'])
    expect(w.transport.asked('/api/v5/trade/batch-orders')).toBe(0)
  })

  it('cancels go in one frame, and over REST in one array', () => {
    const w = new TradingWorld()
    w.up()
    const outcomes = heard<readonly CommandOutcome[]>((done) => w.port.cancelBatch('BTCUSDT', ['a1', 'a2'], done))
    expect(w.socket.sent.at(-1)).toMatchObject({ op: 'batch-cancel-orders', args: [{ clOrdId: 'a1' }, { clOrdId: 'a2' }] })
    expect(w.socket.sent.at(-1)).not.toHaveProperty('expTime')
    w.reply(items('2', { ordId: '1' }, { sCode: '51400' }))
    expect(outcomes).toMatchObject([[{ kind: 'accepted' }, { kind: 'refused', errorClass: 'not-found' }]])
    w.socket.drop()
    w.respond = routes({ 'trade/cancel-batch-orders': http(200, items('0', { clOrdId: 'a1' }, { clOrdId: 'a2' })) })
    const rest = heard<readonly CommandOutcome[]>((done) => w.port.cancelBatch('BTCUSDT', ['a1', 'a2'], done))
    const foreign = heard<readonly CommandOutcome[]>((done) => w.port.cancelBatch('SOLUSDT', ['a1', 'a2'], done))
    w.run(100)
    expect(bodyOf(w, 'trade/cancel-batch-orders')).toEqual([{ instId: 'BTC-USDT-SWAP', clOrdId: 'a1' }, { instId: 'BTC-USDT-SWAP', clOrdId: 'a2' }])
    expect([rest[0]!.map((one) => one.kind), foreign[0]!.map((one) => one.kind)]).toEqual([['accepted', 'accepted'], ['unsent', 'unsent']])
  })

  it('counts as many orders as it carries: 300 in 2 s of one instrument less the reserve, and then it waits', () => {
    const w = new TradingWorld({ placeWaitMs: 3000 })
    w.up()
    for (let i = 0; i < 16; i++) w.port.placeBatch(Array.from({ length: 20 }, (_, k) => ({ ...ORDER, clientId: `c${i}x${k}` })), () => {})
    expect(w.socket.ops('batch-orders').length).toBe(12)
    // Another instrument has a limit of its own, and single orders as well.
    w.port.placeBatch(requests(20).map((one) => ({ ...one, symbol: 'ETHUSDT' })), () => {})
    w.port.place({ ...ORDER, clientId: 'single' }, () => {})
    expect([w.socket.ops('batch-orders').length, w.socket.ops('order').length]).toEqual([13, 1])
    w.run(2100)
    expect(w.socket.ops('batch-orders').length).toBe(17)
  })

  it('"too many" about the account holds back every entry, about an instrument only its own; cancels go on', () => {
    const w = new TradingWorld({ placeWaitMs: 3000, resilience: { ...RESILIENCE_DEFAULTS, retryMax: 0 } })
    w.up()
    w.place()
    w.reply(item('50061'))
    w.place({ ...ORDER, symbol: 'ETHUSDT' })
    w.cancel()
    expect([w.socket.ops('order').length, w.socket.ops('cancel-order').length]).toEqual([1, 1])
    w.run(2100)
    expect(w.socket.ops('order').length).toBe(2)
    w.reply(item('50011'))
    w.place({ ...ORDER, clientId: 'other' })
    w.place({ ...ORDER, clientId: 'held', symbol: 'ETHUSDT' })
    expect(w.socket.ops('order').length).toBe(3)
  })
})

describe('orders of a hedge account', () => {
  it('carry their leg and no reduce-only flag, which the venue has for one-way accounts', () => {
    const w = new TradingWorld({ positionMode: 'hedge' })
    w.posMode = 'long_short_mode'
    w.up()
    w.place({ ...ORDER, leg: 'long' })
    w.place({ ...ORDER, clientId: 'a2', side: SELL, leg: 'long', reduceOnly: true })
    const [open, close] = w.socket.ops('order').map((frame) => (frame['args'] as Row[])[0]!)
    expect([open!['posSide'], open!['side'], close!['posSide'], close!['side']]).toEqual(['long', 'buy', 'long', 'sell'])
    expect([open, close].some((args) => 'reduceOnly' in args!)).toBe(false)
    w.push('positions', POSITION({ posSide: 'short', pos: '1.5' }), POSITION({ posSide: 'long', pos: '2' }))
    expect(w.handler.positions).toMatchObject([{ leg: 'short', signedLots: -150 }, { leg: 'long', signedLots: 200 }])
    w.push('positions', POSITION({ posSide: 'net' }))
    expect(w.handler.links.at(-1)).toMatch(/^down: .*RM_VENUE_ACCOUNT_MODE.*net/)
  })

  it('a reduce-only order that would open a leg never leaves', () => {
    const w = new TradingWorld()
    w.up()
    const outcomes = w.place({ ...ORDER, side: BUY, leg: 'long', reduceOnly: true })
    w.run(1)
    expect(outcomes).toMatchObject([{ kind: 'unsent' }])
  })

  it('an account in one-way mode stays down when legs are wanted', () => {
    const w = new TradingWorld({ positionMode: 'hedge' })
    w.begin()
    expect(w.handler.links[0]).toMatch(/^down: .*RM_VENUE_ACCOUNT_MODE.*net_mode.*long_short_mode/)
  })
})

describe('trigger orders', () => {
  const STOP: OrderRequest = { ...ORDER, clientId: 'stop1', side: SELL, type: 'market', priceTicks: null, timeInForce: 'IOC', reduceOnly: true, trigger: { priceTicks: 590_000, direction: 'fall', by: 'last' } }
  const ALGO = (change: Row = {}): Row => ({ instType: 'SWAP', instId: 'BTC-USDT-SWAP', algoId: '77', algoClOrdId: 'stop1', ordId: '', ordType: 'trigger', side: 'sell', posSide: 'net', sz: '1.23', triggerPx: '59000', ordPx: '-1', closeFraction: '', state: 'live', reduceOnly: 'true', failCode: '', uTime: '5', cTime: '4', ...change })
  const algoItem = (change: Row = {}): HttpOutcome => http(200, { code: '0', msg: '', data: [{ algoId: '77', algoClOrdId: 'stop1', clOrdId: '', sCode: '0', sMsg: '', tag: '', ...change }] })
  const last = (price: string): HttpOutcome => ok([{ instId: 'BTC-USDT-SWAP', last: price }])

  class TriggerWorld extends TradingWorld {
    table: Parameters<typeof routes>[0] = { 'market/ticker': last('60000'), 'trade/order-algo': algoItem() }

    constructor() {
      super()
      this.respond = (request, query, path) => routes(this.table)(request, query, path)
    }

    stop(change: Partial<OrderRequest> = {}): CommandOutcome[] {
      const outcomes = heard<CommandOutcome>((done) => this.port.place({ ...STOP, ...change }, done))
      this.run(50)
      return outcomes
    }

    listen(): void {
      const socket = this.transport.last('/business')
      socket.open()
      socket.receive({ event: 'login', code: '0', msg: '', connId: 'b' })
      socket.receive({ id: 'algo', event: 'subscribe', arg: { channel: 'orders-algo', instType: 'SWAP' }, connId: 'b' })
      this.run(50)
    }

    algo(...data: Row[]): void {
      this.transport.last('/business').receive({ arg: { channel: 'orders-algo', instType: 'SWAP', uid: '1' }, data })
    }
  }

  it('go to the algo endpoint with the client id, and are accepted by the id there', () => {
    const w = new TriggerWorld()
    w.up()
    expect(w.stop()).toEqual([{ kind: 'accepted', venueId: '77' }])
    expect(bodyOf(w, 'trade/order-algo')).toEqual({ instId: 'BTC-USDT-SWAP', tdMode: 'cross', side: 'sell', posSide: 'net', sz: '1.23', reduceOnly: true, algoClOrdId: 'stop1', ordType: 'trigger', triggerPx: '59000.0', triggerPxType: 'last', orderPx: '-1' })
    expect(w.stop({ clientId: 'stop2', side: BUY, type: 'limit', priceTicks: 610_005, timeInForce: 'GTC', reduceOnly: false, trigger: { priceTicks: 610_000, direction: 'rise', by: 'last' }, attach: { stopLossTicks: 600_000, takeProfitTicks: 620_000 } })[0]!.kind).toBe('accepted')
    expect(bodyOf(w, 'trade/order-algo')).toMatchObject({ orderPx: '61000.5', triggerPx: '61000.0', attachAlgoOrds: [{ tpTriggerPx: '62000.0', tpOrdPx: '-1', slTriggerPx: '60000.0', slOrdPx: '-1' }] })
  })

  it.each<[string, Partial<OrderRequest>]>([
    ['a fall to where the price is already', { trigger: { priceTicks: 600_000, direction: 'fall', by: 'last' } }], ['a fall to above it', { trigger: { priceTicks: 600_001, direction: 'fall', by: 'last' } }], ['a rise to below it', { trigger: { priceTicks: 599_999, direction: 'rise', by: 'last' } }],
    ['a limit that is not GTC', { type: 'limit', priceTicks: 590_000, timeInForce: 'PostOnly' }], ['a trigger of nothing', { trigger: { priceTicks: 0, direction: 'fall', by: 'last' } }],
  ])('%s never leaves: the venue would take another direction, or another order, for it', (_what, change) => {
    const w = new TriggerWorld()
    w.up()
    expect(w.stop(change)).toMatchObject([{ kind: 'unsent' }])
    expect(w.transport.asked('/api/v5/trade/order-algo')).toBe(0)
  })

  it('look at the price that they trigger by, and do not leave when it is not known', () => {
    const w = new TriggerWorld()
    w.up()
    w.table = { ...w.table, 'public/mark-price': ok([{ markPx: '58000' }]), 'market/index-tickers': (query) => (query.get('instId') === 'BTC-USDT' ? ok([{ idxPx: '61000' }]) : null), 'market/ticker': refused('50013') }
    expect(w.stop({ trigger: { priceTicks: 590_000, direction: 'fall', by: 'mark' } })).toMatchObject([{ kind: 'unsent' }])
    expect(w.stop({ trigger: { priceTicks: 590_000, direction: 'fall', by: 'index' } })).toMatchObject([{ kind: 'accepted' }])
    const stopped = w.stop()
    w.run(500)
    expect(stopped).toMatchObject([{ kind: 'unsent' }])
  })

  it('a refused one is refused, one without an answer is unknown and is not sent again', () => {
    const w = new TriggerWorld()
    w.up()
    w.table = { ...w.table, 'trade/order-algo': algoItem({ algoId: '', sCode: '51000', sMsg: 'Parameter' }) }
    expect(w.stop()).toMatchObject([{ kind: 'refused', errorClass: 'rejected', code: '51000' }])
    w.table = { ...w.table, 'trade/order-algo': http(502, '') }
    const asked = w.transport.asked('/api/v5/trade/order-algo')
    expect(w.stop({ clientId: 'stop2' })).toMatchObject([{ kind: 'unknown' }])
    w.run(9000)
    expect(w.transport.asked('/api/v5/trade/order-algo')).toBe(asked + 1)
  })

  it('what one becomes when it triggers reaches the engine under its client id, fill and order', () => {
    const w = new TriggerWorld()
    w.up()
    w.stop()
    w.listen()
    w.algo(ALGO(), ALGO({ state: 'effective', ordId: '900' }))
    w.push('orders', FILLED({ ordId: '900', clOrdId: '77_0', algoId: '77', algoClOrdId: '', side: 'sell', ordType: 'market' }))
    w.push('orders', FILLED({ ordId: '900', clOrdId: '77_0', algoId: '', algoClOrdId: '', side: 'sell', ordType: 'market', uTime: '9' }))
    w.push('orders', ROW({ ordId: '901', clOrdId: '', algoClOrdId: 'unheard', linkedAlgoOrd: { algoId: '' } }))
    expect(w.handler.orders.map((order) => [order.clientId, order.venueId, order.status])).toEqual([['stop1', '77', 'untriggered'], ['stop1', '900', 'filled'], ['stop1', '900', 'filled'], ['unheard', '901', 'open']])
    expect(w.handler.fills.map((fill) => [fill.clientId, fill.executionId])).toEqual([['stop1', '900-777'], ['stop1', '900-777']])
  })

  it('one that is cancelled at the venue, or fails when it triggers, ends with the reason', () => {
    const w = new TriggerWorld()
    w.up()
    w.stop()
    w.listen()
    w.algo(ALGO({ state: 'canceled' }))
    w.algo(ALGO({ state: 'order_failed', failCode: '51008' }), ALGO({ instId: 'SOL-USDT-SWAP' }))
    expect(w.handler.orders.map((order) => [order.status, order.reason])).toEqual([['cancelled', 'algo order cancelled'], ['rejected', 'algo order failed: 51008']])
  })

  it('a lost algo connection takes nothing down, and the waiting orders are asked for when it is back', () => {
    const w = new TriggerWorld()
    w.up()
    w.stop()
    w.listen()
    w.transport.last('/business').drop()
    w.table = { ...w.table, 'trade/order-algo': ok([ALGO({ state: 'canceled' })]) }
    w.run(1000)
    expect(w.transport.count('/business')).toBe(2)
    w.listen()
    expect([w.handler.links, w.handler.orders.map((order) => order.status)]).toEqual([['up'], ['cancelled']])
  })

  it.each<[string, unknown]>([['no JSON', '{"a'], ['rows that are no list', { arg: { channel: 'orders-algo' }, data: {} }], ['a state that is not known', { arg: { channel: 'orders-algo' }, data: [ALGO({ state: 'odd' })] }], ['a refusal', { event: 'error', code: '60018', msg: 'no' }], ['an upgrade', { event: 'notice', code: '64008', msg: 'soon' }]])('%s on it: a new connection, whose list says what was missed', (_what, bad) => {
    const w = new TriggerWorld()
    w.up()
    w.stop()
    w.listen()
    w.transport.last('/business').receive(bad)
    w.run(1000)
    expect([w.transport.count('/business'), w.handler.links, w.handler.orders]).toEqual([2, ['up'], []])
  })

  it('is cancelled as an algo order while it waits, and as the order it became after', () => {
    const w = new TriggerWorld()
    w.up()
    w.stop()
    w.table = { ...w.table, 'trade/cancel-algos': algoItem() }
    const waiting = heard<CommandOutcome>((done) => w.port.cancel('BTCUSDT', 'stop1', done))
    w.run(50)
    expect([waiting, bodyOf(w, 'trade/cancel-algos')]).toEqual([[{ kind: 'accepted', venueId: '77' }], [{ instId: 'BTC-USDT-SWAP', algoId: '77' }]])
    w.push('orders', ROW({ ordId: '900', clOrdId: '', algoId: '77' }))
    const became = heard<CommandOutcome>((done) => w.port.cancel('BTCUSDT', 'stop1', done))
    expect(w.socket.sent.at(-1)).toMatchObject({ op: 'cancel-order', args: [{ instIdCode: 10459, ordId: '900' }] })
    w.reply(item('0'))
    expect(became).toMatchObject([{ kind: 'accepted' }])
  })

  it('that triggers while its cancel is on the way is looked up, and the order it became is cancelled', () => {
    const w = new TriggerWorld()
    w.up()
    w.stop()
    w.table = { ...w.table, 'trade/cancel-algos': algoItem({ sCode: '51400' }), 'trade/order-algo': ok([ALGO({ state: 'effective', ordId: '900' })]) }
    const outcomes = heard<CommandOutcome>((done) => w.port.cancel('BTCUSDT', 'stop1', done))
    w.run(50)
    expect(w.socket.sent.at(-1)).toMatchObject({ op: 'cancel-order', args: [{ ordId: '900' }] })
    w.reply(item('51400'))
    expect(outcomes).toMatchObject([{ kind: 'refused', errorClass: 'not-found' }])
  })

  it('of which nobody knows whether it is there is looked up by its client id to be cancelled', () => {
    const w = new TriggerWorld()
    w.up()
    w.table = { ...w.table, 'trade/order-algo': http(502, '') }
    w.stop()
    w.table = { ...w.table, 'trade/order-algo': ok([ALGO()]), 'trade/cancel-algos': algoItem() }
    const outcomes = heard<CommandOutcome>((done) => w.port.cancel('BTCUSDT', 'stop1', done))
    w.run(50)
    expect([outcomes, bodyOf(w, 'trade/cancel-algos')]).toMatchObject([[{ kind: 'accepted' }], [{ algoId: '77' }]])
  })

  it('is amended as an algo order', () => {
    const w = new TriggerWorld()
    w.up()
    w.stop()
    w.table = { ...w.table, 'trade/amend-algos': algoItem() }
    const outcomes = heard<CommandOutcome>((done) => w.port.amend('BTCUSDT', 'stop1', { lots: 100 }, done))
    w.run(50)
    expect([outcomes, bodyOf(w, 'trade/amend-algos')]).toMatchObject([[{ kind: 'accepted' }], { algoClOrdId: 'stop1', newSz: '1.00' }])
  })

  it('is found as evidence: waiting, cancelled, or as the order it became with its fills', () => {
    const w = new TriggerWorld()
    const gone = refused('51603', 'Order does not exist')
    const evidence = (algo: Row): unknown => {
      w.table = {
        'trade/order': (query) => (query.get('ordId') === '900' ? ok([FILLED({ ordId: '900', clOrdId: '', algoId: '77', algoClOrdId: 'stop1' })]) : gone),
        'trade/order-algo': ok([algo]), 'trade/orders-history': ok([]), 'trade/fills': (query) => (query.get('ordId') === '900' ? ok([{ ...FILLED(), ordId: '900', clOrdId: '', fee: '-0.1', feeCcy: 'USDT', ts: '3' }]) : ok([])),
      }
      const found: unknown[] = []
      w.port.evidence('BTCUSDT', 'stop1', (one) => found.push(one))
      w.run(5000)
      return found[0]
    }
    expect(evidence(ALGO())).toMatchObject({ kind: 'found', order: { clientId: 'stop1', status: 'untriggered', venueId: '77', lots: 123 }, fills: [] })
    expect(evidence(ALGO({ state: 'canceled' }))).toMatchObject({ kind: 'found', order: { status: 'cancelled' } })
    expect(evidence(ALGO({ state: 'effective', ordId: '900' }))).toMatchObject({ kind: 'found', order: { status: 'filled', venueId: '900', clientId: 'stop1' }, fills: [{ executionId: '900-777', clientId: 'stop1' }] })
    w.table = { 'trade/order': gone, 'trade/order-algo': http(500, '') }
    expect(evidence(ALGO({ state: 'odd' }))).toMatchObject({ kind: 'no-answer' })
  })

  it('is in the snapshot beside the position\'s own exits, and a fill after a start is traced back to it', () => {
    const w = new TriggerWorld()
    w.table = {
      'trade/orders-pending': ok([]), 'account/positions': ok([POSITION()]), 'account/balance': ok([{ details: [{ ccy: 'USDT', eq: '1', cashBal: '1', availEq: '1', frozenBal: '0' }] }]), 'account/bills': ok([]),
      'trade/orders-algo-pending': (query) => ok(query.get('ordType') === 'trigger' ? [ALGO()] : query.get('ordType') === 'oco' ? [ALGO({ algoId: '78', algoClOrdId: '', ordType: 'oco', sz: '', closeFraction: '1', reduceOnly: 'false', side: 'buy' })] : []),
      'trade/fills': ok([{ ...FILLED(), ordId: '900', clOrdId: '77_0', fee: '-0.1', feeCcy: 'USDT', ts: '1700000000003' }]),
      'trade/order': (query) => (query.get('ordId') === '900' ? ok([FILLED({ ordId: '900', clOrdId: '77_0', algoId: '76', algoClOrdId: 'older' })]) : null),
    }
    const taken = w.snapshot()
    w.run(1000)
    expect(taken[0]!.error).toBeNull()
    expect(taken[0]!.snapshot!.openOrders).toMatchObject([{ clientId: 'stop1', status: 'untriggered', lots: 123, reduceOnly: true }, { clientId: '', status: 'untriggered', lots: 0, reduceOnly: true }])
    expect(taken[0]!.snapshot!.fills).toMatchObject([{ clientId: 'older', executionId: '900-777' }])
  })

  it('cancel all takes the waiting ones and the position\'s exits with it, ten at a time', () => {
    const w = new TriggerWorld()
    w.up()
    const batches: number[] = []
    w.respond = (request, query, path) => {
      if (path === '/api/v5/trade/orders-pending') return ok([])
      if (path === '/api/v5/trade/orders-algo-pending') return ok(query.get('ordType') === 'trigger' ? Array.from({ length: 12 }, (_, i) => ALGO({ algoId: String(100 + i) })) : query.get('ordType') === 'conditional' ? [ALGO({ algoId: '50' })] : [])
      if (path !== '/api/v5/trade/cancel-algos') return null
      const ids = JSON.parse(request.body!) as Row[]
      batches.push(ids.length)
      return http(200, { code: '0', msg: '', data: ids.map((one) => ({ ...one, sCode: one['algoId'] === '100' ? '51400' : '0', sMsg: '' })) })
    }
    const outcomes = heard<CommandOutcome>((done) => w.port.cancelAll('BTCUSDT', done))
    w.run(200)
    expect([outcomes, batches]).toEqual([[{ kind: 'accepted', venueId: '' }], [10, 3]])
  })
})

describe('attached exits', () => {
  it('leave with the order, at market', () => {
    const w = new TradingWorld()
    w.up()
    w.place({ ...ORDER, attach: { stopLossTicks: 590_000 } })
    expect((w.socket.sent.at(-1)!['args'] as Row[])[0]!['attachAlgoOrds']).toEqual([{ slTriggerPx: '59000.0', slTriggerPxType: 'last', slOrdPx: '-1' }])
    w.place({ ...ORDER, clientId: 'a2', attach: {} })
    expect((w.socket.sent.at(-1)!['args'] as Row[])[0]).not.toHaveProperty('attachAlgoOrds')
  })
})

describe('protection of a position', () => {
  const HELD: Row = { instType: 'SWAP', instId: 'BTC-USDT-SWAP', algoId: '50', algoClOrdId: '', ordType: 'oco', closeFraction: '1', side: 'buy', tpTriggerPx: '59000', slTriggerPx: '61000.0', state: 'live', sz: '', uTime: '1' }
  const world = (held: readonly Row[], place: HttpOutcome | null = item200({ algoId: '51' })): TradingWorld => {
    const w = new TradingWorld()
    w.begin()
    w.respond = routes({ 'trade/orders-algo-pending': (query) => ok(query.get('ordType') === 'oco' ? held : []), 'account/positions': ok([POSITION()]), 'trade/cancel-algos': item200({ algoId: '50' }), 'trade/order-algo': place })
    return w
  }
  const item200 = (change: Row): HttpOutcome => http(200, { code: '0', msg: '', data: [{ sCode: '0', sMsg: '', ...change }] })
  const protect = (w: TradingWorld, takeProfitTicks: number | null, stopLossTicks: number | null): CommandOutcome[] => {
    const outcomes = heard<CommandOutcome>((done) => w.port.setProtection('BTCUSDT', { takeProfitTicks, stopLossTicks }, done))
    w.run(9000)
    return outcomes
  }

  it('is one order for the whole of it, on the side that closes', () => {
    const w = world([])
    expect(protect(w, 580_000, 610_000)).toEqual([{ kind: 'accepted', venueId: '51' }])
    expect(bodyOf(w, 'trade/order-algo')).toEqual({ instId: 'BTC-USDT-SWAP', tdMode: 'cross', side: 'buy', posSide: 'net', ordType: 'oco', closeFraction: '1', reduceOnly: true, tpTriggerPx: '58000.0', tpTriggerPxType: 'last', tpOrdPx: '-1', slTriggerPx: '61000.0', slTriggerPxType: 'last', slOrdPx: '-1' })
    expect(protect(w, null, 610_000)[0]!.kind).toBe('accepted')
    expect(bodyOf(w, 'trade/order-algo')).toMatchObject({ ordType: 'conditional' })
    expect(bodyOf(w, 'trade/order-algo')).not.toHaveProperty('tpTriggerPx')
  })

  it('is changed by cancelling the old and placing the new, left alone when it stands as wanted, and removed by nulls', () => {
    const w = world([HELD])
    expect(protect(w, 590_000, 610_000)).toEqual([{ kind: 'accepted', venueId: '50' }])
    expect([w.transport.asked('/api/v5/trade/cancel-algos'), w.transport.asked('/api/v5/trade/order-algo')]).toEqual([0, 0])
    expect(protect(w, 590_000, 611_000)).toEqual([{ kind: 'accepted', venueId: '51' }])
    expect([w.transport.asked('/api/v5/trade/cancel-algos'), w.transport.asked('/api/v5/trade/order-algo')]).toEqual([1, 1])
    expect(protect(w, null, null)[0]!.kind).toBe('accepted')
    expect([w.transport.asked('/api/v5/trade/cancel-algos'), w.transport.asked('/api/v5/trade/order-algo')]).toEqual([2, 1])
  })

  const STOP: Row = { ...HELD, ordType: 'conditional', tpTriggerPx: '', slTriggerPxType: 'last' }

  it('F11: a stop alone is moved in place: nothing is cancelled, and a refused move leaves the old one resting', () => {
    const w = world([])
    w.respond = routes({ 'trade/orders-algo-pending': (query) => ok(query.get('ordType') === 'conditional' ? [STOP] : []), 'account/positions': ok([POSITION()]), 'trade/amend-algos': item200({ algoId: '50' }) })
    expect(protect(w, null, 612_000)).toEqual([{ kind: 'accepted', venueId: '50' }])
    expect(bodyOf(w, 'trade/amend-algos')).toEqual({ instId: 'BTC-USDT-SWAP', algoId: '50', newSlTriggerPx: '61200.0' })
    w.respond = routes({ 'trade/orders-algo-pending': (query) => ok(query.get('ordType') === 'conditional' ? [STOP] : []), 'account/positions': ok([POSITION()]), 'trade/amend-algos': item200({ algoId: '50', sCode: '51280', sMsg: 'SL trigger' }) })
    expect(protect(w, null, 612_000)).toMatchObject([{ kind: 'refused', code: '51280' }])
    expect([w.transport.asked('/api/v5/trade/cancel-algos'), w.transport.asked('/api/v5/trade/order-algo')]).toEqual([0, 0])
  })

  it('F11: what came with the entry goes after the one for the whole position is there, and nothing else does', () => {
    const w = world([])
    const steps: string[] = []
    const attached: Row = { ...STOP, algoId: '60', algoClOrdId: 'ours', closeFraction: '', sz: '5' }
    w.respond = routes({
      'trade/orders-algo-pending': (query) => ok(query.get('ordType') === 'conditional' ? [attached, { ...attached, algoId: '61', algoClOrdId: 'somebodys' }] : []),
      'account/positions': ok([POSITION()]),
      'trade/order-algo': () => (steps.push('place'), item200({ algoId: '51' })),
      'trade/cancel-algos': () => (steps.push('cancel'), item200({ algoId: '60' })),
    })
    const outcomes = heard<CommandOutcome>((done) => w.port.setProtection('BTCUSDT', { takeProfitTicks: null, stopLossTicks: 610_000, clientId: 'next', replaces: ['ours', 'older'] }, done))
    w.run(9000)
    expect(outcomes).toEqual([{ kind: 'accepted', venueId: '51' }])
    expect(steps).toEqual(['place', 'cancel'])
    expect(bodyOf(w, 'trade/order-algo')).toMatchObject({ algoClOrdId: 'next', closeFraction: '1' })
    expect(bodyOf(w, 'trade/cancel-algos')).toEqual([{ instId: 'BTC-USDT-SWAP', algoId: '60' }])
  })

  it('F11: what came with the entry and cannot be cancelled is no trouble of the one for the whole position, which stands', () => {
    const w = world([])
    const attached: Row = { ...STOP, algoId: '60', algoClOrdId: 'ours', closeFraction: '', sz: '5' }
    w.respond = routes({
      'trade/orders-algo-pending': (query) => ok(query.get('ordType') === 'conditional' ? [attached] : []),
      'account/positions': ok([POSITION()]),
      'trade/order-algo': item200({ algoId: '51' }),
      'trade/cancel-algos': item200({ algoId: '60', sCode: '51006', sMsg: 'no' }),
    })
    const outcomes = heard<CommandOutcome>((done) => w.port.setProtection('BTCUSDT', { takeProfitTicks: null, stopLossTicks: 610_000, clientId: 'next', replaces: ['ours'] }, done))
    w.run(9000)
    expect(outcomes).toEqual([{ kind: 'accepted', venueId: '51' }])
    expect(w.counts.get('okx_protection_beside/refused')).toBe(1)
    const gone = heard<CommandOutcome>((done) => w.port.setProtection('BTCUSDT', { takeProfitTicks: null, stopLossTicks: null, clientId: 'none', replaces: ['ours', 'next'] }, done))
    w.run(9000)
    expect(gone).toMatchObject([{ kind: 'refused', errorClass: 'rejected', code: '51006' }])
  })

  it('a refused change says that nothing protects now', () => {
    const w = world([HELD], item200({ algoId: '', sCode: '51277', sMsg: 'TP trigger' }))
    expect(protect(w, 570_000, null)).toMatchObject([{ kind: 'refused', code: '51277', text: expect.stringContaining('none now') as string }])
    expect(w.counts.get('okx_protection_lost')).toBe(1)
  })

  it('of no position, or when the list is not known, never leaves', () => {
    const w = world([])
    w.respond = routes({ 'account/positions': ok([]) })
    expect(protect(w, 1, null)).toMatchObject([{ kind: 'unsent' }])
    w.respond = routes({ 'trade/orders-algo-pending': refused('50013') })
    expect(protect(w, 1, null)).toMatchObject([{ kind: 'unsent' }])
  })
})

describe('account', () => {
  it('tells its position mode and switches it', () => {
    const w = new TradingWorld()
    w.begin()
    const modes: unknown[] = []
    w.port.positionMode('BTCUSDT', (error, mode) => modes.push(error, mode))
    w.run(1050)
    w.posMode = 'odd'
    w.port.positionMode('BTCUSDT', (error) => modes.push(errorLabel(error)))
    w.run(50)
    w.respond = routes({ 'account/set-position-mode': ok([{ posMode: 'long_short_mode' }]) })
    const set = heard<CommandOutcome>((done) => w.port.setPositionMode('hedge', done))
    w.run(50)
    expect([modes, set, bodyOf(w, 'account/set-position-mode')]).toEqual([[null, 'one-way', 'RM_VENUE_ACCOUNT_MODE'], [{ kind: 'accepted', venueId: '' }], { posMode: 'long_short_mode' }])
    w.respond = routes({ 'account/set-position-mode': refused('59000', 'open positions') })
    const busy = heard<CommandOutcome>((done) => w.port.setPositionMode('one-way', done))
    w.run(50)
    expect(busy).toMatchObject([{ kind: 'refused', errorClass: 'rejected', code: '59000' }])
  })

  it('asks for the position mode once for all who want it within a second, and anew after a switch', () => {
    const w = new TradingWorld()
    w.begin()
    const heardModes: unknown[] = []
    const ask = (): void => w.port.positionMode('BTCUSDT', (error, mode) => heardModes.push(error ?? mode))
    const asked = (): number => w.transport.requests.filter(({ url }) => url.includes('account/config')).length
    const before = asked()
    ask()
    ask()
    w.run(50)
    ask()
    w.run(50)
    expect([heardModes, asked() - before]).toEqual([['one-way', 'one-way', 'one-way'], 1])
    w.respond = routes({ 'account/set-position-mode': ok([{ posMode: 'long_short_mode' }]) })
    ask()
    w.port.setPositionMode('hedge', () => {})
    w.posMode = 'long_short_mode'
    w.run(50)
    ask()
    w.run(50)
    expect([heardModes.slice(3), asked() - before]).toEqual([['one-way', 'hedge'], 2])
  })

  it('fees are those of the instrument\'s group, a cost as a positive and a rebate as a negative fraction', () => {
    const w = new TradingWorld()
    w.instruments = [swap('BTC', { groupId: '7' }), swap('ETH', { ctVal: '0.1', tickSz: '0.01' })]
    w.begin()
    const group = (groupId: string, maker: string, taker: string): Row => ({ groupId, maker, taker })
    const fees = (answer: HttpOutcome, symbol = 'BTCUSDT'): unknown => {
      w.respond = routes({ 'account/trade-fee': answer })
      const told: unknown[] = []
      w.port.fees(symbol, (error, rates) => told.push(error === null ? rates : errorLabel(error)))
      w.run(6000)
      return told[0]
    }
    expect(fees(ok([{ maker: '', taker: '', feeGroup: [group('1', '-1', '-1'), group('7', '0.00005', '-0.0005')] }]))).toEqual({ makerRate: '-0.00005', takerRate: '0.0005' })
    expect(fees(ok([{ makerU: '-0.0002', takerU: '-0.0005', maker: '-1', taker: '-1', feeGroup: [] }]))).toEqual({ makerRate: '0.0002', takerRate: '0.0005' })
    expect(fees(ok([{ maker: '-0.0002', taker: '-0.0005' }]), 'ETHUSDT')).toEqual({ makerRate: '0.0002', takerRate: '0.0005' })
    expect([fees(ok([{ feeGroup: [group('1', '-1', '-1')] }])), fees(ok([{ maker: '', taker: '' }])), fees(ok([])), fees(refused('50013')), fees(ok([]), 'SOLUSDT')]).toEqual(['RM_VENUE_ROW', 'RM_VENUE_ROW', 'RM_VENUE_ROW', 'RM_VENUE_REFUSED', 'RM_VENUE_SNAPSHOT'])
  })

  it.each<[number, string | null]>([[0, '0'], [10_000, '10'], [10_001, '11'], [120_000, '120'], [9_000, null], [120_001, null], [-1, null], [Number.NaN, null]])('a dead-man switch of %d ms is sent as %s s', (timeoutMs, seconds) => {
    const w = new TradingWorld()
    w.begin()
    w.respond = routes({ 'trade/cancel-all-after': ok([{ triggerTime: '1', tag: '', ts: '1' }]) })
    const outcomes = heard<CommandOutcome>((done) => w.port.armDeadMan(timeoutMs, done))
    w.run(50)
    expect(outcomes.map((one) => one.kind)).toEqual([seconds === null ? 'unsent' : 'accepted'])
    if (seconds !== null) expect(bodyOf(w, 'trade/cancel-all-after')).toEqual({ timeOut: seconds, tag: 'rmentry' })
  })
})

describe('balances and positions of one event', () => {
  it('tell of a position first, and a slower, older row of the other channel changes nothing', () => {
    const w = new TradingWorld()
    w.up()
    const both = (eventType: string, pos: string, uTime: string): void => w.push('balance_and_position', { pTime: uTime, eventType, balData: [{ ccy: 'USDT', cashBal: '1', uTime }], posData: [{ ...POSITION({ pos, uTime }), lever: undefined }, { instId: 'BTC-USD-191018', posSide: 'long' }], trades: [] })
    both('filled', '1', '10')
    both('filled', '2', '20')
    w.push('positions', POSITION({ pos: '1', uTime: '10' }))
    w.push('positions', POSITION({ pos: '2', uTime: '20' }))
    expect(w.handler.positions.map((position) => position.signedLots)).toEqual([100, 200, 200])
    expect(w.counts.get('okx_position_old')).toBe(1)
    // A new connection knows nothing of the old times.
    w.socket.drop()
    w.run(1000)
    w.login()
    w.subscribe()
    w.push('positions', POSITION({ pos: '3', uTime: '5' }))
    expect(w.handler.positions.at(-1)!.signedLots).toBe(300)
  })

  it('funding is told with the amount of its bill, also when the bill is late', () => {
    const w = new TradingWorld()
    w.up()
    let bills: Row[] = []
    w.respond = routes({ 'account/bills': () => ok(bills) })
    w.push('balance_and_position', { pTime: '1700000000000', eventType: 'funding_fee', balData: [], posData: [], trades: [] })
    w.run(100)
    expect(w.handler.fills).toEqual([])
    bills = [{ type: '8', subType: '173', billId: '55', instId: 'BTC-USDT-SWAP', balChg: '-0.5', sz: '1.5', px: '60000', ts: '1700000000005' }, { type: '8', billId: '56', instId: 'SOL-USDT-SWAP', balChg: '1', ts: '1' }]
    w.run(3000)
    expect(w.handler.fills).toMatchObject([{ executionId: 'bill-55', kind: 'funding', fee: '0.5', symbol: 'BTCUSDT' }])
    w.respond = routes({ 'account/bills': ok([]) })
    w.push('balance_and_position', { pTime: '1700000001000', eventType: 'funding_fee', balData: [], posData: [], trades: [] })
    w.run(9000)
    expect([w.handler.fills.length, w.counts.get('okx_funding_not_found')]).toEqual([1, 1])
  })
})
