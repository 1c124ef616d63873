import { createRequire } from 'node:module'
import type { z as Zod, ZodType } from 'zod'
import { MODEL_CLASSES, NO_FACTS, type BundleMeta } from './bundle.ts'

export const MODEL_FILE = 'model.onnx'
export const GOLDEN_FILE = 'golden.npy'
export const BASELINE_FILE = 'baseline.json'
/** A version is a folder name: nothing that could leave the folder of the registry, nor hide in it. */
export const VERSION = /^[a-z0-9][a-z0-9._-]{0,63}$/i
const SHA256 = /^[0-9a-f]{64}$/

let schema: ZodType<BundleMeta> | null = null

/**
 * The shape of `bundle.json`, format 2, and format 1 told in its words. zod is loaded at the first call: it takes 75 ms of
 * processor time, which every thread of an engine that starts anew would spend before it can trade, with a model or without.
 */
export function bundleSchema(): ZodType<BundleMeta> {
  if (schema !== null) return schema
  const { z } = createRequire(import.meta.url)('zod') as typeof import('zod')
  const { names, outputs, thresholds, created, facts } = bundleParts(z)
  const file = <N extends string>(name: N) => ({ file: z.literal(name), sha256: z.string().regex(SHA256) })
  const contract = {
    version: z.string().regex(VERSION),
    created,
    features: z.strictObject({ names, hash: z.string().regex(SHA256) }),
    input: z.strictObject({ name: z.string().min(1), shape: z.tuple([z.int().positive(), z.int().positive()]), stepMs: z.number().min(0) }),
    outputs,
    thresholds,
  }
  const first = z
    .strictObject({ format: z.literal(1), ...contract, model: z.strictObject(file(MODEL_FILE)) })
    // What the first format did not tell is not known; its logits had the one order that there is.
    .transform(({ model, ...rest }): BundleMeta => ({ ...rest, ...NO_FACTS, format: 2, classes: MODEL_CLASSES, files: { model, golden: null, baseline: null } }))
  const second = z.strictObject({
    format: z.literal(2),
    ...contract,
    files: z.strictObject({
      model: z.strictObject(file(MODEL_FILE)),
      golden: z.strictObject({ ...file(GOLDEN_FILE), windows: z.int().positive() }).nullable(),
      baseline: z.strictObject({ ...file(BASELINE_FILE), rows: z.int().positive() }).nullable(),
    }),
    classes: z.tuple([z.literal('sell'), z.literal('hold'), z.literal('buy')]),
    ...facts,
  })
  schema = z.discriminatedUnion('format', [first, second]) as unknown as ZodType<BundleMeta>
  return schema
}

/** The parts of a bundle that whoever makes a model tells, for other files that tell them too. */
export function bundleParts(z: typeof Zod) {
  const fraction = z.number().min(0).max(1)
  const count = z.int().min(0)
  const score = { accuracy: fraction, crossEntropy: z.number().min(0) }
  const classScore = z.strictObject({ precision: fraction.nullable(), recall: fraction.nullable(), support: count })
  return {
    names: z.array(z.string().min(1)).min(1),
    created: z.iso.datetime(),
    outputs: z.strictObject({ directionLogits: z.string().min(1), confidence: z.string().min(1), expectedReturn: z.string().min(1) }),
    thresholds: z.strictObject({ minProbability: fraction, minConfidence: fraction }),
    facts: {
      gitRevision: z.string().min(1).nullable(),
      scaler: z.strictObject({ mean: z.array(z.number()), deviation: z.array(z.number().positive()), clip: z.number().positive().nullable() }).nullable(),
      label: z.strictObject({ horizonMs: z.int().positive(), threshold: z.number().min(0), volatilityScale: z.number().positive().nullable() }).nullable(),
      data: z.strictObject({ symbols: z.array(z.string().min(1)).min(1), fromMs: count, toMs: count, rows: z.int().positive() }).nullable(),
      metrics: z
        .strictObject({
          test: z.strictObject({ ...score, windows: z.int().positive() }),
          perClass: z.strictObject({ sell: classScore, hold: classScore, buy: classScore }),
          baselines: z.record(z.string().min(1), z.strictObject(score)),
        })
        .nullable(),
    },
  }
}
