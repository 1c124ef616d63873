import { crc32 } from 'node:zlib'
import { Packr, Unpackr } from 'msgpackr'
import { fail } from '../../core/index.ts'
import type { TradingRecord } from '../records.ts'
import { completed } from './completed.ts'

/**
 * How a journal lies in a file.
 *
 *   byte 0   magic "RMJOURNL", u32 version, u32 CRC-32 of the twelve bytes before it
 *   then     frames: u32 length of the payload, u32 CRC-32 of the payload, payload; little endian
 *
 * A payload is the msgpack array [sequence, record]; sequences count from 0 without a gap. No frame is empty, so a
 * stretch of zero bytes is never one.
 */
export const MAGIC = Buffer.from('RMJOURNL', 'latin1')
export const VERSION = 1
export const HEADER_BYTES = 16
export const FRAME_HEAD_BYTES = 8
/** Largest payload. A record is a few hundred bytes. */
export const PAYLOAD_BYTES_MAX = 64 * 1024
const FRAME_BYTES_MAX = FRAME_HEAD_BYTES + PAYLOAD_BYTES_MAX

// Every frame can be read alone: no structures shared between records.
const packr = new Packr({ useRecords: false, variableMapSize: true })
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' })

export function fileHeader(): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  MAGIC.copy(header, 0)
  header.writeUInt32LE(VERSION, 8)
  header.writeUInt32LE(crc32(header.subarray(0, 12)), 12)
  return header
}

/** What is wrong with the header of a file, or null. */
export function headerProblem(bytes: Uint8Array): string | null {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(HEADER_BYTES, bytes.byteLength))
  if (header.length < HEADER_BYTES) return `the header has ${header.length} of ${HEADER_BYTES} bytes`
  if (!header.subarray(0, 8).equals(MAGIC)) return 'it does not start like a journal'
  if (header.readUInt32LE(12) !== crc32(header.subarray(0, 12))) return 'the checksum of its header is wrong'
  const version = header.readUInt32LE(8)
  return version === VERSION ? null : `it is of version ${version}, this program reads version ${VERSION}`
}

/** Writes frames into one growing buffer, to be handed to the disk in one call. */
export class FrameWriter {
  #bytes = Buffer.allocUnsafe(PAYLOAD_BYTES_MAX)
  #length = 0

