import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isoMs, KeyRing } from '../../../src/exchange/okx/signature.ts'
import { sign } from '../../../src/exchange/okx/index.ts'
import { at, BTC, KEY, loginFrame, order, PASSPHRASE, SECRET, signedHeaders, START_MS, Venue, type Frame } from './venue.ts'

describe('signatures', () => {
  it('match vectors that were computed elsewhere', () => {
    const ts = '2023-11-14T22:13:20.000Z'
    expect(sign('testsecret', `${ts}GET/api/v5/account/positions?instType=SWAP&instId=BTC-USDT-SWAP`)).toBe('4y5+T8Ffc2NPxTL3VK5lTsrlMOz6KXZ2E2WQHq6DsRA=')
    expect(sign('testsecret', `${ts}POST/api/v5/trade/order{"instId":"BTC-USDT-SWAP","tdMode":"cross","side":"buy","ordType":"limit","px":"50000","sz":"1"}`)).toBe('mswd4Zf0UgZzaXPL3taWDs6vKNjg8FRn2RttrQvOIJI=')
    expect(sign('testsecret', '1700000000GET/users/self/verify')).toBe('nbqmCslY7ltfyiVOn8iY7qsU13F+ycpPNKvAVTNSMVc=')
  })

  it('let a request in over its method, path with query and body, and nothing else', () => {
    const ring = new KeyRing([{ apiKey: KEY, secret: SECRET, passphrase: PASSPHRASE, account: 'main' }])
    const headers = signedHeaders(START_MS, 'GET', '/api/v5/account/positions?instType=SWAP', '')
    expect(ring.request(headers, 'GET', '/api/v5/account/positions?instType=SWAP', '', START_MS).ok).toBe(true)
    for (const [method, path, body] of [['POST', '/api/v5/account/positions?instType=SWAP', ''], ['GET', '/api/v5/account/positions', ''], ['GET', '/api/v5/account/positions?instType=SWAP', '{}']] as const) {
      expect(ring.request(headers, method, path, body, START_MS)).toMatchObject({ ok: false, verdict: { code: '50113' } })
    }
  })

  it.each([
    ['no key', { 'ok-access-key': '' }, '50103'],
    ['no passphrase', { 'ok-access-passphrase': '' }, '50104'],
    ['no signature', { 'ok-access-sign': '' }, '50106'],
    ['no time', { 'ok-access-timestamp': '' }, '50107'],
    ['an unknown key', { 'ok-access-key': 'nobody' }, '50111'],
    ['a wrong passphrase', { 'ok-access-passphrase': 'guess' }, '50105'],
    ['a time that is no ISO time', { 'ok-access-timestamp': '1700000000' }, '50112'],
    ['a wrong signature', { 'ok-access-sign': 'AAAA' }, '50113'],
  ])('refuse %s with HTTP 401', (_name, headers, code) => {
    const venue = new Venue()
    const answer = venue.http('GET', '/api/v5/account/balance', { headers })
    expect([answer.status, at(JSON.parse(answer.body), 'code'), at(JSON.parse(answer.body), 'data')]).toEqual([401, code, []])
    expect(venue.front.counters.badSignatures).toBe(1)
  })

  it('read every time of this millennium as the platform does, and none that is no time', () => {
    fc.assert(fc.property(fc.integer({ min: 946_684_800_000, max: 32_503_679_999_999 }), (ms) => {
      expect(isoMs(new Date(ms).toISOString())).toBe(ms)
    }))
    expect([isoMs('2024-02-29T23:59:59Z'), isoMs('2024-02-29T23:59:59.5Z')]).toEqual([1_709_251_199_000, 1_709_251_199_500])
    for (const text of ['', '2024-13-01T00:00:00Z', '2024-00-01T00:00:00Z', '2024-01-32T00:00:00Z', '2024-01-01T24:00:00Z', '2024-01-01T00:60:00Z', '2024-01-01 00:00:00Z', '2024-01-01T00:00:00+00:00', '1700000000000']) expect(isoMs(text), text).toBeNaN()
  })

  it('hold for thirty seconds either way', () => {
    const venue = new Venue()
    const code = (offMs: number): unknown => at(JSON.parse(venue.http('GET', '/api/v5/account/config', { signed: false, headers: signedHeaders(venue.time.wallMs() + offMs, 'GET', '/api/v5/account/config', '') }).body), 'code')
    expect([code(-29_990), code(29_990), code(-30_010), code(30_010)]).toEqual(['0', '0', '50102', '50102'])
  })
})

