import { describe, expect, it } from 'vitest'
import { FEATURE_VECTOR, TICK_BOOK, TICK_CANDLE, TICK_REFRESH, VECTOR_CANDLE, VECTOR_CANDLES_ANEW, VECTOR_FEATURES } from '../../src/memory/index.ts'
import { bench } from './features-bench.ts'

/** Kind and start of everything in the ring of vectors. */
function told(one: ReturnType<typeof bench>): [kind: number, startMs: number, tick: number][] {
  const view = FEATURE_VECTOR.view(one.vectors.buffer)
  return Array.from({ length: one.vectors.published }, (_, i) => {
    const vector = view.at(one.vectors.slotAt(i))
    return [vector.kind, vector.candleStartMs, vector.tickSequence]
  })
}

describe('closed candles', () => {
  it('are passed on between the vectors, in the order of the ticks, with the word that they begin anew', () => {
    const one = bench()
    one.only(TICK_REFRESH)
    one.only(TICK_CANDLE, { startMs: 60_000 })
    one.tick()
    one.only(TICK_CANDLE, { startMs: 120_000 })
    one.tick({ kind: TICK_BOOK, bid: 1001 })
    one.pump()
    expect(told(one).map(([kind, startMs]) => [kind, startMs])).toEqual([
      [VECTOR_CANDLES_ANEW, 0],
      [VECTOR_CANDLE, 60_000],
      [VECTOR_FEATURES, 0],
      [VECTOR_CANDLE, 120_000],
      [VECTOR_FEATURES, 0],
    ])
    const ticks = told(one).map(([, , tick]) => tick)
    expect(ticks.toSorted((a, b) => a - b)).toEqual(ticks)
  })

  it('carry prices in quote currency and volume in base coin', () => {
    const one = bench()
    one.only(TICK_CANDLE, { startMs: 60_000, candle: [1000, 1010, 990, 1005, 7] })
    one.pump()
    const vector = FEATURE_VECTOR.view(one.vectors.buffer).at(one.vectors.slotAt(0))
    expect(Array.from(vector.f64.subarray(vector.values, vector.values + 5))).toEqual([100, 101, 99, 100.5, 0.007])
    expect([vector.count, vector.warm]).toEqual([5, 0])
  })

  it('do not hide the newest vector from the cell that everybody else reads', () => {
    const one = bench()
    one.tick()
    one.only(TICK_CANDLE, { startMs: 60_000 })
    one.pump()
    const cell = one.registry.readIndicators(0)
    expect(cell.read()).toBe(true)
    expect([cell.value.sequence, cell.value.count]).toEqual([0, 110])
  })
})
