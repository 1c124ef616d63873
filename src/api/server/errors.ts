import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { errorLine, RingmasterError } from '../../core/index.ts'
import { apiErrors, type ApiErrorCode, type ErrorAnswer } from '../contract/index.ts'
import type { Say } from './settings.ts'

const isApiCode = (code: string): code is ApiErrorCode => Object.hasOwn(apiErrors, code)
/** Problems that are told of one request. */
const PROBLEMS_MAX = 20
const LOGIN_CODES: ReadonlySet<string> = new Set(['RM_API_UNAUTHORISED', 'RM_API_REFRESH_REUSED'])

export interface Refusal {
  readonly status: number
  readonly answer: ErrorAnswer
}

/** What a client hears of an error: its code and words where they are meant for it, and nothing of the inside otherwise. */
export function refusalOf(error: unknown, requestId: string, say: Say): Refusal {
  if (error instanceof RingmasterError && isApiCode(error.code)) {
    const seconds = error.details['seconds']
    const answer: ErrorAnswer = { code: error.code, message: error.message, action: LOGIN_CODES.has(error.code) ? 'login' : error.action, requestId }
    if (typeof seconds === 'number') answer.retryAfterS = seconds
    else if (error.code === 'RM_API_ENGINE_AWAY') answer.retryAfterS = 1
    return { status: apiErrors[error.code], answer }
  }
  const wrong = error as Partial<FastifyError>
  if (Array.isArray(wrong.validation)) {
    const where = wrong.validationContext ?? 'request'
    const problems = wrong.validation.slice(0, PROBLEMS_MAX).map((one) => ({ path: `${where}${one.instancePath === '' || one.instancePath === undefined ? '' : one.instancePath.replaceAll('/', '.')}`, problem: one.message ?? 'is not allowed' }))
    const coded = new RingmasterError('RM_API_REQUEST', { what: `the ${where} of this route`, problem: problems.map(({ path, problem }) => `${path} ${problem}`).join('; ') })
    return { status: 400, answer: { code: coded.code, message: coded.message, action: coded.action, requestId, problems } }
  }
  const known = byStatus(wrong)
  if (known !== null) return { status: apiErrors[known.code as ApiErrorCode], answer: { code: known.code, message: known.message, action: known.action, requestId } }
  say('error', 'a request failed', { requestId, error: error instanceof Error ? (error.stack ?? errorLine(error)) : String(error) })
  const coded = new RingmasterError('RM_API_INTERNAL', { requestId })
  return { status: 500, answer: { code: coded.code, message: coded.message, action: coded.action, requestId } }
}

/** Refusals of the server itself, before a route is reached. */
function byStatus({ statusCode, message = '' }: Partial<FastifyError>): RingmasterError | null {
  if (statusCode === 413) return new RingmasterError('RM_API_TOO_LARGE', { max: BODY_BYTES_MAX })
  if (statusCode === 415) return new RingmasterError('RM_API_MEDIA_TYPE', { found: 'another one' })
  if (statusCode === 429) return new RingmasterError('RM_API_RATE', { max: 'the allowed' })
  if (statusCode === 403) return new RingmasterError('RM_API_NOT_FOUND', { what: 'page', id: '' })
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500 ? new RingmasterError('RM_API_REQUEST', { what: 'this route', problem: message.slice(0, 200) }) : null
}

/** No body of a route is longer. */
export const BODY_BYTES_MAX = 16 << 10

export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, say: Say): FastifyReply {
  const { status, answer } = refusalOf(error, request.id, say)
  if (answer.retryAfterS !== undefined) void reply.header('retry-after', String(answer.retryAfterS))
  // Not through the schema of the route: an error has its own shape everywhere.
  return reply.code(status).header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-store').serializer((value: unknown) => JSON.stringify(value)).send(answer)
}
