import { Worker } from 'node:worker_threads'
import { type ActorId, type Clock, type Nanos, type Timer, type Timers, RingmasterError, errorLine, fail, limits } from '../core/index.ts'
import type { ActorTable } from './actor-table.ts'
import type { ThreadPlan } from './placement.ts'
import type { FromThread, ToThread } from './protocol.ts'
import { type RestartLimits, RestartPolicy } from './restart-policy.ts'

export interface ThreadSupervisorSettings {
  readonly entry: URL
  readonly clock: Clock
  readonly timers: Timers
  readonly table: ActorTable
  readonly restartLimits: RestartLimits
  readonly hangMs: number
  /** Runnable threads of the machine per core, over the last minute. */
  readonly loadPerCore: () => number
  /** What a worker is sent to become a thread: asked for every life, so that it carries the newest checkpoints. */
  readonly threadData: (thread: number, checkpoints: ReadonlyMap<ActorId, unknown>) => unknown
  /** Workers that load already: the first lives of the threads. */
  readonly blanks: readonly Worker[]
  readonly onMessage: (thread: number, message: FromThread) => void
  /** Before a successor starts: mends what the dead thread may have left half-written. */
  readonly repair: (thread: number) => void
  /** Waits until no model run is in flight on the thread. False: a native call hangs, only killing the process helps. */
  readonly closeGate: (thread: number) => Promise<boolean>
  readonly onRestart: (thread: number, error: RingmasterError, tookMs: number) => void
  /** The thread failed more often than its limit allows, or cannot be ended safely. */
  readonly onGiveUp: (thread: number, error: RingmasterError) => void
}

interface ThreadLife {
  readonly plan: ThreadPlan
  readonly policy: RestartPolicy
  worker: Worker | null
  /** True from the first sign of death until the successor is up. */
  dying: boolean
  startedNs: number
  failedNs: number
  up: boolean
}

/** A new worker compiles and loads before its loop first turns: silence in this time is no hang. */
const START_GRACE_MS = 20_000
const HEAP_LIMIT_MB = 1024
/** Loading the worker that stands by must not hold up threads that connect, warm up and reconcile. */
const STANDBY_AFTER_MS = 3000
/** First connections and cold code make the first turns of a loop long. */
const YOUNG_NS = 5e9
const YOUNG_FACTOR = 4

/**
 * Second level of supervision: the worker threads of the engine process.
 *
 * Loading and compiling is most of the time that a new thread takes, so one worker always stands by with its modules
 * loaded, and becomes whichever thread has to be replaced.
 */
export class ThreadSupervisor {
  readonly #settings: ThreadSupervisorSettings
  readonly #threads: ThreadLife[]
  readonly #checkpoints = new Map<ActorId, unknown>()
  #standby: Worker | null = null
  readonly #blanks: Worker[]
  #watch: Timer | null = null
  #watchedNs = 0
  #stopping = false

  constructor(plans: readonly ThreadPlan[], settings: ThreadSupervisorSettings) {
    this.#settings = settings
    this.#blanks = [...settings.blanks]
    this.#threads = plans.map((plan) => ({ plan, policy: new RestartPolicy(settings.restartLimits), worker: null, dying: false, startedNs: 0, failedNs: 0, up: false }))
  }

