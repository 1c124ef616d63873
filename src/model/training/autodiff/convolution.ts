import type { Value } from './emitter.ts'
import { relu } from './elementwise.ts'
import { linear } from './linear.ts'
import { concat, reshape } from './structure.ts'
import type { Tape } from './tape.ts'

export interface ConvolutionOptions {
  /** Rows between two taps. */
  readonly dilation: number
  /** Looks at this row and older ones only; else the taps lie around the row. */
  readonly causal: boolean
}

const PLAIN: ConvolutionOptions = { dilation: 1, causal: false }

/**
 * Convolution over time with zeros beyond the ends: as many copies of x, each moved by a tap, side by side, times one matrix.
 * @param x [steps, batch, in] @param weight [taps · in, out], tap after tap, oldest first @param bias [out]
 */
export function convolution(tape: Tape, x: Value, weight: Value, bias: Value, taps: number, { dilation, causal }: ConvolutionOptions = PLAIN): Value {
  const [steps, batch, channels] = x.shape as readonly [number, number, number]
  const reach = (taps - 1) * dilation
  const oldest = causal ? reach : reach >> 1
  const moved = Array.from({ length: taps }, (_, tap) => shift(tape, x, tap * dilation - oldest))
  const rows = reshape(tape, concat(tape, moved, 2), [steps * batch, taps * channels])
  return reshape(tape, linear(tape, rows, weight, bias), [steps, batch, weight.shape[1]!])
}

/** A convolution with its rectifier. */
export const convolutionRelu = (tape: Tape, x: Value, weight: Value, bias: Value, taps: number, options: ConvolutionOptions = PLAIN): Value => relu(tape, convolution(tape, x, weight, bias, taps, options))

function shift(tape: Tape, x: Value, by: number): Value {
  const { emit } = tape
  return by === 0 ? x : tape.note(emit.shiftRows(x, by), [x], (gradient) => [emit.shiftRows(gradient, -by)])
}
