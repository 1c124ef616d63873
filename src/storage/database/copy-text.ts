import type { Texts } from './texts.ts'

const SPECIAL = /[\\\t\n\r]/
const EVERY_SPECIAL = /[\\\t\n\r]/g
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** A value in the text format of COPY; null for null. */
export const copyField = (value: string | null): string => (value === null ? '\\N' : SPECIAL.test(value) ? value.replace(EVERY_SPECIAL, (one) => ESCAPES[one]!) : value)

/** Rows in the text format of COPY. @param columns in their order; a row without one has null there */
export function copyRows(columns: readonly string[], rows: readonly Texts[]): Buffer {
  let text = ''
  for (const row of rows) {
    for (let index = 0; index < columns.length; index++) text += (index === 0 ? '' : '\t') + copyField(row[columns[index]!] ?? null)
    text += '\n'
  }
  return Buffer.from(text)
}
