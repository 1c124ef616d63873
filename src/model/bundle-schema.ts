import { createRequire } from 'node:module'
import type { ZodType } from 'zod'
import type { BundleMeta } from './bundle.ts'

export const MODEL_FILE = 'model.onnx'
/** A version is a folder name: nothing that could leave the folder of the registry, nor hide in it. */
export const VERSION = /^[a-z0-9][a-z0-9._-]{0,63}$/i
const SHA256 = /^[0-9a-f]{64}$/

let schema: ZodType<BundleMeta> | null = null

/**
 * The shape of `bundle.json`. zod is loaded at the first call: it takes 75 ms of processor time, which every thread of an
 * engine that starts anew would spend before it can trade, with a model or without.
 */
export function bundleSchema(): ZodType<BundleMeta> {
  if (schema !== null) return schema
  const { z } = createRequire(import.meta.url)('zod') as typeof import('zod')
  const fraction = z.number().min(0).max(1)
  schema = z.strictObject({
    format: z.literal(1),
    version: z.string().regex(VERSION),
    created: z.iso.datetime(),
    model: z.strictObject({ file: z.literal(MODEL_FILE), sha256: z.string().regex(SHA256) }),
    features: z.strictObject({ names: z.array(z.string().min(1)).min(1), hash: z.string().regex(SHA256) }),
    input: z.strictObject({ name: z.string().min(1), shape: z.tuple([z.int().positive(), z.int().positive()]), stepMs: z.number().min(0) }),
    outputs: z.strictObject({ directionLogits: z.string().min(1), confidence: z.string().min(1), expectedReturn: z.string().min(1) }),
    thresholds: z.strictObject({ minProbability: fraction, minConfidence: fraction }),
  })
  return schema
}
