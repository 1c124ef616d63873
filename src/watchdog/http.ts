import { errorLine, RingmasterError } from '../core/index.ts'

export type Json = Readonly<Record<string, unknown>>

export interface SignedRequest {
  readonly method: 'GET' | 'POST'
  readonly base: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly deadlineMs: number
}

/** One request, one JSON object. @throws RM_WATCHDOG_REQUEST for everything that is not that */
export async function requestJson({ method, base, path, headers, body, deadlineMs }: SignedRequest): Promise<Json> {
  let text = ''
  try {
    const answer = await fetch(`${base}${path}`, { method, headers: { ...headers, ...(body === null ? {} : { 'Content-Type': 'application/json' }) }, body, signal: AbortSignal.timeout(deadlineMs) })
    text = await answer.text()
    const parsed: unknown = JSON.parse(text)
    if (isObject(parsed)) return parsed
    throw new TypeError('the answer is no object')
  } catch (error) {
    throw new RingmasterError('RM_WATCHDOG_REQUEST', { method, path: pathOnly(path), reason: `${errorLine(error)}${text === '' ? '' : ` (${text.slice(0, 80)})`}` }, error)
  }
}

export const pathOnly = (path: string): string => path.split('?', 1)[0]!

export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The text of a field, '' when it is none. */
export function textOf(row: Json, field: string): string {
  const value = row[field]
  return typeof value === 'string' ? value : ''
}

/** A list of objects. @throws RM_WATCHDOG_ANSWER */
export function rowsOf(value: unknown, method: string, path: string): readonly Json[] {
  if (Array.isArray(value) && value.every(isObject)) return value
  throw new RingmasterError('RM_WATCHDOG_ANSWER', { method, path: pathOnly(path), what: 'a list of rows' })
}
