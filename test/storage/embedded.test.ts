import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EmbeddedPostgres } from '../../src/storage/index.ts'
import { asAdmin, databaseAt } from './support/server.ts'

const root = mkdtempSync(join(tmpdir(), 'ringmaster-embedded-'))
const dir = join(root, 'postgres')
const server = (port = 0): EmbeddedPostgres => new EmbeddedPostgres({ dir, port })

async function ask(url: string, text: string): Promise<unknown> {
  const database = databaseAt(url, 1)
  try {
    return (await database.session((sql) => sql.query(text))).rows[0]?.['answer']
  } finally {
    await database.close()
  }
}
const pidOf = (): number => Number(readFileSync(join(dir, 'postmaster.pid'), 'utf8').split('\n')[0])

beforeAll(() => chmodSync(root, 0o755))
afterAll(async () => {
  await server().stop()
  rmSync(root, { recursive: true, force: true })
}, 60_000)

describe('ST-8: the embedded database', { timeout: 60_000 }, () => {
  it('is made at the first start, keeps its data and its port over a stop, and is used as it is while it runs', async () => {
    const url = await server().start()
    await ask(url, 'create table kept (n integer); insert into kept values (7)')
    const second = server()
    expect(await second.start()).toBe(url)
    expect(second.started).toBe(false)
    await second.stop()
    expect(existsSync(join(dir, 'postmaster.pid'))).toBe(false)
    expect(await server().start()).toBe(url)
    expect(await ask(url, 'select n as answer from kept')).toBe(7)
  })

  it('runs our database under a user without special rights, with a password, on the loopback only', async () => {
    const url = await server().start()
    expect(await ask(url, 'select rolsuper or rolcreaterole or rolcreatedb as answer from pg_roles where rolname = current_user')).toBe(false)
    expect(await ask(asAdmin(url), "select current_setting('listen_addresses') || current_setting('unix_socket_directories') as answer")).toBe('127.0.0.1')
    await expect(ask(url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow('RM_DATABASE_REFUSED')
  })

  it('recovers after kill -9 with everything that was committed', async () => {
    const url = await server().start()
    await ask(url, 'create table survives (n integer); insert into survives select generate_series(1, 1000)')
    const pid = pidOf()
    process.kill(pid, 'SIGKILL')
    let again = ''
    for (let tries = 0; again === ''; tries++) {
      // Its children hold the shared memory until they notice.
      again = await server().start().catch((error: unknown) => {
        if (tries > 100) throw error
        return new Promise<string>((resolve) => setTimeout(() => resolve(''), 100))
      })
    }
    expect(pidOf()).not.toBe(pid)
    expect(Number(await ask(again, 'select count(*) as answer from survives'))).toBe(1000)
  })

  it('starts over a lock file whose number belongs to another process by now, and over a folder that was half made', async () => {
    await server().start()
    await server().stop()
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    writeFileSync(join(dir, 'postmaster.pid'), `${stranger.pid}\n${dir}\n1\n5432\n\n127.0.0.1\n\nready\n`)
    mkdirSync(`${dir}.new`)
    writeFileSync(join(`${dir}.new`, 'PG_VERSION'), '18\n')
    expect(await ask(await server().start(), 'select 1 as answer')).toBe(1)
    expect(stranger.kill()).toBe(true)
    await once(stranger, 'exit')
  })

  it('takes another port when that of last time is taken, and says so when the one of the settings is', async () => {
    const before = new URL(await server().start()).port
    await server().stop()
    const squatter = createServer()
    await new Promise<void>((resolve) => void squatter.listen(Number(before), '127.0.0.1', resolve))
    await expect(server(Number(before)).start()).rejects.toThrow(`port ${before} is taken by another process: set database.port`)
    expect(new URL(await server().start()).port).not.toBe(before)
    await new Promise((resolve) => squatter.close(resolve))
  })

  it('refuses the folder of another major version, and one that is closed to its user, saying what to do', async () => {
    await server().stop()
    const file = join(dir, 'PG_VERSION')
    const own = readFileSync(file, 'utf8')
    writeFileSync(file, '16\n')
    await expect(server().start()).rejects.toThrow(/RM_DATABASE_MAJOR: .* was made by PostgreSQL 16, this program brings 18: move the folder away/)
    writeFileSync(file, own)
    appendFileSync(join(root, 'a-file'), '')
    await expect(new EmbeddedPostgres({ dir: join(root, 'a-file', 'postgres'), port: 0 }).start()).rejects.toThrow('RM_DATABASE_EMBEDDED')
    if (process.getuid!() !== 0) return
    mkdirSync(join(root, 'closed'), { mode: 0o700 })
    await expect(new EmbeddedPostgres({ dir: join(root, 'closed', 'postgres'), port: 0 }).start()).rejects.toThrow(/folder .*closed \(mode 700\) is closed to its user/)
  })

  it('is started once when two processes ask at the same moment', async () => {
    await server().stop()
    const ends = await Promise.allSettled([server().start(), server().start()])
    const urls = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
    expect(urls.length).toBeGreaterThan(0)
    for (const end of ends) if (end.status === 'rejected') expect(String(end.reason)).toContain('is starting it')
    expect(await ask(urls[0]!, 'select 1 as answer')).toBe(1)
  })
})
