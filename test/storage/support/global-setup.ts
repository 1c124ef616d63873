import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EmbeddedPostgres } from '../../../src/storage/index.ts'
import { serverFolder } from './server.ts'

/** Ends the server that test files may have started, and takes its folder away. */
export async function teardown(): Promise<void> {
  const dir = serverFolder(process.pid)
  if (!existsSync(dir)) return
  await new EmbeddedPostgres({ dir: join(dir, 'data'), port: 0 }).stop()
  rmSync(dir, { recursive: true, force: true })
}
