import { classCounts, classPrior, type Fold, thinned, type TrainingTable } from '../data/index.ts'
import { choiceOf } from '../evaluate/index.ts'
import { classesOf, fit, type FitProgress, type FitSettings, type Fitted, predict, type Predictions, probabilitiesOf } from '../fit/index.ts'
import type { CheckpointStore } from '../fit/index.ts'
import { type Calibration, exportNetwork, fitConfidence, fitTemperature, type NetworkShape, networkShape, priorShift } from '../network/index.ts'

/** Networks of a fold, in the order of their training. */
export const FOLD_PARTS = ['linear', 'network'] as const
export type FoldPart = (typeof FOLD_PARTS)[number]

export interface FoldSurroundings {
  readonly fingerprint: string
  readonly storeOf: (part: FoldPart) => CheckpointStore | null
  readonly nowMs: () => number
  readonly stopped: () => boolean
  readonly onProgress: (part: FoldPart, progress: FitProgress) => void
  /** Time for the network, ms; the linear baseline takes a small part of that beside it. */
  readonly budgetMs: number | null
}

/** A model with its answers to the test windows, asked once. */
export interface Tested {
  readonly fitted: Fitted
  readonly calibration: Calibration
  readonly predictions: Predictions
}

export interface FoldResult {
  readonly fold: Pick<Fold, 'index'> & { readonly trainWindows: number; readonly validationWindows: number; readonly fromMs: number; readonly trainToMs: number; readonly testFromMs: number; readonly testToMs: number }
  /** Test windows by their last row. */
  readonly windows: Int32Array
  readonly prior: readonly number[]
  readonly network: Tested
  readonly linear: Tested
}

/** A linear model learns in larger steps; it has no layers that could come apart. */
const LINEAR = { learningRate: 3e-3, epochs: 20, dropout: 0 } as const

/**
 * Trains the linear baseline and the network of a fold, calibrates both on its validation windows, and asks them about its test windows.
 * @returns null when it was stopped @throws as `fit`
 */
export async function trainFold(table: TrainingTable, fold: Fold, shape: NetworkShape, settings: FitSettings, surroundings: FoldSurroundings): Promise<FoldResult | null> {
  const { fingerprint, nowMs, stopped, storeOf, onProgress, budgetMs } = surroundings
  const common = (part: FoldPart) => ({ name: `${part} of fold ${fold.index + 1}`, fingerprint, nowMs, stopped, store: storeOf(part), onProgress: (progress: FitProgress) => onProgress(part, progress) })
  const linearShape = networkShape('linear', 'small', shape.steps, shape.features)
  const linear = await fit(table, fold, linearShape, { ...settings, ...LINEAR }, { ...common('linear'), budgetMs: budgetMs === null ? null : budgetMs / 10 })
  if (linear === null) return null
  const network = await fit(table, fold, shape, settings, { ...common('network'), budgetMs: budgetMs === null ? null : budgetMs * 0.9 })
  if (network === null) return null
  const windows = thinned(fold.test, settings.stride)
  const timeOf = (row: number): number => table.timeMs[row]!
  const last = (rows: Int32Array): number => rows.reduce((latest, row) => Math.max(latest, timeOf(row)), 0)
  const first = (rows: Int32Array): number => rows.reduce((earliest, row) => Math.min(earliest, timeOf(row)), Number.POSITIVE_INFINITY)
  return {
    fold: { index: fold.index, trainWindows: fold.train.length, validationWindows: fold.validation.length, fromMs: first(fold.train), trainToMs: last(fold.train), testFromMs: first(fold.test), testToMs: last(fold.test) },
    windows,
    prior: classPrior(classCounts(table, fold.train)),
    network: await tested(table, fold, network, windows, settings.stride),
    linear: await tested(table, fold, linear, windows, settings.stride),
  }
}

/** The model file of a trained network. */
export function modelOf({ shape, theta, normaliser, classWeights, returnScale }: Fitted, calibration?: Calibration): Uint8Array {
  return exportNetwork(shape, theta, { normaliser, logitShift: priorShift(classWeights), returnScale, ...(calibration === undefined ? {} : { calibration }) })
}

async function tested(table: TrainingTable, fold: Fold, fitted: Fitted, windows: Int32Array, stride: number): Promise<Tested> {
  const calibration = await calibrated(table, fitted, thinned(fold.validation, stride))
  return { fitted, calibration, predictions: await predict(modelOf(fitted, calibration), table, windows, fitted.shape.steps) }
}

async function calibrated(table: TrainingTable, fitted: Fitted, validation: Int32Array): Promise<Calibration> {
  const { logits, confidence } = await predict(modelOf(fitted), table, validation, fitted.shape.steps)
  const classes = classesOf(table, validation)
  const probabilities = probabilitiesOf(logits)
  const hits = Array.from(classes, (one, i) => Number(choiceOf(probabilities, i) === one))
  const EDGE = 1e-6
  const logit = Array.from(confidence, (p) => Math.log(Math.max(EDGE, p) / Math.max(EDGE, 1 - p)))
  return { temperature: fitTemperature(logits, classes), ...fitConfidence(logit, hits) }
}
