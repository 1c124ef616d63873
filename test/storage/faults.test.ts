import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ArchiveActor } from '../../actors/archive.ts'
import { SystemTimers } from '../../src/core/index.ts'
import { type ArchiveSession, compareWithJournal, Database, readMigrations, verifyAudit } from '../../src/storage/index.ts'
import { MemoryJournal, type TradingRecord } from '../../src/trading/index.ts'
import { playedJournal, sessionOf } from './support/archives.ts'
import { Proxy } from './support/proxy.ts'
import { asAdmin, databaseAt, emptyDatabase } from './support/server.ts'

const root = mkdtempSync(join(tmpdir(), 'ringmaster-faults-'))
let records: readonly TradingRecord[] = []
let ends: (() => Promise<void>)[] = []

beforeAll(() => void (records = playedJournal(9).records))
afterEach(async () => {
  for (const end of ends.toReversed()) await end()
  ends = []
})
afterAll(() => rmSync(root, { recursive: true }))

/** A journal that grows, an archive that follows it, and a database that can be made ill. */
async function running(change: (url: URL) => void = () => {}): Promise<{ actor: ArchiveActor; session: ArchiveSession; admin: Database; proxy: Proxy; grow: () => void; words: string[]; path: string }> {
  const url = await emptyDatabase()
  const admin = databaseAt(asAdmin(url))
  const proxy = new Proxy(Number(new URL(url).port))
  const through = new URL(url)
  through.port = String(await proxy.open())
  change(through)
  const database = new Database({ url: through.href, poolMax: 2, connectTimeoutMs: 300, statementTimeoutMs: 500 })
  const path = join(root, `${through.port}.journal`)
  writeFileSync(path, new MemoryJournal().bytes())
  const session = sessionOf(database, path, { batchRecords: 10 })
  const words: string[] = []
  const actor = new ArchiveActor({ way: session, timers: new SystemTimers(), wallMs: () => Date.now(), settings: { pollMs: 10, backoffMs: 20, backoffMsMax: 100, upkeepMs: 3_600_000 }, say: (_level, text) => void words.push(text) })
  const journal = new MemoryJournal()
  let done = 0
  const grow = (): void => {
    const before = journal.bytes().length
    journal.append(records.slice(done, (done += 40)))
    appendFileSync(path, journal.bytes().subarray(before))
  }
  grow()
  actor.start()
  ends.push(async () => {
    await proxy.close().catch(() => {})
    await actor.stop()
    session.close()
    await database.close()
    await admin.close()
  })
  return { actor, session, admin, proxy, grow, words, path }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 15_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`not within 15 s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

type Running = Awaited<ReturnType<typeof running>>

/** It says what is wrong and tries again and again; healed, it has everything. */
async function waitsAndRecovers(engine: Running, code: string, heal: () => Promise<unknown>): Promise<void> {
  engine.grow()
  await until(`waiting for ${code}`, () => engine.actor.health.error?.includes(code) === true && engine.actor.health.failures >= 3)
  const { state, lagBytes, failures } = engine.actor.health
  expect([state === 'waiting', lagBytes > 0, failures >= 3]).toEqual([true, true, true])
  // Once in words, whatever it counts.
  expect(engine.words.filter((text) => text.includes(code)).length).toBeLessThan(4)
  await heal()
  engine.grow()
  await whole(engine)
  expect(engine.words.some((text) => text.includes('takes records again'))).toBe(true)
}

async function whole(engine: Running): Promise<void> {
  await until('following', () => engine.actor.health.state === 'following' && engine.actor.health.lagBytes === 0 && engine.actor.health.error === null)
  const { audit, tables } = await engine.admin.session(async (sql) => ({ audit: await verifyAudit(sql), tables: await compareWithJournal(sql, engine.path, 'bybit') }))
  expect([tables.differences, audit.problem, tables.records]).toEqual([[], null, engine.session.sequence])
}

describe('ST-7: the archive waits for a database that is not well, says why, and catches up', { timeout: 60_000 }, () => {
  it('refuses connections', async () => {
    const engine = await running()
    await whole(engine)
    await engine.proxy.close()
    await waitsAndRecovers(engine, 'RM_DATABASE_UNREACHABLE', () => engine.proxy.open())
  })

  it('is there and answers nothing', async () => {
    const engine = await running()
    await whole(engine)
    engine.proxy.silence()
    await waitsAndRecovers(engine, 'RM_DATABASE_', async () => {
      await engine.proxy.close()
      await engine.proxy.open()
    })
  })

  it('has a statement that waits for somebody\'s lock', async () => {
    const engine = await running()
    await whole(engine)
    let letGo: () => void = () => {}
    const held = engine.admin.session(async (sql) => {
      await sql.query('begin')
      await sql.query('select from audit_chain for update')
      await new Promise<void>((resolve) => void (letGo = resolve))
      await sql.query('rollback')
    })
    await waitsAndRecovers(engine, 'RM_DATABASE_SLOW', () => {
      letGo()
      return held
    })
  })

  it('is read-only', async () => {
    const engine = await running()
    await whole(engine)
    const set = (to: string): Promise<unknown> => engine.admin.session(async (sql) => {
      const { rows } = await sql.query('select current_database() as name')
      await sql.query('begin read write')
      await sql.query(`alter database ${String(rows[0]!['name'])} set default_transaction_read_only = ${to}`)
      await sql.query('commit')
      await sql.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()')
    })
    await set('on')
    await waitsAndRecovers(engine, 'RM_DATABASE_READ_ONLY', () => set('off'))
  })

  it('is out of disk', async () => {
    const engine = await running()
    await whole(engine)
    await engine.admin.session((sql) => sql.query("create function full_disk() returns trigger language plpgsql as $$ begin raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$; create trigger full_disk before insert on audit_logs execute function full_disk()"))
    await waitsAndRecovers(engine, 'RM_DATABASE_FULL', () => engine.admin.session((sql) => sql.query('drop trigger full_disk on audit_logs')))
  })

  it('has another password', async () => {
    const role = `late_${randomBytes(4).toString('hex')}`
    const engine = await running((url) => {
      url.username = role
      url.password = 'not-shown-anywhere'
    })
    await waitsAndRecovers(engine, 'RM_DATABASE_REFUSED', () => engine.admin.session((sql) => sql.query(`create role ${role} login superuser password 'not-shown-anywhere'`)))
    expect(JSON.stringify([engine.actor.health, engine.words])).not.toContain('not-shown-anywhere')
  })

  it('has the schema of a newer program', async () => {
    const engine = await running()
    await whole(engine)
    await engine.actor.stop()
    await engine.admin.session((sql) => sql.query("insert into schema_migrations values ($1, 'newer', 'x')", [readMigrations().length + 1]))
    const later = sessionOf(engine.admin, engine.path)
    await expect(later.step()).rejects.toThrow(/RM_DATABASE_SCHEMA_NEWER: .* run the newer program/)
    await engine.admin.session((sql) => sql.query("delete from schema_migrations where name = 'newer'"))
    expect(await later.step()).toBe('idle')
    later.close()
  })
})

describe('a database URL', () => {
  it.each(['mysql://x', 'localhost:5432', 'postgres//x', ''])('that is %j is refused without being shown', (url) => {
    expect(() => new Database({ url, poolMax: 1, connectTimeoutMs: 100, statementTimeoutMs: 100 })).toThrow('RM_DATABASE_REFUSED: database of database.url')
  })
})
