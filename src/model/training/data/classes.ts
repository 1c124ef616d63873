import type { TrainingTable } from './training-table.ts'
import { classOf } from './windows.ts'

/** Largest weight of a class against the smallest possible one: a class of a handful of windows must not rule the loss. */
const WEIGHT_MAX = 10

/** Windows of each class: sell, hold, buy. */
export function classCounts(table: TrainingTable, windows: Int32Array): readonly number[] {
  const counts = [0, 0, 0]
  for (const row of windows) counts[classOf(table.direction[row]!)]!++
  return counts
}

/**
 * Weights of the classes in the loss, mean 1 over the windows: (N / (3·n))^power, cut at 10. @param power 0 leaves the classes as they
 * are, 1 makes rare ones count as much as common ones
 */
export function classWeights(counts: readonly number[], power: number): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const raw = counts.map((count) => (count === 0 ? 1 : Math.min(WEIGHT_MAX, (total / (counts.length * count)) ** power)))
  const mean = raw.reduce((sum, weight, i) => sum + weight * counts[i]!, 0) / Math.max(1, total)
  return raw.map((weight) => weight / (mean > 0 ? mean : 1))
}

/** Chances of the classes by their counts, each count one higher so that none is impossible. */
export function classPrior(counts: readonly number[]): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count + 1, 0)
  return counts.map((count) => (count + 1) / total)
}
