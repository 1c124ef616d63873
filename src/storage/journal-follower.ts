import { closeSync, existsSync, fdatasyncSync, fstatSync, openSync, readSync } from 'node:fs'
import * as nodeFs from 'node:fs'
import { errorLine, fail } from '../core/index.ts'
import { type JournalEntry, journalFrame, type JournalPlace, placeProblem } from '../trading/index.ts'

/** Most bytes that one look takes in. */
const CHUNK_BYTES = 1 << 20

/** Where a reader of a journal stands: the next record and the byte at which it will begin. */
export interface JournalCursor {
  readonly sequence: number
  readonly offset: number
}

/**
 * Reads a journal that others write, from a cursor on, whenever it is asked. It takes whole records only: a tail that is
 * being written, or that a crash tore, is left until it is whole. Writers may come and go; the file stays. A writer that
 * takes a record back (its disk was full) is noticed by the last record read.
 */
export class JournalFollower {
  readonly path: string
  #sequence = 0
  #offset: number = journalFrame.headerBytes
  #fd = -1
  /** The last record read, to see whether it still stands there. */
  #last: { readonly offset: number; readonly bytes: Buffer } | null = null

  readonly #place: JournalPlace | null

  /**
   * @param path of a journal that may not exist yet
   * @param place to read from on, as another reader has left it; the first read looks whether it is still one
   */
  constructor(path: string, place: JournalPlace | null = null) {
    this.path = path
    this.#place = place
    if (place === null) return
    this.#sequence = place.sequence
    this.#offset = place.offset
  }

  /** Where the next reader may go on; null while nothing has been read. */
  get place(): JournalPlace | null {
    if (this.#last === null) return this.#place
    const { offset: lastOffset, bytes } = this.#last
    return { sequence: this.#sequence, offset: this.#offset, lastOffset, lastCrc: journalFrame.checksum(bytes) }
  }

  /** Returns when a dead machine loses nothing of what was read. */
  sync(): void {
    if (this.#fd >= 0) fdatasyncSync(this.#fd)
  }

  get cursor(): JournalCursor {
    return { sequence: this.#sequence, offset: this.#offset }
  }

  /**
   * The records that have become whole since the last look, a megabyte at most: call again until there are none.
   * @throws RM_JOURNAL_OPEN, RM_JOURNAL_HEADER, RM_JOURNAL_CORRUPT, RM_JOURNAL_REWOUND
   */
  read(): JournalEntry[] {
    if (this.#fd < 0 && !this.#open()) return []
    const { size } = fstatSync(this.#fd)
    this.#checkLast(size)
    if (size <= this.#offset) return []
    const bytes = this.#bytes(this.#offset, Math.min(size - this.#offset, CHUNK_BYTES))
    const entries: JournalEntry[] = []
    let at = 0
    let last = 0
    while (at < bytes.length) {
      const frame = journalFrame.read(bytes, at)
      if (typeof frame === 'string') {
        // More than any frame stands behind it: this is no tail.
        if (bytes.length - at > journalFrame.bytesMax) fail('RM_JOURNAL_CORRUPT', { path: this.path, offset: this.#offset, sequence: this.#sequence, problem: frame })
        break
      }
      if (frame.sequence !== this.#sequence) fail('RM_JOURNAL_CORRUPT', { path: this.path, offset: this.#offset, sequence: this.#sequence, problem: `its sequence is ${frame.sequence} where ${this.#sequence} was due` })
      entries.push({ sequence: frame.sequence, record: frame.record, offset: this.#offset })
      this.#offset += frame.end - at
      this.#sequence++
      last = at
      at = frame.end
    }
    if (at > 0) this.#last = { offset: this.#offset - (at - last), bytes: Buffer.from(bytes.subarray(last, at)) }
    return entries
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
  }

  /** @returns false while there is no journal, or none with a whole header */
  #open(): boolean {
    if (!existsSync(this.path)) return false
    try {
      this.#fd = openSync(this.path, 'r')
    } catch (error) {
      return fail('RM_JOURNAL_OPEN', { path: this.path, reason: errorLine(error) }, error)
    }
    const header = fstatSync(this.#fd).size < journalFrame.headerBytes ? null : this.#bytes(0, journalFrame.headerBytes)
    const problem = header === null ? null : journalFrame.headerProblem(header)
    if (header !== null && problem === null) {
      if (this.#place !== null && placeProblem(nodeFs, this.#fd, this.#place) !== '') fail('RM_JOURNAL_REWOUND', { path: this.path, sequence: this.#place.sequence - 1, offset: this.#place.lastOffset })
      return true
    }
    this.close()
    return problem === null ? false : fail('RM_JOURNAL_HEADER', { path: this.path, problem })
  }

  #checkLast(size: number): void {
    if (this.#last === null) return
    const { offset, bytes } = this.#last
    if (size < this.#offset || !this.#bytes(offset, bytes.length).equals(bytes)) fail('RM_JOURNAL_REWOUND', { path: this.path, sequence: this.#sequence - 1, offset })
  }

  #bytes(from: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    let done = 0
    while (done < length) {
      const read = readSync(this.#fd, bytes, done, length - done, from + done)
      if (read === 0) break
      done += read
    }
    return bytes.subarray(0, done)
  }
}
