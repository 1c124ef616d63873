import { Random } from '../../../core/index.ts'
import { meanOf } from './scores.ts'

/** A mean with the interval that holds it in 95 of 100 cases. */
export interface Interval {
  readonly mean: number
  readonly low: number
  readonly high: number
  /** Blocks that the interval was drawn from: with few of them it says little. */
  readonly blocks: number
}

const DRAWS = 2000
const TAIL = 0.025

/**
 * Interval of a mean of values that hang together in time, by the moving-block bootstrap (Künsch 1989): neighbouring windows share
 * rows and future, so whole blocks of them are drawn instead of single ones.
 * @param values in order of time @param block values that may hang together
 */
export function blockInterval(values: ArrayLike<number>, block: number, seed: number): Interval {
  const count = values.length
  const size = Math.max(1, Math.min(block, count))
  const blocks = Math.max(1, Math.round(count / size))
  const mean = meanOf(values)
  if (count === 0) return { mean, low: Number.NaN, high: Number.NaN, blocks: 0 }
  // Sums of every block, so that a draw is one addition a block.
  const sums = new Float64Array(count - size + 1)
  let sum = 0
  for (let i = 0; i < count; i++) {
    sum += values[i]!
    if (i >= size) sum -= values[i - size]!
    if (i >= size - 1) sums[i - size + 1] = sum
  }
  const random = new Random(seed, 'bootstrap')
  const means = Float64Array.from({ length: DRAWS }, () => {
    let drawn = 0
    for (let b = 0; b < blocks; b++) drawn += sums[random.below(sums.length)]!
    return drawn / (blocks * size)
  }).sort()
  return { mean, low: means[Math.floor(DRAWS * TAIL)]!, high: means[Math.ceil(DRAWS * (1 - TAIL)) - 1]!, blocks }
}
