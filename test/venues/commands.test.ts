import { describe, expect, it } from 'vitest'
import { errorLabel, SELL } from '../../src/core/index.ts'
import type { CommandOutcome, FeeRates, OrderChange, OrderRequest, PositionMode } from '../../src/venues/index.ts'
import { answer, refusal, type Responder } from './fake-transport.ts'
import { EXECUTION, ORDER, POSITION, ROW, WALL_MS, WALLET, World } from './trading-world.ts'

const up = (settings: ConstructorParameters<typeof World>[0] = {}): World => {
  const w = new World(settings)
  w.up()
  return w
}

/** Outcome of one command; never inside the call. */
function heard<T>(ask: (done: (value: T) => void) => void): T[] {
  const values: T[] = []
  ask((value) => values.push(value))
  expect(values).toEqual([])
  return values
}

const argsOf = (w: World): Record<string, unknown> => (w.trade.sent.at(-1)!['args'] as Record<string, unknown>[])[0]!
const bodyOf = (w: World, path: string): Record<string, unknown> => JSON.parse(w.transport.requests.findLast((request) => request.path === path)!.body!) as Record<string, unknown>

describe('amend', () => {
  it('names only what changes, the new total on the lot, the price on the tick', () => {
    const w = up()
    const outcomes = heard<CommandOutcome>((done) => w.port.amend('BTCUSDT', 'a1', { priceTicks: 600_005, lots: 25 }, done))
    expect(w.trade.sent.at(-1)).toMatchObject({ op: 'order.amend', args: [{ category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'a1', price: '60000.5', qty: '0.025' }] })
    w.reply(0, { orderId: 'v1', orderLinkId: 'a1' })
    expect(outcomes).toEqual([{ kind: 'accepted', venueId: 'v1' }])
    w.port.amend('ETHUSDT', 'a2', { lots: 3 }, () => {})
    expect(argsOf(w)).toStrictEqual({ category: 'linear', symbol: 'ETHUSDT', orderLinkId: 'a2', qty: '0.03' })
  })

  it.each([[110001, 'not-found'], [110008, 'not-found'], [110064, 'rejected'], [110003, 'rejected'], [10006, 'rate-limited']])('code %i is refused as %s, and not asked twice', (code, errorClass) => {
    const w = up()
    const outcomes = heard<CommandOutcome>((done) => w.port.amend('BTCUSDT', 'a1', { lots: 5 }, done))
    w.reply(code)
    w.run(10_000)
    expect(outcomes).toMatchObject([{ kind: 'refused', errorClass, code: String(code) }])
    expect(w.trade.ops('order.amend')).toHaveLength(1)
  })

  it('goes over REST while the trade socket is down, under a limit of its own', () => {
    const w = up()
    for (let i = 0; i < 12; i++) w.port.place({ ...ORDER, clientId: `p${i}` }, () => {})
    w.trade.drop()
    w.respond = () => answer({ orderId: 'v1', orderLinkId: 'a1' })
    const outcomes = heard<CommandOutcome>((done) => w.port.amend('BTCUSDT', 'a1', { priceTicks: 5 }, done))
    w.run(10)
    expect(outcomes).toEqual([{ kind: 'accepted', venueId: 'v1' }])
    expect(bodyOf(w, '/v5/order/amend')).toEqual({ category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'a1', price: '0.5' })
  })

  it.each<readonly [string, OrderChange, string, string]>([
    ['nothing', {}, 'BTCUSDT', 'a'], ['no lots', { lots: 0 }, 'BTCUSDT', 'a'], ['half a lot', { lots: 0.5 }, 'BTCUSDT', 'a'], ['NaN ticks', { priceTicks: Number.NaN }, 'BTCUSDT', 'a'],
    ['a negative price', { priceTicks: -1 }, 'BTCUSDT', 'a'], ['a symbol not traded here', { lots: 1 }, 'DOGEUSDT', 'a'], ['a bad client id', { lots: 1 }, 'BTCUSDT', 'a b'],
  ])('%s never leaves this machine', (_name, change, symbol, clientId) => {
    const w = up()
    const outcomes = heard<CommandOutcome>((done) => w.port.amend(symbol, clientId, change, done))
    w.run(1)
    expect(outcomes).toMatchObject([{ kind: 'unsent' }])
    expect(w.trade.ops('order.amend')).toEqual([])
  })
})

