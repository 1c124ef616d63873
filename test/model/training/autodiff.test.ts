import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import {
  adamW, add, attention, binaryCrossEntropy, concat, convolution, crossEntropy, Emitter, gru, huber, linear, lstm, mean, multiply, optimiserDefaults, optimiserRates, poolRows, RATES, relu, type Shape, sigmoid, softmax,
  split, subtract, sum, tanh, Tape, type Value,
} from '../../../src/model/training/autodiff/index.ts'
import { relativeError } from './numbers.ts'

interface Golden {
  readonly families: readonly {
    readonly family: string
    readonly inputs: Readonly<Record<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>>
    readonly loss: number
    readonly gradients: Readonly<Record<string, readonly number[]>>
  }[]
  readonly optimiser: {
    readonly start: readonly number[]
    readonly rate: number
    readonly weightDecay: number
    readonly clipNorm: number
    readonly steps: readonly { readonly gradient: readonly number[]; readonly norm: number; readonly theta: readonly number[] }[]
  }
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/training.json'), 'utf8')) as Golden
/** Relative error of a gradient, by the norms of difference and gradient. */
const ALLOWED = 1e-5

type Build = (tape: Tape, inputs: readonly Value[]) => Value
const CAUSAL = { causal: true }
const builders: Readonly<Record<string, Build>> = {
  add: (tape, [a, b]) => add(tape, a!, b!),
  subtract: (tape, [a, b]) => subtract(tape, a!, b!),
  multiply: (tape, [a, b]) => multiply(tape, a!, b!),
  sigmoid: (tape, [a]) => sigmoid(tape, a!),
  tanh: (tape, [a]) => tanh(tape, a!),
  relu: (tape, [a]) => relu(tape, a!),
  softmax: (tape, [a]) => softmax(tape, a!, 1),
  mean: (tape, [a]) => mean(tape, a!, [0, 2]),
  pool: (tape, [a]) => poolRows(tape, a!, 2),
  'concat and split': (tape, [a, b]) => split(tape, concat(tape, [a!, b!], 1), [1, 3, 1], 1)[1]!,
  gemm: (tape, [x, weight, bias]) => linear(tape, x!, weight!, bias!),
  convolution: (tape, [x, weight, bias]) => convolution(tape, x!, weight!, bias!, 3),
  'dilated causal convolution': (tape, [x, weight, bias]) => convolution(tape, x!, weight!, bias!, 3, { dilation: 4, ...CAUSAL }),
  'convolution that reaches beyond both ends': (tape, [x, weight, bias]) => convolution(tape, x!, weight!, bias!, 3, { dilation: 8, ...CAUSAL }),
  lstm: (tape, [x, weight, recurrent, bias]) => lstm(tape, x!, weight!, recurrent!, bias!),
  gru: (tape, [x, weight, recurrent, bias, recurrentBias]) => gru(tape, x!, weight!, recurrent!, bias!, recurrentBias!),
  attention: (tape, [states, weight, bias, vector]) => attention(tape, states!, weight!, bias!, vector!),
  'cross-entropy': (tape, [logits, target]) => crossEntropy(tape, logits!, target!),
  'binary cross-entropy': (tape, [logit, target]) => binaryCrossEntropy(tape, logit!, target!),
  huber: (tape, [x, target]) => huber(tape, x!, target!),
  'dropout by mask': (tape, [x, mask]) => multiply(tape, x!, mask!),
}

const float = (values: readonly number[], shape: Shape): Tensor => new Tensor('float32', Float32Array.from(values), [...shape])

async function run(bytes: Uint8Array, feeds: Record<string, Tensor>): Promise<Record<string, Float32Array>> {
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 })
  try {
    return Object.fromEntries(Object.entries(await session.run(feeds)).map(([name, tensor]) => [name, tensor.data as Float32Array]))
  } finally {
    await session.release()
  }
}

