import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { atLeast, driftBaseline, DriftMonitor, FEATURE_EDGES, parseBaseline, placeOf } from '../../../src/model/index.ts'

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/drift.json'), 'utf8')) as Record<string, { ks: number; psi: number }>
const coded = (code: string, words = ''): unknown => expect.objectContaining({ code, message: expect.stringContaining(words) })

/** The generator of the golden script. */
function uniforms(seed: number, count: number): Float64Array {
  let state = seed
  return Float64Array.from({ length: count }, () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8) / 16777216)
}
const [first, second] = [uniforms(1, 50_000), uniforms(2, 10_000)]
const same = (u: number): number => u
const steps = (u: number): number => Math.floor(u * 10)
/** Whether every value of the baseline is an edge: then the sketch loses nothing. */
const CASES: Readonly<Record<string, { before: (u: number) => number; now: (u: number) => number; exact: boolean }>> = {
  same: { before: same, now: same, exact: false },
  steps_same: { before: steps, now: steps, exact: true },
  steps_moved: { before: steps, now: (u) => steps(u) + 1, exact: true },
  steps_between: { before: steps, now: (u) => steps(u) + 0.5, exact: true },
  shifted: { before: same, now: (u) => u * 0.75 + 0.25, exact: false },
  squared: { before: same, now: (u) => u * u, exact: false },
  apart: { before: same, now: (u) => u + 2, exact: true },
  constant: { before: () => 3, now: () => 3, exact: true },
  mostly_zero: { before: (u) => (u < 0.9 ? 0 : u), now: (u) => (u < 0.6 ? 0 : u), exact: false },
}

describe('drift of features and predictions', () => {
  it.each(Object.entries(CASES))('is that of SciPy and NumPy on the same samples: %s', (name, { before, now, exact }) => {
    const values = Float32Array.from(first, before)
    const monitor = new DriftMonitor(driftBaseline([name], values, values), null)
    const window = new Float32Array(3)
    for (const u of second) {
      window[2] = now(u)
      monitor.add(window, 2, window[2]!)
    }
    const { rows, features, predictions } = monitor.report
    const { distance } = features!.worst[0]!
    expect(rows).toBe(10_000)
    expect(distance).toBeLessThanOrEqual(golden[name]!.ks + 1e-9)
    expect(distance).toBeGreaterThanOrEqual(golden[name]!.ks - (exact ? 1e-9 : 1 / FEATURE_EDGES))
    expect(predictions).toBeCloseTo(golden[name]!.psi, 9)
  })

  it('the distance of any two samples is below theirs by at most the part between two edges, and exact where values repeat', () => {
    const value = fc.integer({ min: -20, max: 20 }).map((n) => n / 4)
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), fc.array(value, { minLength: 1, maxLength: 20 }), (before, now) => {
        const monitor = new DriftMonitor(driftBaseline(['a'], Float32Array.from(before), Float32Array.of(0)), null, 10 * now.length)
        for (const one of now) monitor.add(Float32Array.of(one), 0, 0)
        const share = (sample: readonly number[], at: number): number => sample.filter((one) => one <= at).length / sample.length
        const expected = Math.max(...[...before, ...now].map((at) => Math.abs(share(before, at) - share(now, at))))
        // Fewer than 256 values: all of them are edges.
        expect(monitor.report.features!.worst[0]!.distance).toBeCloseTo(expected, 12)
      }),
      { numRuns: 200 },
    )
  })

  it('forgets what is older than its window: memory and report are of the newest samples', () => {
    const values = Float32Array.from(first.subarray(0, 5000))
    const monitor = new DriftMonitor(driftBaseline(['a'], values, values), null, 1000)
    for (let i = 0; i < 1000; i++) monitor.add(Float32Array.of(9), 0, 9)
    expect(monitor.report).toMatchObject({ severity: 'critical', rows: 1000, features: { share: 1 } })
    for (let i = 0; i < 1000; i++) monitor.add(Float32Array.of(second[i]!), 0, second[i]!)
    expect(monitor.report).toMatchObject({ severity: 'none', rows: 1000, features: { share: 0 }, recommendation: 'nothing to do' })
  })

  it.each([
    [0.6, 'none'],
    [0.57, 'low'],
    [0.54, 'medium'],
    [0.49, 'high'],
    [0.4, 'critical'],
  ])('accuracy of %f where the test said 0.6 is drift %s, once 500 outcomes are known', (accuracy, severity) => {
    const monitor = new DriftMonitor(null, 0.6)
    for (let i = 0; i < 499; i++) monitor.outcome(true)
    expect(monitor.report.accuracy).toBe(null)
    const fresh = new DriftMonitor(null, 0.6)
    for (let i = 0; i < 1000; i++) fresh.outcome((i * 7) % 100 < accuracy * 100 - 1e-9)
    expect(fresh.report).toMatchObject({ severity, accuracy: { outcomes: 1000, now: accuracy, test: 0.6 } })
    // The oldest outcomes leave: 10 000 right ones later nothing is left of them.
    for (let i = 0; i < 10_000; i++) fresh.outcome(true)
    expect(fresh.report).toMatchObject({ severity: 'none', accuracy: { outcomes: 10_000, now: 1 } })
  })

  it('without a baseline says nothing about features and predictions', () => {
    const monitor = new DriftMonitor(null, null)
    for (let i = 0; i < 2000; i++) monitor.add(Float32Array.of(1), 0, 1)
    for (let i = 0; i < 500; i++) monitor.outcome(false)
    expect(monitor.report).toMatchObject({ severity: 'none', features: null, predictions: null, accuracy: { now: 0, test: null } })
    expect([atLeast('high', 'medium'), atLeast('low', 'medium'), atLeast('high', 'high')]).toEqual([true, false, true])
  })
})

