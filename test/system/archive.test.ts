import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Random } from '../../src/core/index.ts'
import type { HealthSnapshot } from '../../src/runtime/health/index.ts'
import { compareWithJournal, EmbeddedPostgres, ServedDatabase, verifyAudit } from '../../src/storage/index.ts'
import { EngineProcess } from './engine-process.ts'

/* RINGMASTER_TEST_KILLS=100 RINGMASTER_TEST_SEED=7 for a longer run of other moments and victims. */
const KILLS = Number(process.env['RINGMASTER_TEST_KILLS'] ?? 4)
const SEED = Number(process.env['RINGMASTER_TEST_SEED'] ?? 1)
const EAGER = [
  'trading_pairs=BTCUSDT,ETHUSDT', 'placement.policy=shared', 'strategy.imbalance.buy_threshold=0.52', 'strategy.imbalance.sell_threshold=0.48', 'strategy.imbalance.cooldown_ms=50', 'strategy.imbalance.repeat_ms=100', 'strategy.min_confidence=0.5',
  'order_executor.limit_order.default_offset_percent=0.001', 'order_executor.limit_order.by_regime.choppy.limit_offset_percent=0.001', 'order_executor.order_ttl_ms=400', 'exit.max_holding_s=1', 'risk.max_orders_per_minute=600', 'supervision.restart.max=100',
]
const roots: string[] = []
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true, maxRetries: 5 })
})

/** Open to the user that the server runs as, when we are root. */
function folder(): string {
  const root = mkdtempSync(join(tmpdir(), 'ringmaster-archive-'))
  chmodSync(root, 0o755)
  roots.push(root)
  return root
}

const ordersSeen = (health: HealthSnapshot): number => health.latencyNs['tick_to_order']?.count ?? 0
const archived = (health: HealthSnapshot): boolean => health.archive?.state === 'following' && health.archive.error === null && health.archive.lagBytes === 0
const pidOf = (health: HealthSnapshot, name: string): number => health.processes.find((one) => one.name === name)!.pid!
const postmaster = (dir: string): number => Number(readFileSync(join(dir, 'data', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])

describe('an engine with its database', () => {
  it(`trades on while archive and database are killed, and after ${KILLS} kills of anything the tables are what the journal says`, async () => {
    const dir = folder()
    const set = [...EAGER, 'database.enabled=true', 'database.backoff.max_ms=500', 'database.snapshot_s=1', 'database.poll_ms=20']
    const random = new Random(SEED)
    let engine = await EngineProcess.start({ dir, set })
    try {
      await engine.until('orders flow into the tables', (health) => ordersSeen(health) > 3 && archived(health) && health.archive!.records > 10, 120_000)
      const victims = ['archive', 'database', 'engine', 'root', 'both', 'database'] as const
      for (let kill = 0; kill < KILLS; kill++) {
        const victim = kill < victims.length ? victims[kill]! : victims[Math.floor(random.next() * victims.length)]!
        await new Promise((resolve) => setTimeout(resolve, 100 + random.next() * 900))
        const before = await engine.until('trading', (health) => health.ready)
        const records = before.archive!.records
        if (victim === 'root') {
          await engine.kill()
          engine = await EngineProcess.start({ dir, set })
        } else {
          if (victim !== 'archive' && victim !== 'engine') process.kill(postmaster(dir), 'SIGKILL')
          if (victim !== 'database') process.kill(pidOf(before, victim === 'engine' ? 'engine' : 'archive'), 'SIGKILL')
        }
        const after = await engine.until(`${victim} is killed, trading goes on and the tables follow`, (health) => health.ready && archived(health) && health.archive!.records > records + 5 && ordersSeen(health) > (victim === 'engine' || victim === 'root' ? 0 : ordersSeen(before)), 120_000)
        // What stores has no part in trading: the engine is the same process in the same life.
        if (victim !== 'root' && victim !== 'engine') expect(pidOf(after, 'engine')).toBe(pidOf(before, 'engine'))
      }
      expect(await engine.stop()).toBe(0)
    } finally {
      engine.cleanUp()
    }
    const database = new ServedDatabase(new EmbeddedPostgres({ dir: join(dir, 'data', 'postgres'), port: 0 }), { poolMax: 1, connectTimeoutMs: 10_000, statementTimeoutMs: 30_000 })
    try {
      const { audit, tables, pictures } = await database.session(async (sql) => ({
        audit: await verifyAudit(sql),
        tables: await compareWithJournal(sql, join(dir, 'data', 'journal', 'trading.journal'), 'bybit'),
        pictures: (await sql.query('select count(distinct symbol) as symbols from market_data_snapshots')).rows[0]!['symbols'],
      }))
      expect(tables.differences).toEqual([])
      expect(audit).toMatchObject({ rows: tables.records, problem: null })
      expect([tables.orders > 20, tables.trades > 3, pictures]).toEqual([true, true, 2])
    } finally {
      await database.close('always')
    }
  }, 60_000 + KILLS * 30_000)

  it('trades without one, says what is wrong, and stops in good order', async () => {
    const dir = folder()
    const engine = await EngineProcess.start({ dir, set: [...EAGER, 'database.enabled=true', 'database.url=postgresql://nobody:not-shown-anywhere@127.0.0.1:1/nothing'] })
    try {
      const health = await engine.until('ready, and waiting for the database', (one) => one.ready && one.archive?.state === 'waiting' && one.archive.failures > 1)
      expect(health.archive!.error).toContain('RM_DATABASE_UNREACHABLE: database 127.0.0.1:1/nothing is not reachable')
      expect(await engine.stop()).toBe(0)
      expect(engine.output).toContain('trading goes on, the archive catches up from the journal')
      expect(engine.output).not.toContain('not-shown-anywhere')
    } finally {
      engine.cleanUp()
    }
  }, 90_000)
})
