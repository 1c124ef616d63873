import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { errorLine, fail } from '../core/index.ts'
import type { BundleMeta, ModelBundle } from './bundle.ts'
import type { ModelGate } from './gate.ts'
import { ANSWER_NUMBERS } from './golden.ts'
import { softmaxInto, type ModelOutput } from './predictor.ts'

type Ort = typeof import('onnxruntime-node')

/** Every number the native side hands back is looked at, so their count is fixed by the contract. */
const LOGITS = 3
/** Windows of one run: what a window costs falls up to here and no further (measured). */
export const BATCH_MAX = 8

interface Shape {
  readonly feeds: Record<string, Tensor>
  readonly fetches: Record<string, Tensor>
}

/**
 * One loaded model of one thread, with the memory of its runs. The native library is only loaded here, so a thread or
 * process without a model never has it. One run at a time: who shares a session asks through a `ModelBatcher`.
 */
export class ModelSession {
  readonly meta: BundleMeta
  /** Windows that one run can take: 1 when the model fixes its batch. */
  readonly batchMax: number
  /** Numbers of a window. */
  readonly windowSize: number
  /** `batchMax` windows one after the other; written before a run. */
  readonly input: Float32Array
  readonly #session: InferenceSession
  readonly #gate: ModelGate
  readonly #logits: Float32Array
  readonly #confidence: Float32Array
  readonly #return: Float32Array
  /** Tensors over the same memory, by batch less one. */
  readonly #shapes: readonly Shape[]
  #running = false

