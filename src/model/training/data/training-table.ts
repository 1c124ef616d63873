import { createHash } from 'node:crypto'
import { errorLine, fail, isoTime, RingmasterError } from '../../../core/index.ts'
import { BatchFiles, type BatchName, decodeNpy, type Horizon, HORIZON_MS, type LabelRow, symbolsOf } from '../../dataset/index.ts'

/** Direction of a row whose future is not known. */
export const UNKNOWN = -128

/**
 * Samples of several symbols as columns in shared memory, symbol after symbol, each in order of time: handing it to another thread
 * copies nothing.
 */
export interface TrainingTable {
  readonly symbols: readonly string[]
  readonly features: number
  readonly rows: number
  /** rows × features, raw. */
  readonly values: Float32Array
  /** Venue time of the sample, ms. */
  readonly timeMs: Float64Array
  /** Index into `symbols`. */
  readonly symbol: Uint16Array
  /** −1, 0, 1, or `UNKNOWN`. */
  readonly direction: Int8Array
  /** Fraction of the price over the horizon; NaN where it is not known. */
  readonly movement: Float32Array
  /** First row of the stretch without a gap that a row belongs to: no window reaches beyond it. */
  readonly stretchStart: Int32Array
  readonly horizonMs: number
  /** How much later than the horizon the price of a label may be, ms. */
  readonly toleranceMs: number
}

export interface TableOptions {
  readonly horizon: Horizon
  readonly toleranceMs: number
  /** Distance of two samples, ms, that no window reaches across. */
  readonly gapMs: number
  /** Names that every batch must have, in this order. */
  readonly featureNames: readonly string[]
}

/** A table, and what identifies its content. */
export interface LoadedTable {
  readonly table: TrainingTable
  /** SHA-256 over all that was read. */
  readonly fingerprint: string
  /** Median time from sample to sample, ms. */
  readonly spacingMs: number
}

/** Empty columns for so many rows. */
export function emptyTable(symbols: readonly string[], rows: number, features: number, horizonMs: number, toleranceMs: number): TrainingTable {
  const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes)
  return {
    symbols, features, rows, horizonMs, toleranceMs,
    values: new Float32Array(shared(rows * features * 4)), timeMs: new Float64Array(shared(rows * 8)), symbol: new Uint16Array(shared(rows * 2)),
    direction: new Int8Array(shared(rows)), movement: new Float32Array(shared(rows * 4)), stretchStart: new Int32Array(shared(rows * 4)),
  }
}

/** Fills `stretchStart`: a stretch ends with its symbol, and where two samples are too far apart. */
export function markStretches({ rows, symbol, timeMs, stretchStart }: TrainingTable, gapMs: number): void {
  for (let row = 0; row < rows; row++) {
    const goesOn = row > 0 && symbol[row] === symbol[row - 1] && timeMs[row]! - timeMs[row - 1]! <= gapMs
    stretchStart[row] = goesOn ? stretchStart[row - 1]! : row
  }
}

/**
 * Reads a whole data set. Nothing is repaired: what does not fit is refused, by the name of the file.
 * @throws RM_TRAIN_DATA, RM_DATASET_FILE, RM_DATASET_NPY
 */
export function loadTable(root: string, { horizon, toleranceMs, gapMs, featureNames }: TableOptions): LoadedTable {
  const symbols = symbolsOf(root)
  const sources = symbols.flatMap((symbol, index) => {
    const files = new BatchFiles(root, symbol)
    return files.batches().map((name) => ({ files, name, index, count: files.readMetadata(name).batch_info.sample_count }))
  })
  const rows = sources.reduce((sum, { count }) => sum + count, 0)
  if (rows === 0) fail('RM_TRAIN_DATA', { folder: root, problem: 'there is no whole batch in it; "ringmaster collect" makes one' })
  const table = emptyTable(symbols, rows, featureNames.length, HORIZON_MS[horizon], toleranceMs)
  const hash = createHash('sha256').update(JSON.stringify([symbols, horizon, featureNames]))
  let at = 0
  let first = 0
  for (const [position, { files, name, index }] of sources.entries()) {
    if (position > 0 && sources[position - 1]!.index !== index) first = at
    const wrong = (problem: string): never => fail('RM_TRAIN_DATA', { folder: files.path(name, 'features'), problem })
    try {
      const labels = readInto(table, at, files, name, featureNames, wrong)
      labels.forEach((label, i) => {
        const row = at + i
        const [movement, direction] = [label[`future_movement_${horizon}`], label[`future_direction_${horizon}`]]
        if (row > first && label.timestamp <= table.timeMs[row - 1]!) wrong(`sample ${i} at ${isoTime(label.timestamp)} is not later than the one before it`)
        table.timeMs[row] = label.timestamp
        table.symbol[row] = index
        table.direction[row] = direction ?? UNKNOWN
        table.movement[row] = movement ?? Number.NaN
      })
      at += labels.length
    } catch (error) {
      if (error instanceof RingmasterError) throw error
      wrong(errorLine(error))
    }
  }
  for (const column of [table.values, table.timeMs, table.symbol, table.direction, table.movement]) hash.update(new Uint8Array(column.buffer))
  markStretches(table, gapMs)
  const known = table.direction.reduce((sum, direction) => sum + Number(direction !== UNKNOWN), 0)
  if (known === 0) fail('RM_TRAIN_DATA', { folder: root, problem: `no sample has a label of ${horizon}: run "ringmaster label"` })
  return { table, fingerprint: hash.digest('hex'), spacingMs: medianSpacing(table) }
}

/** Reads one batch, checks it, and puts its features into the table. @returns its labels */
function readInto(table: TrainingTable, at: number, files: BatchFiles, name: BatchName, featureNames: readonly string[], wrong: (problem: string) => never): readonly LabelRow[] {
  const { batch_info: info } = files.readMetadata(name)
  const place = featureNames.findIndex((feature, i) => feature !== info.feature_names[i])
  if (place >= 0 || info.feature_names.length !== featureNames.length) wrong(`feature ${Math.max(place, 0)} is "${info.feature_names[place]}" of ${info.feature_names.length}, needed is "${featureNames[place]}" of ${featureNames.length}`)
  const bytes = files.readFeatures(name)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== info.features_sha256) wrong(`its features have sha256 ${sha256}, its metadata says ${info.features_sha256}`)
  const { rows, columns, values } = decodeNpy(bytes, files.path(name, 'features'))
  const labels = files.readLabels(name)
  if (rows !== info.sample_count || labels.length !== rows || columns !== featureNames.length) wrong(`${rows} × ${columns} features and ${labels.length} labels are not ${info.sample_count} samples of ${featureNames.length} features`)
  const bad = values.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) wrong(`feature ${featureNames[bad % columns]} of sample ${Math.floor(bad / columns)} is ${values[bad]}`)
  table.values.set(values, at * columns)
  return labels
}

function medianSpacing({ rows, symbol, timeMs }: TrainingTable): number {
  const distances: number[] = []
  for (let row = 1; row < rows; row++) if (symbol[row] === symbol[row - 1]) distances.push(timeMs[row]! - timeMs[row - 1]!)
  return distances.toSorted((a, b) => a - b)[distances.length >> 1] ?? 0
}
