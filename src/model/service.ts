import { type Clock, errorLabel, errorLine, fail } from '../core/index.ts'
import { acceptModel } from './acceptance.ts'
import { type BatchedQuestions, ModelBatcher } from './batcher.ts'
import type { ModelBundle } from './bundle.ts'
import { atLeast, DriftMonitor, type DriftReport, type Severity } from './drift/index.ts'
import type { ModelGate } from './gate.ts'
import { Maturing, NO_CLASS } from './maturing.ts'
import { classOf, emptyOutput, type ModelContract, type ModelOutput, type ModelPredictor } from './predictor.ts'
import { ModelSession } from './session.ts'

/** So many runs in a row that gave no answer put a model to rest, for so long. */
const FAILURES_MAX = 3
const REST_MS = 5000

/** Where the models of a service come from: a registry, as seen with the features in use. */
export interface ModelSource {
  /** Changes whenever another model may be meant. */
  readonly stamp: string
  active(): ModelBundle | null
  shadow(): ModelBundle | null
}

export interface ModelServiceParts {
  readonly source: ModelSource
  readonly gate: ModelGate
  readonly clock: Clock
  /** Longest run whose answers still count, ms. */
  readonly budgetMs: number
  /** Drift from which on a model is not used; null: whatever its drift. */
  readonly fallbackFrom: Severity | null
  readonly log: (level: 'info' | 'warn' | 'error', message: string, data: Readonly<Record<string, unknown>>) => void
}

/** How a shadow did beside the active model. */
export interface ShadowStatus {
  readonly version: string
  readonly answers: number
  /** Answers of the same class as the active model's. */
  readonly same: number
  readonly failures: number
  /** Answers whose future is known, of the shadow, and how often it and the active model were right there. */
  readonly matured: number
  readonly right: number
  readonly activeRight: number
}

/** What one thread has to say of its models. All counts are since the model became active there. */
export interface ModelStatus {
  readonly active: string | null
  /** Why the version that is meant to be active is not. */
  readonly error: string | null
  readonly resting: boolean
  readonly answers: number
  readonly failures: number
  readonly runs: number
  /** Of a run, whatever its batch. */
  readonly meanRunNs: number
  readonly largestBatch: number
  readonly agreed: number
  readonly disagreed: number
  readonly fallbacks: number
  readonly drift: DriftReport | null
  readonly shadow: ShadowStatus | null
}

/** A model in use, with everything that is counted of it. */
class Served {
  readonly batcher: ModelBatcher
  readonly bundle: ModelBundle
  readonly monitor: DriftMonitor
  answers = 0
  failures = 0
  runs = 0
  runNs = 0
  largestBatch = 0
  same = 0
  matured = 0
  right = 0
  activeRight = 0
  failedInRow = 0
  restUntilNs = Number.NEGATIVE_INFINITY

  constructor(bundle: ModelBundle, session: ModelSession, { clock, budgetMs }: ModelServiceParts) {
    this.bundle = bundle
    this.monitor = new DriftMonitor(bundle.baseline, bundle.meta.metrics?.test.accuracy ?? null)
    this.batcher = new ModelBatcher(session, clock, budgetMs, (batch, tookNs) => {
      this.runs++
      this.runNs += tookNs
      this.largestBatch = Math.max(this.largestBatch, batch)
    })
  }
}

/**
 * The models of one thread: the active one, and a shadow beside it, shared by its symbols. A change takes hold between two
 * questions: each is answered by the model that was active when it was asked, and says which one that was.
 */
export class ModelService {
  readonly #parts: ModelServiceParts
  #active: Served | null = null
  #shadow: Served | null = null
  #stamp = ''
  #error: string | null = null
  #refreshing = false
  #agreed = 0
  #disagreed = 0
  #fallbacks = 0

  constructor(parts: ModelServiceParts) {
    this.#parts = parts
  }

  /** A way in for one symbol, for one life of its actor. */
  predictor(): ModelPredictor {
    return new ServicePredictor(this)
  }

  /** Of the model that is active now; null: there is none. */
  get contract(): ModelContract | null {
    return this.#active?.batcher.contract ?? null
  }

