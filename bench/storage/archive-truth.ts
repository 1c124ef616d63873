import { join } from 'node:path'
import type { Random } from '../../src/core/index.ts'
import { type ArchiveReport, type AuditReport, compareWithJournal, Database, EmbeddedPostgres, type Sql, verifyAudit } from '../../src/storage/index.ts'

/** Lends the embedded database of a data folder to some work, as the user that may do everything; the server is ended afterwards. */
async function withServer<T>(dir: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const server = new EmbeddedPostgres({ dir: join(dir, 'data', 'postgres'), port: 0 })
  const url = new URL(await server.start())
  url.username = 'postgres'
  const database = new Database({ url: url.href, poolMax: 1, connectTimeoutMs: 10_000, statementTimeoutMs: 120_000 })
  try {
    return await database.session(work)
  } finally {
    await database.close()
    await server.stop()
  }
}

/** Compares every row of the tables with the journal beside them, and every hash with its row. */
export const lookAtTables = (dir: string, venue = 'bybit'): Promise<{ readonly audit: AuditReport; readonly tables: ArchiveReport }> =>
  withServer(dir, async (sql) => ({ audit: await verifyAudit(sql), tables: await compareWithJournal(sql, join(dir, 'data', 'journal', 'trading.journal'), venue) }))

/** Alters one byte of one row, as somebody may who switched the guards off, and looks whether it shows; takes it back. */
export const alteredByteFound = (dir: string, random: Random): Promise<boolean> =>
  withServer(dir, async (sql) => {
    const { rows } = await sql.query('select max(number) as last from audit_logs')
    const number = 1 + Math.floor(random.next() * Number(rows[0]!['last']))
    await sql.query('begin')
    await sql.query("set local session_replication_role = 'replica'")
    await sql.query(`update audit_logs set entity_id = overlay(entity_id placing chr(ascii(entity_id) # 1) from 1 for 1) where number = ${number}`)
    // Its own transaction cannot be begun inside of this one.
    const { problem } = await verifyAudit({ query: (text, values) => (/^(begin|commit|rollback|set transaction)/.test(text) ? Promise.resolve({ rows: [], count: 0 }) : sql.query(text, values)) })
    await sql.query('rollback')
    return problem?.number === number
  })
