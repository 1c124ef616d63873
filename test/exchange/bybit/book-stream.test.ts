import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { BUY, SELL, type Side } from '../../../src/core/index.ts'
import { at, Bench, type Client, type Frame } from './harness.ts'

const TOPIC = 'orderbook.50.BTCUSDT'

/** A client's book as the venue's documents tell it to be kept. */
class LocalBook {
  readonly sides: [Map<string, string>, Map<string, string>] = [new Map(), new Map()]
  updateId = 0

  apply(frame: Frame): void {
    const data = frame['data'] as { b: [string, string][]; a: [string, string][]; u: number }
    if (frame['type'] === 'snapshot') this.sides.forEach((side) => side.clear())
    else expect(data.u).toBe(this.updateId + 1)
    this.updateId = data.u
    for (const [index, rows] of [data.b, data.a].entries()) {
      for (const [price, size] of rows) {
        if (size === '0') expect(this.sides[index]!.delete(price)).toBe(true)
        else this.sides[index]!.set(price, size)
      }
    }
  }
}

function wanted(bench: Bench, side: Side, depth: number): Map<string, string> {
  const ticks = new Float64Array(depth)
  const lots = new Float64Array(depth)
  const count = bench.exchange.levels('BTCUSDT', side, depth, ticks, lots)
  return new Map(Array.from({ length: count }, (_, i) => [(ticks[i]! / 10).toFixed(2), (lots[i]! / 1000).toFixed(3)]))
}

function subscribe(bench: Bench, topic = TOPIC): Client {
  const client = bench.connect('/v5/public/linear')
  client.say({ op: 'subscribe', args: [topic] })
  bench.run(1)
  return client
}

