import { Worker } from 'node:worker_threads'
import { errorLine, type Timers } from '../src/core/index.ts'
import type { Log } from '../src/telemetry/index.ts'

/** The words of a thread that follows the journal. */
export type FromJournalThread = { readonly type: 'problem'; readonly error: string } | { readonly type: 'well' } | { readonly type: 'stopped'; readonly written: number }

export interface JournalThreadSpec {
  readonly entry: URL
  readonly data: unknown
  /** Said when it cannot do its work, when it can again, and when the thread itself fails. */
  readonly words: { readonly problem: string; readonly well: string; readonly failed: string }
}

const RESTART_MS = 5000
const STOP_MS = 5000

/** Keeps a thread that makes something of the journal, beside the engine; what becomes of it is told and changes nothing else. */
export class JournalThread {
  readonly #spec: JournalThreadSpec
  readonly #timers: Timers
  readonly #log: Log
  #worker: Worker | null = null
  #stopped: ((written: number) => void) | null = null

  constructor(spec: JournalThreadSpec, timers: Timers, log: Log) {
    this.#spec = spec
    this.#timers = timers
    this.#log = log
  }

  start(): void {
    if (this.#stopped !== null) return
    const { entry, data, words } = this.#spec
    const worker = new Worker(entry, { workerData: data })
    this.#worker = worker
    worker.on('message', (message: FromJournalThread) => {
      if (message.type === 'stopped') this.#stopped?.(message.written)
      else if (message.type === 'well') this.#log('info', words.well)
      else this.#log('warn', words.problem, { error: message.error })
    })
    worker.on('error', (error) => this.#log('error', words.failed, { error: errorLine(error) }))
    worker.on('exit', () => {
      if (this.#worker !== worker) return
      this.#worker = null
      this.#timers.after(RESTART_MS, () => this.start())
    })
  }

  /** Lets it do what is left, and ends it. @returns what the thread that ends has written, in its own unit */
  async stop(): Promise<number> {
    const written = await new Promise<number>((resolve) => {
      this.#stopped = resolve
      if (this.#worker === null) return resolve(0)
      this.#timers.after(STOP_MS, () => resolve(0))
      this.#worker.postMessage('stop')
    })
    const worker = this.#worker
    this.#worker = null
    await worker?.terminate()
    return written
  }
}
