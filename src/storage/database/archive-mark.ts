import { fail } from '../../core/index.ts'
import type { Sessions } from './served-database.ts'
import type { Sql } from './sql.ts'

/** An advisory lock of the database: shared by every archive that runs on it, alone for whoever takes the schema back. */
const MARK = 7_466_203

/** The mark of a running archive: a connection of its own that holds a lock for as long as it lives, whatever ends it. */
export class ArchiveMark {
  readonly #database: Sessions
  #letGo: (() => void) | null = null
  #held: Promise<unknown> = Promise.resolve()

  constructor(database: Sessions) {
    this.#database = database
  }

  /** Puts the mark where it does not stand. @throws RM_DATABASE_IN_USE while the schema is being taken back, RM_DATABASE_… */
  async hold(): Promise<void> {
    if (this.#letGo !== null) return
    await new Promise<void>((resolve, reject) => {
      const work = this.#database.session(async (sql) => {
        const { rows } = await sql.query('select pg_try_advisory_lock_shared($1) as free', [MARK])
        if (rows[0]!['free'] !== true) fail('RM_DATABASE_IN_USE', { what: 'its schema is being taken back' })
        const end = new Promise<void>((letGo) => void (this.#letGo = letGo))
        resolve()
        await Promise.race([end, sql.lost])
        await sql.query('select pg_advisory_unlock_shared($1)', [MARK])
      })
      this.#held = work.catch(reject).finally(() => void (this.#letGo = null))
    })
  }

  /** Takes it away. */
  async release(): Promise<void> {
    this.#letGo?.()
    await this.#held
  }
}

/** Does something that no archive may run under. @throws RM_DATABASE_IN_USE while one does, and what the work throws */
export async function withoutArchive<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  const { rows } = await sql.query('select pg_try_advisory_lock($1) as free', [MARK])
  if (rows[0]!['free'] !== true) fail('RM_DATABASE_IN_USE', { what: 'the archive of an engine runs on it; stop the engine first, or say --force' })
  try {
    return await work()
  } finally {
    // A connection that is gone holds nothing.
    await sql.query('select pg_advisory_unlock($1)', [MARK]).catch(() => {})
  }
}
