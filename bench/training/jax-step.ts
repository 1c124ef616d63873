import { Random } from '../../src/core/index.ts'
import type { NetworkShape } from '../../src/model/training/index.ts'
import type { Side } from '../harness.ts'

/** What is used of jax-js; it is no dependency, so its types are not there. An array is used up by what it is given to; `ref` keeps it. */
interface JaxArray {
  readonly ref: JaxArray
  add(other: JaxArray | number): JaxArray
  sub(other: JaxArray | number): JaxArray
  mul(other: JaxArray | number): JaxArray
  div(other: JaxArray | number): JaxArray
  sum(axis?: number): JaxArray
  mean(axis?: number): JaxArray
  reshape(shape: readonly number[]): JaxArray
  slice(...index: readonly (readonly number[])[]): JaxArray
  data(): Promise<Float32Array>
}
type Update = (parameters: readonly JaxArray[], momentum: readonly JaxArray[], variance: readonly JaxArray[], x: JaxArray, target: JaxArray, hit: JaxArray, movement: JaxArray) => readonly [JaxArray, readonly JaxArray[], readonly JaxArray[], readonly JaxArray[]]
interface Jax {
  init(device: string): Promise<readonly string[]>
  defaultDevice(device: string): void
  numpy: {
    array(data: Float32Array): JaxArray
    zeros(shape: readonly number[]): JaxArray
    concatenate(parts: readonly JaxArray[], axis: number): JaxArray
    matmul(a: JaxArray, b: JaxArray): JaxArray
    tanh(x: JaxArray): JaxArray
    sqrt(x: JaxArray): JaxArray
  }
  nn: { relu(x: JaxArray): JaxArray; sigmoid(x: JaxArray): JaxArray; softplus(x: JaxArray): JaxArray; softmax(x: JaxArray, axis: number): JaxArray; logSoftmax(x: JaxArray, axis: number): JaxArray }
  valueAndGrad(loss: (parameters: readonly JaxArray[]) => JaxArray): (parameters: readonly JaxArray[]) => readonly [JaxArray, readonly JaxArray[]]
  jit(step: Update): Update
}

const [RATE, BETA_1, BETA_2, EPSILON] = [1e-3, 0.9, 0.999, 1e-8]

/**
 * The same network in jax-js on WebAssembly with Adam, the whole step compiled by its `jit`; in Node that runs on one thread. As beside
 * TensorFlow.js, convolutions are slices, concatenation and a product, and the LSTM is written out. The loss of the return is the
 * smooth form of Huber's. @param require of a folder that holds the package
 */
