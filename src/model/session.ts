import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { errorLine, fail, type Clock } from '../core/index.ts'
import type { BundleMeta, ModelBundle } from './bundle.ts'
import type { ModelGate } from './gate.ts'
import { emptyOutput, softmaxInto, type ModelOutput, type ModelPredictor, type ModelThresholds } from './predictor.ts'

type Ort = typeof import('onnxruntime-node')

/** Every number the native side hands back is looked at, so their count is fixed by the contract. */
const LOGITS = 3

/**
 * One loaded model of one thread. The native library is only loaded here, so a thread or process without a model never
 * has it. Predictors share the session, each with its own input and output memory.
 */
export class ModelSession {
  readonly meta: BundleMeta
  readonly #ort: Ort
  readonly #session: InferenceSession
  readonly #gate: ModelGate

  private constructor(meta: BundleMeta, ort: Ort, session: InferenceSession, gate: ModelGate) {
    this.meta = meta
    this.#ort = ort
    this.#session = session
    this.#gate = gate
  }

  /**
   * Loads a checked bundle and holds what the model file really declares against it.
   * @throws RM_MODEL_GATE_CLOSED, RM_MODEL_LOAD, RM_MODEL_SHAPE (as a rejection)
   */
  static async open(bundle: ModelBundle, gate: ModelGate): Promise<ModelSession> {
    const { meta } = bundle
    const ort = await import('onnxruntime-node')
    // Loading is a native call like a run: the thread must not be terminated inside it either.
    if (!gate.enter()) fail('RM_MODEL_GATE_CLOSED', { version: meta.version })
    let session: InferenceSession
    try {
      // Default options spin a second core, and a second thread gains nothing at batch 1 (measured).
      session = await ort.InferenceSession.create(bundle.bytes, {
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        executionProviders: ['cpu'],
        logSeverityLevel: 4,
      })
    } catch (error) {
      fail('RM_MODEL_LOAD', { version: meta.version, reason: errorLine(error) }, error)
    } finally {
      gate.leave()
    }
    checkSignature(meta, session)
    return new ModelSession(meta, ort, session, gate)
  }

  /** A way in for one symbol. @param budgetMs longest run whose answer still counts */
  predictor(clock: Clock, budgetMs: number): ModelPredictor {
    return new SessionPredictor(this.meta, this.#ort, this.#session, this.#gate, clock, budgetMs)
  }

  /** Frees the native memory; no predictor may run after it. */
  async release(): Promise<void> {
    if (!this.#gate.enter()) fail('RM_MODEL_GATE_CLOSED', { version: this.meta.version })
    try {
      await this.#session.release()
    } finally {
      this.#gate.leave()
    }
  }
}

class SessionPredictor implements ModelPredictor {
  readonly version: string
  readonly windowSteps: number
  readonly featureCount: number
  readonly stepMs: number
  readonly budgetMs: number
  readonly thresholds: ModelThresholds
  readonly output: ModelOutput = emptyOutput()
  readonly #session: InferenceSession
  readonly #gate: ModelGate
  readonly #clock: Clock
  readonly #input: Float32Array
  readonly #results: readonly (readonly [name: string, data: Float32Array])[]
  readonly #feeds: Record<string, Tensor>
  readonly #fetches: Record<string, Tensor>
  #running = false

  constructor(meta: BundleMeta, ort: Ort, session: InferenceSession, gate: ModelGate, clock: Clock, budgetMs: number) {
    const [steps, features] = meta.input.shape
    this.version = meta.version
    this.windowSteps = steps
    this.featureCount = features
    this.stepMs = meta.input.stepMs
    this.budgetMs = budgetMs
    this.thresholds = meta.thresholds
    this.#session = session
    this.#gate = gate
    this.#clock = clock
    this.#input = new Float32Array(steps * features)
    this.#feeds = { [meta.input.name]: new ort.Tensor('float32', this.#input, [1, steps, features]) }
    const { directionLogits, confidence, expectedReturn } = meta.outputs
    this.#results = [
      [directionLogits, new Float32Array(LOGITS)],
      [confidence, new Float32Array(1)],
      [expectedReturn, new Float32Array(1)],
    ]
    this.#fetches = Object.fromEntries(this.#results.map(([name, data]) => [name, new ort.Tensor('float32', data, [1, data.length])]))
  }

  async run(window: Float32Array): Promise<void> {
    const { version } = this
    if (window.length !== this.#input.length) fail('RM_MODEL_WINDOW', { version, expected: this.#input.length, actual: window.length })
    if (this.#running) fail('RM_MODEL_BUSY', { version })
    if (!this.#gate.enter()) fail('RM_MODEL_GATE_CLOSED', { version })
    this.#running = true
    this.#input.set(window)
    // A result that the native side did not write must not pass for an answer.
    for (const [, data] of this.#results) data.fill(Number.NaN)
    const startNs = this.#clock.nowNs()
    try {
      await this.#session.run(this.#feeds, this.#fetches)
    } catch (error) {
      fail('RM_MODEL_RUN', { version, reason: errorLine(error) }, error)
    } finally {
      this.#running = false
      this.#gate.leave()
    }
    const tookMs = (this.#clock.nowNs() - startNs) / 1e6
    this.#check()
    if (tookMs > this.budgetMs) fail('RM_MODEL_SLOW', { version, tookMs, budgetMs: this.budgetMs })
  }

  #check(): void {
    const { version, output } = this
    for (const [name, data] of this.#results) {
      for (let index = 0; index < data.length; index++)
        if (!Number.isFinite(data[index]!)) fail('RM_MODEL_NOT_FINITE', { version, output: name, index, value: data[index] })
    }
    const confidence = this.#results[1]![1][0]!
    if (confidence < 0 || confidence > 1) fail('RM_MODEL_RANGE', { version, output: this.#results[1]![0], value: confidence, range: '0..1' })
    softmaxInto(this.#results[0]![1], output)
    output.confidence = confidence
    output.expectedReturn = this.#results[2]![1][0]!
  }
}

function checkSignature(meta: BundleMeta, session: InferenceSession): void {
  const { version } = meta
  const [steps, features] = meta.input.shape
  if (session.inputNames.length !== 1) fail('RM_MODEL_SHAPE', { version, what: 'the list of inputs', actual: `[${session.inputNames.join(', ')}]`, expected: `[${meta.input.name}]` })
  checkTensor(version, 'input', session.inputMetadata, meta.input.name, [steps, features])
  checkTensor(version, 'output', session.outputMetadata, meta.outputs.directionLogits, [LOGITS])
  checkTensor(version, 'output', session.outputMetadata, meta.outputs.confidence, [1])
  checkTensor(version, 'output', session.outputMetadata, meta.outputs.expectedReturn, [1])
}

/** The first dimension is the batch: 1, or a symbol of any size. */
function checkTensor(version: string, kind: string, all: readonly InferenceSession.ValueMetadata[], name: string, rest: readonly number[]): void {
  const found = all.find((one) => one.name === name)
  const actual = found === undefined ? 'absent' : found.isTensor ? `${found.type} [${found.shape.join(', ')}]` : 'no tensor'
  const fits =
    found !== undefined &&
    found.isTensor &&
    found.type === 'float32' &&
    found.shape.length === rest.length + 1 &&
    (typeof found.shape[0] === 'string' || found.shape[0] === 1) &&
    rest.every((size, i) => found.shape[i + 1] === size)
  if (!fits) fail('RM_MODEL_SHAPE', { version, what: `${kind} ${name}`, actual, expected: `float32 [batch, ${rest.join(', ')}]` })
}
