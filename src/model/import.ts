import { createRequire } from 'node:module'
import type { ZodType } from 'zod'
import { errorLine, fail } from '../core/index.ts'
import { bundleParts } from './bundle-schema.ts'
import { NO_FACTS, type BundleFacts, type BundleMeta } from './bundle.ts'
import { decodeGolden } from './golden.ts'
import { inspectOnnx, ownMetadata } from './onnx-file.ts'
import { featureHash, type BundleDraft } from './registry.ts'

/** Names of inputs and outputs by the contract. */
const INPUT = 'input'
const OUTPUTS: BundleMeta['outputs'] = { directionLogits: 'direction_logits', confidence: 'confidence', expectedReturn: 'expected_return' }

/** What the maker of a foreign model has to tell about it: the file of `--meta`. */
export interface ImportMeta extends Partial<BundleFacts> {
  readonly features: readonly string[]
  /** Rows of a window. */
  readonly steps: number
  /** Time from row to row, ms; 0: every vector is a row. */
  readonly stepMs: number
  readonly thresholds: BundleMeta['thresholds']
  /** Where they are not called as in the contract. */
  readonly input?: string
  readonly outputs?: BundleMeta['outputs']
  /** ISO 8601; absent: the time of the import. */
  readonly created?: string
}

export interface ImportFiles {
  readonly onnx: Uint8Array
  /** Text of the meta file; null: what the model file tells of itself in metadata of this program counts. */
  readonly meta: string | null
  /** A NumPy table, a row a window and its answer; null: none is known. */
  readonly golden: Buffer | null
}

/**
 * What a registry is given of a model that was made elsewhere. Its contract is held against the file by `register`.
 * @param now ISO 8601
 * @throws RM_MODEL_IMPORT for a meta that is missing or does not fit, RM_MODEL_FEATURE_HASH when the file names other features than the meta, and as `inspectOnnx` and `decodeGolden`
 */
export function importDraft(version: string, { onnx, meta, golden }: ImportFiles, now: string): BundleDraft {
  const { metadata } = inspectOnnx(version, onnx)
  const told = meta === null ? fromMetadata(version, metadata) : fromText(version, meta)
  const hash = featureHash(told.features)
  const stamped = ownMetadata(metadata, 'feature_hash')
  if (stamped !== undefined && stamped !== hash) fail('RM_MODEL_FEATURE_HASH', { version, actual: hash, expected: stamped })
  const shape = [told.steps, told.features.length] as const
  return {
    created: told.created ?? now,
    featureNames: told.features,
    input: { name: told.input ?? INPUT, shape, stepMs: told.stepMs },
    outputs: told.outputs ?? OUTPUTS,
    thresholds: told.thresholds,
    gitRevision: told.gitRevision ?? NO_FACTS.gitRevision,
    scaler: told.scaler ?? NO_FACTS.scaler,
    label: told.label ?? NO_FACTS.label,
    data: told.data ?? NO_FACTS.data,
    metrics: told.metrics ?? NO_FACTS.metrics,
    golden: golden === null ? null : decodeGolden(version, golden, 'the file of golden windows', shape[0] * shape[1]),
    baseline: null,
  }
}

function fromText(version: string, text: string): ImportMeta {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch (error) {
    return fail('RM_MODEL_IMPORT', { version, problem: `the meta file is not JSON (${errorLine(error)})` }, error)
  }
  return parsed(version, found, 'the meta file')
}

function fromMetadata(version: string, metadata: Readonly<Record<string, string>>): ImportMeta {
  const names = ownMetadata(metadata, 'feature_names')
  if (names === undefined) return fail('RM_MODEL_IMPORT', { version, problem: 'the file tells nothing of its features: say it in a meta file (--meta)' })
  const json = (key: string): unknown => {
    const text = ownMetadata(metadata, key)
    try {
      return text === undefined ? undefined : JSON.parse(text)
    } catch (error) {
      return fail('RM_MODEL_IMPORT', { version, problem: `its metadata "${key}" is not JSON` }, error)
    }
  }
  const input = json('input') as Partial<BundleMeta['input']> | undefined
  const facts = { gitRevision: ownMetadata(metadata, 'git_revision'), scaler: json('scaler'), label: json('label'), data: json('data'), metrics: json('metrics') }
  const told = { features: json('feature_names'), steps: input?.shape?.[0], stepMs: input?.stepMs, input: input?.name, outputs: json('outputs'), thresholds: json('thresholds'), created: ownMetadata(metadata, 'created'), ...facts }
  return parsed(version, { ...told, gitRevision: facts.gitRevision === 'null' ? null : facts.gitRevision }, 'its metadata')
}

function parsed(version: string, found: unknown, what: string): ImportMeta {
  const result = schema().safeParse(found)
  if (result.success) return result.data
  return fail('RM_MODEL_IMPORT', { version, problem: `${what} does not fit (${result.error.issues.map((issue) => `${issue.path.join('.') || 'top'}: ${issue.message}`).join('; ')})` })
}

let known: ZodType<ImportMeta> | null = null

function schema(): ZodType<ImportMeta> {
  if (known !== null) return known
  const { z } = createRequire(import.meta.url)('zod') as typeof import('zod')
  const { names, outputs, thresholds, created, facts } = bundleParts(z)
  const optional = Object.fromEntries(Object.entries(facts).map(([key, type]) => [key, type.optional()])) as { [K in keyof typeof facts]: ReturnType<(typeof facts)[K]['optional']> }
  known = z.strictObject({
    features: names,
    steps: z.int().positive(),
    stepMs: z.number().min(0),
    thresholds,
    input: z.string().min(1).optional(),
    outputs: outputs.optional(),
    created: created.optional(),
    ...optional,
  }) as ZodType<ImportMeta>
  return known
}
