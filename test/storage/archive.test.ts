import * as fc from 'fast-check'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fail, money } from '../../src/core/index.ts'
import { compareWithJournal, type Database, jsonbText, migrateTo, ordersTable, readMigrations, type Sessions, snapshotRow, type Sql, verifyAudit } from '../../src/storage/index.ts'
import { apply, createState, MemoryJournal, type TradingState } from '../../src/trading/index.ts'
import { snapshot } from '../health/fixture.ts'
import { archiveAll, type PlayedJournal, playedJournal, sessionOf } from './support/archives.ts'
import { databaseAt, emptyDatabase } from './support/server.ts'

const root = mkdtempSync(join(tmpdir(), 'ringmaster-archive-'))
const path = join(root, 'trading.journal')
let played: PlayedJournal
let database: Database

beforeAll(async () => {
  played = playedJournal(21)
  writeFileSync(path, played.bytes)
  database = databaseAt(await emptyDatabase(), 8)
}, 60_000)
afterAll(async () => {
  await database.close()
  rmSync(root, { recursive: true })
})

const clear = (): Promise<unknown> =>
  database.session(async (sql) => {
    await migrateTo(sql, readMigrations(), 0)
    await migrateTo(sql, readMigrations())
  })

const fold = (): TradingState => {
  const state = createState()
  for (const record of played.records) apply(state, record)
  return state
}

async function expectWhole(journal = path): Promise<void> {
  const { audit, tables } = await database.session(async (sql) => ({ audit: await verifyAudit(sql), tables: await compareWithJournal(sql, journal, 'bybit') }))
  expect(tables.differences).toEqual([])
  expect(audit.problem).toBeNull()
}

/** Sums of the tables in the words of the books. */
async function booksOf(sql: Sql): Promise<unknown> {
  const { rows } = await sql.query('select symbol, sum(realised) as realised, sum(fees) as fees, sum(funding) as funding from positions group by symbol order by symbol')
  return rows.map((row) => [row['symbol'], money(String(row['realised'])).toFixed(), money(String(row['fees'])).toFixed(), money(String(row['funding'])).toFixed()])
}