describe('trigger orders, attached exits, legs', () => {
  const placed = (change: Partial<OrderRequest>): Record<string, unknown> => {
    const w = up({ protectionBy: 'mark' })
    w.port.place({ ...ORDER, timeInForce: 'GTC', ...change }, () => {})
    return argsOf(w)
  }

  it('a trigger carries its price, the side from which it is crossed, and what it is measured by', () => {
    expect(placed({ trigger: { priceTicks: 610_000, direction: 'rise', by: 'last' } })).toMatchObject({ triggerPrice: '61000.0', triggerDirection: 1, triggerBy: 'LastPrice', price: '60000.0' })
    expect(placed({ side: SELL, type: 'market', priceTicks: null, reduceOnly: true, trigger: { priceTicks: 590_000, direction: 'fall', by: 'mark' } })).toMatchObject({ triggerPrice: '59000.0', triggerDirection: 2, triggerBy: 'MarkPrice', orderType: 'Market', reduceOnly: true })
    expect(placed({ trigger: { priceTicks: 1, direction: 'fall', by: 'index' } })).toMatchObject({ triggerPrice: '0.1', triggerBy: 'IndexPrice' })
    expect(Object.keys(placed({})).filter((key) => key.startsWith('trigger') || key.startsWith('t'))).toEqual(['timeInForce'])
  })

  it('attached exits close the whole position at market, each only where it is named', () => {
    expect(placed({ attach: { takeProfitTicks: 620_000, stopLossTicks: 590_000 } })).toMatchObject({ tpslMode: 'Full', takeProfit: '62000.0', tpTriggerBy: 'MarkPrice', stopLoss: '59000.0', slTriggerBy: 'MarkPrice' })
    const one = placed({ attach: { stopLossTicks: 590_000 } })
    expect(one).toMatchObject({ tpslMode: 'Full', stopLoss: '59000.0' })
    expect(one).not.toHaveProperty('takeProfit')
    expect(one).not.toHaveProperty('tpTriggerBy')
  })

  it('a leg is the venue\'s position index', () => {
    expect([placed({}), placed({ leg: 'long' }), placed({ leg: 'short' })].map((args) => args['positionIdx'])).toEqual([0, 1, 2])
  })

  it.each<readonly [string, Partial<OrderRequest>]>([
    ['exits attached to an exit', { reduceOnly: true, attach: { stopLossTicks: 5 } }], ['exits without a price', { attach: {} }], ['a stop at zero', { attach: { stopLossTicks: 0 } }], ['a take-profit between ticks', { attach: { takeProfitTicks: 1.5 } }],
    ['a trigger at zero', { trigger: { priceTicks: 0, direction: 'rise', by: 'last' } }], ['a trigger at NaN', { trigger: { priceTicks: Number.NaN, direction: 'rise', by: 'last' } }],
  ])('%s never leave this machine', (_name, change) => {
    const w = up()
    const outcomes = heard<CommandOutcome>((done) => w.port.place({ ...ORDER, ...change }, done))
    w.run(1)
    expect(outcomes).toMatchObject([{ kind: 'unsent' }])
    expect(w.trade.ops('order.create')).toEqual([])
  })

  it('a waiting order is untriggered by stream and in the snapshot; called off it is cancelled, triggered it is open', () => {
    const w = up()
    w.private.receive({ topic: 'order', data: ['Untriggered', 'Triggered', 'New', 'Deactivated'].map((orderStatus) => ROW({ orderStatus, cumExecQty: '0', avgPrice: '' })) })
    expect(w.handler.orders.map((order) => order.status)).toEqual(['untriggered', 'open', 'open', 'cancelled'])
    w.respond = (_r, query, path) => {
      if (path.endsWith('realtime')) return answer({ list: [ROW({ orderStatus: 'Untriggered', cumExecQty: '0', orderId: 'u' }), ROW({ orderStatus: 'Filled', orderId: 'f' })], nextPageCursor: '' })
      if (path.endsWith('position/list')) return answer({ list: [POSITION(query.get('symbol')!)] })
      return path.endsWith('wallet-balance') ? answer(WALLET) : answer({ list: [EXECUTION('e', 1)], nextPageCursor: '' })
    }
    const ids: string[] = []
    w.port.snapshot(['BTCUSDT'], WALL_MS, (_error, snapshot) => ids.push(...snapshot!.openOrders.map((order) => order.venueId)))
    w.run(100)
    expect(ids).toEqual(['u'])
  })
})

