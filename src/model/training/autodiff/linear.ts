import type { Value } from './emitter.ts'
import type { Tape } from './tape.ts'

/** x[rows, in] · weight[in, out] + bias[out]. Gradients: dx = g·Wᵀ, dW = xᵀ·g, db = Σ rows of g. */
export function linear(tape: Tape, x: Value, weight: Value, bias?: Value): Value {
  const { emit } = tape
  const y = emit.gemm(x, weight, bias === undefined ? {} : { bias })
  return tape.note(y, bias === undefined ? [x, weight] : [x, weight, bias], (gradient) => [
    tape.wants(x) ? emit.gemm(gradient, weight, { transposeB: true }) : null,
    tape.wants(weight) ? emit.gemm(x, gradient, { transposeA: true }) : null,
    bias !== undefined && tape.wants(bias) ? emit.sum(gradient, [0]) : null,
  ])
}
