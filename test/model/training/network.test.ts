import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/core/index.ts'
import { optimiserDefaults, optimiserRates, RATES } from '../../../src/model/training/autodiff/index.ts'
import { checkedShape, exportNetwork, freshParameters, MODEL_INPUT, MODEL_OUTPUTS, NETWORK_KINDS, type NetworkShape, networkShape, parameterCount, parametersOf, priorShift, trainingGraph } from '../../../src/model/training/network/index.ts'
import { largestDifference, relativeError } from './numbers.ts'

interface GoldenNetwork {
  readonly shape: NetworkShape
  readonly batch: number
  readonly names: readonly string[]
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
  readonly classWeights: readonly number[]
  readonly x: readonly number[]
  readonly target: readonly number[]
  readonly movement: readonly number[]
  readonly mask: readonly number[]
  readonly theta: readonly number[]
  readonly losses: readonly number[]
  readonly gradient: readonly number[]
  readonly logits: readonly number[]
  readonly confidence: readonly number[]
  readonly return: readonly number[]
}

const golden = (JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/training.json'), 'utf8')) as { readonly networks: readonly GoldenNetwork[] }).networks
const titleOf = ({ shape }: GoldenNetwork): string => `${shape.kind}${shape.kind === 'linear' ? '' : ` with pool ${shape.pool}`}`

const float = (values: ArrayLike<number>, shape: readonly number[]): Tensor => new Tensor('float32', Float32Array.from(values), [...shape])
const open = (bytes: Uint8Array, threads = 1): Promise<InferenceSession> => InferenceSession.create(bytes, { intraOpNumThreads: threads, interOpNumThreads: 1, logSeverityLevel: 4 })
const data = async (session: InferenceSession, feeds: Record<string, Tensor>): Promise<Record<string, Float32Array>> =>
  Object.fromEntries(Object.entries(await session.run(feeds)).map(([name, tensor]) => [name, tensor.data as Float32Array]))

describe('a whole network with three losses equals that of PyTorch', () => {
  for (const one of golden) {
    test(`of ${titleOf(one)}`, async () => {
      const { shape, batch } = one
      expect(parametersOf(shape).map((parameter) => parameter.name)).toEqual(one.names)
      expect(parameterCount(shape)).toBe(one.theta.length)
      const normaliser = { mean: Float32Array.from(one.mean), deviation: Float32Array.from(one.deviation) }
      const session = await open(trainingGraph(shape, { batch, normaliser, classWeights: one.classWeights, dropout: true, answer: 'gradients' }))
      const feeds: Record<string, Tensor> = {
        x: float(one.x, [batch, shape.steps, shape.features]), target: float(one.target, [batch, 3]), movement: float(one.movement, [batch, 1]), theta: float(one.theta, [one.theta.length]),
        ...(shape.kind === 'linear' ? {} : { mask: float(one.mask, [batch, 2 * shape.hidden]) }),
      }
      const results = await data(session, feeds)
      await session.release()
      expect(relativeError(results['losses']!, one.losses)).toBeLessThan(1e-5)
      expect(relativeError(results['gradient']!, one.gradient)).toBeLessThan(1e-5)
      for (const head of ['logits', 'confidence', 'return'] as const) expect(relativeError(results[head]!, one[head]), head).toBeLessThan(1e-5)
    })
  }
})

/** The real sizes of the small network, with numbers as a market has them. */
function randomCase(kind: NetworkShape['kind'], batch: number) {
  const shape = networkShape(kind, 'small', 60, 110)
  const random = new Random(5, kind)
  const theta = freshParameters(shape, 3).map((value) => value + random.normal() * 0.02)
  const mean = Float32Array.from({ length: 110 }, () => random.normal() * 1000)
  const deviation = Float32Array.from({ length: 110 }, () => 0.01 + random.next() * 50)
  const x = Float32Array.from({ length: batch * 60 * 110 }, (_, i) => mean[i % 110]! + deviation[i % 110]! * random.normal() * 2)
  return { shape, theta, normaliser: { mean, deviation }, x, random, batch }
}

describe('the exported model answers what the training graph answers, to 1e-4', () => {
  for (const kind of NETWORK_KINDS) {
    test(`of kind ${kind}`, async () => {
      const { shape, theta, normaliser, x, batch } = randomCase(kind, 16)
      const classWeights = [1.5, 0.5, 2]
      const training = await open(trainingGraph(shape, { batch, normaliser, classWeights, dropout: false, answer: 'gradients' }))
      const trained = await data(training, { x: float(x, [batch, 60, 110]), target: float(Array.from({ length: 48 }, (_, i) => Number(i % 3 === 0)), [batch, 3]), movement: float(new Float32Array(batch), [batch, 1]), theta: float(theta, [theta.length]) })
      const exported = await open(exportNetwork(shape, theta, { normaliser, logitShift: priorShift(classWeights), returnScale: 0.25 }))
      const answer = await data(exported, { [MODEL_INPUT]: float(x, [batch, 60, 110]) })
      const shift = priorShift(classWeights)
      expect(largestDifference(answer[MODEL_OUTPUTS.directionLogits]!, trained['logits']!.map((value, i) => value + shift[i % 3]!))).toBeLessThan(1e-4)
      expect(largestDifference(answer[MODEL_OUTPUTS.confidence]!, trained['confidence']!)).toBeLessThan(1e-4)
      expect(largestDifference(answer[MODEL_OUTPUTS.expectedReturn]!, trained['return']!.map((value) => value * 0.25))).toBeLessThan(1e-4)
      // Windows do not know of each other.
      const alone = await data(exported, { [MODEL_INPUT]: float(x.subarray(3 * 60 * 110, 4 * 60 * 110), [1, 60, 110]) })
      expect(largestDifference(alone[MODEL_OUTPUTS.directionLogits]!, answer[MODEL_OUTPUTS.directionLogits]!.subarray(9, 12))).toBeLessThan(1e-4)
      await training.release()
      await exported.release()
    })
  }
})

test('calibration divides the logits and moves the confidence, in the exported graph', async () => {
  const { shape, theta, normaliser, x } = randomCase('gru', 2)
  const options = { normaliser, logitShift: [0, 0, 0], returnScale: 1 }
  const plain = await open(exportNetwork(shape, theta, options))
  const fitted = await open(exportNetwork(shape, theta, { ...options, calibration: { temperature: 2, confidenceScale: 0.5, confidenceShift: -1 } }))
  const feeds = { [MODEL_INPUT]: float(x, [2, 60, 110]) }
  const [before, after] = [await data(plain, feeds), await data(fitted, feeds)]
  expect(largestDifference(after[MODEL_OUTPUTS.directionLogits]!, before[MODEL_OUTPUTS.directionLogits]!.map((value) => value / 2))).toBeLessThan(1e-6)
  const moved = before[MODEL_OUTPUTS.confidence]!.map((p) => 1 / (1 + Math.exp(-(0.5 * Math.log(p / (1 - p)) - 1))))
  expect(largestDifference(after[MODEL_OUTPUTS.confidence]!, moved)).toBeLessThan(1e-6)
  expect([...after[MODEL_OUTPUTS.expectedReturn]!]).toEqual([...before[MODEL_OUTPUTS.expectedReturn]!])
  await plain.release()
  await fitted.release()
})

test('the directional derivative agrees with finite differences', async () => {
  const { shape, theta, normaliser, x, random, batch } = randomCase('lstm', 8)
  const session = await open(trainingGraph(shape, { batch, normaliser, classWeights: [1, 1, 1], dropout: false, answer: 'gradients' }))
  const target = float(Array.from({ length: batch * 3 }, (_, i) => Number(i % 3 === Math.floor(i / 3) % 3)), [batch, 3])
  const movement = float(Array.from({ length: batch }, () => random.normal()), [batch, 1])
  const at = (parameters: Float32Array): Promise<Record<string, Float32Array>> => data(session, { x: float(x, [batch, 60, 110]), target, movement, theta: float(parameters, [theta.length]) })
  const { gradient } = await at(theta)
  const norm = Math.sqrt(gradient!.reduce((sum, value) => sum + value * value, 0))
  const direction = gradient!.map((value) => value / norm)
  const step = 3e-4
  const loss = async (sign: number): Promise<number> => (await at(theta.map((value, i) => value + sign * step * direction[i]!)))['losses']![0]!
  const slope = ((await loss(1)) - (await loss(-1))) / (2 * step)
  await session.release()
  // Along the gradient the slope is its norm; float32 losses leave three digits of their difference.
  expect(Math.abs(slope / norm - 1)).toBeLessThan(5e-3)
})

async function trainedHash(threads: number): Promise<string> {
  const { shape, theta, normaliser, x, batch } = randomCase('lstm', 16)
  const session = await open(trainingGraph(shape, { batch, normaliser, classWeights: [1, 1, 1], dropout: true }), threads)
  let state: Record<'theta' | 'momentum' | 'variance', Float32Array> = { theta, momentum: new Float32Array(theta.length), variance: new Float32Array(theta.length) }
  const random = new Random(1, 'mask')
  const flat = (values: Float32Array): Tensor => float(values, [values.length])
  for (let step = 1; step <= 12; step++) {
    const results = await data(session, {
      x: float(x, [batch, 60, 110]), target: float(Array.from({ length: batch * 3 }, (_, i) => Number(i % 3 === Math.floor(i / 3) % 3)), [batch, 3]), movement: float(new Float32Array(batch).fill(0.5), [batch, 1]),
      mask: float(Array.from({ length: batch * 2 * shape.hidden }, () => Number(random.chance(0.8)) / 0.8), [batch, 2 * shape.hidden]),
      theta: flat(state.theta), momentum: flat(state.momentum), variance: flat(state.variance), rates: float(optimiserRates(1e-3, step, optimiserDefaults), [RATES]),
    })
    state = { theta: results['theta_next']!, momentum: results['momentum_next']!, variance: results['variance_next']! }
  }
  await session.release()
  return createHash('sha256').update(new Uint8Array(state.theta.buffer, state.theta.byteOffset, state.theta.byteLength)).digest('hex')
}

test('twelve steps give the same bits again, and with two threads', async () => {
  const first = await trainedHash(1)
  expect(await trainedHash(1)).toBe(first)
  expect(await trainedHash(2)).toBe(first)
})

test('fresh parameters follow the seed', () => {
  const shape = networkShape('tcn', 'small', 60, 110)
  expect(freshParameters(shape, 4)).toEqual(freshParameters(shape, 4))
  expect(freshParameters(shape, 4)).not.toEqual(freshParameters(shape, 5))
  expect(freshParameters(shape, 4).every(Number.isFinite)).toBe(true)
})

test('a network of impossible sizes is refused', () => {
  expect(() => networkShape('lstm', 'small', 61, 110)).toThrow('RM_TRAIN_SETTINGS')
  expect(() => networkShape('lstm', 'small', 60, 0)).toThrow('features of the network')
  expect(() => checkedShape({ ...networkShape('gru', 'big', 60, 110), hidden: 1.5 })).toThrow('hidden of the network')
})
