import { z } from 'zod'

/** What a client should do about an error: call again later, look at the state first, change the request, sign in again, or tell a person. */
export const errorActions = ['retry', 'resync', 'reject', 'resolve', 'halt', 'login'] as const

/** The body of every answer from 400 on. */
export const errorAnswer = z.object({
  code: z.string(),
  message: z.string(),
  action: z.enum(errorActions),
  /** Names this request in the log of the gateway. */
  requestId: z.string(),
  /** Of a request that does not fit its schema: which field, and why. */
  problems: z.array(z.object({ path: z.string(), problem: z.string() })).optional(),
  /** Seconds after which it is worth to ask again: with 429 and 503. */
  retryAfterS: z.number().optional(),
})
export type ErrorAnswer = z.output<typeof errorAnswer>

/** Codes of the gateway, with the status they come with. */
export const apiErrors = {
  RM_API_REQUEST: 400,
  RM_API_UNAUTHORISED: 401,
  RM_API_TOKEN_EXPIRED: 401,
  RM_API_REFRESH_REUSED: 401,
  RM_API_PASSWORD: 401,
  RM_API_ORIGIN: 403,
  RM_API_PAPER_ONLY: 403,
  RM_API_NOT_FOUND: 404,
  RM_API_REFUSED: 409,
  RM_API_TOO_LARGE: 413,
  RM_API_MEDIA_TYPE: 415,
  RM_API_RATE: 429,
  RM_API_LOCKED: 429,
  RM_API_INTERNAL: 500,
  RM_API_VENUE: 502,
  RM_API_ENGINE_AWAY: 503,
} as const
export type ApiErrorCode = keyof typeof apiErrors
