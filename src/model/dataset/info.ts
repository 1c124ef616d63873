import { BatchFiles, symbolsOf } from './batch-files.ts'
import { decodeNpy } from './npy.ts'
import { type Horizon, HORIZONS } from './sample.ts'

export interface FeatureRange {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly mean: number
  readonly deviation: number
  /** Share of samples whose value is exactly 0. */
  readonly zeros: number
  /** Counts in 24 steps from min to max. */
  readonly histogram: readonly number[]
}

export interface GapInfo {
  readonly fromMs: number
  readonly toMs: number
}

export interface ClassBalance {
  readonly down: number
  readonly flat: number
  readonly up: number
  readonly unknown: number
}

export interface SymbolInfo {
  readonly symbol: string
  readonly batches: number
  readonly samples: number
  readonly firstMs: number
  readonly lastMs: number
  /** Median time from sample to sample, ms. */
  readonly spacingMs: number
  readonly gaps: readonly GapInfo[]
  readonly classes: Readonly<Record<Horizon, ClassBalance>>
  /** Mid price: the lowest and the highest of each of 400 equal parts of the time, in order of time. */
  readonly mid: readonly (readonly [timeMs: number, price: number])[]
  readonly features: readonly FeatureRange[]
}

const STEPS = 24
const PARTS = 400

/** A time between samples for people. */
export const spacingText = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`)

/** What is in a data set, symbol by symbol. @param gapMs distance of samples that counts as a gap @throws RM_DATASET_FILE, RM_DATASET_NPY */
export function datasetInfo(root: string, gapMs: number): readonly SymbolInfo[] {
  return symbolsOf(root).map((symbol) => symbolInfo(new BatchFiles(root, symbol), gapMs))
}

function symbolInfo(files: BatchFiles, gapMs: number): SymbolInfo {
  const times: number[] = []
  const mids: number[] = []
  const tables: { readonly columns: number; readonly values: Float32Array }[] = []
  const classes = Object.fromEntries(HORIZONS.map((horizon) => [horizon, { down: 0, flat: 0, up: 0, unknown: 0 }])) as Record<Horizon, { down: number; flat: number; up: number; unknown: number }>
  let names: readonly string[] = []
  const batches = files.batches()
  for (const name of batches) {
    const metadata = files.readMetadata(name)
    names = metadata.batch_info.feature_names
    for (const sample of metadata.samples) {
      times.push(sample.timestamp)
      mids.push(sample.mid_price)
    }
    for (const label of files.readLabels(name)) {
      for (const horizon of HORIZONS) {
        const direction = label[`future_direction_${horizon}`]
        classes[horizon][direction === null ? 'unknown' : direction > 0 ? 'up' : direction < 0 ? 'down' : 'flat']++
      }
    }
    tables.push(decodeNpy(files.readFeatures(name), files.path(name, 'features')))
  }
  const distances = times.slice(1).map((time, i) => time - times[i]!)
  const gaps = distances.flatMap((distance, i) => (distance > gapMs ? [{ fromMs: times[i]!, toMs: times[i + 1]! }] : []))
  return {
    symbol: files.symbol,
    batches: batches.length,
    samples: times.length,
    firstMs: times[0] ?? Number.NaN,
    lastMs: times.at(-1) ?? Number.NaN,
    spacingMs: distances.toSorted((a, b) => a - b)[distances.length >> 1] ?? Number.NaN,
    gaps,
    classes,
    mid: extremes(times, mids),
    features: names.map((name, column) => featureRange(name, column, tables)),
  }
}

/** @param times rising, ms */
function extremes(times: readonly number[], mids: readonly number[]): SymbolInfo['mid'] {
  const out: (readonly [number, number])[] = []
  const first = times[0] ?? 0
  const partMs = Math.max(1, ((times.at(-1) ?? 0) - first) / PARTS)
  for (let from = 0; from < times.length; ) {
    const part = Math.floor((times[from]! - first) / partMs)
    let low = from
    let high = from
    let at = from
    for (; at < times.length && Math.floor((times[at]! - first) / partMs) === part; at++) {
      if (mids[at]! < mids[low]!) low = at
      if (mids[at]! > mids[high]!) high = at
    }
    for (const i of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) out.push([times[i]!, mids[i]!])
    from = at
  }
  return out
}

function featureRange(name: string, column: number, tables: readonly { readonly columns: number; readonly values: Float32Array }[]): FeatureRange {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  let sum = 0
  let count = 0
  let zeros = 0
  const each = (take: (value: number) => void): void => {
    for (const { columns, values } of tables) for (let i = column; i < values.length; i += columns) take(values[i]!)
  }
  each((value) => {
    if (value < min) min = value
    if (value > max) max = value
    if (value === 0) zeros++
    sum += value
    count++
  })
  const mean = sum / count
  const width = max > min ? max - min : 1
  const histogram = new Array<number>(STEPS).fill(0)
  let squares = 0
  each((value) => {
    squares += (value - mean) ** 2
    histogram[Math.min(STEPS - 1, Math.floor(((value - min) / width) * STEPS))]!++
  })
  return { name, min, max, mean, deviation: Math.sqrt(squares / count), zeros: zeros / count, histogram }
}
