import { fail } from '../core/index.ts'
import type { ModelThresholds } from './predictor.ts'

/** What stands next to a model file and makes it usable: `bundle.json`. */
export interface BundleMeta {
  readonly format: 1
  readonly version: string
  /** ISO 8601. */
  readonly created: string
  readonly model: { readonly file: string; readonly sha256: string }
  readonly features: { readonly names: readonly string[]; readonly hash: string }
  /** `shape` is [rows of the window, features of a row]; `stepMs` the time from row to row, 0 for every vector. */
  readonly input: { readonly name: string; readonly shape: readonly [number, number]; readonly stepMs: number }
  /** Names of the outputs in the model: [.,3] logits (sell, hold, buy), [.,1] 0..1, [.,1] fraction. */
  readonly outputs: { readonly directionLogits: string; readonly confidence: string; readonly expectedReturn: string }
  readonly thresholds: ModelThresholds
}

/** A bundle that passed every check, with the very bytes whose checksum was taken. */
export interface ModelBundle {
  readonly meta: BundleMeta
  readonly bytes: Uint8Array
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
  if (meta.input.shape[1] !== featureNames.length)
    fail('RM_MODEL_SHAPE', { version, what: 'the window of the bundle', actual: `[${meta.input.shape.join(', ')}]`, expected: `[steps, ${featureNames.length}]` })
}
