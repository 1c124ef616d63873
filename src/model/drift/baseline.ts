import { fail } from '../../core/index.ts'

/** Open intervals of a feature hold at most one part in so many of the baseline: so exact is a distance told from it. */
export const FEATURE_EDGES = 256
/** Bins of the predictions, cut at the quantiles of the baseline. */
export const PREDICTION_BINS = 10
/** More rows than this say nothing new. */
export const BASELINE_ROWS = 50_000

/**
 * Where values of one feature lie: below the first edge, on it, between it and the next, on that one, and so on, above the
 * last. A value that is met often is an edge, so that its step in the distribution is known on both sides.
 */
export interface FeatureSketch {
  readonly name: string
  /** Ascending, float32. */
  readonly edges: readonly number[]
  /** 2 × edges + 1. */
  readonly counts: readonly number[]
}

/** What features and predictions looked like in training: `baseline.json`. */
export interface DriftBaseline {
  readonly rows: number
  readonly features: readonly FeatureSketch[]
  /** Of the score of a prediction, its chance of buy less its chance of sell: bin i holds scores up to edge i, the last one the rest. */
  readonly predictions: { readonly edges: readonly number[]; readonly counts: readonly number[] }
}

/**
 * Sketches the rows that a model was trained on; of more than 50 000 it takes that many, evenly spread.
 * @param rows row by row, raw features in the order of the names
 * @param scores of predictions on training windows: chance of buy less chance of sell
 * @throws RM_MODEL_BASELINE for tables that do not fit or hold numbers that are not finite
 */
export function driftBaseline(names: readonly string[], rows: Float32Array, scores: Float32Array): DriftBaseline {
  const all = rows.length / names.length
  if (!Number.isInteger(all) || all < 1) fail('RM_MODEL_BASELINE', { problem: `${rows.length} numbers are no whole rows of ${names.length} features` })
  if (scores.length < 1) fail('RM_MODEL_BASELINE', { problem: 'there is no prediction' })
  const taken = Math.min(all, BASELINE_ROWS)
  const column = new Float32Array(taken)
  const features = names.map((name, f): FeatureSketch => {
    for (let i = 0; i < taken; i++) column[i] = rows[Math.floor((i * all) / taken) * names.length + f]!
    finite(name, column)
    const edges = quantiles(column, FEATURE_EDGES, FEATURE_EDGES)
    const counts = new Array<number>(2 * edges.length + 1).fill(0)
    for (const value of column) counts[placeOf(edges, value)]!++
    return { name, edges, counts }
  })
  finite('the predictions', scores)
  // The last bin is open: what lies above everything in the baseline must fall somewhere.
  const edges = quantiles(scores, PREDICTION_BINS, PREDICTION_BINS - 1)
  const counts = new Array<number>(edges.length + 1).fill(0)
  for (const score of scores) counts[binOf(edges, score)]!++
  return { rows: taken, features, predictions: { edges, counts } }
}

/** Index of a value among the intervals and edges of a feature: 2i+1 on edge i, 2i below it. */
export function placeOf(edges: ArrayLike<number>, value: number): number {
  const at = binOf(edges, value)
  return at < edges.length && edges[at] === value ? 2 * at + 1 : 2 * at
}

/** Index of the first edge that is not below the value; as many as there are edges when all are. */
export function binOf(edges: ArrayLike<number>, value: number): number {
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (edges[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/** @throws RM_MODEL_BASELINE for a text that is not a whole baseline of these features */
export function parseBaseline(text: string, names: readonly string[]): DriftBaseline {
  let found: DriftBaseline
  try {
    found = JSON.parse(text) as DriftBaseline
  } catch (error) {
    return fail('RM_MODEL_BASELINE', { problem: 'it is not JSON' }, error)
  }
  const wrong = (problem: string): never => fail('RM_MODEL_BASELINE', { problem })
  const { rows, features, predictions } = found
  if (!Number.isSafeInteger(rows) || rows < 1 || features === undefined || predictions === undefined) wrong('it lacks rows, features or predictions')
  if (features.length !== names.length) wrong(`it has ${features.length} features, the bundle ${names.length}`)
  features.forEach(({ name, edges, counts }, i) => {
    if (name !== names[i]) wrong(`feature ${i} is "${name}", in the bundle it is "${names[i]}"`)
    histogram(name, edges, counts, 2 * (edges?.length ?? 0) + 1, rows)
  })
  histogram('the predictions', predictions.edges, predictions.counts, (predictions.edges?.length ?? 0) + 1, null)
  return found
}

function histogram(what: string, edges: readonly number[], counts: readonly number[], places: number, rows: number | null): void {
  const wrong = (problem: string): never => fail('RM_MODEL_BASELINE', { problem: `${what}: ${problem}` })
  if (edges === undefined || counts === undefined) wrong('edges or counts are missing')
  if (!edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > edges[i - 1]!))) wrong('the edges do not ascend')
  if (counts.length !== places) wrong(`${counts.length} counts, ${places} places`)
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) wrong('a count is no whole number')
  const sum = counts.reduce((a, b) => a + b, 0)
  if (sum < 1 || (rows !== null && sum !== rows)) wrong(`its counts add up to ${sum} of ${rows ?? 'some'} rows`)
}

/** The distinct values at 1/parts, 2/parts, …, last/parts of the sorted numbers. */
function quantiles(values: Float32Array, parts: number, last: number): number[] {
  const sorted = values.slice().sort()
  const edges: number[] = []
  for (let k = 1; k <= last; k++) {
    const value = sorted[Math.ceil((k * sorted.length) / parts) - 1]!
    if (edges.length === 0 || value > edges.at(-1)!) edges.push(value)
  }
  return edges
}

function finite(what: string, values: Float32Array): void {
  const at = values.findIndex((value) => !Number.isFinite(value))
  if (at >= 0) fail('RM_MODEL_BASELINE', { problem: `number ${at} of ${what} is ${values[at]}` })
}