describe('drift baselines', () => {
  const baseline = driftBaseline(['a', 'b'], Float32Array.from({ length: 20 }, (_one, i) => i), Float32Array.of(-0.5, 0.5))

  it('of more rows than are kept take them evenly spread', () => {
    const { rows, features } = driftBaseline(['a'], Float32Array.from({ length: 100_000 }, (_one, i) => i), Float32Array.of(0))
    expect(rows).toBe(50_000)
    expect([features[0]!.edges.length, features[0]!.edges.at(-1)]).toEqual([256, 99_998])
  })

  it('put a value on an edge, or between two', () => {
    expect([-1, 0, 1, 2, 3].map((value) => placeOf([0, 2], value))).toEqual([0, 1, 2, 3, 4])
  })

  it('come back from their text', () => {
    expect(parseBaseline(JSON.stringify(baseline), ['a', 'b'])).toEqual(baseline)
  })

  it.each<[string, (text: string) => string, string]>([
    ['that is cut off', (text) => text.slice(0, -5), 'not JSON'],
    ['without rows', (text) => text.replace('"rows":10,', ''), 'rows'],
    ['of other features', (text) => text.replace('"name":"a"', '"name":"z"'), 'feature 0 is "z"'],
    ['whose counts do not add up', (text) => text.replace('"rows":10', '"rows":11'), 'add up to 10 of 11'],
    ['whose edges do not ascend', (text) => text.replace('[0,2,', '[2,0,'), 'ascend'],
  ])('%s is refused', (_what, broken, words) => {
    expect(() => parseBaseline(broken(JSON.stringify(baseline)), ['a', 'b'])).toThrow(coded('RM_MODEL_BASELINE', words))
  })

  it.each<[string, Float32Array, Float32Array]>([
    ['rows that are not whole', new Float32Array(3), Float32Array.of(0)],
    ['no rows', new Float32Array(0), Float32Array.of(0)],
    ['a feature that is not finite', Float32Array.of(1, Number.NaN), Float32Array.of(0)],
    ['no predictions', new Float32Array(2), new Float32Array(0)],
  ])('of %s are refused', (_what, rows, scores) => {
    expect(() => driftBaseline(['a', 'b'], rows, scores)).toThrow(coded('RM_MODEL_BASELINE'))
  })
})
