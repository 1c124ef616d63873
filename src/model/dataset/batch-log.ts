import { crc32 } from 'node:zlib'
import type { Sample, SignalType } from './sample.ts'

/*
 * A batch in progress is a log of frames: length of the payload, CRC-32 of the payload, payload. The payload is five
 * numbers (time, mid, spread, imbalance, confidence), the signal, and the features as float32. A frame that was cut off by a
 * crash is recognised by its length or its checksum, and everything before it is whole.
 */

const HEAD_BYTES = 8
const NUMBERS = 5
const SIGNALS: readonly SignalType[] = ['hold', 'buy', 'sell']
const PREFIX_BYTES = NUMBERS * 8 + 4

/** Bytes of the frame of a sample with so many features. */
export const frameBytes = (features: number): number => HEAD_BYTES + PREFIX_BYTES + features * 4

/** One sample as a frame. */
export function encodeFrame(sample: Sample): Buffer {
  const { features } = sample
  const frame = Buffer.alloc(frameBytes(features.length))
  const numbers = [sample.timestampMs, sample.midPrice, sample.spread, sample.imbalance, sample.signalConfidence]
  numbers.forEach((value, i) => frame.writeDoubleLE(value, HEAD_BYTES + i * 8))
  frame.writeUInt32LE(SIGNALS.indexOf(sample.signalType), HEAD_BYTES + NUMBERS * 8)
  for (let i = 0; i < features.length; i++) frame.writeFloatLE(features[i]!, HEAD_BYTES + PREFIX_BYTES + i * 4)
  frame.writeUInt32LE(frame.length - HEAD_BYTES, 0)
  frame.writeUInt32LE(crc32(frame.subarray(HEAD_BYTES)), 4)
  return frame
}

/** The whole frames at the start of a log, and where they end. */
export function decodeFrames(bytes: Buffer, features: number): { readonly samples: readonly Sample[]; readonly wholeBytes: number } {
  const size = frameBytes(features)
  const samples: Sample[] = []
  let at = 0
  while (at + size <= bytes.length) {
    const payload = bytes.subarray(at + HEAD_BYTES, at + size)
    if (bytes.readUInt32LE(at) !== payload.length || bytes.readUInt32LE(at + 4) !== crc32(payload)) break
    const values = new Float32Array(features)
    for (let i = 0; i < features; i++) values[i] = payload.readFloatLE(PREFIX_BYTES + i * 4)
    samples.push({
      timestampMs: payload.readDoubleLE(0),
      midPrice: payload.readDoubleLE(8),
      spread: payload.readDoubleLE(16),
      imbalance: payload.readDoubleLE(24),
      signalConfidence: payload.readDoubleLE(32),
      signalType: SIGNALS[payload.readUInt32LE(NUMBERS * 8)] ?? 'hold',
      features: values,
    })
    at += size
  }
  return { samples, wholeBytes: at }
}
