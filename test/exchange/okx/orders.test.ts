import { describe, expect, it } from 'vitest'

import { defaultContracts } from '../../../src/exchange/index.ts'
import { at, BTC, type Client, ETH, market, order, START_MS, Venue, type Frame } from './venue.ts'

const sCode = (answer: Frame): unknown => at(answer, 'data', 0, 'sCode')
const ordId = (answer: Frame): string => at(answer, 'data', 0, 'ordId') as string

describe('REST orders', () => {
  it('places, shows, amends and cancels an order under its venue names', () => {
    const venue = new Venue()
    const px = venue.price('buy', -2_000)
    const placed = venue.post('/api/v5/trade/order', order(venue, { px, clOrdId: 'a1', tag: 'strategy7' }))
    expect(placed).toMatchObject({ code: '0', msg: '', data: [{ clOrdId: 'a1', tag: 'strategy7', sCode: '0', sMsg: '' }] })
    expect(placed['inTime']).toMatch(/^\d{16}$/)
    const id = ordId(placed)
    expect(id).toMatch(/^\d{19}$/)
    expect(at(venue.get('/api/v5/trade/order', `instId=${BTC}&clOrdId=a1`), 'data', 0)).toMatchObject({ ordId: id, clOrdId: 'a1', tag: 'strategy7', state: 'live', sz: '1', accFillSz: '0', avgPx: '', px: String(Number(px)), ordType: 'limit', side: 'buy', lever: '10' })
    expect(venue.exchange.orders('main', { open: true })).toMatchObject([{ symbol: 'BTCUSDT', lots: 10 }])

    expect(venue.post('/api/v5/trade/amend-order', { instId: BTC, ordId: id, newSz: '2.5', reqId: 'r1' })).toMatchObject({ code: '0', data: [{ ordId: id, reqId: 'r1', sCode: '0' }] })
    expect(venue.get('/api/v5/trade/orders-pending', 'instType=SWAP')['data']).toMatchObject([{ ordId: id, sz: '2.5' }])
    expect(venue.post('/api/v5/trade/cancel-order', { instId: BTC, clOrdId: 'a1' })).toMatchObject({ code: '0', data: [{ ordId: id, clOrdId: 'a1', sCode: '0' }] })
    expect(venue.get('/api/v5/trade/orders-pending')['data']).toEqual([])
    expect(venue.get('/api/v5/trade/orders-history', 'instType=SWAP')['data']).toMatchObject([{ ordId: id, state: 'canceled', cancelSource: '1' }])
    expect(venue.defects).toEqual([])
  })

  it('says late cancels, unknown orders and dead amendments in the codes of the venue, with HTTP 200', () => {
    const venue = new Venue()
    const id = ordId(venue.post('/api/v5/trade/order', order(venue)))
    venue.post('/api/v5/trade/cancel-order', { instId: BTC, ordId: id })
    const late = venue.http('POST', '/api/v5/trade/cancel-order', { body: { instId: BTC, ordId: id } })
    expect([late.status, at(JSON.parse(late.body), 'code'), at(JSON.parse(late.body), 'data', 0, 'sCode')]).toEqual([200, '1', '51400'])
    expect(sCode(venue.post('/api/v5/trade/cancel-order', { instId: BTC, ordId: '12345' }))).toBe('51400')
    expect(sCode(venue.post('/api/v5/trade/cancel-order', { instId: ETH, ordId: id }))).toBe('51400')
    expect(sCode(venue.post('/api/v5/trade/amend-order', { instId: BTC, ordId: id, newSz: '3' }))).toBe('51503')
    expect(venue.get('/api/v5/trade/order', `instId=${BTC}&ordId=12345`)).toEqual({ code: '51603', msg: 'Order does not exist', data: [] })
  })

  it('keeps an order of another account out of reach', () => {
    const venue = new Venue()
    const other = venue.exchange.place('second', { symbol: 'BTCUSDT', clientId: '', side: 0, type: 'limit', priceTicks: Math.round(Number(venue.price('buy', -2_000)) * 10), lots: 10, timeInForce: 'GTC', reduceOnly: false, closeOnTrigger: false })
    expect(other.ok).toBe(true)
    expect(sCode(venue.post('/api/v5/trade/cancel-order', { instId: BTC, ordId: '2000000000000000001' }))).toBe('51400')
    expect(venue.exchange.orders('second', { open: true })).toHaveLength(1)
  })

  it('forgets cancelled orders without a fill after two hours, not before and not filled ones', () => {
    const venue = new Venue({ rate: 1, contracts: defaultContracts.slice(0, 1) })
    venue.post('/api/v5/trade/order', order(venue, { clOrdId: 'gone' }))
    venue.post('/api/v5/trade/cancel-order', { instId: BTC, clOrdId: 'gone' })
    venue.post('/api/v5/trade/order', market({ clOrdId: 'stays' }))
    venue.run(7_190_000)
    expect(venue.get('/api/v5/trade/order', `instId=${BTC}&clOrdId=gone`)['code']).toBe('0')
    venue.run(20_000)
    expect(venue.get('/api/v5/trade/order', `instId=${BTC}&clOrdId=gone`)['code']).toBe('51603')
    expect(venue.get('/api/v5/trade/order', `instId=${BTC}&clOrdId=stays`)['code']).toBe('0')
    expect(venue.get('/api/v5/trade/orders-history', 'instType=SWAP')['data']).toMatchObject([{ clOrdId: 'stays', state: 'filled' }])
  })

  it('answers a batch item by item, and says over all whether none, some or all failed', () => {
    const venue = new Venue()
    const good = order(venue)
    expect(venue.post('/api/v5/trade/batch-orders', [good, good])).toMatchObject({ code: '0', data: [{ sCode: '0' }, { sCode: '0' }] })
    expect(venue.post('/api/v5/trade/batch-orders', [good, { ...good, sz: '99999999999' }])).toMatchObject({ code: '2', data: [{ sCode: '0' }, { sCode: '51101', ordId: '' }] })
    expect(venue.post('/api/v5/trade/batch-orders', [{ ...good, instId: 'NO-USDT-SWAP' }, 7])).toMatchObject({ code: '1', data: [{ sCode: '51001' }, { sCode: '51000' }] })
    const ids = (venue.get('/api/v5/trade/orders-pending')['data'] as Frame[]).map((row) => ({ instId: BTC, ordId: row['ordId'] }))
    expect(ids).toHaveLength(3)
    expect(venue.post('/api/v5/trade/amend-batch-orders', [{ ...ids[0], newSz: '4' }])).toMatchObject({ code: '0' })
    expect(venue.post('/api/v5/trade/cancel-batch-orders', [...ids, { instId: BTC, ordId: '1' }])).toMatchObject({ code: '2', data: [{ sCode: '0' }, { sCode: '0' }, { sCode: '0' }, { sCode: '51400' }] })
    expect(venue.post('/api/v5/trade/batch-orders', Array.from({ length: 21 }, () => good))['code']).not.toBe('0')
    expect(venue.exchange.orders('main', { open: true })).toEqual([])
  })

  it('cancels an order whose amendment failed when the client wants that', () => {
    const venue = new Venue()
    venue.post('/api/v5/trade/order', order(venue, { clOrdId: 'c1' }))
    expect(sCode(venue.post('/api/v5/trade/amend-order', { instId: BTC, clOrdId: 'c1', newPx: '1' }))).toBe('51006')
    expect(venue.exchange.orders('main', { open: true })).toHaveLength(1)
    expect(sCode(venue.post('/api/v5/trade/amend-order', { instId: BTC, clOrdId: 'c1', newPx: '1', cxlOnFail: true }))).toBe('51006')
    expect(venue.exchange.orders('main', { open: true })).toEqual([])
    expect(sCode(venue.post('/api/v5/trade/amend-order', { instId: BTC, clOrdId: 'c1' }))).toBe('51500')
  })

  it('does not carry out an order whose deadline has passed', () => {
    const venue = new Venue()
    const body = order(venue)
    const late = JSON.parse(venue.http('POST', '/api/v5/trade/order', { body, headers: { exptime: String(START_MS - 1) } }).body) as Frame
    expect(late).toMatchObject({ code: '50036', data: [] })
    expect(venue.exchange.orders('main', {})).toEqual([])
    expect(at(JSON.parse(venue.http('POST', '/api/v5/trade/order', { body, headers: { exptime: String(START_MS + 60_000) } }).body), 'code')).toBe('0')
  })
})

