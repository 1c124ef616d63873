import { add, adamW, binaryCrossEntropy, crossEntropy, huber, multiply, type OptimiserOptions, optimiserDefaults, RATES, sizeOf, Tape, type Value } from '../autodiff/index.ts'
import { forward, type Weights } from './forward.ts'
import { CLIP, type Normaliser } from './normaliser.ts'
import { parameterCount, parametersOf } from './parameters.ts'
import { CLASSES, type NetworkShape } from './shape.ts'

/** Shares of the three losses: direction, confidence, return. */
export const LOSS_SHARES = { direction: 1, confidence: 0.2, expectedReturn: 0.5 } as const

export interface TrainingGraphOptions {
  /** Windows of a step. */
  readonly batch: number
  readonly normaliser: Normaliser
  /** Weight of each class in the loss: sell, hold, buy. */
  readonly classWeights: readonly number[]
  /** Takes a mask that drops numbers before the dense layer. */
  readonly dropout: boolean
  readonly optimiser?: OptimiserOptions
  /** `step`: the next parameters. `gradients`: the gradient itself, and the heads, for tests. */
  readonly answer?: 'step' | 'gradients'
}

/** Numbers of the `losses` output, in this order; `hits` is the share of windows whose direction was right. */
export const LOSSES = ['total', 'direction', 'confidence', 'expectedReturn', 'hits'] as const

/**
 * One training step as an ONNX graph: forward, losses, backward, clipping, AdamW.
 *
 * Inputs: `x` [batch, steps, features] raw, `target` [batch, 3] with a 1 at the class, `movement` [batch, 1] in deviations, `mask`
 * [batch, 2·hidden] with dropout, `theta`, and for a step `momentum`, `variance` and `rates` (see `optimiserRates`).
 * Outputs: `losses` [5], `norm` [1], and `theta_next`, `momentum_next`, `variance_next`; or `gradient`, `logits`, `confidence`, `return`.
 */
export function trainingGraph(shape: NetworkShape, { batch, normaliser, classWeights, dropout, optimiser = optimiserDefaults, answer = 'step' }: TrainingGraphOptions): Uint8Array {
  const tape = new Tape()
  const { emit } = tape
  const size = parameterCount(shape)
  const x = emit.input('x', [batch, shape.steps, shape.features])
  const target = emit.input('target', [batch, CLASSES])
  const movement = emit.input('movement', [batch, 1])
  const mask = dropout && shape.kind !== 'linear' ? emit.input('mask', [batch, 2 * shape.hidden]) : null
  const theta = emit.input('theta', [size])

  const parameters = parametersOf(shape)
  const blocks = emit.split(theta, parameters.map((one) => sizeOf(one.shape)), 0)
  const weights: Weights = new Map(parameters.map((one, i) => [one.name, tape.parameter(emit.reshape(blocks[i]!, one.shape))]))
  const heads = forward(tape, shape, weights, normalised(tape, normaliser, x), mask)

  const direction = crossEntropy(tape, heads.logits, emit.multiply(target, emit.constant(classWeights, [CLASSES])))
  const right = hits(tape, emit.add(heads.logits, emit.constant(priorShift(classWeights), [CLASSES])), target)
  const confidence = binaryCrossEntropy(tape, heads.confidence, right)
  const expectedReturn = huber(tape, heads.expectedReturn, movement)
  const shared = (loss: Value, share: number): Value => multiply(tape, loss, emit.scalar(share))
  const total = add(tape, add(tape, shared(direction, LOSS_SHARES.direction), shared(confidence, LOSS_SHARES.confidence)), shared(expectedReturn, LOSS_SHARES.expectedReturn))

  const gradients = tape.gradients(total, parameters.map((one) => weights.get(one.name)!))
  const gradient = emit.concat(gradients.map((one) => emit.reshape(one, [sizeOf(one.shape)])), 0)
  const hitShare = emit.multiply(emit.sumAll(right), emit.scalar(1 / batch))
  emit.output('losses', emit.concat([total, direction, confidence, expectedReturn, hitShare].map((one) => emit.reshape(one, [1])), 0))
  if (answer === 'gradients') {
    emit.output('gradient', gradient)
    emit.output('logits', heads.logits)
    emit.output('confidence', emit.each('Sigmoid', heads.confidence))
    emit.output('return', heads.expectedReturn)
  } else {
    const state = { theta, momentum: emit.input('momentum', [size]), variance: emit.input('variance', [size]) }
    const next = adamW(emit, state, gradient, emit.input('rates', [RATES]), optimiser)
    emit.output('norm', next.norm)
    emit.output('theta_next', next.theta)
    emit.output('momentum_next', next.momentum)
    emit.output('variance_next', next.variance)
  }
  return emit.writer.bytes()
}

/**
 * What the logits are moved by so that they speak of the classes as they are: a loss with weights teaches probabilities that are
 * proportional to weight times frequency (Menon et al. 2021, logit adjustment).
 */
export const priorShift = (classWeights: readonly number[]): readonly number[] => classWeights.map((weight) => -Math.log(weight))

/** [batch, steps, features] raw to [steps, batch, features] normalised: what the exported model does with its input. */
function normalised({ emit }: Tape, { mean, deviation }: Normaliser, x: Value): Value {
  const features = [mean.length]
  const centred = emit.subtract(x, emit.constant(mean, features))
  return emit.transpose(emit.clip(emit.divide(centred, emit.constant(deviation, features)), -CLIP, CLIP), [1, 0, 2])
}

/** [batch, 1]: 1 where the largest logit stands at the class. No gradient goes through it. */
function hits({ emit }: Tape, logits: Value, target: Value): Value {
  const batch = logits.shape[0]!
  const largest = (value: Value): Value => emit.emit('ArgMax', [value], [batch, 1], { axis: 1, keepdims: 1 })
  const FLOAT = 1
  return emit.emit('Cast', [emit.emit('Equal', [largest(logits), largest(target)], [batch, 1])], [batch, 1], { to: FLOAT })
}
