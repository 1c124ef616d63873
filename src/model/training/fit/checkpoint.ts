import { createHash } from 'node:crypto'
import { fail } from '../../../core/index.ts'
import type { TrainingPlan } from './schedule.ts'

/** One epoch as the report shows it. */
export interface EpochRecord {
  readonly trainLoss: number
  readonly trainAccuracy: number
  /** Cross-entropy and accuracy on validation windows. */
  readonly validationLoss: number
  readonly validationAccuracy: number
  /** Mean norm of the gradient before clipping. */
  readonly gradientNorm: number
}

/** Everything that a training needs to go on as if it had never stopped. */
export interface Checkpoint {
  /** Of data, settings and seed: another training does not go on from here. */
  readonly fingerprint: string
  readonly plan: TrainingPlan
  /** Steps done. */
  readonly step: number
  readonly history: readonly EpochRecord[]
  /** Sums over the steps of the epoch that is not done: loss, hits, norm. */
  readonly sums: readonly [number, number, number]
  readonly finished: boolean
  readonly theta: Float32Array
  readonly momentum: Float32Array
  readonly variance: Float32Array
  /** Parameters of the best epoch so far. */
  readonly best: Float32Array
}

const VECTORS = ['theta', 'momentum', 'variance', 'best'] as const
const DIGEST_BYTES = 32

/** SHA-256 of what follows, length of the header, the header as JSON, four vectors of float32. */
export function encodeCheckpoint(checkpoint: Checkpoint): Buffer {
  const { theta, momentum, variance, best, ...rest } = checkpoint
  const header = Buffer.from(JSON.stringify({ ...rest, size: theta.length }))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(header.length)
  const body = Buffer.concat([length, header, ...[theta, momentum, variance, best].map((vector) => Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength))])
  return Buffer.concat([createHash('sha256').update(body).digest(), body])
}

/** @param file named in errors @throws RM_TRAIN_CHECKPOINT for anything but a whole checkpoint */
export function decodeCheckpoint(bytes: Buffer, file: string): Checkpoint {
  const wrong = (problem: string): never => fail('RM_TRAIN_CHECKPOINT', { file, problem })
  if (bytes.length < DIGEST_BYTES + 4) wrong(`it has ${bytes.length} bytes`)
  const body = bytes.subarray(DIGEST_BYTES)
  if (!createHash('sha256').update(body).digest().equals(bytes.subarray(0, DIGEST_BYTES))) wrong('its checksum does not fit its content')
  const headerEnd = 4 + body.readUInt32LE(0)
  const { size, ...rest } = JSON.parse(body.toString('utf8', 4, headerEnd)) as Omit<Checkpoint, (typeof VECTORS)[number]> & { readonly size: number }
  const vectors = VECTORS.map((name, i) => {
    const vector = new Float32Array(size)
    Buffer.from(vector.buffer).set(body.subarray(headerEnd + i * size * 4, headerEnd + (i + 1) * size * 4))
    return [name, vector] as const
  })
  return { ...rest, ...(Object.fromEntries(vectors) as Record<(typeof VECTORS)[number], Float32Array>) }
}
