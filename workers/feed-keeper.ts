import { Worker } from 'node:worker_threads'
import type { FeedAddress } from '../src/api/link/index.ts'
import { errorLine, type Timer, type Timers } from '../src/core/index.ts'
import type { Log } from '../src/telemetry/index.ts'
import type { FeedData, FromFeed } from './feed-data.ts'

/** Nothing of it is needed for the start that is under way. */
const AFTER_MS = 300
const AGAIN_MS = 500
const AGAIN_MS_MAX = 30_000
/** It holds the newest of each symbol, not more. */
const LIMITS = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16 }

export interface FeedKeeperParts {
  readonly data: FeedData
  readonly timers: Timers
  readonly log: Log
  readonly onAddress: (address: FeedAddress) => void
}

/** Keeps the feed thread. Its end is written down and it is started again, later each time; trading hears nothing of it. */
export class FeedKeeper {
  readonly #parts: FeedKeeperParts
  #worker: Worker | null = null
  #timer: Timer | null = null
  #againMs = AGAIN_MS
  #closed = false

  constructor(parts: FeedKeeperParts) {
    this.#parts = parts
  }

  start(): void {
    this.#timer = this.#parts.timers.after(AFTER_MS, () => this.#spawn())
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    void this.#worker?.terminate()
  }

  #spawn(): void {
    const { data, timers, log, onAddress } = this.#parts
    const worker = new Worker(new URL('./feed.ts', import.meta.url), { workerData: data, resourceLimits: LIMITS, name: 'feed' })
    this.#worker = worker
    let why = ''
    worker.on('message', (message: FromFeed) => {
      if (message.type === 'log') return log(message.level, message.words)
      this.#againMs = AGAIN_MS
      onAddress(message.address)
    })
    worker.on('error', (error) => void (why = errorLine(error)))
    worker.on('exit', (code) => {
      if (this.#closed) return
      log('warn', 'the feed of the gateway ended and is started again; trading goes on', { code, error: why })
      this.#timer = timers.after(this.#againMs, () => this.#spawn())
      this.#againMs = Math.min(AGAIN_MS_MAX, this.#againMs * 2)
    })
  }
}
