import { RingmasterError } from '../../core/index.ts'
import type { Params } from '../common/in-turn.ts'
import { isObject, type Json } from '../common/json.ts'
import { MARKET, QUERY, type Urgency } from '../resilience/urgency.ts'
import type { BybitRest, LimitGroup, RestAnswer } from './rest.ts'
import type { BybitSettings } from './settings.ts'

const PAGES_MAX = 100

/** Reads that are complete or fail with a coded error; there is no half answer. */
export class BybitQueries {
  readonly #rest: BybitRest
  readonly #settings: BybitSettings
  readonly #urgency: Urgency | null

  readonly #again: boolean

  /** @param urgency of all of them; null: market data, or a query, by its endpoint. @param again repeated where that is safe */
  constructor(rest: BybitRest, settings: BybitSettings, urgency: Urgency | null = null, again = true) {
    this.#rest = rest
    this.#settings = settings
    this.#urgency = urgency
    this.#again = again
  }

  /** The same questions with another urgency. */
  as(urgency: Urgency, again = true): BybitQueries {
    return new BybitQueries(this.#rest, this.#settings, urgency, again)
  }

  /** @param done error RM_VENUE_REQUEST or RM_VENUE_REFUSED. */
  get(path: string, group: LimitGroup, signed: boolean, params: Params, done: (error: unknown, result: Json | null, timeMs: number) => void, deadlineMs = this.#settings.queryMs): void {
    const urgency = this.#urgency ?? (group === 'public' ? MARKET : QUERY)
    this.#rest.call({ method: 'GET', path, group, urgency, params, signed, deadlineMs, waitMs: deadlineMs, again: this.#again }, (answer) => {
      if (answer.kind === 'ok') done(null, answer.result, answer.timeMs)
      else done(answerError('GET', path, answer), null, Number.NaN)
    })
  }

  /** All rows of `result.list` over all pages. A page without a list is an error, not an empty one. */
  list(path: string, group: LimitGroup, signed: boolean, params: Params, done: (error: unknown, rows: readonly Json[]) => void): void {
    const rows: Json[] = []
    const seen = new Set<string>()
    let pages = 0
    const page = (cursor: string): void => {
      this.get(path, group, signed, cursor === '' ? params : [...params, ['cursor', cursor]], (error, result) => {
        if (result === null) {
          done(error, [])
          return
        }
        const list = result['list']
        if (!Array.isArray(list) || !list.every(isObject)) {
          done(new RingmasterError('RM_VENUE_REQUEST', { method: 'GET', path, reason: 'the answer has no list of rows' }), [])
          return
        }
        rows.push(...(list as Json[]))
        pages++
        const next = cursorOf(result['nextPageCursor'])
        // Some lists give a cursor with their last page too: an empty page or a repeated cursor ends it.
        if (next === '' || list.length === 0) done(null, rows)
        else if (seen.has(next) || pages >= PAGES_MAX) done(new RingmasterError('RM_VENUE_PAGES', { path, pages, rows: rows.length }), [])
        else {
          seen.add(next)
          page(next)
        }
      })
    }
    page('')
  }
}

/** The venue hands cursors out URL-encoded; they are encoded again when the query is written. */
function cursorOf(value: unknown): string {
  if (typeof value !== 'string') return ''
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** The coded error of an answer that is not `ok`. */
export function answerError(method: string, path: string, answer: Exclude<RestAnswer, { kind: 'ok' }>): RingmasterError {
  return answer.kind === 'refused'
    ? new RingmasterError('RM_VENUE_REFUSED', { method, path, code: answer.code, class: answer.errorClass, text: answer.text })
    : new RingmasterError('RM_VENUE_REQUEST', { method, path, reason: answer.reason })
}
