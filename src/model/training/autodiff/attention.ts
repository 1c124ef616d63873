import type { Value } from './emitter.ts'
import { multiply, tanh } from './elementwise.ts'
import { linear } from './linear.ts'
import { reshape, sum } from './structure.ts'
import type { Tape } from './tape.ts'

/** Shares along an axis. d/dx = y∘(g − Σ g∘y) */
export function softmax(tape: Tape, a: Value, axis: number): Value {
  const { emit } = tape
  const y = emit.emit('Softmax', [a], a.shape, { axis })
  return tape.note(y, [a], (gradient) => {
    const weighted = emit.multiply(gradient, y)
    return [emit.subtract(weighted, emit.multiply(y, emit.sum(weighted, [axis], true)))]
  })
}

/**
 * Additive attention over time (Bahdanau et al. 2015, without a query): each step is scored by `tanh(h·W + b)·v`, the scores become
 * shares, and the answer is the mean of the steps with these shares.
 * @param states [steps, batch, hidden] @param weight [hidden, width] @param bias [width] @param vector [width, 1] @returns [batch, hidden]
 */
export function attention(tape: Tape, states: Value, weight: Value, bias: Value, vector: Value): Value {
  const [steps, batch, hidden] = states.shape as readonly [number, number, number]
  const scores = linear(tape, tanh(tape, linear(tape, reshape(tape, states, [steps * batch, hidden]), weight, bias)), vector)
  const shares = softmax(tape, reshape(tape, scores, [steps, batch, 1]), 0)
  return sum(tape, multiply(tape, states, shares), [0])
}