describe('the archive', { timeout: 60_000 }, () => {
  it('has every order, position, execution and record, with the sums of the books', async () => {
    await clear()
    await archiveAll(sessionOf(database, path))
    await expectWhole()
    const state = fold()
    await database.session(async (sql) => {
      expect(await booksOf(sql)).toEqual([...state.symbols.values()].filter((one) => one.ledger.fills > 0).toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1)).map(({ symbol, ledger }) => [symbol, ledger.realised.toFixed(), ledger.fees.toFixed(), ledger.funding.toFixed()]))
      const { rows: fills } = await sql.query('select execution_id, fee::text, maker, position_id from trades order by sequence')
      const booked = played.records.filter((record) => record.kind === 'fill-booked')
      expect(fills.map((row) => [row['execution_id'], row['fee'], row['maker']])).toEqual(booked.map((fill) => [fill.executionId, fill.fee, fill.maker]))
      expect(fills.every((row) => row['position_id'] !== null)).toBe(true)
      const { rows: ends } = await sql.query("select client_id, status, filled from orders where ended_at is null")
      expect(ends.map((row) => String(row['client_id'])).toSorted()).toEqual([...state.symbols.values()].flatMap((one) => one.live.map((order) => order.clientId)).toSorted())
      // What is added up by month is what stands in the positions.
      const { rows: sums } = await sql.query("select (select sum(net_pnl) from exit_reasons) as by_reason, (select sum(net_pnl) from signal_effectiveness) as by_signal, (select sum(net_pnl) from positions where status = 'closed') as net, (select sum(positions) from exit_reasons)::bigint as counted, (select count(*) from positions where status = 'closed') as closed")
      expect(sums[0]!['by_reason']).toBe(sums[0]!['net'])
      expect(sums[0]!['by_signal']).toBe(sums[0]!['net'])
      expect(sums[0]!['counted']).toBe(sums[0]!['closed'])
      expect(Number(sums[0]!['closed'])).toBeGreaterThan(2)
    })
  })

  it('brings every record exactly once, whatever statement fails, and with its end unknown when the connection goes with the commit', async () => {
    for (const batchRecords of [11, 400]) {
      await clear()
      let statements = 0
      let failures = 0
      // Every fifth statement fails: before it was done, or, of a commit, after it was.
      const failSome = async (sql: Sql, text: string): Promise<void> => {
        const at = ++statements
        if (at % 5 > 0 || text === 'rollback' || failures >= 60) return
        failures++
        if (text === 'commit' && at % 2 === 0) await sql.query(text)
        fail('RM_DATABASE_UNREACHABLE', { where: 'test', reason: `statement ${at}: ${text.slice(0, 20)}` })
      }
      const failing: Sessions = {
        session: (work) =>
          database.session((sql) =>
            work({
              query: async (text, values) => {
                await failSome(sql, text)
                return sql.query(text, values)
              },
              lost: sql.lost,
              copy: async (text, rows) => {
                await failSome(sql, text)
                return sql.copy(text, rows)
              },
            }),
          ),
      }
      const session = sessionOf(failing, path, { batchRecords })
      for (let tries = 0; tries < 2000; tries++) {
        const end = await session.step().catch((error: unknown) => {
          if (!String(error).includes('RM_DATABASE_UNREACHABLE')) throw error
          return 'failed'
        })
        if (end === 'idle') break
      }
      expect(session.sequence).toBe(played.records.length)
      expect(failures).toBeGreaterThan(5)
      await expectWhole()
      session.close()
    }
  })

  it('goes on at any record in a new life, and gives the same tables for any size of its batches', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 400 }), async (lives, last) => {
        await clear()
        for (const batchRecords of lives) {
          const session = sessionOf(database, path, { batchRecords })
          for (let steps = 0; steps < 3; steps++) await session.step()
          session.close()
        }
        await archiveAll(sessionOf(database, path, { batchRecords: last }))
        await expectWhole()
      }),
      { numRuns: 4 },
    )
  })

  it('lets two archives of one journal write each record once: one wins, the other finds its place again', async () => {
    await clear()
    const both = [sessionOf(database, path, { batchRecords: 5 }), sessionOf(database, path, { batchRecords: 8 })]
    let conflicts = 0
    const run = async (session: (typeof both)[0]): Promise<void> => {
      for (;;) {
        const end = await session.step().catch((error: unknown) => {
          if (!/RM_DATABASE_(CURSOR|CONFLICT)/.test(String(error))) throw error
          conflicts++
          return 'again'
        })
        if (end === 'idle') return
      }
    }
    await Promise.all(both.map(run))
    expect(conflicts).toBeGreaterThan(0)
    await expectWhole()
  })

  it('reads again and retries when somebody else changed a row of its batch', async () => {
    await clear()
    const session = sessionOf(database, path, { batchRecords: 40 })
    await session.step()
    // Between its reading of the versions and its writing, another connection changes an order.
    let meddled = 0
    const meddling: Sessions = {
      session: (work) =>
        database.session((sql) =>
          work({
            lost: sql.lost,
            copy: (text, rows) => sql.copy(text, rows),
            query: async (text, values) => {
              const result = await sql.query(text, values)
              if (meddled === 0 && text.includes('join orders t') && result.rows.length > 0) {
                meddled++
                const { client_id, journal_id } = result.rows[0] as { client_id: string; journal_id: string }
                await database.session((other) => ordersTable.update(other, { journal_id, client_id }, () => ({ why: 'meddled' })))
              }
              return result as never
            },
          }),
        ),
    }
    const second = sessionOf(meddling, path, { batchRecords: 40 })
    let conflicts = 0
    for (let end = ''; end !== 'idle'; )
      end = await second.step().catch((error: unknown) => {
        expect(String(error)).toContain('RM_DATABASE_CONFLICT: orders')
        conflicts++
        return 'again'
      })
    expect([meddled, conflicts]).toEqual([1, 1])
    await expectWhole()
  })

  it('begins a new generation when the journal took records back, keeps the old one as history, and shows the new one only', async () => {
    await clear()
    const rewound = join(root, 'rewound.journal')
    const cut = played.records.findLastIndex((record) => record.kind === 'fill-booked')
    const half = new MemoryJournal()
    half.append(played.records.slice(0, cut + 1))
    writeFileSync(rewound, half.bytes())
    const session = sessionOf(database, rewound)
    await archiveAll(session)
    // The last fill is taken back, and others stand in its place.
    const other = new MemoryJournal()
    other.append([...played.records.slice(0, cut), ...played.records.slice(cut + 1)])
    writeFileSync(rewound, other.bytes())
    await archiveAll(session)
    await expectWhole(rewound)
    // A new life notices it by the fingerprint of the last record.
    writeFileSync(rewound, half.bytes())
    const words: string[] = []
    await archiveAll(sessionOf(database, rewound, { say: (_level, text) => void words.push(text) }))
    expect(words.some((text) => text.includes('is archived anew'))).toBe(true)
    await expectWhole(rewound)
    await database.session(async (sql) => {
      const { rows } = await sql.query('select generation, superseded_at is null as current, next_sequence from journals order by generation')
      expect(rows).toEqual([
        { generation: 1, current: false, next_sequence: cut + 1 },
        { generation: 2, current: false, next_sequence: played.records.length - 1 },
        { generation: 3, current: true, next_sequence: cut + 1 },
      ])
      const { rows: seen } = await sql.query('select count(distinct journal_id) as journals from closed_positions')
      expect(seen[0]!['journals']).toBe(1)
    })
  })

  it('keeps the journals of both venues apart in one database, and waits for a journal that is not there yet', async () => {
    await clear()
    const okx = join(root, 'okx.journal')
    const waiting = sessionOf(database, okx, { venue: 'okx' })
    expect(await waiting.step()).toBe('no-journal')
    await archiveAll(sessionOf(database, path))
    writeFileSync(okx, playedJournal(4, 5000).bytes)
    await archiveAll(waiting)
    await expectWhole()
    const { differences } = await database.session((sql) => compareWithJournal(sql, okx, 'okx'))
    expect(differences).toEqual([])
  })

  it('takes texts that no database takes: zeros, halves of characters, anything that a venue may say', async () => {
    await clear()
    const odd = join(root, 'odd.journal')
    const journal = new MemoryJournal()
    const text = 'a\0b \ud800 "quoted" \\ \n \u0007 ü€😀'
    journal.append(played.records.map((record) => (record.kind === 'order-refused' || record.kind === 'cancel-refused' ? { ...record, text } : record.kind === 'order-intended' ? { ...record, why: `${record.why} ${text}` } : record)))
    writeFileSync(odd, journal.bytes())
    await archiveAll(sessionOf(database, odd))
    await expectWhole(odd)
  })

  it('keeps pictures of the market once each, and drops them by age', async () => {
    await clear()
    const session = sessionOf(database, path)
    await archiveAll(session)
    const symbol = snapshot().symbols[0]!
    const atMs = Date.now()
    session.addSnapshots([snapshotRow('bybit', atMs, symbol), snapshotRow('bybit', atMs + 1000, symbol)])
    await session.flush()
    session.addSnapshots([snapshotRow('bybit', atMs, symbol)])
    await session.flush()
    await database.session(async (sql) => {
      const { rows } = await sql.query('select count(*) as n, min(last_price) as price from market_data_snapshots')
      expect(rows[0]).toEqual({ n: 2, price: symbol.lastPrice })
      expect((await sql.query("select market_data_form() as form")).rows[0]!['form']).toBe('native partitions')
      // 40 days later with 30 days kept.
      const { rows: kept } = await sql.query("select dropped, made from market_data_upkeep(now() + interval '40 days', 30, 2)")
      expect(kept[0]).toEqual({ dropped: 3, made: 3 })
      expect((await sql.query('select from market_data_snapshots')).count).toBe(0)
    })
  })
})

