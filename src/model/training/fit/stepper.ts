import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { type OptimiserOptions, optimiserRates, RATES } from '../autodiff/index.ts'
import { classOf, dropoutMask, gather, type TrainingTable } from '../data/index.ts'
import { CLASSES, LOSSES, type NetworkShape, type Normaliser, trainingGraph } from '../network/index.ts'

type Ort = typeof import('onnxruntime-node')
type Vectors = readonly [theta: Float32Array, momentum: Float32Array, variance: Float32Array]

export interface StepperOptions {
  readonly shape: NetworkShape
  readonly batch: number
  readonly normaliser: Normaliser
  readonly classWeights: readonly number[]
  readonly returnScale: number
  readonly dropout: number
  readonly optimiser: OptimiserOptions
  readonly seed: number
  /** Threads of the runtime; the result does not depend on it. */
  readonly threads: number
}

/** What a step reports: the losses in the order of `LOSSES`, and the norm of the gradient. */
export interface StepResult {
  readonly losses: Float32Array
  readonly norm: number
}

/**
 * Runs training steps: holds the compiled graph, the state of the optimiser in two sets of vectors that change places, and the memory
 * of a batch.
 */
export class Stepper {
  readonly #options: StepperOptions
  readonly #session: InferenceSession
  readonly #table: TrainingTable
  readonly #x: Float32Array
  readonly #target: Float32Array
  readonly #movement: Float32Array
  readonly #mask: Float32Array | null
  readonly #rates = new Float32Array(RATES)
  readonly #losses = new Float32Array(LOSSES.length)
  readonly #norm = new Float32Array(1)
  readonly #feeds: readonly Record<string, Tensor>[]
  readonly #fetches: readonly Record<string, Tensor>[]
  readonly #vectors: readonly Vectors[]
  #side = 0

  private constructor(ort: Ort, session: InferenceSession, table: TrainingTable, options: StepperOptions, start: Vectors) {
    const { shape, batch, dropout } = options
    this.#options = options
    this.#session = session
    this.#table = table
    this.#x = new Float32Array(batch * shape.steps * shape.features)
    this.#target = new Float32Array(batch * CLASSES)
    this.#movement = new Float32Array(batch)
    this.#mask = dropout > 0 && shape.kind !== 'linear' ? new Float32Array(batch * 2 * shape.hidden) : null
    this.#vectors = [start.map((vector) => vector.slice()) as unknown as Vectors, start.map((vector) => new Float32Array(vector.length)) as unknown as Vectors]
    const tensor = (data: Float32Array, ...dims: number[]): Tensor => new ort.Tensor('float32', data, dims)
    const common = {
      x: tensor(this.#x, batch, shape.steps, shape.features), target: tensor(this.#target, batch, CLASSES), movement: tensor(this.#movement, batch, 1), rates: tensor(this.#rates, RATES),
      ...(this.#mask === null ? {} : { mask: tensor(this.#mask, batch, 2 * shape.hidden) }),
    }
    const results = { losses: tensor(this.#losses, LOSSES.length), norm: tensor(this.#norm, 1) }
    const [now, next] = this.#vectors.map(([theta, momentum, variance]) => [tensor(theta, theta.length), tensor(momentum, momentum.length), tensor(variance, variance.length)] as const)
    this.#feeds = [now!, next!].map(([theta, momentum, variance]) => ({ ...common, theta, momentum, variance }))
    this.#fetches = [next!, now!].map(([theta, momentum, variance]) => ({ ...results, theta_next: theta, momentum_next: momentum, variance_next: variance }))
  }

  /** Compiles the graph. @param start parameters and state to begin with; they are copied */
  static async open(table: TrainingTable, options: StepperOptions, start: Vectors): Promise<Stepper> {
    const ort = await import('onnxruntime-node')
    const { shape, batch, normaliser, classWeights, dropout, optimiser, threads } = options
    const graph = trainingGraph(shape, { batch, normaliser, classWeights, dropout: dropout > 0, optimiser })
    const session = await ort.InferenceSession.create(graph, { intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: 'sequential', executionProviders: ['cpu'], logSeverityLevel: 4 })
    return new Stepper(ort, session, table, options, start)
  }

  /** Parameters and optimiser state as of the last step; only good until the next one. */
  get vectors(): Vectors {
    return this.#vectors[this.#side]!
  }

  /** One step on a batch of windows. @param step 1 for the first; chooses the dropout and the scales of the optimiser */
  async step(windows: Int32Array, step: number, rate: number): Promise<StepResult> {
    const { shape, returnScale, dropout, seed, optimiser } = this.#options
    gather(this.#table, windows, shape.steps, this.#x)
    this.#target.fill(0)
    for (let i = 0; i < windows.length; i++) {
      this.#target[i * CLASSES + classOf(this.#table.direction[windows[i]!]!)] = 1
      this.#movement[i] = this.#table.movement[windows[i]!]! / returnScale
    }
    if (this.#mask !== null) dropoutMask(this.#mask, dropout, seed, step)
    this.#rates.set(optimiserRates(rate, step, optimiser))
    await this.#session.run(this.#feeds[this.#side]!, this.#fetches[this.#side]!)
    this.#side = 1 - this.#side
    return { losses: this.#losses, norm: this.#norm[0]! }
  }

  async close(): Promise<void> {
    await this.#session.release()
  }
}
