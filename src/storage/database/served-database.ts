import { RingmasterError } from '../../core/index.ts'
import type { EmbeddedPostgres } from '../embedded/embedded-postgres.ts'
import { Database, type DatabaseSettings } from './database.ts'
import type { CopySql } from './sql.ts'

/** Whoever lends connections. */
export interface Sessions {
  session<T>(work: (sql: CopySql) => Promise<T>): Promise<T>
}

/** The database of the settings: a server of others, or our own one, which is started when it is first needed and again when it is gone. */
export class ServedDatabase implements Sessions {
  readonly #settings: Omit<DatabaseSettings, 'url'>
  readonly #server: EmbeddedPostgres | null
  #url: string
  #database: Database | null = null
  /** The server may have to be started. */
  #isSuspect: boolean

  /** @param from URL of a server, or the embedded one */
  constructor(from: string | EmbeddedPostgres, settings: Omit<DatabaseSettings, 'url'>) {
    this.#settings = settings
    this.#server = typeof from === 'string' ? null : from
    this.#url = typeof from === 'string' ? from : ''
    this.#isSuspect = this.#server !== null
  }

  /** Host, port and name of the database; '' before the embedded server has been started. */
  get where(): string {
    return this.#database?.where ?? ''
  }

  /** @throws RM_DATABASE_… and what the work throws */
  async session<T>(work: (sql: CopySql) => Promise<T>): Promise<T> {
    const database = await this.#open()
    try {
      return await database.session(work)
    } catch (error) {
      if (error instanceof RingmasterError && error.code === 'RM_DATABASE_UNREACHABLE') this.#isSuspect = this.#server !== null
      throw error
    }
  }

  /** Closes all connections. @param stopServer ends the embedded server too: `if-started` only when this object has started it */
  async close(stopServer: 'always' | 'if-started'): Promise<void> {
    await this.#database?.close()
    this.#database = null
    if (this.#server !== null && (stopServer === 'always' || this.#server.started)) await this.#server.stop()
  }

  async #open(): Promise<Database> {
    if (this.#isSuspect && this.#server !== null) {
      const url = await this.#server.start()
      if (url !== this.#url) {
        const old = this.#database
        this.#database = null
        this.#url = url
        await old?.close()
      }
      this.#isSuspect = false
    }
    return (this.#database ??= new Database({ ...this.#settings, url: this.#url }))
  }
}
