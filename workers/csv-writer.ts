import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Config } from '../src/config/index.ts'
import { errorLine, type Timers } from '../src/core/index.ts'
import type { Log } from '../src/telemetry/index.ts'
import { journalPath } from './journal-path.ts'

export interface CsvWorkerData {
  readonly journal: string
  readonly dir: string
  readonly venue: string
  readonly pollMs: number
}

/** The thread's words. */
export type FromCsv = { readonly type: 'problem'; readonly error: string } | { readonly type: 'well' } | { readonly type: 'stopped'; readonly rows: number }

const RESTART_MS = 5000
const STOP_MS = 5000

/** What the CSV files of a configuration are made from, and where they lie. */
export const csvPlaces = (config: Config): Omit<CsvWorkerData, 'pollMs'> => ({ journal: journalPath(config), dir: config.csv.dir === 'auto' ? join(config.data_dir, 'csv') : config.csv.dir, venue: config.venue })

/** Keeps the thread that writes the CSV files; what becomes of it is told and changes nothing else. */
export class CsvWriter {
  readonly #data: CsvWorkerData
  readonly #timers: Timers
  readonly #log: Log
  #worker: Worker | null = null
  #stopped: ((rows: number) => void) | null = null

  constructor(config: Config, timers: Timers, log: Log) {
    this.#data = { ...csvPlaces(config), pollMs: config.csv.poll_ms }
    this.#timers = timers
    this.#log = log
  }

  start(): void {
    const worker = new Worker(new URL('./csv.ts', import.meta.url), { workerData: this.#data })
    this.#worker = worker
    worker.on('message', (message: FromCsv) => {
      if (message.type === 'stopped') this.#stopped?.(message.rows)
      else if (message.type === 'well') this.#log('info', 'the CSV files are written again')
      else this.#log('warn', 'the CSV files are not written; trading goes on, they catch up from the journal', { error: message.error })
    })
    worker.on('error', (error) => this.#log('error', 'the thread of the CSV files failed', { error: errorLine(error) }))
    worker.on('exit', () => {
      if (this.#worker !== worker) return
      this.#worker = null
      this.#timers.after(RESTART_MS, () => void (this.#stopped === null && this.start()))
    })
  }

  /** Writes what is left and ends. @returns rows written by the thread that ends */
  async stop(): Promise<number> {
    const worker = this.#worker
    if (worker === null) return 0
    const rows = await new Promise<number>((resolve) => {
      this.#stopped = resolve
      this.#timers.after(STOP_MS, () => resolve(0))
      worker.postMessage('stop')
    })
    this.#worker = null
    await worker.terminate()
    return rows
  }
}
