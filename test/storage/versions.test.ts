import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, idempotencyTable, migrateTo, readMigrations, type Sql, type Texts } from '../../src/storage/index.ts'
import { databaseAt, emptyDatabase } from './support/server.ts'

let database: Database

beforeAll(async () => {
  database = databaseAt(await emptyDatabase())
  await database.session((sql) => migrateTo(sql, readMigrations()))
}, 60_000)
afterAll(() => database.close())

const row = (key: string, result: string): Texts => ({ scope: 'test', key, state: 'claimed', result, claimed_at: '2026-01-01T00:00:00Z', expires_at: '2036-01-01T00:00:00Z' })

describe('ST-2: optimistic locking', () => {
  it('lets exactly one of two connections win that write from the same version, and the other retries from a fresh read', async () => {
    await database.session((sql) => idempotencyTable.save(sql, [{ values: row('race', '0'), expected: 0 }]))
    const write = (sql: Sql): Promise<string> => idempotencyTable.save(sql, [{ values: row('race', '1'), expected: 1 }]).then(() => 'won', (error: unknown) => (error as { code: string }).code)
    const ends = await database.session((left) => database.session((right) => Promise.all([write(left), write(right)])))
    expect(ends.toSorted()).toEqual(['RM_DATABASE_CONFLICT', 'won'])
    // Eight connections add one each: no addition is lost.
    await Promise.all(Array.from({ length: 8 }, () => database.session((sql) => idempotencyTable.update(sql, { scope: 'test', key: 'race' }, (old) => ({ result: String(Number(old!['result']) + 1) })))))
    const found = await database.session((sql) => idempotencyTable.find(sql, { scope: 'test', key: 'race' }))
    expect(found).toMatchObject({ version: 10, values: { result: '9' } })
  })

  it('refuses a write of an old version, a second first write, and a write of a row that is gone; nothing of the batch stays', async () => {
    await database.session(async (sql) => {
      await idempotencyTable.save(sql, [{ values: row('a', '1'), expected: 0 }])
      await expect(idempotencyTable.save(sql, [{ values: row('a', '2'), expected: 0 }])).rejects.toThrow('RM_DATABASE_CONFLICT: idempotency_cache test/a: expected version 0')
      await expect(idempotencyTable.save(sql, [{ values: row('gone', '2'), expected: 4 }])).rejects.toThrow('RM_DATABASE_CONFLICT')
      await sql.query('begin')
      await expect(idempotencyTable.save(sql, [{ values: row('b', '2'), expected: 0 }, { values: row('a', '2'), expected: 7 }])).rejects.toThrow('RM_DATABASE_CONFLICT')
      await sql.query('rollback')
      expect(await idempotencyTable.find(sql, { scope: 'test', key: 'b' })).toBeNull()
      expect(await idempotencyTable.find(sql, { scope: 'test', key: 'a' })).toMatchObject({ version: 1 })
    })
  })

  it('makes a row by update where there is none, and overwrites with saveCurrent whatever stands there', async () => {
    await database.session(async (sql) => {
      expect(await idempotencyTable.update(sql, { scope: 'test', key: 'new' }, (old) => ({ ...row('new', old === null ? '"first"' : '"second"') }))).toBe(1)
      await idempotencyTable.saveCurrent(sql, [row('new', '"third"'), row('newer', '1')])
      expect(await idempotencyTable.find(sql, { scope: 'test', key: 'new' })).toMatchObject({ version: 2, values: { result: '"third"' } })
      expect(await idempotencyTable.find(sql, { scope: 'test', key: 'newer' })).toMatchObject({ version: 1 })
    })
  })
})
