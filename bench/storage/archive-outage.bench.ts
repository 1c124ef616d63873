/**
 * Two engines at the same time on the same generated market with the same seed: the database of one is stopped, restarted, full, refused,
 * silent, closed by another password and of a newer schema, one after the other; that of the other is well. Compared are the ways of the orders,
 * exits among them, and afterwards every row of the tables with the journal.
 *
 * RINGMASTER_BENCH_OUTAGE_S: how long the database is stopped, 60 without it. RINGMASTER_BENCH_FAULT_S: each other fault, 20 without it.
 * It runs once, whatever the number of rounds.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HealthSnapshot } from '../../src/runtime/health/index.ts'
import { compareWithJournal, Database, EmbeddedPostgres, readMigrations, verifyAudit } from '../../src/storage/index.ts'
import { Proxy } from '../../test/storage/support/proxy.ts'
import { EngineProcess } from '../../test/system/engine-process.ts'
import { EAGER, sleep } from '../engine/whole-engine.ts'
import { type BenchCase, defineBench, type Goal } from '../harness.ts'
import { cleanedUp } from './cut-off.ts'

const OUTAGE_S = Number(process.env['RINGMASTER_BENCH_OUTAGE_S'] ?? 60)
const FAULT_S = Number(process.env['RINGMASTER_BENCH_FAULT_S'] ?? 20)
if (!(OUTAGE_S >= 1) || !(FAULT_S >= 1)) throw new Error('RINGMASTER_BENCH_OUTAGE_S and RINGMASTER_BENCH_FAULT_S are seconds from 1')

const SET = [...EAGER, 'trading_pairs=BTCUSDT,ETHUSDT', 'placement.policy=shared', 'database.enabled=true', 'database.backoff.max_ms=1000', 'database.statement_timeout_ms=2000', 'supervision.restart.max=100']
/** From the decision to the frame, and what is on the way. */
const HOPS = ['decision_execution', 'decide', 'journal_append', 'order_send', 'tick_to_order'] as const
const RATIO_P50_MAX = 1.2
const LIMIT_MS = 120_000
/** An engine that trades always has a record on its way; whether all are there is looked at in the end. */
const FOLLOWS_MS = 5000
/** Some orders at least during each fault. */
const ORDERS_MIN = 3

const ordersOf = (health: HealthSnapshot): number => health.latencyNs['tick_to_order']?.count ?? 0
const archived = (health: HealthSnapshot): boolean => health.archive?.state === 'following' && health.archive.error === null && health.archive.lagMs < FOLLOWS_MS

/** A server of ours behind a way that can be made bad. */
class SickServer {
  readonly #server: EmbeddedPostgres
  proxy!: Proxy
  url!: string
  #admin!: string

  constructor(dir: string) {
    this.#server = new EmbeddedPostgres({ dir, port: 0 })
  }

