import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { INDICATOR_OUTPUTS, INDICATOR_WARM_UP_BARS, IndicatorColumns, IndicatorSet } from '../../src/indicators/index.ts'

const bar = fc.record({ close: fc.double({ min: 0.5, max: 2, noNaN: true }), up: fc.double({ min: 0, max: 0.1, noNaN: true }), down: fc.double({ min: 0, max: 0.1, noNaN: true }), volume: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true })) })
type MadeBar = { readonly close: number; readonly up: number; readonly down: number; readonly volume: number }

function feed(set: IndicatorSet, bars: readonly MadeBar[]): Float64Array {
  const out = new Float64Array(INDICATOR_OUTPUTS)
  for (const { close, up, down, volume } of bars) {
    set.preview(close + up, close - down, close, volume, out, 0)
    set.commit(close + up, close - down, close, volume)
  }
  return out
}

/** Columns whose series begins at place `from`, behind bars that do not belong to it. */
function columnsOf(from: number, bars: readonly MadeBar[]) {
  const column = (value: (one: MadeBar) => number): Float64Array => Float64Array.from({ length: from + bars.length }, (_, i) => (i < from ? 7e5 + i : value(bars[i - from]!)))
  return { high: column((one) => one.close + one.up), low: column((one) => one.close - one.down), close: column((one) => one.close), volume: column((one) => one.volume) }
}

/** Lines of volume cancel: relative to the volume that went in. */
const volumeLines = new Set([29, 31, 33])

function same(out: Float64Array, columns: IndicatorColumns, at: number, bars: readonly MadeBar[]): void {
  const volume = bars.reduce((sum, one) => sum + one.volume, 0)
  for (const [place, value] of out.entries()) {
    const expected = columns.outputs[place]![at]!
    if (!(Object.is(value, expected) || Math.abs(value - expected) <= 1e-9 * Math.max(1, Math.abs(expected), volumeLines.has(place) ? volume : 0))) throw new Error(`place ${at}, output ${place}: ${value}, the columns say ${expected}`)
  }
}

