import { describe, expect, it } from 'vitest'

import { okxLimits } from '../../../src/exchange/okx/index.ts'
import { at, BTC, ETH, loginFrame, market, order, Venue, type Frame } from './venue.ts'

const sCode = (answer: Frame, i = 0): unknown => at(answer, 'data', i, 'sCode')

describe('rate limits', () => {
  it('count a batch of one as a single order, and larger ones order by order', () => {
    const venue = new Venue()
    for (let i = 0; i < 60; i++) venue.post('/api/v5/trade/cancel-batch-orders', [{ instId: BTC, ordId: '1' }])
    expect(venue.post('/api/v5/trade/cancel-order', { instId: BTC, ordId: '1' })['code']).toBe('50011')
    expect(sCode(venue.post('/api/v5/trade/cancel-batch-orders', [{ instId: BTC, ordId: '1' }, { instId: BTC, ordId: '1' }]))).toBe('51400')
    const bulk = new Venue()
    const twenty = Array.from({ length: 20 }, () => ({ instId: BTC, ordId: '1' }))
    for (let i = 0; i < 15; i++) bulk.post('/api/v5/trade/cancel-batch-orders', twenty)
    expect(bulk.post('/api/v5/trade/cancel-batch-orders', twenty.slice(0, 2))['code']).toBe('50011')
    expect(sCode(bulk.post('/api/v5/trade/cancel-order', { instId: BTC, ordId: '1' }))).toBe('51400')
  })

  it('count new and amended orders for the whole account, which is told how many it has', () => {
    const venue = new Venue({ limits: { rates: { ...okxLimits.rates, 'account-orders': { count: 3, perMs: 2_000 } } } })
    expect(venue.get('/api/v5/trade/account-rate-limit')).toMatchObject({ code: '0', data: [{ accRateLimit: '3', nextAccRateLimit: '3', fillRatio: '' }] })
    expect(venue.get('/api/v5/trade/account-rate-limit')['code']).toBe('50011')
    const batch = venue.post('/api/v5/trade/batch-orders', [order(venue), order(venue), { ...market(), instId: ETH }, order(venue)])
    expect([batch['code'], sCode(batch, 2), sCode(batch, 3)]).toEqual(['2', '0', '50061'])
    const limited = venue.http('POST', '/api/v5/trade/amend-order', { body: { instId: BTC, ordId: at(batch, 'data', 0, 'ordId'), newSz: '2' } })
    expect([limited.status, at(JSON.parse(limited.body), 'code')]).toEqual([429, '50061'])
    expect(sCode(venue.post('/api/v5/trade/cancel-order', { instId: BTC, ordId: at(batch, 'data', 0, 'ordId') }))).toBe('0')
    venue.run(2_000)
    expect(sCode(venue.post('/api/v5/trade/order', order(venue)))).toBe('0')
  })

  it.each<[string, string, string, number, number]>([
    ['the state of the venue', '/api/v5/system/status', '', 1, 5_000],
    ['positions', '/api/v5/account/positions', '', 10, 2_000],
    ['settings', '/api/v5/account/config', '', 5, 2_000],
    ['older fills', '/api/v5/trade/fills-history', 'instType=SWAP', 10, 2_000],
    ['archived orders', '/api/v5/trade/orders-history-archive', 'instType=SWAP', 20, 2_000],
    ['recent orders', '/api/v5/trade/orders-history', 'instType=SWAP', 40, 2_000],
    ['algo orders', '/api/v5/trade/orders-algo-pending', 'ordType=oco', 20, 2_000],
    ['instruments', '/api/v5/public/instruments', 'instType=SWAP', 20, 2_000],
    ['books', '/api/v5/market/books', `instId=${BTC}`, 40, 2_000],
  ])('let %s be asked for as often as documented', (_name, path, query, count, perMs) => {
    const venue = new Venue()
    const codes = Array.from({ length: count + 1 }, () => venue.get(path, query)['code'])
    expect(codes).toEqual([...Array.from({ length: count }, () => '0'), '50011'])
    venue.run(perMs)
    expect(venue.get(path, query)['code']).toBe('0')
  })

  it('count instruments by address and type', () => {
    const venue = new Venue()
    for (let i = 0; i < 20; i++) venue.http('GET', '/api/v5/public/instruments', { query: 'instType=SWAP', ip: '10.0.0.1' })
    const status = (query: string, ip: string): number => venue.http('GET', '/api/v5/public/instruments', { query, ip }).status
    expect([status('instType=SWAP', '10.0.0.1'), status('instType=SPOT', '10.0.0.1'), status('instType=SWAP', '10.0.0.2')]).toEqual([429, 200, 200])
  })
})

describe('deadlines', () => {
  it('that passed before the request came are told from those that passed while it waited', () => {
    const venue = new Venue({ latency: { requestMs: 20 } })
    const send = (inMs: number): unknown => at(JSON.parse(venue.http('POST', '/api/v5/trade/order', { body: order(venue), headers: { exptime: String(venue.time.wallMs() + inMs) } }).body), 'code')
    expect([send(-1), send(10), send(50)]).toEqual(['50036', '50037', '0'])
    const client = venue.privately()
    venue.run(100)
    for (const [id, inMs] of [['late', -1], ['slow', 10], ['good', 60]] as const) client.say({ id, op: 'order', args: [order(venue)], expTime: String(venue.time.wallMs() + inMs) })
    venue.run(100)
    expect(['late', 'slow', 'good'].map((id) => client.answer(id)['code'])).toEqual(['50036', '50037', '0'])
    expect(venue.exchange.orders('main', {})).toHaveLength(2)
  })
})

