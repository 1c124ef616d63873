import { fail } from '../../core/index.ts'
import type { Sessions } from '../database/served-database.ts'
import { migrateTo } from '../database/migrate.ts'
import { readMigrations } from '../database/migrations.ts'
import { type CopySql, inTransaction, type Sql } from '../database/sql.ts'
import { copyFacts, factColumns, type FactTable, idempotencyTable, insertFacts, ordersTable, positionsTable } from '../database/tables.ts'
import { arrayText } from '../database/array-text.ts'
import { copyRows } from '../database/copy-text.ts'
import type { Texts } from '../database/texts.ts'
import { type ArchiveCursor, breathe } from './archive-journal.ts'
import type { ChainEnd } from './audit-lines.ts'
import type { ArchiveBatch } from './batch.ts'

/** A journal in the tables. */
export interface ArchivedJournal extends ArchiveCursor {
  readonly id: number
  readonly generation: number
}

export interface JournalName {
  readonly venue: 'bybit' | 'okx'
  /** Fingerprint of its first record. */
  readonly fingerprint: string
  readonly beganMs: number
}

/** Rows that are hashed between two looks at the answers of the server. */
const CHAIN_ROWS = 500
const JOURNAL = 'select journal_id as id, generation, next_sequence as next, last_record as "lastRecord" from journals'

/** The tables as the archive writes them. Every call is one transaction: all of it is there afterwards, or nothing. */
export class ArchiveStore {
  readonly #database: Sessions

  constructor(database: Sessions) {
    this.#database = database
  }

  /** Brings the schema up to date. @returns what was run @throws RM_DATABASE_… */
  migrate(): Promise<readonly string[]> {
    return this.#database.session((sql) => migrateTo(sql, readMigrations()))
  }

  /**
   * Finds the journal in the tables, or enters it.
   * @param alone no other engine uses this database: journals of the venue that came before are history
   */
  open(name: JournalName, alone: boolean): Promise<ArchivedJournal> {
    return this.#inTransaction(async (sql) => {
      const found = await sql.query(`${JOURNAL} where venue = $1 and fingerprint = $2 order by generation desc limit 1`, [name.venue, name.fingerprint])
      const journal = found.rows[0] === undefined ? await enter(sql, name, 1) : asJournal(found.rows[0])
      if (alone) await sql.query('update journals set superseded_at = coalesce(superseded_at, now()), version = version + 1 where venue = $1 and journal_id <> $2 and superseded_at is null', [name.venue, journal.id])
      return journal
    })
  }

  /** The journal took records back: what the tables have of it stays as history, and it is entered anew. */
  supersede(name: JournalName, old: ArchivedJournal): Promise<ArchivedJournal> {
    return this.#inTransaction(async (sql) => {
      const { count } = await sql.query('update journals set superseded_at = now(), version = version + 1 where journal_id = $1 and next_sequence = $2', [old.id, old.next])
      if (count !== 1) fail('RM_DATABASE_CURSOR', { journal: old.id, expected: old.next, found: 'another record' })
      return enter(sql, name, old.generation + 1)
    })
  }

  /** How far a journal is in the tables. */
  async cursor(journalId: number): Promise<ArchivedJournal> {
    const { rows } = await this.#database.session((sql) => sql.query(`${JOURNAL} where journal_id = $1`, [journalId]))
    if (rows[0] === undefined) return fail('RM_DATABASE_CURSOR', { journal: journalId, expected: 'a row', found: 'none: the tables were emptied' })
    return asJournal(rows[0])
  }

  /**
   * Writes a batch and moves the cursor behind it, in one transaction.
   * @throws RM_DATABASE_CURSOR when the tables are not where the batch begins; RM_DATABASE_CONFLICT when somebody changed a row of it
   *   meanwhile; after both nothing is written
   */
  append(journalId: number, batch: ArchiveBatch): Promise<void> {
    return this.#inTransaction(async (sql) => {
      // The journal is the truth: what a dead machine loses here is read from it again, together with the cursor.
      await sql.query('set local synchronous_commit = off')
      const chain = await sql.query('select last_number, last_hash, version from audit_chain for update')
      const moved = await sql.query('update journals set next_sequence = $3, last_record = $4, archived_at = now(), version = version + 1 where journal_id = $1 and next_sequence = $2', [journalId, batch.from, batch.to, batch.lastRecord])
      if (moved.count !== 1) fail('RM_DATABASE_CURSOR', { journal: journalId, expected: batch.from, found: 'another record' })
      const { last_number: number, last_hash: hash, version } = chain.rows[0]!
      const [{ end, lines }] = await Promise.all([chained(batch, journalId, { number: Number(number), hash: hash as Buffer }), writeRows(sql, journalId, batch)])
      await appendAudit(sql, end, lines, version)
    })
  }

  /** Adds pictures of the market; those that are there already, or older than what is kept, are left out. @returns how many were added */
  async addSnapshots(rows: readonly Texts[]): Promise<number> {
    if (rows.length === 0) return 0
    return this.#inTransaction(async (sql) => {
      await sql.query('set local synchronous_commit = off')
      return (await sql.query(`${insertFacts('market_data_snapshots')} on conflict do nothing`, arraysOf('market_data_snapshots', rows))).count
    })
  }

  /** Makes partitions ahead, drops what is older than it is kept. */
  async upkeep(keepDays: number): Promise<{ readonly form: string; readonly made: number; readonly dropped: number; readonly expired: number }> {
    return this.#database.session(async (sql) => {
      const { rows } = await sql.query('select market_data_form() as form, made, dropped from market_data_upkeep(now(), $1, 2)', [keepDays])
      const { count } = await sql.query('delete from idempotency_cache where expires_at < now()')
      return { form: String(rows[0]!['form']), made: Number(rows[0]!['made']), dropped: Number(rows[0]!['dropped']), expired: count }
    })
  }

  #inTransaction<T>(work: (sql: CopySql) => Promise<T>): Promise<T> {
    return this.#database.session((sql) => inTransaction(sql, () => work(sql)))
  }
}