describe('batches', () => {
  const requests = (n: number): OrderRequest[] => Array.from({ length: n }, (_, i) => ({ ...ORDER, clientId: `b-${i}`, priceTicks: 600_000 + i }))
  const rows = (n: number): { list: unknown[] } => ({ list: Array.from({ length: n }, (_, i) => ({ category: 'linear', symbol: 'BTCUSDT', orderId: `v-${i}`, orderLinkId: `b-${i}` })) })
  const verdicts = (codes: readonly number[]): { list: unknown[] } => ({ list: codes.map((code) => ({ code, msg: code === 0 ? 'OK' : 'text' })) })

  it('every order has its own outcome, by its own code', () => {
    const w = up()
    const outcomes = heard<readonly CommandOutcome[]>((done) => w.port.placeBatch(requests(4), done))
    const args = argsOf(w)
    expect(args['category']).toBe('linear')
    expect(args['request']).toMatchObject([{ orderLinkId: 'b-0', price: '60000.0', symbol: 'BTCUSDT' }, { orderLinkId: 'b-1', price: '60000.1' }, {}, {}])
    expect((args['request'] as object[])[0]).not.toHaveProperty('category')
    w.reply(0, { list: rows(4).list.map((row, i) => (i === 0 ? row : { ...(row as object), orderId: '' })) }, {}, verdicts([0, 110007, 10016, 10006]))
    expect(outcomes).toEqual([[
      { kind: 'accepted', venueId: 'v-0' }, { kind: 'refused', errorClass: 'insufficient-margin', code: '110007', text: 'text' }, { kind: 'unknown', reason: 'code 10016: text' }, { kind: 'refused', errorClass: 'rate-limited', code: '10006', text: 'text' },
    ]])
  })

  it('cancels go in one frame too, over REST while the socket is down', () => {
    const w = up()
    const outcomes = heard<readonly CommandOutcome[]>((done) => w.port.cancelBatch('BTCUSDT', ['b-0', 'b-1'], done))
    expect(argsOf(w)).toStrictEqual({ category: 'linear', request: [{ symbol: 'BTCUSDT', orderLinkId: 'b-0' }, { symbol: 'BTCUSDT', orderLinkId: 'b-1' }] })
    w.reply(0, rows(2), {}, verdicts([0, 110001]))
    expect(outcomes).toMatchObject([[{ kind: 'accepted' }, { kind: 'refused', errorClass: 'not-found' }]])
    w.trade.drop()
    w.respond = () => answer(rows(2), { retExtInfo: verdicts([0, 0]) })
    const second = heard<readonly CommandOutcome[]>((done) => w.port.cancelBatch('BTCUSDT', ['b-0', 'b-1'], done))
    w.run(10)
    expect(second).toMatchObject([[{ kind: 'accepted', venueId: 'v-0' }, { kind: 'accepted', venueId: 'v-1' }]])
    expect(w.transport.asked('/v5/order/cancel-batch')).toBe(1)
  })

  it.each<readonly [string, Record<string, unknown>, Record<string, unknown>]>([
    ['no verdicts', rows(2), {}], ['one verdict for two', rows(2), verdicts([0])], ['one row for two', rows(1), verdicts([0, 0])], ['no rows', {}, verdicts([0, 0])], ['verdicts without a code', rows(2), { list: [{}, {}] }],
    ['rows of other orders', { list: rows(2).list.toReversed() }, verdicts([0, 0])],
  ])('%s: the outcome is unknown, whatever the envelope says', (_name, data, ext) => {
    const w = up()
    const outcomes = heard<readonly CommandOutcome[]>((done) => w.port.placeBatch(requests(2), done))
    w.reply(0, data, {}, ext)
    expect(outcomes[0]!.map((outcome) => outcome.kind)).toEqual(['unknown', 'unknown'])
  })

  it('a refused envelope refuses all, a lost answer leaves all unknown, and both once', () => {
    const w = up()
    const refused = heard<readonly CommandOutcome[]>((done) => w.port.placeBatch(requests(2), done))
    w.reply(10003)
    expect(refused).toMatchObject([[{ kind: 'refused', errorClass: 'auth' }, { kind: 'refused', errorClass: 'auth' }]])
    const lost = heard<readonly CommandOutcome[]>((done) => w.port.placeBatch(requests(3), done))
    w.trade.drop()
    w.run(10_000)
    expect(lost.map((outcomes) => outcomes.map((outcome) => outcome.kind))).toEqual([['unknown', 'unknown', 'unknown']])
  })

  it.each<readonly [string, (w: World, done: (outcomes: readonly CommandOutcome[]) => void) => void, number]>([
    ['one order off the grid', (w, done) => w.port.placeBatch([...requests(2), { ...ORDER, clientId: 'x', lots: 0 }], done), 3],
    ['too many orders', (w, done) => w.port.placeBatch(requests(w.port.batchMax + 1), done), 11],
    ['the same client id twice', (w, done) => w.port.placeBatch([ORDER, ORDER], done), 2],
    ['a symbol not traded here', (w, done) => w.port.cancelBatch('DOGEUSDT', ['a'], done), 1],
    ['no orders at all', (w, done) => w.port.placeBatch([], done), 0],
  ])('%s: nothing of the batch leaves', (_name, ask, n) => {
    const w = up()
    const outcomes = heard<readonly CommandOutcome[]>((done) => ask(w, done))
    w.run(1)
    expect(outcomes.map((list) => list.map((outcome) => outcome.kind))).toEqual([Array.from({ length: n }, () => 'unsent')])
    expect([...w.trade.ops('order.create-batch'), ...w.trade.ops('order.cancel-batch')]).toEqual([])
  })

  it('its orders count one by one under the limit', () => {
    const w = up({ placeWaitMs: 5000 })
    w.port.placeBatch(requests(6), () => {})
    w.port.placeBatch(requests(6).map((request) => ({ ...request, clientId: `${request.clientId}x` })), () => {})
    expect(w.trade.ops('order.create-batch')).toHaveLength(1)
    w.run(1000)
    expect(w.trade.ops('order.create-batch')).toHaveLength(1)
    w.run(100)
    expect(w.trade.ops('order.create-batch')).toHaveLength(2)
  })
})

