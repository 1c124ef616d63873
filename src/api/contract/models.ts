import { z } from 'zod'
import { latency } from './health.ts'
import { timeMs, why } from './scalars.ts'

const number = z.number()
const text = z.string()

/** Drift of the active model, of the thread where it is worst. Shares are 0..1, null where too little is known yet. */
export const modelDrift = z.object({
  severity: z.enum(['none', 'low', 'medium', 'high', 'critical']),
  recommendation: text,
  /** Share of the features that drifted. */
  features: number.nullable(),
  /** The features furthest from their baseline, by the distance of their distributions. */
  worst: z.array(z.object({ name: text, distance: number })),
  /** Population stability index of the predictions. */
  predictionPsi: number.nullable(),
  /** Of predictions whose future is known by now, and on unseen data when the model was made. */
  accuracy: number.nullable(),
  testAccuracy: number.nullable(),
})
export type ModelDrift = z.output<typeof modelDrift>

/** A version that answers beside the active one and decides nothing. `matured`: answers whose future is known; accuracies are of these. */
export const modelShadow = z.object({ version: text, answers: number, agreement: number.nullable(), matured: number, accuracy: number.nullable(), activeAccuracy: number.nullable() })
export type ModelShadow = z.output<typeof modelShadow>

/** Use of the model, since this gateway began to listen; rates are null before the first decision. */
export const mlStatus = z.object({
  active: text.nullable(),
  folder: text,
  /** As the configuration has it: the model decides, or it must agree. */
  role: z.enum(['decides', 'validates']),
  decisions: number,
  runs: number,
  /** Decisions of entries that had no answer of the model. */
  fallbackRate: number.nullable(),
  /** Runs whose most likely side was that of the decision. */
  agreementRate: number.nullable(),
  inferenceNs: latency.nullable(),
  sinceMs: timeMs,
  /** Why the version that is meant to be active is not in use somewhere. */
  refused: text.nullable(),
  /** null: no model runs, or the supervisor has not told yet. */
  drift: modelDrift.nullable(),
  shadow: modelShadow.nullable(),
})
export type MlStatus = z.output<typeof mlStatus>

export const versionParams = z.object({ version: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i) })
export const model = z.object({
  version: text,
  active: z.boolean(),
  /** null: it passes every check of the registry. */
  problem: text.nullable(),
  created: text.nullable(),
  sha256: text.nullable(),
  features: number.nullable(),
  inputShape: z.array(number).nullable(),
  thresholds: z.object({ minProbability: number, minConfidence: number }).nullable(),
})
export type ModelRow = z.output<typeof model>
export const models = z.object({ items: z.array(model), active: text.nullable() })
export const activateBody = z.strictObject({ why })
/** `restart`: it is used from the next start of the inference actors on. */
export const activated = z.object({ version: text, inForce: z.enum(['now', 'restart']) })
