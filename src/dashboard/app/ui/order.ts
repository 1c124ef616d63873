import { compareDecimals } from '../format/index.ts'

/** Orders of rows for the headings of tables: ascending, unknown first. */
export const byText = <T>(of: (row: T) => string | null) => (a: T, b: T): number => {
  const [left, right] = [of(a) ?? '', of(b) ?? '']
  return left < right ? -1 : left > right ? 1 : 0
}

export const byNumber = <T>(of: (row: T) => number | null | undefined) => (a: T, b: T): number => {
  const [left, right] = [of(a) ?? Number.NEGATIVE_INFINITY, of(b) ?? Number.NEGATIVE_INFINITY]
  return left < right ? -1 : left > right ? 1 : 0
}

export const byDecimal = <T>(of: (row: T) => string | null | undefined) => (a: T, b: T): number => compareDecimals(of(a), of(b))
