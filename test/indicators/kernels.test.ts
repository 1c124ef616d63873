import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RingmasterError } from '../../src/core/index.ts'
import {
  Atr, Bollinger, Cci, DirectionalMovement, Ema, HighLow, INDICATOR_OUTPUTS, INDICATOR_WARM_UP_BARS, IndicatorSet, Keltner, Macd, Mfi, Momentum, MoneyFlow, Nvi, Obv, Rsi, SlidingExtreme, SlidingSum, Sma,
  Stochastic, SumRows, Vpt, Vwap, williamsR,
} from '../../src/indicators/index.ts'

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

/** The indicators of the set, each by its own kernel. */
class Kernels {
  readonly #averages = [new Sma(10), new Sma(20), new Sma(50), new Ema(10), new Ema(20), new Ema(50)]
  readonly #macd = new Macd(12, 26, 9)
  readonly #movement = new DirectionalMovement(14)
  readonly #rsi = [new Rsi(14), new Rsi(28)]
  readonly #range = new HighLow(14)
  readonly #stochastic = new Stochastic(this.#range, 3)
  readonly #cci = new Cci(20)
  readonly #momentum = new Momentum(10)
  readonly #mfi = new Mfi(14)
  readonly #bands = new Bollinger(20, 2)
  readonly #atr = new Atr(14)
  readonly #keltner = new Keltner(20, 10, 2)
  readonly #obv = new Obv(50)
  readonly #vwap = new Vwap(50)
  readonly #flow = new MoneyFlow(50, 20)
  readonly #vpt = new Vpt(50)
  readonly #nvi = new Nvi(50)

  preview(high: number, low: number, close: number, volume: number): number[] {
    const typical = (high + low + close) / 3
    this.#macd.preview(close)
    this.#movement.preview(high, low)
    this.#range.preview(high, low)
    this.#stochastic.preview(close)
    this.#momentum.preview(close)
    this.#bands.preview(close)
    this.#keltner.preview(high, low, close)
    this.#flow.preview(high, low, close, volume)
    return [
      ...this.#averages.map((one) => one.preview(close)), this.#macd.line, this.#macd.signal, this.#macd.histogram, this.#movement.adx, this.#movement.plusDi, this.#movement.minusDi,
      ...this.#rsi.map((one) => one.preview(close)), this.#stochastic.k, this.#stochastic.d, williamsR(this.#range, close), this.#cci.preview(typical), this.#momentum.difference, this.#momentum.percent, this.#mfi.preview(typical, volume),
      this.#bands.upper, this.#bands.middle, this.#bands.lower, this.#bands.bandwidth, this.#bands.percent, this.#atr.preview(high, low), this.#keltner.upper, this.#keltner.lower,
      this.#obv.preview(close, volume), this.#vwap.preview(typical, volume), this.#flow.line, this.#flow.flow, this.#vpt.preview(close, volume), this.#nvi.preview(close, volume),
    ]
  }

