import type { ActorStatus } from '../../runtime/index.ts'
import type { Recorder } from '../recorder.ts'

export type Phase = 'starting' | 'running' | 'draining' | 'stopped'

/** Whether execution may increase exposure, and what stands in the way: phase, private stream, reconciliation, account, journal. */
export class Readiness {
  readonly #recorder: Recorder
  readonly #show: (status: ActorStatus) => void
  #phase: Phase = 'starting'
  #linkUp = false
  #reconciled = false
  #everReconciled = false
  #note = 'not started'
  #preflight = 'the account has not been looked at yet'
  #fit = false

  /** @param show takes the status of the actor after every change of it */
  constructor(recorder: Recorder, show: (status: ActorStatus) => void) {
    this.#recorder = recorder
    this.#show = show
  }

  get phase(): Phase {
    return this.#phase
  }

  get linkUp(): boolean {
    return this.#linkUp
  }

  /** True once the books have agreed with the venue in this life, whatever came after. */
  get everReconciled(): boolean {
    return this.#everReconciled
  }

  /** False while nothing may increase exposure. */
  get opens(): boolean {
    return this.#phase === 'running' && this.#linkUp && this.#reconciled && this.#recorder.healthy
  }

  enter(phase: Phase, note: string): void {
    this.#phase = phase
    this.#note = note
    this.report()
  }

  /** After every change of the link the books must agree with the venue anew. */
  linkChanged(up: boolean, reason: string): void {
    this.#linkUp = up
    this.#reconciled = false
    this.#note = up ? 'reconciling' : `private stream down: ${reason}`
    this.report()
  }

  agreed(): void {
    this.#reconciled = this.#linkUp
    this.#everReconciled = true
    this.#note = ''
    this.report()
  }

  /** Every symbol has been looked at. @param note symbols that may not be traded, '' for none @param fit whether any may */
  preflighted(note: string, fit: boolean): void {
    this.#preflight = note
    this.#fit = fit
    this.report()
  }

  /** A round that failed after a good one takes nothing back: the next one decides. */
  disagreed(problem: string): void {
    if (this.#reconciled) return
    this.#note = `not reconciled: ${problem}`
    this.report()
  }

  report(): void {
    if (this.#phase === 'draining' || this.#phase === 'stopped') return this.#show({ state: 'stopping', note: this.#note })
    if (!this.#recorder.healthy) return this.#show({ state: 'degraded', note: `journal: ${this.#recorder.problem}` })
    if (this.#reconciled && this.#fit) return this.#show(this.#preflight === '' ? { state: 'ready' } : { state: 'ready', note: this.#preflight })
    if (this.#reconciled) return this.#show({ state: this.#preflight.includes('RM_') ? 'degraded' : 'starting', note: this.#preflight })
    this.#show({ state: this.#everReconciled ? 'degraded' : 'starting', note: this.#note })
  }
}
