import type { Value } from './emitter.ts'
import { add, multiply, sigmoid, subtract, tanh } from './elementwise.ts'
import { linear } from './linear.ts'
import { concat, reshape, split } from './structure.ts'
import type { Tape } from './tape.ts'

/**
 * A layer of GRU over all steps, begun with zeros (Cho et al. 2014), with the reset applied behind the recurrent product
 * (`linear_before_reset` of ONNX, the form of PyTorch), gates in the order of ONNX: z, r, and the candidate n.
 *
 *   z, r = σ(x·W + h₋₁·R + b);   n = tanh(x·Wₙ + bₙ + r∘(h₋₁·Rₙ + rbₙ));   h = n + z∘(h₋₁ − n)
 *
 * @param x [steps, batch, in] @param weight [in, 3·hidden] @param recurrent [hidden, 3·hidden] @param bias [3·hidden] @param recurrentBias [3·hidden]
 * @returns [steps, batch, hidden]
 */
export function gru(tape: Tape, x: Value, weight: Value, recurrent: Value, bias: Value, recurrentBias: Value): Value {
  const { emit } = tape
  const [steps, batch, inputs] = x.shape as readonly [number, number, number]
  const hidden = recurrent.shape[0]!
  const projected = split(tape, linear(tape, reshape(tape, x, [steps * batch, inputs]), weight, bias), Array<number>(steps).fill(batch), 0)
  let state = emit.zeros([batch, hidden])
  const states: Value[] = []
  for (const fromInput of projected) {
    const [inputGates, inputCandidate] = split(tape, fromInput, [2 * hidden, hidden], 1) as readonly [Value, Value]
    const [stateGates, stateCandidate] = split(tape, linear(tape, state, recurrent, recurrentBias), [2 * hidden, hidden], 1) as readonly [Value, Value]
    const [update, reset] = split(tape, sigmoid(tape, add(tape, inputGates, stateGates)), [hidden, hidden], 1) as readonly [Value, Value]
    const candidate = tanh(tape, add(tape, inputCandidate, multiply(tape, reset, stateCandidate)))
    state = add(tape, candidate, multiply(tape, update, subtract(tape, state, candidate)))
    states.push(state)
  }
  return reshape(tape, concat(tape, states, 0), [steps, batch, hidden])
}