  private constructor(meta: BundleMeta, ort: Ort, session: InferenceSession, gate: ModelGate, batchMax: number) {
    const [steps, features] = meta.input.shape
    this.meta = meta
    this.batchMax = batchMax
    this.windowSize = steps * features
    this.#session = session
    this.#gate = gate
    this.input = new Float32Array(batchMax * this.windowSize)
    this.#logits = new Float32Array(batchMax * LOGITS)
    this.#confidence = new Float32Array(batchMax)
    this.#return = new Float32Array(batchMax)
    const { directionLogits, confidence, expectedReturn } = meta.outputs
    this.#shapes = Array.from({ length: batchMax }, (_one, less): Shape => {
      const n = less + 1
      return {
        feeds: { [meta.input.name]: new ort.Tensor('float32', this.input.subarray(0, n * this.windowSize), [n, steps, features]) },
        fetches: {
          [directionLogits]: new ort.Tensor('float32', this.#logits.subarray(0, n * LOGITS), [n, LOGITS]),
          [confidence]: new ort.Tensor('float32', this.#confidence.subarray(0, n), [n, 1]),
          [expectedReturn]: new ort.Tensor('float32', this.#return.subarray(0, n), [n, 1]),
        },
      }
    })
  }

  /**
   * Loads a checked bundle and holds what the model file really declares against it.
   * @throws RM_MODEL_GATE_CLOSED, RM_MODEL_LOAD, RM_MODEL_SHAPE (as a rejection)
   */
  static async open(bundle: Pick<ModelBundle, 'meta' | 'bytes'>, gate: ModelGate): Promise<ModelSession> {
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
    return new ModelSession(meta, ort, session, gate, checkSignature(meta, session))
  }

  get running(): boolean {
    return this.#running
  }

  /**
   * Runs the first `batch` windows of `input`. The thread does nothing else meanwhile: the native call blocks it.
   * @throws RM_MODEL_BUSY, RM_MODEL_GATE_CLOSED, RM_MODEL_RUN (as a rejection)
   */
  async run(batch: number): Promise<void> {
    const { version } = this.meta
    const shape = this.#shapes[batch - 1] ?? fail('RM_ASSERT', { what: `a batch of ${batch} is 1 to ${this.batchMax}` })
    if (this.#running) fail('RM_MODEL_BUSY', { version })
    if (!this.#gate.enter()) fail('RM_MODEL_GATE_CLOSED', { version })
    this.#running = true
    // A result that the native side did not write must not pass for an answer.
    this.#logits.fill(Number.NaN)
    this.#confidence.fill(Number.NaN)
    this.#return.fill(Number.NaN)
    try {
      await this.#session.run(shape.feeds, shape.fetches)
    } catch (error) {
      fail('RM_MODEL_RUN', { version, reason: errorLine(error) }, error)
    } finally {
      this.#running = false
      this.#gate.leave()
    }
  }

  /** The answer of the last run to window `at`. @throws RM_MODEL_NOT_FINITE, RM_MODEL_RANGE: then `out` is as it was */
  read(at: number, out: ModelOutput): void {
    const { version, outputs } = this.meta
    for (let i = 0; i < LOGITS; i++) this.#finite(outputs.directionLogits, i, this.#logits[at * LOGITS + i]!)
    const confidence = this.#confidence[at]!
    this.#finite(outputs.confidence, 0, confidence)
    if (confidence < 0 || confidence > 1) fail('RM_MODEL_RANGE', { version, output: outputs.confidence, value: confidence, range: '0..1' })
    this.#finite(outputs.expectedReturn, 0, this.#return[at]!)
    softmaxInto(this.#logits, at * LOGITS, out)
    out.confidence = confidence
    out.expectedReturn = this.#return[at]!
    out.version = version
  }

  /** The numbers of that answer as the model gave them, in the order of a golden answer. */
  raw(at: number, out: Float32Array, start: number): void {
    out.set(this.#logits.subarray(at * LOGITS, (at + 1) * LOGITS), start)
    out[start + LOGITS] = this.#confidence[at]!
    out[start + ANSWER_NUMBERS - 1] = this.#return[at]!
  }

  /** Frees the native memory; nothing may run after it. @throws RM_MODEL_GATE_CLOSED (as a rejection) */
  async release(): Promise<void> {
    if (!this.#gate.enter()) fail('RM_MODEL_GATE_CLOSED', { version: this.meta.version })
    try {
      await this.#session.release()
    } finally {
      this.#gate.leave()
    }
  }

  #finite(output: string, index: number, value: number): void {
    if (!Number.isFinite(value)) fail('RM_MODEL_NOT_FINITE', { version: this.meta.version, output, index, value })
  }
}

/** @returns the windows that a run can take */
function checkSignature(meta: BundleMeta, session: InferenceSession): number {
  const { version } = meta
  const [steps, features] = meta.input.shape
  if (session.inputNames.length !== 1) fail('RM_MODEL_SHAPE', { version, what: 'the list of inputs', actual: `[${session.inputNames.join(', ')}]`, expected: `[${meta.input.name}]` })
  const free = [
    checkTensor(version, 'input', session.inputMetadata, meta.input.name, [steps, features]),
    checkTensor(version, 'output', session.outputMetadata, meta.outputs.directionLogits, [LOGITS]),
    checkTensor(version, 'output', session.outputMetadata, meta.outputs.confidence, [1]),
    checkTensor(version, 'output', session.outputMetadata, meta.outputs.expectedReturn, [1]),
  ]
  return free.every((dimension) => dimension) ? BATCH_MAX : 1
}

/** The first dimension is the batch: 1, or a symbol of any size. @returns whether it is free */
function checkTensor(version: string, kind: string, all: readonly InferenceSession.ValueMetadata[], name: string, rest: readonly number[]): boolean {
  const found = all.find((one) => one.name === name)
  const actual = found === undefined ? 'absent' : found.isTensor ? `${found.type} [${found.shape.join(', ')}]` : 'no tensor'
  if (
    found === undefined ||
    !found.isTensor ||
    found.type !== 'float32' ||
    found.shape.length !== rest.length + 1 ||
    (typeof found.shape[0] !== 'string' && found.shape[0] !== 1) ||
    rest.some((size, i) => found.shape[i + 1] !== size)
  )
    return fail('RM_MODEL_SHAPE', { version, what: `${kind} ${name}`, actual, expected: `float32 [batch, ${rest.join(', ')}]` })
  return typeof found.shape[0] === 'string'
}
