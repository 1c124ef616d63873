import { fail } from '../../core/index.ts'
import type { TradingRecord } from '../records.ts'
import { fileHeader, framesIn, FrameWriter, HEADER_BYTES, headerProblem, scanFrames } from './frame.ts'
import type { Journal } from './journal.ts'

/** A journal without a disk, in the same bytes: for backtests, simulations and comparisons. */
export class MemoryJournal implements Journal {
  readonly tornBytes: number
  readonly #writer = new FrameWriter()
  readonly #parts: Buffer[]
  #length = 0

  /** @param content bytes of an earlier journal to go on with. @throws RM_JOURNAL_HEADER, RM_JOURNAL_CORRUPT */
  constructor(content: Uint8Array = fileHeader()) {
    const problem = headerProblem(content)
    if (problem !== null) fail('RM_JOURNAL_HEADER', { path: 'memory', problem })
    const bytes = Buffer.from(content)
    const scan = scanFrames(framesIn(bytes), null)
    if (scan.corrupt !== null) fail('RM_JOURNAL_CORRUPT', { path: 'memory', ...scan.corrupt })
    this.tornBytes = scan.tornBytes
    this.#length = scan.records
    this.#parts = [bytes.subarray(0, scan.end)]
  }

  get length(): number {
    return this.#length
  }

  replay(each: (record: TradingRecord, sequence: number) => void): void {
    scanFrames(framesIn(this.bytes()), (frame) => each(frame.record, frame.sequence))
  }

  append(records: readonly TradingRecord[]): void {
    this.#writer.clear()
    records.forEach((record, index) => this.#writer.add(this.#length + index, record))
    this.#parts.push(Buffer.from(this.#writer.bytes))
    this.#length += records.length
  }

  flush(): void {}
  flushLater(): void {}
  close(): void {}

  /** The whole journal as it would lie on a disk. */
  bytes(): Buffer {
    const whole = Buffer.concat(this.#parts)
    this.#parts.length = 0
    this.#parts.push(whole)
    return whole
  }

  /** Bytes without the header: nothing was recorded when it is 0. */
  get recordBytes(): number {
    return this.bytes().length - HEADER_BYTES
  }
}
