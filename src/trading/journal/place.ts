import type * as nodeFs from 'node:fs'
import { frameChecksum, readFrame } from './frame.ts'

/** A place in a journal between two records, and how to see that it is still the same journal. */
export interface JournalPlace {
  /** Records before it. */
  readonly sequence: number
  /** Byte at which the next record will begin. */
  readonly offset: number
  /** The record before it: byte at which its frame begins, and the checksum in that frame. */
  readonly lastOffset: number
  readonly lastCrc: number
}

/** What keeps a place from being one of this file, '' when nothing does: the frame before it must stand there unchanged. */
export function placeProblem(fs: Pick<typeof nodeFs, 'fstatSync' | 'readSync'>, fd: number, place: JournalPlace): string {
  const { size } = fs.fstatSync(fd)
  const { sequence, offset, lastOffset, lastCrc } = place
  if (size < offset) return `the journal has ${size} bytes where ${offset} were read before`
  const bytes = Buffer.alloc(offset - lastOffset)
  const read = fs.readSync(fd, bytes, 0, bytes.length, lastOffset)
  if (read < bytes.length) return `${read} of ${bytes.length} bytes of record ${sequence - 1} could be read`
  const frame = readFrame(bytes, 0)
  if (typeof frame === 'string') return `record ${sequence - 1} is none: ${frame}`
  if (frame.sequence !== sequence - 1 || frame.end !== bytes.length) return `record ${frame.sequence} of ${frame.end} bytes stands where record ${sequence - 1} of ${bytes.length} was`
  const crc = frameChecksum(bytes)
  return crc === lastCrc ? '' : `record ${sequence - 1} has the checksum ${crc}, it had ${lastCrc}`
}
