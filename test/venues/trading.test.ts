import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { errorLabel, Random, SELL, VirtualTime } from '../../src/core/index.ts'
import { type AccountSnapshot, type BybitSettings, bybitUrlsAt, type CommandOutcome, createBybitVenue, type HttpOutcome, type OrderEvidence, RESILIENCE_DEFAULTS } from '../../src/venues/index.ts'
import { answer, FakeTransport, refusal, type Responder } from './fake-transport.ts'
import { bodyOf, BTC, ETH, fixturesPresent, framesOf } from './fixtures.ts'
import { EXECUTION, ORDER, POSITION, type Recorder, ROW, WALL_MS, WALLET, World } from './trading-world.ts'

describe('private stream', () => {
  it('logs in on the venue\'s clock with a valid signature, subscribes, and is up only then', () => {
    const w = new World()
    w.venueAheadMs = 3_000
    w.port.start(w.handler)
    w.run(20)
    w.private.open()
    const [key, expires, sign] = w.private.sent[0]!['args'] as [string, number, string]
    expect(key).toBe('testkey')
    expect(sign).toBe(createHmac('sha256', 'testsecret').update(`GET/realtime${expires}`).digest('hex'))
    const venueNow = WALL_MS + w.time.nowNs() / 1e6 + 3_000
    expect(expires).toBeGreaterThan(venueNow)
    expect(expires).toBeLessThan(venueNow + 11_000)
    w.private.receive({ success: true, ret_msg: '', op: 'auth', conn_id: 'c' })
    expect(w.private.sent[1]).toMatchObject({ op: 'subscribe', args: ['order', 'execution', 'position', 'wallet'] })
    expect(w.handler.links).toEqual([])
    w.private.receive({ success: true, ret_msg: '', conn_id: 'c', req_id: 'topics', op: 'subscribe' })
    expect(w.handler.links).toEqual(['up'])
  })

  it('comes up on our own clock when the venue\'s cannot be measured', () => {
    const w = new World()
    w.transport.respond = () => null
    w.port.start(w.handler)
    w.run(5001)
    w.openPrivate()
    expect(w.handler.links).toEqual(['up'])
    w.run(30_000)
    expect(w.transport.count('/v5/private')).toBe(1)
  })

  it('stopped before the clock was measured, it connects nothing', () => {
    const w = new World()
    w.port.start(w.handler)
    w.port.stop()
    w.run(30_000)
    expect(w.transport.sockets).toEqual([])
  })

  it.each([
    [{ success: false, ret_msg: 'Invalid key', op: 'auth', conn_id: 'c' }, 'Invalid key'],
    [{ op: 'auth', success: false, retCode: 10003, retMsg: 'Invalid apikey', connId: 'c' }, '10003 Invalid apikey'],
  ])('a refused login is told with the venue\'s words and tried again later: %j', (frame, words) => {
    const w = new World()
    w.port.start(w.handler)
    w.run(20)
    w.private.open()
    w.private.receive(frame)
    expect(w.handler.links).toEqual([`down: login refused: ${words}`])
    expect(w.transport.count('/v5/private')).toBe(1)
    w.run(1000)
    expect(w.transport.count('/v5/private')).toBe(2)
  })

  it('tells a lost connection, and up again only after a new login and subscription', () => {
    const w = new World()
    w.up()
    w.private.drop(1006, 'restart')
    w.run(1000)
    expect(w.handler.links).toEqual(['up', 'down: closed by the other side: 1006 restart'])
    w.openPrivate()
    expect(w.handler.links.at(-1)).toBe('up')
  })

  it('pings every 20 s and gives a silent connection up', () => {
    const w = new World()
    w.up()
    const socket = w.private
    w.run(20_001)
    expect(socket.ops('ping').length).toBeGreaterThanOrEqual(1)
    w.run(20_000)
    expect(w.handler.links.at(-1)).toMatch(/^down: no frame for 3\d{4} ms$/)
  })

  it('passes duplicate and repeated rows on, one call per row', () => {
    const w = new World()
    w.up()
    const frame = { id: '1', topic: 'order', creationTime: 1, data: [ROW(), ROW({ cancelType: 'CancelByUser', rejectReason: 'EC_OrigClOrdIDDoesNotExist' })] }
    w.private.receive(frame)
    w.private.receive(frame)
    expect(w.handler.orders).toHaveLength(4)
    expect(w.handler.orders[1]).toMatchObject({ status: 'filled', reason: '', filledLots: 10, clientId: 'a1_b-2', venueId: 'v1' })
  })

  it('delivers orders without a client id with an empty one, and leaves other symbols and categories out', () => {
    const w = new World()
    w.up()
    w.private.receive({ topic: 'order', data: [ROW({ orderLinkId: '' }), ROW({ symbol: 'DOGEUSDT' }), ROW({ category: 'spot' })] })
    expect(w.handler.orders.map((order) => order.clientId)).toEqual([''])
    expect(w.counts.get('bybit_foreign_row/order')).toBe(2)
  })

  it('F24: rows off the grid, as after a change of tick or lot, are told with their exact text and touch nobody else', () => {
    const w = new World()
    w.up()
    w.private.receive({ topic: 'execution', data: [EXECUTION('e', 1, { execPrice: '60000.06', execQty: '0.0015' })] })
    w.private.receive({ topic: 'order', data: [ROW({ price: '60000.06', qty: '0.0035', cumExecQty: '0.0015' })] })
    w.private.receive({ topic: 'position', data: [{ category: 'linear', ...POSITION('BTCUSDT', { side: 'Sell', size: '0.0025', entryPrice: '60000.06' }) }] })
    expect(w.handler.links).toEqual(['up'])
    expect(w.handler.fills).toMatchObject([{ priceTicks: 600_001, priceText: '60000.06', lots: 1, sizeText: '0.0015' }])
    expect(w.handler.orders).toMatchObject([{ priceTicks: 600_001, lots: 3, filledLots: 1 }])
    expect(w.handler.positions).toMatchObject([{ signedLots: -2, sizeText: '0.0025' }])
  })

  it.each([
    ['a size that is none', { topic: 'execution', data: [EXECUTION('e', 1, { execQty: '-0.001' })] }],
    ['a price that is none', { topic: 'execution', data: [EXECUTION('e', 1, { execPrice: '6e4' })] }],
    ['an unknown kind of execution', { topic: 'execution', data: [EXECUTION('e', 1, { execType: 'Gift' })] }],
    ['an unknown order status', { topic: 'order', data: [ROW({ orderStatus: 'Vanished' })] }],
    ['a position without a size', { topic: 'position', data: [{ category: 'linear', ...POSITION('BTCUSDT', { size: '' }) }] }],
    ['a leg of a hedge position', { topic: 'position', data: [{ category: 'linear', ...POSITION('BTCUSDT', { positionIdx: 1 }) }] }],
    ['NaN in the wallet', { topic: 'wallet', data: [{ ...WALLET.list[0], coin: [{ coin: 'USDT', walletBalance: 'NaN' }] }] }],
    ['rows that are no list', { topic: 'order', data: {} }],
    ['a frame that is no JSON', '{"topic":"execution","data":[{"execId"'],
  ])('%s takes the link down, so that the account is read anew, instead of losing an event quietly', (_name, frame) => {
    const w = new World()
    w.up()
    w.private.receive(frame)
    expect(w.handler.links.at(-1)).toMatch(/^down: ./)
    expect([...w.handler.orders, ...w.handler.fills, ...w.handler.positions, ...w.handler.wallets]).toEqual([])
    w.run(2000)
    w.openPrivate()
    expect(w.handler.links.at(-1)).toBe('up')
  })

  it('rows behind a bad one wait for the account to be read anew: nothing arrives after the link went down', () => {
    const w = new World()
    w.up()
    w.private.receive({ topic: 'execution', data: [EXECUTION('e1', 1), EXECUTION('e2', 1, { execQty: 'x' }), EXECUTION('e3', 1)] })
    expect(w.handler.fills.map((fill) => fill.executionId)).toEqual(['e1'])
    expect(w.handler.links.at(-1)).toContain('RM_VENUE_ROW')
  })

  it('keeps funding, liquidation and the like apart from trades', () => {
    const w = new World()
    w.up()
    for (const execType of ['Trade', 'Funding', 'BustTrade', 'AdlTrade', 'Settle', 'Delivery']) w.private.receive({ topic: 'execution', data: [EXECUTION(execType, 1, { execType, execPrice: execType === 'Trade' ? '60000.1' : '60000.13' })] })
    expect(w.handler.fills.map((fill) => [fill.kind, fill.priceTicks])).toEqual([['trade', 600_001], ['funding', 600_001], ['liquidation', 600_001], ['adl', 600_001], ['settle', 600_001], ['settle', 600_001]])
  })

  it('a wallet push without the quote coin says nothing about it', () => {
    const w = new World()
    w.up()
    w.private.receive({ topic: 'wallet', data: [{ totalAvailableBalance: '1', totalInitialMargin: '0', coin: [{ coin: 'BTC', walletBalance: '1', equity: '1' }] }] })
    w.private.receive({ topic: 'wallet', data: [{ totalAvailableBalance: '', totalInitialMargin: '', coin: [{ coin: 'USDT', walletBalance: '1000.1', equity: '', totalOrderIM: '0.1', totalPositionIM: '0.2' }] }] })
    expect(w.handler.wallets).toEqual([{ balance: '1000.1', equity: '1000.1', marginUsed: '0.3', marginAvailable: '999.8' }])
  })
})

