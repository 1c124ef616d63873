import { refuse, wrong } from './codes.ts'

/** The parameters of a GET. */
export class Query {
  readonly #fields: URLSearchParams

  constructor(raw: string) {
    this.#fields = new URLSearchParams(raw)
  }

  /** @returns '' when absent. */
  text(name: string): string {
    return (this.#fields.get(name) ?? '').slice(0, 200)
  }

  /** @throws Refused when it is no whole number in the range. */
  integer(name: string, otherwise: number, min: number, max: number): number {
    const text = this.text(name)
    if (text === '') return otherwise
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= min && value <= max)) refuse(wrong(name))
    return value
  }

  /** @throws Refused for a number of rows above the venue's bound, as it does itself. */
  limit(otherwise: number, max: number): number {
    return this.integer('limit', otherwise, 1, max)
  }
}

/** One page of rows, newest first: `after` asks for ids before that one, `before` for ids behind it. */
export function page<T>(rows: readonly T[], query: Query, idOf: (row: T) => string, limitDefault = 100, limitMax = 100): readonly T[] {
  const limit = query.limit(limitDefault, limitMax)
  const after = bound(query, 'after')
  const before = bound(query, 'before')
  const found: T[] = []
  for (const row of rows) {
    if (found.length === limit) break
    if (after === null && before === null) {
      found.push(row)
      continue
    }
    const id = BigInt(idOf(row))
    if ((after === null || id < after) && (before === null || id > before)) found.push(row)
  }
  return found
}

function bound(query: Query, name: string): bigint | null {
  const text = query.text(name)
  if (text === '') return null
  if (!/^\d{1,24}$/.test(text)) refuse(wrong(name))
  return BigInt(text)
}
