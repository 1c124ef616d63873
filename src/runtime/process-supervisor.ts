import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Clock, type Timer, type Timers, RingmasterError } from '../core/index.ts'
import { type RestartLimits, RestartPolicy } from './restart-policy.ts'

export interface ChildSpec {
  readonly name: string
  readonly entry: URL
  /** Environment of each life; asked anew so that a successor hears of ports that changed. */
  readonly env: () => Readonly<Record<string, string>>
  /** Silence on the channel after which the process counts as hung. */
  readonly silentMs: number
  /** Exit codes that no restart can cure (bad configuration, taken port). */
  readonly fatalCodes: readonly number[]
  /** It goes on when its parent dies, in a session of its own; it writes nothing to the parent's output. */
  readonly outlives?: boolean
  readonly onMessage: (message: ChildMessage) => void
  readonly onExit: (error: RingmasterError) => void
  readonly onGiveUp: (error: RingmasterError, exitCode: number | null) => void
}

/** Every message over a fork channel has a type; all of them count as a sign of life. */
export interface ChildMessage {
  readonly type: string
  readonly [key: string]: unknown
}

export interface ChildStatus {
  readonly name: string
  readonly pid: number | null
  readonly state: 'starting' | 'running' | 'restarting' | 'stopped'
  readonly restarts: number
  readonly beatAgeMs: number
  readonly lastError: string
}

/** A process that has not said `up` by then has failed to start. */
const START_GRACE_MS = 20_000
const LOOK_MS = 100

/** First level of supervision: one child process, restarted when it dies or falls silent. */
export class ProcessSupervisor {
  readonly #spec: ChildSpec
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #policy: RestartPolicy
  #child: ChildProcess | null = null
  #heardNs = 0
  #heard = false
  #restarts = 0
  #lastError = ''
  /** Why this supervisor itself ended the process; '' when it did not. */
  #endedFor = ''
  #stopping = false
  #watch: Timer | null = null
  #lookedNs = 0
  #onStopped: (() => void) | null = null

  constructor(spec: ChildSpec, clock: Clock, timers: Timers, restartLimits: RestartLimits) {
    this.#spec = spec
    this.#clock = clock
    this.#timers = timers
    this.#policy = new RestartPolicy(restartLimits)
  }

  start(): void {
    this.#spawn()
    this.#lookedNs = this.#clock.nowNs()
    this.#watch = this.#timers.every(LOOK_MS, () => this.#look())
  }

  send(message: ChildMessage): boolean {
    return this.#child?.connected === true && this.#child.send(message)
  }

  get status(): ChildStatus {
    const running = this.#child !== null
    return {
      name: this.#spec.name,
      pid: this.#child?.pid ?? null,
      state: this.#stopping && !running ? 'stopped' : running ? (this.#heard ? 'running' : 'starting') : 'restarting',
      restarts: this.#restarts,
      beatAgeMs: (this.#clock.nowNs() - this.#heardNs) / 1e6,
      lastError: this.#lastError,
    }
  }

  /** Asks the process to stop; kills it at the deadline. */
  stop(ask: ChildMessage | null, deadlineMs: number): Promise<'stopped' | 'killed'> {
    this.#stopping = true
    this.#watch?.cancel()
    const child = this.#child
    if (child === null) return Promise.resolve('stopped')
    return new Promise((resolve) => {
      const deadline = this.#timers.after(deadlineMs, () => {
        this.#onStopped = () => resolve('killed')
        child.kill('SIGKILL')
      })
      this.#onStopped = () => {
        deadline.cancel()
        resolve('stopped')
      }
      if (ask === null || !this.send(ask)) child.kill('SIGTERM')
    })
  }

  /** Watches it no more and leaves it to itself. */
  release(): void {
    this.#stopping = true
    this.#watch?.cancel()
    if (this.#child?.connected === true) this.#child.disconnect()
    this.#child?.unref()
  }

  #spawn(): void {
    this.#heard = false
    this.#heardNs = this.#clock.nowNs()
    const outlives = this.#spec.outlives === true
    const output = outlives ? 'ignore' : 'inherit'
    const child = fork(fileURLToPath(this.#spec.entry), [], { env: { ...process.env, ...this.#spec.env() }, stdio: ['ignore', output, output, 'ipc'], detached: outlives })
    this.#child = child
    child.on('message', (message: ChildMessage) => {
      this.#heardNs = this.#clock.nowNs()
      this.#heard = true
      this.#spec.onMessage(message)
    })
    child.on('error', (error) => void (this.#lastError = error.message))
    child.on('exit', (code, signal) => {
      if (this.#child !== child) return
      this.#child = null
      if (this.#stopping) return this.#onStopped?.()
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`
      const why = this.#endedFor === '' ? how : `${how} (${this.#endedFor})`
      this.#endedFor = ''
      this.#failed(new RingmasterError('RM_PROCESS_EXIT', { name: this.#spec.name, pid: child.pid, how: why }), code)
    })
  }

  #look(): void {
    const nowNs = this.#clock.nowNs()
    const ownPauseMs = (nowNs - this.#lookedNs) / 1e6
    this.#lookedNs = nowNs
    if (this.#child === null || ownPauseMs > 5 * LOOK_MS) return
    const silentMs = (nowNs - this.#heardNs) / 1e6
    const limitMs = this.#heard ? this.#spec.silentMs : START_GRACE_MS
    if (silentMs <= limitMs) return
    this.#endedFor = new RingmasterError('RM_PROCESS_SILENT', { name: this.#spec.name, pid: this.#child.pid, silentMs: Math.round(silentMs), limitMs }).message
    this.#lastError = this.#endedFor
    this.#heardNs = nowNs
    this.#child.kill('SIGKILL')
  }

  #failed(error: RingmasterError, exitCode: number | null): void {
    this.#lastError = error.message
    this.#restarts++
    this.#spec.onExit(error)
    if (exitCode !== null && this.#spec.fatalCodes.includes(exitCode)) return this.#spec.onGiveUp(error, exitCode)
    const verdict = this.#policy.onFailure(this.#clock.nowNs())
    if (verdict.kind === 'escalate') {
      const details = { name: this.#spec.name, failures: verdict.failures, windowMs: this.#policy.windowMs, error: error.message }
      return this.#spec.onGiveUp(new RingmasterError('RM_PROCESS_LIMIT', details, error), exitCode)
    }
    this.#timers.after(verdict.delayMs, () => {
      if (!this.#stopping) this.#spawn()
    })
  }
}
