import { errorLine, type Timer, type Timers } from '../src/core/index.ts'
import type { KillAnswer, KillHealth, ReleaseAnswer } from '../src/runtime/health/index.ts'
import type { Log } from '../src/telemetry/index.ts'
import type { KillOrder, KillStatus, KillStore, KillWay } from '../src/trading/index.ts'
import type { ToEngine } from './engine-messages.ts'

/** Time between two looks at the files, and between two tellings of an order that the engine has not confirmed. */
const LOOK_MS = 500
/** The engine answers a release with its next beats. */
const ANSWER_MS = 5000

export interface KillWaysParts {
  readonly store: KillStore
  readonly timers: Timers
  readonly wallMs: () => number
  readonly log: Log
  /** Whether a person who touches the file means positions, too. */
  readonly flatten: boolean
  /** False when there is no engine process to tell. */
  readonly tell: (message: ToEngine) => boolean
}

/**
 * The ways into the kill switch that the root supervisor keeps: commands, the signal, and the file that a person
 * touches. What it is asked for is on the disk before the engine hears of it, so that an engine which hangs or is down
 * begins engaged; and it is told again until the engine has confirmed it.
 */
export class KillWays {
  readonly #parts: KillWaysParts
  readonly #session: string
  readonly #waiting = new Map<string, (answer: ReleaseAnswer) => void>()
  #pending: KillOrder | null = null
  /** What the files say, as of the last look. */
  #kept: KillOrder | null = null
  #status: KillStatus | null = null
  #touched = false
  #orders = 0
  #timer: Timer | null = null

  constructor(parts: KillWaysParts) {
    this.#parts = parts
    this.#session = parts.wallMs().toString(36)
    this.#kept = parts.store.look()
  }

  start(): void {
    this.#timer = this.#parts.timers.every(LOOK_MS, () => this.#look())
  }

  stop(): void {
    this.#timer?.cancel()
    for (const request of [...this.#waiting.keys()]) this.#answer(request, { kind: 'refused', reason: 'the engine stops' })
  }

  /** Engages, whatever the engine does just now. */
  engage(by: KillWay, why: string, flatten: boolean): KillAnswer {
    const { store, log, wallMs, tell } = this.#parts
    const order: KillOrder = { id: `R${this.#session}-${++this.#orders}`, by, code: 'manual', reason: why, flatten, values: {} }
    let kept = true
    // The first reason stays, unless more is asked for now.
    if (this.#kept === null || (flatten && !this.#kept.flatten)) {
      try {
        store.engage(order, wallMs())
        this.#kept = order
      } catch (error) {
        kept = false
        log('error', 'the file of the kill switch could not be written', { error: errorLine(error) })
      }
    }
    this.#pending = order
    const told = tell(messageOf(order))
    log('error', `kill switch by ${by}: ${why}`, { code: 'KILL_ASKED', id: order.id, by, flatten, kept, told })
    return { id: order.id, kept, told }
  }

  /** Asks the engine to release it, and waits for its word. */
  release(by: KillWay, why: string, force: boolean): Promise<ReleaseAnswer> {
    const request = `Q${this.#session}-${++this.#orders}`
    if (this.#pending !== null) return Promise.resolve({ kind: 'refused', reason: 'an order to engage it is still on its way to the engine' })
    return new Promise((resolve) => {
      this.#waiting.set(request, resolve)
      this.#parts.timers.after(ANSWER_MS, () => this.#answer(request, { kind: 'refused', reason: `the engine has not answered within ${ANSWER_MS} ms` }))
      if (!this.#parts.tell({ type: 'release', request, by, why, force })) this.#answer(request, { kind: 'refused', reason: 'the engine process is not running' })
    })
  }

  /** The engine's word about it; null while it has said nothing yet. */
  onStatus(status: KillStatus | null): void {
    this.#status = status
    if (status === null) return
    const { engaged, answer } = status
    if (engaged !== null && (this.#pending === null || engaged.flatten || !this.#pending.flatten)) this.#pending = null
    if (answer === null || !this.#waiting.has(answer.request)) return
    if (answer.problem === '') this.#kept = null
    this.#answer(answer.request, answer.problem === '' ? { kind: 'released' } : { kind: 'refused', reason: answer.problem })
  }

  /** What it knew dies with the process; what is on the disk holds. */
  onEngineDown(): void {
    this.#status = null
  }

  health(): KillHealth {
    const { engaged = null, dayLoss = null, drawdownPercent = null } = this.#status ?? {}
    const shown = engaged ?? this.#pending ?? (this.#status === null ? this.#kept : null)
    const losses = { dayLoss, drawdownPercent }
    if (shown === null) return { engaged: false, by: '', code: '', reason: '', since: null, flatten: false, values: {}, ...losses }
    const { by, code, reason, flatten, values } = shown
    return { engaged: true, by, code, reason, since: engaged === null ? null : new Date(engaged.sinceMs).toISOString(), flatten, values, ...losses }
  }

  #look(): void {
    const { store, tell, log } = this.#parts
    const touched = store.touched()
    this.#kept = store.look()
    if (touched !== null && !this.#touched && this.#kept !== null) {
      log('error', `kill switch by file: ${this.#kept.reason}`, { code: 'KILL_ASKED', by: 'file' })
      this.#pending = { ...this.#kept, id: `R${this.#session}-${++this.#orders}`, flatten: this.#kept.flatten || this.#parts.flatten }
    }
    this.#touched = touched !== null
    if (this.#pending !== null) tell(messageOf(this.#pending))
  }

  #answer(request: string, answer: ReleaseAnswer): void {
    const resolve = this.#waiting.get(request)
    this.#waiting.delete(request)
    resolve?.(answer)
  }
}

const messageOf = ({ id, by, reason, flatten }: KillOrder): ToEngine => ({ type: 'kill', id, by, why: reason, flatten })
