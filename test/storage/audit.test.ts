import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareWithJournal, type Database, explainOrder, readMigrations, restoreBackup, tellStory, verifyAudit, writeBackup } from '../../src/storage/index.ts'
import { type DecisionBasis, MemoryJournal, type OrderIntended, type TradingRecord } from '../../src/trading/index.ts'
import { archiveAll, type PlayedJournal, playedJournal, sessionOf } from './support/archives.ts'
import { asAdmin, databaseAt, emptyDatabase } from './support/server.ts'

const root = mkdtempSync(join(tmpdir(), 'ringmaster-audit-'))
const path = join(root, 'trading.journal')
let played: PlayedJournal
let database: Database
let admin: Database

beforeAll(async () => {
  played = playedJournal(21)
  writeFileSync(path, played.bytes)
  const url = await emptyDatabase()
  database = databaseAt(url)
  admin = databaseAt(asAdmin(url))
  await archiveAll(sessionOf(database, path, { batchRecords: 100 }))
}, 60_000)
afterAll(async () => {
  await database.close()
  await admin.close()
  rmSync(root, { recursive: true })
})

describe('ST-5: the audit', { timeout: 60_000 }, () => {
  it('has a row for every record: who, what, when, why, old and new value, signal, market, trace, success', async () => {
    const { rows } = await database.session((sql) => sql.query('select * from audit_logs order by number'))
    expect(rows.map((row) => [row['number'], row['sequence'], row['action'], (row['at'] as Date).getTime()])).toEqual(played.records.map((record, index) => [index + 1, index, record.kind, record.atMs]))
    for (const [index, record] of played.records.entries()) {
      const { kind: _kind, atMs: _atMs, ...parameters } = record
      expect(rows[index]!['parameters']).toEqual(JSON.parse(JSON.stringify(parameters)))
    }
    const intents = rows.filter((row) => row['action'] === 'order-intended' && (row['parameters'] as { purpose: string }).purpose === 'entry')
    expect(intents.length).toBeGreaterThan(3)
    for (const row of intents) {
      expect(row).toMatchObject({ actor: 'engine', entity_type: 'order', success: true, signal: { type: 'model', confidence: 0.9 }, old_value: null, new_value: { status: 'Pending' } })
      expect((row['market'] as { regime: string }).regime).toBe((row['parameters'] as { plan: { regime: string } }).plan.regime)
      expect(row['trace_id']).not.toBeNull()
      expect(row['why']).not.toBe('')
    }
    const failed = rows.filter((row) => row['success'] === false)
    expect(failed.length).toBeGreaterThan(0)
    expect(rows.every((row) => (row['error'] === null) === row['success'])).toBe(true)
    expect(failed.every((row) => ['order-unknown', 'order-hanging', 'order-absent', 'order-unsent', 'order-refused', 'cancel-refused', 'protection-failed', 'protection-alarm', 'transition-refused'].includes(String(row['action'])))).toBe(true)
    const moved = rows.filter((row) => row['action'] === 'fill-booked' && row['entity_type'] === 'order')
    expect(moved.some((row) => (row['old_value'] as { status: string }).status !== (row['new_value'] as { status: string }).status)).toBe(true)
    expect(rows.some((row) => row['actor'] === 'stranger')).toBe(true)
  })

  it('cannot be changed, emptied or cut by its owner, nor by one who may do everything', async () => {
    for (const text of ["update audit_logs set why = ''", 'delete from audit_logs', 'truncate audit_logs', 'truncate audit_logs, audit_chain', 'delete from audit_logs where number = 3']) {
      await expect(database.session((sql) => sql.query(text)), text).rejects.toThrow('RM_DATABASE_REFUSED')
      await expect(admin.session((sql) => sql.query(text)), text).rejects.toThrow('audit_logs is append-only')
    }
    expect(await database.session((sql) => verifyAudit(sql))).toMatchObject({ rows: played.records.length, problem: null })
  })

  it('shows any single alteration, by whoever switched its guards off: each column, a row left out, slipped in, or cut off at the end', async () => {
    const alterations = [
      "update audit_logs set why = why || ' ' where number = 5",
      "update audit_logs set at = at + interval '1 microsecond' where number = 5",
      "update audit_logs set parameters = jsonb_set(parameters, '{atNs}', '1') where number = 5",
      'update audit_logs set success = not success where number = 5',
      "update audit_logs set error = '' where number = 5",
      "update audit_logs set actor = 'Engine' where number = 5",
      "update audit_logs set symbol = coalesce(symbol, '') || 'x' where number = 5",
      "update audit_logs set trace_id = coalesce(trace_id, '') || 'x' where number = 5",
      "update audit_logs set entity_id = entity_id || '0' where number = 5",
      "update audit_logs set action = 'order-seen', entity_type = 'x' where number = 5",
      "update audit_logs set old_value = '{}' where number = 5",
      "update audit_logs set market = '{}', signal = '{}', indicators = null where number = 5",
      "update audit_logs set hash = set_byte(hash, 7, get_byte(hash, 7) # 1) where number = 5",
      "update audit_logs set previous_hash = set_byte(previous_hash, 31, get_byte(previous_hash, 31) # 128) where number = 5",
      'delete from audit_logs where number = 5',
      'delete from audit_logs where number = (select max(number) from audit_logs)',
    ]
    for (const text of alterations)
      await admin.session(async (sql) => {
        await sql.query('begin')
        await sql.query("set local session_replication_role = 'replica'")
        expect((await sql.query(text)).count, text).toBe(1)
        const report = await verifyAudit({ query: (statement, values) => (/^(begin|commit|rollback|set transaction)/.test(statement) ? Promise.resolve({ rows: [], count: 0 }) : sql.query(statement, values)) })
        expect(report.problem?.number, text).toBe(text.includes('max(number)') ? played.records.length : 5)
        await sql.query('rollback')
      })
    expect((await database.session((sql) => verifyAudit(sql))).problem).toBeNull()
  })

  it('leads from any order, venue id or execution to its whole story, in words with decimals', async () => {
    const { rows } = await database.session((sql) => sql.query("select o.client_id, o.venue_order_id, t.execution_id from orders o join trades t using (journal_id, client_id) join positions p using (journal_id) where p.position_id = o.position_id and p.status = 'closed' and o.purpose = 'entry' and o.venue_order_id <> '' order by o.intended_at limit 1"))
    const { client_id, venue_order_id, execution_id } = rows[0] as { client_id: string; venue_order_id: string; execution_id: string }
    const stories = await database.session(async (sql) => [await explainOrder(sql, client_id), await explainOrder(sql, venue_order_id), await explainOrder(sql, execution_id)])
    expect(stories[1]).toEqual(stories[0])
    expect(stories[2]).toEqual(stories[0])
    const actions = stories[0]!.chain.map((link) => link.action)
    expect(actions[0]).toBe('order-intended')
    expect(actions.filter((one) => one === 'order-intended').length).toBeGreaterThan(1)
    expect(actions).toContain('fill-booked')
    const words = tellStory(stories[0]!).join('\n')
    expect(words).toContain(`order ${client_id} (bybit: ${venue_order_id}): entry`)
    expect(words).toMatch(/why: model (Buy|Sell) at 0\.9000/)
    expect(words).toMatch(/result: -?[\d.]+ realised, -?[\d.]+ fees, -?[\d.]+ funding, -?[\d.]+ net/)
    expect(words).not.toMatch(/\d ticks|\d lots of/)
    expect(await database.session((sql) => explainOrder(sql, 'nobody'))).toBeNull()
  })
})

