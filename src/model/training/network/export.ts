import { assert } from '../../../core/index.ts'
import { type Dimension, OnnxWriter } from '../autodiff/index.ts'
import { type Calibration, noCalibration } from './calibration.ts'
import { dilationOf } from './forward.ts'
import { CLIP, type Normaliser } from './normaliser.ts'
import { namedParameters } from './parameters.ts'
import { CLASSES, LINEAR_RECENT, type NetworkShape, TAPS, TCN_LAYERS } from './shape.ts'

/** Names of the contract between a model and the engine. */
export const MODEL_INPUT = 'input'
export const MODEL_OUTPUTS = { directionLogits: 'direction_logits', confidence: 'confidence', expectedReturn: 'expected_return' } as const

export interface ExportOptions {
  readonly normaliser: Normaliser
  /** Added to the logits, see `priorShift`. */
  readonly logitShift: readonly number[]
  /** Return that one unit of the third head stands for, a fraction. */
  readonly returnScale: number
  readonly calibration?: Calibration
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * The trained network as a model for the engine: raw features in, any batch, the operators that runtimes are fast at (Conv, LSTM, GRU),
 * normaliser and calibration inside. Answers what the training graph answers.
 */
export function exportNetwork(shape: NetworkShape, theta: Float32Array, options: ExportOptions): Uint8Array {
  return new Exporter(shape, theta).model(options)
}

class Exporter {
  readonly #writer = new OnnxWriter()
  readonly #shape: NetworkShape
  readonly #parameters: ReadonlyMap<string, Float32Array>

  constructor(shape: NetworkShape, theta: Float32Array) {
    this.#shape = shape
    this.#parameters = namedParameters(shape, theta)
  }

