import { refuse, wrong } from './codes.ts'

/** The parameters of a GET. */
export class Query {
  readonly #fields: ReadonlyMap<string, string>

  /** @throws Refused when an escape is broken. */
  constructor(raw: string) {
    const fields = new Map<string, string>()
    for (const pair of raw === '' ? [] : raw.split('&')) {
      const cut = pair.indexOf('=')
      try {
        const name = decodeURIComponent(cut < 0 ? pair : pair.slice(0, cut))
        fields.set(name, cut < 0 ? '' : decodeURIComponent(pair.slice(cut + 1).replaceAll('+', ' ')))
      } catch {
        refuse(wrong('query string invalid'))
      }
    }
    this.#fields = fields
  }

  /** @returns '' when absent. */
  text(name: string): string {
    return this.#fields.get(name) ?? ''
  }

  has(name: string): boolean {
    return this.text(name) !== ''
  }

  /** @throws Refused when it is no whole number in the range. */
  integer(name: string, otherwise: number, min: number, max: number): number {
    const text = this.text(name)
    if (text === '') return otherwise
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= min && value <= max)) refuse(wrong(`${name} invalid`))
    return value
  }

  /** @throws Refused when it is missing or another one. */
  linear(): void {
    if (this.text('category') !== 'linear') refuse({ code: 10001, text: 'Illegal category' })
  }

  /**
   * Start and end of a history window, ms, at most `daysMax` apart.
   * @throws Refused when the window is upside down or too wide.
   */
  window(nowMs: number, daysMax: number): { readonly fromMs: number; readonly toMs: number } {
    const spanMs = daysMax * 86_400_000
    const end = this.integer('endTime', -1, 0, Number.MAX_SAFE_INTEGER)
    const start = this.integer('startTime', -1, 0, Number.MAX_SAFE_INTEGER)
    const toMs = end >= 0 ? end : start >= 0 ? start + spanMs : nowMs
    const fromMs = start >= 0 ? start : toMs - spanMs
    if (fromMs > toMs) refuse(wrong('startTime is after endTime'))
    if (toMs - fromMs > spanMs) refuse(wrong(`the window between startTime and endTime is larger than ${daysMax} days`))
    return { fromMs, toMs }
  }
}

/**
 * One page of rows that each carry an id. The cursor names the last row given, so that rows which arrive meanwhile
 * neither repeat nor hide others.
 */
export function page<T>(rows: readonly T[], query: Query, limitDefault: number, limitMax: number, idOf: (row: T) => string): { readonly rows: readonly T[]; readonly nextPageCursor: string } {
  const limit = query.integer('limit', limitDefault, 1, limitMax)
  let cursor = query.text('cursor')
  // Clients hand back what they got as it is or encoded once more.
  if (cursor.includes('%')) cursor = new Query(`cursor=${cursor}`).text('cursor')
  let from = 0
  if (cursor !== '') {
    from = rows.findIndex((row) => idOf(row) === cursor) + 1
    if (from === 0) refuse(wrong('cursor invalid'))
  }
  const cut = rows.slice(from, from + limit)
  const more = from + limit < rows.length
  return { rows: cut, nextPageCursor: more ? encodeURIComponent(idOf(cut[cut.length - 1]!)) : '' }
}

