/**
 * The questions of docs/storage.md on tables of a million lines of the audit, 400 000 orders and executions and 200 000 positions: the median
 * of each in ms, and that an index answers it. RINGMASTER_BENCH_ROWS: lines of the audit.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EmbeddedPostgres, idempotencyTable, migrateTo, readMigrations, ServedDatabase, type Sql } from '../../src/storage/index.ts'
import { type BenchCase, defineBench } from '../harness.ts'
import { cleanedUp } from './cut-off.ts'
import { seedTables } from './seed-tables.ts'

const ROWS = Number(process.env['RINGMASTER_BENCH_ROWS'] ?? 1_000_000)
const CALLS = 25
const MS_MAX = 10
const IDEMPOTENCY_MS_MAX = 5

const QUESTIONS: readonly (readonly [name: string, text: string])[] = [
  ['active orders', 'select * from active_orders order by intended_at'],
  ['open positions', 'select * from open_positions'],
  ['history of one order', "select * from entity_history where entity_type = 'order' and entity_id = 'c77777' order by number"],
  ['everything of one trace', "select * from trace_events where trace_id = 'BTCUSDT/55555/55555' order by number"],
  ['best positions', 'select * from closed_positions order by net_pnl desc limit 20'],
  ['worst positions', 'select * from closed_positions order by net_pnl limit 20'],
  ['exit reasons', 'select * from exit_reasons'],
  ['how well signals do', 'select * from signal_effectiveness'],
  ['failed in 24 h', 'select * from failed_operations order by at desc limit 100'],
  ['hanging in 24 h', 'select * from hanging_orders order by at desc'],
  ['recovery runs', 'select * from recovery_runs order by at desc limit 20'],
]

/** Median of calls, ms. */
async function medianMs(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let call = 0; call < CALLS; call++) {
    const startMs = performance.now()
    await work()
    times.push(performance.now() - startMs)
  }
  return times.toSorted((a, b) => a - b)[CALLS >> 1]!
}

/** @throws when a table of the million is read from its beginning to its end */
async function expectIndex(sql: Sql, name: string, text: string): Promise<void> {
  const { rows } = await sql.query(`explain (analyze, format text) ${text}`)
  const plan = rows.map((row) => String(row['QUERY PLAN'])).join('\n')
  if (/Seq Scan on (audit_logs|orders|positions|trades)\b/.test(plan)) throw new Error(`${name}: no index answers it\n${plan}`)
}

if (import.meta.main) {
  const folder = mkdtempSync(join(tmpdir(), 'ringmaster-bench-'))
  chmodSync(folder, 0o755)
  const server = new EmbeddedPostgres({ dir: join(folder, 'postgres'), port: 0 })
  const database = new ServedDatabase(server, { poolMax: 2, connectTimeoutMs: 10_000, statementTimeoutMs: 600_000 })
  await cleanedUp(async () => {
    await database.session((sql) => migrateTo(sql, readMigrations()))
    await database.session((sql) => seedTables(sql, ROWS))
    const cases: BenchCase[] = []
    for (const [name, text] of QUESTIONS) {
      await database.session((sql) => expectIndex(sql, name, text))
      cases.push({ name, unit: 'ms', better: 'lower', ours: { name: 'ringmaster', measure: () => database.session((sql) => medianMs(() => sql.query(text))) }, goal: { atMost: MS_MAX } })
    }
    const key = { scope: 'order', key: 'c77777' }
    cases.push({ name: 'an answer by its key', unit: 'ms', better: 'lower', ours: { name: 'ringmaster', measure: () => database.session((sql) => medianMs(() => idempotencyTable.find(sql, key))) }, goal: { atMost: IDEMPOTENCY_MS_MAX } })
    await defineBench('storage-questions', { rounds: 5 }, ...cases).run()
  }, async () => {
    await server.stop()
    await database.close('always')
    rmSync(folder, { recursive: true, force: true })
  })
}