const asJournal = (row: Readonly<Record<string, unknown>>): ArchivedJournal => ({ id: Number(row['id']), generation: Number(row['generation']), next: Number(row['next']), lastRecord: String(row['lastRecord']) })

async function enter(sql: Sql, { venue, fingerprint, beganMs }: JournalName, generation: number): Promise<ArchivedJournal> {
  const { rows } = await sql.query('insert into journals (venue, fingerprint, generation, began_at) values ($1, $2, $3, $4) returning journal_id as id, generation, next_sequence as next, last_record as "lastRecord"', [venue, fingerprint, generation, new Date(beganMs).toISOString()])
  return asJournal(rows[0]!)
}

const arraysOf = (table: FactTable, rows: readonly Texts[]): readonly string[] => factColumns[table].map((column) => arrayText(rows.map((row) => row[column] ?? null)))

async function writeRows(sql: CopySql, journalId: number, batch: ArchiveBatch): Promise<void> {
  const own = (row: Texts): Texts => ({ ...row, journal_id: String(journalId) })
  await positionsTable.saveCurrent(sql, batch.positions.map(own))
  await ordersTable.saveCurrent(sql, batch.orders.map(own))
  await idempotencyTable.saveCurrent(sql, batch.idempotency)
  await copyRowsInto(sql, 'trades', batch.trades.map(own))
  await copyRowsInto(sql, 'funding_payments', batch.funding.map(own))
}

async function copyRowsInto(sql: CopySql, table: FactTable, rows: readonly Texts[]): Promise<void> {
  if (rows.length > 0) await sql.copy(copyFacts(table), copyRows(factColumns[table], rows))
}

/** Copies the lines of a chain whose end the caller has locked, and moves that end. */
async function appendAudit(sql: CopySql, end: ChainEnd, lines: Buffer, version: unknown): Promise<void> {
  await sql.copy(copyFacts('audit_logs'), lines)
  const { count } = await sql.query('update audit_chain set last_number = $1, last_hash = $2, version = version + 1 where version = $3', [end.number, end.hash, version])
  if (count !== 1) fail('RM_DATABASE_CONFLICT', { table: 'audit_chain', key: 'end', expected: version })
}

/** Hashes in small parts: the server writes meanwhile, and its answers are taken at once. */
async function chained(batch: ArchiveBatch, journalId: number, end: ChainEnd): Promise<{ readonly end: ChainEnd; readonly lines: Buffer }> {
  const steps = batch.audit.chain(journalId, end, CHAIN_ROWS)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    await breathe()
  }
}
