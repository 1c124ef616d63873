import { fail } from '../../core/index.ts'
import type { Migration } from './migrations.ts'
import { inTransaction, type Sql } from './sql.ts'

/** One migrates at a time, over all processes; the number only has to be ours. */
const LOCK = 7_466_201

const TABLE = `create table if not exists schema_migrations (
  version integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())`

export interface MigrationState {
  readonly migration: Migration
  /** null: not yet. */
  readonly appliedAt: Date | null
}

interface AppliedRow {
  readonly [column: string]: unknown
  readonly version: number
  readonly name: string
  readonly checksum: string
  readonly applied_at: Date
}

/** What is applied and what is not. Changes nothing. @throws RM_DATABASE_SCHEMA_NEWER, RM_DATABASE_MIGRATION */
export async function migrationStates(sql: Sql, known: readonly Migration[]): Promise<readonly MigrationState[]> {
  const applied = await readApplied(sql)
  check(applied, known)
  return known.map((migration) => ({ migration, appliedAt: applied[migration.version - 1]?.applied_at ?? null }))
}

/**
 * Brings the schema to a version, each step in a transaction of its own: what failed has changed nothing, and the next call
 * goes on there.
 * @param target version to reach, up or down
 * @returns names of the steps that were run, in order
 * @throws RM_DATABASE_SCHEMA_NEWER when the database knows steps that this program does not; RM_DATABASE_MIGRATION when an applied step
 *   is not the one of this program
 */
export async function migrateTo(sql: Sql, known: readonly Migration[], target: number = known.length): Promise<readonly string[]> {
  if (!Number.isInteger(target) || target < 0 || target > known.length) fail('RM_DATABASE_MIGRATION', { name: `version ${target}`, problem: `is none of 0 to ${known.length}` })
  const done: string[] = []
  for (;;) {
    const step = await inTransaction(sql, async () => {
      await sql.query('select pg_advisory_xact_lock($1)', [LOCK])
      await sql.query(TABLE)
      const applied = await readApplied(sql)
      check(applied, known)
      if (applied.length === target) return null
      const up = applied.length < target
      const migration = known[up ? applied.length : applied.length - 1]!
      await sql.query(up ? migration.up : migration.down)
      if (up) await sql.query('insert into schema_migrations (version, name, checksum) values ($1, $2, $3)', [migration.version, migration.name, migration.checksum])
      else await sql.query('delete from schema_migrations where version = $1', [migration.version])
      return migration.name
    })
    if (step === null) return done
    done.push(step)
  }
}

async function readApplied(sql: Sql): Promise<readonly AppliedRow[]> {
  const { rows: found } = await sql.query("select to_regclass('schema_migrations') is not null as there")
  if (found[0]!['there'] !== true) return []
  return (await sql.query<AppliedRow>('select version, name, checksum, applied_at from schema_migrations order by version')).rows
}

function check(applied: readonly AppliedRow[], known: readonly Migration[]): void {
  if (applied.length > known.length) fail('RM_DATABASE_SCHEMA_NEWER', { found: applied.length, known: known.length })
  for (const [index, row] of applied.entries()) {
    const own = known[index]!
    if (row.version !== own.version || row.checksum !== own.checksum)
      fail('RM_DATABASE_MIGRATION', { name: own.name, problem: `was applied as ${row.name} (version ${row.version}, checksum ${row.checksum.slice(0, 12)}) where ${own.checksum.slice(0, 12)} is known` })
  }
}
