import { fail } from '../../../core/index.ts'
import type { TrainingTable } from './training-table.ts'
import { allWindows, windowFromMs, windowToMs } from './windows.ts'

export interface FoldOptions {
  /** Rows of a window. */
  readonly steps: number
  readonly folds: number
  /** Share of all windows that validates, and that tests, in each fold. */
  readonly validationShare: number
  readonly testShare: number
  /** Time between what trains, validates and tests, beyond the reach of windows and labels, ms. */
  readonly embargoMs: number
}

/** A walk forward: trained on the past, chosen on what follows, tested once on what follows that. Windows by their last row. */
export interface Fold {
  readonly index: number
  readonly steps: number
  readonly embargoMs: number
  readonly train: Int32Array
  readonly validation: Int32Array
  readonly test: Int32Array
}

/**
 * Walk-forward folds over all symbols at once. The tests are the newest parts of the time, one after the other, none twice; each is
 * validated on the part before it and trained on everything before that.
 *
 * A window belongs to a part only when all of it does: its first row and the last price that its label may depend on. So what trains
 * and what tests share no row and no price, at whatever stride. That takes out as many windows at each border as their rows and the
 * horizon reach (purging, Lopez de Prado 2018), and the embargo leaves more time between.
 * @throws RM_TRAIN_SETTINGS for shares that leave nothing to train on, RM_TRAIN_DATA when a part would be empty
 */
export function walkForward(table: TrainingTable, options: FoldOptions): readonly Fold[] {
  const { steps, folds, validationShare, testShare, embargoMs } = options
  const first = 1 - folds * testShare - validationShare
  if (!(Number.isSafeInteger(folds) && folds >= 1 && validationShare > 0 && testShare > 0 && first >= 0.1))
    fail('RM_TRAIN_SETTINGS', { what: 'the split', actual: `${folds} folds, ${validationShare} to validate, ${testShare} to test`, needed: 'at least 0.1 of the data left to train the first fold' })
  if (!(embargoMs >= 0)) fail('RM_TRAIN_SETTINGS', { what: 'the embargo', actual: embargoMs, needed: 'ms ≥ 0' })
  const windows = allWindows(table, steps)
  const times = windows.length === 0 ? [] : Array.from(windows, (row) => table.timeMs[row]!).toSorted((a, b) => a - b)
  // Parts are cut by the count of windows, not by time: days without data would make empty ones.
  const timeAt = (share: number): number => times[Math.min(times.length - 1, Math.round(share * times.length))] ?? 0
  return Array.from({ length: folds }, (_, index) => {
    const testFrom = 1 - (folds - index) * testShare
    const cuts = [timeAt(testFrom - validationShare), timeAt(testFrom), index === folds - 1 ? Number.POSITIVE_INFINITY : timeAt(testFrom + testShare)] as const
    const within = (fromMs: number, toMs: number): Int32Array => windows.filter((row) => windowFromMs(table, row, steps) >= fromMs && windowToMs(table, row) < toMs)
    const fold: Fold = { index, steps, embargoMs, train: within(Number.NEGATIVE_INFINITY, cuts[0]), validation: within(cuts[0] + embargoMs, cuts[1]), test: within(cuts[1] + embargoMs, cuts[2]) }
    for (const part of ['train', 'validation', 'test'] as const) {
      if (fold[part].length === 0)
        fail('RM_TRAIN_DATA', { folder: `fold ${index + 1} of ${folds}`, problem: `nothing is left to ${part === 'train' ? 'train on' : part === 'test' ? 'test on' : 'validate on'} of ${windows.length} windows: collect more, or make windows, horizon, embargo or the number of folds smaller` })
    }
    return fold
  })
}

/**
 * Looks at a fold once more, from what its windows really reach: called before every training, whoever made the fold.
 * @throws RM_TRAIN_LEAK
 */
export function checkFold(table: TrainingTable, { index, steps, embargoMs, train, validation, test }: Fold): void {
  for (const [what, earlier, other, later] of [['training', train, 'validation', validation], ['validation', validation, 'testing', test], ['training', train, 'testing', test]] as const) {
    const actualMs = earlier.reduce((latest, row) => Math.max(latest, windowToMs(table, row)), Number.NEGATIVE_INFINITY)
    const limitMs = later.reduce((earliest, row) => Math.min(earliest, windowFromMs(table, row, steps)), Number.POSITIVE_INFINITY)
    if (!(actualMs + embargoMs < limitMs)) fail('RM_TRAIN_LEAK', { fold: index + 1, what, actualMs, other, limitMs })
  }
}
