import { createReadStream, createWriteStream, renameSync, rmSync } from 'node:fs'
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
  let checked: Checked
  try {
    checked = await check(path, known.length)
  } catch (error) {
    if (error instanceof RingmasterError) throw error
    return refuse(errorLine(error), error)
  }
  if (typeof checked === 'string') return refuse(checked)
  const { schema, counts } = checked
  const { rows } = await sql.query("select to_regclass('journals') is not null as there")
  if (rows[0]!['there'] === true && (await sql.query('select from journals limit 1')).count > 0) return refuse('the database is not empty: it goes into a new one only')
  await migrateTo(sql, known, schema)
  await inTransaction(sql, () => load(sql, path))
  await migrateTo(sql, known)
  return counts
}

type Checked = { readonly schema: number; readonly counts: RowCounts } | string

/** Reads the whole file before anything of it is written: what is cut off would meet a key of the database instead of its own end. */
async function check(path: string, known: number): Promise<Checked> {
  const counts: Record<string, number> = {}
  let schema = 0
  let table = ''
  let end: RowCounts | null = null
  for await (const line of linesOf(path)) {
    if (schema === 0) {
      const header = parseHeader(line)
      if (header?.ringmaster_backup !== FORMAT) return 'it is no backup of this program'
      schema = header.schema
      if (schema > known) fail('RM_DATABASE_SCHEMA_NEWER', { found: schema, known })
    } else if (isMark(line)) {
      const mark = JSON.parse(line) as Mark
      if (mark.end !== undefined) end = mark.end
      else {
        table = TABLES.find((name) => name === mark.table) ?? ''
        if (table === '') return `its table ${String(mark.table)} is not known`
        counts[table] = 0
      }
    } else counts[table] = (counts[table] ?? 0) + 1
  }
  if (schema === 0) return 'it is no backup of this program'
  if (end === null || !Object.entries(end).every(([name, count]) => (counts[name] ?? 0) === count)) return 'it is cut off'
  return { schema, counts }
}

/** The lines of a packed file. @throws what the disk says, and what is wrong with the packing */
async function* linesOf(path: string): AsyncGenerator<string> {
  const source = createReadStream(path)
  const unpacked = createGunzip()
  source.on('error', (error) => unpacked.destroy(error))
  source.pipe(unpacked).setEncoding('utf8')
  let rest = ''
  try {
    for await (const chunk of unpacked as AsyncIterable<string>) {
      const whole = (rest + chunk).split('\n')
      rest = whole.pop()!
      yield* whole
    }
    if (rest !== '') yield rest
  } finally {
    source.destroy()
  }
}

interface Mark {
  readonly table?: string
  readonly end?: RowCounts
}

const isMark = (line: string): boolean => line.startsWith('{"table":') || line.startsWith('{"end":')

function parseHeader(line: string): Header | null {
  try {
    return JSON.parse(line) as Header | null
  } catch {
    return null
  }
}

/** Writes the rows of a file that was checked. */
async function load(sql: Sql, path: string): Promise<void> {
  const days = new Set<string>()
  let table = ''
  let waiting: string[] = []
  let isHeader = true
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return
    if (table === 'market_data_snapshots') await makeParts(sql, waiting, days)
    await insert(sql, table, waiting)
    waiting = []
  }
  for await (const line of linesOf(path)) {
    if (isHeader) isHeader = false
    else if (isMark(line)) {
      await flush()
      table = (JSON.parse(line) as Mark).table ?? ''
    } else {
      waiting.push(line)
      if (waiting.length === PAGE_ROWS) await flush()
    }
  }
  await sql.query(`select setval(pg_get_serial_sequence('journals', 'journal_id'), coalesce((select max(journal_id) from journals), 0) + 1, false)`)
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