describe('an order with a basis', { timeout: 60_000 }, () => {
  it('has votes, model, stop and settings in the audit and in its story; one without has less and nothing made up', async () => {
    const based = join(root, 'based.journal')
    const journal = new MemoryJournal()
    const basis: DecisionBasis = { reason: 'consensus', vectorSequence: 71, votes: { imbalance: 0.62, momentum: -0.25 }, leftOut: ['sar_wave'], model: { sell: 0.1, hold: 0.2, buy: 0.7, confidence: 0.7 }, config: '00c0ffee' }
    const first = played.records.find((record) => record.kind === 'order-intended' && record.purpose === 'entry') as OrderIntended
    // The others are as a journal of before has them.
    const before = (record: TradingRecord): TradingRecord => {
      if (record.kind !== 'order-intended') return record
      const { basis: _basis, ...rest } = record
      return rest
    }
    journal.append(played.records.map((record) => (record === first ? { ...first, basis, stop: { clientId: 'stop-1', ticks: 4242 } } : before(record))))
    writeFileSync(based, journal.bytes())
    const other = databaseAt(await emptyDatabase())
    try {
      await archiveAll(sessionOf(other, based, { batchRecords: 100 }))
      await other.session(async (sql) => {
        expect((await compareWithJournal(sql, based, 'bybit')).differences).toEqual([])
        const { rows } = await sql.query("select entity_id, signal, indicators from audit_logs where action = 'order-intended' order by number")
        const own = rows.find((row) => row['entity_id'] === first.clientId)!
        expect(own['signal']).toMatchObject({ decidedBy: 'consensus', votes: basis.votes, leftOut: ['sar_wave'], model: basis.model, config: '00c0ffee', stopTicks: 4242 })
        expect(own['indicators']).toMatchObject({ vector: 71 })
        for (const row of rows.filter((one) => one !== own)) expect(Object.keys(row['signal'] as object)).not.toContain('votes')
        const words = tellStory((await explainOrder(sql, first.clientId))!).join('\n')
        expect(words).toContain('decided by consensus; votes: imbalance buy 0.620, momentum sell 0.250; left out: sar_wave; model: buy 0.700, hold 0.200, sell 0.100; settings 00c0ffee')
        expect(words).toMatch(/stop at the venue at [\d.]+/)
        const without = rows.find((row) => row !== own && (row['signal'] as { purpose: string }).purpose === 'entry')!
        expect(tellStory((await explainOrder(sql, String(without['entity_id'])))!).join('\n')).not.toContain('decided by')
      })
    } finally {
      await other.close()
    }
  })
})

