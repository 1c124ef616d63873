import { createReadStream, createWriteStream, renameSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { errorLine, fail, RingmasterError } from '../../core/index.ts'
import { migrateTo } from './migrate.ts'
import type { Migration } from './migrations.ts'
import { inTransaction, type Sql } from './sql.ts'

/** In the order in which they can be filled; `position_stats` comes by itself. */
const TABLES = ['journals', 'positions', 'orders', 'trades', 'funding_payments', 'idempotency_cache', 'audit_logs', 'audit_chain', 'market_data_snapshots'] as const
const FORMAT = 1
const PAGE_ROWS = 2000
const KEEP_ALL_DAYS = 100_000

export type RowCounts = Readonly<Record<string, number>>

/** First line of a backup; last line: `{"end": counts}`. Between them `{"table": name}` and a JSON line for each of its rows. */
interface Header {
  readonly ringmaster_backup: number
  readonly schema: number
  readonly at: string
}

/**
 * Writes all tables to a file, as of one moment; whoever writes meanwhile is not held up. The file is moved to its place when it is whole.
 * @returns rows of each table
 * @throws RM_DATABASE_BACKUP when the file cannot be written
 */
export function writeBackup(sql: Sql, path: string, known: readonly Migration[]): Promise<RowCounts> {
  return inTransaction(sql, async () => {
    await sql.query('set transaction isolation level repeatable read read only')
    const { rows } = await sql.query('select max(version) as schema, now() as at from schema_migrations')
    const counts: Record<string, number> = {}
    const schema = Number(rows[0]!['schema'])
    if (schema > known.length) fail('RM_DATABASE_SCHEMA_NEWER', { found: schema, known: known.length })
    const header: Header = { ringmaster_backup: FORMAT, schema, at: (rows[0]!['at'] as Date).toISOString() }
    try {
      await pipeline(Readable.from(lines(sql, header, counts)), createGzip(), createWriteStream(`${path}.new`))
      renameSync(`${path}.new`, path)
    } catch (error) {
      rmSync(`${path}.new`, { force: true })
      if (error instanceof RingmasterError) throw error
      return fail('RM_DATABASE_BACKUP', { path, problem: errorLine(error) }, error)
    }
    return counts
  })
}

async function* lines(sql: Sql, header: Header, counts: Record<string, number>): AsyncGenerator<string> {
  yield `${JSON.stringify(header)}\n`
  for (const table of TABLES) {
    yield `${JSON.stringify({ table })}\n`
    counts[table] = 0
    await sql.query(`declare backup no scroll cursor for select row_to_json(t)::text as line from ${table} t`)
    for (;;) {
      const { rows } = await sql.query(`fetch ${PAGE_ROWS} from backup`)
      if (rows.length === 0) break
      counts[table] += rows.length
      yield rows.map((row) => `${String(row['line'])}\n`).join('')
    }
    await sql.query('close backup')
  }
  yield `${JSON.stringify({ end: counts })}\n`
}

/**
 * Fills an empty database from a backup: all of it or nothing. The schema is brought to that of the backup, then to the newest.
 * @returns rows of each table
 * @throws RM_DATABASE_BACKUP when the file is none or is cut off, or the database holds something already
 */
export async function restoreBackup(sql: Sql, path: string, known: readonly Migration[]): Promise<RowCounts> {
  const refuse = (problem: string, cause?: unknown): never => fail('RM_DATABASE_BACKUP', { path, problem }, cause)
  const source = createReadStream(path)
  const unpacked = createGunzip()
  const text = createInterface({ input: unpacked, crlfDelay: Number.POSITIVE_INFINITY })
  let broken: unknown = null
  // A damaged file ends the lines early: the last one is missing then.
  const done = pipeline(source, unpacked).catch((error: unknown) => {
    broken = error
    text.close()
  })
  const reader = text[Symbol.asyncIterator]()
  try {
    const first = await reader.next()
    const header = first.done === true ? null : parseHeader(first.value)
    if (header?.ringmaster_backup !== FORMAT) return refuse(broken === null ? 'it is no backup of this program' : errorLine(broken), broken)
    if (header.schema > known.length) fail('RM_DATABASE_SCHEMA_NEWER', { found: header.schema, known: known.length })
    const { rows } = await sql.query("select to_regclass('journals') is not null as there")
    if (rows[0]!['there'] === true && (await sql.query('select from journals limit 1')).count > 0) return refuse('the database is not empty: it goes into a new one only')
    await migrateTo(sql, known, header.schema)
    const counts = await inTransaction(sql, async () => {
      const found = await load(sql, reader)
      return found ?? refuse(broken === null ? 'it is cut off' : errorLine(broken), broken)
    })
    await migrateTo(sql, known)
    return counts
  } finally {
    text.close()
    // What nobody reads any more would wait for a reader.
    source.destroy()
    unpacked.destroy()
    await done
  }
}

function parseHeader(line: string): Header | null {
  try {
    return JSON.parse(line) as Header | null
  } catch {
    return null
  }
}

/** @returns null when the end is missing */
async function load(sql: Sql, reader: AsyncIterator<string>): Promise<RowCounts | null> {
  const counts: Record<string, number> = {}
  const days = new Set<string>()
  let table = ''
  let waiting: string[] = []
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return
    if (table === 'market_data_snapshots') await makeParts(sql, waiting, days)
    await insert(sql, table, waiting)
    counts[table] = (counts[table] ?? 0) + waiting.length
    waiting = []
  }
  for (;;) {
    const next = await reader.next()
    if (next.done === true) return null
    const line = next.value
    if (line.startsWith('{"table":') || line.startsWith('{"end":')) {
      await flush()
      const mark = JSON.parse(line) as { readonly table?: string; readonly end?: RowCounts }
      if (mark.end !== undefined) {
        await sql.query(`select setval(pg_get_serial_sequence('journals', 'journal_id'), coalesce((select max(journal_id) from journals), 0) + 1, false)`)
        return Object.entries(mark.end).every(([name, count]) => (counts[name] ?? 0) === count) ? counts : null
      }
      table = TABLES.find((name) => name === mark.table) ?? fail('RM_DATABASE_BACKUP', { path: 'row', problem: `table ${String(mark.table)} is not known` })
      counts[table] = 0
      continue
    }
    waiting.push(line)
    if (waiting.length === PAGE_ROWS) await flush()
  }
}

async function insert(sql: Sql, table: string, rows: readonly string[]): Promise<void> {
  if (table === 'audit_chain') await sql.query('delete from audit_chain')
  const { rows: columns } = await sql.query("select string_agg(quote_ident(attname), ', ' order by attnum) as names from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''", [table])
  const names = String(columns[0]!['names'])
  await sql.query(`insert into ${table} (${names}) select ${names} from jsonb_populate_recordset(null::${table}, $1::jsonb)`, [`[${rows.join(',')}]`])
}

/** Days of long ago have no partition yet. */
async function makeParts(sql: Sql, rows: readonly string[], days: Set<string>): Promise<void> {
  for (const row of rows) {
    const day = new Date((JSON.parse(row) as { readonly at: string }).at).toISOString().slice(0, 10)
    if (days.has(day)) continue
    days.add(day)
    await sql.query('select market_data_upkeep($1, $2, 0)', [`${day}T12:00:00Z`, KEEP_ALL_DAYS])
  }
}
