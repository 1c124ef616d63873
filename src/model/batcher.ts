import { fail, type Clock } from '../core/index.ts'
import { emptyOutput, type ModelContract, type ModelOutput } from './predictor.ts'
import type { ModelSession } from './session.ts'

interface Waiting {
  readonly window: Float32Array
  readonly output: ModelOutput
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

/**
 * Lets the symbols of a thread share one session. Questions that come within one turn of the event loop are answered by one
 * run, up to the batch of the session; a question never waits for others to come.
 */
export class ModelBatcher {
  readonly session: ModelSession
  readonly contract: ModelContract
  readonly #clock: Clock
  readonly #told: (batch: number, tookNs: number) => void
  #waiting: Waiting[] = []
  #pumping = false
  #idle: (() => void)[] = []

  /** @param budgetMs longest run whose answers still count @param told of every run */
  constructor(session: ModelSession, clock: Clock, budgetMs: number, told: (batch: number, tookNs: number) => void = NOTHING) {
    this.session = session
    this.#clock = clock
    const { version, input, thresholds } = session.meta
    this.contract = { version, windowSteps: input.shape[0], featureCount: input.shape[1], stepMs: input.stepMs, budgetMs, thresholds }
    this.#told = told
  }

  /** A way in for one symbol. */
  questions(): BatchedQuestions {
    return new BatchedQuestions(this)
  }

  /** @param window must not change before the answer is there; `output` is void when this rejects */
  ask(window: Float32Array, output: ModelOutput): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ window, output, done, failed })
      if (!this.#pumping) {
        this.#pumping = true
        // Behind everything that this turn of the loop still runs: who is due with this one comes into the same run.
        void Promise.resolve().then(() => this.#pump())
      }
    })
  }

  /** Resolves when every question that was asked has its answer. */
  idle(): Promise<void> {
    return this.#pumping ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve()
  }

  async #pump(): Promise<void> {
    while (this.#waiting.length > 0) await this.#run(this.#waiting.splice(0, this.session.batchMax))
    this.#pumping = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #run(batch: readonly Waiting[]): Promise<void> {
    const { session } = this
    batch.forEach(({ window }, i) => session.input.set(window, i * session.windowSize))
    const startNs = this.#clock.nowNs()
    try {
      await session.run(batch.length)
    } catch (error) {
      for (const one of batch) one.failed(error)
      return
    }
    const tookNs = this.#clock.nowNs() - startNs
    this.#told(batch.length, tookNs)
    batch.forEach((one, i) => this.#answer(one, i, tookNs / 1e6))
  }

  #answer({ output, done, failed }: Waiting, at: number, tookMs: number): void {
    const { version } = this.session.meta
    try {
      this.session.read(at, output)
      const { budgetMs } = this.contract
      if (tookMs > budgetMs) fail('RM_MODEL_SLOW', { version, tookMs, budgetMs })
    } catch (error) {
      return failed(error)
    }
    done()
  }
}

/** One symbol's questions to one model. */
export class BatchedQuestions {
  readonly output = emptyOutput()
  readonly contract: ModelContract
  readonly #batcher: ModelBatcher
  readonly #window: Float32Array
  #running = false

  constructor(batcher: ModelBatcher) {
    this.#batcher = batcher
    this.contract = batcher.contract
    this.#window = new Float32Array(batcher.session.windowSize)
  }

  /** As `ModelPredictor.run`. */
  async run(window: Float32Array): Promise<void> {
    const { version } = this.contract
    if (window.length !== this.#window.length) fail('RM_MODEL_WINDOW', { version, expected: this.#window.length, actual: window.length })
    if (this.#running) fail('RM_MODEL_BUSY', { version })
    this.#running = true
    this.#window.set(window)
    try {
      await this.#batcher.ask(this.#window, this.output)
    } finally {
      this.#running = false
    }
  }
}

const NOTHING = (): void => {}
