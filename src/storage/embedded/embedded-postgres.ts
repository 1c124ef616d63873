import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { errorLine, fail, releaseProcessLock, takeProcessLock } from '../../core/index.ts'
import { Database } from '../database/database.ts'
import { type ServerBinaries, serverBinaries } from './binaries.ts'
import { freePort, isPortFree } from './free-port.ts'
import { runningPostmaster } from './postmaster.ts'
import { checkWay, type ServerUser, serverUser } from './server-user.ts'

export interface EmbeddedSettings {
  /** Data folder of the server; made when it is not there. */
  readonly dir: string
  /** Port on the loopback; 0: the one of last time where it is free, else any. */
  readonly port: number
}

const NAME = 'ringmaster'
const PASSWORD_FILE = 'ringmaster.password'
const PORT_FILE = 'ringmaster.port'
const START_S = 30
const STOP_S = 20
/** Another process may take a port between our look and the start of the server. */
const PORT_TRIES = 3
const SERVER_OPTIONS = [
  'listen_addresses=127.0.0.1',
  "unix_socket_directories=''",
  'max_connections=32',
  'shared_buffers=64MB',
  'max_wal_size=512MB',
  'logging_collector=on',
  'log_directory=log',
  'log_filename=postgres-%a.log',
  'log_truncate_on_rotation=on',
  'log_rotation_age=1440',
  'log_rotation_size=0',
]

const run = promisify(execFile)

/**
 * A PostgreSQL server of our own on the loopback, with its data in a folder of ours. It is a process of its own that outlives
 * whoever started it: one that still runs is used as it is.
 */
export class EmbeddedPostgres {
  readonly #dir: string
  readonly #port: number
  #started = false

  constructor({ dir, port }: EmbeddedSettings) {
    this.#dir = resolve(dir)
    this.#port = port
  }

  /** True when this object has started the server, false when it ran already. */
  get started(): boolean {
    return this.#started
  }