describe('login', () => {
  it('is acknowledged, and may be repeated', () => {
    const venue = new Venue()
    const client = venue.connect('/ws/v5/private')
    client.say(loginFrame(START_MS))
    client.say({ ...loginFrame(START_MS), id: '9' })
    venue.run(5)
    expect(client.frames).toMatchObject([{ event: 'login', code: '0', msg: '' }, { id: '9', event: 'login', code: '0' }])
    expect(client.frames[0]!['connId']).toMatch(/^[0-9a-z]+$/)
    expect('id' in client.frames[0]!).toBe(false)
  })

  it.each([
    ['a wrong key', { apiKey: 'nobody' }, '60005'],
    ['a wrong passphrase', { passphrase: 'x' }, '60024'],
    ['a wrong signature', { sign: 'x' }, '60007'],
    ['an old time', { timestamp: String(START_MS / 1_000 - 31) }, '60006'],
    ['a time that is none', { timestamp: 'soon' }, '60004'],
  ])('with %s is refused and the connection closed', (_name, change, code) => {
    const venue = new Venue()
    const client = venue.connect('/ws/v5/private')
    client.say(loginFrame(START_MS, change))
    venue.run(5)
    expect(client.frames).toMatchObject([{ event: 'error', code }])
    venue.run(50)
    expect(client.closed?.code).toBe(4001)
  })
})

describe('connections', () => {
  it('answer the text ping with the text pong, and close after thirty seconds in which nothing was sent', () => {
    const venue = new Venue()
    const kept = venue.privately()
    kept.texts.length = 0
    const silent = venue.connect('/ws/v5/business')
    venue.run(20_000)
    kept.say('ping')
    venue.run(11_000)
    expect(kept.texts).toEqual(['pong'])
    expect([kept.closed, silent.closed?.code]).toEqual([null, 4004])
    venue.run(20_000)
    expect(kept.closed?.code).toBe(4004)
  })

  it('acknowledge each channel for itself: a bad one does not hurt the others', () => {
    const venue = new Venue()
    const client = venue.connect('/ws/v5/public')
    client.say({ id: '7', op: 'subscribe', args: [{ channel: 'tickers', instId: BTC }, { channel: 'nope', instId: BTC }, { channel: 'candle1m', instId: BTC }, { channel: 'books-l2-tbt', instId: BTC }, { channel: 'books5', instId: BTC }] })
    venue.run(1)
    const events = client.frames.filter((frame) => frame['event'] !== undefined)
    expect(events.map((frame) => [frame['id'], frame['event'], frame['code'] ?? at(frame, 'arg', 'channel')])).toEqual([['7', 'subscribe', 'tickers'], ['7', 'error', '60018'], ['7', 'error', '60018'], ['7', 'error', '60011'], ['7', 'subscribe', 'books5']])
    client.say({ op: 'unsubscribe', args: [{ channel: 'tickers', instId: BTC }] })
    venue.run(1)
    client.texts.length = 0
    venue.run(2_000)
    expect(client.on('tickers')).toEqual([])
    expect(client.on('books5').length).toBeGreaterThan(0)
  })

  it('announce an upgrade before they are cut, and can be cut without a word', () => {
    const venue = new Venue()
    const client = venue.publicly({ channel: 'tickers', instId: BTC })
    expect(venue.front.faults.announceUpgrade(5_000)).toBe(1)
    venue.run(10)
    expect(client.frames.at(-1)).toMatchObject({ event: 'notice', code: '64008' })
    expect(client.closed).toBeNull()
    venue.run(5_000)
    expect(client.closed?.code).toBe(1006)
  })

  it('are refused on other paths and stop with the front', () => {
    const venue = new Venue()
    expect(['/ws/v5/public', '/ws/v5/private?brokerId=9999', '/ws/v5/business', '/v5/public/linear', '/'].map((path) => venue.front.hasPath(path))).toEqual([true, true, true, false, false])
    expect(venue.connect('/elsewhere').closed?.code).toBe(1008)
    const client = venue.privately({ channel: 'positions', instType: 'SWAP' })
    venue.front.close()
    expect(client.closed?.code).toBe(1001)
    expect(venue.front.counters.connectionsOpen).toBe(0)
  })
})

