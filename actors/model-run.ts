import { errorLabel, errorLine, type Nanos, type Timer } from '../src/core/index.ts'
import type { ModelContract, ModelPredictor } from '../src/model/index.ts'
import type { ActorContext, ActorScope } from '../src/runtime/index.ts'

/** Why a run gave no answer. */
export interface RunFailure {
  readonly code: string
  readonly line: string
}

/**
 * The runs of one model, one at a time, each within its budget. The answer stands in `model.output`. A run that outlives its budget ends for the
 * actor and goes on for the model: it cannot be asked (`stuck`) until that one has ended.
 */
export class ModelRun {
  readonly model: ModelPredictor
  running = false
  stuck = false
  startNs: Nanos = Number.NEGATIVE_INFINITY
  readonly #context: ActorContext
  readonly #guard: ActorScope['guard']
  readonly #ended: (failure: RunFailure | null) => void
  #run = 0
  #deadline: Timer | null = null

  constructor(context: ActorContext, model: ModelPredictor, guard: ActorScope['guard'], ended: (failure: RunFailure | null) => void) {
    this.#context = context
    this.model = model
    this.#guard = guard
    this.#ended = ended
  }

  /** @param contract of the model that is asked @param window copied before this returns */
  ask({ budgetMs }: ModelContract, window: Float32Array, nowNs: Nanos): void {
    const run = ++this.#run
    this.running = true
    this.startNs = nowNs
    this.#deadline = this.#context.timers.after(budgetMs, () => this.#overdue(run, budgetMs))
    const settle = this.#guard((error: unknown) => this.#settle(run, error))
    this.model.run(window).then(() => settle(null), settle)
  }

  /** Nothing is heard of a run any more. */
  drop(): void {
    this.#deadline?.cancel()
    this.#deadline = null
    this.running = false
  }

  #overdue(run: number, budgetMs: number): void {
    if (run !== this.#run || !this.running) return
    this.stuck = true
    this.#end({ code: 'run_overdue', line: `model run exceeds ${budgetMs} ms` })
  }

  #settle(run: number, error: unknown): void {
    this.#context.observe('model_run', this.#context.clock.nowNs() - this.startNs)
    if (run !== this.#run || !this.running) {
      // The answer to a vector that the strategies have decided already.
      this.stuck = false
      this.#context.count('model_late')
      return
    }
    this.#end(error === null ? null : { code: errorLabel(error), line: errorLine(error) })
  }

  #end(failure: RunFailure | null): void {
    this.drop()
    this.#ended(failure)
  }
}
