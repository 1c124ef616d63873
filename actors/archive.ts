import { errorLine, RingmasterError, type Timer, type Timers } from '../src/core/index.ts'
import type { ArchiveHealth } from '../src/runtime/health/index.ts'
import type { StepEnd } from '../src/storage/index.ts'

/** The way into the tables, as the actor sees it. */
export interface ArchiveWay {
  /** Connects where need be, and goes on. */
  step(): Promise<StepEnd>
  upkeep(): Promise<void>
  /** Writes what else waits. */
  flush(): Promise<void>
  readonly snapshotsDropped: number
  /** Records in the tables. */
  readonly sequence: number
  readonly bytesBehind: number
  /** Wall time of the last record in the tables, ms; 0 before one. */
  readonly lastMs: number
}

export interface ArchiveActorParts {
  readonly way: ArchiveWay
  readonly timers: Timers
  readonly wallMs: () => number
  readonly settings: { readonly pollMs: number; readonly backoffMs: number; readonly backoffMsMax: number; readonly upkeepMs: number }
  readonly say: (level: 'info' | 'warn', words: string, data?: Record<string, unknown>) => void
}

/**
 * Follows the journal into the database. It waits for whatever is not well, longer each time, says what that is, and goes on where it
 * was; nobody waits for it.
 */
export class ArchiveActor {
  readonly #parts: ArchiveActorParts
  readonly #way: ArchiveWay
  #state: ArchiveHealth['state'] = 'connecting'
  #failures = 0
  #error: string | null = null
  #nextTryMs = 0
  #upkeepMs = 0
  #timer: Timer | null = null
  #turn: Promise<void> | null = null
  #stopping = false
  #caughtUp = false

  constructor(parts: ArchiveActorParts) {
    this.#parts = parts
    this.#way = parts.way
  }

  start(): void {
    this.#begin()
  }

  get health(): ArchiveHealth {
    const way = this.#way
    const nowMs = this.#parts.wallMs()
    const behind = way.bytesBehind
    return {
      state: this.#state,
      records: way.sequence,
      lagBytes: behind,
      lagMs: behind === 0 || way.lastMs === 0 ? 0 : Math.max(0, nowMs - way.lastMs),
      snapshotsDropped: way.snapshotsDropped,
      failures: this.#failures,
      error: this.#error,
      retryInMs: this.#state === 'waiting' ? Math.max(0, this.#nextTryMs - nowMs) : 0,
    }
  }

  /** Lets what is under way end, archives what is there once more where the database is well, and stops. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#timer?.cancel()
    await this.#turn
    if (this.#error === null) await this.#steps().catch((error: unknown) => void (this.#error = errorLine(error)))
    this.#state = 'stopped'
  }

  #begin(): void {
    this.#turn = this.#run().finally(() => void (this.#turn = null))
  }

  async #run(): Promise<void> {
    const { settings, say, timers, wallMs } = this.#parts
    let waitMs = settings.pollMs
    try {
      await this.#steps()
      await this.#way.flush()
      if (this.#failures > 0) say('info', `the database takes records again, after ${this.#failures} failures`)
      this.#failures = 0
      this.#error = null
      this.#state = 'following'
      if (wallMs() - this.#upkeepMs >= settings.upkeepMs) {
        await this.#way.upkeep()
        this.#upkeepMs = wallMs()
      }
    } catch (error) {
      waitMs = Math.min(settings.backoffMsMax, settings.backoffMs * 2 ** Math.min(this.#failures, 30))
      // Somebody wrote the same rows: they are read again at once.
      if (error instanceof RingmasterError && error.code === 'RM_DATABASE_CONFLICT' && this.#failures === 0) waitMs = 0
      const line = errorLine(error)
      if (line !== this.#error) say('warn', `the database takes no records; trading goes on, the archive catches up from the journal: ${line}`, { retryInMs: waitMs })
      this.#failures++
      this.#error = line
      this.#state = 'waiting'
      this.#nextTryMs = wallMs() + waitMs
    }
    if (!this.#stopping) this.#timer = timers.after(waitMs, () => this.#begin())
  }

  /** Everything that is there by now. */
  async #steps(): Promise<void> {
    const way = this.#way
    const from = way.sequence
    while ((await way.step()) === 'more') {
      if (this.#failures > 0 || this.#error !== null || !this.#caughtUp) this.#state = 'catching-up'
      if (this.#stopping && this.#state === 'catching-up') return
    }
    if (!this.#caughtUp && way.sequence > from) this.#parts.say('info', `caught up with the journal: ${way.sequence} records in the tables`, { records: way.sequence, now: way.sequence - from })
    this.#caughtUp = true
  }
}
