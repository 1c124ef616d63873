/**
 * `kill -9` of archive, database server, engine, supervisor, and archive with database, in random order and at random moments, under an engine
 * that trades: afterwards every table is what the journal says, the chain of the audit holds, and one altered byte of it is found.
 *
 * RINGMASTER_BENCH_KILLS: how many, 50 without it. RINGMASTER_BENCH_SEED: moments and victims. The kills run once, whatever the number of rounds.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '../../src/core/index.ts'
import type { HealthSnapshot } from '../../src/runtime/health/index.ts'
import { EmbeddedPostgres } from '../../src/storage/index.ts'
import { EngineProcess } from '../../test/system/engine-process.ts'
import { EAGER, sleep } from '../engine/whole-engine.ts'
import { type BenchCase, defineBench, type Goal } from '../harness.ts'
import { alteredByteFound, lookAtTables } from './archive-truth.ts'
import { cleanedUp } from './cut-off.ts'

const KILLS = Number(process.env['RINGMASTER_BENCH_KILLS'] ?? 50)
const SEED = Number(process.env['RINGMASTER_BENCH_SEED'] ?? 1)
if (!Number.isInteger(KILLS) || KILLS < 1 || !Number.isInteger(SEED)) throw new Error('RINGMASTER_BENCH_KILLS is a whole number from 1, RINGMASTER_BENCH_SEED a whole number')

type Victim = 'archive' | 'database' | 'engine' | 'root' | 'archive and database'
const VICTIMS: readonly Victim[] = ['archive', 'database', 'engine', 'root', 'archive and database']
const SET = [...EAGER, 'trading_pairs=BTCUSDT,ETHUSDT', 'placement.policy=shared', 'supervision.restart.max=100', 'database.enabled=true', 'database.backoff.max_ms=500', 'database.snapshot_s=1', 'database.poll_ms=20']
const LIMIT_MS = 120_000
/** An engine that trades always has a record on its way; whether all are there is looked at in the end. */
const FOLLOWS_MS = 5000
const START_TRIES = 3

const ordersSeen = (health: HealthSnapshot): number => health.latencyNs['tick_to_order']?.count ?? 0
const archived = (health: HealthSnapshot): boolean => health.archive?.state === 'following' && health.archive.error === null && health.archive.lagMs < FOLLOWS_MS
const pidOf = (health: HealthSnapshot, name: string): number => health.processes.find((one) => one.name === name)!.pid!
const serverOf = (dir: string): number => Number(readFileSync(join(dir, 'data', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])

interface Ends {
  readonly kills: ReadonlyMap<Victim, number>
  /** Engines that were ended with what only stores. */
  readonly engineLost: number
  readonly records: number
  readonly rows: number
  readonly differences: number
  readonly chainBroken: number
  readonly byteFound: number
}

/** On a crowded machine a start may take longer than its limit; it is ended then, which is one kill more. */
async function startAgain(dir: string): Promise<EngineProcess> {
  for (let tries = 1; ; tries++) {
    try {
      return await EngineProcess.start({ dir, set: SET })
    } catch (error) {
      if (tries === START_TRIES) throw error
      console.log(`a start failed: ${String(error).slice(0, 200)}`)
    }
  }
}

/** The one that runs, for whoever cuts the run off. */
let engine: EngineProcess

async function killAll(dir: string): Promise<Ends> {
  const random = new Random(SEED)
  const kills = new Map<Victim, number>(VICTIMS.map((victim) => [victim, 0]))
  let engineLost = 0
  engine = await EngineProcess.start({ dir, set: SET })
  try {
    await engine.until('orders flow into the tables', (health) => ordersSeen(health) > 3 && archived(health) && health.archive!.records > 10, LIMIT_MS)
    for (let kill = 1; kill <= KILLS; kill++) {
      const victim = VICTIMS[Math.floor(random.next() * VICTIMS.length)]!
      kills.set(victim, kills.get(victim)! + 1)
      await sleep(random.next() * 1500)
      const before = await engine.until('trading', (health) => health.ready, LIMIT_MS)
      const startMs = performance.now()
      if (victim === 'root') {
        await engine.kill()
        engine = await startAgain(dir)
      } else {
        if (victim === 'database' || victim === 'archive and database') process.kill(serverOf(dir), 'SIGKILL')
        if (victim !== 'database') process.kill(pidOf(before, victim === 'engine' ? 'engine' : 'archive'), 'SIGKILL')
      }
      const isOver = victim === 'engine' || victim === 'root'
      const after = await engine.until(`${victim} was killed: trading goes on and the tables follow`, (health) => health.ready && archived(health) && (victim !== 'engine' || pidOf(health, 'engine') !== pidOf(before, 'engine')) && health.archive!.records > before.archive!.records + 5 && ordersSeen(health) > (isOver ? 0 : ordersSeen(before)), LIMIT_MS)
      if (!isOver && pidOf(after, 'engine') !== pidOf(before, 'engine')) engineLost++
      console.log(`kill ${kill} of ${KILLS}: ${victim}, ${((performance.now() - startMs) / 1000).toFixed(1)} s until all is archived, ${after.archive!.records} records`)
    }
    const code = await engine.stop()
    if (code !== 0) throw new Error(`the engine ended with ${code}\n${engine.output.slice(-2000)}`)
  } finally {
    engine.cleanUp()
  }
  const { audit, tables } = await lookAtTables(dir)
  for (const difference of tables.differences) console.log(difference)
  return { kills, engineLost, records: tables.records, rows: tables.orders + tables.positions + tables.trades + audit.rows, differences: tables.differences.length, chainBroken: audit.problem === null ? 0 : 1, byteFound: (await alteredByteFound(dir, random)) ? 1 : 0 }
}

if (import.meta.main) {
  const dir = mkdtempSync(join(tmpdir(), 'ringmaster-bench-'))
  chmodSync(dir, 0o755)
  await cleanedUp(async () => {
    const ends = await killAll(dir)
    const row = (name: string, unit: string, value: number, goal: Goal | null): BenchCase => ({ name, unit, better: 'lower', mayBeZero: true, ours: { name: 'ringmaster', measure: () => value }, goal })
    await defineBench(
      'archive-kills',
      { rounds: 1 },
      ...VICTIMS.map((victim) => row(`kill -9 of ${victim}`, 'kills', ends.kills.get(victim)!, null)),
      row('records of the journal', 'records', ends.records, null),
      row('rows compared', 'rows', ends.rows, { atLeast: ends.records }),
      row('rows that are not what the journal says', 'rows', ends.differences, { atMost: 0 }),
      row('breaks of the chain', 'breaks', ends.chainBroken, { atMost: 0 }),
      row('one altered byte found', 'times', ends.byteFound, { atLeast: 1 }),
      row('engines that ended with what only stores', 'engines', ends.engineLost, { atMost: 0 }),
    ).run()
  }, async () => {
    engine.cleanUp()
    await new EmbeddedPostgres({ dir: join(dir, 'data', 'postgres'), port: 0 }).stop()
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  })
}