describe('clOrdId', () => {
  it('is refused while an order of that name is open and taken again for a new one afterwards', () => {
    const venue = new Venue()
    const first = ordId(venue.post('/api/v5/trade/order', order(venue, { clOrdId: 'same' })))
    expect(sCode(venue.post('/api/v5/trade/order', order(venue, { clOrdId: 'same' })))).toBe('51016')
    venue.post('/api/v5/trade/cancel-order', { instId: BTC, ordId: first })
    const second = ordId(venue.post('/api/v5/trade/order', market({ clOrdId: 'same' })))
    const third = ordId(venue.post('/api/v5/trade/order', market({ clOrdId: 'same' })))
    expect(new Set([first, second, third]).size).toBe(3)
    expect(at(venue.get('/api/v5/trade/order', `instId=${BTC}&clOrdId=same`), 'data', 0, 'ordId')).toBe(third)
    // Sent again after a loss it traded again: both are real.
    expect(venue.exchange.position('main', 'BTCUSDT').signedLots).toBe(20)
  })

  it('still names its newest order, and keeps an open name closed, after a restart of the exchange', () => {
    const before = new Venue()
    before.post('/api/v5/trade/order', market({ clOrdId: 'done', tag: 't1' }))
    before.post('/api/v5/trade/order', order(before, { clOrdId: 'open', px: before.price('buy', -20_000) }))
    const newest = ordId(before.post('/api/v5/trade/order', market({ clOrdId: 'done', tag: 't2' })))
    before.run(10)
    before.exchange.stop()
    const after = new Venue({ lines: before.ledger.lines, startMs: START_MS + 60_000 })
    expect(at(after.get('/api/v5/trade/order', `instId=${BTC}&clOrdId=done`), 'data', 0)).toMatchObject({ ordId: newest, tag: 't2' })
    expect(sCode(after.post('/api/v5/trade/order', order(after, { clOrdId: 'open' })))).toBe('51016')
    for (let i = 0; i < 4; i++) expect(sCode(after.post('/api/v5/trade/order', market({ clOrdId: 'done', tag: 't1' })))).toBe('0')
    expect(sCode(after.post('/api/v5/trade/cancel-order', { instId: BTC, clOrdId: 'open' }))).toBe('0')
  })
})

