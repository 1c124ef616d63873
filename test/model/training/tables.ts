import { Random } from '../../../src/core/index.ts'
import { emptyTable, markStretches, type TrainingTable, UNKNOWN } from '../../../src/model/training/index.ts'

export interface TableShape {
  readonly symbols: number
  readonly rows: number
  readonly features: number
  readonly horizonMs: number
  readonly toleranceMs: number
  readonly gapMs: number
  /** Chance that a gap lies between two samples. */
  readonly gaps: number
}

/** A table of noise: a sample a second, with gaps and unknown futures. */
export function noiseTable({ symbols, rows, features, horizonMs, toleranceMs, gapMs, gaps }: TableShape, seed: number): TrainingTable {
  const random = new Random(seed, 'table')
  const table = emptyTable(Array.from({ length: symbols }, (_, i) => `S${i}`), rows * symbols, features, horizonMs, toleranceMs)
  for (let symbol = 0; symbol < symbols; symbol++) {
    let timeMs = random.below(5000)
    for (let i = 0; i < rows; i++) {
      const row = symbol * rows + i
      timeMs += random.chance(gaps) ? gapMs + 1 + random.below(60_000) : 900 + random.below(200)
      table.timeMs[row] = timeMs
      table.symbol[row] = symbol
      const known = !random.chance(0.05)
      table.direction[row] = known ? random.below(3) - 1 : UNKNOWN
      table.movement[row] = known ? random.normal() * 1e-3 : Number.NaN
      for (let f = 0; f < features; f++) table.values[row * features + f] = random.normal()
    }
  }
  markStretches(table, gapMs)
  return table
}

/**
 * A table in which something can be learned: the direction follows from the sign of the first feature at the middle of the window
 * times that of the second, plus noise. A linear model sees nothing in it.
 */
export function productTable(rows: number, features: number, steps: number, seed: number): TrainingTable {
  const table = noiseTable({ symbols: 1, rows, features, horizonMs: 2000, toleranceMs: 0, gapMs: 15_000, gaps: 0 }, seed)
  const random = new Random(seed, 'product')
  for (let row = steps; row < rows; row++) {
    const at = (row - (steps >> 1)) * features
    const product = table.values[at]! * table.values[at + 1]!
    const said = product > 0.3 ? 1 : product < -0.3 ? -1 : 0
    table.direction[row] = random.chance(0.1) ? random.below(3) - 1 : said
    table.movement[row] = table.direction[row]! * 1e-3 + random.normal() * 1e-4
  }
  return table
}