  model({ normaliser, logitShift, returnScale, calibration = noCalibration, metadata = {} }: ExportOptions): Uint8Array {
    const writer = this.#writer
    const { steps, features, kind } = this.#shape
    const batch: Dimension = 'batch'
    writer.input(MODEL_INPUT, [batch, steps, features])
    const centred = this.#node('Sub', [MODEL_INPUT, this.#floats(normaliser.mean, [features])])
    const scaled = this.#node('Div', [centred, this.#floats(normaliser.deviation, [features])])
    const x = this.#node('Clip', [scaled, this.#scalar(-CLIP), this.#scalar(CLIP)])
    const summary = kind === 'linear' ? this.#linearSummary(x) : this.#deepSummary(x)
    const logits = this.#node('Add', [this.#head('direction', summary, CLASSES), this.#floats(logitShift, [CLASSES])])
    writer.node('Mul', [logits, this.#scalar(1 / calibration.temperature)], [MODEL_OUTPUTS.directionLogits])
    const confidence = this.#node('Mul', [this.#head('confidence', summary, 1), this.#scalar(calibration.confidenceScale)])
    writer.node('Sigmoid', [this.#node('Add', [confidence, this.#scalar(calibration.confidenceShift)])], [MODEL_OUTPUTS.confidence])
    writer.node('Mul', [this.#head('return', summary, 1), this.#scalar(returnScale)], [MODEL_OUTPUTS.expectedReturn])
    writer.output(MODEL_OUTPUTS.directionLogits, [batch, CLASSES])
    writer.output(MODEL_OUTPUTS.confidence, [batch, 1])
    writer.output(MODEL_OUTPUTS.expectedReturn, [batch, 1])
    return writer.bytes(metadata)
  }

  /** @param x [batch, steps, features] @returns [batch, dense] */
  #deepSummary(x: string): string {
    const { kind, features, channels, pool, hidden, attention, dense } = this.#shape
    const channelsFirst = this.#node('Transpose', [x], { perm: [0, 2, 1] })
    const first = this.#convolution('conv1', channelsFirst, features, channels[0])
    const second = this.#convolution('conv2', first, channels[0], channels[1])
    const pooled = pool === 1 ? second : this.#node('AveragePool', [second], { kernel_shape: [pool], strides: [pool] })
    const states = kind === 'tcn' ? this.#tcn(pooled) : this.#recurrent(kind === 'gru' ? 'gru' : 'lstm', pooled)
    // Everything below is [steps, batch, …].
    const scores = this.#matrix(this.#node('Tanh', [this.#matrix(states, 'attention.weight', [hidden, attention], 'attention.bias')]), 'attention.vector', [attention, 1])
    const weighted = this.#node('Mul', [states, this.#node('Softmax', [scores], { axis: 0 })])
    const context = this.#node('ReduceSum', [weighted, this.#writer.integers([0])], { keepdims: 0 })
    const END = 2 ** 31 - 1
    const newest = this.#node('Slice', [states, this.#writer.integers([-1]), this.#writer.integers([END]), this.#writer.integers([0])])
    const last = this.#node('Squeeze', [newest, this.#writer.integers([0])])
    const both = this.#node('Concat', [context, last], { axis: 1 })
    return this.#node('Relu', [this.#matrix(both, 'dense.weight', [2 * hidden, dense], 'dense.bias')])
  }

  /** @param x [batch, steps, features] @returns [batch, 3·features] */
  #linearSummary(x: string): string {
    const { steps } = this.#shape
    const newest = (rows: number): string => {
      const part = this.#node('Slice', [x, this.#writer.integers([steps - rows]), this.#writer.integers([steps]), this.#writer.integers([1])])
      return this.#node('ReduceMean', [part], { axes: [1], keepdims: 0 })
    }
    return this.#node('Concat', [newest(1), newest(Math.min(LINEAR_RECENT, steps)), newest(steps)], { axis: 1 })
  }

  #head(name: string, x: string, outputs: number): string {
    const { kind, features, dense } = this.#shape
    return this.#matrix(x, `${name}.weight`, [kind === 'linear' ? 3 * features : dense, outputs], `${name}.bias`)
  }

  /** @param x [batch, in, steps] @returns [batch, out, steps], rectified */
  #convolution(name: string, x: string, inputs: number, outputs: number, dilation = 1, causal = false): string {
    const taps = this.#of(`${name}.weight`)
    const kernel = Float32Array.from(taps, (_, i) => {
      const tap = i % TAPS
      const input = Math.floor(i / TAPS) % inputs
      const output = Math.floor(i / (TAPS * inputs))
      return taps[(tap * inputs + input) * outputs + output]!
    })
    const reach = (TAPS - 1) * dilation
    const pads = causal ? [reach, 0] : [reach >> 1, reach - (reach >> 1)]
    const y = this.#node('Conv', [x, this.#floats(kernel, [outputs, inputs, TAPS]), this.#floats(this.#of(`${name}.bias`), [outputs])], { kernel_shape: [TAPS], dilations: [dilation], pads })
    return this.#node('Relu', [y])
  }

  /** @param x [batch, channels, steps] @returns [steps, batch, hidden] */
  #recurrent(kind: 'lstm' | 'gru', x: string): string {
    const { channels, hidden } = this.#shape
    const gates = (kind === 'lstm' ? 4 : 3) * hidden
    // ONNX wants the bias of the input and that of the state one after the other; an LSTM here has them as one.
    const bias = new Float32Array(2 * gates)
    bias.set(this.#of(`${kind}.bias`))
    if (kind === 'gru') bias.set(this.#of('gru.recurrentBias'), gates)
    const y = this.#node(
      kind === 'lstm' ? 'LSTM' : 'GRU',
      [
        this.#node('Transpose', [x], { perm: [2, 0, 1] }),
        this.#floats(transposed(this.#of(`${kind}.weight`), channels[1], gates), [1, gates, channels[1]]),
        this.#floats(transposed(this.#of(`${kind}.recurrent`), hidden, gates), [1, gates, hidden]),
        this.#floats(bias, [1, 2 * gates]),
      ],
      kind === 'lstm' ? { hidden_size: hidden } : { hidden_size: hidden, linear_before_reset: 1 },
    )
    return this.#node('Squeeze', [y, this.#writer.integers([1])])
  }

  /** @param x [batch, channels, steps] @returns [steps, batch, hidden] */
  #tcn(x: string): string {
    const { channels, hidden } = this.#shape
    let y = x
    for (let i = 0; i < TCN_LAYERS; i++) {
      const inputs = i === 0 ? channels[1] : hidden
      const layer = this.#convolution(`tcn${i}`, y, inputs, hidden, dilationOf(i), true)
      y = inputs === hidden ? this.#node('Add', [layer, y]) : layer
    }
    return this.#node('Transpose', [y], { perm: [2, 0, 1] })
  }

  #matrix(x: string, weight: string, shape: readonly number[], bias?: string): string {
    const y = this.#node('MatMul', [x, this.#floats(this.#of(weight), shape)])
    return bias === undefined ? y : this.#node('Add', [y, this.#floats(this.#of(bias), [shape[1]!])])
  }

  #node(operator: string, inputs: readonly string[], attributes: Parameters<OnnxWriter['node']>[3] = {}): string {
    return this.#writer.node(operator, inputs, 1, attributes)[0]!
  }

  #floats(values: ArrayLike<number>, shape: readonly number[]): string {
    return this.#writer.floats(values, shape)
  }

  #scalar(value: number): string {
    return this.#writer.floats([value], [])
  }

  #of(name: string): Float32Array {
    const values = this.#parameters.get(name)
    assert(values !== undefined, `the network has a parameter ${name}`)
    return values
  }
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(matrix, (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!)
}