describe('book topics', () => {
  it.each([50, 200, 1000])('depth %i rebuilds the market exactly from snapshot and deltas, levels that leave the depth included', (depth) => {
    fc.assert(
      fc.property(fc.array(fc.record({ side: fc.constantFrom(BUY, SELL), offset: fc.integer({ min: 0, max: 120 }), lots: fc.integer({ min: 0, max: 5 }), wait: fc.integer({ min: 0, max: 300 }) }), { minLength: 1, maxLength: 120 }), (moves) => {
        const bench = new Bench()
        const client = subscribe(bench, `orderbook.${depth}.BTCUSDT`)
        for (const move of moves) {
          bench.exchange.setLevel('BTCUSDT', move.side, move.side === BUY ? 650_000 - move.offset : 650_001 + move.offset, move.lots)
          bench.run(move.wait)
        }
        bench.run(500)
        const book = new LocalBook()
        for (const frame of client.on(`orderbook.${depth}.BTCUSDT`)) book.apply(frame)
        expect(book.sides[BUY]).toEqual(wanted(bench, BUY, depth))
        expect(book.sides[SELL]).toEqual(wanted(bench, SELL, depth))
      }),
      { numRuns: 15 },
    )
  })

  it('deletes what falls out of the depth and says it again when it comes back', () => {
    const bench = new Bench()
    for (let i = 0; i < 60; i++) bench.exchange.setLevel('BTCUSDT', BUY, 649_000 - i, 10 + i)
    const client = subscribe(bench)
    const deepest = at(client.on(TOPIC)[0], 'data', 'b', 49, 0) as string
    bench.exchange.setLevel('BTCUSDT', BUY, 649_999 + 1 - 500, 7)
    bench.run(40)
    expect(at(client.on(TOPIC)[1], 'data', 'b')).toEqual([['64950.00', '0.007'], [deepest, '0']])
    bench.exchange.setLevel('BTCUSDT', BUY, 649_500, 0)
    bench.run(40)
    expect(at(client.on(TOPIC)[2], 'data', 'b')).toEqual([['64950.00', '0'], [deepest, expect.stringMatching(/^0\.\d{3}$/)]])
  })

  it('pushes once per period, whatever happened in between, and nothing when nothing is left of it', () => {
    const bench = new Bench()
    const client = subscribe(bench)
    for (let i = 1; i <= 100; i++) bench.exchange.setLevel('BTCUSDT', BUY, 650_000, i)
    bench.run(100)
    expect(client.on(TOPIC).map((frame) => frame['type'])).toEqual(['snapshot', 'delta'])
    bench.exchange.setLevel('BTCUSDT', BUY, 650_000, 5)
    bench.exchange.setLevel('BTCUSDT', BUY, 650_000, 100)
    bench.run(1_000)
    expect(client.on(TOPIC)).toHaveLength(2)
  })

  it('runs no timer while the book stands still or nobody listens', () => {
    const bench = new Bench()
    const client = subscribe(bench)
    bench.run(1_000)
    expect(bench.time.pending).toBe(0)
    client.session.closed()
    bench.exchange.setLevel('BTCUSDT', BUY, 650_000, 77)
    expect(bench.time.pending).toBe(0)
  })

  it('rises in seq without being contiguous and carries cts beside data', () => {
    const bench = new Bench()
    const client = subscribe(bench)
    for (let i = 1; i < 20; i++) {
      bench.exchange.setLevel('BTCUSDT', SELL, 650_001, i)
      bench.exchange.setLevel('BTCUSDT', SELL, 650_002, i)
      bench.run(25)
    }
    const sequences = client.on(TOPIC).map((frame) => at(frame, 'data', 'seq') as number)
    expect(sequences.length).toBeGreaterThan(10)
    for (let i = 1; i < sequences.length; i++) expect(sequences[i]! - sequences[i - 1]!).toBeGreaterThan(1)
    for (const frame of client.on(TOPIC)) expect(frame['cts'] as number).toBeLessThanOrEqual(frame['ts'] as number)
  })

  it('gives a second subscriber the state that the next delta continues', () => {
    const bench = new Bench()
    const first = subscribe(bench)
    bench.exchange.setLevel('BTCUSDT', BUY, 650_000, 42)
    bench.run(30)
    bench.exchange.setLevel('BTCUSDT', BUY, 650_000, 43)
    const second = subscribe(bench)
    bench.exchange.setLevel('BTCUSDT', SELL, 650_003, 44)
    bench.run(60)
    for (const client of [first, second]) {
      const book = new LocalBook()
      for (const frame of client.on(TOPIC)) book.apply(frame)
      expect(book.sides[BUY]).toEqual(wanted(bench, BUY, 50))
      expect(book.sides[SELL]).toEqual(wanted(bench, SELL, 50))
    }
  })

  it('shares one text among all subscribers', () => {
    const bench = new Bench()
    const clients = Array.from({ length: 20 }, () => subscribe(bench))
    const built = bench.front.counters.framesBuilt
    bench.exchange.setLevel('BTCUSDT', BUY, 650_000, 42)
    bench.run(30)
    expect(bench.front.counters.framesBuilt).toBe(built + 1)
    expect(new Set(clients.map((client) => client.texts.at(-1))).size).toBe(1)
  })

  it('depth 1 sends snapshots only, only when the top moved, and repeats itself after three silent seconds', () => {
    const bench = new Bench()
    const topic = 'orderbook.1.BTCUSDT'
    const client = subscribe(bench, topic)
    bench.exchange.setLevel('BTCUSDT', BUY, 649_990, 42)
    bench.run(50)
    expect(client.on(topic)).toHaveLength(1)
    bench.exchange.setLevel('BTCUSDT', BUY, 650_000, 42)
    bench.run(20)
    expect(client.on(topic).map((frame) => frame['type'])).toEqual(['snapshot', 'snapshot'])
    expect(at(client.last(), 'data')).toMatchObject({ b: [['65000.00', '0.042']], a: [['65000.10', '2.000']] })
    bench.run(3_000)
    expect(client.on(topic)).toHaveLength(3)
    expect(at(client.on(topic)[2], 'data')).toEqual(at(client.on(topic)[1], 'data'))
    expect(client.on(topic)[2]!['ts'] as number).toBeGreaterThan(client.on(topic)[1]!['ts'] as number)
  })

  it('starts over with a snapshot where the market has a seam', () => {
    const bench = new Bench()
    const client = subscribe(bench)
    bench.exchange.setLevel('BTCUSDT', BUY, 650_000, 0)
    bench.exchange.seam('BTCUSDT')
    bench.run(30)
    expect(client.last()).toMatchObject({ topic: TOPIC, type: 'snapshot' })
    expect(at(client.last(), 'data', 'b', 0, 0)).toBe('64999.90')
  })

  it('leaves a gap in u for a skipped update, and goes on after it', () => {
    const bench = new Bench()
    const client = subscribe(bench)
    const updateIds = (): number[] => client.on(TOPIC).map((frame) => at(frame, 'data', 'u') as number)
    const start = updateIds()[0]!
    bench.front.faults.skipUpdates(TOPIC)
    for (let i = 1; i <= 3; i++) {
      bench.exchange.setLevel('BTCUSDT', BUY, 650_000, i)
      bench.run(30)
    }
    expect(updateIds()).toEqual([start, start + 2, start + 3])
  })

  it('falls silent when stalled and says everything at once afterwards', () => {
    const bench = new Bench()
    const client = subscribe(bench)
    bench.front.faults.stall(TOPIC, 500)
    for (let i = 1; i <= 10; i++) {
      bench.exchange.setLevel('BTCUSDT', BUY, 650_000, i)
      bench.run(40)
    }
    expect(client.on(TOPIC)).toHaveLength(1)
    bench.run(150)
    expect(client.on(TOPIC)).toHaveLength(2)
    expect(at(client.last(), 'data', 'b')).toEqual([['65000.00', '0.010']])
    expect(at(client.last(), 'data', 'u')).toBe((at(client.on(TOPIC)[0], 'data', 'u') as number) + 1)
  })

  it('restarts numbering at 1 when the venue restarts', () => {
    const bench = new Bench()
    const client = subscribe(bench)
    bench.front.faults.resnapshot(TOPIC, true)
    bench.run(30)
    expect(client.last()).toMatchObject({ type: 'snapshot', data: { u: 1 } })
  })
})