describe('bad input', () => {
  it.each<[string, Frame, string]>([
    ['no instrument', { instId: undefined }, '50014'],
    ['an unknown instrument', { instId: 'DOGE-USDT-SWAP' }, '51001'],
    ['isolated margin', { tdMode: 'isolated' }, '51000'],
    ['a hedge leg', { posSide: 'long' }, '51000'],
    ['no side', { side: '' }, '50014'],
    ['another side', { side: 'Buy' }, '51000'],
    ['another type', { ordType: 'iceberg' }, '51000'],
    ['no size', { sz: '' }, '50014'],
    ['a size off the lot', { sz: '0.15' }, '51121'],
    ['a size of nothing', { sz: '0' }, '51020'],
    ['a size that is no number', { sz: '1e3' }, '51000'],
    ['a negative size', { sz: '-1' }, '51000'],
    ['an enormous size', { sz: '9'.repeat(60) }, '51000'],
    ['no price', { px: '' }, '50014'],
    ['a price off the tick', { px: '30000.05' }, '51000'],
    ['a price out of the band', { px: '1' }, '51006'],
    ['a client id with a dash', { clOrdId: 'a-b' }, '51000'],
    ['a client id that is too long', { clOrdId: 'a'.repeat(33) }, '51000'],
    ['a client id that is an object', { clOrdId: {} }, '51000'],
    ['a tag with a space', { tag: 'a b' }, '51000'],
    ['attached stops without a price', { attachAlgoOrds: [{ slTriggerPx: '1' }] }, '50014'],
    ['attached stops that are none', { attachAlgoOrds: [{ slOrdPx: '-1' }] }, '51000'],
    ['two stop losses', { attachAlgoOrds: [{ slTriggerPx: '1', slOrdPx: '-1' }, { slTriggerPx: '2', slOrdPx: '-1' }] }, '51000'],
    ['a stop loss above the price of a buy', { attachAlgoOrds: [{ slTriggerPx: '900000', slOrdPx: '-1' }] }, '51047'],
    ['a take profit below the price of a buy', { attachAlgoOrds: [{ tpTriggerPx: '1', tpOrdPx: '-1' }] }, '51046'],
    ['a way of moving prices that there is not', { pxAmendType: '2' }, '51000'],
    ['another self-trade mode', { stpMode: 'cancel_both' }, '51000'],
    ['a flag that is none', { reduceOnly: 'maybe' }, '51000'],
    ['reduce-only without a position', { reduceOnly: true }, '51169'],
    ['more than the balance carries', { sz: '100000', px: '' , ordType: 'market' }, '51101'],
  ])('of an order (%s) is refused by its own code and changes nothing', (_name, change, code) => {
    const venue = new Venue()
    const answer = venue.post('/api/v5/trade/order', { ...order(venue), ...change })
    expect([answer['code'], at(answer, 'data', 0, 'sCode'), at(answer, 'data', 0, 'ordId')]).toEqual(['1', code, ''])
    expect(venue.exchange.orders('main', {})).toEqual([])
    expect(venue.defects).toEqual([])
  })

  it('takes more than the margin carries for what it is', () => {
    const venue = new Venue()
    expect(at(venue.post('/api/v5/trade/order', { ...order(venue), sz: '5000' }), 'data', 0)).toMatchObject({ sCode: '51008', subCode: '1000' })
  })

  it.each(['', 'x', '{', '7', 'null', '[]', '[1]', '"a"', '{"a":1},{"b":2}', '{"a":1}}'])('of a body (%s) is refused and counted', (body) => {
    const venue = new Venue()
    const answer = JSON.parse(venue.http('POST', '/api/v5/trade/order', { body }).body) as Frame
    expect(answer['code']).not.toBe('0')
    expect(Array.isArray(answer['data'])).toBe(true)
    expect(venue.exchange.orders('main', {})).toEqual([])
    expect(venue.defects).toEqual([])
  })

  it.each(['', '{', '[]', 'PING', '{"op":7}', '{"op":"subscribe"}', '{"op":"subscribe","args":[]}', '{"op":"subscribe","args":[null,7,"x"]}', '{"op":"subscribe","args":[{"channel":{}}]}', '{"op":"login"}', `{"op":"fly","x":${'['.repeat(50)}${']'.repeat(50)}}`])('of a frame (%s) is answered with an error and the connection lives', (text) => {
    const venue = new Venue()
    for (const path of ['/ws/v5/public', '/ws/v5/business', '/ws/v5/private']) {
      const client = venue.connect(path)
      client.say(text)
      venue.run(5)
      expect(client.frames.length).toBeGreaterThan(0)
      expect(client.frames.every((frame) => frame['event'] === 'error' && typeof frame['code'] === 'string')).toBe(true)
      client.say('ping')
      venue.run(5)
      expect(client.texts.at(-1)).toBe('pong')
    }
    expect(venue.defects).toEqual([])
  })

  it('of a query is refused by code, and unknown paths are not found', () => {
    const venue = new Venue()
    const code = (path: string, query: string): unknown => venue.get(path, query)['code']
    expect([
      code('/api/v5/market/books', ''), code('/api/v5/market/books', 'instId=X'), code('/api/v5/market/books', `instId=${BTC}&sz=401`), code('/api/v5/market/candles', `instId=${BTC}&bar=7m`),
      code('/api/v5/public/instruments', ''), code('/api/v5/public/instruments', 'instType=STOCK'), code('/api/v5/trade/orders-history', ''), code('/api/v5/trade/fills', 'after=abc'), code('/api/v5/nothing', ''),
    ]).toEqual(['50014', '51001', '51000', '51000', '50014', '51000', '50014', '51000', '404'])
    expect(venue.get('/api/v5/public/instruments', 'instType=SPOT')).toMatchObject({ code: '0', data: [] })
  })

  it('of too large a message closes the connection', () => {
    const venue = new Venue()
    const client = venue.connect('/ws/v5/public')
    client.say('x'.repeat(70_000))
    expect(client.closed?.code).toBe(1009)
  })
})