describe('gradients of each family equal those of PyTorch to 1e-5', () => {
  test('every family of the golden file is built here', () => {
    expect(golden.families.map((one) => one.family).toSorted()).toEqual(Object.keys(builders).toSorted())
  })

  for (const { family, inputs, loss, gradients } of golden.families) {
    test(`of ${family}`, async () => {
      const tape = new Tape()
      const wanted = Object.keys(gradients)
      const values = Object.entries(inputs).map(([name, { shape }]) => [name, wanted.includes(name) ? tape.parameterInput(name, shape) : tape.emit.input(name, shape)] as const)
      const seed = values.find(([name]) => name === 'seed')?.[1]
      const output = builders[family]!(tape, values.filter(([name]) => name !== 'seed').map(([, value]) => value))
      const scalar = seed === undefined ? output : sum(tape, multiply(tape, output, seed), output.shape.map((_, axis) => axis))
      const found = tape.gradients(scalar, wanted.map((name) => values.find(([other]) => other === name)![1]))
      tape.emit.output('loss', scalar)
      for (const [i, name] of wanted.entries()) tape.emit.output(`gradient of ${name}`, found[i]!)
      const results = await run(tape.emit.writer.bytes(), Object.fromEntries(Object.entries(inputs).map(([name, { shape, values: numbers }]) => [name, float(numbers, shape)])))
      expect(Math.abs(results['loss']![0]! - loss)).toBeLessThan(ALLOWED * Math.max(1, Math.abs(loss)))
      for (const name of wanted) expect(relativeError(results[`gradient of ${name}`]!, gradients[name]!), name).toBeLessThan(ALLOWED)
    })
  }
})

test('a value that is used twice gets the sum of both gradients', async () => {
  const tape = new Tape()
  const a = tape.parameterInput('a', [3])
  const scalar = sum(tape, add(tape, multiply(tape, a, a), a), [0])
  tape.emit.output('gradient', tape.gradients(scalar, [a])[0]!)
  const { gradient } = await run(tape.emit.writer.bytes(), { a: float([1, -2, 0.5], [3]) })
  expect([...gradient!]).toEqual([3, -3, 2])
})

test('a parameter that the loss does not depend on is refused', () => {
  const tape = new Tape()
  const [a, b] = [tape.parameterInput('a', [2]), tape.parameterInput('b', [2])]
  expect(() => tape.gradients(sum(tape, a, [0]), [a, b])).toThrow('RM_TRAIN_GRAPH')
})

test('shapes that do not go together are refused while the graph is built', () => {
  const emit = new Emitter()
  expect(() => emit.add(emit.input('a', [2, 3]), emit.input('b', [2]))).toThrow('[2, 3] and [2]')
  expect(() => emit.gemm(emit.input('c', [2, 3]), emit.input('d', [2, 3]))).toThrow('matrices [2, 3] and [2, 3]')
  expect(() => emit.reshape(emit.input('e', [2, 3]), [4])).toThrow('[2, 3] becomes [4]')
  expect(() => emit.split(emit.input('f', [5]), [2, 2], 0)).toThrow('splits into 2 + 2')
  expect(() => emit.concat([], 0)).toThrow('something to join')
  expect(() => emit.constant([1, 2], [3])).toThrow('2 numbers make [3]')
})

test('AdamW with clipping takes the steps that PyTorch takes', async () => {
  const { start, rate, weightDecay, clipNorm, steps } = golden.optimiser
  const size = start.length
  const options = { ...optimiserDefaults, weightDecay, clipNorm }
  const emit = new Emitter()
  const inputs = { theta: emit.input('theta', [size]), momentum: emit.input('momentum', [size]), variance: emit.input('variance', [size]) }
  const next = adamW(emit, inputs, emit.input('gradient', [size]), emit.input('rates', [RATES]), options)
  for (const [name, value] of Object.entries(next)) emit.output(`next ${name}`, value)
  const bytes = emit.writer.bytes()
  let state = { theta: [...start], momentum: start.map(() => 0), variance: start.map(() => 0) }
  expect(steps.filter((step) => step.norm > clipNorm).length).toBeGreaterThan(1)
  for (const [i, step] of steps.entries()) {
    const results = await run(bytes, {
      theta: float(state.theta, [size]), momentum: float(state.momentum, [size]), variance: float(state.variance, [size]),
      gradient: float(step.gradient, [size]), rates: float(optimiserRates(rate, i + 1, options), [RATES]),
    })
    expect(results['next norm']![0]).toBeCloseTo(step.norm, 4)
    expect(relativeError(results['next theta']!, step.theta), `step ${i + 1}`).toBeLessThan(ALLOWED)
    state = { theta: [...results['next theta']!], momentum: [...results['next momentum']!], variance: [...results['next variance']!] }
  }
})
