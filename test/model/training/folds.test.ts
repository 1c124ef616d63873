import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/core/index.ts'
import { allWindows, checkFold, type Fold, thinned, type TrainingTable, UNKNOWN, walkForward, windowFromMs, windowToMs } from '../../../src/model/training/index.ts'
import { noiseTable } from './tables.ts'

const SHAPE = { symbols: 1, rows: 600, features: 1, horizonMs: 20_000, toleranceMs: 2000, gapMs: 15_000, gaps: 0.01 }
const OPTIONS = { steps: 10, folds: 3, validationShare: 0.12, testShare: 0.15, embargoMs: 5000 }
const PARTS = ['train', 'validation', 'test'] as const

/** Every row that goes into a window. */
const rowsIn = (windows: Int32Array, steps: number): Set<number> => new Set([...windows].flatMap((row) => Array.from({ length: steps }, (_, i) => row - i)))

describe('walk-forward folds', () => {
  test('no row of a part, and no price that its labels depend on, touches another part', () => {
    fc.assert(
      fc.property(
        fc.record({ symbols: fc.integer({ min: 1, max: 3 }), rows: fc.integer({ min: 150, max: 400 }), features: fc.constant(1), horizonMs: fc.integer({ min: 1000, max: 30_000 }), toleranceMs: fc.integer({ min: 0, max: 6000 }), gapMs: fc.constant(15_000), gaps: fc.constantFrom(0, 0.02) }),
        fc.integer({ min: 2, max: 20 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 20_000 }), fc.integer(),
        (shape, steps, folds, embargoMs, seed) => {
          const table = noiseTable(shape, seed)
          let made: readonly Fold[]
          try {
            made = walkForward(table, { ...OPTIONS, steps, folds, embargoMs })
          } catch (error) {
            // Little data and long labels may leave a part empty, and then it says so.
            expect(String(error)).toContain('RM_TRAIN_DATA')
            return
          }
          for (const fold of made) {
            for (const [earlier, later] of [['train', 'validation'], ['validation', 'test'], ['train', 'test']] as const) {
              expect(rowsIn(fold[earlier], steps).intersection(rowsIn(fold[later], steps)).size).toBe(0)
              const reach = Math.max(...[...fold[earlier]].map((row) => table.timeMs[row]! + shape.horizonMs + shape.toleranceMs))
              const begin = Math.min(...[...fold[later]].map((row) => table.timeMs[row - steps + 1]!))
              expect(reach + embargoMs).toBeLessThan(begin)
            }
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('no window reaches across a gap, into another symbol or has an unknown future', () => {
    const table = noiseTable({ ...SHAPE, symbols: 2 }, 4)
    const windows = allWindows(table, 10)
    expect(windows.length).toBeGreaterThan(500)
    for (const row of windows) {
      expect(table.direction[row]).not.toBe(UNKNOWN)
      for (let one = row - 8; one <= row; one++) {
        expect(table.symbol[one]).toBe(table.symbol[one - 1])
        expect(table.timeMs[one]! - table.timeMs[one - 1]!).toBeLessThanOrEqual(SHAPE.gapMs)
      }
    }
  })

  test('tests lie one after the other and none is in two', () => {
    const table = noiseTable(SHAPE, 1)
    const folds = walkForward(table, OPTIONS)
    expect(folds.length).toBe(3)
    const tests = folds.flatMap((fold) => [...fold.test])
    expect(new Set(tests).size).toBe(tests.length)
    for (const [i, fold] of folds.entries()) {
      for (const part of PARTS) expect(fold[part].length).toBeGreaterThan(0)
      if (i > 0) expect(Math.max(...folds[i - 1]!.test)).toBeLessThan(Math.min(...fold.test))
      if (i > 0) expect(fold.train.length).toBeGreaterThan(folds[i - 1]!.train.length)
    }
  })

  test('a fold with a leak is refused, whoever made it', () => {
    const table = noiseTable({ ...SHAPE, gaps: 0 }, 1)
    const [fold] = walkForward(table, OPTIONS)
    expect(() => checkFold(table, fold!)).not.toThrow()
    const border = fold!.train.at(-1)!
    expect(() => checkFold(table, { ...fold!, train: Int32Array.of(...fold!.train, border + 1, border + 20) })).toThrow('RM_TRAIN_LEAK')
    expect(() => checkFold(table, { ...fold!, test: Int32Array.of(border, ...fold!.test) })).toThrow('RM_TRAIN_LEAK')
    expect(() => checkFold(table, { ...fold!, embargoMs: 600_000 })).toThrow('RM_TRAIN_LEAK')
  })

  test('splits that cannot be are refused', () => {
    const table = noiseTable(SHAPE, 1)
    expect(() => walkForward(table, { ...OPTIONS, testShare: 0.4 })).toThrow('RM_TRAIN_SETTINGS')
    expect(() => walkForward(table, { ...OPTIONS, folds: 0 })).toThrow('RM_TRAIN_SETTINGS')
    expect(() => walkForward(table, { ...OPTIONS, embargoMs: Number.NaN })).toThrow('the embargo')
    expect(() => walkForward(table, { ...OPTIONS, steps: 600 })).toThrow('RM_TRAIN_DATA')
    expect(() => walkForward(table, { ...OPTIONS, embargoMs: 10_000_000 })).toThrow('nothing is left to validate on')
  })
})

/**
 * Prices are a walk without any memory, and the feature is time: nothing can be foretold. Who remembers the label of the nearest
 * training window is right about a test window all the same when their futures overlap.
 */
function memoriserHits(trainOf: (table: TrainingTable, fold: Fold) => readonly number[], markets: number): number {
  let hits = 0
  for (let seed = 0; seed < markets; seed++) {
    const table = noiseTable({ ...SHAPE, rows: 300, gaps: 0 }, seed)
    const random = new Random(seed, 'walk')
    const price = new Float64Array(400)
    for (let i = 1; i < 400; i++) price[i] = price[i - 1]! + random.normal()
    for (let row = 0; row < 300; row++) table.direction[row] = price[row + 20]! > price[row]! ? 1 : -1
    const fold = walkForward(table, { ...OPTIONS, folds: 1, embargoMs: 0 })[0]!
    const first = fold.validation[0]!
    const nearest = trainOf(table, fold).reduce((best, row) => (Math.abs(row - first) < Math.abs(best - first) ? row : best))
    if (table.direction[nearest] === table.direction[first]) hits++
  }
  return hits / markets
}

test('at stride 1, remembering the nearest window is worth nothing with purged folds, and a lot without', () => {
  const markets = 300
  // Three standard errors of a fair coin.
  const chance = 3 * Math.sqrt(0.25 / markets)
  const purged = memoriserHits((_table, fold) => [...fold.train], markets)
  const unpurged = memoriserHits((table, fold) => [...allWindows(table, 10)].filter((row) => row < fold.validation[0]!), markets)
  expect(Math.abs(purged - 0.5)).toBeLessThan(chance)
  expect(unpurged - 0.5).toBeGreaterThan(3 * chance)
})

test('thinned windows are every so manieth', () => {
  expect([...thinned(Int32Array.of(1, 2, 3, 4, 5), 2)]).toEqual([1, 3, 5])
})

test('a window knows what it reaches', () => {
  const table = noiseTable(SHAPE, 2)
  expect(windowFromMs(table, 20, 10)).toBe(table.timeMs[11])
  expect(windowToMs(table, 20)).toBe(table.timeMs[20]! + 22_000)
})
