import { Random } from '../../../core/index.ts'
import { type Shape, sizeOf } from '../autodiff/index.ts'
import { CLASSES, type NetworkShape, TAPS, TCN_LAYERS } from './shape.ts'

/** How a parameter begins: with zeros, by the rules of He or Glorot, as a recurrent matrix, or as the bias of an LSTM. */
type Start = 'zero' | 'he' | 'glorot' | 'recurrent' | 'lstm-bias'

/** One named block of the flat vector of all parameters. */
export interface Parameter {
  readonly name: string
  readonly shape: Shape
  readonly start: Start
  /** Place of its first number in the flat vector. */
  readonly offset: number
}

/** Norm of a fresh recurrent matrix against that of a random one. */
const RECURRENT_SCALE = 0.8

/** The parameters of a network in the order of the flat vector. */
export function parametersOf(shape: NetworkShape): readonly Parameter[] {
  const list: Parameter[] = []
  let offset = 0
  const has = (name: string, size: Shape, start: Start): void => {
    list.push({ name, shape: size, start, offset })
    offset += sizeOf(size)
  }
  const layer = (name: string, inputs: number, outputs: number, start: Start): void => {
    has(`${name}.weight`, [inputs, outputs], start)
    has(`${name}.bias`, [outputs], 'zero')
  }
  const { kind, features, channels, hidden, attention, dense } = shape
  let width = 3 * features
  if (kind !== 'linear') {
    layer('conv1', TAPS * features, channels[0], 'he')
    layer('conv2', TAPS * channels[0], channels[1], 'he')
    if (kind === 'lstm') {
      has('lstm.weight', [channels[1], 4 * hidden], 'glorot')
      has('lstm.recurrent', [hidden, 4 * hidden], 'recurrent')
      has('lstm.bias', [4 * hidden], 'lstm-bias')
    } else if (kind === 'gru') {
      has('gru.weight', [channels[1], 3 * hidden], 'glorot')
      has('gru.recurrent', [hidden, 3 * hidden], 'recurrent')
      has('gru.bias', [3 * hidden], 'zero')
      has('gru.recurrentBias', [3 * hidden], 'zero')
    } else for (let i = 0; i < TCN_LAYERS; i++) layer(`tcn${i}`, TAPS * (i === 0 ? channels[1] : hidden), hidden, 'recurrent')
    has('attention.weight', [hidden, attention], 'glorot')
    has('attention.bias', [attention], 'zero')
    has('attention.vector', [attention, 1], 'glorot')
    layer('dense', 2 * hidden, dense, 'he')
    width = dense
  }
  // A linear model begins at the prior: a random start of hundreds of inputs would have to be unlearned first.
  const headStart = kind === 'linear' ? 'zero' : 'glorot'
  layer('direction', width, CLASSES, headStart)
  layer('confidence', width, 1, headStart)
  layer('return', width, 1, headStart)
  return list
}

/** Count of numbers in the flat vector. */
export const parameterCount = (shape: NetworkShape): number => parametersOf(shape).reduce((sum, one) => sum + sizeOf(one.shape), 0)

/** Fresh parameters: the same seed gives the same ones. */
export function freshParameters(shape: NetworkShape, seed: number): Float32Array {
  const random = new Random(seed, 'parameters')
  const theta = new Float32Array(parameterCount(shape))
  for (const parameter of parametersOf(shape)) {
    const draw = drawOf(parameter, shape.hidden, random)
    const size = sizeOf(parameter.shape)
    for (let i = 0; i < size; i++) theta[parameter.offset + i] = draw(i)
  }
  return theta
}

/** The numbers of each parameter, by name, as views into the flat vector. */
export function namedParameters(shape: NetworkShape, theta: Float32Array): ReadonlyMap<string, Float32Array> {
  return new Map(parametersOf(shape).map((one) => [one.name, theta.subarray(one.offset, one.offset + sizeOf(one.shape))]))
}

function drawOf({ shape: [inputs = 1, outputs = 1], start }: Parameter, hidden: number, random: Random): (index: number) => number {
  switch (start) {
    case 'zero':
      return () => 0
    case 'he':
      return () => random.normal() * Math.sqrt(2 / inputs)
    case 'glorot':
      return () => random.between(-1, 1) * Math.sqrt(6 / (inputs + outputs))
    case 'recurrent':
      return () => (random.normal() / Math.sqrt(inputs)) * RECURRENT_SCALE
    case 'lstm-bias':
      // An open forget gate lets gradients through from the first step on (Jozefowicz et al. 2015). Gates stand as i, o, f, g.
      return (index) => (index >= 2 * hidden && index < 3 * hidden ? 1 : 0)
  }
}