describe('orders over WebSocket', () => {
  const session = (): { venue: Venue; client: Client } => {
    const venue = new Venue()
    return { venue, client: venue.privately({ channel: 'orders', instType: 'SWAP' }) }
  }

  it('echoes id and op, takes instIdCode for the instrument, and answers before the push of what happened', () => {
    const { venue, client } = session()
    client.texts.length = 0
    client.say({ id: '1512', op: 'order', args: [{ ...order(venue, { clOrdId: 'w1' }), instId: undefined, instIdCode: 10459 }] })
    venue.run(10)
    const [answer, push] = client.frames
    expect(answer).toMatchObject({ id: '1512', op: 'order', code: '0', msg: '', data: [{ clOrdId: 'w1', tag: '', sCode: '0', sMsg: '', subCode: '' }] })
    expect(push).toMatchObject({ arg: { channel: 'orders', instType: 'SWAP' }, data: [{ clOrdId: 'w1', state: 'live', instId: BTC, avgPx: '0', fillSz: '0', amendResult: '' }] })
    const id = ordId(answer!)
    client.say({ id: '2', op: 'amend-order', args: [{ instIdCode: 10459, ordId: id, newSz: '3', reqId: 'b1' }] })
    client.say({ id: '3', op: 'cancel-order', args: [{ instId: BTC, clOrdId: 'w1' }] })
    client.say({ id: '4', op: 'cancel-order', args: [{ instId: BTC, clOrdId: 'w1' }] })
    venue.run(10)
    expect(client.answer('2')).toMatchObject({ op: 'amend-order', code: '0', data: [{ ordId: id, reqId: 'b1', sCode: '0' }] })
    expect(client.answer('3')).toMatchObject({ code: '0', data: [{ sCode: '0' }] })
    expect(client.answer('4')).toMatchObject({ code: '1', data: [{ sCode: '51400' }] })
    expect(client.rows('orders').map((row) => [row['state'], row['sz'], row['amendResult'], row['reqId']])).toEqual([['live', '1', '', ''], ['live', '3', '0', 'b1'], ['canceled', '3', '', '']])
  })

  it('takes batches, and refuses mass-cancel and what it cannot read without losing the connection', () => {
    const { venue, client } = session()
    client.say({ id: 'b1', op: 'batch-orders', args: [order(venue, { clOrdId: 'x1' }), order(venue, { clOrdId: 'x2', sz: '0.05' }), { ...order(venue), instId: ETH, px: '1', sz: '1', side: 'sell' }] })
    venue.run(5)
    expect(client.answer('b1')).toMatchObject({ code: '2', data: [{ sCode: '0' }, { sCode: '51121', clOrdId: 'x2' }, { sCode: '51006' }] })
    client.say({ id: 'b2', op: 'batch-amend-orders', args: [{ instId: BTC, clOrdId: 'x1', newPx: venue.price('buy', -2_500) }] })
    client.say({ id: 'b3', op: 'order', args: [] })
    client.say({ id: 'b4', op: 'order', args: [order(venue), order(venue)] })
    client.say({ op: 'order', args: [order(venue)] })
    client.say({ id: 'b5', op: 'conquer', args: [order(venue)] })
    venue.run(5)
    expect(client.answer('b2')['code']).toBe('0')
    expect(client.answer('b3')).toMatchObject({ code: '60013', msg: 'Invalid args', data: [] })
    expect(client.answer('b4')['code']).toBe('60013')
    expect(client.frames.filter((frame) => frame['event'] === 'error').map((frame) => frame['code'])).toEqual(['60012', '60012'])
    client.say({ id: 'm1', op: 'mass-cancel', args: [{ instType: 'SWAP', instFamily: 'BTC-USDT' }] })
    venue.run(5)
    expect(client.answer('m1')).toMatchObject({ op: 'mass-cancel', code: '51000', msg: 'Parameter instType error', data: [] })
    expect(venue.post('/api/v5/trade/mass-cancel', { instType: 'OPTION', instFamily: 'BTC-USD' })['code']).toBe('51010')
    expect(venue.exchange.orders('main', { open: true })).toHaveLength(1)
    expect(client.closed).toBeNull()
  })

  it('takes no commands and no private channels before the login', () => {
    const venue = new Venue()
    const client = venue.connect('/ws/v5/private')
    client.say({ id: '1', op: 'order', args: [order(venue)] })
    client.say({ op: 'subscribe', args: [{ channel: 'orders', instType: 'SWAP' }] })
    venue.run(5)
    expect(client.frames.map((frame) => frame['code'])).toEqual(['60011', '60011'])
    expect(venue.exchange.orders('main', {})).toEqual([])
  })
})

