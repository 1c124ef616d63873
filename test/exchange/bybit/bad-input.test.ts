import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { perSecond, type RateGroup } from '../../../src/exchange/bybit/index.ts'
import { Bench, limit, signedHeaders } from './harness.ts'

const PATHS = ['/v5/public/linear', '/v5/private', '/v5/trade'] as const

const garbage: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['no JSON', '{op:ping}'],
  ['half an object', '{"op":"subscribe","args":["orderb'],
  ['a number', '17'],
  ['null', 'null'],
  ['an array', '[{"op":"ping"}]'],
  ['no op', '{}'],
  ['op as number', '{"op":1}'],
  ['op as object', '{"op":{"toString":1}}'],
  ['an inherited name as op', '{"op":"constructor"}'],
  ['a prototype as op', '{"op":"__proto__"}'],
  ['a prototype in the object', '{"__proto__":{"op":"ping"}}'],
  ['deep nesting', `{"op":"subscribe","args":${'['.repeat(5_000)}${']'.repeat(5_000)}}`],
  ['deep nesting without an end', '{"a":'.repeat(200_000)],
  ['a lone surrogate', '{"op":"subscribe","args":["\\ud800"]}'],
  ['args as text', '{"op":"subscribe","args":"orderbook.50.BTCUSDT"}'],
  ['args of numbers', '{"op":"subscribe","args":[1,null,{}]}'],
  ['inherited names in a topic', '{"op":"subscribe","args":["orderbook.constructor.BTCUSDT"]}'],
  ['an inherited name as symbol', '{"op":"subscribe","args":["publicTrade.__proto__"]}'],
  ['an inherited name as interval', '{"op":"subscribe","args":["kline.toString.BTCUSDT"]}'],
  ['a depth with a sign', '{"op":"subscribe","args":["orderbook.+50.BTCUSDT"]}'],
  ['a long topic', `{"op":"subscribe","args":["${'x'.repeat(10_000)}"]}`],
]

describe('bad input', () => {
  it.each(PATHS.flatMap((path) => garbage.map(([what, text]) => [path, what, text] as const)))('%s answers %s in the words of the venue and stays', (path, _what, text) => {
    const bench = new Bench()
    const client = bench.connect(path)
    client.say(text)
    client.say({ op: 'ping', req_id: 'alive' })
    bench.run(5)
    expect(client.closed).toBeNull()
    expect(client.frames).toHaveLength(2)
    const [refusal, pong] = client.frames
    if (path === '/v5/trade') expect(refusal!['retCode']).not.toBe(0)
    else expect(refusal!['success']).toBe(false)
    expect(pong!['op']).toBe(path === '/v5/public/linear' ? 'ping' : 'pong')
    expect(bench.front.counters.badMessages).toBe(1)
    expect(bench.defects).toEqual([])
  })

  it.each(PATHS)('%s closes with 1009 on a message over 1 MB, counted in bytes', (path) => {
    const bench = new Bench()
    const client = bench.connect(path)
    client.say(`{"op":"ping","req_id":"${'x'.repeat(1_048_500)}"}`)
    expect(client.closed).toBeNull()
    client.say(`{"op":"ping","req_id":"${'é'.repeat(600_000)}"}`)
    expect(client.closed).toMatchObject({ code: 1009 })
    client.say({ op: 'ping' })
    bench.run(10)
    expect(bench.front.counters.connectionsOpen).toBe(0)
  })

  it.each([
    ['nothing', ''], ['no JSON', '{'], ['an array', '[]'], ['null', 'null'], ['deep nesting', '['.repeat(100_000)], ['a nested batch bomb', `{"category":"linear","request":${'['.repeat(40)}${']'.repeat(40)}}`],
  ])('REST answers a signed body of %s with 10001', (_what, body) => {
    const bench = new Bench()
    const answer = bench.http('POST', '/v5/order/create-batch', { body, headers: signedHeaders(bench.time.wallMs(), body) })
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body)).toMatchObject({ retCode: 10001, retMsg: expect.any(String), result: {}, retExtInfo: {}, time: expect.any(Number) })
  })

  it.each(['category=linear&symbol=%', 'category=linear&symbol=%E0%A4%A', '&&&==&=', 'category=linear&symbol=__proto__', 'category=constructor', `category=linear&symbol=${'x'.repeat(100_000)}`])('REST answers the query %.60s with 10001', (query) => {
    const bench = new Bench()
    for (const path of ['/v5/market/orderbook', '/v5/market/kline', '/v5/order/realtime']) expect(bench.get(path, query)['retCode']).toBe(10001)
    expect(bench.defects).toEqual([])
  })

  it('never throws, never breaks and places nothing for arbitrary values in order fields', () => {
    const bench = new Bench({ limits: { ipRequests: 1e9, perSecond: unlimited } })
    const fields = ['category', 'symbol', 'side', 'orderType', 'qty', 'price', 'timeInForce', 'positionIdx', 'orderLinkId', 'reduceOnly', 'closeOnTrigger', 'orderId', 'request'] as const
    const odd = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null), fc.array(fc.anything(), { maxLength: 2 }), fc.object({ maxDepth: 2 }), fc.constantFrom('-0.010', 'Infinity', '0x10', '１', '1_0', ' 0.010', '0.010 ', '+1'))
    fc.assert(
      fc.property(fc.constantFrom('create', 'amend', 'cancel', 'create-batch'), fc.constantFrom(...fields), odd, (command, name, value) => {
        fc.pre(!acceptable(name, value))
        const body = JSON.stringify({ ...limit(), [name]: value }, (_key, one: unknown) => (typeof one === 'bigint' ? String(one) : one))
        const answer = bench.post(`/v5/order/${command}`, body)
        expect(typeof answer['retCode']).toBe('number')
        expect(answer['retCode']).not.toBe(10016)
        if (command === 'create' && !['orderId', 'request'].includes(name)) expect(answer['retCode']).not.toBe(0)
      }),
      { numRuns: 400 },
    )
    expect(bench.defects).toEqual([])
  })

  it('survives a flood of random text on every connection', () => {
    const bench = new Bench()
    const clients = PATHS.map((path) => bench.connect(path))
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.dictionary(fc.constantFrom('op', 'args', 'req_id', 'reqId', 'header'), fc.anything()).map((one) => safeJson(one))), (text) => {
        for (const client of clients) client.say(text)
      }),
      { numRuns: 300 },
    )
    bench.run(1_000)
    expect(bench.defects).toEqual([])
    for (const client of clients) {
      for (const text of client.texts) expect(text.length).toBeLessThan(50_000)
      client.texts.length = 0
      client.say({ op: 'ping' })
    }
    bench.run(5)
    expect(clients.map((client) => client.texts.length)).toEqual([1, 1, 1])
  })
})

const unlimited = Object.fromEntries(Object.keys(perSecond).map((group) => [group, 1e9])) as Record<RateGroup, number>

const safeJson = (value: unknown): string => JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? String(one) : one)) ?? ''

// Values that the venue takes for these fields are no bad input.
function acceptable(name: string, value: unknown): boolean {
  // JSON has no NaN and no infinity: they arrive as null, which is a field left out.
  if (value === undefined || value === null || (typeof value === 'number' && !Number.isFinite(value))) return true
  if (name === 'orderLinkId') return typeof value === 'string' && /^[A-Za-z0-9_-]{0,36}$/.test(value)
  if (name === 'reduceOnly' || name === 'closeOnTrigger') return typeof value === 'boolean'
  if (name === 'timeInForce') return value === ''
  if (name === 'positionIdx') return value === 0
  if (name === 'qty' || name === 'price') return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value)
  return false
}
