import { crc32 } from 'node:zlib'
import type { Sample, SignalType } from './sample.ts'

/*
 * A batch in progress is a log of frames: length of the payload, CRC-32 of the payload, payload. The first payload is the
 * list of feature names as JSON: a version with other features knows the log as another's. Every other is five numbers (time, mid,
 * spread, imbalance, confidence), the signal, and the features as float32. A frame that was cut off by a crash is
 * recognised by its length or its checksum, and everything before it is whole.
 */

const HEAD_BYTES = 8
const NUMBERS = 5
const SIGNALS: readonly SignalType[] = ['hold', 'buy', 'sell']
const PREFIX_BYTES = NUMBERS * 8 + 4

/** What a log holds, without its samples. */
export interface LogScan {
  /** null: its beginning is not whole, or it is no log. */
  readonly featureNames: readonly string[] | null
  /** Bytes of the frame with the names. */
  readonly namesBytes: number
  readonly samples: number
  /** Time of the last whole sample, −∞ without one. */
  readonly lastMs: number
  /** End of the last whole frame. */
  readonly wholeBytes: number
}

/** Bytes of the frame of a sample with so many features. */
export const frameBytes = (features: number): number => HEAD_BYTES + PREFIX_BYTES + features * 4

/** The frame that a log begins with. */
export const encodeNames = (featureNames: readonly string[]): Buffer => sealed(Buffer.concat([Buffer.alloc(HEAD_BYTES), Buffer.from(JSON.stringify(featureNames))]))

/** One sample as a frame. */
export function encodeFrame(sample: Sample): Buffer {
  const { features } = sample
  const frame = Buffer.alloc(frameBytes(features.length))
  frame.writeDoubleLE(sample.timestampMs, HEAD_BYTES)
  frame.writeDoubleLE(sample.midPrice, HEAD_BYTES + 8)
  frame.writeDoubleLE(sample.spread, HEAD_BYTES + 16)
  frame.writeDoubleLE(sample.imbalance, HEAD_BYTES + 24)
  frame.writeDoubleLE(sample.signalConfidence, HEAD_BYTES + 32)
  frame.writeUInt32LE(SIGNALS.indexOf(sample.signalType), HEAD_BYTES + NUMBERS * 8)
  for (let i = 0; i < features.length; i++) frame.writeFloatLE(features[i]!, HEAD_BYTES + PREFIX_BYTES + i * 4)
  return sealed(frame)
}

/** Looks through a log without making its samples. */
export function scanFrames(bytes: Buffer): LogScan {
  const nothing: LogScan = { featureNames: null, namesBytes: 0, samples: 0, lastMs: Number.NEGATIVE_INFINITY, wholeBytes: 0 }
  const head = payloadAt(bytes, 0)
  const featureNames = head === null ? null : namesIn(head)
  if (head === null || featureNames === null) return nothing
  const namesBytes = HEAD_BYTES + head.length
  const size = frameBytes(featureNames.length)
  let at = namesBytes
  let lastMs = nothing.lastMs
  for (let payload = payloadAt(bytes, at); payload !== null && payload.length === size - HEAD_BYTES; payload = payloadAt(bytes, at)) {
    lastMs = payload.readDoubleLE(0)
    at += size
  }
  return { featureNames, namesBytes, samples: (at - namesBytes) / size, lastMs, wholeBytes: at }
}

/** More follows the last whole frame than a frame that was cut off: something between is damaged. */
export const isDamaged = (bytes: Buffer, { featureNames, wholeBytes }: LogScan): boolean => bytes.length - wholeBytes >= (featureNames === null ? HEAD_BYTES : frameBytes(featureNames.length))

/** The whole samples of a log. @param scan of the same bytes */
export function decodeFrames(bytes: Buffer, scan: LogScan): readonly Sample[] {
  const features = scan.featureNames?.length ?? 0
  return Array.from({ length: scan.samples }, (_, i) => {
    const payload = bytes.subarray(scan.namesBytes + i * frameBytes(features) + HEAD_BYTES)
    const values = new Float32Array(features)
    for (let column = 0; column < features; column++) values[column] = payload.readFloatLE(PREFIX_BYTES + column * 4)
    return {
      timestampMs: payload.readDoubleLE(0),
      midPrice: payload.readDoubleLE(8),
      spread: payload.readDoubleLE(16),
      imbalance: payload.readDoubleLE(24),
      signalConfidence: payload.readDoubleLE(32),
      signalType: SIGNALS[payload.readUInt32LE(NUMBERS * 8)] ?? 'hold',
      features: values,
    }
  })
}

/** Fills in length and checksum. */
function sealed(frame: Buffer): Buffer {
  frame.writeUInt32LE(frame.length - HEAD_BYTES, 0)
  frame.writeUInt32LE(crc32(frame.subarray(HEAD_BYTES)), 4)
  return frame
}

/** Payload of the frame that begins at a byte, null when it is not whole. */
function payloadAt(bytes: Buffer, at: number): Buffer | null {
  if (at + HEAD_BYTES > bytes.length) return null
  const end = at + HEAD_BYTES + bytes.readUInt32LE(at)
  if (end > bytes.length) return null
  const payload = bytes.subarray(at + HEAD_BYTES, end)
  return bytes.readUInt32LE(at + 4) === crc32(payload) ? payload : null
}

function namesIn(payload: Buffer): readonly string[] | null {
  try {
    const names = JSON.parse(payload.toString('utf8')) as unknown
    return Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string') ? names : null
  } catch {
    return null
  }
}
