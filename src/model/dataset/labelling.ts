import { BatchFiles, type BatchName } from './batch-files.ts'
import { labelDefaults, type LabelOptions, labelRun } from './labels.ts'
import { HORIZON_MS, type LabelRow } from './sample.ts'

export interface LabellingReport {
  readonly symbol: string
  readonly batches: number
  /** Batches that an earlier pass with the same options had finished. */
  readonly skipped: number
  readonly labels: number
  readonly unknown: number
}

/**
 * Labels every batch of a symbol, each with the samples after it as far as the longest horizon reaches. A batch is finished when there
 * are samples beyond that reach: a pass that is interrupted, or comes again when more was collected, begins where work is left. Label
 * files are replaced whole, so a pass that is killed leaves none half written.
 * @param force labels finished batches anew
 * @param onBatch after each batch: how many of how many are done
 * @throws RM_DATASET_FILE, RM_DATASET_LABELS
 */
export function labelSymbol(root: string, symbol: string, options: LabelOptions = labelDefaults, force = false, onBatch: (done: number, of: number) => void = () => {}): LabellingReport {
  const files = new BatchFiles(root, symbol)
  const names = files.batches()
  const before = files.readLabelState()
  const same = before !== null && JSON.stringify(before.options) === JSON.stringify(options)
  const finished = new Set(same && !force ? before.finished : [])
  let skipped = 0
  let labels = 0
  let unknown = 0
  for (const [i, name] of names.entries()) {
    if (finished.has(keyOf(name))) skipped++
    else {
      const { own, whole, set } = labelBatch(files, names, i, options)
      files.writeLabels(name, own)
      labels += set
      unknown += own.length * 3 - set
      if (whole) finished.add(keyOf(name))
      // After the labels: a crash between the two costs this batch once more, and nothing else.
      files.writeLabelState({ options, finished: [...finished] })
    }
    onBatch(i + 1, names.length)
  }
  return { symbol, batches: names.length, skipped, labels, unknown }
}

const keyOf = (name: BatchName): string => `${name.date}_${name.number}`

/** Labels of one batch; `whole` when later samples can change nothing in them. */
function labelBatch(files: BatchFiles, names: readonly BatchName[], index: number, options: LabelOptions): { readonly own: readonly LabelRow[]; readonly whole: boolean; readonly set: number } {
  const own = files.readLabels(names[index]!)
  const run = [...own]
  const reachMs = (own.at(-1)?.timestamp ?? 0) + HORIZON_MS['60s'] + options.toleranceMs
  for (let next = index + 1; next < names.length && (run.at(-1)?.timestamp ?? 0) <= reachMs; next++) run.push(...files.readLabels(names[next]!))
  const beyond = (run.at(-1)?.timestamp ?? 0) > reachMs
  labelRun(run.filter((row) => row.timestamp <= reachMs + options.gapMs), options)
  let set = 0
  for (const row of own) for (const value of [row.future_movement_10s, row.future_movement_30s, row.future_movement_60s]) if (value !== null) set++
  return { own, whole: beyond, set }
}