describe('the indicator set', () => {
  it('is not changed by looking at the open bar', () => {
    fc.assert(
      fc.property(fc.array(bar, { minLength: 55, maxLength: 80 }), bar, (bars, other) => {
        const plain = new IndicatorSet()
        const looked = new IndicatorSet()
        const expected = feed(plain, bars)
        const scratch = new Float64Array(INDICATOR_OUTPUTS)
        const out = new Float64Array(INDICATOR_OUTPUTS)
        for (const { close, up, down, volume } of bars) {
          for (const one of [other, { close, up, down, volume: volume / 2 }, other]) looked.preview(one.close + one.up, one.close - one.down, one.close, one.volume, scratch, 0)
          looked.preview(close + up, close - down, close, volume, out, 0)
          looked.commit(close + up, close - down, close, volume)
        }
        expect([...out]).toEqual([...expected])
      }),
      { numRuns: 40 },
    )
  })

  it('says of every bar what the columns say, the open bar and the closed one, through flat and idle stretches, to 1e-9 (property)', () => {
    const flat = fc.array(fc.constant({ close: 1.5, up: 0, down: 0, volume: 0 }), { minLength: 1, maxLength: 60 })
    const market = fc.array(fc.oneof({ weight: 8, arbitrary: bar.map((one) => [one]) }, { weight: 1, arbitrary: flat }), { minLength: 50, maxLength: 120 }).map((parts) => parts.flat())
    fc.assert(
      fc.property(market, bar, fc.nat(7), (bars, open, from) => {
        const set = new IndicatorSet()
        const out = new Float64Array(INDICATOR_OUTPUTS)
        const closed = new IndicatorColumns(from + bars.length)
        const opened = new IndicatorColumns(from + bars.length)
        const columns = columnsOf(from, bars)
        closed.compute(columns, from, from + bars.length)
        for (const [i, one] of bars.entries()) {
          if (i % 9 === 8) {
            set.preview(open.close + open.up, open.close - open.down, open.close, open.volume, out, 0)
            opened.compute(columnsOf(from, [...bars.slice(0, i), open]), from, from + i + 1)
            same(out, opened, from + i, bars)
          }
          set.preview(one.close + one.up, one.close - one.down, one.close, one.volume, out, 0)
          same(out, closed, from + i, bars)
          set.commit(one.close + one.up, one.close - one.down, one.close, one.volume)
          if (set.bars >= INDICATOR_WARM_UP_BARS) for (const [place, value] of out.entries()) if (!(Math.abs(set.closed[place]! - value) <= 1e-9 * Math.max(1, Math.abs(value)))) throw new Error(`bar ${i}, output ${place}: closed ${set.closed[place]}, previewed ${value}`)
        }
      }),
      { numRuns: 60, seed: 8 },
    )
  })

  it('is as new after a reset', () => {
    fc.assert(
      fc.property(fc.array(bar, { minLength: 1, maxLength: 70 }), fc.array(bar, { minLength: 51, maxLength: 60 }), (before, bars) => {
        const used = new IndicatorSet()
        feed(used, before)
        used.reset()
        expect(used.bars).toBe(0)
        expect([...feed(used, bars)]).toEqual([...feed(new IndicatorSet(), bars)])
      }),
      { numRuns: 40 },
    )
  })

  it('has a finite value for every output from the end of the warm-up on, whatever the market does', () => {
    const jump = fc.oneof(bar, fc.constant({ close: 1, up: 0, down: 0, volume: 0 }), fc.constant({ close: 1e6, up: 0, down: 0, volume: 1 }), fc.constant({ close: 1e-6, up: 0, down: 0, volume: 1e9 }))
    fc.assert(
      fc.property(fc.array(jump, { minLength: INDICATOR_WARM_UP_BARS, maxLength: 90 }), (bars) => {
        const out = feed(new IndicatorSet(), bars)
        expect([...out].map((value, at) => (Number.isFinite(value) ? '' : `output ${at} is ${value}`)).filter((one) => one !== '')).toEqual([])
      }),
    )
  })

  it('drifts by no more than rounding over a million bars: a new set over the last bars says the same', { timeout: 30_000 }, () => {
    const kept = new IndicatorSet()
    const fresh = new IndicatorSet()
    let seed = 7
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
    let close = 50_000
    const bars = 1_000_000
    const out = new Float64Array(INDICATOR_OUTPUTS)
    const again = new Float64Array(INDICATOR_OUTPUTS)
    for (let i = 0; i < bars; i++) {
      close = Math.min(90_000, Math.max(20_000, close * (1 + (random() - 0.5) * 0.004)))
      const high = close * (1 + random() * 0.001)
      const low = close * (1 - random() * 0.001)
      const volume = random() * 1000
      if (i === bars - 1) kept.preview(high, low, close, volume, out, 0)
      kept.commit(high, low, close, volume)
      // Averages without end have forgotten their start after 3 000 bars.
      if (i < bars - 3000) continue
      if (i === bars - 1) fresh.preview(high, low, close, volume, again, 0)
      fresh.commit(high, low, close, volume)
    }
    for (let at = 0; at < INDICATOR_OUTPUTS; at++) expect(Math.abs(out[at]! - again[at]!) / Math.max(1, Math.abs(again[at]!)), `output ${at}`).toBeLessThan(1e-9)
  })
})

describe('flat, silent and first bars have the documented value', () => {
  const flat = Array.from({ length: 80 }, () => ({ close: 0.1 + 0.2, up: 0, down: 0, volume: 0 }))
  const out = feed(new IndicatorSet(), flat)
  const price = 0.1 + 0.2
  const expected: readonly (readonly [string, number, number])[] = [
    ['ADX', 9, 0], ['+DI', 10, 0], ['−DI', 11, 0], ['RSI 14', 12, 0], ['RSI 28', 13, 0], ['%K', 14, 0], ['%D', 15, 0], ['%R', 16, 0], ['CCI', 17, 0], ['MOM', 18, 0], ['ROC', 19, 0], ['MFI', 20, 0],
    ['bandwidth', 24, 0], ['%B', 25, 0.5], ['ATR', 26, 0], ['OBV', 29, 0], ['VWAP', 30, price], ['AD', 31, 0], ['CMF', 32, 0], ['VPT', 33, 0], ['NVI', 34, 1000],
  ]
  it.each(expected)('%s', (_name, at, value) => {
    expect(out[at]).toBeCloseTo(value, 12)
  })
})