describe('limits and faults', () => {
  it('share the bucket of an instrument between REST and WebSocket and refuse with 50011', () => {
    const venue = new Venue()
    const client = venue.privately()
    for (let i = 0; i < 60; i++) client.say({ id: String(i), op: 'cancel-order', args: [{ instId: BTC, ordId: '1' }] })
    const limited = venue.http('POST', '/api/v5/trade/cancel-order', { body: { instId: BTC, ordId: '1' } })
    expect([limited.status, at(JSON.parse(limited.body), 'code')]).toEqual([429, '50011'])
    expect(at(venue.post('/api/v5/trade/cancel-order', { instId: 'ETH-USDT-SWAP', ordId: '1' }), 'data', 0, 'sCode')).toBe('51400')
    client.say({ id: 'late', op: 'cancel-order', args: [{ instId: BTC, ordId: '1' }] })
    venue.run(5)
    expect(client.answer('late')).toMatchObject({ code: '50011', data: [] })
    venue.run(2_000)
    expect(at(venue.post('/api/v5/trade/cancel-order', { instId: BTC, ordId: '1' }), 'data', 0, 'sCode')).toBe('51400')
    expect(venue.front.counters.rateLimited).toBe(2)
  })

  it('lose an answer of an order that lives, and find it again by its name', () => {
    const venue = new Venue()
    const client = venue.privately()
    venue.front.faults.loseReplies(1, 'create')
    client.say({ id: 'q', op: 'order', args: [order(venue, { clOrdId: 'lost' })] })
    venue.run(50)
    expect(client.frames.filter((frame) => frame['op'] === 'order')).toEqual([])
    expect(at(venue.get('/api/v5/trade/order', `instId=${BTC}&clOrdId=lost`), 'data', 0, 'state')).toBe('live')
    venue.front.faults.refuseCommands({ code: 50_004, text: 'API endpoint request timeout' }, 1)
    expect(at(venue.post('/api/v5/trade/order', order(venue)), 'data', 0, 'sCode')).toBe('50004')
    venue.front.faults.maintenance = true
    expect(venue.http('GET', '/api/v5/public/time').status).toBe(503)
    expect(venue.connect('/ws/v5/public').closed?.code).toBe(1013)
  })
})
