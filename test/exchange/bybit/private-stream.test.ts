import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { at, authFrame, Bench, limit } from './harness.ts'

const ALL = ['order', 'execution', 'position', 'wallet']

describe('private connections', () => {
  it('signs in with expires as number or text, again and again, and refuses others', () => {
    const bench = new Bench()
    const client = bench.connect('/v5/private')
    client.say(authFrame(bench.time.wallMs() + 10_000))
    client.say(authFrame(String(bench.time.wallMs() + 10_000)))
    bench.run(1)
    expect(client.frames).toMatchObject([{ success: true, op: 'auth', ret_msg: '' }, { success: true, op: 'auth' }])
    for (const frame of [authFrame(bench.time.wallMs() + 10_000, 'testkey', 'wrong'), authFrame(bench.time.wallMs() - 1), authFrame(bench.time.wallMs() + 10_000, 'nobody'), { op: 'auth' }, { op: 'auth', args: [1, 2, 3] }]) {
      const stranger = bench.connect('/v5/private')
      stranger.say(frame)
      bench.run(50)
      expect(stranger.frames).toMatchObject([{ success: false, op: 'auth' }])
      expect(stranger.closed).toMatchObject({ code: 1008 })
    }
  })

  it('lets nobody subscribe who is not signed in', () => {
    const bench = new Bench()
    const client = bench.connect('/v5/private')
    client.say({ op: 'subscribe', args: ['order'], req_id: 'q' })
    bench.run(1)
    expect(client.frames).toMatchObject([{ success: false, op: 'subscribe', req_id: 'q' }])
    bench.post('/v5/order/create', limit())
    expect(client.texts).toHaveLength(1)
  })

  it('answers the ping with op pong', () => {
    const bench = new Bench()
    const client = bench.connect('/v5/private')
    client.say({ req_id: 'test', op: 'ping' })
    bench.run(1)
    expect(client.texts[0]).toContain('"op":"pong"')
    expect(client.frames[0]).toMatchObject({ req_id: 'test', args: [expect.stringMatching(/^\d{13}$/)] })
  })

  it('pushes order, execution, order, position, wallet of a fill in that order, after the acceptance', () => {
    const bench = new Bench()
    const client = bench.signedIn('/v5/private', ALL)
    bench.said.length = 0
    expect(bench.post('/v5/order/create', limit({ price: '65000.1' }))['retCode']).toBe(0)
    bench.run(5)
    expect(client.frames.map((frame) => [frame['topic'], at(frame, 'data', 0, 'orderStatus')])).toEqual([
      ['order', 'New'], ['execution', undefined], ['order', 'Filled'], ['position', undefined], ['wallet', undefined],
    ])
    expect(bench.said[0]).toContain('"retCode":0')
  })

  it('accepts a post-only order that would take, and cancels it on the stream', () => {
    const bench = new Bench()
    const client = bench.signedIn('/v5/private', ALL)
    expect(bench.post('/v5/order/create', limit({ price: '65000.1', timeInForce: 'PostOnly' }))).toMatchObject({ retCode: 0, result: { orderId: expect.any(String) } })
    bench.run(5)
    expect(at(client.on('order')[0], 'data', 0)).toMatchObject({ orderStatus: 'Cancelled', cancelType: 'UNKNOWN', rejectReason: 'EC_PostOnlyWillTakeLiquidity', cumExecQty: '0.000', leavesQty: '0.000' })
    expect(client.on('execution')).toEqual([])
  })

  it('shows a cancel with what was filled before it', () => {
    const bench = new Bench()
    const client = bench.signedIn('/v5/private', ALL)
    const { orderId } = bench.post('/v5/order/create', limit({ orderLinkId: 'c-1' }))['result'] as { orderId: string }
    bench.exchange.fill(orderId, 4)
    bench.run(5)
    bench.post('/v5/order/cancel', { category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'c-1' })
    bench.run(5)
    expect(at(client.on('execution')[0], 'data', 0)).toMatchObject({ isMaker: true, execQty: '0.004', leavesQty: '0.006', execPrice: '64000.00', execFee: '0.0512', orderLinkId: 'c-1' })
    expect(at(client.on('order').at(-1), 'data', 0)).toMatchObject({ orderStatus: 'Cancelled', cancelType: 'CancelByUser', cumExecQty: '0.004', avgPrice: '64000', cumExecValue: '256', leavesQty: '0.000' })
  })

  it('calls funding what it is: no order link, type UNKNOWN, positive is paid', () => {
    const bench = new Bench()
    const client = bench.signedIn('/v5/private', ALL)
    bench.post('/v5/order/create', limit({ price: '65000.1' }))
    bench.run(5)
    bench.exchange.fund('main', 'BTCUSDT', '0.065')
    bench.run(5)
    expect(at(client.on('execution').at(-1), 'data', 0)).toMatchObject({ execType: 'Funding', orderLinkId: '', orderType: 'UNKNOWN', execQty: '0.010', execFee: '0.065', execPrice: '65000.5' })
  })

  it('tells each account its own affairs only, under the name that was asked for', () => {
    const bench = new Bench()
    const mine = bench.signedIn('/v5/private', ['order.linear', 'execution.fast'])
    const other = bench.connect('/v5/private')
    other.say(authFrame(bench.time.wallMs() + 10_000, 'otherkey', 'othersecret'))
    other.say({ op: 'subscribe', args: ALL })
    bench.run(1)
    other.texts.length = 0
    bench.post('/v5/order/create', limit({ price: '65000.1' }))
    bench.run(5)
    expect(mine.frames.map((frame) => frame['topic'])).toEqual(['order.linear', 'execution.fast', 'order.linear'])
    expect(mine.on('execution.fast')[0]).not.toHaveProperty('id')
    expect(other.texts).toEqual([])
  })

  it('refuses unknown topics and both forms of one topic in a request', () => {
    const bench = new Bench()
    const client = bench.signedIn('/v5/private')
    client.say({ op: 'subscribe', args: ['order', 'order.linear'] })
    client.say({ op: 'subscribe', args: ['order', 'nonsense'] })
    bench.run(1)
    expect(client.frames).toMatchObject([{ success: false }, { success: false, ret_msg: expect.stringContaining('nonsense') }])
    bench.post('/v5/order/create', limit())
    expect(client.texts).toHaveLength(2)
  })

  it('mixes topics when asked to, never the order inside one, and always converges', () => {
    const orders = new Set<string>()
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const bench = new Bench({ shuffleTopics: true, latency: { requestMs: 1, replyMs: 2, pushMs: 0, marketMs: 0, jitterMs: 5, historyMs: 0 } }, seed)
        const client = bench.connect('/v5/private')
        client.say(authFrame(bench.time.wallMs() + 10_000))
        client.say({ op: 'subscribe', args: ALL })
        bench.run(20)
        client.texts.length = 0
        let answered = -1
        bench.ask('POST', '/v5/order/create', { body: limit({ price: '65000.1' }) }, () => (answered = client.texts.length))
        bench.run(50)
        expect(answered).toBe(0)
        const statuses = client.on('order').flatMap((frame) => (frame['data'] as { orderStatus: string }[]).map((row) => row.orderStatus))
        expect(statuses).toEqual(['New', 'Filled'])
        expect(client.on('execution')).toHaveLength(1)
        orders.add(client.frames.map((frame) => frame['topic']).join())
      }),
      { numRuns: 40 },
    )
    expect(orders.size).toBeGreaterThan(3)
  })

  it('sends a push twice or not at all when the plan says so', () => {
    const bench = new Bench()
    const client = bench.signedIn('/v5/private', ['order'])
    bench.front.faults.duplicatePushes()
    bench.post('/v5/order/create', limit())
    bench.run(5)
    expect(client.texts).toHaveLength(2)
    expect(client.texts[0]).toBe(client.texts[1])
    bench.front.faults.losePushes()
    bench.post('/v5/order/create', limit())
    bench.run(5)
    expect(client.texts).toHaveLength(2)
  })

  it('cuts connections that stay silent for too long, and only those', () => {
    const bench = new Bench()
    const silent = bench.signedIn('/v5/private')
    const talking = bench.signedIn('/v5/private')
    const short = bench.connect('/v5/private?max_active_time=30s')
    for (let minute = 0; minute < 10; minute++) {
      bench.run(60_000)
      talking.say({ op: 'ping' })
    }
    bench.run(1_000)
    expect(silent.closed).toMatchObject({ code: 1006 })
    expect(short.closed).toMatchObject({ code: 1006 })
    expect(talking.closed).toBeNull()
  })

  it('closes what the plan drops, and only that kind', () => {
    const bench = new Bench()
    const privately = bench.signedIn('/v5/private')
    const publicly = bench.connect('/v5/public/linear')
    expect(bench.front.faults.dropConnections('private')).toBe(1)
    expect(privately.closed).toMatchObject({ code: 1006 })
    expect(publicly.closed).toBeNull()
    expect(bench.front.faults.dropConnections('all', 1012, 'restart')).toBe(1)
    expect(publicly.closed).toEqual({ code: 1012, reason: 'restart' })
    expect(bench.front.counters.connectionsOpen).toBe(0)
  })
})
