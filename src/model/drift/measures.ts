import type { FeatureSketch } from './baseline.ts'

/** A share of nothing is taken for this much, as is usual: its logarithm must exist. */
const SHARE_MIN = 1e-4

/**
 * Two-sample Kolmogorov–Smirnov statistic of counts over the places of a sketch: the largest distance of the two distribution
 * functions on either side of every edge. Equal to the statistic of the samples where every value is an edge, else below it by
 * at most the part of the baseline that lies between two edges.
 */
export function ksOf({ counts }: FeatureSketch, current: ArrayLike<number>, currentTotal: number, baselineTotal: number): number {
  let worst = 0
  let below = 0
  let currentBelow = 0
  for (let i = 0; i < counts.length; i++) {
    below += counts[i]!
    currentBelow += current[i]!
    worst = Math.max(worst, Math.abs(below / baselineTotal - currentBelow / currentTotal))
  }
  return worst
}

/** Population stability index: the sum over the bins of (a − b) · ln(a / b) of their shares. */
export function psiOf(baseline: ArrayLike<number>, current: ArrayLike<number>): number {
  const [baselineTotal, currentTotal] = [sum(baseline), sum(current)]
  let index = 0
  for (let i = 0; i < baseline.length; i++) {
    const before = Math.max(SHARE_MIN, baseline[i]! / baselineTotal)
    const now = Math.max(SHARE_MIN, current[i]! / currentTotal)
    index += (now - before) * Math.log(now / before)
  }
  return index
}

/** Distance that two samples of one distribution exceed once in a thousand times: 1.9495 · √((n + m) / (n · m)). */
export const ksCritical = (n: number, m: number): number => 1.9495 * Math.sqrt((n + m) / (n * m))

function sum(numbers: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < numbers.length; i++) total += numbers[i]!
  return total
}
