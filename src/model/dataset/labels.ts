import { fail } from '../../core/index.ts'
import { HORIZON_MS, HORIZONS, type LabelRow } from './sample.ts'

export interface LabelOptions {
  /** Movement above which a direction is 1, below minus which it is −1; a fraction, 0.001 by default. */
  readonly threshold: number
  /** With a number: the threshold is so many standard deviations of the movements over the same horizon instead. */
  readonly volatilityScale: number | null
  /** How much later than the horizon the price may be, ms. */
  readonly toleranceMs: number
  /** Distance of two samples from which on nothing is known between them, ms. */
  readonly gapMs: number
}

export const labelDefaults: LabelOptions = { threshold: 0.001, volatilityScale: null, toleranceMs: 6000, gapMs: 15_000 }

/**
 * Labels of a run of samples in order of time (several batches are one run). The future price of a horizon is that of the first
 * sample at or after it, at most `toleranceMs` later, with no gap on the way: never a price from before the horizon, and never
 * one from across a gap. Where there is none the label stays null.
 * @returns how many of the labels were set
 * @throws RM_DATASET_LABELS for options or times that make no sense
 */
export function labelRun(rows: readonly LabelRow[], options: LabelOptions = labelDefaults): number {
  check(rows, options)
  // End of the stretch without a gap that each sample belongs to.
  const stretchEnd = new Int32Array(rows.length)
  for (let i = rows.length - 1; i >= 0; i--) stretchEnd[i] = i + 1 < rows.length && rows[i + 1]!.timestamp - rows[i]!.timestamp <= options.gapMs ? stretchEnd[i + 1]! : i
  let set = 0
  for (const horizon of HORIZONS) {
    const horizonMs = HORIZON_MS[horizon]
    const movements: (number | null)[] = []
    let at = 0
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!
      const due = row.timestamp + horizonMs
      while (at < rows.length && rows[at]!.timestamp < due) at++
      const future = rows[at]
      const known = future !== undefined && at <= stretchEnd[i]! && future.timestamp - due <= options.toleranceMs
      movements.push(known ? (future.current_mid_price - row.current_mid_price) / row.current_mid_price : null)
    }
    const threshold = options.volatilityScale === null ? options.threshold : options.volatilityScale * deviationOf(movements)
    movements.forEach((movement, i) => {
      const row = rows[i]!
      row[`future_movement_${horizon}`] = movement
      row[`future_direction_${horizon}`] = movement === null ? null : movement > threshold ? 1 : movement < -threshold ? -1 : 0
      if (movement !== null) set++
    })
  }
  return set
}

function deviationOf(movements: readonly (number | null)[]): number {
  const known = movements.filter((movement) => movement !== null)
  if (known.length === 0) return 0
  const mean = known.reduce((a, b) => a + b, 0) / known.length
  return Math.sqrt(known.reduce((sum, movement) => sum + (movement - mean) ** 2, 0) / known.length)
}

function check(rows: readonly LabelRow[], options: LabelOptions): void {
  const wrong = (what: string, actual: unknown, needed: string): never => fail('RM_DATASET_LABELS', { what, actual, needed })
  if (!(options.threshold >= 0) || !Number.isFinite(options.threshold)) wrong('the threshold', options.threshold, 'a fraction ≥ 0')
  if (options.volatilityScale !== null && !(options.volatilityScale > 0)) wrong('the volatility scale', options.volatilityScale, 'a number > 0')
  if (!(options.toleranceMs >= 0)) wrong('the tolerance', options.toleranceMs, 'ms ≥ 0')
  if (!(options.gapMs > 0)) wrong('the gap', options.gapMs, 'ms > 0')
  rows.forEach((row, i) => {
    if (!Number.isFinite(row.timestamp) || (i > 0 && row.timestamp <= rows[i - 1]!.timestamp)) wrong(`the time of sample ${i}`, row.timestamp, `later than ${rows[i - 1]?.timestamp ?? 'never'}`)
    if (!(row.current_mid_price > 0)) wrong(`the mid price of sample ${i}`, row.current_mid_price, 'a price > 0')
  })
}
