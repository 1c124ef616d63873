import { closeSync, openSync, readSync } from 'node:fs'
import { journalFrame, type TradingRecord } from '../../trading/index.ts'

/** More than nearly every record has. */
const GUESS_BYTES = 8192

export interface PlacedRecord {
  readonly sequence: number
  readonly record: TradingRecord
}

/** Reads single records of a journal by the byte at which they begin. One that does not stand there any more is left out. */
export function recordsAt(path: string, offsets: readonly number[]): PlacedRecord[] {
  if (offsets.length === 0) return []
  const fd = openSync(path, 'r')
  try {
    return offsets.flatMap((offset) => readAt(fd, offset, GUESS_BYTES) ?? readAt(fd, offset, journalFrame.bytesMax) ?? [])
  } finally {
    closeSync(fd)
  }
}

function readAt(fd: number, offset: number, length: number): PlacedRecord | null {
  const bytes = Buffer.allocUnsafe(length)
  const read = readSync(fd, bytes, 0, length, offset)
  const frame = journalFrame.read(bytes.subarray(0, read), 0)
  return typeof frame === 'string' ? null : { sequence: frame.sequence, record: frame.record }
}