describe('the account\'s settings', () => {
  const asking = (respond: Responder): World => {
    const w = up()
    w.respond = respond
    return w
  }

  it.each<readonly [string, unknown[], PositionMode | null, string | null]>([
    ['one row of index 0', [POSITION('BTCUSDT')], 'one-way', null], ['two legs', [POSITION('BTCUSDT', { positionIdx: 1 }), POSITION('BTCUSDT', { positionIdx: 2 })], 'hedge', null],
    ['no row', [], null, 'RM_VENUE_ROW'], ['a row of another symbol', [POSITION('ETHUSDT')], null, 'RM_VENUE_ROW'], ['no index', [POSITION('BTCUSDT', { positionIdx: '' })], null, 'RM_VENUE_ROW'],
  ])('position mode by %s', (_name, list, mode, error) => {
    const w = asking(() => answer({ list, nextPageCursor: '' }))
    const results: unknown[] = []
    w.port.positionMode('BTCUSDT', (problem, found) => results.push([problem === null ? null : errorLabel(problem), found]))
    w.run(100)
    expect(results).toEqual([[error, mode]])
  })

  it('position mode is set for the coin; with positions or orders it is refused', () => {
    const w = asking(() => answer({}))
    const outcomes: CommandOutcome[] = []
    w.port.setPositionMode('hedge', (outcome) => outcomes.push(outcome))
    w.run(10)
    expect(bodyOf(w, '/v5/position/switch-mode')).toEqual({ category: 'linear', coin: 'USDT', mode: 3 })
    w.respond = () => refusal(110025)
    w.port.setPositionMode('one-way', (outcome) => outcomes.push(outcome))
    w.run(10)
    expect(bodyOf(w, '/v5/position/switch-mode')).toMatchObject({ mode: 0 })
    w.respond = () => refusal(110024)
    w.port.setPositionMode('one-way', (outcome) => outcomes.push(outcome))
    w.run(10)
    expect(outcomes).toMatchObject([{ kind: 'accepted' }, { kind: 'refused', errorClass: 'unchanged' }, { kind: 'refused', errorClass: 'rejected', code: '110024' }])
  })

  it('fees are the text of the venue, and never guessed', () => {
    const results: unknown[] = []
    const ask = (w: World): void => {
      w.port.fees('BTCUSDT', (error, fees: FeeRates | null) => results.push(error === null ? fees : errorLabel(error)))
      w.run(100)
    }
    ask(asking(() => answer({ list: [{ symbol: 'BTCUSDT', takerFeeRate: '0.00055', makerFeeRate: '-0.0001' }] })))
    ask(asking(() => answer({ list: [{ symbol: 'BTCUSDT', takerFeeRate: '', makerFeeRate: '0.0001' }] })))
    ask(asking(() => answer({ list: [{ symbol: 'ETHUSDT', takerFeeRate: '0.1', makerFeeRate: '0.0001' }] })))
    ask(asking(() => refusal(10005)))
    expect(results).toEqual([{ makerRate: '-0.0001', takerRate: '0.00055' }, 'RM_VENUE_ROW', 'RM_VENUE_ROW', 'RM_VENUE_REFUSED'])
  })

  it('protection names both exits, "0" for none; unchanged is a class of its own', () => {
    const w = asking(() => answer({}))
    const outcomes: CommandOutcome[] = []
    const tell = (outcome: CommandOutcome): void => void outcomes.push(outcome)
    w.port.setProtection('BTCUSDT', { takeProfitTicks: 620_000, stopLossTicks: null }, tell)
    w.run(10)
    expect(bodyOf(w, '/v5/position/trading-stop')).toEqual({ category: 'linear', symbol: 'BTCUSDT', tpslMode: 'Full', positionIdx: 0, takeProfit: '62000.0', tpTriggerBy: 'LastPrice', stopLoss: '0' })
    w.respond = () => refusal(34040)
    w.port.setProtection('BTCUSDT', { takeProfitTicks: 620_000, stopLossTicks: 590_000, leg: 'short' }, tell)
    w.run(10)
    expect(bodyOf(w, '/v5/position/trading-stop')).toMatchObject({ positionIdx: 2, stopLoss: '59000.0', slTriggerBy: 'LastPrice' })
    w.respond = () => refusal(10001)
    w.port.setProtection('BTCUSDT', { takeProfitTicks: null, stopLossTicks: 590_000 }, tell)
    w.run(10)
    // With its position the stop is gone: the venue has one code for that and for what is wrong.
    w.port.setProtection('BTCUSDT', { takeProfitTicks: null, stopLossTicks: null }, tell)
    w.port.setProtection('BTCUSDT', { takeProfitTicks: 1.5, stopLossTicks: null }, tell)
    w.port.setProtection('DOGEUSDT', { takeProfitTicks: 1, stopLossTicks: null }, tell)
    w.run(10)
    expect(outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.errorClass : outcome.kind))).toEqual(['accepted', 'unchanged', 'rejected', 'unsent', 'unsent', 'not-found'])
  })
})

