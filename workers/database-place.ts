import { join } from 'node:path'
import type { Config } from '../src/config/index.ts'
import { EmbeddedPostgres, ServedDatabase } from '../src/storage/index.ts'

/** The database that the settings name; nothing is started or connected yet. */
export function databaseOf({ database, data_dir }: Pick<Config, 'database' | 'data_dir'>): ServedDatabase {
  const from = database.url === 'auto' ? new EmbeddedPostgres({ dir: join(data_dir, 'postgres'), port: database.port }) : database.url
  return new ServedDatabase(from, { poolMax: database.pool_max, connectTimeoutMs: database.connect_timeout_ms, statementTimeoutMs: database.statement_timeout_ms })
}

/** The password inside of the URL, as it is written and as it is meant: no log may show either. */
export function databaseSecrets({ database }: Pick<Config, 'database'>): readonly string[] {
  if (!URL.canParse(database.url)) return []
  const { password } = new URL(database.url)
  try {
    return [password, decodeURIComponent(password)]
  } catch {
    return [password]
  }
}
