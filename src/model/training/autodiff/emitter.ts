import { assert } from '../../../core/index.ts'
import { type Attributes, OnnxWriter } from './onnx-writer.ts'
import { broadcast, sameShape, type Shape, sizeOf, withAxis } from './shape.ts'

/** A tensor of a graph, by name: its numbers exist when the graph runs. */
export interface Value {
  readonly name: string
  readonly shape: Shape
}

/** What a matrix product does with its operands first. */
export interface GemmOptions {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
  /** Added to every row. */
  readonly bias?: Value
}

/** Emits operators of static shape into an ONNX graph. Shapes are known while the graph is built, gradients are not its business. */
export class Emitter {
  readonly writer = new OnnxWriter()
  readonly #scalars = new Map<number, Value>()

  /** Any operator. @param constants inputs that stand after the values, such as axes */
  emit(operator: string, inputs: readonly Value[], shape: Shape, attributes: Attributes = {}, constants: readonly string[] = []): Value {
    const [name] = this.writer.node(operator, [...inputs.map((input) => input.name), ...constants], 1, attributes)
    return { name: name!, shape }
  }

  input(name: string, shape: Shape): Value {
    return { name: this.writer.input(name, shape), shape }
  }

  /** Makes a value an output of the graph under a name. */
  output(name: string, value: Value): void {
    this.writer.node('Identity', [value.name], [name])
    this.writer.output(name, value.shape)
  }

  scalar(number: number): Value {
    let value = this.#scalars.get(number)
    if (value === undefined) this.#scalars.set(number, (value = this.constant([number], [])))
    return value
  }

  constant(numbers: ArrayLike<number>, shape: Shape): Value {
    assert(numbers.length === sizeOf(shape), `${numbers.length} numbers make [${shape.join(', ')}]`)
    return { name: this.writer.floats(numbers, shape), shape }
  }

  zeros(shape: Shape): Value {
    return this.constant(new Float32Array(sizeOf(shape)), shape)
  }

  add(a: Value, b: Value): Value {
    return this.emit('Add', [a, b], broadcast(a.shape, b.shape))
  }

  subtract(a: Value, b: Value): Value {
    return this.emit('Sub', [a, b], broadcast(a.shape, b.shape))
  }

  multiply(a: Value, b: Value): Value {
    return this.emit('Mul', [a, b], broadcast(a.shape, b.shape))
  }

  divide(a: Value, b: Value): Value {
    return this.emit('Div', [a, b], broadcast(a.shape, b.shape))
  }

  /** An operator on each number by itself: `Tanh`, `Sqrt`, … */
  each(operator: string, a: Value): Value {
    return this.emit(operator, [a], a.shape)
  }

  clip(a: Value, low: number, high: number): Value {
    return this.emit('Clip', [a, this.scalar(low), this.scalar(high)], a.shape)
  }

  /** 1 − a */
  complement(a: Value): Value {
    return this.subtract(this.scalar(1), a)
  }

  /** a[rows, inner] · b[inner, columns] */
  gemm(a: Value, b: Value, { transposeA = false, transposeB = false, bias }: GemmOptions = {}): Value {
    const rows = a.shape[transposeA ? 1 : 0]!
    const columns = b.shape[transposeB ? 0 : 1]!
    assert(a.shape[transposeA ? 0 : 1] === b.shape[transposeB ? 1 : 0], `matrices [${a.shape.join(', ')}] and [${b.shape.join(', ')}] go together`)
    const attributes = { ...(transposeA ? { transA: 1 } : {}), ...(transposeB ? { transB: 1 } : {}) }
    return this.emit('Gemm', bias === undefined ? [a, b] : [a, b, bias], [rows, columns], attributes)
  }

  reshape(a: Value, shape: Shape): Value {
    if (sameShape(a.shape, shape)) return a
    assert(sizeOf(a.shape) === sizeOf(shape), `[${a.shape.join(', ')}] becomes [${shape.join(', ')}]`)
    return this.emit('Reshape', [a], shape, {}, [this.writer.integers(shape)])
  }

  transpose(a: Value, order: readonly number[]): Value {
    return this.emit('Transpose', [a], order.map((axis) => a.shape[axis]!), { perm: order })
  }

  concat(parts: readonly Value[], axis: number): Value {
    const [first] = parts
    assert(first !== undefined, 'there is something to join')
    if (parts.length === 1) return first
    return this.emit('Concat', parts, withAxis(first.shape, axis, parts.reduce((sum, part) => sum + part.shape[axis]!, 0)), { axis })
  }

  split(a: Value, sizes: readonly number[], axis: number): readonly Value[] {
    if (sizes.length === 1) return [a]
    assert(sizes.reduce((sum, size) => sum + size, 0) === a.shape[axis], `axis ${axis} of [${a.shape.join(', ')}] splits into ${sizes.join(' + ')}`)
    const names = this.writer.node('Split', [a.name, this.writer.integers(sizes)], sizes.length, { axis })
    return names.map((name, i) => ({ name, shape: withAxis(a.shape, axis, sizes[i]!) }))
  }

  /** Rows `from` to `to` (not included) of an axis. */
  slice(a: Value, axis: number, from: number, to: number): Value {
    const list = (n: number): string => this.writer.integers([n])
    return this.emit('Slice', [a], withAxis(a.shape, axis, to - from), {}, [list(from), list(to), list(axis)])
  }

  sum(a: Value, axes: readonly number[], keep = false): Value {
    const shape = keep ? a.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)) : a.shape.filter((_, axis) => !axes.includes(axis))
    return this.emit('ReduceSum', [a], shape, { keepdims: keep ? 1 : 0 }, [this.writer.integers(axes)])
  }

  sumAll(a: Value): Value {
    return this.sum(a, a.shape.map((_, axis) => axis))
  }

  expand(a: Value, shape: Shape): Value {
    return this.emit('Expand', [a], shape, {}, [this.writer.integers(shape)])
  }

  /** Takes back a broadcast: sums over the axes that were stretched to get from `shape` to that of `a`. */
  sumTo(a: Value, shape: Shape): Value {
    if (sameShape(a.shape, shape)) return a
    const lead = a.shape.length - shape.length
    const axes = a.shape.flatMap((size, axis) => (axis < lead || (shape[axis - lead] === 1 && size !== 1) ? [axis] : []))
    return this.reshape(axes.length === 0 ? a : this.sum(a, axes, true), shape)
  }

  /** Moves rows along axis 0 and fills with zeros: row t of the answer is row t + `by` of `a`. */
  shiftRows(a: Value, by: number): Value {
    const rows = a.shape[0]!
    if (by === 0) return a
    const gap = Math.min(rows, Math.abs(by))
    const fill = this.zeros(withAxis(a.shape, 0, gap))
    if (gap === rows) return fill
    return by > 0 ? this.concat([this.slice(a, 0, gap, rows), fill], 0) : this.concat([fill, this.slice(a, 0, 0, rows - gap)], 0)
  }
}
