/**
 * The way of a journal into an embedded database, records and fsync as in service: how many records a second, one batch after the other,
 * and a catch-up of a million records (RINGMASTER_BENCH_RECORDS: another number).
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ArchiveJournal, ArchiveSession, ArchiveStore, compareWithJournal, EmbeddedPostgres, ServedDatabase, verifyAudit } from '../../src/storage/index.ts'
import { startProgress } from '../../src/cli/progress.ts'
import { type BenchCase, defineBench } from '../harness.ts'
import { writeBigJournal } from '../trading/big-journal.ts'
import { cleanedUp } from './cut-off.ts'

const MILLION = Number(process.env['RINGMASTER_BENCH_RECORDS'] ?? 1_000_000)
const PART = Math.min(100_000, MILLION)
const BATCH = 5000
const folder = mkdtempSync(join(tmpdir(), 'ringmaster-bench-'))
chmodSync(folder, 0o755)
const server = new EmbeddedPostgres({ dir: join(folder, 'postgres'), port: 0 })
const database = new ServedDatabase(server, { poolMax: 2, connectTimeoutMs: 10_000, statementTimeoutMs: 120_000 })

const journals = new Map<number, string>()
function journalOf(records: number): string {
  let path = journals.get(records)
  if (path === undefined) {
    path = join(folder, `${records}.journal`)
    writeBigJournal(path, records)
    journals.set(records, path)
  }
  return path
}

const sessionOf = (path: string): ArchiveSession =>
  new ArchiveSession({ mark: { hold: async () => {} }, store: new ArchiveStore(database), journal: path, venue: 'bybit', alone: true, batchRecords: BATCH, snapshotDays: 30, idempotencyMs: 3_600_000, say: () => {} })

/** Processor time of the last run, a record: what the load of the machine moves least. */
let cpuUs = 0

/** Records a second from an empty schema on; afterwards everything is there and the chain holds. */
async function archived(records: number): Promise<{ readonly perSecond: number; readonly seconds: number }> {
  const path = journalOf(records)
  await database.session((sql) => sql.query('drop owned by current_user cascade; create schema if not exists public'))
  const session = sessionOf(path)
  // The schema is made before the clock runs.
  await session.step()
  const from = session.sequence
  const startMs = performance.now()
  const startCpu = process.cpuUsage()
  const progress = startProgress({ label: 'archive', total: records, unit: 'records', stream: process.stderr, nowMs: () => performance.now() })
  while ((await session.step()) === 'more') progress.update(session.sequence)
  progress.stop()
  const seconds = (performance.now() - startMs) / 1000
  const count = session.sequence - from
  const { user, system } = process.cpuUsage(startCpu)
  cpuUs = (user + system) / count
  session.close()
  const { problem, rows } = await database.session((sql) => verifyAudit(sql))
  const { differences } = await database.session((sql) => compareWithJournal(sql, path, 'bybit'))
  if (problem !== null || rows !== session.sequence || differences.length > 0) throw new Error(`the tables are not what the journal says: ${JSON.stringify({ problem, rows, differences })}`)
  return { perSecond: count / seconds, seconds }
}

/** Rows alone, without a database: what is left for the server on the other core. */
function folded(records: number): number {
  const journal = new ArchiveJournal(journalOf(records), 3_600_000)
  const startMs = performance.now()
  let done = 0
  for (let batch = journal.next(BATCH); batch !== null; batch = journal.next(BATCH)) {
    done = batch.to
    journal.done()
  }
  journal.close()
  return done / ((performance.now() - startMs) / 1000)
}

const ours = (measure: () => number | Promise<number>): BenchCase['ours'] => ({ name: 'ringmaster', measure })

if (import.meta.main) {
  await cleanedUp(
    async () => {
      await defineBench('archive', { rounds: 3 }, { name: `journal to database, ${PART} records`, unit: 'records/s', better: 'higher', ours: ours(async () => (await archived(PART)).perSecond), goal: { atLeast: 20_000 } }, { name: 'processor time of the archive process, a record', unit: 'us', better: 'lower', ours: ours(() => cpuUs), goal: null }, { name: 'rows of the same, without a database', unit: 'records/s', better: 'higher', ours: ours(() => folded(PART)), goal: null }).run()
      await defineBench('archive-catch-up', { rounds: 1 }, { name: `catch-up of ${MILLION} records`, unit: 's', better: 'lower', ours: ours(async () => (await archived(MILLION)).seconds), goal: null }).run()
    },
    async () => {
      // Whatever runs on it ends with it.
      await server.stop()
      await database.close('always')
      rmSync(folder, { recursive: true, force: true })
    },
  )
}
