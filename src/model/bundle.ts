import { fail } from '../core/index.ts'
import type { DriftBaseline } from './drift/baseline.ts'
import type { GoldenSet } from './golden.ts'
import type { ModelThresholds } from './predictor.ts'

/** The classes of a direction, in the order of the three logits. */
export const MODEL_CLASSES = ['sell', 'hold', 'buy'] as const
export type ModelClass = (typeof MODEL_CLASSES)[number]

/** A file of a bundle and the checksum of its bytes, in hexadecimal digits. */
export interface BundleFile {
  readonly file: string
  readonly sha256: string
}

/** The normalisation that the graph does itself: (x − mean) / deviation, then cut to ± `clip`. One number a feature. */
export interface BundleScaler {
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
  /** null: nothing is cut. */
  readonly clip: number | null
}

/** What the model was taught to see: buy above + `threshold` after the horizon, sell below − `threshold`, else hold. */
export interface BundleLabel {
  readonly horizonMs: number
  /** Movement as a fraction of the price. */
  readonly threshold: number
  /** With a number, the threshold of training was so many standard deviations, and `threshold` is what came of it on average. */
  readonly volatilityScale: number | null
}

/** What it was trained, validated and tested on. */
export interface BundleData {
  readonly symbols: readonly string[]
  /** Venue time of the first and of the last sample, ms. */
  readonly fromMs: number
  readonly toMs: number
  readonly rows: number
}

export interface Score {
  /** Fraction of windows whose class was right. */
  readonly accuracy: number
  /** Mean cross-entropy, nats. */
  readonly crossEntropy: number
}

export interface ClassScore {
  /** Fractions; null where nothing was predicted, or nothing was there to find. */
  readonly precision: number | null
  readonly recall: number | null
  /** Windows of this class. */
  readonly support: number
}

/** Measured once on windows that training never saw. */
export interface BundleMetrics {
  readonly test: Score & { readonly windows: number }
  readonly perClass: Readonly<Record<ModelClass, ClassScore>>
  /** By name, on the same windows: what a model has to beat. */
  readonly baselines: Readonly<Record<string, Score>>
}

/** What a model tells of its making. null: not known (a foreign model, or a bundle of the first format). */
export interface BundleFacts {
  readonly gitRevision: string | null
  readonly scaler: BundleScaler | null
  readonly label: BundleLabel | null
  readonly data: BundleData | null
  readonly metrics: BundleMetrics | null
}

/** A model of which nothing is known beyond its contract. */
export const NO_FACTS: BundleFacts = { gitRevision: null, scaler: null, label: null, data: null, metrics: null }

/** What stands next to a model file and makes it usable: `bundle.json`, whichever format it was written in. */
export interface BundleMeta extends BundleFacts {
  readonly format: 2
  readonly version: string
  /** ISO 8601. */
  readonly created: string
  readonly files: {
    readonly model: BundleFile
    /** Windows with the answers that are expected to them; null: none are there to check against. */
    readonly golden: (BundleFile & { readonly windows: number }) | null
    /** What the features and predictions looked like in training; null: drift cannot be told. */
    readonly baseline: (BundleFile & { readonly rows: number }) | null
  }
  readonly features: { readonly names: readonly string[]; readonly hash: string }
  /** `shape` is [rows of the window, features of a row]; `stepMs` the time from row to row, 0 for every vector. */
  readonly input: { readonly name: string; readonly shape: readonly [number, number]; readonly stepMs: number }
  /** Names of the outputs in the model: [.,3] logits in the order of `classes`, [.,1] 0..1, [.,1] fraction. */
  readonly outputs: { readonly directionLogits: string; readonly confidence: string; readonly expectedReturn: string }
  readonly classes: typeof MODEL_CLASSES
  readonly thresholds: ModelThresholds
}

/** A bundle that passed every check of its files, with the very bytes whose checksum was taken. */
export interface ModelBundle {
  readonly meta: BundleMeta
  readonly bytes: Uint8Array
  readonly golden: GoldenSet | null
  readonly baseline: DriftBaseline | null
}

/**
 * Holds a bundle against the features in use: same names, same order, a shape that fits them.
 * @param hash of the bundle's names, computed by the caller
 * @throws RM_MODEL_FEATURE_NAMES, RM_MODEL_FEATURE_ORDER, RM_MODEL_FEATURE_HASH, RM_MODEL_SHAPE
 */
export function checkContract(meta: BundleMeta, featureNames: readonly string[], hash: string): void {
  const { version } = meta
  const theirs = meta.features.names
  const ours = new Set(featureNames)
  const known = new Set(theirs)
  const missing = theirs.filter((name) => !ours.has(name))
  const unknown = featureNames.filter((name) => !known.has(name))
  if (missing.length > 0 || unknown.length > 0) fail('RM_MODEL_FEATURE_NAMES', { version, missing: missing.join(' '), unknown: unknown.join(' ') })
  if (theirs.length !== featureNames.length)
    fail('RM_MODEL_FEATURE_NAMES', { version, missing: `${theirs.length} names, some twice`, unknown: `${featureNames.length} names` })
  const index = theirs.findIndex((name, i) => name !== featureNames[i])
  if (index >= 0) fail('RM_MODEL_FEATURE_ORDER', { version, index, actual: featureNames[index], expected: theirs[index] })
  if (hash !== meta.features.hash) fail('RM_MODEL_FEATURE_HASH', { version, actual: hash, expected: meta.features.hash })
  checkShapes(meta)
}

/** What a bundle says of its own sizes must agree, whatever the features in use. @throws RM_MODEL_SHAPE */
export function checkShapes({ version, input, features, scaler }: BundleMeta): void {
  const columns = features.names.length
  if (input.shape[1] !== columns) fail('RM_MODEL_SHAPE', { version, what: 'the window of the bundle', actual: `[${input.shape.join(', ')}]`, expected: `[steps, ${columns}]` })
  if (scaler === null) return
  for (const [what, numbers] of [['the mean', scaler.mean], ['the deviation', scaler.deviation]] as const)
    if (numbers.length !== columns) fail('RM_MODEL_SHAPE', { version, what: `${what} of the scaler`, actual: `[${numbers.length}]`, expected: `[${columns}]` })
}
