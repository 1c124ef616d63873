import { AUDIT_COLUMNS, AUDIT_TEXTS_SQL, CHAIN_START, chainHash } from '../archive/audit-chain.ts'
import { inTransaction, type Sql } from './sql.ts'

const PAGE_ROWS = 5000

/** What became of looking at the whole audit. */
export interface AuditReport {
  readonly rows: number
  /** Hash of the last row, hexadecimal: kept elsewhere, it also shows that the whole chain was made anew. */
  readonly head: string
  /** The first row that is not as it was written, and what is wrong; null when all are. */
  readonly problem: { readonly number: number; readonly what: string } | null
}

/** Reads the audit from its first row to its last and computes every hash again, as of one moment. Changes nothing. */
export function verifyAudit(sql: Sql): Promise<AuditReport> {
  return inTransaction(sql, async () => {
    await sql.query('set transaction isolation level repeatable read read only')
    let number = 0
    let previous = CHAIN_START
    const report = (what: string | null): AuditReport => ({ rows: number, head: previous.toString('hex'), problem: what === null ? null : { number: number + 1, what } })
    for (;;) {
      const { rows } = await sql.query(`select ${AUDIT_TEXTS_SQL}, previous_hash, hash from audit_logs where audit_logs.number > $1 order by audit_logs.number limit ${PAGE_ROWS}`, [number])
      if (rows.length === 0) break
      for (const row of rows) {
        if (Number(row['number']) !== number + 1) return report(`it is missing: row ${String(row['number'])} stands in its place`)
        if (!(row['previous_hash'] as Buffer).equals(previous)) return report('it does not follow the row before it')
        const hash = chainHash(previous, AUDIT_COLUMNS.map((column) => row[column] as string | null))
        if (!hash.equals(row['hash'] as Buffer)) return report('it is not what was written: its hash does not fit')
        number++
        previous = hash
      }
    }
    const { rows: ends } = await sql.query('select last_number, last_hash from audit_chain')
    const end = ends[0]
    const last = Number(end?.['last_number'] ?? -1)
    if (end === undefined || last !== number || !(end['last_hash'] as Buffer).equals(previous)) return report(`rows are missing at the end: ${last} were written`)
    // Every record that the cursor has passed has its row.
    const { rows: gaps } = await sql.query('select journal_id, next_sequence, (select count(*) from audit_logs where audit_logs.journal_id = journals.journal_id) as found from journals')
    const gap = gaps.find((row) => row['next_sequence'] !== row['found'])
    return report(gap === undefined ? null : `journal ${String(gap['journal_id'])} has ${String(gap['found'])} rows where ${String(gap['next_sequence'])} records are archived`)
  })
}
