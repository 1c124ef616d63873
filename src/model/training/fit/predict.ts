import { classOf, gather, type TrainingTable } from '../data/index.ts'
import { CLASSES, MODEL_INPUT, MODEL_OUTPUTS } from '../network/index.ts'

/** Answers of a model to windows. */
export interface Predictions {
  /** Last rows of the windows. */
  readonly windows: Int32Array
  /** windows × 3. */
  readonly logits: Float32Array
  readonly confidence: Float32Array
  readonly expectedReturn: Float32Array
}

const BATCH = 128

/** Asks an exported model for every window. */
export async function predict(model: Uint8Array, table: TrainingTable, windows: Int32Array, steps: number): Promise<Predictions> {
  const ort = await import('onnxruntime-node')
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', executionProviders: ['cpu'], logSeverityLevel: 4 })
  const all = { windows, logits: new Float32Array(windows.length * CLASSES), confidence: new Float32Array(windows.length), expectedReturn: new Float32Array(windows.length) }
  const input = new Float32Array(Math.min(BATCH, windows.length) * steps * table.features)
  try {
    for (let from = 0; from < windows.length; from += BATCH) {
      const some = windows.subarray(from, from + BATCH)
      const x = input.subarray(0, some.length * steps * table.features)
      gather(table, some, steps, x)
      const answer = await session.run({ [MODEL_INPUT]: new ort.Tensor('float32', x, [some.length, steps, table.features]) })
      all.logits.set(answer[MODEL_OUTPUTS.directionLogits]!.data as Float32Array, from * CLASSES)
      all.confidence.set(answer[MODEL_OUTPUTS.confidence]!.data as Float32Array, from)
      all.expectedReturn.set(answer[MODEL_OUTPUTS.expectedReturn]!.data as Float32Array, from)
    }
  } finally {
    await session.release()
  }
  return all
}

/** Classes of windows by their labels. */
export const classesOf = (table: TrainingTable, windows: Int32Array): Uint8Array => Uint8Array.from(windows, (row) => classOf(table.direction[row]!))

/** Shares of each row of logits. */
export function probabilitiesOf(logits: Float32Array): Float32Array {
  const out = new Float32Array(logits.length)
  for (let at = 0; at < logits.length; at += CLASSES) {
    const top = Math.max(logits[at]!, logits[at + 1]!, logits[at + 2]!)
    let sum = 0
    for (let c = 0; c < CLASSES; c++) sum += out[at + c] = Math.exp(logits[at + c]! - top)
    for (let c = 0; c < CLASSES; c++) out[at + c]! /= sum
  }
  return out
}
