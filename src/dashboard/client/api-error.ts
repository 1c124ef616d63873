import type { ErrorAnswer } from '../../api/contract/index.ts'

/** An answer from 400 on, or none at all (status 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** `RM_…` of the gateway; `NO_ANSWER` when it was not reached, `NOT_JSON` for an answer that is not one of its own. */
  readonly code: string
  readonly answer: ErrorAnswer | null

  constructor(status: number, code: string, message: string, answer: ErrorAnswer | null = null) {
    super(message)
    this.status = status
    this.code = code
    this.answer = answer
  }

  /** It may go well if it is asked again as it is. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 429
  }
}

/** Reads the body of a bad answer; what is no error of the gateway becomes one that says so. */
export async function errorOf(response: Response, what: string): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null)
  if (isErrorAnswer(body)) {
    const problems = body.problems?.map(({ path, problem }) => `${path}: ${problem}`).join('; ')
    const words = [body.message, problems].filter((part) => part !== undefined && part !== '').join(' · ')
    return new ApiError(response.status, body.code, `${words} (${body.code})`, body)
  }
  return new ApiError(response.status, 'NOT_JSON', `${what} was answered with ${response.status} ${response.statusText}`.trim())
}

const isErrorAnswer = (body: unknown): body is ErrorAnswer =>
  typeof body === 'object' && body !== null && typeof (body as ErrorAnswer).code === 'string' && typeof (body as ErrorAnswer).message === 'string'
