import { fail } from '../../../core/index.ts'
import { optimiserDefaults } from '../autodiff/index.ts'
import { checkFold, classCounts, classWeights, epochWindows, type Fold, rowsOf, thinned, type TrainingTable } from '../data/index.ts'
import { crossEntropyOf, accuracyOf } from '../evaluate/index.ts'
import { exportNetwork, freshParameters, type NetworkShape, type Normaliser, normaliserOf, parameterCount, priorShift } from '../network/index.ts'
import type { CheckpointStore } from './checkpoint-file.ts'
import type { Checkpoint, EpochRecord } from './checkpoint.ts'
import { bestEpoch, stopsEarly } from './early-stopping.ts'
import { classesOf, predict, probabilitiesOf } from './predict.ts'
import { fitPlan, learningRate, type TrainingPlan } from './schedule.ts'
import { Stepper } from './stepper.ts'

export interface FitSettings {
  readonly batch: number
  readonly epochs: number
  readonly patience: number
  /** Neighbouring windows of which an epoch takes one. */
  readonly stride: number
  readonly learningRate: number
  readonly weightDecay: number
  readonly dropout: number
  /** See `classWeights`. */
  readonly classBalance: number
  readonly seed: number
}

/** The outside of a training. */
export interface FitSurroundings {
  /** Named in errors and progress. */
  readonly name: string
  /** Of data, settings and fold: a checkpoint with another one is not gone on from. */
  readonly fingerprint: string
  readonly store: CheckpointStore | null
  readonly nowMs: () => number
  /** Looked at before every step. */
  readonly stopped: () => boolean
  readonly onProgress: (progress: FitProgress) => void
  /** Time for the whole training, ms; null for as long as it takes. */
  readonly budgetMs: number | null
  readonly threads?: number
}

export interface FitProgress {
  readonly step: number
  readonly steps: number
  readonly epoch: number
  /** Means of the epoch so far. */
  readonly loss: number
  readonly accuracy: number
  /** After the last epoch; null before there was one. */
  readonly validationLoss: number | null
}

/** A network with what belongs to it. */
export interface Fitted {
  readonly shape: NetworkShape
  readonly theta: Float32Array
  readonly normaliser: Normaliser
  readonly classWeights: readonly number[]
  /** Deviation of the returns of training, a fraction. */
  readonly returnScale: number
  readonly history: readonly EpochRecord[]
  readonly plan: TrainingPlan
}

/** Steps between two checkpoints inside an epoch, and between two words of progress. */
const CHECKPOINT_STEPS = 200
const PROGRESS_STEPS = 10
/** Steps that are timed to fit a plan into a budget; the first ones are slower. */
const TIMED_STEPS = 30
const UNTIMED_STEPS = 3
/** Share of a budget that is planned for: validation and the start take some. */
const BUDGET_SHARE = 0.85

/**
 * Trains one network on one fold. The order of windows, the dropout and the start follow from the seed, so the same data and settings
 * give the same bits, also when it was interrupted and went on from its checkpoint.
 * @returns null when it was stopped; a later call goes on
 * @throws RM_TRAIN_LEAK, RM_TRAIN_DIVERGED, RM_TRAIN_CHECKPOINT
 */
export async function fit(table: TrainingTable, fold: Fold, shape: NetworkShape, settings: FitSettings, surroundings: FitSurroundings): Promise<Fitted | null> {
  checkFold(table, fold)
  const training = new Training(table, fold, shape, settings, surroundings)
  return training.run()
}

class Training {
  readonly #table: TrainingTable
  readonly #fold: Fold
  readonly #shape: NetworkShape
  readonly #settings: FitSettings
  readonly #surroundings: FitSurroundings
  readonly #normaliser: Normaliser
  readonly #classWeights: readonly number[]
  readonly #returnScale: number
  readonly #batch: number
  readonly #validation: Int32Array

  constructor(table: TrainingTable, fold: Fold, shape: NetworkShape, settings: FitSettings, surroundings: FitSurroundings) {
    this.#table = table
    this.#fold = fold
    this.#shape = shape
    this.#settings = settings
    this.#surroundings = surroundings
    this.#normaliser = normaliserOf(table.values, table.features, rowsOf(fold.train, fold.steps))
    this.#classWeights = classWeights(classCounts(table, fold.train), settings.classBalance)
    this.#returnScale = returnScaleOf(table, fold.train)
    this.#batch = Math.min(settings.batch, Math.ceil(fold.train.length / settings.stride))
    this.#validation = thinned(fold.validation, settings.stride)
  }

