import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, EmbeddedPostgres } from '../../../src/storage/index.ts'

/** Folder of the server that all test files of a run share; the run is known by its process. */
export const serverFolder = (runPid: number): string => join(tmpdir(), `ringmaster-test-postgres-${runPid}`)

let url: Promise<string> | null = null

async function start(): Promise<string> {
  const dir = serverFolder(process.ppid)
  mkdirSync(dir, { recursive: true })
  // Root starts the server as another user, who has to get there.
  chmodSync(dir, 0o755)
  for (;;) {
    try {
      return await new EmbeddedPostgres({ dir: join(dir, 'data'), port: 0 }).start()
    } catch (error) {
      // Another test file is starting it.
      if (!String(error).includes('is starting it')) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

/** Settings with the patience of a test. */
export const databaseAt = (databaseUrl: string, poolMax = 4): Database => new Database({ url: databaseUrl, poolMax, connectTimeoutMs: 10_000, statementTimeoutMs: 15_000 })

/** URL of a new, empty database on the shared server, which is started at the first call. Its owner is a user without special rights. */
export async function emptyDatabase(): Promise<string> {
  const owner = new URL(await (url ??= start()))
  const name = `t_${randomBytes(6).toString('hex')}`
  const admin = databaseAt(asAdmin(owner.href), 1)
  await admin.session((sql) => sql.query(`create database ${name} owner ringmaster`))
  await admin.close()
  owner.pathname = `/${name}`
  return owner.href
}

/** The same database for the one who may do everything. */
export function asAdmin(ownerUrl: string): string {
  const admin = new URL(ownerUrl)
  admin.username = 'postgres'
  return admin.href
}
