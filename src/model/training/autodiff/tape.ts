import { fail } from '../../../core/index.ts'
import { Emitter, type Value } from './emitter.ts'
import type { Shape } from './shape.ts'

/** Gradients of the inputs of an operation from those of its outputs; null where nothing depends on one. */
type Reverse = (outputs: readonly (Value | null)[]) => readonly (Value | null)[]

interface Entry {
  readonly outputs: readonly Value[]
  readonly inputs: readonly Value[]
  readonly reverse: Reverse
}

/**
 * Reverse-mode differentiation of a graph while it is built: operations are noted with the way back through them, and `gradients`
 * walks the notes from the end and emits that way as further nodes of the same graph. Running the graph then computes both.
 */
export class Tape {
  readonly emit = new Emitter()
  readonly #entries: Entry[] = []
  /** Names of values that a gradient is wanted for, or that are made from one. */
  readonly #wanted = new Set<string>()

  /** Marks a value as one whose gradient will be asked for. */
  parameter(value: Value): Value {
    this.#wanted.add(value.name)
    return value
  }

  /** An input of the graph that is a parameter. */
  parameterInput(name: string, shape: Shape): Value {
    return this.parameter(this.emit.input(name, shape))
  }

  /** Whether a gradient has to reach that value. */
  wants(value: Value): boolean {
    return this.#wanted.has(value.name)
  }

  /** Notes an operation with several outputs. */
  noteAll(outputs: readonly Value[], inputs: readonly Value[], reverse: Reverse): readonly Value[] {
    if (!inputs.some((input) => this.wants(input))) return outputs
    for (const output of outputs) this.#wanted.add(output.name)
    this.#entries.push({ outputs, inputs, reverse })
    return outputs
  }

  /** Notes an operation. @param reverse is not asked when nothing depends on the output */
  note(output: Value, inputs: readonly Value[], reverse: (gradient: Value) => readonly (Value | null)[]): Value {
    this.noteAll([output], inputs, ([gradient]) => reverse(gradient!))
    return output
  }

  /**
   * Emits the gradients of a scalar.
   * @throws RM_TRAIN_GRAPH when it does not depend on one of the parameters
   */
  gradients(scalar: Value, parameters: readonly Value[]): readonly Value[] {
    const known = new Map<string, Value>([[scalar.name, this.emit.scalar(1)]])
    for (const { outputs, inputs, reverse } of this.#entries.toReversed()) {
      const above = outputs.map((output) => known.get(output.name) ?? null)
      if (above.every((gradient) => gradient === null)) continue
      const below = reverse(above)
      for (const [i, input] of inputs.entries()) {
        const gradient = below[i] ?? null
        if (gradient === null || !this.wants(input)) continue
        const before = known.get(input.name)
        known.set(input.name, before === undefined ? gradient : this.emit.add(before, gradient))
      }
    }
    return parameters.map((parameter) => known.get(parameter.name) ?? fail('RM_TRAIN_GRAPH', { what: `the loss depends on ${parameter.name}` }))
  }
}
