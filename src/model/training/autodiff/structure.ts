import type { Value } from './emitter.ts'
import { type Shape, sizeOf } from './shape.ts'
import type { Tape } from './tape.ts'
import { multiply } from './elementwise.ts'

export function reshape(tape: Tape, a: Value, shape: Shape): Value {
  const y = tape.emit.reshape(a, shape)
  // The same shape is the same value: a note of it would add its gradient to itself.
  return y === a ? a : tape.note(y, [a], (gradient) => [tape.emit.reshape(gradient, a.shape)])
}

export function concat(tape: Tape, parts: readonly Value[], axis: number): Value {
  const { emit } = tape
  const y = emit.concat(parts, axis)
  return parts.length === 1 ? y : tape.note(y, parts, (gradient) => emit.split(gradient, parts.map((part) => part.shape[axis]!), axis))
}

export function split(tape: Tape, a: Value, sizes: readonly number[], axis: number): readonly Value[] {
  const { emit } = tape
  const parts = emit.split(a, sizes, axis)
  return sizes.length === 1 ? parts : tape.noteAll(parts, [a], (gradients) => [emit.concat(gradients.map((gradient, i) => gradient ?? emit.zeros(parts[i]!.shape)), axis)])
}

/** Sum over axes, which are gone from its shape. */
export function sum(tape: Tape, a: Value, axes: readonly number[]): Value {
  const { emit } = tape
  const kept = a.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
  return tape.note(emit.sum(a, axes), [a], (gradient) => [emit.expand(emit.reshape(gradient, kept), a.shape)])
}

/** Mean over axes, which are gone from its shape. */
export function mean(tape: Tape, a: Value, axes: readonly number[]): Value {
  return multiply(tape, sum(tape, a, axes), tape.emit.scalar(1 / sizeOf(axes.map((axis) => a.shape[axis]!))))
}

/** Means of each `width` rows that follow each other: x[rows, …] becomes [rows / width, …]. */
export function poolRows(tape: Tape, x: Value, width: number): Value {
  const [rows, ...rest] = x.shape
  return width === 1 ? x : mean(tape, reshape(tape, x, [rows! / width, width, ...rest]), [1])
}
