import type { Value } from './emitter.ts'
import { sizeOf } from './shape.ts'
import type { Tape } from './tape.ts'

/**
 * Cross-entropy of a softmax, mean over the rows: −(1/B) Σ t·log softmax(logits). Gradient: (softmax·Σt − t) / B.
 * @param target [batch, classes]: the weight of a row at its class, 0 elsewhere
 */
export function crossEntropy(tape: Tape, logits: Value, target: Value): Value {
  const { emit } = tape
  const share = emit.scalar(1 / logits.shape[0]!)
  const logShares = emit.emit('LogSoftmax', [logits], logits.shape, { axis: 1 })
  const loss = emit.multiply(emit.each('Neg', emit.sumAll(emit.multiply(logShares, target))), share)
  return tape.note(loss, [logits], (gradient) => {
    const excess = emit.subtract(emit.multiply(emit.each('Exp', logShares), emit.sum(target, [1], true)), target)
    return [emit.multiply(excess, emit.multiply(gradient, share))]
  })
}

/** Cross-entropy of a sigmoid, mean over all numbers: softplus(x) − x·t. Gradient: (σ(x) − t) / N. */
export function binaryCrossEntropy(tape: Tape, logit: Value, target: Value): Value {
  const { emit } = tape
  const share = emit.scalar(1 / sizeOf(logit.shape))
  const loss = emit.multiply(emit.sumAll(emit.subtract(emit.each('Softplus', logit), emit.multiply(logit, target))), share)
  return tape.note(loss, [logit], (gradient) => [emit.multiply(emit.subtract(emit.each('Sigmoid', logit), target), emit.multiply(gradient, share))])
}

/** Huber's loss with its bend at 1, mean over all numbers: q·(e − q/2) with e = x − t and q = e cut at ±1. Gradient: q / N. */
export function huber(tape: Tape, x: Value, target: Value): Value {
  const { emit } = tape
  const share = emit.scalar(1 / sizeOf(x.shape))
  const error = emit.subtract(x, target)
  const bent = emit.clip(error, -1, 1)
  const loss = emit.multiply(emit.sumAll(emit.multiply(bent, emit.subtract(error, emit.multiply(bent, emit.scalar(0.5))))), share)
  return tape.note(loss, [x], (gradient) => [emit.multiply(bent, emit.multiply(gradient, share))])
}
