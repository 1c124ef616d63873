import pg from 'pg'
import { fail } from '../../core/index.ts'
import { asDatabaseError } from './database-error.ts'
import { CopyIn } from './copy-in.ts'
import type { CopySql, Row, Sql, SqlResult } from './sql.ts'

export interface DatabaseSettings {
  /** `postgresql://user:password@host:port/name` */
  readonly url: string
  readonly poolMax: number
  readonly connectTimeoutMs: number
  /** Longest a statement may take, on the server and as seen from here. */
  readonly statementTimeoutMs: number
}

/** What the server does by itself comes first; when it is silent we stop waiting a little later. */
const SILENCE_MS = 2000
const LEAST_MAJOR = 14
const INT8 = pg.types.builtins.INT8

/** A pool of connections to a PostgreSQL server. Every failure leaves as a coded error that names the server, never its password. */
export class Database {
  readonly where: string
  readonly #pool: pg.Pool
  readonly #settings: DatabaseSettings
  #checked = false

  /** Connects to nothing yet. @throws RM_DATABASE_REFUSED when the URL is none */
  constructor(settings: DatabaseSettings) {
    this.#settings = settings
    this.where = whereOf(settings.url)
    this.#pool = new pg.Pool({
      connectionString: settings.url,
      max: settings.poolMax,
      connectionTimeoutMillis: settings.connectTimeoutMs,
      statement_timeout: settings.statementTimeoutMs,
      query_timeout: settings.statementTimeoutMs + SILENCE_MS,
      idle_in_transaction_session_timeout: 2 * settings.statementTimeoutMs,
      application_name: 'ringmaster',
      keepAlive: true,
      // Sequences and versions are whole numbers that a double holds.
      types: { getTypeParser: (oid, format) => (oid === INT8 && format !== 'binary' ? Number : (pg.types.getTypeParser(oid, format) as (text: string) => unknown)) },
    })
    // A connection that dies while nobody uses it is replaced when somebody does.
    this.#pool.on('error', () => {})
  }

  /**
   * Lends one connection to some work. After a failure of anything but a statement the connection is closed, not reused.
   * @throws RM_DATABASE_… and what the work throws
   */
  async session<T>(work: (sql: CopySql) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch((error: unknown) => this.#fail(error))
    let broken: unknown
    const { promise: lost, resolve: lose } = Promise.withResolvers<unknown>()
    const onError = (error: Error): void => {
      broken = error
      lose(error)
    }
    client.on('error', onError)
    const failed = (error: unknown): never => {
      if (!(error instanceof pg.DatabaseError)) broken = error
      return this.#fail(error)
    }
    const sql: CopySql = {
      lost,
      query: async <R extends Row>(text: string, values?: readonly unknown[]): Promise<SqlResult<R>> => {
        try {
          const result = await client.query<R>(text, values === undefined ? undefined : [...values])
          // Several statements in one text give as many results.
          const last = Array.isArray(result) ? (result as pg.QueryResult<R>[]).at(-1)! : result
          return { rows: last.rows, count: last.rowCount ?? 0 }
        } catch (error) {
          return failed(error)
        }
      },
      copy: (text, rows) => new Promise<number>((resolve, reject) => void client.query(new CopyIn(text, rows, (error, count) => (error == null ? resolve(count ?? 0) : reject(error))))).catch(failed),
    }
    try {
      if (!this.#checked) await this.#check(sql)
      return await work(sql)
    } catch (error) {
      // It may be inside of a transaction.
      broken ??= error
      throw error
    } finally {
      client.off('error', onError)
      client.release(broken !== undefined)
    }
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }

  async #check(sql: Sql): Promise<void> {
    const { rows } = await sql.query("select current_setting('server_version_num')::integer / 10000 as major")
    const found = Number(rows[0]!['major'])
    if (found < LEAST_MAJOR) fail('RM_DATABASE_VERSION', { where: this.where, found, least: LEAST_MAJOR })
    this.#checked = true
  }

  #fail(error: unknown): never {
    throw asDatabaseError(error, this.where, this.#settings.statementTimeoutMs)
  }
}

/** Host, port and name of a connection URL. @throws RM_DATABASE_REFUSED */
function whereOf(url: string): string {
  try {
    const { protocol, hostname, port, pathname, searchParams } = new URL(url)
    if (protocol !== 'postgres:' && protocol !== 'postgresql:') throw new Error(`it begins with ${protocol}`)
    return `${searchParams.get('host') ?? hostname}:${port === '' ? '5432' : port}${pathname}`
  } catch (error) {
    return fail('RM_DATABASE_REFUSED', { where: 'of database.url', state: 'URL', reason: `it is no postgresql:// URL: ${(error as Error).message.replace(url, '…')}` })
  }
}