describe('legs of an account in hedge mode', () => {
  it('are positions of their own where the settings expect them, in stream and snapshot', () => {
    const w = up({ hedge: true })
    w.private.receive({ topic: 'position', data: [{ category: 'linear', ...POSITION('BTCUSDT', { positionIdx: 1, entryPrice: '50000' }) }, { category: 'linear', ...POSITION('BTCUSDT', { positionIdx: 2, side: 'Sell', size: '0.2', entryPrice: '51000' }) }] })
    expect(w.handler.positions).toEqual([{ symbol: 'BTCUSDT', leg: 'long', signedLots: 500, entryPrice: '50000', leverage: '10' }, { symbol: 'BTCUSDT', leg: 'short', signedLots: -200, entryPrice: '51000', leverage: '10' }])
    const snapshots = (list: unknown[]): unknown => {
      const results: unknown[] = []
      w.respond = (_r, _q, path) => (path.endsWith('position/list') ? answer({ list }) : path.endsWith('wallet-balance') ? answer(WALLET) : answer({ list: [], nextPageCursor: '' }))
      w.port.snapshot(['BTCUSDT'], WALL_MS, (error, snapshot) => results.push(error === null ? snapshot!.positions.map((position) => [position.leg, position.signedLots]) : errorLabel(error)))
      w.run(100)
      return results[0]
    }
    const long = POSITION('BTCUSDT', { positionIdx: 1 })
    const short = POSITION('BTCUSDT', { positionIdx: 2, side: '', size: '0' })
    expect(snapshots([long, short])).toEqual([['long', 500], ['short', 0]])
    expect(snapshots([long, long])).toBe('RM_VENUE_SNAPSHOT')
    expect(snapshots([long, short, short])).toBe('RM_VENUE_SNAPSHOT')
    expect(snapshots([POSITION('BTCUSDT', { positionIdx: 2 })])).toBe('RM_VENUE_ROW')
  })
})

