import type { Value } from './emitter.ts'
import type { Tape } from './tape.ts'

/** a + b with broadcasting. */
export function add(tape: Tape, a: Value, b: Value): Value {
  const { emit } = tape
  return tape.note(emit.add(a, b), [a, b], (gradient) => [tape.wants(a) ? emit.sumTo(gradient, a.shape) : null, tape.wants(b) ? emit.sumTo(gradient, b.shape) : null])
}

/** a − b with broadcasting. */
export function subtract(tape: Tape, a: Value, b: Value): Value {
  const { emit } = tape
  return tape.note(emit.subtract(a, b), [a, b], (gradient) => [tape.wants(a) ? emit.sumTo(gradient, a.shape) : null, tape.wants(b) ? emit.sumTo(emit.each('Neg', gradient), b.shape) : null])
}

/** a · b, number by number, with broadcasting. */
export function multiply(tape: Tape, a: Value, b: Value): Value {
  const { emit } = tape
  return tape.note(emit.multiply(a, b), [a, b], (gradient) => [
    tape.wants(a) ? emit.sumTo(emit.multiply(gradient, b), a.shape) : null,
    tape.wants(b) ? emit.sumTo(emit.multiply(gradient, a), b.shape) : null,
  ])
}

/** d/dx σ = σ(1 − σ) */
export function sigmoid(tape: Tape, a: Value): Value {
  const { emit } = tape
  const y = emit.each('Sigmoid', a)
  return tape.note(y, [a], (gradient) => [emit.multiply(gradient, emit.multiply(y, emit.complement(y)))])
}

/** d/dx tanh = 1 − tanh² */
export function tanh(tape: Tape, a: Value): Value {
  const { emit } = tape
  const y = emit.each('Tanh', a)
  return tape.note(y, [a], (gradient) => [emit.multiply(gradient, emit.complement(emit.multiply(y, y)))])
}

/** max(0, a); its slope at 0 is 0. */
export function relu(tape: Tape, a: Value): Value {
  const { emit } = tape
  const y = emit.each('Relu', a)
  return tape.note(y, [a], (gradient) => [emit.multiply(gradient, emit.each('Sign', y))])
}
