import { Random } from '../../src/core/index.ts'
import type { NetworkShape } from '../../src/model/training/index.ts'
import type { Side } from '../harness.ts'

/** What is used of TensorFlow.js; it is no dependency, so its types are not there. */
interface Tensor {
  add(other: Tensor): Tensor
  mul(other: Tensor): Tensor
  matMul(other: Tensor): Tensor
  relu(): Tensor
  sigmoid(): Tensor
  tanh(): Tensor
  reshape(shape: readonly number[]): Tensor
  sum(axis?: number): Tensor
  mean(axis?: number): Tensor
  dispose(): void
  dataSync(): Float32Array
}
interface TensorFlow {
  setBackend(name: string): Promise<boolean>
  ready(): Promise<void>
  tensor(data: Float32Array, shape: readonly number[]): Tensor
  variable(start: Tensor): Tensor
  concat(parts: readonly Tensor[], axis: number): Tensor
  split(x: Tensor, parts: number | readonly number[], axis: number): Tensor[]
  slice(x: Tensor, begin: readonly number[], size: readonly number[]): Tensor
  pad(x: Tensor, paddings: readonly (readonly [number, number])[]): Tensor
  softmax(x: Tensor, axis: number): Tensor
  transpose(x: Tensor): Tensor
  zeros(shape: readonly number[]): Tensor
  losses: { softmaxCrossEntropy(target: Tensor, logits: Tensor): Tensor; sigmoidCrossEntropy(target: Tensor, logit: Tensor): Tensor; huberLoss(target: Tensor, value: Tensor): Tensor }
  train: { adam(rate: number): { minimize(loss: () => Tensor, returnCost: boolean): Tensor | null } }
}

/**
 * The same network and losses in TensorFlow.js with Adam. Convolutions are slices, concatenation and a product, and the LSTM is written
 * out: the backend has no gradient of its convolution. @param require of a folder that holds the packages
 */
export async function tfjsStep(require: NodeJS.Require): Promise<(shape: NetworkShape, batch: number) => Side> {
  const tf = require('@tensorflow/tfjs') as TensorFlow
  const backend: unknown = require('@tensorflow/tfjs-backend-wasm')
  if (backend === undefined) throw new Error('the backend did not load')
  await tf.setBackend('wasm')
  await tf.ready()
  return (shape, batch) => {
    const { steps, features, channels, pool, hidden, attention, dense } = shape
    const random = new Random(2, 'tfjs')
    const made = (...size: readonly number[]): Tensor => tf.tensor(Float32Array.from({ length: size.reduce((a, b) => a * b, 1) }, () => random.normal() * 0.1), size)
    const weight = (...size: readonly number[]): Tensor => tf.variable(made(...size))
    const [k1, b1, k2, b2] = [weight(3 * features, channels[0]), weight(channels[0]), weight(3 * channels[0], channels[1]), weight(channels[1])]
    const [w, r, b] = [weight(channels[1], 4 * hidden), weight(hidden, 4 * hidden), weight(4 * hidden)]
    const [aw, ab, av] = [weight(hidden, attention), weight(attention), weight(attention, 1)]
    const [dw, db, hw, hb] = [weight(2 * hidden, dense), weight(dense), weight(dense, 5), weight(5)]
    const x = made(steps, batch, features)
    const target = tf.tensor(Float32Array.from({ length: batch * 3 }, (_, i) => Number(i % 3 === 0)), [batch, 3])
    const [hit, movement] = [tf.tensor(new Float32Array(batch).fill(1), [batch, 1]), made(batch, 1)]
    const conv = (input: Tensor, inputs: number, kernel: Tensor, bias: Tensor, outputs: number): Tensor => {
      const padded = tf.pad(input, [[1, 1], [0, 0], [0, 0]])
      const taps = [0, 1, 2].map((tap) => tf.slice(padded, [tap, 0, 0], [steps, batch, inputs]))
      return tf.concat(taps, 2).reshape([steps * batch, 3 * inputs]).matMul(kernel).add(bias).relu().reshape([steps, batch, outputs])
    }
    const loss = (): Tensor => {
      const second = conv(conv(x, features, k1, b1, channels[0]), channels[0], k2, b2, channels[1])
      const rows = steps / pool
      const pooled = second.reshape([rows, pool, batch, channels[1]]).mean(1)
      const projected = tf.split(pooled.reshape([rows * batch, channels[1]]).matMul(w).add(b), rows, 0)
      let [state, cell] = [tf.zeros([batch, hidden]), tf.zeros([batch, hidden])]
      const states: Tensor[] = []
      for (const part of projected) {
        const [i, o, f, g] = tf.split(part.add(state.matMul(r)), 4, 1) as [Tensor, Tensor, Tensor, Tensor]
        cell = f.sigmoid().mul(cell).add(i.sigmoid().mul(g.tanh()))
        state = o.sigmoid().mul(cell.tanh())
        states.push(state)
      }
      const all = tf.concat(states, 0)
      // It only knows the softmax of the last axis.
      const shares = tf.transpose(tf.softmax(tf.transpose(all.matMul(aw).add(ab).tanh().matMul(av).reshape([rows, batch])), -1)).reshape([rows, batch, 1])
      const context = all.reshape([rows, batch, hidden]).mul(shares).sum(0)
      const heads = tf.concat([context, state], 1).matMul(dw).add(db).relu().matMul(hw).add(hb)
      const [logits, confidence, expected] = tf.split(heads, [3, 1, 1], 1) as [Tensor, Tensor, Tensor]
      return tf.losses.softmaxCrossEntropy(target, logits).add(tf.losses.sigmoidCrossEntropy(hit, confidence)).add(tf.losses.huberLoss(movement, expected))
    }
    const adam = tf.train.adam(1e-3)
    return {
      name: 'tfjs wasm',
      measure() {
        const startMs = performance.now()
        const cost = adam.minimize(loss, true)!
        cost.dataSync()
        cost.dispose()
        return performance.now() - startMs
      },
    }
  }
}