describe('connections', () => {
  it('of one address come at most three in a second', () => {
    const venue = new Venue()
    const tries = (ip: string): boolean[] => Array.from({ length: 4 }, () => venue.front.refused('/ws/v5/public', ip) === null)
    expect([tries('10.0.0.1'), tries('10.0.0.2')]).toEqual([[true, true, true, false], [true, true, true, false]])
    venue.run(999)
    expect(venue.front.refused('/ws/v5/public', '10.0.0.1')).toBe('429 Too Many Requests')
    venue.run(2)
    expect(venue.front.refused('/ws/v5/public', '10.0.0.1')).toBeNull()
  })

  it('that subscribe nothing are closed after half a minute, pinged or not; those that command need not subscribe', () => {
    const venue = new Venue()
    const idle = venue.connect('/ws/v5/public')
    const business = venue.connect('/ws/v5/business')
    const commanding = venue.privately()
    for (let i = 0; i < 2; i++) {
      for (const client of [idle, business, commanding]) client.say('ping')
      venue.run(15_100)
    }
    expect([idle.closed?.code, business.closed?.code, commanding.closed]).toEqual([4004, 4004, null])
  })

  it('of one account hear a private channel thirty times at most: the newest is refused, the others stay', () => {
    const venue = new Venue()
    const orders = { channel: 'orders', instType: 'SWAP' }
    const clients = Array.from({ length: 30 }, () => venue.privately(orders))
    expect(clients.map((client) => at(client.frames.find((frame) => frame['event'] === 'channel-conn-count'), 'connCount'))).toEqual(clients.map((_, i) => String(i + 1)))
    const late = venue.privately(orders, { channel: 'account' })
    expect(late.frames.filter((frame) => frame['event'] !== 'login' && frame['event'] !== undefined).map((frame) => [frame['event'], frame['channel'] ?? at(frame, 'arg', 'channel') ?? ''].join(' ').trim())).toEqual(expect.arrayContaining(['channel-conn-count-error orders', 'subscribe account']))
    expect(late.frames.find((frame) => frame['event'] === 'channel-conn-count-error')).toMatchObject({ connCount: '30', connId: expect.any(String) })
    venue.post('/api/v5/trade/order', order(venue))
    venue.run(50)
    expect([late.on('orders').length, clients[0]!.on('orders').length]).toEqual([0, 1])
    clients[0]!.session!.closed()
    late.say({ op: 'subscribe', args: [orders] })
    venue.run(5)
    expect(late.frames.some((frame) => frame['event'] === 'subscribe' && at(frame, 'arg', 'channel') === 'orders')).toBe(true)
  })

  it('may change their subscriptions 480 times in an hour', () => {
    const venue = new Venue()
    const client = venue.connect('/ws/v5/public')
    const one = { op: 'subscribe', args: [{ channel: 'price-limit', instId: BTC }] }
    for (let i = 0; i < 481; i++) client.say(one)
    venue.run(5)
    expect(client.frames.filter((frame) => frame['event'] === 'error').map((frame) => frame['code'])).toEqual(['60014'])
    client.say('ping')
    for (let i = 0; i < 181; i++) {
      venue.run(20_000)
      client.say('ping')
    }
    client.texts.length = 0
    client.say(one)
    venue.run(5)
    expect(client.frames[0]).toMatchObject({ event: 'subscribe' })
  })

  it('are told of an upgrade before they are cut, and of maintenance before it begins', () => {
    const venue = new Venue()
    const client = venue.publicly({ channel: 'status' })
    const { faults } = venue.front
    faults.planMaintenance(20_000, 10_000)
    venue.run(5)
    expect(client.rows('status')).toMatchObject([{ state: 'scheduled', title: 'Unified trading system upgrade', system: 'unified', begin: String(venue.time.wallMs() - 5 + 20_000) }])
    expect(venue.get('/api/v5/system/status')['data']).toMatchObject([{ state: 'scheduled', title: 'Unified trading system upgrade' }])
    client.say('ping')
    venue.run(20_000)
    expect([client.rows('status').at(-1)!['state'], client.closed?.code, venue.http('GET', '/api/v5/public/time').status, venue.connect('/ws/v5/public').closed?.code]).toEqual(['ongoing', 1012, 503, 1013])
    venue.run(10_000)
    expect(venue.get('/api/v5/system/status')['data']).toEqual([])
    venue.run(5_000)
    expect(venue.get('/api/v5/system/status', 'state=completed')['data']).toMatchObject([{ state: 'completed' }])
    venue.run(5_000)
    expect(venue.get('/api/v5/system/status', 'state=sleeping')['code']).toBe('51000')
  })

  it('log in as somebody else and hear nothing of the first any more', () => {
    const venue = new Venue()
    const client = venue.privately({ channel: 'orders', instType: 'SWAP' })
    client.say(loginFrame(venue.time.wallMs(), { apiKey: 'key-vip' }))
    venue.run(5)
    venue.post('/api/v5/trade/order', order(venue))
    venue.run(50)
    expect(client.on('orders')).toEqual([])
  })
})
