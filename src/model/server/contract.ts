import { z } from 'zod'
import { SEVERITIES } from '../drift/index.ts'

/** Windows of one request. */
export const WINDOWS_MAX = 64

const window = z.array(z.array(z.number())).min(1)

/** A window: rows, oldest first, each the raw features in the order of the model. `featureHash`, where given, must be the model's. */
export const predictBody = z.strictObject({ window, featureHash: z.string().optional() })
export const batchBody = z.strictObject({ windows: z.array(window).min(1).max(WINDOWS_MAX), featureHash: z.string().optional() })
export const reloadBody = z.strictObject({ why: z.string().max(500).default('') }).default({ why: '' })

export const prediction = z.object({
  /** Of the model that made it. */
  version: z.string(),
  direction: z.enum(['sell', 'hold', 'buy']),
  probabilities: z.object({ sell: z.number(), hold: z.number(), buy: z.number() }),
  confidence: z.number(),
  expectedReturn: z.number(),
})
export const batchAnswer = z.object({ predictions: z.array(prediction) })
export const health = z.object({
  status: z.enum(['ok', 'degraded']),
  active: z.string().nullable(),
  shadow: z.string().nullable(),
  error: z.string().nullable(),
  answers: z.number(),
  failures: z.number(),
  meanRunNs: z.number(),
  drift: z.enum(SEVERITIES).nullable(),
})
export const models = z.object({
  models: z.array(
    z.object({
      version: z.string(),
      state: z.enum(['active', 'shadow', 'archived', 'registered']),
      created: z.string(),
      features: z.object({ count: z.number(), hash: z.string() }),
      window: z.object({ steps: z.number(), stepMs: z.number() }),
      accuracy: z.number().nullable(),
      sha256: z.string(),
    }),
  ),
})
export const reloaded = z.object({ active: z.string(), before: z.string().nullable(), runMs: z.number() })
/** The same coded errors as everywhere; `action` says what the caller should do. */
export const failure = z.object({ error: z.object({ code: z.string(), action: z.string(), message: z.string() }) })

export type Prediction = z.infer<typeof prediction>
