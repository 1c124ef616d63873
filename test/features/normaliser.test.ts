import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RingmasterError } from '../../src/core/index.ts'
import { checkScaler, Normaliser, standardise } from '../../src/features/index.ts'

const names = ['a', 'b', 'c']
const vector = fc.tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 59_999, max: 60_001, noNaN: true }), fc.constant(5))

const problem = (act: () => unknown): string => {
  try {
    act()
    return 'nothing was thrown'
  } catch (error) {
    return error instanceof RingmasterError ? error.message : String(error)
  }
}

describe('the running standardisation', () => {
  it('equals mean and population deviation taken in two passes', () => {
    fc.assert(
      fc.property(fc.array(vector, { minLength: 1, maxLength: 80 }), (vectors) => {
        const normaliser = new Normaliser(names)
        for (const one of vectors) normaliser.add(Float64Array.from(one))
        const { mean, deviation, count } = normaliser.scaler('v1')
        expect(count).toBe(vectors.length)
        for (let i = 0; i < 3; i++) {
          const values = vectors.map((one) => one[i]!)
          const plain = values.reduce((a, b) => a + b, 0) / values.length
          const spread = Math.sqrt(values.reduce((a, b) => a + (b - plain) ** 2, 0) / values.length)
          expect(Math.abs(mean[i]! - plain)).toBeLessThan(1e-9 * Math.max(1, Math.abs(plain)) + 1e-7)
          expect(Math.abs(deviation[i]! - spread)).toBeLessThan(1e-6 * Math.max(1, spread))
        }
        expect(deviation[2]).toBe(0)
      }),
    )
  })

  it('goes on from a saved one as if it had never stopped, through JSON', () => {
    fc.assert(
      fc.property(fc.array(vector, { minLength: 2, maxLength: 40 }), fc.nat(38), (vectors, cutAt) => {
        const cut = 1 + (cutAt % (vectors.length - 1))
        const whole = new Normaliser(names)
        for (const one of vectors) whole.add(Float64Array.from(one))
        const first = new Normaliser(names)
        for (const one of vectors.slice(0, cut)) first.add(Float64Array.from(one))
        const second = Normaliser.from(JSON.parse(JSON.stringify(first.scaler('saved'))), names)
        for (const one of vectors.slice(cut)) second.add(Float64Array.from(one))
        expect(second.count).toBe(whole.count)
        const [a, b] = [second.scaler('x'), whole.scaler('x')]
        for (let i = 0; i < 3; i++) {
          expect(a.mean[i]).toBeCloseTo(b.mean[i]!, 6)
          expect(Math.abs(a.deviation[i]! - b.deviation[i]!)).toBeLessThan(1e-6 * Math.max(1, b.deviation[i]!))
        }
      }),
    )
  })

  it('makes numbers without unit, and 0 of a feature that never varied', () => {
    const normaliser = new Normaliser(names)
    for (const value of [1, 2, 3, 4]) normaliser.add(Float64Array.of(value, 60_000 + value, 5))
    const out = new Float32Array(5).fill(9)
    standardise(normaliser.scaler('v1'), Float64Array.of(0, 4, 60_002.5, 7), 1, out, 1)
    expect(out[0]).toBe(9)
    expect(out[1]).toBeCloseTo(1.5 / Math.sqrt(1.25), 6)
    expect([out[2], out[3], out[4]]).toEqual([0, 0, 9])
  })

  it('takes nothing of a vector that is not finite, and says which feature it was', () => {
    const normaliser = new Normaliser(names)
    normaliser.add(Float64Array.of(1, 2, 3))
    const before = normaliser.scaler('v1')
    expect(problem(() => normaliser.add(Float64Array.of(5, Number.NaN, 5)))).toContain('RM_SCALER: scaler cannot be used: b of vector 1 is NaN')
    expect(normaliser.scaler('v1')).toEqual(before)
    expect(problem(() => new Normaliser(names).scaler('v1'))).toContain('at least one')
  })

  it.each([
    ['no object', null, 'the format is undefined'],
    ['another format', { format: 2 }, 'the format is 2'],
    ['no version', { format: 1 }, 'the version is undefined'],
    ['other features', { format: 1, version: 'v', names: ['a', 'x', 'c'] }, 'feature 1 is x, needed: b'],
    ['one feature more', { format: 1, version: 'v', names: ['a', 'b', 'c', 'd'] }, 'feature 0'],
    ['no vectors', { format: 1, version: 'v', names, count: 0 }, 'the number of vectors is 0'],
    ['too few means', { format: 1, version: 'v', names, count: 1, mean: [1] }, 'mean is 1 values'],
    ['a mean that is none', { format: 1, version: 'v', names, count: 1, mean: [1, null, 3] }, 'mean of b is null'],
    ['a negative deviation', { format: 1, version: 'v', names, count: 1, mean: [1, 2, 3], deviation: [0, 0, -1] }, 'deviation of c is -1'],
  ])('refuses a saved one with %s', (_what, scaler, text) => {
    expect(problem(() => checkScaler(scaler, names))).toContain(text)
  })
})