describe('backup', { timeout: 60_000 }, () => {
  it('restores into an empty database: the same tables, the same chain, and the archive goes on behind it', async () => {
    const file = join(root, 'all.jsonl.gz')
    await database.session((sql) => sql.query("select market_data_upkeep('2026-01-05T00:00:00Z', 100000, 0); insert into market_data_snapshots (at, venue, symbol, price_source, book_valid, last_price) values ('2026-01-05T10:00:00Z', 'bybit', 'BTCUSDT', 'stream', true, 60000.5)"))
    const counts = await database.session((sql) => writeBackup(sql, file, readMigrations()))
    expect(counts).toMatchObject({ audit_logs: played.records.length, journals: 1, audit_chain: 1, market_data_snapshots: 1 })
    const other = databaseAt(await emptyDatabase())
    try {
      expect(await other.session((sql) => restoreBackup(sql, file, readMigrations()))).toEqual(counts)
      await other.session(async (sql) => {
        const before = await database.session((own) => verifyAudit(own))
        expect(await verifyAudit(sql)).toEqual(before)
        expect((await compareWithJournal(sql, path, 'bybit')).differences).toEqual([])
        const stats = 'select * from position_stats order by 1, 2, 3, 4, 5'
        expect((await sql.query(stats)).rows).toEqual((await database.session((own) => own.query(stats))).rows)
        await expect(restoreBackup(sql, file, readMigrations())).rejects.toThrow('the database is not empty')
      })
      const session = sessionOf(other, path)
      expect(await session.step()).toBe('idle')
      expect(session.sequence).toBe(played.records.length)
      session.close()
    } finally {
      await other.close()
    }
  })

  it('is refused when it is cut off, damaged, of a newer schema or no backup; nothing of it stays', async () => {
    const file = join(root, 'whole.jsonl.gz')
    await database.session((sql) => writeBackup(sql, file, readMigrations()))
    const { gunzipSync, gzipSync } = await import('node:zlib')
    const { readFileSync } = await import('node:fs')
    const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n')
    const bad: readonly (readonly [string, Buffer])[] = [
      ['it is cut off', gzipSync(`${lines.slice(0, -1).join('\n')}\n`)],
      ['it is cut off', gzipSync(`${lines.toSpliced(40, 1).join('\n')}\n`)],
      ['unexpected end of file', readFileSync(file).subarray(0, -2000)],
      ['it is no backup of this program', gzipSync('{}\n')],
      ['incorrect header check', Buffer.from('plain text\n')],
      ['RM_DATABASE_SCHEMA_NEWER', gzipSync(`${JSON.stringify({ ...(JSON.parse(lines[0]!) as object), schema: 99 })}\n`)],
    ]
    const other = databaseAt(await emptyDatabase())
    try {
      for (const [problem, bytes] of bad) {
        writeFileSync(join(root, 'bad.gz'), bytes)
        await other.session((sql) => expect(restoreBackup(sql, join(root, 'bad.gz'), readMigrations()), problem).rejects.toThrow(problem))
      }
      await expect(other.session((sql) => restoreBackup(sql, join(root, 'absent.gz'), readMigrations()))).rejects.toThrow('ENOENT')
      await expect(database.session((sql) => writeBackup(sql, join(root, 'no', 'folder.gz'), readMigrations()))).rejects.toThrow('RM_DATABASE_BACKUP')
      expect((await other.session((sql) => sql.query("select to_regclass('journals') as there"))).rows).toEqual([{ there: null }])
    } finally {
      await other.close()
    }
  })
})
