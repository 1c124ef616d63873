import { createHash } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { BUY, Random, SELL } from '../../../src/core/index.ts'
import { Bench, limit } from './harness.ts'

/** A busy minute of virtual time; everything the front said, as one hash. */
function run(seed: number): { hash: string; lines: number } {
  const bench = new Bench({ shuffleTopics: true, latency: { requestMs: 3, replyMs: 2, pushMs: 4, marketMs: 1, jitterMs: 9, historyMs: 100 } }, seed)
  const script = new Random(99, 'script')
  const publicly = bench.connect('/v5/public/linear')
  publicly.say({ op: 'subscribe', args: ['orderbook.1.BTCUSDT', 'orderbook.50.BTCUSDT', 'orderbook.200.BTCUSDT', 'publicTrade.BTCUSDT', 'tickers.BTCUSDT'] })
  const privately = bench.signedIn('/v5/private', ['order', 'execution', 'position', 'wallet'])
  const trade = bench.signedIn('/v5/trade')
  for (let i = 0; i < 600; i++) {
    bench.exchange.setLevel('BTCUSDT', script.chance(0.5) ? BUY : SELL, script.chance(0.5) ? 650_000 - script.below(40) : 650_100 + script.below(40), script.below(50))
    if (script.chance(0.3)) bench.exchange.trade('BTCUSDT', BUY, 650_100, 1 + script.below(5))
    if (script.chance(0.05)) trade.say({ reqId: `r${i}`, header: { 'X-BAPI-TIMESTAMP': String(bench.time.wallMs()) }, op: 'order.create', args: [limit({ price: script.chance(0.5) ? '65010.0' : '60000', orderLinkId: `o-${i}` })] })
    if (script.chance(0.05)) bench.ask('GET', '/v5/order/realtime', { query: 'category=linear&symbol=BTCUSDT' }, () => {})
    if (script.chance(0.01)) bench.front.faults.skipUpdates('orderbook.50.BTCUSDT')
    bench.run(script.below(60))
  }
  expect(privately.texts.length).toBeGreaterThan(20)
  expect(bench.defects).toEqual([])
  return { hash: createHash('sha256').update(bench.said.join('\n')).digest('hex'), lines: bench.said.length }
}

describe('virtual runs', () => {
  it('say the same bytes for the same seed and others for another', () => {
    const first = run(1)
    expect(first.lines).toBeGreaterThan(500)
    expect(run(1)).toEqual(first)
    expect(run(2).hash).not.toBe(first.hash)
  })
})