  start(): void {
    for (let thread = 0; thread < this.#threads.length; thread++) this.#spawn(thread)
    this.#watchedNs = this.#settings.clock.nowNs()
    this.#watch = this.#settings.timers.every(limits.heartbeatMs, () => this.#look())
  }

  /** @returns false when no such thread is alive: nobody will answer. */
  tell(thread: number, message: ToThread): boolean {
    const { worker } = this.#threads[thread]!
    worker?.postMessage(message)
    return worker !== null
  }

  /** Thread on which an actor lives. @throws RM_ACTOR_UNKNOWN */
  threadOf(id: ActorId): number {
    const thread = this.#threads.findIndex(({ plan }) => plan.actors.includes(id))
    return thread >= 0 ? thread : fail('RM_ACTOR_UNKNOWN', { id, known: this.#threads.flatMap(({ plan }) => plan.actors).join(', ') })
  }

  /** Ends and restarts a thread as if it had failed. */
  recycle(thread: number, error: RingmasterError): void {
    void this.#end(thread, error)
  }

  /** From here on a thread that ends stays ended. */
  markStopping(): void {
    this.#stopping = true
  }

  /** Ends what is still alive; call after the actors were asked to stop. */
  async close(): Promise<void> {
    this.#stopping = true
    this.#watch?.cancel()
    await this.#standby?.terminate()
    await Promise.all(
      this.#threads.map(async (life, thread) => {
        if (life.worker !== null && (await this.#settings.closeGate(thread))) await life.worker.terminate()
      }),
    )
  }

  #spawn(thread: number): void {
    const { clock, threadData } = this.#settings
    const life = this.#threads[thread]!
    life.startedNs = clock.nowNs()
    life.up = false
    const worker = this.#loaded() ?? ThreadSupervisor.blank(this.#settings.entry)
    if (worker === this.#standby) this.#standby = null
    worker.removeAllListeners()
    worker.postMessage(threadData(thread, this.#checkpoints))
    life.worker = worker
    life.dying = false
    let cause: unknown = null
    worker.on('error', (error) => void (cause = error))
    worker.on('exit', (code) => {
      if (life.worker !== worker || this.#stopping) return
      this.#failed(thread, new RingmasterError('RM_THREAD_EXIT', { thread: life.plan.name, code, error: cause === null ? 'no error given' : errorLine(cause) }, cause))
    })
    worker.on('message', (message: FromThread) => this.#heard(thread, worker, message))
  }

  /** A worker that loads its modules and waits to be told which thread it is. */
  static blank(entry: URL): Worker {
    const worker = new Worker(entry, { resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_MB } })
    // What it dies of before it is needed shows when it is: the thread it was to be starts anew.
    worker.on('error', () => {})
    return worker
  }

  /** A worker that is loaded or loading and still alive. */
  #loaded(): Worker | null {
    for (let blank = this.#blanks.pop(); blank !== undefined; blank = this.#blanks.pop()) if (blank.threadId !== -1) return blank
    return this.#standby
  }

  #newStandby(): Worker {
    const worker = ThreadSupervisor.blank(this.#settings.entry)
    // One that dies before it was needed is not missed: the next replacement starts from nothing.
    const gone = (): void => void (this.#standby === worker && (this.#standby = null))
    worker.on('error', gone)
    worker.on('exit', gone)
    return worker
  }

  #heard(thread: number, worker: Worker, message: FromThread): void {
    const life = this.#threads[thread]!
    if (life.worker !== worker) return
    if (message.type === 'checkpoint') this.#checkpoints.set(message.id, message.checkpoint)
    if (message.type === 'up') life.up = true
    this.#settings.onMessage(thread, message)
  }

  #look(): void {
    const { clock, hangMs, table } = this.#settings
    const nowNs = clock.nowNs()
    const ownPauseMs = (nowNs - this.#watchedNs) / 1e6
    this.#watchedNs = nowNs
    // When this loop itself was held up, everyone's pulse looks old: judge at the next turn.
    if (ownPauseMs > hangMs / 2) return
    if (this.#standby === null && !this.#stopping && this.#threads.every((life) => life.up && nowNs - life.startedNs > STANDBY_AFTER_MS * 1e6)) this.#standby = this.#newStandby()
    for (let thread = 0; thread < this.#threads.length; thread++) {
      const life = this.#threads[thread]!
      if (life.worker === null || life.dying) continue
      const sinceMs = (nowNs - Math.max(life.startedNs, table.threadBeatNs(thread))) / 1e6
      const limitMs = this.#limitMs(life, table.threadBeatNs(thread), nowNs, hangMs)
      if (sinceMs > limitMs) void this.#end(thread, new RingmasterError('RM_THREAD_HUNG', { thread: life.plan.name, silentMs: Math.round(sinceMs), limitMs }))
    }
  }

  /**
   * Silence that counts as a hang. Where more threads want to run than there are cores, each gets its share only: the
   * limit grows with the load per core, or a busy machine would kill healthy threads and so get busier.
   */
  #limitMs(life: ThreadLife, beatNs: Nanos, nowNs: Nanos, hangMs: number): number {
    const crowding = Math.max(1, this.#settings.loadPerCore())
    if (!life.up || beatNs <= life.startedNs) return START_GRACE_MS * crowding
    const young = nowNs - life.startedNs < YOUNG_NS ? YOUNG_FACTOR : 1
    return Math.round(hangMs * crowding * young)
  }

  async #end(thread: number, error: RingmasterError): Promise<void> {
    const life = this.#threads[thread]!
    const worker = life.worker
    if (worker === null || life.dying) return
    life.dying = true
    const failedNs = this.#settings.clock.nowNs()
    if (!(await this.#settings.closeGate(thread))) return this.#settings.onGiveUp(thread, error)
    life.worker = null
    await worker.terminate()
    this.#failed(thread, error, failedNs)
  }

  #failed(thread: number, error: RingmasterError, failedNs: number = this.#settings.clock.nowNs()): void {
    const life = this.#threads[thread]!
    life.worker = null
    life.dying = true
    life.failedNs = failedNs
    this.#settings.repair(thread)
    const verdict = life.policy.onFailure(failedNs)
    if (verdict.kind === 'escalate') {
      const windowMs = life.policy.windowMs
      return this.#settings.onGiveUp(thread, new RingmasterError('RM_THREAD_LIMIT', { thread: life.plan.name, failures: verdict.failures, windowMs, error: error.message }, error))
    }
    this.#settings.timers.after(verdict.delayMs, () => {
      if (this.#stopping) return
      this.#spawn(thread)
      life.worker!.once('message', () => this.#settings.onRestart(thread, error, (this.#settings.clock.nowNs() - failedNs) / 1e6))
    })
  }
}
