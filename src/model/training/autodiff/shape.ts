import { assert } from '../../../core/index.ts'

export type Shape = readonly number[]

/** Count of numbers in a tensor of that shape. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1)

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((size, axis) => size === b[axis])

/** Shape of an elementwise operation by the broadcasting rule of ONNX: sizes are compared from the last axis on, 1 stretches. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1
    const right = b[axis - rank + b.length] ?? 1
    assert(left === right || left === 1 || right === 1, `shapes [${a.join(', ')}] and [${b.join(', ')}] go together`)
    return Math.max(left, right)
  })
}

/** The shape with one axis of another size. */
export const withAxis = (shape: Shape, axis: number, size: number): Shape => shape.map((old, i) => (i === axis ? size : old))
