import { z } from 'zod'
import { why } from './scalars.ts'

const text = z.string()

/** A fault that the built-in exchange can be asked for, with the fields that it takes. */
export const faultAction = z.object({ name: text, says: text, fields: z.array(z.object({ name: text, is: text, needed: z.boolean(), otherwise: z.unknown() })) })
export const faults = z.object({ venue: text, actions: z.array(faultAction), state: z.record(text, z.unknown()) })
export type Faults = z.output<typeof faults>
export const faultParams = z.object({ action: z.string().regex(/^[a-z-]{1,60}$/) })
export const faultBody = z.strictObject({ fields: z.record(z.string().max(60), z.union([z.string().max(200), z.number(), z.boolean(), z.null()])).default({}), why })
export const faultAnswer = z.object({ accepted: z.literal(true), answer: z.record(text, z.unknown()) })

export const actorParams = z.object({ id: z.string().min(1).max(80) })
/** `throw`: the actor fails; `loop`: its thread hangs; `abort`: the whole engine process dies. */
export const actorFaults = ['throw', 'loop', 'abort'] as const
export const killActorBody = z.strictObject({ fault: z.enum(actorFaults).default('throw'), why })

/** What must hold whatever is broken, and whether it does now. */
export const invariant = z.object({ name: text, holds: z.boolean(), found: text })
export const invariants = z.object({ items: z.array(invariant) })
export type Invariants = z.output<typeof invariants>
