import { z } from 'zod'
import { timeMs } from './scalars.ts'

const password = z.string().min(1).max(256)

export const loginBody = z.strictObject({ password })
/** Kept in memory by the client; the refresh token comes as an HttpOnly cookie of the path `/auth`. */
export const session = z.object({ accessToken: z.string(), user: z.literal('operator'), expiresMs: timeMs })
export type Session = z.output<typeof session>
export const verified = z.object({ user: z.literal('operator'), expiresMs: timeMs })
/** The new one has 12 characters or more. Every session but this one ends. */
export const changePasswordBody = z.strictObject({ current: password, next: z.string().min(12).max(256) })
