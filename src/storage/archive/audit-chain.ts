import { createHash } from 'node:crypto'
import { timeText } from './time-text.ts'

/** Columns of `audit_logs` that are hashed, in this order; what follows in the table are the hashes themselves. */
export const AUDIT_COLUMNS = [
  'number', 'journal_id', 'sequence', 'at', 'actor', 'action', 'entity_type', 'entity_id', 'symbol', 'trace_id', 'correlation_id', 'why',
  'old_value', 'new_value', 'parameters', 'signal', 'indicators', 'market', 'success', 'error',
] as const

/** A row as text, column by column as the database writes it; null for null. */
export type AuditTexts = readonly (string | null)[]

/** The columns as text in one form, whatever the settings of the connection are. */
export const AUDIT_TEXTS_SQL = AUDIT_COLUMNS.map((column) => (column === 'at' ? `to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at` : `${column}::text as ${column}`)).join(', ')

/** The hash before the first row. */
export const CHAIN_START: Buffer = Buffer.alloc(32)

/** A time as `AUDIT_TEXTS_SQL` gives it back. @param atMs wall time, ms */
export const auditTime = (atMs: number): string => `${timeText(atMs).slice(0, -1)}000Z`

/** SHA-256 over the hash before and the texts of a row; where a text ends is part of what is hashed. */
export function chainHash(previous: Buffer, texts: AuditTexts): Buffer {
  return createHash('sha256').update(previous).update(JSON.stringify(texts)).digest()
}