describe('placing over the trade socket', () => {
  it('sends the order on the grid with client id and time stamp, and gives the venue\'s id back', () => {
    const w = new World()
    w.up()
    const outcomes = w.place()
    const frame = w.trade.sent.at(-1)!
    expect(frame).toMatchObject({
      op: 'order.create', header: { 'X-BAPI-RECV-WINDOW': '5000' },
      args: [{ category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.010', price: '60000.0', timeInForce: 'PostOnly', positionIdx: 0, orderLinkId: 'a1_b-2', reduceOnly: false }],
    })
    w.reply(0, { orderId: 'v1', orderLinkId: 'a1_b-2' })
    expect(outcomes).toEqual([{ kind: 'accepted', venueId: 'v1' }])
    w.place({ ...ORDER, side: SELL, type: 'market', priceTicks: null, reduceOnly: true, symbol: 'ETHUSDT', lots: 123 })
    expect((w.trade.sent.at(-1)!['args'] as unknown[])[0]).toStrictEqual({ category: 'linear', symbol: 'ETHUSDT', side: 'Sell', orderType: 'Market', qty: '1.23', timeInForce: 'IOC', positionIdx: 0, orderLinkId: 'a1_b-2', reduceOnly: true })
  })

  it.each([
    [110007, 'insufficient-margin'], [110072, 'duplicate'], [110001, 'not-found'], [110008, 'not-found'], [110017, 'reduce-only'], [10006, 'rate-limited'], [10002, 'clock'], [10003, 'auth'], [110043, 'unchanged'],
    [10001, 'rejected'], [110094, 'rejected'], [110999, 'rejected'], [110074, 'retryable'],
  ])('code %i is refused as %s', (code, errorClass) => {
    const w = new World({ resilience: { ...RESILIENCE_DEFAULTS, retryMax: 0 } })
    w.up()
    const outcomes = w.place()
    w.reply(code)
    expect(outcomes).toEqual([{ kind: 'refused', errorClass, code: String(code), text: 'text' }])
  })

  it.each([10000, 10016, 170007, 987654])('code %i proves nothing: unknown', (code) => {
    const w = new World()
    w.up()
    const outcomes = w.place()
    w.reply(code)
    expect(outcomes).toMatchObject([{ kind: 'unknown' }])
  })

  it('a lost answer is unknown at the deadline, and a late one changes nothing', () => {
    const w = new World()
    w.up()
    const outcomes = w.place()
    w.run(4999)
    expect(outcomes).toEqual([])
    w.run(2)
    expect(outcomes).toMatchObject([{ kind: 'unknown' }])
    w.reply(0, { orderId: 'v1' })
    expect(outcomes).toHaveLength(1)
    expect(w.counts.get('bybit_trade_answer_unexpected')).toBe(1)
  })

  it('a repeated answer and one with a foreign request id change nothing', () => {
    const w = new World()
    w.up()
    const outcomes = w.place()
    w.trade.receive({ reqId: 'someone-else', retCode: 0, retMsg: 'OK', op: 'order.create', data: { orderId: 'x' } })
    expect(outcomes).toEqual([])
    w.reply(0, { orderId: 'v1' })
    w.reply(110007)
    expect(outcomes).toEqual([{ kind: 'accepted', venueId: 'v1' }])
  })

  it('a connection lost after sending makes every command unknown, once', () => {
    const w = new World()
    w.up()
    const outcomes = [w.place(), w.place({ ...ORDER, clientId: 'second' })]
    w.trade.drop()
    w.run(10_000)
    expect(outcomes.map((list) => list.map((outcome) => outcome.kind))).toEqual([['unknown'], ['unknown']])
  })

  it('rubbish on the trade socket makes what is under way unknown', () => {
    const w = new World()
    w.up()
    const outcomes = w.place()
    w.trade.receive('{"reqId":')
    w.run(1)
    expect(outcomes).toMatchObject([{ kind: 'unknown' }])
  })

  it('stop leaves nobody waiting', () => {
    const w = new World()
    w.up()
    const outcomes = w.place()
    w.port.stop()
    w.run(1)
    expect(outcomes).toMatchObject([{ kind: 'unknown' }])
    w.run(60_000)
    expect(w.time.pending).toBe(0)
  })

  it.each([
    ['a symbol not traded here', { symbol: 'DOGEUSDT' }], ['no lots', { lots: 0 }], ['NaN lots', { lots: Number.NaN }], ['half a lot', { lots: 1.5 }], ['a limit order without price', { priceTicks: null }],
    ['a market order with price', { type: 'market' as const }], ['a negative price', { priceTicks: -5 }], ['half a tick', { priceTicks: 1.5 }], ['an empty client id', { clientId: '' }], ['a client id of 37', { clientId: 'x'.repeat(37) }], ['a client id with a space', { clientId: 'a b' }],
  ])('%s never leaves this machine', (_name, change) => {
    const w = new World()
    w.up()
    const outcomes = w.place({ ...ORDER, ...change })
    w.run(1)
    expect(outcomes).toMatchObject([{ kind: 'unsent' }])
    expect(w.trade.ops('order.create')).toEqual([])
    expect(w.transport.asked('/v5/order/create')).toBe(0)
  })

  it('never more than ten entries in any second; what cannot leave in time does not leave later', () => {
    const w = new World()
    w.up()
    const start = w.time.nowNs()
    const outcomes: { readonly kind: string; readonly atMs: number }[] = []
    const sentAt: number[] = []
    const send = w.trade.send.bind(w.trade)
    w.trade.send = (text) => {
      if (text.includes('order.create')) sentAt.push((w.time.nowNs() - start) / 1e6)
      return send(text)
    }
    for (let i = 0; i < 25; i++) w.port.place({ ...ORDER, clientId: `c${i}` }, (outcome) => outcomes.push({ kind: outcome.kind, atMs: (w.time.nowNs() - start) / 1e6 }))
    w.run(3000)
    // Two of the ten are kept for orders that only reduce.
    expect(sentAt).toHaveLength(8)
    expect(outcomes.filter((outcome) => outcome.kind === 'unsent')).toHaveLength(17)
    for (let i = 0; i < 40; i++) {
      w.port.place({ ...ORDER, clientId: `d${i}` }, () => {})
      w.run(60)
    }
    for (let i = 10; i < sentAt.length; i++) expect(sentAt[i]! - sentAt[i - 10]!).toBeGreaterThanOrEqual(1000)
    expect(sentAt.length).toBeGreaterThan(20)
  })

  it('a full entry limit does not hold a cancel back', () => {
    const w = new World()
    w.up()
    for (let i = 0; i < 20; i++) w.port.place({ ...ORDER, clientId: `c${i}` }, () => {})
    w.port.cancel('BTCUSDT', 'c1', () => {})
    expect(w.trade.ops('order.cancel')).toHaveLength(1)
  })

  it('waits for the venue\'s reset time after a rate-limit refusal', () => {
    const w = new World({ placeWaitMs: 3000 })
    w.up()
    w.place()
    const resetMs = WALL_MS + w.time.nowNs() / 1e6 + 1500
    w.reply(10006, {}, { 'X-Bapi-Limit': '10', 'X-Bapi-Limit-Status': '0', 'X-Bapi-Limit-Reset-Timestamp': String(Math.round(resetMs)) })
    w.place({ ...ORDER, clientId: 'next' })
    w.run(1400)
    expect(w.trade.ops('order.create')).toHaveLength(1)
    w.run(200)
    const ids = w.trade.ops('order.create').map((frame) => (frame['args'] as { orderLinkId: string }[])[0]!.orderLinkId)
    // The one that waited, and the refused one once more under its own id.
    expect(ids).toEqual(['a1_b-2', 'next', 'a1_b-2'])
  })

  it('a command frame is not repeated on a new session', () => {
    const w = new World({ restWhenTradeSocketDown: false })
    w.up()
    w.place()
    w.trade.drop()
    w.run(1000)
    w.openTrade()
    w.run(5000)
    expect(w.trade.ops('order.create')).toEqual([])
  })
})

describe('placing over REST when the trade socket is not up', () => {
  const down = (settings: Partial<BybitSettings> = {}): World => {
    const w = new World(settings)
    w.port.start(w.handler)
    w.run(20)
    w.openPrivate()
    return w
  }

  it('signs the exact body on the venue\'s clock', () => {
    const w = down()
    w.respond = () => answer({ orderId: 'v1', orderLinkId: 'a1_b-2' })
    const outcomes = w.place()
    const request = w.transport.requests.find((r) => r.path === '/v5/order/create')!
    const stamp = request.headers['X-BAPI-TIMESTAMP']!
    expect(request.headers['X-BAPI-SIGN']).toBe(createHmac('sha256', 'testsecret').update(`${stamp}testkey5000${request.body}`).digest('hex'))
    w.run(10)
    expect(outcomes).toEqual([{ kind: 'accepted', venueId: 'v1' }])
  })

  it.each<readonly [string, HttpOutcome | null, Partial<CommandOutcome>, number]>([
    ['no answer', null, { kind: 'unknown' }, 1],
    ['a connection cut after sending', { kind: 'failure', sent: true, reason: 'reset' }, { kind: 'unknown' }, 1],
    ['a refused connection', { kind: 'failure', sent: false, reason: 'ECONNREFUSED' }, { kind: 'unsent' }, 4],
    ['HTTP 502', { kind: 'response', status: 502, headers: {}, body: 'bad gateway' }, { kind: 'unknown' }, 1],
    ['a body that is no JSON', { kind: 'response', status: 200, headers: {}, body: '<html>' }, { kind: 'unknown' }, 1],
    ['a body without a code', { kind: 'response', status: 200, headers: {}, body: '{}' }, { kind: 'unknown' }, 1],
    ['HTTP 429', { kind: 'response', status: 429, headers: {}, body: '' }, { kind: 'refused', errorClass: 'rate-limited' } as Partial<CommandOutcome>, 1],
    ['HTTP 401', { kind: 'response', status: 401, headers: {}, body: '' }, { kind: 'refused', errorClass: 'auth' } as Partial<CommandOutcome>, 1],
    ['a duplicate id', refusal(110072), { kind: 'refused', errorClass: 'duplicate' } as Partial<CommandOutcome>, 1],
  ])('%s', (_name, outcome, expected, asked) => {
    const w = down()
    w.respond = () => outcome
    const outcomes = w.place()
    w.run(6000)
    expect(outcomes).toMatchObject([expected])
    expect(w.transport.asked('/v5/order/create')).toBe(asked)
  })

  it('is not done where the settings forbid it', () => {
    const w = down({ restWhenTradeSocketDown: false })
    const outcomes = w.place()
    w.run(1)
    expect(outcomes).toMatchObject([{ kind: 'unsent' }])
    expect(w.transport.asked('/v5/order/create')).toBe(0)
  })

  it('is the only way where the venue has no trade socket', () => {
    const w = new World({ restWhenTradeSocketDown: false }, false)
    w.up()
    w.respond = () => answer({ orderId: 'v9' })
    const outcomes = w.place()
    w.run(10)
    expect(outcomes).toEqual([{ kind: 'accepted', venueId: 'v9' }])
  })

  it('after HTTP 403 nothing is asked for ten minutes', () => {
    const w = down()
    w.respond = () => ({ kind: 'response', status: 403, headers: {}, body: 'access too frequent' })
    const first = w.place()
    w.run(10)
    expect(first).toMatchObject([{ kind: 'refused', errorClass: 'auth', code: 'HTTP 403' }])
    const asked = w.transport.requests.length
    w.run(30_000)
    const second = w.place({ ...ORDER, clientId: 'x2' })
    w.run(10)
    expect(second).toMatchObject([{ kind: 'unsent' }])
    expect(w.transport.requests.length).toBe(asked)
    w.run(600_000)
    w.respond = () => answer({ orderId: 'v2' })
    const third = w.place({ ...ORDER, clientId: 'x3' })
    w.run(10)
    expect(third).toMatchObject([{ kind: 'accepted' }])
  })
})

describe('the clock', () => {
  it('F18: a cancel refused for its time stamp measures the clock and succeeds; an entry is repeated under its own id', () => {
    const w = new World()
    w.up()
    w.venueAheadMs = -4_000
    const outcomes: CommandOutcome[] = []
    w.port.cancel('BTCUSDT', 'a1', (outcome) => outcomes.push(outcome))
    const first = (w.trade.sent.at(-1)!['header'] as Record<string, string>)['X-BAPI-TIMESTAMP']
    w.reply(10002)
    w.run(50)
    const cancels = w.trade.ops('order.cancel')
    expect(cancels).toHaveLength(2)
    expect(Number(first) - Number((cancels[1]!['header'] as Record<string, string>)['X-BAPI-TIMESTAMP'])).toBeGreaterThan(3_800)
    w.reply(0, { orderId: 'v1' })
    expect(outcomes).toEqual([{ kind: 'accepted', venueId: 'v1' }])
    const placed = w.place()
    w.reply(10002)
    w.run(100)
    expect(placed).toEqual([])
    expect(w.trade.ops('order.create').map((frame) => frame['args'])).toEqual([w.trade.ops('order.create')[0]!['args'], w.trade.ops('order.create')[0]!['args']])
    w.reply(0, { orderId: 'v2' })
    expect(placed).toEqual([{ kind: 'accepted', venueId: 'v2' }])
  })

  it('a clock that cannot be measured keeps nobody waiting beyond the deadline, and an entry not beyond the time in which it may leave', () => {
    for (const overRest of [false, true]) {
      const w = new World({}, !overRest)
      w.up()
      // Every question is answered late, the one about the time never.
      w.transport.respond = (_request, _query, path) => (path === '/v5/market/time' ? null : refusal(10002))
      const outcomes: CommandOutcome[] = []
      w.port.cancel('BTCUSDT', 'a1', (outcome) => outcomes.push(outcome))
      if (!overRest) w.reply(10002)
      w.run(4990)
      expect(outcomes).toEqual([])
      w.run(15)
      expect(outcomes).toMatchObject([{ kind: 'refused', errorClass: 'clock' }])
      const placed = w.place()
      if (!overRest) w.reply(10002)
      w.run(505)
      expect(placed).toMatchObject([{ kind: 'refused', errorClass: 'clock' }])
      w.run(120_000)
      expect(outcomes).toHaveLength(1)
    }
  })

  it('a query refused for its time stamp is asked again on the new clock', () => {
    const w = new World()
    w.up()
    let refused = 0
    w.respond = (_request, _query, path) => (path === '/v5/position/set-leverage' && refused++ === 0 ? refusal(10002) : answer({}))
    const outcomes: CommandOutcome[] = []
    w.port.setLeverage('BTCUSDT', '10', (outcome) => outcomes.push(outcome))
    w.run(100)
    expect(outcomes).toEqual([{ kind: 'accepted', venueId: '' }])
  })
})

describe('other commands', () => {
  it('leverage unchanged is a class of its own; cancel-all names the symbol', () => {
    const w = new World()
    w.up()
    w.respond = (_request, _query, path) => (path.endsWith('set-leverage') ? refusal(110043) : answer({ list: [], success: '1' }))
    const outcomes: CommandOutcome[] = []
    w.port.setLeverage('BTCUSDT', '10', (outcome) => outcomes.push(outcome))
    w.port.cancelAll('ETHUSDT', (outcome) => outcomes.push(outcome))
    w.run(100)
    expect(outcomes).toMatchObject([{ kind: 'refused', errorClass: 'unchanged', code: '110043' }, { kind: 'accepted' }])
    expect(w.transport.requests.find((request) => request.path === '/v5/order/cancel-all')!.body).toBe('{"category":"linear","symbol":"ETHUSDT"}')
  })

  it('cancel goes by client id over the socket, and over REST when that is down', () => {
    const w = new World()
    w.up()
    const outcomes: CommandOutcome[] = []
    w.port.cancel('BTCUSDT', 'a1', (outcome) => outcomes.push(outcome))
    expect(w.trade.sent.at(-1)).toMatchObject({ op: 'order.cancel', args: [{ category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'a1' }] })
    w.reply(110001)
    w.trade.drop()
    w.respond = () => answer({ orderId: 'v1' })
    w.port.cancel('BTCUSDT', 'a1', (outcome) => outcomes.push(outcome))
    w.run(10)
    expect(outcomes).toMatchObject([{ kind: 'refused', errorClass: 'not-found' }, { kind: 'accepted' }])
  })
})

describe('evidence about one client id', () => {
  const list = (rows: unknown[]): HttpOutcome => answer({ list: rows, nextPageCursor: '', category: 'linear' })
  const ask = (w: World, ms: number): OrderEvidence[] => {
    const result: OrderEvidence[] = []
    w.port.evidence('BTCUSDT', 'a1_b-2', (evidence) => result.push(evidence))
    w.run(ms)
    return result
  }
  const world = (respond: Responder): World => {
    const w = new World()
    w.up()
    w.respond = respond
    return w
  }

  it('found among live orders, with its executions in order', () => {
    const w = world((_r, _q, path) => (path.endsWith('realtime') ? list([ROW()]) : list([EXECUTION('e2', 20), EXECUTION('e1', 10)])))
    expect(ask(w, 100)).toMatchObject([{ kind: 'found', order: { status: 'filled', filledLots: 10 }, fills: [{ executionId: 'e1' }, { executionId: 'e2' }] }])
    expect(w.transport.asked('/v5/order/history')).toBe(0)
  })

  it('found in history only', () => {
    const w = world((_r, _q, path) => (path.endsWith('history') ? list([ROW({ orderStatus: 'Cancelled', cumExecQty: '0', cancelType: 'CancelByUser' })]) : list([])))
    expect(ask(w, 100)).toMatchObject([{ kind: 'found', order: { status: 'cancelled', reason: 'CancelByUser' }, fills: [] }])
  })

  it('is absent only when all three places answered empty twice, the second time after the delay', () => {
    const w = world(() => list([]))
    expect(ask(w, 1900)).toEqual([])
    expect([w.transport.asked('/v5/order/realtime'), w.transport.asked('/v5/order/history'), w.transport.asked('/v5/execution/list')]).toEqual([1, 1, 1])
    w.run(200)
    expect([w.transport.asked('/v5/order/realtime'), w.transport.asked('/v5/order/history'), w.transport.asked('/v5/execution/list')]).toEqual([2, 2, 2])
  })

  it('an order that shows late in history is found, not absent', () => {
    let round = 0
    const w = world((_r, _q, path) => (path.endsWith('history') && ++round === 2 ? list([ROW({ cumExecQty: '0', orderStatus: 'Rejected', rejectReason: 'EC_PostOnlyWillTakeLiquidity' })]) : list([])))
    expect(ask(w, 3000)).toMatchObject([{ kind: 'found', order: { status: 'rejected', reason: 'EC_PostOnlyWillTakeLiquidity' } }])
  })

  it.each(['/v5/order/realtime', '/v5/order/history', '/v5/execution/list'])('a failing %s makes no-answer, never absent', (failing) => {
    for (const outcome of [null, { kind: 'failure', sent: false, reason: 'refused' } as const, refusal(10016), answer({}), answer({ list: [null] })]) {
      const w = world((_r, _q, path) => (path === failing ? outcome : list([])))
      expect(ask(w, 20_000)).toMatchObject([{ kind: 'no-answer' }])
    }
  })

  it('executions that lag the order are waited for once, then it is no-answer', () => {
    let asked = 0
    const late = world((_r, _q, path) => (path.endsWith('realtime') ? list([ROW()]) : path.endsWith('execution/list') && ++asked > 1 ? list([EXECUTION('e1', 1), EXECUTION('e2', 2)]) : list([])))
    expect(ask(late, 3000)).toMatchObject([{ kind: 'found', fills: [{}, {}] }])
    const never = world((_r, _q, path) => (path.endsWith('realtime') ? list([ROW()]) : list([EXECUTION('e1', 1)])))
    expect(ask(never, 3000)).toMatchObject([{ kind: 'no-answer' }])
  })

  it('rows of other ids are not taken for ours', () => {
    const w = world(() => list([ROW({ orderLinkId: 'other' }), EXECUTION('e', 1, { orderLinkId: 'other' })]))
    expect(ask(w, 3000)).toEqual([{ kind: 'absent' }])
  })
})

describe('account snapshot', () => {
  const world = (change: Responder = () => null): World => {
    const w = new World()
    w.up()
    w.respond = (request, query, path) => {
      const changed = change(request, query, path)
      if (changed !== null) return changed
      switch (path) {
        case '/v5/order/realtime':
          return query.get('cursor') === null
            ? answer({ list: [ROW({ orderStatus: 'New', cumExecQty: '0', orderId: 'o1' })], nextPageCursor: 'page%3D2' })
            : answer({ list: [ROW({ orderStatus: 'PartiallyFilled', cumExecQty: '0.001', orderId: 'o2', symbol: 'BTCUSDT' }), ROW({ symbol: 'DOGEUSDT' })], nextPageCursor: '' })
        case '/v5/position/list':
          return answer({ list: [query.get('symbol') === 'BTCUSDT' ? POSITION('BTCUSDT', { side: 'Sell' }) : POSITION('ETHUSDT', { side: '', size: '0', avgPrice: '0' })], nextPageCursor: '' })
        case '/v5/account/wallet-balance':
          return answer(WALLET)
        case '/v5/execution/list':
          return answer({ list: [EXECUTION('e3', 30), EXECUTION('e2', 20), EXECUTION('e2', 20), EXECUTION('f1', 25, { execType: 'Funding', orderLinkId: '' })], nextPageCursor: '' })
        default:
          return null
      }
    }
    return w
  }
  const take = (w: World, sinceMs = WALL_MS - 1000): [unknown, AccountSnapshot | null][] => {
    const result: [unknown, AccountSnapshot | null][] = []
    w.port.snapshot(['BTCUSDT', 'ETHUSDT'], sinceMs, (error, snapshot) => result.push([error, snapshot]))
    w.run(60_000)
    return result
  }

  it('is read over all pages, with flat positions said in so many words', () => {
    const w = world()
    const [[error, snapshot]] = take(w) as [[unknown, AccountSnapshot]]
    expect(error).toBe(null)
    expect(snapshot.openOrders.map((order) => [order.venueId, order.status])).toEqual([['o1', 'open'], ['o2', 'partially-filled']])
    expect(snapshot.positions).toEqual([{ symbol: 'BTCUSDT', signedLots: -500, entryPrice: '50000.00', leverage: '10' }, { symbol: 'ETHUSDT', signedLots: 0, entryPrice: '', leverage: '10' }])
    expect(snapshot.fills.map((fill) => [fill.executionId, fill.kind])).toEqual([['e2', 'trade'], ['f1', 'funding'], ['e3', 'trade']])
    expect(snapshot.wallet).toEqual({ balance: '1000', equity: '1010.5', marginUsed: '100.3', marginAvailable: '900' })
    expect(snapshot.fillsComplete).toBe(true)
    expect(w.transport.requests.find((request) => request.query.get('cursor') !== null)!.url).toContain('cursor=page%3D2')
  })

  it('F6: is all or nothing: no query that fails, is cut or is empty becomes a flat position', () => {
    const broken: readonly (readonly [string, HttpOutcome])[] = [
      ['/v5/order/realtime', { kind: 'failure', sent: true, reason: 'timeout' }],
      ['/v5/order/realtime', answer({ nextPageCursor: '' })],
      ['/v5/position/list', answer({ list: [], nextPageCursor: '' })],
      ['/v5/position/list', answer({ list: [POSITION('SOLUSDT')], nextPageCursor: '' })],
      ['/v5/position/list', answer({ list: [POSITION('BTCUSDT', { positionIdx: 1 })], nextPageCursor: '' })],
      ['/v5/position/list', answer({ list: [POSITION('BTCUSDT', { size: '' })], nextPageCursor: '' })],
      ['/v5/position/list', answer({ list: [POSITION('BTCUSDT', { side: '' })], nextPageCursor: '' })],
      ['/v5/account/wallet-balance', answer({ list: [] })],
      ['/v5/account/wallet-balance', answer({ list: [{ coin: [] }] })],
      ['/v5/execution/list', refusal(10016)],
      ['/v5/execution/list', answer({ list: [EXECUTION('e', 1, { execQty: 'NaN' })], nextPageCursor: '' })],
    ]
    for (const [path, outcome] of broken) {
      const result = take(world((_r, _q, asked) => (asked === path ? outcome : null)))
      expect(result).toHaveLength(1)
      expect(errorLabel(result[0]![0])).toMatch(/^RM_VENUE_/)
      expect(result[0]![1]).toBe(null)
    }
  })

  it('a list that never ends is an error, not a short list', () => {
    const result = take(world((_r, _q, path) => (path === '/v5/order/realtime' ? answer({ list: [ROW({ orderStatus: 'New', cumExecQty: '0' })], nextPageCursor: 'same' }) : null)))
    expect(errorLabel(result[0]![0])).toBe('RM_VENUE_PAGES')
  })

  it('says when the venue cannot reach back as far as was asked, and splits what it can into windows of a week', () => {
    const w = new World({ fillsReachMs: 20 * 86_400_000 })
    const other = world()
    w.up()
    w.respond = other.respond
    const [[error, snapshot]] = take(w, WALL_MS - 30 * 86_400_000) as [[unknown, AccountSnapshot]]
    expect(error).toBe(null)
    expect(snapshot.fillsComplete).toBe(false)
    const windows = w.transport.requests.filter((request) => request.path === '/v5/execution/list').map((request) => [Number(request.query.get('startTime')), request.query.get('endTime')] as const)
    expect(windows).toHaveLength(3)
    windows.slice(0, -1).forEach(([start, end], i) => {
      expect(Number(end) - start).toBeLessThan(7 * 86_400_000)
      expect(windows[i + 1]![0]).toBe(Number(end) + 1)
    })
    expect(windows.at(-1)![1]).toBe(null)
  })

  it('refuses a symbol it was not made for', () => {
    const w = world()
    const result: unknown[] = []
    w.port.snapshot(['DOGEUSDT'], 0, (error) => result.push(errorLabel(error)))
    w.run(1)
    expect(result).toEqual(['RM_VENUE_SNAPSHOT'])
  })
})

it('trading needs a key and a secret, and one quote coin', () => {
  const time = new VirtualTime(0)
  const parts = { transport: new FakeTransport(time), clock: time, timers: time, random: new Random(1), urls: bybitUrlsAt('venue', 1), count: () => {} }
  const code = (make: () => unknown): string => {
    try {
      make()
      return 'created'
    } catch (error) {
      return errorLabel(error)
    }
  }
  expect(code(() => createBybitVenue({ ...parts, credentials: null }).trading([BTC]))).toBe('RM_VENUE_CREDENTIALS')
  expect(code(() => createBybitVenue({ ...parts, credentials: { key: 'k', secret: '' } }).trading([BTC]))).toBe('RM_VENUE_CREDENTIALS')
  expect(code(() => createBybitVenue({ ...parts, credentials: { key: 'k', secret: 's' } }).trading([]))).toBe('RM_VENUE_SETTING')
  expect(code(() => createBybitVenue({ ...parts, credentials: { key: 'k', secret: 's' } }).trading([BTC, { ...ETH, quoteCoin: 'USDC' }]))).toBe('RM_VENUE_SETTING')
})

describe.skipIf(!fixturesPresent)('recorded and documented private frames (needs fixtures: RINGMASTER_FIXTURES)', () => {
  const receive = (name: string): Recorder => {
    const w = new World()
    w.up()
    for (const frame of framesOf(name)) w.private.receive(frame)
    expect(w.handler.links).toEqual(['up'])
    return w.handler
  }

  it('orders', () => {
    expect(receive('ws_private_order_filled').orders).toMatchObject([{ clientId: 'test-client-order-001', status: 'filled', priceTicks: 300_005, lots: 100, filledLots: 100, averagePrice: '30000.50', reason: '' }])
    expect(receive('ws_private_order_new').orders).toMatchObject([{ clientId: 'client-1', status: 'cancelled', filledLots: 0, averagePrice: '', reason: 'CancelByUser', updatedMs: 1700000005000 }])
    expect(receive('ws_private_order_postonly_cancelled_synthetic').orders).toMatchObject([{ clientId: 'po-1', status: 'cancelled', filledLots: 0, averagePrice: '', reason: 'EC_PostOnlyWillTakeLiquidity' }])
    expect(receive('ws_private_order_stop_limit').orders).toMatchObject([{ status: 'untriggered', side: SELL, priceTicks: 445_000 }])
    expect(receive('ws_private_order_stop_loss').orders).toMatchObject([{ status: 'untriggered', priceTicks: null, reduceOnly: true }])
    expect(receive('ws_private_order_stop_market').orders).toMatchObject([{ status: 'untriggered', priceTicks: null }])
    expect(receive('ws_private_order_take_profit').orders).toHaveLength(1)
    // An option and a spot order: not ours.
    expect(receive('ws_private_order_docs').orders).toEqual([])
    expect(receive('ws_private_order_partially_filled_rejected').orders).toEqual([])
  })

  it('executions: only trades are fills, funding and forced closes say what they are', () => {
    expect(receive('ws_private_execution').fills).toMatchObject([{ kind: 'trade', executionId: '0ab1bdf7-4219-438b-b30a-32ec863018f7', clientId: 'test-order-link-001', side: SELL, priceTicks: 959_001, lots: 500, fee: '26.3725275', maker: false, timeMs: 1746270400353 }])
    expect(receive('ws_private_execution_docs').fills).toMatchObject([{ kind: 'trade', clientId: '' }])
    expect(receive('ws_private_execution_adl').fills).toMatchObject([{ kind: 'adl', fee: '0', priceTicks: 958_500 }])
    expect(receive('ws_private_execution_funding_synthetic').fills).toMatchObject([{ kind: 'funding', fee: '0.65', lots: 100 }])
    // The fast topic has no fee and no kind: never booked.
    expect(receive('ws_private_execution_fast').fills).toEqual([])
    expect(receive('ws_private_execution_fast_docs').fills).toEqual([])
  })

  it('positions and wallet', () => {
    expect(receive('ws_private_position_short').positions).toEqual([{ symbol: 'ETHUSDT', signedLots: -1, entryPrice: '3641.075', leverage: '30' }])
    expect(receive('ws_private_position').positions).toEqual([{ symbol: 'ETHUSDT', signedLots: -1, entryPrice: '3641.075', leverage: '30' }])
    expect(receive('ws_private_wallet').wallets).toEqual([{ balance: '9647.75537647', equity: '10226.20575506', marginUsed: '127.8573161', marginAvailable: '9556.6056555' }])
    expect(receive('ws_private_wallet_docs').wallets).toEqual([])
    expect(receive('ws_private_pong')).toMatchObject({ orders: [], fills: [] })
  })

  it('a leg of a hedge-mode account takes the link down with its code', () => {
    const w = new World()
    w.up()
    w.private.receive(framesOf('ws_private_position_docs')[0])
    expect(w.handler.positions).toEqual([])
    expect(w.handler.links.at(-1)).toContain('RM_VENUE_POSITION_MODE')
  })

  it('login answers of both shapes, and the answers of the trade socket', () => {
    const w = new World()
    w.port.start(w.handler)
    w.run(20)
    w.private.open()
    w.private.receive(framesOf('ws_private_auth_failure')[0])
    expect(w.handler.links).toEqual(['down: login refused: 10003 Invalid apikey'])
    w.run(2000)
    w.private.open()
    w.private.receive(framesOf('ws_private_auth_success')[0])
    expect(w.private.ops('subscribe')).toHaveLength(1)
    w.trade.open()
    w.trade.receive(framesOf('ws_trade_auth_response')[0])
    const outcomes = w.place()
    for (const name of ['ws_trade_pong', 'ws_trade_create_response', 'ws_trade_response_nautilus', 'ws_trade_batch_response_all_failed']) w.trade.receive(framesOf(name)[0])
    expect(outcomes).toEqual([])
    const id = w.trade.sent.findLast((frame) => frame['op'] === 'order.create')!['reqId']
    w.trade.receive({ ...framesOf('ws_trade_create_response')[0]!, reqId: id })
    expect(outcomes).toEqual([{ kind: 'accepted', venueId: 'a4c1718e-fe53-4659-a118-1f6ecce04ad9' }])
  })

  it('REST rows: a rejected order keeps what it filled', () => {
    const w = new World()
    w.up()
    w.respond = (_r, query, path) => {
      if (path !== '/v5/order/history') return answer({ list: path.endsWith('execution/list') ? [EXECUTION('e', 1, { orderLinkId: query.get('orderLinkId') })] : [], nextPageCursor: '' })
      return { kind: 'response', status: 200, headers: {}, body: bodyOf('rest_order_partially_filled_rejected') }
    }
    const result: OrderEvidence[] = []
    w.port.evidence('BTCUSDT', 'O-20251001-164609-APEX-000-49', (evidence) => result.push(evidence))
    w.run(3000)
    expect(result).toMatchObject([{ kind: 'found', order: { status: 'rejected', lots: 10, filledLots: 5, reason: 'INSUFFICIENT_MARGIN' }, fills: [{ lots: 5 }] }])
  })
})
