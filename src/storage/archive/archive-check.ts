import { createHash } from 'node:crypto'
import type { Sql } from '../database/sql.ts'
import { factTables, ordersTable, positionsTable } from '../database/tables.ts'
import type { Texts } from '../database/texts.ts'
import { AUDIT_COLUMNS, AUDIT_TEXTS_SQL } from './audit-chain.ts'
import { ArchiveJournal } from './archive-journal.ts'

/** What tables and journal say of each other. */
export interface ArchiveReport {
  readonly records: number
  readonly orders: number
  readonly positions: number
  readonly trades: number
  /** The first differences, in words; none: the tables are what the journal says. */
  readonly differences: readonly string[]
}

const DIFFERENCES_MAX = 20
const BATCH_RECORDS = 5000
const PAGE_ROWS = 20_000

const digest = (texts: readonly (string | null)[]): string => createHash('sha1').update(JSON.stringify(texts)).digest('base64')

type Kind = 'order' | 'position' | 'trade' | 'funding' | 'audit'

const SOURCES: Readonly<Record<Kind, { readonly table: string; readonly key: string; readonly columns: Readonly<Record<string, string>> }>> = {
  order: { table: ordersTable.name, key: 'client_id', columns: ordersTable.columns },
  position: { table: positionsTable.name, key: 'position_id', columns: positionsTable.columns },
  trade: { table: 'trades', key: 'execution_id', columns: factTables.trades },
  funding: { table: 'funding_payments', key: 'execution_id', columns: factTables.funding_payments },
  audit: { table: 'audit_logs', key: 'sequence', columns: {} },
}

/**
 * Compares the tables of a journal with what its records say, up to the cursor: every order, position, execution and line of the audit,
 * column by column.
 * @throws RM_JOURNAL_…, RM_DATABASE_…
 */
export async function compareWithJournal(sql: Sql, journalPath: string, venue: string): Promise<ArchiveReport> {
  const journal = new ArchiveJournal(journalPath, 0)
  const differences: string[] = []
  const differ = (what: string): void => void (differences.length < DIFFERENCES_MAX && differences.push(what))
  const wanted: Record<Kind, Map<string, string>> = { order: new Map(), position: new Map(), trade: new Map(), funding: new Map(), audit: new Map() }
  const identity = journal.identity()
  const { rows: found } = await sql.query('select journal_id, next_sequence from journals where venue = $1 and fingerprint = $2 order by generation desc limit 1', [venue, identity?.fingerprint ?? ''])
  const id = found[0]?.['journal_id']
  const records = Number(found[0]?.['next_sequence'] ?? 0)
  if (id === undefined) differ('the journal is not in the tables')

  for (let left = records; left > 0; ) {
    const batch = journal.next(Math.min(left, BATCH_RECORDS))
    if (batch === null) {
      differ(`the journal has ${records - left} records where ${records} are archived`)
      break
    }
    left -= batch.to - batch.from
    const put = (kind: Exclude<Kind, 'audit'>, rows: readonly Texts[]): void => {
      const { key, columns } = SOURCES[kind]
      for (const row of rows) wanted[kind].set(row[key]!, digest(comparable(columns).map((column) => normal(columns[column]!, row[column] ?? null))))
    }
    put('order', batch.orders)
    put('position', batch.positions)
    put('trade', batch.trades)
    put('funding', batch.funding)
    for (let row = 0; row < batch.audit.count; row++) {
      const texts = batch.audit.texts(row)
      wanted.audit.set(texts[0]!, digest(texts.filter((_, column) => !isView(AUDIT_COLUMNS[column + 2]!))))
    }
    journal.done()
  }
  journal.close()

  for (const kind of Object.keys(wanted) as Kind[]) if (id !== undefined) await compare(sql, kind, Number(id), wanted[kind], differ)
  return { records, orders: wanted.order.size, positions: wanted.position.size, trades: wanted.trade.size, differences }
}

/** Columns of the audit that pick from its parameters: a later program picks more, and what it finds in rows of an earlier one is no difference. The chain has them. */
const isView = (column: string): boolean => column === 'signal' || column === 'indicators' || column === 'market'

/** Of the columns of a table, those that the journal says. */
const comparable = (columns: Readonly<Record<string, string>>): readonly string[] => Object.keys(columns).filter((column) => column !== 'journal_id')

/** One form for equal values. */
function normal(type: string, text: string | null): string | null {
  if (text === null) return null
  return type === 'double precision' ? String(Number(text)) : type === 'timestamptz' ? new Date(text).toISOString() : text
}

async function compare(sql: Sql, kind: Kind, journalId: number, wanted: ReadonlyMap<string, string>, differ: (what: string) => void): Promise<void> {
  const { table, key, columns } = SOURCES[kind]
  const names = kind === 'audit' ? AUDIT_COLUMNS.slice(2).filter((column) => !isView(column)) : comparable(columns)
  const texts = kind === 'audit' ? AUDIT_TEXTS_SQL : names.map((column) => (columns[column] === 'timestamptz' ? `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${column}` : `${column}::text as ${column}`)).join(', ')
  let seen = 0
  // Pages by the key, in the order of its index.
  const first = kind === 'position' || kind === 'audit' ? '-1' : ''
  const cast = kind === 'position' || kind === 'audit' ? 'bigint' : 'text'
  for (let after = first; ; ) {
    const { rows } = await sql.query(`select ${texts}, ${key}::text as key_text from ${table} where journal_id = $1 and ${table}.${key} > $2::${cast} order by ${table}.${key} limit ${PAGE_ROWS}`, [journalId, after])
    if (rows.length === 0) break
    for (const row of rows) {
      const id = row['key_text'] as string
      seen++
      const due = wanted.get(id)
      if (due === undefined) differ(`${kind} ${id} is in the tables and not in the journal`)
      else if (due !== digest(names.map((column) => normal(columns[column] ?? 'text', row[column] as string | null)))) differ(`${kind} ${id} is not as the journal says`)
      after = id
    }
  }
  if (seen < wanted.size) differ(`${wanted.size - seen} of ${wanted.size} rows of ${table} are missing`)
}