describe('ends of orders', () => {
  it('says post-only, immediate and all-or-nothing orders as the venue does: accepted, then cancelled with its source', () => {
    const venue = new Venue()
    const client = venue.privately({ channel: 'orders', instType: 'ANY' })
    const crossing = venue.price('sell', 50)
    const huge = '50000'
    const tries = [{ ordType: 'post_only', px: crossing }, { ordType: 'ioc', px: venue.price('buy', -100) }, { ordType: 'fok', px: venue.price('buy', -100), sz: huge }]
    for (const [i, one] of tries.entries()) {
      expect(sCode(venue.post('/api/v5/trade/order', order(venue, { ...one, clOrdId: `e${i}`, sz: '1' })))).toBe('0')
    }
    venue.run(100)
    const ends = ['e0', 'e1', 'e2'].map((name) => client.rows('orders').findLast((row) => row['clOrdId'] === name)!)
    expect(ends.map((row) => [row['state'], row['cancelSource'], row['accFillSz'], row['ordType']])).toEqual([['canceled', '31', '0', 'post_only'], ['canceled', '14', '0', 'ioc'], ['canceled', '13', '0', 'fok']])
  })

  it('cancels what is left when the dead man\'s switch is not pressed again, with source 20, by tag when one was given', () => {
    const venue = new Venue()
    const client = venue.privately({ channel: 'orders', instType: 'SWAP' })
    venue.post('/api/v5/trade/order', order(venue, { clOrdId: 'k1', tag: 'bot1' }))
    venue.post('/api/v5/trade/order', order(venue, { clOrdId: 'k2' }))
    const armed = at(venue.post('/api/v5/trade/cancel-all-after', { timeOut: '10', tag: 'bot1' }), 'data', 0) as Frame
    expect(Number(armed['triggerTime']) - Number(armed['ts'])).toBe(10)
    venue.run(9_000)
    venue.post('/api/v5/trade/cancel-all-after', { timeOut: 10, tag: 'bot1' })
    venue.run(9_900)
    expect(venue.exchange.orders('main', { open: true })).toHaveLength(2)
    venue.run(200)
    expect(venue.get('/api/v5/trade/orders-pending')['data']).toMatchObject([{ clOrdId: 'k2' }])
    expect(client.rows('orders').at(-1)).toMatchObject({ clOrdId: 'k1', state: 'canceled', cancelSource: '20' })
    venue.post('/api/v5/trade/cancel-all-after', { timeOut: '10' })
    venue.run(2_000)
    expect(at(venue.post('/api/v5/trade/cancel-all-after', { timeOut: '0' }), 'data', 0, 'triggerTime')).toBe('0')
    venue.run(20_000)
    expect(venue.exchange.orders('main', { open: true })).toHaveLength(1)
    for (const timeOut of ['9', '121', 'x', '']) expect(venue.post('/api/v5/trade/cancel-all-after', { timeOut })['code']).not.toBe('0')
  })

  it('closes a position at the market, cancelling closing orders only when told to', () => {
    const venue = new Venue()
    expect(venue.post('/api/v5/trade/close-position', { instId: BTC, mgnMode: 'cross' })['code']).toBe('51023')
    venue.post('/api/v5/trade/order', market({ side: 'sell', sz: '2' }))
    venue.post('/api/v5/trade/order', order(venue, { sz: '1' }))
    expect(venue.post('/api/v5/trade/close-position', { instId: BTC, mgnMode: 'cross' })['code']).toBe('51115')
    expect(venue.post('/api/v5/trade/close-position', { instId: BTC, mgnMode: 'cross', autoCxl: true })).toMatchObject({ code: '0', data: [{ instId: BTC, posSide: 'net' }] })
    expect(venue.exchange.position('main', 'BTCUSDT').signedLots).toBe(0)
    expect(venue.exchange.orders('main', { open: true })).toEqual([])
  })
})
