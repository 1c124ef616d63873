import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, migrateTo, migrationStates, readMigrations, type Sql } from '../../src/storage/index.ts'
import { databaseAt, emptyDatabase } from './support/server.ts'

const known = readMigrations()
let database: Database

beforeAll(async () => {
  database = databaseAt(await emptyDatabase())
}, 60_000)
afterAll(() => database.close())

/** Everything that the schema consists of, as text: two schemas are the same when this is. */
async function schemaOf(sql: Sql): Promise<readonly string[]> {
  const { rows } = await sql.query(`
    select 'column ' || c.relname || '.' || attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull || ' ' || coalesce(pg_get_expr(adbin, adrelid), '') as line
      from pg_attribute a join pg_class c on c.oid = attrelid left join pg_attrdef d on adrelid = attrelid and adnum = attnum
      where relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped and relkind in ('r', 'p') and relname not like 'market_data_snapshots_2%'
    union all select 'index ' || indexdef from pg_indexes where schemaname = 'public' and indexname not like 'market_data_snapshots_2%'
    union all select 'constraint ' || conrelid::regclass::text || ' ' || pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace and conrelid::regclass::text not like 'market_data_snapshots_2%'
    union all select 'view ' || viewname || ' ' || definition from pg_views where schemaname = 'public'
    union all select 'function ' || pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace
    union all select 'trigger ' || pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
    union all select 'type ' || typname || ' ' || coalesce((select string_agg(enumlabel, ',' order by enumsortorder) from pg_enum where enumtypid = t.oid), '') from pg_type t where typnamespace = 'public'::regnamespace and typtype = 'e'
    union all select 'rights ' || relname || ' ' || coalesce(relacl::text, '') from pg_class where relname = 'audit_logs'
    order by 1`)
  return rows.map((row) => String(row['line']))
}

describe('migrations', () => {
  it('lead from every earlier version to the newest schema and back, and the schema is the same each time', async () => {
    await database.session(async (sql) => {
      expect(await migrateTo(sql, known)).toEqual(known.map((one) => one.name))
      const newest = await schemaOf(sql)
      expect(newest.length).toBeGreaterThan(150)
      const steps: (readonly string[])[] = []
      for (let version = known.length - 1; version >= 0; version--) {
        await migrateTo(sql, known, version)
        steps.unshift(await schemaOf(sql))
      }
      // Back at the beginning nothing is left but the list of what was applied.
      expect(steps[0]!.filter((line) => !line.includes('schema_migrations'))).toEqual([])
      for (let version = 1; version < known.length; version++) {
        await migrateTo(sql, known, version)
        expect(await schemaOf(sql)).toEqual(steps[version])
        expect(await migrateTo(sql, known)).toEqual(known.slice(version).map((one) => one.name))
        expect(await schemaOf(sql)).toEqual(newest)
        await migrateTo(sql, known, 0)
      }
      await migrateTo(sql, known)
    })
  })

  it('are run once, whoever runs them at the same time', async () => {
    await database.session((sql) => migrateTo(sql, known, 0))
    const runs = await Promise.all(Array.from({ length: 4 }, () => database.session((sql) => migrateTo(sql, known))))
    expect(runs.flat().toSorted()).toEqual(known.map((one) => one.name))
  })

  it('leave nothing behind when one fails in its middle, and go on from there', async () => {
    await database.session(async (sql) => {
      await migrateTo(sql, known, 2)
      const before = await schemaOf(sql)
      const broken = known.with(2, { ...known[2]!, up: `${known[2]!.up}; create table also_made (); select 1 / 0` })
      await expect(migrateTo(sql, broken)).rejects.toThrow('RM_DATABASE_QUERY')
      expect(await schemaOf(sql)).toEqual(before)
      expect(await migrateTo(sql, known)).toHaveLength(known.length - 2)
    })
  })

  it('refuse a database of a newer program, a step that was changed after it was applied, and a version that is none', async () => {
    await database.session(async (sql) => {
      await migrateTo(sql, known)
      await expect(migrateTo(sql, known.slice(0, 3))).rejects.toThrow(`RM_DATABASE_SCHEMA_NEWER: the database has schema version ${known.length}, this program knows 3`)
      await expect(migrationStates(sql, known.slice(0, 3))).rejects.toThrow('RM_DATABASE_SCHEMA_NEWER')
      await expect(migrateTo(sql, known.with(1, { ...known[1]!, checksum: 'ff' }))).rejects.toThrow('RM_DATABASE_MIGRATION: migration 0002-audit was applied as')
      for (const version of [-1, 1.5, known.length + 1]) await expect(migrateTo(sql, known, version)).rejects.toThrow('RM_DATABASE_MIGRATION')
      expect((await migrationStates(sql, known)).every((one) => one.appliedAt instanceof Date)).toBe(true)
    })
  })

  it('are refused as files when one has no way back or a number is left out', () => {
    const dir = mkdtempSync(join(tmpdir(), 'ringmaster-migrations-'))
    writeFileSync(join(dir, '0001-first.up.sql'), 'select 1')
    expect(() => readMigrations(dir)).toThrow('has no 0001-first.down.sql beside it')
    writeFileSync(join(dir, '0001-first.down.sql'), 'select 1')
    expect(readMigrations(dir)).toHaveLength(1)
    writeFileSync(join(dir, '0003-third.up.sql'), 'select 1')
    expect(() => readMigrations(dir)).toThrow('is number 0003 where 2 was due')
    rmSync(dir, { recursive: true })
  })
})
