import { Worker } from 'node:worker_threads'
import { type ActorId, type Clock, type Timer, type Timers, RingmasterError, errorLine, fail, limits } from '../core/index.ts'
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
  /** Data of the worker: called for every life, so that it carries the newest checkpoints. */
  readonly workerData: (thread: number, checkpoints: ReadonlyMap<ActorId, unknown>) => unknown
  readonly heapLimitMb: number
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
const START_GRACE_MS = 5000

/** Second level of supervision: the worker threads of the engine process. */
export class ThreadSupervisor {
  readonly #settings: ThreadSupervisorSettings
  readonly #threads: ThreadLife[]
  readonly #checkpoints = new Map<ActorId, unknown>()
  #watch: Timer | null = null
  #watchedNs = 0
  #stopping = false

  constructor(plans: readonly ThreadPlan[], settings: ThreadSupervisorSettings) {
    this.#settings = settings
    this.#threads = plans.map((plan) => ({ plan, policy: new RestartPolicy(settings.restartLimits), worker: null, dying: false, startedNs: 0, failedNs: 0, up: false }))
  }

  start(): void {
    for (let thread = 0; thread < this.#threads.length; thread++) this.#spawn(thread)
    this.#watchedNs = this.#settings.clock.nowNs()
    this.#watch = this.#settings.timers.every(limits.heartbeatMs, () => this.#look())
  }

  tell(thread: number, message: ToThread): void {
    this.#threads[thread]!.worker?.postMessage(message)
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
    await Promise.all(
      this.#threads.map(async (life, thread) => {
        if (life.worker !== null && (await this.#settings.closeGate(thread))) await life.worker.terminate()
      }),
    )
  }

  #spawn(thread: number): void {
    const { entry, clock, workerData, heapLimitMb } = this.#settings
    const life = this.#threads[thread]!
    life.startedNs = clock.nowNs()
    life.up = false
    const worker = new Worker(entry, {
      name: life.plan.name,
      workerData: workerData(thread, this.#checkpoints),
      resourceLimits: { maxOldGenerationSizeMb: heapLimitMb },
    })
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
    for (let thread = 0; thread < this.#threads.length; thread++) {
      const life = this.#threads[thread]!
      if (life.worker === null || life.dying) continue
      const sinceMs = (nowNs - Math.max(life.startedNs, table.threadBeatNs(thread))) / 1e6
      const limitMs = life.up && table.threadBeatNs(thread) > life.startedNs ? hangMs : START_GRACE_MS
      if (sinceMs > limitMs) void this.#end(thread, new RingmasterError('RM_THREAD_HUNG', { thread: life.plan.name, silentMs: Math.round(sinceMs), limitMs }))
    }
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