describe('jsonbText', () => {
  it('is what the database makes of any value', async () => {
    const anything = fc.jsonValue({ maxDepth: 3 }).chain((value) => fc.tuple(fc.constant(value), fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.oneof(fc.double(), fc.integer(), fc.string({ unit: 'binary', maxLength: 8 })), { noNullPrototype: true })))
    await database.session((sql) =>
      fc.assert(
        fc.asyncProperty(fc.array(anything, { minLength: 1, maxLength: 20 }), async (values) => {
          const texts = values.flat().map((value) => jsonbText(value))
          const { rows } = await sql.query('select t::jsonb::text as text from unnest($1::text[]) with ordinality as u(t, n) order by n', [texts])
          expect(rows.map((row) => row['text'])).toEqual(texts)
          expect(texts.map((text) => JSON.parse(text) as unknown)).toEqual(JSON.parse(JSON.stringify(values.flat()).replaceAll('\\u0000', '\\ufffd')))
        }),
        { numRuns: 60 },
      ),
    )
    expect(jsonbText({ bb: 1e-7, a: 1e21, c: undefined, ab: [Number.NaN, -0] })).toBe('{"a": 1000000000000000000000, "ab": [null, 0], "bb": 0.0000001}')
    // One key with a line break after two without.
    expect([jsonbText({ a: 1, b: 2 }), jsonbText({ 'a\nb': 3 })]).toEqual(['{"a": 1, "b": 2}', '{"a\\nb": 3}'])
  })
})
