import { readFileSync } from 'node:fs'
import { errorLine, fail } from '../../core/index.ts'
import type { TradingRecord } from '../records.ts'
import { framesIn, HEADER_BYTES, headerProblem, readFrame, scanFrames } from './frame.ts'

export interface JournalEntry {
  readonly sequence: number
  readonly record: TradingRecord
  /** Byte at which its frame starts. */
  readonly offset: number
}

/**
 * A journal as others read it, while it is being written or after: whole records up to the last one, the tail that
 * is not whole left alone. Nothing is changed.
 */
export function openJournalForRead(path: string): { readonly records: Iterable<JournalEntry>; readonly bytes: number } {
  const bytes = load(path)
  const problem = headerProblem(bytes)
  if (problem !== null) fail('RM_JOURNAL_HEADER', { path, problem })
  return { bytes: bytes.length, records: { [Symbol.iterator]: () => entries(path, bytes) } }
}

/** The records of a journal file, oldest first. @throws RM_JOURNAL_OPEN, RM_JOURNAL_HEADER, RM_JOURNAL_CORRUPT */
export const readJournal = (path: string): Iterable<JournalEntry> => openJournalForRead(path).records

function* entries(path: string, bytes: Buffer): Generator<JournalEntry> {
  let offset = HEADER_BYTES
  for (let sequence = 0; offset < bytes.length; sequence++) {
    const frame = readFrame(bytes, offset)
    if (typeof frame === 'string' || frame.sequence !== sequence) {
      const { corrupt } = scanFrames(framesIn(bytes), null)
      if (corrupt !== null) fail('RM_JOURNAL_CORRUPT', { path, ...corrupt })
      return
    }
    yield { sequence, record: frame.record, offset }
    offset = frame.end
  }
}

export interface JournalReport {
  readonly records: number
  readonly bytes: number
  /** Bytes at the end that are no whole record. */
  readonly tornBytes: number
  readonly epochs: number
  /** Order intents. */
  readonly orders: number
  /** null when every record is whole and in its place. */
  readonly firstError: string | null
}

/** Checks a journal file from its first byte to its last, without changing it. Problems are reported, not thrown. */
export function verifyJournal(path: string): JournalReport {
  let bytes: Buffer
  try {
    bytes = load(path)
  } catch (error) {
    return { records: 0, bytes: 0, tornBytes: 0, epochs: 0, orders: 0, firstError: errorLine(error) }
  }
  const problem = headerProblem(bytes)
  if (problem !== null) return { records: 0, bytes: bytes.length, tornBytes: 0, epochs: 0, orders: 0, firstError: problem }
  let epochs = 0
  let orders = 0
  const scan = scanFrames(framesIn(bytes), ({ record }) => {
    if (record.kind === 'epoch-started') epochs++
    else if (record.kind === 'order-intended') orders++
  })
  const at = scan.corrupt ?? (scan.tornBytes > 0 ? { offset: scan.end, sequence: scan.records, problem: scan.tornProblem } : null)
  return {
    records: scan.records,
    bytes: bytes.length,
    tornBytes: scan.corrupt === null ? scan.tornBytes : 0,
    epochs,
    orders,
    firstError: at === null ? null : `record ${at.sequence} at byte ${at.offset}: ${at.problem}`,
  }
}

function load(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    return fail('RM_JOURNAL_OPEN', { path, reason: errorLine(error) }, error)
  }
}
