import { describe, expect, it } from 'vitest'

import { BUY, SELL } from '../../../src/core/index.ts'
import { at, Bench, START_MS } from './harness.ts'

describe('public connections', () => {
  it('never answers inside the call that asked', () => {
    const bench = new Bench()
    const client = bench.connect('/v5/public/linear')
    client.say({ op: 'ping' })
    client.say({ op: 'subscribe', args: ['orderbook.50.BTCUSDT'] })
    expect(client.texts).toEqual([])
    bench.run(0)
    expect(client.texts).toHaveLength(3)
  })

  it('answers pings in the compact form that clients search for', () => {
    const bench = new Bench()
    const client = bench.connect('/v5/public/linear')
    client.say({ op: 'ping', req_id: 'p1' })
    client.say({ op: 'ping' })
    client.say({ op: 'ping', req_id: 7 })
    bench.run(1)
    expect(client.texts[0]).toContain('"ret_msg":"pong"')
    expect(client.frames).toMatchObject([{ success: true, req_id: 'p1', op: 'ping' }, { req_id: '' }, { req_id: 7 }])
  })

  it('fails the whole frame for one bad topic and names it', () => {
    const bench = new Bench()
    const client = bench.connect('/v5/public/linear')
    client.say({ req_id: 'x', op: 'subscribe', args: ['orderbook.50.BTCUSDT', 'orderbook.500.BTCUSDT'] })
    bench.exchange.setLevel('BTCUSDT', BUY, 650_000, 1)
    bench.run(100)
    expect(client.frames).toMatchObject([{ success: false, ret_msg: 'error:handler not found,topic:orderbook.500.BTCUSDT', op: 'subscribe' }])
  })

  it('acknowledges before it sends data, and stops after unsubscribe', () => {
    const bench = new Bench()
    const client = bench.connect('/v5/public/linear')
    client.say({ req_id: 9, op: 'subscribe', args: ['orderbook.50.BTCUSDT', 'tickers.BTCUSDT'] })
    bench.run(1)
    expect(client.frames.map((frame) => frame['op'] ?? frame['topic'])).toEqual(['subscribe', 'orderbook.50.BTCUSDT', 'tickers.BTCUSDT'])
    expect(client.frames[0]).toMatchObject({ success: true, ret_msg: '', req_id: 9 })
    client.say({ op: 'unsubscribe', args: ['orderbook.50.BTCUSDT', 'tickers.BTCUSDT', 'tickers.ETHUSDT'] })
    bench.run(1)
    expect(client.last()).toMatchObject({ success: true, op: 'unsubscribe' })
    bench.exchange.setLevel('BTCUSDT', BUY, 650_000, 1)
    bench.run(1_000)
    expect(client.last()).toMatchObject({ op: 'unsubscribe' })
  })

  it('counts the characters of all topics of a connection, and gives them back', () => {
    const bench = new Bench({ limits: { topicCharsMax: 60 } })
    const client = bench.connect('/v5/public/linear')
    const say = (op: string, topic: string): unknown => {
      client.say({ op, args: [topic] })
      bench.run(1)
      return client.frames.findLast((frame) => frame['op'] === op)!['success']
    }
    expect(say('subscribe', 'orderbook.1000.BTCUSDT')).toBe(true)
    expect(say('subscribe', 'orderbook.200.BTCUSDT')).toBe(true)
    expect(say('subscribe', 'orderbook.200.BTCUSDT')).toBe(true)
    expect(say('subscribe', 'publicTrade.BTCUSDT')).toBe(false)
    expect(say('unsubscribe', 'orderbook.200.BTCUSDT')).toBe(true)
    expect(say('subscribe', 'publicTrade.BTCUSDT')).toBe(true)
  })

  it('gathers trades of one turn, splits frames at 1024 rows and tells the tick direction', () => {
    const bench = new Bench()
    const client = bench.connect('/v5/public/linear')
    client.say({ op: 'subscribe', args: ['publicTrade.BTCUSDT'] })
    bench.run(1)
    for (const ticks of [650_000, 650_001, 650_001, 649_990, 649_990]) bench.exchange.trade('BTCUSDT', BUY, ticks, 5)
    bench.run(1)
    expect((client.last()['data'] as { L: string }[]).map((row) => row.L)).toEqual(['ZeroPlusTick', 'PlusTick', 'ZeroPlusTick', 'MinusTick', 'ZeroMinusTick'])
    for (let i = 0; i < 1_500; i++) bench.exchange.trade('BTCUSDT', SELL, 649_990, 1)
    bench.run(1)
    const rows = client.on('publicTrade.BTCUSDT').map((frame) => (frame['data'] as unknown[]).length)
    expect(rows).toEqual([5, 1024, 476])
    expect(at(client.last(), 'data', 0)).toMatchObject({ S: 'Sell', p: '64999.00', v: '0.001', T: bench.time.wallMs() - 1 })
  })

  it('says of a ticker only what changed, never a field without news', () => {
    const bench = new Bench()
    const client = bench.connect('/v5/public/linear')
    client.say({ op: 'subscribe', args: ['tickers.BTCUSDT'] })
    bench.run(250)
    expect(client.on('tickers.BTCUSDT').map((frame) => frame['type'])).toEqual(['snapshot'])
    bench.exchange.setLevel('BTCUSDT', BUY, 650_000, 3_000)
    bench.run(100)
    expect(client.last()).toMatchObject({ type: 'delta' })
    expect(client.last()['data']).toEqual({ symbol: 'BTCUSDT', bid1Size: '3.000' })
  })

  it('confirms a candle once, when it is over', () => {
    const bench = new Bench()
    const startMs = Math.floor(START_MS / 60_000) * 60_000
    const candle = { startMs, openTicks: 1, highTicks: 4, lowTicks: 1, closeTicks: 2, lots: 3, turnover: 1.5 }
    bench.exchange.candlesOf = [candle]
    const client = bench.connect('/v5/public/linear')
    client.say({ op: 'subscribe', args: ['kline.1.BTCUSDT'] })
    bench.run(startMs + 60_000 - START_MS + 10)
    bench.exchange.candlesOf = [candle, { ...candle, startMs: startMs + 60_000 }]
    bench.exchange.endCandle('BTCUSDT')
    bench.run(5_000)
    const rows = client.on('kline.1.BTCUSDT').map((frame) => at(frame, 'data', 0) as { start: number; confirm: boolean })
    expect(rows.filter((row) => row.confirm)).toEqual([expect.objectContaining({ start: startMs, end: startMs + 59_999, open: '0.10', interval: '1' })])
    expect(rows.at(-1)).toMatchObject({ start: startMs + 60_000, confirm: false })
  })

  it('keeps its answers and frames in order under jitter', () => {
    const bench = new Bench({ latency: { requestMs: 3, replyMs: 2, pushMs: 1, marketMs: 4, jitterMs: 25, historyMs: 0 } })
    const client = bench.connect('/v5/public/linear')
    client.say({ op: 'subscribe', args: ['orderbook.50.BTCUSDT'] })
    bench.run(100)
    for (let i = 1; i <= 50; i++) {
      bench.exchange.setLevel('BTCUSDT', BUY, 650_000, i)
      client.say({ op: 'ping', req_id: i })
      bench.run(7)
    }
    bench.run(200)
    const updateIds = client.on('orderbook.50.BTCUSDT').map((frame) => at(frame, 'data', 'u') as number)
    for (let i = 1; i < updateIds.length; i++) expect(updateIds[i]).toBe(updateIds[i - 1]! + 1)
    expect(client.frames.filter((frame) => frame['op'] === 'ping').map((frame) => frame['req_id'])).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
  })
})
