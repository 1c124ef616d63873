import { describe, expect, it } from 'vitest'

import { clockVerdict, KeyRing, sign } from '../../../src/exchange/bybit/signature.ts'
import { Bench, KEY, SECRET, signedHeaders, START_MS } from './harness.ts'

const ring = new KeyRing([{ apiKey: KEY, secret: SECRET, account: 'main' }])
const order = '{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.001","price":"50000"}'
// Published test vectors: key testkey, secret testsecret, timestamp 1700000000000, window 5000.
const vectors = [
  ['GET', 'category=linear&symbol=BTCUSDT', 'f2f79889fd1201752936b389c890e9d393e01e0311a6d8785fb80753aa26c69b'],
  ['POST', order, '82823792fce0672d4ffef76ce1da54160ae6d1012a36ac0e3b3db2ccc22cf174'],
] as const
const headers = (signature: string): Record<string, string> => ({ 'x-bapi-api-key': KEY, 'x-bapi-timestamp': '1700000000000', 'x-bapi-recv-window': '5000', 'x-bapi-sign': signature })

describe('signatures', () => {
  it.each(vectors)('accepts the published %s vector and nothing next to it', (_method, payload, signature) => {
    expect(ring.request(headers(signature), payload, 1_700_000_000_000)).toMatchObject({ ok: true, key: { account: 'main' } })
    expect(ring.request(headers(signature), `${payload} `, 1_700_000_000_000)).toMatchObject({ ok: false, verdict: { code: 10004 } })
    expect(ring.request(headers(signature.toUpperCase()), payload, 1_700_000_000_000)).toMatchObject({ ok: false, verdict: { code: 10004 } })
    expect(ring.request(headers(''), payload, 1_700_000_000_000)).toMatchObject({ ok: false, verdict: { code: 10004 } })
  })

  it('accepts the published connection vector with expires as number and as text', () => {
    const signature = '6a806639d27b1c24c3808a191e9d0274d0c9d3a04a160233856d65840dfda2c8'
    expect(sign(SECRET, 'GET/realtime1700000010000')).toBe(signature)
    for (const expires of [1_700_000_010_000, '1700000010000']) {
      expect(ring.connection([KEY, expires, signature], 1_700_000_009_999)).toMatchObject({ ok: true })
      expect(ring.connection([KEY, expires, signature], 1_700_000_010_000)).toMatchObject({ ok: false, verdict: { code: 10002 } })
    }
    expect(ring.connection(['nobody', 1_700_000_010_000, signature], START_MS)).toMatchObject({ ok: false, verdict: { code: 10003 } })
  })

  it.each([
    [-5_000, 0], [-5_001, 10002], [0, 0], [999, 0], [1_000, 10002], [60_000, 10002],
  ])('judges a timestamp %i ms off the venue with code %i', (off, code) => {
    expect(clockVerdict(String(START_MS + off), '5000', START_MS)?.code ?? 0).toBe(code)
  })

  it('applies a big window to the past only', () => {
    expect(clockVerdict(String(START_MS - 30_000), '60000', START_MS)).toBeNull()
    expect(clockVerdict(String(START_MS + 1_000), '60000', START_MS)?.code).toBe(10002)
  })

  it.each([['x', '5000'], ['', '5000'], [17, '5000'], ['1700000000000', 'x'], ['1700000000000', '99999999'], ['NaN', '5000']])('refuses timestamp %s with window %s as a parameter error', (timestamp, window) => {
    expect(clockVerdict(timestamp, window, START_MS)?.code).toBe(10001)
  })

  it('verifies the exact bytes of the query, whatever their order and escapes', () => {
    const bench = new Bench()
    for (const query of ['category=linear&symbol=BTCUSDT', 'symbol=BTCUSDT&category=linear', 'category=linear&symbol=%42TCUSDT']) {
      expect(bench.get('/v5/order/realtime', query)['retCode']).toBe(0)
    }
    const moved = bench.http('GET', '/v5/order/realtime', { query: 'symbol=BTCUSDT&category=linear', headers: signedHeaders(bench.time.wallMs(), 'category=linear&symbol=BTCUSDT') })
    expect(JSON.parse(moved.body)).toMatchObject({ retCode: 10004 })
  })

  it('tells an unknown key, a missing key and a skewed venue clock apart', () => {
    const bench = new Bench()
    const query = 'category=linear&symbol=BTCUSDT'
    expect(JSON.parse(bench.http('GET', '/v5/order/realtime', { query, headers: signedHeaders(bench.time.wallMs(), query, 'nobody') }).body)).toMatchObject({ retCode: 10003 })
    expect(bench.http('GET', '/v5/order/realtime', { query, signed: false }).status).toBe(401)
    bench.front.faults.clockSkewMs = 5_001
    expect(bench.get('/v5/order/realtime', query)['retCode']).toBe(10002)
    bench.front.faults.clockSkewMs = 0
    expect(bench.get('/v5/order/realtime', query)['retCode']).toBe(0)
  })
})
