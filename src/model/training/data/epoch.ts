import { Random } from '../../../core/index.ts'

/**
 * The windows of one epoch in the order of training: one of each `stride` neighbours, drawn anew every epoch, shuffled. The same seed
 * and epoch give the same order, so that a training that was interrupted goes on with what it would have seen.
 */
export function epochWindows(train: Int32Array, stride: number, seed: number, epoch: number): Int32Array {
  const random = new Random(seed, `epoch:${epoch}`)
  const drawn = new Int32Array(Math.ceil(train.length / stride))
  for (let i = 0; i < drawn.length; i++) {
    const from = i * stride
    drawn[i] = train[from + random.below(Math.min(stride, train.length - from))]!
  }
  for (let i = drawn.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const kept = drawn[i]!
    drawn[i] = drawn[j]!
    drawn[j] = kept
  }
  return drawn
}

/** A dropout mask: 0 with the probability, else what keeps the mean; the same seed and step give the same one. */
export function dropoutMask(into: Float32Array, probability: number, seed: number, step: number): void {
  const random = new Random(seed, `dropout:${step}`)
  const kept = 1 / (1 - probability)
  for (let i = 0; i < into.length; i++) into[i] = random.next() < probability ? 0 : kept
}