  /** @throws RM_JOURNAL_FRAME */
  add(sequence: number, record: TradingRecord): void {
    const payload = packr.pack([sequence, record])
    if (payload.length > PAYLOAD_BYTES_MAX) fail('RM_JOURNAL_FRAME', { bytes: payload.length, limit: PAYLOAD_BYTES_MAX })
    this.#reserve(FRAME_HEAD_BYTES + payload.length)
    this.#bytes.writeUInt32LE(payload.length, this.#length)
    this.#bytes.writeUInt32LE(crc32(payload), this.#length + 4)
    payload.copy(this.#bytes, this.#length + FRAME_HEAD_BYTES)
    this.#length += FRAME_HEAD_BYTES + payload.length
  }

  /** The frames added since the last `clear`; valid until the next `add`. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length + more))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}

export interface Frame {
  readonly sequence: number
  readonly record: TradingRecord
  /** First byte after it. */
  readonly end: number
}

/** The frame at a byte with its record, or what keeps it from being one. */
export function readFrame(bytes: Buffer, offset: number): Frame | string {
  const place = checkFrame(bytes, offset)
  return typeof place === 'string' ? place : { ...place, record: recordOf(bytes.subarray(offset + FRAME_HEAD_BYTES, place.end)) }
}

const recordOf = (payload: Buffer): TradingRecord => completed((unpackr.unpack(payload) as [number, TradingRecord])[1])

/** As `readFrame`, without the record: length, checksum and sequence cost a seventh of unpacking it. */
function checkFrame(bytes: Buffer, offset: number): Omit<Frame, 'record'> | string {
  if (offset + FRAME_HEAD_BYTES > bytes.length) return `${bytes.length - offset} bytes are left where a frame needs more than ${FRAME_HEAD_BYTES}`
  const length = bytes.readUInt32LE(offset)
  if (length === 0 || length > PAYLOAD_BYTES_MAX) return `its length is ${length}`
  const end = offset + FRAME_HEAD_BYTES + length
  if (end > bytes.length) return `its length is ${length} where ${bytes.length - offset - FRAME_HEAD_BYTES} bytes are left`
  const payload = bytes.subarray(offset + FRAME_HEAD_BYTES, end)
  const wanted = bytes.readUInt32LE(offset + 4)
  const found = crc32(payload)
  if (found !== wanted) return `its checksum is ${found} where ${wanted} is written`
  const sequence = sequenceOf(payload)
  return sequence < 0 ? 'its payload does not begin with a sequence' : { sequence, end }
}

/** The first of the two elements of a payload, or -1 when it does not begin like one. */
function sequenceOf(payload: Buffer): number {
  if (payload[0] !== ARRAY_OF_TWO || payload.length < 2) return -1
  const head = payload[1]!
  if (head < 0x80) return head
  const bytes = UINT_BYTES[head]
  if (bytes === undefined || payload.length < 2 + bytes) return -1
  return bytes === 8 ? Number(payload.readBigUInt64BE(2)) : payload.readUIntBE(2, bytes)
}

/** msgpack: an array of two, and how many bytes follow the head of an unsigned integer. */
const ARRAY_OF_TWO = 0x92
const UINT_BYTES: Readonly<Record<number, number | undefined>> = { 0xcc: 1, 0xcd: 2, 0xce: 4, 0xcf: 8 }

export interface Scan {
  /** Byte after the last whole frame. */
  readonly end: number
  readonly records: number
  /** Bytes behind it that are no whole frame: what a crash tore off. */
  readonly tornBytes: number
  readonly tornProblem: string
  /** A bad frame with whole ones behind it, or a gap in the sequences: never the work of a crash. */
  readonly corrupt: { readonly offset: number; readonly sequence: number; readonly problem: string } | null
}

/** Where the bytes of a journal come from. */
export interface FrameSource {
  readonly bytes: number
  /** Bytes from `offset` on: at least `wanted`, or all that are left. Valid until the next call. */
  at(offset: number, wanted: number): Buffer
}

/** A journal in memory. */
export const framesIn = (bytes: Buffer): FrameSource => ({ bytes: bytes.length, at: (offset) => bytes.subarray(offset) })

/** Before the first record. */
export const START = { sequence: 0, offset: HEADER_BYTES } as const

/** Walks the frames of a journal whose header is sound. @param each gets every record; null only checks the frames @param from first frame to look at, and its sequence */
export function scanFrames(source: FrameSource, each: ((frame: Frame, offset: number) => void) | null, from: { readonly sequence: number; readonly offset: number } = START): Scan {
  let { offset, sequence: records } = from
  while (offset < source.bytes) {
    const part = source.at(offset, FRAME_BYTES_MAX)
    const frame = checkFrame(part, 0)
    if (typeof frame === 'string') {
      const corrupt = followedByFrame(source, offset + 1, records) ? { offset, sequence: records, problem: frame } : null
      return { end: offset, records, tornBytes: source.bytes - offset, tornProblem: frame, corrupt }
    }
    if (frame.sequence !== records) return { end: offset, records, tornBytes: 0, tornProblem: '', corrupt: { offset, sequence: records, problem: `its sequence is ${frame.sequence} where ${records} was due` } }
    const end = offset + frame.end
    each?.({ sequence: frame.sequence, end, record: recordOf(part.subarray(FRAME_HEAD_BYTES, frame.end)) }, offset)
    records++
    offset = end
  }
  return { end: offset, records, tornBytes: 0, tornProblem: '', corrupt: null }
}

/** A torn tail has nothing whole behind it. Implausible lengths are passed over without a checksum. */
function followedByFrame(source: FrameSource, from: number, sequence: number): boolean {
  for (let base = from; base + FRAME_HEAD_BYTES < source.bytes; ) {
    const part = source.at(base, FRAME_BYTES_MAX)
    // Frames that begin in the last stretch may go on behind it: the next part begins there.
    const isLast = part.length < FRAME_BYTES_MAX || base + part.length >= source.bytes
    const last = isLast ? part.length - FRAME_HEAD_BYTES : part.length - FRAME_BYTES_MAX + 1
    for (let at = 0; at < last; at++) {
      const length = part.readUInt32LE(at)
      if (length === 0 || length > PAYLOAD_BYTES_MAX || at + FRAME_HEAD_BYTES + length > part.length) continue
      const payload = part.subarray(at + FRAME_HEAD_BYTES, at + FRAME_HEAD_BYTES + length)
      if (crc32(payload) !== part.readUInt32LE(at + 4)) continue
      const content: unknown = unpackr.unpack(payload)
      if (Array.isArray(content) && typeof content[0] === 'number' && content[0] > sequence) return true
    }
    if (isLast) return false
    base += last
  }
  return false
}

/** The checksum that stands in a frame. */
export const frameChecksum = (frame: Buffer): number => frame.readUInt32LE(4)

/** What readers outside of this room need to know of frames. */
export const journalFrame = { headerBytes: HEADER_BYTES, bytesMax: FRAME_BYTES_MAX, headerProblem, read: readFrame, checksum: frameChecksum } as const