  commit(high: number, low: number, close: number, volume: number): void {
    const typical = (high + low + close) / 3
    for (const one of [...this.#averages, this.#macd, ...this.#rsi, this.#momentum, this.#bands]) one.commit(close)
    this.#range.preview(high, low)
    this.#stochastic.commit(close)
    this.#range.commit(high, low)
    this.#cci.commit(typical)
    for (const one of [this.#movement, this.#atr, this.#keltner]) one.commit(high, low, close)
    this.#mfi.commit(typical, volume)
    this.#vwap.commit(typical, volume)
    this.#flow.commit(high, low, close, volume)
    for (const one of [this.#obv, this.#vpt, this.#nvi]) one.commit(close, volume)
  }
}

const codeOf = (act: () => unknown): string => {
  try {
    act()
    return 'nothing was thrown'
  } catch (error) {
    return error instanceof RingmasterError ? error.code : String(error)
  }
}

describe('sliding windows', () => {
  it('equal the plain sum and extreme of the window at every step', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 60 }), (length, values) => {
        const sum = new SlidingSum(length)
        const high = new SlidingExtreme(length, 1)
        const low = new SlidingExtreme(length, -1)
        values.forEach((value, i) => {
          sum.push(value)
          high.push(value)
          low.push(value)
          const window = values.slice(Math.max(0, i - length + 1), i + 1)
          expect(sum.sum).toBeCloseTo(window.reduce((a, b) => a + b, 0), 6)
          expect(Array.from({ length: sum.count }, (_, at) => sum.value(at))).toEqual(window)
          expect(sum.oldest).toBe(window[0])
          expect(high.value).toBe(Math.max(...window))
          expect(low.value).toBe(Math.min(...window))
          expect([sum.full, high.full]).toEqual([i + 1 >= length, i + 1 >= length])
        })
      }),
    )
  })

  it('keep no rounding of values that left, however large they were', () => {
    const sum = new SlidingSum(4)
    for (let i = 0; i < 1_000_000; i++) sum.push(i % 1000 === 0 ? 1e15 : 0.1)
    for (let i = 0; i < 8; i++) sum.push(0.25)
    expect(sum.sum).toBe(1)
  })
})

describe('sums of rows', () => {
  it('equal sliding sums of each series, bit by bit, also after a reset (property)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(0, 0.1, 3)), { maxLength: 60 }), fc.nat(60), (length, values, resetAt) => {
        const rows = new SumRows(length, 2)
        const plain = [new SlidingSum(length), new SlidingSum(length)]
        for (const [i, pair] of values.entries()) {
          if (i === resetAt) {
            rows.reset()
            for (const one of plain) one.reset()
          }
          pair.forEach((value, series) => {
            rows.input[series] = value
            plain[series]!.push(value)
          })
          rows.push()
          for (const [series, one] of plain.entries()) expect([rows.sums[series], rows.oldest[series]]).toEqual(one.full ? [one.sum, one.oldest] : [Number.NaN, Number.NaN])
          if (plain[0]!.full) expect([...rows.window(0)].toSorted((a, b) => a - b)).toEqual(Array.from({ length }, (_, at) => plain[0]!.value(at)).toSorted((a, b) => a - b))
        }
      }),
    )
  })
})

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

  it('says of every bar what the kernels say one by one, the open bar and the closed one, through flat and idle stretches (property)', () => {
    const market = fc.array(fc.oneof(bar, fc.constant({ close: 1.5, up: 0, down: 0, volume: 0 })), { minLength: 60, maxLength: 160 })
    fc.assert(
      fc.property(market, bar, (bars, open) => {
        const set = new IndicatorSet()
        const one = new Kernels()
        const out = new Float64Array(INDICATOR_OUTPUTS)
        for (const [i, { close, up, down, volume }] of bars.entries()) {
          for (const b of [open, { close, up, down, volume }]) {
            set.preview(b.close + b.up, b.close - b.down, b.close, b.volume, out, 0)
            const expected = one.preview(b.close + b.up, b.close - b.down, b.close, b.volume)
            for (const [place, value] of expected.entries()) if (!(Object.is(value, out[place]) || Math.abs(value - out[place]!) <= 1e-7 * Math.max(1, Math.abs(value)))) throw new Error(`bar ${i}, output ${place}: ${out[place]}, the kernel says ${value}`)
          }
          set.commit(close + up, close - down, close, volume)
          one.commit(close + up, close - down, close, volume)
          expect([...set.closed]).toEqual([...out])
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

describe('a period that is none is refused with its number', () => {
  it.each([
    ['SMA of 0', () => new Sma(0)], ['EMA of 1.5', () => new Ema(1.5)], ['MACD fast ≥ slow', () => new Macd(26, 26)], ['RSI of 1', () => new Rsi(1)], ['high-low of 1', () => new HighLow(1)],
    ['CCI of NaN', () => new Cci(Number.NaN)], ['MOM of −1', () => new Momentum(-1)], ['MFI of 1', () => new Mfi(1)], ['Bollinger of 1', () => new Bollinger(1)], ['ATR of 1', () => new Atr(1)],
    ['OBV of 1', () => new Obv(1)], ['VWAP of 0', () => new Vwap(0)], ['VPT of 1', () => new Vpt(1)], ['NVI of 1', () => new Nvi(1)], ['sum of −1', () => new SlidingSum(-1)], ['extreme of 0', () => new SlidingExtreme(0, 1)],
  ])('%s', (_name, make) => {
    expect(codeOf(make)).toBe('RM_INDICATOR_PERIOD')
  })
})