  /**
   * Makes the data folder where there is none, starts the server where none runs on it.
   * @returns connection URL of our database, with its password
   * @throws RM_DATABASE_EMBEDDED, RM_DATABASE_MAJOR; RM_DATABASE_UNREACHABLE while the server is still coming up
   */
  async start(): Promise<string> {
    const binaries = serverBinaries()
    const user = serverUser(this.#dir)
    const lock = `${this.#dir}.lock`
    try {
      mkdirSync(dirname(this.#dir), { recursive: true })
      checkWay(this.#dir, user)
      checkWay(binaries.postgres, user)
      const holder = takeProcessLock(lock)
      if (holder !== null) fail('RM_DATABASE_UNREACHABLE', { where: this.#dir, reason: `process ${holder} is starting it` })
    } catch (error) {
      return this.#failed(error)
    }
    try {
      if (!existsSync(join(this.#dir, 'PG_VERSION'))) await this.#initialise(binaries, user)
      this.#checkMajor(binaries)
      const port = runningPostmaster(this.#dir)?.port ?? (await this.#startServer(binaries, user))
      await this.#makeDatabase(port)
      return this.#url(NAME, port)
    } catch (error) {
      return this.#failed(error)
    } finally {
      releaseProcessLock(lock)
    }
  }

  /** Ends the server that runs on the folder, whoever started it: what is under way is rolled back, what is committed is written. */
  async stop(): Promise<void> {
    if (runningPostmaster(this.#dir) === null) return
    const { pgCtl } = serverBinaries()
    const ask = (mode: string): Promise<unknown> => run(pgCtl, ['stop', '-D', this.#dir, '-m', mode, '-w', '-t', String(STOP_S)], this.#as(serverUser(this.#dir)))
    try {
      await ask('fast')
    } catch {
      // Too slow, or gone meanwhile: it recovers at its next start.
      if (runningPostmaster(this.#dir) !== null) await ask('immediate')
    }
    this.#started = false
  }

  #failed(error: unknown): never {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('RM_')) throw error
    return fail('RM_DATABASE_EMBEDDED', { problem: errorLine(error).slice(0, 2000) }, error)
  }

  /** Made beside its place and moved there when it is whole: an end in the middle leaves nothing that looks like a data folder. */
  async #initialise({ initdb }: ServerBinaries, user: ServerUser | null): Promise<void> {
    const made = `${this.#dir}.new`
    rmSync(made, { recursive: true, force: true })
    mkdirSync(made, { mode: 0o700 })
    const passwordFile = `${made}.password`
    const own = (path: string): void => void (user !== null && chownSync(path, user.uid, user.gid))
    own(made)
    try {
      const password = randomBytes(24).toString('base64url')
      writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
      own(passwordFile)
      await run(initdb, ['-D', made, '--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8', '--no-locale', '--no-instructions'], this.#as(user))
      writeFileSync(join(made, PASSWORD_FILE), password, { mode: 0o600 })
    } finally {
      rmSync(passwordFile, { force: true })
    }
    rmSync(this.#dir, { recursive: true, force: true })
    renameSync(made, this.#dir)
  }

  #checkMajor({ major }: ServerBinaries): void {
    const found = readFileSync(join(this.#dir, 'PG_VERSION'), 'utf8').trim()
    if (Number(found) !== major) fail('RM_DATABASE_MAJOR', { dir: this.#dir, found, known: major })
  }

  async #startServer({ pgCtl }: ServerBinaries, user: ServerUser | null): Promise<number> {
    for (let tries = 1; ; tries++) {
      const port = await this.#choosePort()
      const options = [...SERVER_OPTIONS, `port=${port}`].map((option) => `-c ${option}`).join(' ')
      try {
        await run(pgCtl, ['start', '-D', this.#dir, '-l', join(this.#dir, 'startup.log'), '-w', '-t', String(START_S), '-o', options], this.#as(user))
        this.#started = true
        writeFileSync(join(this.#dir, PORT_FILE), String(port), { mode: 0o600 })
        return port
      } catch (error) {
        const taken = !(await isPortFree(port))
        if (!taken || tries === PORT_TRIES) return fail('RM_DATABASE_EMBEDDED', { problem: `the server did not start on port ${port}: ${this.#lastWords(error)}` }, error)
      }
    }
  }

  async #choosePort(): Promise<number> {
    if (this.#port === 0) return freePort(Number(this.#read(PORT_FILE)) || 0)
    if (await isPortFree(this.#port)) return this.#port
    return fail('RM_DATABASE_EMBEDDED', { problem: `port ${this.#port} is taken by another process: set database.port to another one, or to 0 for any` })
  }

  /** The end of the server's own log says why; without one, what the system said. */
  #lastWords(error: unknown): string {
    const log = this.#read('startup.log').trimEnd().split('\n').slice(-4).join(' | ')
    return log === '' ? errorLine(error) : log
  }

  #read(name: string): string {
    try {
      return readFileSync(join(this.#dir, name), 'utf8')
    } catch {
      return ''
    }
  }

  #url(name: string, port: number): string {
    return `postgresql://${name}:${encodeURIComponent(this.#read(PASSWORD_FILE))}@127.0.0.1:${port}/${name}`
  }

  /** A user without special rights owns our database: what is revoked from it is revoked. */
  async #makeDatabase(port: number): Promise<void> {
    const database = new Database({ url: this.#url('postgres', port), poolMax: 1, connectTimeoutMs: 5000, statementTimeoutMs: 15_000 })
    try {
      await database.session(async (sql) => {
        const { rows } = await sql.query('select exists (select from pg_roles where rolname = $1) as role, exists (select from pg_database where datname = $1) as base', [NAME])
        if (rows[0]!['role'] !== true) await sql.query(`create role ${NAME} login password '${this.#read(PASSWORD_FILE)}'`)
        if (rows[0]!['base'] !== true) await sql.query(`create database ${NAME} owner ${NAME}`)
      })
    } finally {
      await database.close()
    }
  }

  #as(user: ServerUser | null): { readonly uid?: number; readonly gid?: number; readonly cwd: string; readonly env: NodeJS.ProcessEnv } {
    // The server would read these as orders of its own; what we were started in may be closed to its user.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG')))
    return { ...user, cwd: '/', env: { ...env, LC_ALL: 'C' } }
  }
}
