import type { Value } from './emitter.ts'
import type { Tape } from './tape.ts'

/**
 * A layer of LSTM over all steps, begun with zeros (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000), gates in
 * the order of ONNX: i, o, f, and the candidate g.
 *
 *   [i o f] = σ(z), g = tanh(z) with z = x·W + h₋₁·R + b;   c = f∘c₋₁ + i∘g;   h = o∘tanh(c)
 *
 * The way back is written by hand: what does not depend on later steps is done for all steps at once, so that only `h₋₁·R`, `dz·Rᵀ`
 * and a few products run step by step.
 * @param x [steps, batch, in] @param weight [in, 4·hidden] @param recurrent [hidden, 4·hidden] @param bias [4·hidden] @returns [steps, batch, hidden]
 */
export function lstm(tape: Tape, x: Value, weight: Value, recurrent: Value, bias: Value): Value {
  const { emit } = tape
  const [steps, batch, inputs] = x.shape as readonly [number, number, number]
  const hidden = recurrent.shape[0]!
  const eachStep = Array<number>(steps).fill(batch)
  const rows = emit.reshape(x, [steps * batch, inputs])
  const projected = emit.split(emit.gemm(rows, weight, { bias }), eachStep, 0)

  const gates: Value[] = []
  const candidates: Value[] = []
  const forgets: Value[] = []
  const cells: Value[] = []
  const cellTanhs: Value[] = []
  const states: Value[] = []
  for (const fromInput of projected) {
    const before = states.at(-1)
    const z = before === undefined ? fromInput : emit.gemm(before, recurrent, { bias: fromInput })
    const [zGates, zCandidate] = emit.split(z, [3 * hidden, hidden], 1) as readonly [Value, Value]
    const gate = emit.each('Sigmoid', zGates)
    const candidate = emit.each('Tanh', zCandidate)
    const [input, output, forget] = emit.split(gate, [hidden, hidden, hidden], 1) as readonly [Value, Value, Value]
    const fresh = emit.multiply(input, candidate)
    const cellBefore = cells.at(-1)
    const cell = cellBefore === undefined ? fresh : emit.add(emit.multiply(forget, cellBefore), fresh)
    const cellTanh = emit.each('Tanh', cell)
    gates.push(gate)
    candidates.push(candidate)
    forgets.push(forget)
    cells.push(cell)
    cellTanhs.push(cellTanh)
    states.push(emit.multiply(output, cellTanh))
  }
  const y = emit.reshape(emit.concat(states, 0), [steps, batch, hidden])

  return tape.note(y, [x, weight, recurrent, bias], (gradient) => {
    const none = emit.zeros([batch, hidden])
    const gate = emit.concat(gates, 0)
    const candidate = emit.concat(candidates, 0)
    const cellTanh = emit.concat(cellTanhs, 0)
    const cellBefore = emit.concat([none, ...cells.slice(0, -1)], 0)
    const [input, output] = emit.split(gate, [hidden, hidden, hidden], 1) as readonly [Value, Value, Value]
    const [inputSlope, outputSlope, forgetSlope] = emit.split(emit.multiply(gate, emit.complement(gate)), [hidden, hidden, hidden], 1) as readonly [Value, Value, Value]
    const slopes = emit.concat(
      [
        emit.multiply(candidate, inputSlope),
        emit.multiply(cellTanh, outputSlope),
        emit.multiply(cellBefore, forgetSlope),
        emit.multiply(input, emit.complement(emit.multiply(candidate, candidate))),
      ],
      1,
    )
    const slopeOf = emit.split(slopes, eachStep, 0)
    // How a cell moves the state of its step.
    const cellSlopeOf = emit.split(emit.multiply(output, emit.complement(emit.multiply(cellTanh, cellTanh))), eachStep, 0)
    const stateGradients = emit.split(emit.reshape(gradient, [steps * batch, hidden]), eachStep, 0)

    const zGradients: Value[] = []
    let fromState: Value | null = null
    let fromCell: Value | null = null
    for (let step = steps - 1; step >= 0; step--) {
      const own = stateGradients[step]!
      const dState: Value = fromState === null ? own : emit.add(own, fromState)
      const direct = emit.multiply(dState, cellSlopeOf[step]!)
      const dCell: Value = fromCell === null ? direct : emit.add(direct, fromCell)
      const dz = emit.multiply(emit.concat([dCell, dState, dCell, dCell], 1), slopeOf[step]!)
      zGradients.unshift(dz)
      if (step === 0) continue
      fromCell = emit.multiply(dCell, forgets[step]!)
      fromState = emit.gemm(dz, recurrent, { transposeB: true })
    }
    const dz = emit.concat(zGradients, 0)
    const stateBefore = emit.concat([none, ...states.slice(0, -1)], 0)
    return [
      tape.wants(x) ? emit.reshape(emit.gemm(dz, weight, { transposeB: true }), x.shape) : null,
      emit.gemm(rows, dz, { transposeA: true }),
      emit.gemm(stateBefore, dz, { transposeA: true }),
      emit.sum(dz, [0]),
    ]
  })
}
