import { Packr, Unpackr } from 'msgpackr'
import { fail } from '../../core/index.ts'

const HEAD_BYTES = 4
/** A frame is a few symbols of market data, never more. */
export const FRAME_BYTES_MAX = 16 << 20

const packr = new Packr({ useRecords: false, variableMapSize: true })
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' })

/** A message as it goes over the local socket: u32 length, little endian, then msgpack. */
export function packFrame(message: unknown): Buffer {
  const payload = packr.pack(message)
  const frame = Buffer.allocUnsafe(HEAD_BYTES + payload.length)
  frame.writeUInt32LE(payload.length, 0)
  payload.copy(frame, HEAD_BYTES)
  return frame
}

/** Cuts the bytes of a stream into messages, however they arrive. */
export class FrameCutter {
  readonly #bytesMax: number
  #parts: Buffer[] = []
  #bytes = 0

  /** @param bytesMax of one frame */
  constructor(bytesMax = FRAME_BYTES_MAX) {
    this.#bytesMax = bytesMax
  }

  /** @returns the messages that are whole now @throws RM_API_LINK for a frame that is longer than any, or that is no msgpack */
  take(chunk: Buffer): unknown[] {
    this.#parts.push(chunk)
    this.#bytes += chunk.length
    const messages: unknown[] = []
    while (this.#bytes >= HEAD_BYTES) {
      const bytes = this.#whole()
      const length = bytes.readUInt32LE(0)
      if (length > this.#bytesMax) fail('RM_API_LINK', { problem: `a frame of ${length} bytes, at most ${this.#bytesMax} are taken` })
      if (bytes.length < HEAD_BYTES + length) break
      messages.push(unpack(bytes.subarray(HEAD_BYTES, HEAD_BYTES + length)))
      this.#parts = [bytes.subarray(HEAD_BYTES + length)]
      this.#bytes = bytes.length - HEAD_BYTES - length
    }
    return messages
  }

  #whole(): Buffer {
    if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts, this.#bytes)]
    return this.#parts[0]!
  }
}

function unpack(bytes: Buffer): unknown {
  try {
    return unpackr.unpack(bytes)
  } catch (error) {
    return fail('RM_API_LINK', { problem: 'a frame that is no msgpack' }, error)
  }
}