export async function jaxStep(require: NodeJS.Require): Promise<(shape: NetworkShape, batch: number) => Side> {
  const jax = require('@jax-js/jax') as Jax
  await jax.init('wasm')
  jax.defaultDevice('wasm')
  const { numpy: np, nn } = jax
  return (shape, batch) => {
    const { steps, features, channels, pool, hidden, attention, dense } = shape
    const rows = steps / pool
    const random = new Random(2, 'jax')
    const sizes = [
      [3 * features, channels[0]], [channels[0]], [3 * channels[0], channels[1]], [channels[1]],
      [channels[1], 4 * hidden], [hidden, 4 * hidden], [4 * hidden],
      [hidden, attention], [attention], [attention, 1],
      [2 * hidden, dense], [dense], [dense, 5], [5],
    ] as const
    const made = (size: readonly number[], scale: number): JaxArray => np.array(Float32Array.from({ length: size.reduce((a, b) => a * b, 1) }, () => random.normal() * scale)).reshape(size)
    const conv = (input: JaxArray, inputs: number, kernel: JaxArray, bias: JaxArray, outputs: number): JaxArray => {
      const edge = np.zeros([1, batch, inputs])
      const padded = np.concatenate([edge.ref, input, edge], 0)
      const taps = [0, 1, 2].map((tap) => padded.ref.slice([tap, tap + steps], [], []))
      return nn.relu(np.matmul(np.concatenate(taps, 2).reshape([steps * batch, 3 * inputs]), kernel).add(bias)).reshape([steps, batch, outputs])
    }
    const update = jax.jit((parameters, momentum, variance, x, target, hit, movement) => {
      const loss = (all: readonly JaxArray[]): JaxArray => {
        const [k1, b1, k2, b2, w, r, b, aw, ab, av, dw, db, hw, hb] = all as readonly [JaxArray, JaxArray, JaxArray, JaxArray, JaxArray, JaxArray, JaxArray, JaxArray, JaxArray, JaxArray, JaxArray, JaxArray, JaxArray, JaxArray]
        const second = conv(conv(x, features, k1, b1, channels[0]), channels[0], k2, b2, channels[1])
        const pooled = second.reshape([rows, pool, batch, channels[1]]).mean(1)
        const projected = np.matmul(pooled.reshape([rows * batch, channels[1]]), w).add(b).reshape([rows, batch, 4 * hidden])
        let [state, cell] = [np.zeros([batch, hidden]), np.zeros([batch, hidden])]
        const states: JaxArray[] = []
        for (let row = 0; row < rows; row++) {
          const gates = projected.ref.slice([row, row + 1], [], []).reshape([batch, 4 * hidden]).add(np.matmul(state, r.ref))
          const gate = (index: number): JaxArray => gates.ref.slice([], [index * hidden, (index + 1) * hidden])
          cell = nn.sigmoid(gate(2)).mul(cell).add(nn.sigmoid(gate(0)).mul(np.tanh(gate(3))))
          state = nn.sigmoid(gate(1)).mul(np.tanh(cell.ref))
          states.push(state.ref)
        }
        const history = np.concatenate(states, 0)
        const shares = nn.softmax(np.matmul(np.tanh(np.matmul(history.ref, aw).add(ab)), av).reshape([rows, batch]), 0).reshape([rows, batch, 1])
        const context = history.reshape([rows, batch, hidden]).mul(shares).sum(0)
        const heads = np.matmul(nn.relu(np.matmul(np.concatenate([context, state], 1), dw).add(db)), hw).add(hb)
        const part = (from: number, to: number): JaxArray => heads.ref.slice([], [from, to])
        const direction = nn.logSoftmax(part(0, 3), -1).mul(target).sum().mul(-1 / batch)
        const confidence = nn.softplus(part(3, 4)).sub(part(3, 4).mul(hit)).mean()
        const miss = part(4, 5).sub(movement)
        return direction.add(confidence).add(np.sqrt(miss.ref.mul(miss).add(1)).sub(1).mean())
      }
      const [cost, gradients] = jax.valueAndGrad(loss)(parameters.map((one) => one.ref))
      const first = momentum.map((one, i) => one.mul(BETA_1).add(gradients[i]!.ref.mul(1 - BETA_1)))
      const squares = variance.map((one, i) => one.mul(BETA_2).add(gradients[i]!.ref.mul(gradients[i]!.ref).mul(1 - BETA_2)))
      const next = parameters.map((one, i) => one.sub(first[i]!.ref.mul(RATE).div(np.sqrt(squares[i]!.ref).add(EPSILON))))
      return [cost, next, first, squares]
    })
    const zeros = (): readonly JaxArray[] => sizes.map((size) => np.zeros(size))
    let [parameters, momentum, variance]: readonly JaxArray[][] | (readonly JaxArray[])[] = [sizes.map((size) => made(size, 0.1)), zeros(), zeros()]
    const x = made([steps, batch, features], 1)
    const target = np.array(Float32Array.from({ length: batch * 3 }, (_, i) => Number(i % 3 === 0))).reshape([batch, 3])
    const hit = np.array(new Float32Array(batch).fill(1)).reshape([batch, 1])
    const movement = made([batch, 1], 1)
    return {
      name: 'jax-js wasm',
      async measure() {
        const startMs = performance.now()
        const [cost, ...next] = update(parameters!, momentum!, variance!, x.ref, target.ref, hit.ref, movement.ref)
        ;[parameters, momentum, variance] = next
        const value = (await cost.data())[0]!
        await parameters[0]!.ref.data()
        if (!Number.isFinite(value)) throw new Error(`the loss is ${value}`)
        return performance.now() - startMs
      },
    }
  }
}