  async run(): Promise<Fitted | null> {
    const { store, fingerprint } = this.#surroundings
    const found = store?.load() ?? null
    if (found !== null && found.fingerprint !== fingerprint) fail('RM_TRAIN_CHECKPOINT', { file: this.#surroundings.name, problem: 'it is of other data or settings' })
    if (found?.finished === true) return this.#fitted(found)
    const start = found ?? (await this.#begin())
    const stepper = await this.#open(start)
    try {
      return await this.#epochs(stepper, start)
    } finally {
      await stepper.close()
    }
  }

  async #begin(): Promise<Checkpoint> {
    const theta = freshParameters(this.#shape, this.#settings.seed)
    const zeros = (): Float32Array => new Float32Array(parameterCount(this.#shape))
    const wanted = { epochs: this.#settings.epochs, stepsPerEpoch: Math.floor(Math.ceil(this.#fold.train.length / this.#settings.stride) / this.#batch) }
    const fresh: Checkpoint = { fingerprint: this.#surroundings.fingerprint, plan: wanted, step: 0, history: [], sums: [0, 0, 0], finished: false, theta, momentum: zeros(), variance: zeros(), best: theta }
    const { budgetMs } = this.#surroundings
    return budgetMs === null ? fresh : { ...fresh, plan: fitPlan(wanted, (budgetMs * BUDGET_SHARE) / (await this.#stepMs(fresh))) }
  }

  /** Times some steps, whose result is thrown away: what is trained does not depend on them but through the plan. */
  async #stepMs(start: Checkpoint): Promise<number> {
    const { nowMs } = this.#surroundings
    const stepper = await this.#open(start)
    const windows = epochWindows(this.#fold.train, this.#settings.stride, this.#settings.seed, 0)
    const took: number[] = []
    for (let step = 1; step <= UNTIMED_STEPS + TIMED_STEPS; step++) {
      const startedMs = nowMs()
      await stepper.step(this.#batchOf(windows, (step - 1) % start.plan.stepsPerEpoch), step, this.#settings.learningRate)
      took.push(nowMs() - startedMs)
    }
    await stepper.close()
    return took.slice(UNTIMED_STEPS).toSorted((a, b) => a - b)[TIMED_STEPS >> 1]!
  }

  #open(start: Checkpoint): Promise<Stepper> {
    const { dropout, seed, weightDecay } = this.#settings
    const options = {
      shape: this.#shape, batch: this.#batch, normaliser: this.#normaliser, classWeights: this.#classWeights, returnScale: this.#returnScale, dropout, seed,
      optimiser: { ...optimiserDefaults, weightDecay }, threads: this.#surroundings.threads ?? 1,
    }
    return Stepper.open(this.#table, options, [start.theta, start.momentum, start.variance])
  }

  #batchOf(windows: Int32Array, index: number): Int32Array {
    return windows.subarray(index * this.#batch, (index + 1) * this.#batch)
  }

  async #epochs(stepper: Stepper, start: Checkpoint): Promise<Fitted | null> {
    const { store, stopped, onProgress, name } = this.#surroundings
    const { plan } = start
    const history = [...start.history]
    let { step, best } = start
    const sums: [number, number, number] = [...start.sums]
    const state = (finished = false): Checkpoint => {
      const [theta, momentum, variance] = stepper.vectors
      return { fingerprint: start.fingerprint, plan, step, history, sums, finished, theta, momentum, variance, best }
    }
    while (history.length < plan.epochs && !stopsEarly(history, this.#settings.patience)) {
      const epoch = history.length
      const windows = epochWindows(this.#fold.train, this.#settings.stride, this.#settings.seed, epoch)
      for (let index = step - epoch * plan.stepsPerEpoch; index < plan.stepsPerEpoch; index++) {
        if (stopped()) {
          store?.save(state())
          return null
        }
        const { losses, norm } = await stepper.step(this.#batchOf(windows, index), step + 1, learningRate(step + 1, this.#settings.learningRate, plan))
        step++
        if (!Number.isFinite(losses[0]!) || !Number.isFinite(norm)) fail('RM_TRAIN_DIVERGED', { run: name, loss: losses[0], step })
        sums[0] += losses[1]!
        sums[1] += losses[4]!
        sums[2] += norm
        if (step % PROGRESS_STEPS === 0) onProgress({ step, steps: plan.epochs * plan.stepsPerEpoch, epoch, loss: sums[0] / (index + 1), accuracy: sums[1] / (index + 1), validationLoss: history.at(-1)?.validationLoss ?? null })
        if (step % CHECKPOINT_STEPS === 0) store?.save(state())
      }
      history.push({ ...(await this.#validate(stepper.vectors[0])), trainLoss: sums[0] / plan.stepsPerEpoch, trainAccuracy: sums[1] / plan.stepsPerEpoch, gradientNorm: sums[2] / plan.stepsPerEpoch })
      if (bestEpoch(history) === epoch) best = stepper.vectors[0].slice()
      sums.fill(0)
      store?.save(state())
    }
    const end = state(true)
    store?.save(end)
    onProgress({ step: plan.epochs * plan.stepsPerEpoch, steps: plan.epochs * plan.stepsPerEpoch, epoch: history.length, loss: history.at(-1)!.trainLoss, accuracy: history.at(-1)!.trainAccuracy, validationLoss: history[bestEpoch(history)]!.validationLoss })
    return this.#fitted(end)
  }

  async #validate(theta: Float32Array): Promise<Pick<EpochRecord, 'validationLoss' | 'validationAccuracy'>> {
    const model = exportNetwork(this.#shape, theta, { normaliser: this.#normaliser, logitShift: priorShift(this.#classWeights), returnScale: this.#returnScale })
    const { logits } = await predict(model, this.#table, this.#validation, this.#shape.steps)
    const probabilities = probabilitiesOf(logits)
    const classes = classesOf(this.#table, this.#validation)
    return { validationLoss: crossEntropyOf(probabilities, classes), validationAccuracy: accuracyOf(probabilities, classes) }
  }

  #fitted({ best, history, plan }: Checkpoint): Fitted {
    return { shape: this.#shape, theta: best, normaliser: this.#normaliser, classWeights: this.#classWeights, returnScale: this.#returnScale, history, plan }
  }
}

function returnScaleOf({ movement }: TrainingTable, windows: Int32Array): number {
  const mean = windows.reduce((sum, row) => sum + movement[row]!, 0) / windows.length
  const deviation = Math.sqrt(windows.reduce((sum, row) => sum + (movement[row]! - mean) ** 2, 0) / windows.length)
  // A price that never moves has no scale; every return is then its mean.
  return deviation > 0 ? deviation : 1
}
