import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AuditLines } from '../../src/storage/archive/audit-lines.ts'
import { CHAIN_START, chainHash } from '../../src/storage/archive/audit-chain.ts'
import { cleanText } from '../../src/storage/archive/jsonb-text.ts'
import { copyRows } from '../../src/storage/database/copy-text.ts'
import { type Database, migrateTo, positionsTable, readMigrations, type Texts } from '../../src/storage/index.ts'
import { asAdmin, databaseAt, emptyDatabase } from './support/server.ts'

let database: Database
let admin: Database

beforeAll(async () => {
  const url = await emptyDatabase()
  database = databaseAt(url)
  admin = databaseAt(asAdmin(url))
  await database.session((sql) => migrateTo(sql, readMigrations()))
}, 60_000)
afterAll(async () => {
  await database.close()
  await admin.close()
})

const field = fc.option(fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }).map(cleanText), fc.constantFrom('', '\\N', '\\.', '\\', '\t', '\r\n', '"', '\u007f', 'null')), { nil: null })

describe('rows that are copied in', { timeout: 60_000 }, () => {
  it('are the texts they were made from, whatever stands in them, in their order', async () => {
    await database.session(async (sql) => {
      await sql.query('create table copied (n integer generated always as identity, a text, b text)')
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 30 }), async (pairs) => {
          await sql.query('truncate copied restart identity')
          expect(await sql.copy('copy copied (a, b) from stdin', copyRows(['a', 'b'], pairs.map(([a, b]) => ({ a, b }))))).toBe(pairs.length)
          expect((await sql.query('select a, b from copied order by n')).rows.map((row) => [row['a'], row['b']])).toEqual(pairs)
        }),
        { numRuns: 60 },
      )
    })
  })

  it('are refused with a coded error when one does not fit, and the connection goes on', async () => {
    await database.session(async (sql) => {
      await sql.query('create table numbers (n integer primary key)')
      await expect(sql.copy('copy numbers from stdin', Buffer.from('1\nx\n'))).rejects.toThrow('RM_DATABASE_QUERY')
      await expect(sql.copy('copy numbers from stdin', Buffer.from('1\n1\n'))).rejects.toThrow('RM_DATABASE_CONFLICT')
      await expect(sql.copy('copy nowhere from stdin', Buffer.from('1\n'))).rejects.toThrow('RM_DATABASE_QUERY')
      expect(await sql.copy('copy numbers from stdin', Buffer.from(Array.from({ length: 100_000 }, (_, n) => `${n}\n`).join('')))).toBe(100_000)
      expect((await sql.query('select count(*) as n from numbers')).rows[0]!['n']).toBe(100_000)
    })
  })

  it('that stop in their middle because the server was ended leave nothing, and say that it is gone', async () => {
    await database.session((sql) => sql.query('create table half (n integer)'))
    const end = database.session(async (sql) => {
      const { rows } = await sql.query('select pg_backend_pid() as pid')
      await sql.query('begin; lock table half')
      const copying = sql.copy('copy half from stdin', Buffer.alloc(40_000_000, '123456\n'))
      await admin.session((other) => other.query('select pg_terminate_backend($1)', [rows[0]!['pid']]))
      return copying
    })
    await expect(end).rejects.toThrow('RM_DATABASE_UNREACHABLE')
    expect((await database.session((sql) => sql.query('select count(*) as n from half'))).rows[0]!['n']).toBe(0)
  })
})

describe('lines of the audit', () => {
  it('carry the hashes of the definition of the chain, whatever stands in them', () => {
    const texts = fc.array(fc.oneof(field, fc.jsonValue().map((value) => cleanText(JSON.stringify(value)))), { minLength: 1, maxLength: 18 })
    fc.assert(
      fc.property(fc.array(texts, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.integer({ min: 0, max: 2 ** 52 }), fc.integer({ min: 1, max: 7 }), (rows, journal, number, perStep) => {
        const lines = new AuditLines()
        for (const row of rows) lines.add(row)
        expect(rows.map((_, index) => lines.texts(index))).toEqual(rows)
        const steps = lines.chain(journal, { number, hash: CHAIN_START }, perStep)
        let step = steps.next()
        while (step.done !== true) step = steps.next()
        let previous = CHAIN_START
        const wanted = rows.map((row, index) => {
          const before = previous
          const own = [String(number + index + 1), String(journal), ...row]
          previous = chainHash(previous, own)
          const columns = [...own, `\\x${before.toString('hex')}`, `\\x${previous.toString('hex')}`]
          return copyRows(columns.map((_, column) => String(column)), [Object.fromEntries(columns.entries())]).toString()
        })
        expect(step.value.end).toEqual({ number: number + rows.length, hash: previous })
        expect(step.value.lines.toString()).toBe(wanted.join(''))
      }),
      { numRuns: 300 },
    )
  })
})

describe('closed positions added up by month', () => {
  it('follow rows that are added and changed by thousands in one statement, and journals stay', async () => {
    await database.session(async (sql) => {
      await sql.query("insert into journals (journal_id, venue, fingerprint, generation, began_at) values (9, 'bybit', 'sums', 1, now())")
      const row = (id: number, net: string, reason: string): Texts => ({
        journal_id: '9', position_id: String(id), symbol: 'BTCUSDT', status: 'closed', size: '0', entry_size: '1', opened_at: '2026-01-05T00:00:00Z', closed_at: id % 2 === 0 ? '2026-01-05T01:00:00Z' : '2026-02-05T01:00:00Z',
        realised: net, fees: '0.1', funding: '0', other_fees: '{}', closes: '1', exit_reason: reason, signal_type: 'model', plan: '{}', trace_id: '', changed_sequence: '1',
      })
      await positionsTable.saveCurrent(sql, Array.from({ length: 2000 }, (_, id) => row(id, id % 3 === 0 ? '1.5' : '-0.3', 'take-profit')))
      // Half of them change their reason and their result, and one comes anew.
      await positionsTable.saveCurrent(sql, Array.from({ length: 1001 }, (_, id) => row(2 * id, '0.7', 'stop-loss')))
      const sums = 'select month, exit_reason, count(*) as positions, count(*) filter (where net_pnl > 0) as wins, sum(net_pnl) as net from (select date_trunc($1, closed_at at time zone $2)::date as month, * from positions where journal_id = 9) p group by 1, 2 order by 1, 2'
      const { rows: counted } = await sql.query('select month, exit_reason, positions, wins, net_pnl as net from position_stats where journal_id = 9 and positions > 0 order by 1, 2')
      expect(counted).toEqual((await sql.query(sums, ['month', 'UTC'])).rows)
      expect(counted.length).toBe(2)
    })
    for (const text of ['delete from journals where journal_id = 9', 'truncate journals cascade']) await expect(database.session((sql) => sql.query(text)), text).rejects.toThrow('RM_DATABASE_REFUSED')
  })
})