  /**
   * Looks whether other models are meant now, and takes them when they pass their trial: what does not pass changes nothing.
   * @returns whether the active model is another one
   */
  async refresh(): Promise<boolean> {
    if (this.#refreshing) return false
    this.#refreshing = true
    try {
      const { stamp } = this.#parts.source
      if (stamp === this.#stamp) return false
      this.#stamp = stamp
      const changed = await this.#refreshActive()
      await this.#refreshShadow()
      return changed
    } catch (error) {
      this.#error = errorLine(error)
      this.#parts.log('error', 'the registry of models cannot be read', { error: this.#error })
      return false
    } finally {
      this.#refreshing = false
    }
  }

  get status(): ModelStatus {
    const served = this.#active
    const shadow = this.#shadow
    return {
      active: served?.batcher.contract.version ?? null,
      error: this.#error,
      resting: served !== null && this.#resting(served),
      answers: served?.answers ?? 0,
      failures: served?.failures ?? 0,
      runs: served?.runs ?? 0,
      meanRunNs: served === null || served.runs === 0 ? 0 : Math.round(served.runNs / served.runs),
      largestBatch: served?.largestBatch ?? 0,
      agreed: this.#agreed,
      disagreed: this.#disagreed,
      fallbacks: this.#fallbacks,
      drift: served?.monitor.report ?? null,
      shadow: shadow === null ? null : { version: shadow.batcher.contract.version, answers: shadow.answers, same: shadow.same, failures: shadow.failures, matured: shadow.matured, right: shadow.right, activeRight: shadow.activeRight },
    }
  }

  /** For predictors only: the model that a question asked now is for. */
  get served(): Served | null {
    return this.#active
  }

  /** For predictors only. */
  get beside(): Served | null {
    return this.#shadow
  }

  unfit(): ModelPredictor['unfit'] {
    const served = this.#active
    if (served === null) return null
    if (this.#resting(served)) return 'model_resting'
    const { fallbackFrom } = this.#parts
    return fallbackFrom !== null && atLeast(served.monitor.report.severity, fallbackFrom) ? 'model_drifted' : null
  }

  answered(served: Served): void {
    served.answers++
    served.failedInRow = 0
  }

  failed(served: Served, error: unknown): void {
    served.failures++
    // A gate that closes says nothing of the model.
    if (errorLabel(error) === 'RM_MODEL_GATE_CLOSED' || ++served.failedInRow < FAILURES_MAX) return
    served.failedInRow = 0
    served.restUntilNs = this.#parts.clock.nowNs() + REST_MS * 1e6
    this.#parts.log('warn', 'the model rests: run after run gave no answer', { version: served.batcher.contract.version, error: errorLine(error), restMs: REST_MS })
  }

  judged(what: 'agreed' | 'disagreed' | 'fallback'): void {
    if (what === 'agreed') this.#agreed++
    else if (what === 'disagreed') this.#disagreed++
    else this.#fallbacks++
  }

  #resting(served: Served): boolean {
    return this.#parts.clock.nowNs() < served.restUntilNs
  }

  async #refreshActive(): Promise<boolean> {
    const { source, log } = this.#parts
    const before = this.#active
    try {
      const bundle = source.active()
      this.#error = null
      if (bundle === null && before === null) return false
      if (bundle !== null && bundle.meta.files.model.sha256 === before?.bundle.meta.files.model.sha256 && bundle.meta.version === before.bundle.meta.version) return false
      this.#active = bundle === null ? null : await this.#serve(bundle)
    } catch (error) {
      this.#error = errorLine(error)
      log('error', before === null ? 'the model is refused: the strategies decide alone' : 'the model is refused: the one before goes on', { error: this.#error })
      return false
    }
    this.#agreed = this.#disagreed = this.#fallbacks = 0
    log('info', 'the active model changes', { from: before?.batcher.contract.version ?? null, to: this.#active?.batcher.contract.version ?? null })
    if (before !== null) await this.#retire(before)
    return true
  }

  async #refreshShadow(): Promise<void> {
    const { source, log } = this.#parts
    const before = this.#shadow
    try {
      const bundle = source.shadow()
      if (bundle?.meta.version === before?.bundle.meta.version && bundle?.meta.files.model.sha256 === before?.bundle.meta.files.model.sha256) return
      this.#shadow = bundle === null ? null : await this.#serve(bundle)
    } catch (error) {
      this.#shadow = null
      log('error', 'the shadow model is refused', { error: errorLine(error) })
    }
    if (before !== null) await this.#retire(before)
  }

  async #serve(bundle: ModelBundle): Promise<Served> {
    const session = await ModelSession.open(bundle, this.#parts.gate)
    try {
      await acceptModel(session, bundle.golden, this.#parts.clock)
    } catch (error) {
      await session.release()
      throw error
    }
    return new Served(bundle, session, this.#parts)
  }

  /** Questions that it was asked are still answered. A thread that ends meanwhile frees it anyway. */
  async #retire({ batcher }: Served): Promise<void> {
    await batcher.idle()
    try {
      await batcher.session.release()
    } catch (error) {
      this.#parts.log('warn', 'a model that was replaced could not be freed', { version: batcher.contract.version, error: errorLine(error) })
    }
  }
}

/** One symbol's way in. */
class ServicePredictor implements ModelPredictor {
  readonly #service: ModelService
  #served: Served | null = null
  #questions: BatchedQuestions | null = null
  #maturing: Maturing | null = null
  #besides: { readonly served: Served; readonly questions: BatchedQuestions } | null = null
  #timeMs = 0
  #price = 0

  constructor(service: ModelService) {
    this.#service = service
  }

  get current(): ModelContract | null {
    return this.#service.contract
  }

  get unfit(): ModelPredictor['unfit'] {
    return this.#service.unfit()
  }

  get output(): ModelOutput {
    return this.#questions?.output ?? NO_OUTPUT
  }

  async run(window: Float32Array): Promise<void> {
    const served = this.#service.served ?? fail('RM_MODEL_NONE', {})
    if (served !== this.#served) this.#adopt(served)
    const questions = this.#questions!
    try {
      await questions.run(window)
    } catch (error) {
      this.#service.failed(served, error)
      throw error
    }
    this.#service.answered(served)
    const { output } = questions
    served.monitor.add(window, window.length - served.batcher.contract.featureCount, output.buy - output.sell)
    this.#beside(served, window, classOf(output))
  }

  seen(timeMs: number, price: number): void {
    this.#timeMs = timeMs
    this.#price = price
    this.#maturing?.seen(timeMs, price)
  }

  judged(what: 'agreed' | 'disagreed' | 'fallback'): void {
    this.#service.judged(what)
  }

  #adopt(served: Served): void {
    this.#served = served
    this.#questions = served.batcher.questions()
    const { label } = served.bundle.meta
    this.#maturing = label === null ? null : new Maturing(label, (predicted, shadow, actual) => this.#matured(served, predicted, shadow, actual))
  }

  #matured(served: Served, predicted: number, shadow: number, actual: number): void {
    served.monitor.outcome(predicted === actual)
    const beside = this.#service.beside
    if (shadow === NO_CLASS || beside === null) return
    beside.matured++
    if (shadow === actual) beside.right++
    if (predicted === actual) beside.activeRight++
  }

  /** The shadow is asked the same after the active model has answered, so that no decision waits for it. */
  #beside(served: Served, window: Float32Array, predicted: number): void {
    const maturing = this.#maturing
    const [timeMs, price] = [this.#timeMs, this.#price]
    const shadow = this.#service.beside
    if (shadow === null || shadow.bundle.meta.input.shape[0] * shadow.bundle.meta.input.shape[1] !== window.length) return maturing?.predicted(timeMs, price, predicted, NO_CLASS)
    if (this.#besides?.served !== shadow) this.#besides = { served: shadow, questions: shadow.batcher.questions() }
    const { questions } = this.#besides
    questions.run(window).then(
      () => {
        const said = classOf(questions.output)
        shadow.answers++
        if (said === predicted) shadow.same++
        if (this.#served === served) maturing?.predicted(timeMs, price, predicted, said)
      },
      () => {
        shadow.failures++
        if (this.#served === served) maturing?.predicted(timeMs, price, predicted, NO_CLASS)
      },
    )
  }
}

const NO_OUTPUT = emptyOutput()