  async open(): Promise<void> {
    const own = new URL(await this.#server.start())
    this.proxy = new Proxy(Number(own.port))
    const admin = new URL(own)
    admin.username = 'postgres'
    this.#admin = admin.href
    own.port = String(await this.proxy.open())
    this.url = own.href
  }

  start(): Promise<string> {
    return this.#server.start()
  }

  stop(): Promise<void> {
    return this.#server.stop()
  }

  /** As the user that may do everything, past the proxy. */
  async admin<T>(work: (sql: Parameters<Parameters<Database['session']>[0]>[0]) => Promise<T>): Promise<T> {
    const database = new Database({ url: this.#admin, poolMax: 1, connectTimeoutMs: 10_000, statementTimeoutMs: 120_000 })
    try {
      return await database.session(work)
    } finally {
      await database.close()
    }
  }

  async run(...statements: readonly string[]): Promise<void> {
    await this.admin(async (sql) => {
      for (const text of statements) await sql.query(text)
    })
  }
}

interface Fault {
  readonly name: string
  readonly seconds: number
  /** What the archive says meanwhile; null: it may be over before it says anything. */
  readonly code: string | null
  readonly begin: (server: SickServer, health: HealthSnapshot) => Promise<unknown>
  readonly end: (server: SickServer) => Promise<unknown>
}

const END_OTHERS = 'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'
const reopen = async ({ proxy }: SickServer): Promise<void> => {
  await proxy.close().catch(() => {})
  await proxy.open()
}
const FAULTS: readonly Fault[] = [
  { name: 'stopped', seconds: OUTAGE_S, code: 'RM_DATABASE_UNREACHABLE', begin: (server) => server.stop(), end: (server) => server.start() },
  { name: 'restarted', seconds: FAULT_S, code: null, begin: async (server) => { await server.stop(); await server.start() }, end: async () => {} },
  { name: 'full', seconds: FAULT_S, code: 'RM_DATABASE_FULL', begin: (server) => server.run("create function full_disk() returns trigger language plpgsql as $$ begin raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$", 'create trigger full_disk before insert on audit_logs execute function full_disk()'), end: (server) => server.run('drop trigger full_disk on audit_logs', 'drop function full_disk()') },
  { name: 'refused', seconds: FAULT_S, code: 'RM_DATABASE_UNREACHABLE', begin: (server) => server.proxy.close(), end: (server) => server.proxy.open() },
  { name: 'silent', seconds: FAULT_S, code: 'RM_DATABASE_', begin: async (server) => server.proxy.silence(), end: reopen },
  { name: 'locked', seconds: FAULT_S, code: 'RM_DATABASE_SLOW', begin: lock, end: async (server) => { letGo.get(server)!(); await held.get(server) } },
  { name: 'another password', seconds: FAULT_S, code: 'RM_DATABASE_REFUSED', begin: (server) => server.run("alter role ringmaster password 'another'", END_OTHERS), end: async (server) => server.run(`alter role ringmaster password '${decodeURIComponent(new URL(server.url).password)}'`) },
  {
    name: 'schema of a newer program', seconds: FAULT_S, code: 'RM_DATABASE_SCHEMA_NEWER',
    begin: async (server, health) => {
      await server.run(`insert into schema_migrations values (${readMigrations().length + 1}, 'newer', 'x')`)
      // The schema is looked at by a new life of the archive.
      process.kill(health.processes.find((one) => one.name === 'archive')!.pid!, 'SIGKILL')
    },
    end: (server) => server.run("delete from schema_migrations where name = 'newer'"),
  },
]

const letGo = new WeakMap<SickServer, () => void>()
const held = new WeakMap<SickServer, Promise<unknown>>()
/** A statement hangs on somebody's lock. */
async function lock(server: SickServer): Promise<void> {
  await new Promise<void>((locked, failed) => {
    const work = server.admin(async (sql) => {
      await sql.query('begin')
      await sql.query('select from audit_chain for update')
      locked()
      await new Promise<void>((resolve) => void letGo.set(server, resolve))
      await sql.query('rollback')
    })
    work.catch(failed)
    held.set(server, work)
  })
}

interface Ends {
  readonly latency: readonly { readonly hop: string; readonly part: 'p50' | 'p99'; readonly sick: number; readonly well: number }[]
  readonly orders: ReadonlyMap<string, number>
  readonly catchUpS: ReadonlyMap<string, number>
  readonly records: number
  readonly differences: number
  readonly chainBroken: number
}

async function compare(root: string, engines: EngineProcess[]): Promise<Ends> {
  const server = new SickServer(join(root, 'server'))
  await server.open()
  try {
    for (const [name, set] of [['sick', [`database.url=${server.url}`]], ['well', []]] as const) {
      const dir = join(root, name)
      mkdirSync(dir)
      engines.push(await EngineProcess.start({ dir, set: [...SET, ...set] }))
    }
    const [sick, well] = engines as [EngineProcess, EngineProcess]
    for (const engine of engines) await engine.until('orders flow into the tables', (health) => ordersOf(health) > 3 && archived(health) && health.archive!.records > 10, LIMIT_MS)
    const orders = new Map<string, number>()
    const catchUpS = new Map<string, number>()
    for (const { name, seconds, code, begin, end } of FAULTS) {
      const before = await sick.health()
      await begin(server, before)
      const untilMs = performance.now() + seconds * 1000
      if (code !== null) await sick.until(`${name}: the archive says ${code}`, (health) => health.archive?.error?.includes(code) === true, LIMIT_MS)
      while (performance.now() < untilMs) await sleep(200)
      const during = await sick.until(`${name}: orders go out meanwhile`, (health) => health.ready && ordersOf(health) >= ordersOf(before) + ORDERS_MIN, LIMIT_MS)
      await end(server)
      const endMs = performance.now()
      await sick.until(`${name}: all is archived`, archived, LIMIT_MS)
      orders.set(name, ordersOf(during) - ordersOf(before))
      catchUpS.set(name, (performance.now() - endMs) / 1000)
      console.log(`${name}: ${orders.get(name)} orders in ${seconds} s meanwhile, all archived ${catchUpS.get(name)!.toFixed(1)} s after it`)
    }
    const [one, other] = [await sick.health(), await well.health()]
    const latency = HOPS.flatMap((hop) => (['p50', 'p99'] as const).map((part) => ({ hop, part, sick: one.latencyNs[hop]![part] / 1000, well: other.latencyNs[hop]![part] / 1000 })))
    for (const engine of engines) {
      const exit = await engine.stop()
      if (exit !== 0) throw new Error(`the engine ended with ${exit}\n${engine.output.slice(-2000)}`)
    }
    const { audit, tables } = await server.admin(async (sql) => ({ audit: await verifyAudit(sql), tables: await compareWithJournal(sql, join(root, 'sick', 'data', 'journal', 'trading.journal'), 'bybit') }))
    for (const difference of tables.differences) console.log(difference)
    return { latency, orders, catchUpS, records: tables.records, differences: tables.differences.length, chainBroken: audit.problem === null ? 0 : 1 }
  } finally {
    await server.proxy.close().catch(() => {})
  }
}

if (import.meta.main) {
  const root = mkdtempSync(join(tmpdir(), 'ringmaster-bench-'))
  chmodSync(root, 0o755)
  const engines: EngineProcess[] = []
  await cleanedUp(async () => {
    const { latency, orders, catchUpS, records, differences, chainBroken } = await compare(root, engines)
    const row = (name: string, unit: string, value: number, goal: Goal | null = null): BenchCase => ({ name, unit, better: 'lower', mayBeZero: true, ours: { name: 'ringmaster', measure: () => value }, goal })
    await defineBench(
      'archive-outage',
      { rounds: 1 },
      ...latency.map(({ hop, part, sick, well }): BenchCase => ({ name: `${hop}, ${part}, database sick against well`, unit: 'us', better: 'lower', ours: { name: 'sick', measure: () => sick }, peer: { name: 'well', measure: () => well }, goal: part === 'p50' ? { ratio: 1 / RATIO_P50_MAX } : null })),
      ...[...orders].map(([name, count]) => row(`orders while ${name}`, 'orders', count, { atLeast: ORDERS_MIN })),
      ...[...catchUpS].map(([name, seconds]) => row(`all archived after ${name}`, 's', seconds)),
      row('records of the journal', 'records', records),
      row('rows that are not what the journal says', 'rows', differences, { atMost: 0 }),
      row('breaks of the chain', 'breaks', chainBroken, { atMost: 0 }),
    ).run()
  }, async () => {
    for (const engine of engines) engine.cleanUp()
    for (const dir of [join(root, 'server'), join(root, 'well', 'data', 'postgres')]) await new EmbeddedPostgres({ dir, port: 0 }).stop()
    rmSync(root, { recursive: true, force: true, maxRetries: 5 })
  })
}
