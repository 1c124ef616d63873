import { describe, expect, it } from 'vitest'

import { perSecond } from '../../../src/exchange/bybit/index.ts'
import { at, authFrame, Bench, limit, type Client } from './harness.ts'

const header = (bench: Bench): object => ({ 'X-BAPI-TIMESTAMP': String(bench.time.wallMs()), 'X-BAPI-RECV-WINDOW': '8000' })
const send = (bench: Bench, client: Client, reqId: unknown, op: string, args: unknown, more: object = {}): void => {
  client.say({ reqId, header: header(bench), op, args, ...more })
  bench.run(1)
}

describe('the trade connection', () => {
  it('places, amends and cancels with the request id, the rate headers and the connection id in the answer', () => {
    const bench = new Bench()
    const client = bench.signedIn('/v5/trade')
    send(bench, client, 'a', 'order.create', [limit({ orderLinkId: 'l-1' })])
    send(bench, client, 'b', 'order.amend', [{ category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'l-1', qty: '0.020', price: '64001' }])
    send(bench, client, 'c', 'order.cancel', [{ category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'l-1' }])
    expect(client.frames).toMatchObject(['create', 'amend', 'cancel'].map((action, i) => ({
      reqId: 'abc'[i], retCode: 0, op: `order.${action}`, data: { orderLinkId: 'l-1' }, header: { 'X-Bapi-Limit': '10', 'X-Bapi-Limit-Status': '9', Timenow: expect.stringMatching(/^\d{13}$/) }, connId: expect.any(String),
    })))
    expect(bench.exchange.findOrder('main', { clientId: 'l-1' })).toMatchObject({ status: 'Cancelled', lots: 20, priceTicks: 640_010 })
  })

  it('answers the second auth like the first, and pings with op pong', () => {
    const bench = new Bench()
    const client = bench.signedIn('/v5/trade')
    client.say({ ...authFrame(bench.time.wallMs() + 10_000), reqId: 'again' })
    client.say({ op: 'ping' })
    bench.run(1)
    expect(client.frames).toMatchObject([{ retCode: 0, op: 'auth', reqId: 'again' }, { retCode: 0, op: 'pong', data: [expect.any(String)] }])
  })

  it('refuses a request id that was used before, without doing anything', () => {
    const bench = new Bench()
    const client = bench.signedIn('/v5/trade')
    send(bench, client, 'same', 'order.create', [limit()])
    send(bench, client, 'same', 'order.create', [limit()])
    expect(client.frames.map((frame) => frame['retCode'])).toEqual([0, 20006])
    expect(bench.exchange.orders('main', {})).toHaveLength(1)
  })

  it.each([
    ['no header', { header: undefined }, 10001],
    ['a header without timestamp', { header: {} }, 10001],
    ['a stale timestamp', { header: { 'X-BAPI-TIMESTAMP': '1699999990000' } }, 10002],
    ['a timestamp from the future', { header: { 'X-BAPI-TIMESTAMP': '1700000009000', 'X-BAPI-RECV-WINDOW': '60000' } }, 10002],
    ['no args', { args: undefined }, 10001],
    ['two orders in args', { args: [limit(), limit()] }, 10001],
    ['an order that is no object', { args: ['x'] }, 10001],
    ['another category', { args: [limit({ category: 'spot' })] }, 10001],
    ['an unknown operation', { op: 'order.steal' }, 10404],
  ])('refuses %s', (_what, change, code) => {
    const bench = new Bench()
    const client = bench.signedIn('/v5/trade')
    send(bench, client, 'r', 'order.create', [limit()], change)
    expect(client.frames).toMatchObject([{ reqId: 'r', retCode: code }])
    expect(bench.exchange.orders('main', {})).toEqual([])
  })

  it('does nothing for a connection that is not signed in', () => {
    const bench = new Bench()
    const client = bench.connect('/v5/trade')
    send(bench, client, 'r', 'order.create', [limit()])
    expect(client.frames).toMatchObject([{ reqId: 'r', retCode: 10007 }])
    expect(bench.exchange.orders('main', {})).toEqual([])
  })

  it('reports every item of a batch on its own, outer code 0 even when all failed', () => {
    const bench = new Bench()
    const client = bench.signedIn('/v5/trade')
    const item = (more: object): object => ({ symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.010', price: '64000', ...more })
    send(bench, client, 'r', 'order.create-batch', [{ category: 'linear', request: [item({ orderLinkId: 'b-1' }), item({ orderLinkId: 'b-1' }), item({ qty: '-1' }), 7, item({ positionIdx: 1 })] }])
    expect(client.frames[0]).toMatchObject({
      retCode: 0,
      data: { list: [{ orderId: expect.stringMatching(/.+/), orderLinkId: 'b-1' }, { orderId: '', createAt: '' }, { orderId: '' }, { orderId: '' }, { orderId: '' }] },
      retExtInfo: { list: [{ code: 0, msg: 'OK' }, { code: 110072 }, { code: 10001 }, { code: 10001 }, { code: 10001, msg: 'position idx not match position mode' }] },
    })
  })

  it('shares the bucket of the account with REST', () => {
    const bench = new Bench()
    const client = bench.signedIn('/v5/trade')
    for (let i = 0; i < perSecond.create - 1; i++) bench.ask('POST', '/v5/order/create', { body: limit() }, () => {})
    send(bench, client, 'a', 'order.create', [limit()])
    send(bench, client, 'b', 'order.create', [limit()])
    expect(client.frames.map((frame) => [frame['retCode'], at(frame, 'header', 'X-Bapi-Limit-Status')])).toEqual([[0, '0'], [10006, '0']])
    bench.run(1_000)
    send(bench, client, 'c', 'order.create', [limit()])
    expect(client.last()['retCode']).toBe(0)
  })

  it('carries a command out whose answer a fault loses, and answers the next', () => {
    const bench = new Bench()
    const client = bench.signedIn('/v5/trade')
    bench.front.faults.loseReplies(1)
    send(bench, client, 'lost', 'order.create', [limit({ orderLinkId: 'l-1' })])
    send(bench, client, 'next', 'order.create', [limit({ orderLinkId: 'l-1' })])
    bench.run(60_000)
    expect(client.frames).toMatchObject([{ reqId: 'next', retCode: 110072 }])
  })

  it('does not hold up pings behind a late answer', () => {
    const bench = new Bench()
    const client = bench.signedIn('/v5/trade')
    bench.front.faults.delayReplies(2_000)
    send(bench, client, 'late', 'order.create', [limit()])
    client.say({ op: 'ping' })
    bench.run(100)
    expect(client.frames.map((frame) => frame['op'])).toEqual(['pong'])
    bench.run(2_000)
    expect(client.frames.map((frame) => frame['op'])).toEqual(['pong', 'order.create'])
  })

  it('closes its connection and no other on a defect of ours', () => {
    const bench = new Bench()
    const client = bench.signedIn('/v5/trade')
    const other = bench.signedIn('/v5/trade')
    bench.exchange.breakNext = true
    send(bench, client, 'r', 'order.create', [limit()])
    expect(client.closed).toMatchObject({ code: 1011 })
    expect(bench.defects).toHaveLength(1)
    send(bench, other, 'r', 'order.create', [limit()])
    expect(other.frames).toMatchObject([{ retCode: 0 }])
  })
})
