import { createHash } from 'node:crypto'
import { errorLine } from '../../core/index.ts'
import { BatchFiles, type BatchName, symbolsOf } from './batch-files.ts'
import { decodeNpy } from './npy.ts'
import { HORIZONS } from './sample.ts'

/** One thing that is wrong with a data set. */
export interface DatasetProblem {
  readonly symbol: string
  readonly batch: string
  readonly problem: string
}

export interface DatasetCheck {
  readonly symbols: readonly string[]
  readonly batches: number
  readonly samples: number
  /** Batches in progress: normal while somebody collects, taken up by the next start otherwise. */
  readonly unfinished: number
  readonly problems: readonly DatasetProblem[]
}

/**
 * Holds every file of a data set against the others: checksum, shape, names, finite numbers, one label and one metadata row a
 * sample, times that rise within and across batches, labels that are possible. Reads all of it, changes nothing.
 * @param featureNames names that a model of today would need; null to accept any as long as all batches agree
 */
export function checkDataset(root: string, featureNames: readonly string[] | null): DatasetCheck {
  const problems: DatasetProblem[] = []
  const symbols = symbolsOf(root)
  let batches = 0
  let samples = 0
  let unfinished = 0
  let names = featureNames
  for (const symbol of symbols) {
    const files = new BatchFiles(root, symbol)
    unfinished += files.unfinished().length
    let lastMs = Number.NEGATIVE_INFINITY
    for (const name of files.batches()) {
      batches++
      const batch = `${name.date}_batch_${String(name.number).padStart(4, '0')}`
      const wrong = (problem: string): void => void problems.push({ symbol, batch, problem })
      try {
        const one = readBatch(files, name, wrong)
        samples += one.count
        names ??= one.names
        const place = names.findIndex((feature, i) => feature !== one.names[i])
        if (place >= 0 || one.names.length !== names.length) wrong(`feature ${Math.max(place, 0)} is "${one.names[place]}" of ${one.names.length}, not "${names[place]}" of ${names.length}`)
        if (one.count > 0 && one.firstMs <= lastMs) wrong(`its first sample at ${one.firstMs} is not later than ${lastMs}, the last of the batch before`)
        lastMs = Math.max(lastMs, one.lastMs)
      } catch (error) {
        wrong(errorLine(error))
      }
    }
  }
  return { symbols, batches, samples, unfinished, problems }
}

function readBatch(files: BatchFiles, name: BatchName, wrong: (problem: string) => void) {
  const { batch_info: info, samples } = files.readMetadata(name)
  const bytes = files.readFeatures(name)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== info.features_sha256) wrong(`its features have sha256 ${sha256}, its metadata says ${info.features_sha256}`)
  const table = decodeNpy(bytes, files.path(name, 'features'))
  const labels = files.readLabels(name)
  const counts = [info.sample_count, samples.length, labels.length, table.rows]
  if (new Set(counts).size > 1) wrong(`metadata counts ${counts[0]} samples and lists ${counts[1]}, there are ${counts[2]} labels and ${counts[3]} rows of features`)
  if (table.columns !== info.feature_names.length) wrong(`its features have ${table.columns} columns, its metadata ${info.feature_names.length} names`)
  const bad = table.values.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) wrong(`feature ${info.feature_names[bad % table.columns]} of sample ${Math.floor(bad / table.columns)} is ${table.values[bad]}`)
  samples.forEach((sample, i) => {
    const label = labels[i]
    if (label !== undefined && label.timestamp !== sample.timestamp) wrong(`sample ${i} is of ${sample.timestamp}, its label of ${label.timestamp}`)
    if (i > 0 && sample.timestamp <= samples[i - 1]!.timestamp) wrong(`sample ${i} at ${sample.timestamp} is not later than ${samples[i - 1]!.timestamp}`)
  })
  labels.forEach((label, i) => {
    for (const horizon of HORIZONS) {
      const movement = label[`future_movement_${horizon}`]
      const direction = label[`future_direction_${horizon}`]
      if ((movement === null) !== (direction === null) || (direction !== null && ![-1, 0, 1].includes(direction))) wrong(`label ${i}: movement ${movement} and direction ${direction} at ${horizon}`)
    }
  })
  return { count: samples.length, names: info.feature_names, firstMs: samples[0]?.timestamp ?? Number.NaN, lastMs: samples.at(-1)?.timestamp ?? Number.NEGATIVE_INFINITY }
}
