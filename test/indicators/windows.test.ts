import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SlidingSum } from '../../src/indicators/index.ts'
import { HIGH, LOW } from '../../src/indicators/shared.ts'
import { SlidingRange } from '../../src/indicators/sliding-range.ts'
import { SumRows } from '../../src/indicators/sum-rows.ts'
import { windowExtremes, windowProducts, windowSums } from '../../src/indicators/window-columns.ts'

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const length = fc.integer({ min: 1, max: 9 })
const series = fc.array(value, { maxLength: 60 })
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

describe('sliding windows', () => {
  it('equal the plain sum of the window at every step', () => {
    fc.assert(
      fc.property(length, series, (count, values) => {
        const sliding = new SlidingSum(count)
        values.forEach((one, i) => {
          sliding.push(one)
          const window = values.slice(Math.max(0, i - count + 1), i + 1)
          expect(sliding.sum).toBeCloseTo(sum(window), 6)
          expect(Array.from({ length: sliding.count }, (_, at) => sliding.value(at))).toEqual(window)
          expect(sliding.oldest).toBe(window[0])
          expect(sliding.full).toBe(i + 1 >= count)
        })
      }),
    )
  })

  it('keep no rounding of values that left, however large they were', () => {
    const one = new SlidingSum(4)
    const rows = new SumRows(4, 1)
    const push = (next: number): void => {
      one.push(next)
      rows.cells[1] = next
      rows.push()
    }
    for (let i = 0; i < 1_000_000; i++) push(i % 1000 === 0 ? 1e15 : 0.1)
    for (let i = 0; i < 8; i++) push(0.25)
    expect([one.sum, rows.cells[0]]).toEqual([1, 1])
    const columns = Float64Array.of(1e15, 0.1, 1e15, 0.1, 0.25, 0.25, 0.25, 0.25, 0, 0, 0, 0)
    const out = new Float64Array(12)
    windowSums(columns, 4, out, 0, 12, 1)
    expect([out[7], out[11]]).toEqual([1, 0])
  })

  it('of several series equal a sliding sum of each, bit by bit, also after a reset (property)', () => {
    fc.assert(
      fc.property(length, fc.array(fc.tuple(value, fc.constantFrom(0, 0.1, 3)), { maxLength: 60 }), fc.nat(60), (count, values, resetAt) => {
        const rows = new SumRows(count, 2)
        const plain = [new SlidingSum(count), new SlidingSum(count)]
        for (const [i, pair] of values.entries()) {
          if (i === resetAt) {
            rows.reset()
            for (const one of plain) one.reset()
          }
          rows.cells.set(pair, 2)
          rows.push()
          for (const [at, one] of plain.entries()) {
            one.push(pair[at]!)
            expect(rows.cells[at]).toBe(one.sum)
          }
        }
      }),
    )
  })

  it('of ranges equal the extremes of the window at every step, also after a reset (property)', () => {
    fc.assert(
      fc.property(length, fc.array(fc.tuple(value, value), { maxLength: 60 }), fc.nat(60), (count, bars, resetAt) => {
        const range = new SlidingRange(count)
        let first = 0
        for (const [i, [a, b]] of bars.entries()) {
          if (i === resetAt) {
            range.reset()
            first = i
          }
          const bar = new Float64Array(8)
          bar[HIGH] = Math.max(a, b)
          bar[LOW] = Math.min(a, b)
          range.push(bar)
          const window = bars.slice(Math.max(first, i - count + 1), i + 1).flat()
          expect([...range.cells.subarray(0, 2)]).toEqual([Math.max(...window), Math.min(...window)])
        }
      }),
    )
  })
})

describe('windows over columns', () => {
  const part = fc.tuple(length, series, fc.nat(5), fc.nat(5))

  it('equal the plain sum, product and extreme of each window, NaN before there is one, and leave the rest alone (property)', () => {
    fc.assert(
      fc.property(part, ([count, values, before, behind]) => {
        const all = Float64Array.from([...Array<number>(before).fill(1e9), ...values, ...Array<number>(behind).fill(1e9)])
        const from = before
        const to = before + values.length
        const outs = Array.from({ length: 4 }, () => new Float64Array(all.length).fill(42))
        windowSums(all, count, outs[0]!, from, to, 0.5)
        const factors = all.map((one) => 1 + one / 1e7)
        windowProducts(factors, count, outs[1]!, from, to, 1000)
        windowExtremes(all, count, 1, outs[2]!, from, to)
        windowExtremes(all, count, -1, outs[3]!, from, to)
        for (let i = 0; i < all.length; i++) {
          const got = outs.map((out) => out[i]!)
          if (i < from || i >= to) expect(got).toEqual([42, 42, 42, 42])
          else if (i < from + count - 1) expect(got).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN])
          else {
            const window = [...all.subarray(i - count + 1, i + 1)]
            expect(got[0]).toBeCloseTo(sum(window) / 2, 6)
            expect(got[1]).toBeCloseTo([...factors.subarray(i - count + 1, i + 1)].reduce((a, b) => a * b, 1000), 6)
            expect(got.slice(2)).toEqual([Math.max(...window), Math.min(...window)])
          }
        }
      }),
    )
  })
})