describe('the venue\'s disconnect protection', () => {
  const acknowledge = (w: World, success = true, withId = true): void => {
    const frame = w.private.sent.findLast((sent) => sent['req_id'] === 'dead-man')!
    w.private.receive({ success, ret_msg: success ? '' : 'no permission of dcp.future', conn_id: 'c', req_id: withId ? 'dead-man' : '', op: frame['op'] })
  }
  const armed = (): { readonly w: World; readonly outcomes: CommandOutcome[] } => {
    const w = up()
    w.respond = () => answer({})
    const outcomes = heard<CommandOutcome>((done) => w.port.armDeadMan(40_000, done))
    w.run(10)
    return { w, outcomes }
  }

  it('is armed when the window is set and the connection stands under it, not before', () => {
    const { w, outcomes } = armed()
    expect(bodyOf(w, '/v5/order/disconnected-cancel-all')).toEqual({ product: 'DERIVATIVES', timeWindow: 40 })
    expect(w.private.sent.at(-1)).toMatchObject({ op: 'subscribe', args: ['dcp.future'] })
    expect(outcomes).toEqual([])
    acknowledge(w)
    expect(outcomes).toEqual([{ kind: 'accepted', venueId: '' }])
    w.port.armDeadMan(20_500, (outcome) => outcomes.push(outcome))
    w.run(10)
    expect(bodyOf(w, '/v5/order/disconnected-cancel-all')).toMatchObject({ timeWindow: 21 })
    expect(outcomes).toHaveLength(2)
    expect(w.private.ops('subscribe')).toHaveLength(2)
  })

  it('a new connection stands under it again, and is cut when it cannot', () => {
    const { w } = armed()
    acknowledge(w)
    w.private.drop()
    w.run(1000)
    w.openPrivate()
    expect(w.private.sent.at(-1)).toMatchObject({ op: 'subscribe', args: ['dcp.future'] })
    acknowledge(w)
    expect(w.handler.links.at(-1)).toBe('up')
    w.private.drop()
    w.run(1000)
    w.openPrivate()
    acknowledge(w, false, false)
    expect(w.handler.links.at(-1)).toBe('down: the venue refused dcp.future on a new connection: no permission of dcp.future')
    w.run(1000)
    w.openPrivate()
    w.run(6000)
    expect(w.handler.links.some((line) => line.includes('subscribe of dcp.future not answered'))).toBe(true)
  })

  it('refusals of either step are told; the link stays', () => {
    const { w, outcomes } = armed()
    acknowledge(w, false, false)
    w.respond = () => refusal(10005)
    w.port.armDeadMan(40_000, (outcome) => outcomes.push(outcome))
    w.run(10)
    expect(outcomes).toMatchObject([{ kind: 'refused', errorClass: 'rejected' }, { kind: 'refused', errorClass: 'auth' }])
    expect(w.handler.links).toEqual(['up'])
  })

  it('is left by time 0, and then not taken again', () => {
    const { w, outcomes } = armed()
    acknowledge(w)
    w.port.armDeadMan(0, (outcome) => outcomes.push(outcome))
    expect(w.private.sent.at(-1)).toMatchObject({ op: 'unsubscribe', args: ['dcp.future'] })
    acknowledge(w)
    expect(outcomes).toHaveLength(2)
    w.private.drop()
    w.run(1000)
    w.openPrivate()
    expect(w.private.sent.filter((frame) => frame['req_id'] === 'dead-man')).toEqual([])
    w.port.armDeadMan(0, (outcome) => outcomes.push(outcome))
    w.run(1)
    expect(outcomes.at(-1)).toEqual({ kind: 'accepted', venueId: '' })
  })

  it('a lost answer, a lost connection and a connection that is not there are told as what they are', () => {
    const silent = armed()
    silent.w.run(6000)
    expect(silent.outcomes).toMatchObject([{ kind: 'unknown' }])
    const cut = armed()
    cut.w.private.drop()
    expect(cut.outcomes).toMatchObject([{ kind: 'unknown' }])
    const w = up()
    w.private.drop()
    w.respond = () => answer({})
    const outcomes = heard<CommandOutcome>((done) => w.port.armDeadMan(40_000, done))
    w.run(10)
    expect(outcomes).toMatchObject([{ kind: 'unsent' }])
    expect(w.transport.asked('/v5/order/disconnected-cancel-all')).toBe(0)
  })

  it.each([1, 2000, 300_001, Number.NaN, -5, Number.POSITIVE_INFINITY])('%d ms is not a time that the venue takes', (timeoutMs) => {
    const w = up()
    const outcomes = heard<CommandOutcome>((done) => w.port.armDeadMan(timeoutMs, done))
    w.run(10)
    expect(outcomes).toMatchObject([{ kind: 'unsent' }])
    expect(w.transport.asked('/v5/order/disconnected-cancel-all')).toBe(0)
  })
})
