import { assert } from '../../../core/index.ts'
import { add, attention, concat, convolution, convolutionRelu, gru, linear, lstm, mean, multiply, poolRows, relu, reshape, split, type Tape, type Value } from '../autodiff/index.ts'
import { LINEAR_RECENT, type NetworkShape, TAPS, TCN_LAYERS } from './shape.ts'

/** Parameters of a network as values of a graph, by name. */
export type Weights = ReadonlyMap<string, Value>

/** The three answers of a network, before any scaling: [batch, 3], [batch, 1], [batch, 1]. */
export interface Heads {
  readonly logits: Value
  /** Before its sigmoid. */
  readonly confidence: Value
  /** In units of the deviation of the returns. */
  readonly expectedReturn: Value
}

/** Rows that look far back need no neighbours ahead: what a layer of a `tcn` reaches. */
export const dilationOf = (layer: number): number => 2 ** (layer + 1)

/**
 * Two convolutions, means of neighbours, a layer over time, attention beside the last state, a dense layer and three heads.
 * @param x [steps, batch, features], normalised @param mask [batch, 2·hidden]: 0 where a number is dropped, null for none
 */
export function forward(tape: Tape, shape: NetworkShape, weights: Weights, x: Value, mask: Value | null): Heads {
  const summary = shape.kind === 'linear' ? linearSummary(tape, x) : deepSummary(tape, shape, weights, x, mask)
  const head = (name: string): Value => linear(tape, summary, of(weights, `${name}.weight`), of(weights, `${name}.bias`))
  return { logits: head('direction'), confidence: head('confidence'), expectedReturn: head('return') }
}

function deepSummary(tape: Tape, shape: NetworkShape, weights: Weights, x: Value, mask: Value | null): Value {
  const layer = (name: string, input: Value): Value => convolutionRelu(tape, input, of(weights, `${name}.weight`), of(weights, `${name}.bias`), TAPS)
  const states = overTime(tape, shape, weights, poolRows(tape, layer('conv2', layer('conv1', x)), shape.pool))
  const [rows, batch] = states.shape as readonly [number, number, number]
  const context = attention(tape, states, of(weights, 'attention.weight'), of(weights, 'attention.bias'), of(weights, 'attention.vector'))
  const last = rows === 1 ? states : split(tape, states, [rows - 1, 1], 0)[1]!
  // The last state beside the attention: without it the network takes epochs to begin to learn.
  const both = concat(tape, [context, reshape(tape, last, [batch, shape.hidden])], 1)
  const kept = mask === null ? both : multiply(tape, both, mask)
  return relu(tape, linear(tape, kept, of(weights, 'dense.weight'), of(weights, 'dense.bias')))
}

function overTime(tape: Tape, { kind }: NetworkShape, weights: Weights, x: Value): Value {
  if (kind === 'lstm') return lstm(tape, x, of(weights, 'lstm.weight'), of(weights, 'lstm.recurrent'), of(weights, 'lstm.bias'))
  if (kind === 'gru') return gru(tape, x, of(weights, 'gru.weight'), of(weights, 'gru.recurrent'), of(weights, 'gru.bias'), of(weights, 'gru.recurrentBias'))
  let y = x
  for (let i = 0; i < TCN_LAYERS; i++) {
    const layer = relu(tape, convolution(tape, y, of(weights, `tcn${i}.weight`), of(weights, `tcn${i}.bias`), TAPS, { dilation: dilationOf(i), causal: true }))
    y = layer.shape[2] === y.shape[2] ? add(tape, layer, y) : layer
  }
  return y
}

/** The last row, the mean of the last ten and the mean of all, side by side. */
function linearSummary(tape: Tape, x: Value): Value {
  const { emit } = tape
  const steps = x.shape[0]!
  const newest = (rows: number): Value => mean(tape, emit.slice(x, 0, steps - rows, steps), [0])
  return concat(tape, [newest(1), newest(Math.min(LINEAR_RECENT, steps)), newest(steps)], 1)
}

function of(weights: Weights, name: string): Value {
  const value = weights.get(name)
  assert(value !== undefined, `the network has a parameter ${name}`)
  return value
}
