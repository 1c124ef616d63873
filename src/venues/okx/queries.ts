import { RingmasterError } from '../../core/index.ts'
import { MARKET, QUERY, type Urgency } from '../resilience/urgency.ts'
import { GROUP_OF, type LimitGroup } from './limits.ts'
import type { OkxRest, RestAnswer } from './rest.ts'
import type { OkxSettings } from './settings.ts'
import { isObject, type Json } from '../common/json.ts'
import type { Params } from '../common/in-turn.ts'

const PAGES_MAX = 100
/** Rows of one page, the most that the venue gives. */
const PAGE_ROWS = 100

/** Reads that are complete or fail with a coded error; there is no half answer. */
export class OkxQueries {
  readonly #rest: OkxRest
  readonly #settings: OkxSettings
  readonly #urgency: Urgency | null
  readonly #again: boolean

  /** @param urgency of all of them; null: market data, or a query, by its endpoint. @param again repeated where that is safe */
  constructor(rest: OkxRest, settings: OkxSettings, urgency: Urgency | null = null, again = true) {
    this.#rest = rest
    this.#settings = settings
    this.#urgency = urgency
    this.#again = again
  }

  /** The same questions with another urgency. */
  as(urgency: Urgency, again = true): OkxQueries {
    return new OkxQueries(this.#rest, this.#settings, urgency, again)
  }

  /** @param done the refusal itself where the venue refused, and the coded error (RM_VENUE_REQUEST, RM_VENUE_REFUSED) of any failure. */
  get(path: string, group: LimitGroup, signed: boolean, params: Params, done: (error: unknown, data: readonly unknown[], answer: RestAnswer) => void, deadlineMs = this.#settings.queryMs): void {
    const urgency = this.#urgency ?? (GROUP_OF[group] === 'market' ? MARKET : QUERY)
    this.#rest.call({ method: 'GET', path, group, urgency, params, signed, deadlineMs, waitMs: deadlineMs, again: this.#again }, (answer) => {
      if (answer.kind === 'ok') done(null, answer.data, answer)
      else done(answerError('GET', path, answer), [], answer)
    })
  }

  /** As `get`, where every row must be an object. */
  rows(path: string, group: LimitGroup, signed: boolean, params: Params, done: (error: unknown, rows: readonly Json[], answer: RestAnswer) => void, deadlineMs = this.#settings.queryMs): void {
    this.get(path, group, signed, params, (error, data, answer) => {
      if (error !== null) done(error, [], answer)
      else if (!data.every(isObject)) done(new RingmasterError('RM_VENUE_REQUEST', { method: 'GET', path, reason: 'the answer has a row that is no object' }), [], answer)
      else done(null, data, answer)
    }, deadlineMs)
  }

  /** All rows over all pages, newest first, each page older than the id of the last row before. */
  pages(path: string, group: LimitGroup, params: Params, idField: string, done: (error: unknown, rows: readonly Json[]) => void): void {
    const found: Json[] = []
    const seen = new Set<string>()
    let pages = 0
    const page = (after: string): void => {
      this.rows(path, group, true, [...params, ['limit', String(PAGE_ROWS)], ...(after === '' ? [] : [['after', after] as const])], (error, rows) => {
        if (error !== null) {
          done(error, [])
          return
        }
        found.push(...rows)
        pages++
        if (rows.length < PAGE_ROWS) {
          done(null, found)
          return
        }
        const next = rows.at(-1)![idField]
        if (typeof next !== 'string' || next === '' || seen.has(next) || pages >= PAGES_MAX) done(new RingmasterError('RM_VENUE_PAGES', { path, pages, rows: found.length }), [])
        else {
          seen.add(next)
          page(next)
        }
      })
    }
    page('')
  }
}

/** The coded error of an answer that is not `ok`. */
export function answerError(method: string, path: string, answer: Exclude<RestAnswer, { kind: 'ok' }>): RingmasterError {
  return answer.kind === 'refused'
    ? new RingmasterError('RM_VENUE_REFUSED', { method, path, code: answer.code, class: answer.errorClass, text: answer.text })
    : new RingmasterError('RM_VENUE_REQUEST', { method, path, reason: answer.reason })
}
