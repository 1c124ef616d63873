import { isoTime } from '../../../core/index.ts'
import { driftBaseline } from '../../drift/index.ts'
import { ANSWER_NUMBERS, GOLDEN_WINDOWS } from '../../golden.ts'
import type { BundleDraft, ModelRegistry } from '../../registry.ts'
import { gather, rowsOf, type Fold, thinned, type TrainingTable } from '../data/index.ts'
import { predict, probabilitiesOf } from '../fit/index.ts'
import { CLIP, MODEL_INPUT, MODEL_OUTPUTS } from '../network/index.ts'
import { modelOf, type FoldResult } from './train-fold.ts'
import type { Verdict } from './verdict.ts'

export interface Publication {
  readonly table: TrainingTable
  /** The newest fold: its model is the one that is published. */
  readonly fold: Fold
  readonly result: FoldResult
  readonly verdict: Verdict
  readonly featureNames: readonly string[]
  readonly spacingMs: number
  /** Threshold of the labels as a fraction; with `volatilityScale` the mean that came of it. */
  readonly label: { readonly threshold: number; readonly volatilityScale: number | null }
  readonly thresholds: { readonly minProbability: number; readonly minConfidence: number }
  readonly gitRevision: string | null
  readonly wallMs: number
  readonly stride: number
}

/** Windows whose predictions make the baseline of drift. */
const SCORED_WINDOWS = 5000

/** Registers the model of the newest fold with all that is known of its making. It is not used before it is activated. @throws as `ModelRegistry.register` */
export async function publish(registry: ModelRegistry, version: string, publication: Publication): Promise<void> {
  const { fitted, calibration } = publication.result.network
  const model = modelOf(fitted, calibration)
  await registry.register(version, model, await draftOf(model, publication))
}

async function draftOf(model: Uint8Array, publication: Publication): Promise<BundleDraft> {
  const { table, fold, result, featureNames, spacingMs, label, thresholds, gitRevision, wallMs, stride } = publication
  const { normaliser, shape } = result.network.fitted
  const trainRows = rowsOf(fold.train, fold.steps)
  const scored = thinned(fold.train, Math.max(stride, Math.ceil(fold.train.length / SCORED_WINDOWS)))
  const shares = probabilitiesOf((await predict(model, table, scored, shape.steps)).logits)
  const scores = Float32Array.from(scored, (_, i) => shares[i * 3 + 2]! - shares[i * 3]!)
  const used = [fold.train, fold.validation, fold.test].flatMap((windows) => [...rowsOf(windows, fold.steps)])
  const times = used.map((row) => table.timeMs[row]!)
  return {
    created: isoTime(wallMs),
    featureNames,
    input: { name: MODEL_INPUT, shape: [shape.steps, shape.features], stepMs: Math.round(spacingMs) },
    outputs: MODEL_OUTPUTS,
    thresholds,
    gitRevision,
    scaler: { mean: [...normaliser.mean], deviation: [...normaliser.deviation], clip: CLIP },
    label: { horizonMs: table.horizonMs, ...label },
    data: { symbols: table.symbols, fromMs: times.reduce((a, b) => Math.min(a, b)), toMs: times.reduce((a, b) => Math.max(a, b)), rows: used.length },
    metrics: metricsOf(publication.verdict),
    golden: await goldenOf(model, publication),
    baseline: driftBaseline(featureNames, featureRows(table, trainRows), scores),
  }
}

function metricsOf({ all, folds, perClass }: Verdict): NonNullable<BundleDraft['metrics']> {
  const [sell, hold, buy] = perClass
  return {
    test: { ...all.network, windows: all.windows },
    perClass: { sell: sell!, hold: hold!, buy: buy! },
    baselines: { prior: all.prior, linear: all.linear, ...(folds.length > 1 ? { 'linear on the newest test': folds.at(-1)!.linear } : {}) },
  }
}

async function goldenOf(model: Uint8Array, { table, result }: Publication): Promise<NonNullable<BundleDraft['golden']>> {
  const { steps, features } = result.network.fitted.shape
  const { windows } = result
  const chosen = Int32Array.from({ length: Math.min(GOLDEN_WINDOWS, windows.length) }, (_, i) => windows[Math.floor((i * windows.length) / GOLDEN_WINDOWS)] ?? windows[i]!)
  const inputs = new Float32Array(chosen.length * steps * features)
  gather(table, chosen, steps, inputs)
  const { logits, confidence, expectedReturn } = await predict(model, table, chosen, steps)
  const answers = Float32Array.from({ length: chosen.length * ANSWER_NUMBERS }, (_, at) => {
    const [window, number] = [Math.floor(at / ANSWER_NUMBERS), at % ANSWER_NUMBERS]
    return number < 3 ? logits[window * 3 + number]! : number === 3 ? confidence[window]! : expectedReturn[window]!
  })
  return { windows: chosen.length, inputs, answers }
}

function featureRows({ features, values }: TrainingTable, rows: Int32Array): Float32Array {
  const out = new Float32Array(rows.length * features)
  rows.forEach((row, i) => out.set(values.subarray(row * features, (row + 1) * features), i * features))
  return out
}
