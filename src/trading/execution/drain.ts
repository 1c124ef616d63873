import type { Nanos } from '../../core/index.ts'
import type { ActorContext } from '../../runtime/index.ts'
import { drains } from '../decide/sweep.ts'
import type { Recorder } from '../recorder.ts'
import type { StopPolicy } from '../records.ts'
import type { TradingState } from '../state.ts'
import type { Pipeline } from './pipeline.ts'
import type { Readiness } from './readiness.ts'

export interface StopSummary {
  readonly policy: StopPolicy
  /** False when the deadline came before the venue's evidence. */
  readonly drained: boolean
  readonly liveOrders: number
  readonly openPositions: number
}

export interface DrainEnds {
  /** Asks for what must be off before the end. @returns true once it is */
  readonly quiet: () => boolean
  /** Ends everything that could still send or be called. */
  readonly halt: () => void
  readonly onStopped: ((summary: StopSummary) => void) | null
}

/** A stop in good order: what its policy calls back has the venue's word, or the deadline's, before the epoch ends. */
export class Drain {
  readonly #state: TradingState
  readonly #pipeline: Pipeline
  readonly #recorder: Recorder
  readonly #readiness: Readiness
  readonly #deadlineMs: number
  readonly #context: Pick<ActorContext, 'clock' | 'log'>
  readonly #ends: DrainEnds
  readonly #waiting: ((() => void) | null)[] = []
  #policy: StopPolicy = 'leave'
  #byNs: Nanos = 0

  constructor(state: TradingState, pipeline: Pipeline, recorder: Recorder, readiness: Readiness, deadlineMs: number, context: Pick<ActorContext, 'clock' | 'log'>, ends: DrainEnds) {
    this.#state = state
    this.#pipeline = pipeline
    this.#recorder = recorder
    this.#readiness = readiness
    this.#deadlineMs = deadlineMs
    this.#context = context
    this.#ends = ends
  }

  /** Begins it; one that runs goes on by its own policy. @param done once the epoch has ended */
  begin(policy: StopPolicy, done: (() => void) | null): void {
    this.#waiting.push(done)
    if (this.#readiness.phase === 'draining') return
    if (this.#readiness.phase === 'stopped') return this.#callWaiting()
    this.#policy = policy
    this.#byNs = this.#context.clock.nowNs() + this.#deadlineMs * 1e6
    this.#readiness.enter('draining', `stopping: ${policy}`)
    this.#pipeline.handle({ kind: 'stop', policy })
    this.proceed(this.#context.clock.nowNs())
  }

  /** Ends the epoch when nothing is waited for any more; while something is, reaches for what the stop did not. */
  proceed(nowNs: Nanos): void {
    let waiting = 0
    let live = 0
    for (const symbol of this.#state.symbols.values())
      for (const order of symbol.live) {
        live++
        if (drains(this.#policy, order)) waiting++
      }
    if (waiting > 0 && nowNs < this.#byNs) return this.#pipeline.handle({ kind: 'drain', policy: this.#policy })
    if (!this.#ends.quiet()) return
    const summary: StopSummary = { policy: this.#policy, drained: waiting === 0, liveOrders: live, openPositions: this.#state.exposure.positions }
    const now = this.#pipeline.moment()
    this.#pipeline.act({
      records: [{ kind: 'epoch-ended', atMs: now.wallMs, atNs: now.ns, epoch: this.#state.epoch, liveOrders: summary.liveOrders, openPositions: summary.openPositions, drained: summary.drained }],
      effects: [],
      refusal: null,
      increases: false,
    })
    const flushed = this.#recorder.flush()
    this.#ends.halt()
    this.#context.log(summary.drained && flushed ? 'info' : 'warn', 'execution stopped', { ...summary, flushed })
    this.#ends.onStopped?.(summary)
    this.#callWaiting()
  }

  #callWaiting(): void {
    for (const done of this.#waiting.splice(0)) done?.()
  }
}
