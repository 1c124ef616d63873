import * as nodeFs from 'node:fs'
import { dirname } from 'node:path'
import { errorLine, fail } from '../../core/index.ts'
import type { TradingRecord } from '../records.ts'
import { FileFrames } from './file-frames.ts'
import { fileHeader, FrameWriter, HEADER_BYTES, headerProblem, scanFrames, START } from './frame.ts'
import type { Journal } from './journal.ts'
import { type JournalPlace, placeProblem } from './place.ts'

/** The calls of the disk that the journal makes; tests put faulty ones in their place. */
export type JournalFs = Pick<typeof nodeFs, 'openSync' | 'closeSync' | 'writeSync' | 'fstatSync' | 'ftruncateSync' | 'fdatasyncSync' | 'fdatasync' | 'fsyncSync' | 'readSync' | 'mkdirSync'>

/**
 * The journal in a file. Opening cuts off what a crash tore and refuses what is corrupt; appending is one write;
 * a write that fails is taken back to the last whole record, so that what follows it stays readable.
 */
export class FileJournal implements Journal {
  readonly path: string
  readonly tornBytes: number
  /** Why it was not opened at the place that was asked for, '' when it was, or when none was. */
  readonly placeProblem: string
  /** Where reading began: what is before it was neither checked nor is it handed over. */
  readonly #from: { readonly sequence: number; readonly offset: number }
  readonly #fs: JournalFs
  readonly #writer = new FrameWriter()
  readonly #fd: number
  #end: number
  #length: number
  #flushedEnd: number
  #flushing = false
  #failure: unknown = null
  /** Bytes of a failed write may stand behind the last whole record. */
  #untidy = false
  #fenced = false
  #closed = false

  /**
   * Opens or makes the journal.
   * @param place to read from on; one that is not of this file is refused, and everything is read
   * @throws RM_JOURNAL_OPEN, RM_JOURNAL_HEADER, RM_JOURNAL_CORRUPT (with the byte; the file is left as it is)
   */
  constructor(path: string, fs: JournalFs = nodeFs, place: JournalPlace | null = null) {
    this.path = path
    this.#fs = fs
    this.#fd = this.#open()
    try {
      const source = new FileFrames(fs, this.#fd, fs.fstatSync(this.#fd).size)
      const head = source.at(0, HEADER_BYTES)
      // Less than a header is a journal whose making was cut short: nothing was ever recorded in it.
      const made = source.bytes < HEADER_BYTES && fileHeader().subarray(0, head.length).equals(head)
      if (made) {
        fs.ftruncateSync(this.#fd, 0)
        fs.writeSync(this.#fd, fileHeader(), 0, HEADER_BYTES, 0)
        fs.fsyncSync(this.#fd)
        this.#syncFolder()
        this.tornBytes = source.bytes
        this.placeProblem = place === null ? '' : 'the journal is empty'
        this.#from = START
        this.#length = 0
        this.#end = HEADER_BYTES
      } else {
        const problem = headerProblem(head)
        if (problem !== null) fail('RM_JOURNAL_HEADER', { path, problem })
        this.placeProblem = place === null ? '' : placeProblem(fs, this.#fd, place)
        this.#from = place === null || this.placeProblem !== '' ? START : place
        const scan = scanFrames(source, null, this.#from)
        if (scan.corrupt !== null) fail('RM_JOURNAL_CORRUPT', { path, ...scan.corrupt })
        if (scan.tornBytes > 0) {
          fs.ftruncateSync(this.#fd, scan.end)
          fs.fsyncSync(this.#fd)
        }
        this.tornBytes = scan.tornBytes
        this.#length = scan.records
        this.#end = scan.end
      }
      this.#flushedEnd = this.#end
    } catch (error) {
      fs.closeSync(this.#fd)
      throw error
    }
  }

  get length(): number {
    return this.#length
  }

  replay(each: (record: TradingRecord, sequence: number) => void): void {
    scanFrames(new FileFrames(this.#fs, this.#fd, this.#end), (frame) => each(frame.record, frame.sequence), this.#from)
  }

  append(records: readonly TradingRecord[]): void {
    if (this.#closed) fail('RM_JOURNAL_CLOSED', { path: this.path })
    this.#checkFence()
    if (this.#failure !== null) {
      const failure = this.#failure
      this.#failure = null
      throw failure
    }
    this.#writer.clear()
    for (let i = 0; i < records.length; i++) this.#writer.add(this.#length + i, records[i]!)
    const { bytes } = this.#writer
    try {
      if (this.#untidy) this.#fs.ftruncateSync(this.#fd, this.#end)
      this.#untidy = false
      // A write may be cut short without an error when the disk fills up: go on until it says why.
      let done = 0
      while (done < bytes.length) {
        const written = this.#fs.writeSync(this.#fd, bytes, done, bytes.length - done, this.#end + done)
        if (written <= 0) throw new Error(`${bytes.length - done} bytes were not taken`)
        done += written
      }
    } catch (error) {
      this.#takeBack()
      fail('RM_JOURNAL_WRITE', { path: this.path, sequence: this.#length, offset: this.#end, reason: errorLine(error) }, error)
    }
    this.#end += bytes.length
    this.#length += records.length
  }

  flush(): void {
    if (this.#closed) fail('RM_JOURNAL_CLOSED', { path: this.path })
    if (this.#fenced) this.#checkFence()
    if (this.#flushedEnd === this.#end) return
    const end = this.#end
    try {
      this.#fs.fdatasyncSync(this.#fd)
    } catch (error) {
      this.#failFlush(error)
    }
    this.#flushedEnd = end
    this.#checkFence()
  }

  flushLater(): void {
    if (this.#closed || this.#flushing || this.#flushedEnd === this.#end) return
    const end = this.#end
    this.#flushing = true
    this.#fs.fdatasync(this.#fd, (error) => {
      this.#flushing = false
      if (this.#closed) return
      try {
        if (error !== null) this.#failFlush(error)
        this.#flushedEnd = Math.max(this.#flushedEnd, end)
        this.#checkFence()
      } catch (failure) {
        this.#failure = failure
      }
    })
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#fs.closeSync(this.#fd)
  }

  #open(): number {
    const { O_RDWR, O_CREAT } = nodeFs.constants
    try {
      this.#fs.mkdirSync(dirname(this.path), { recursive: true })
      return this.#fs.openSync(this.path, O_RDWR | O_CREAT, 0o600)
    } catch (error) {
      return fail('RM_JOURNAL_OPEN', { path: this.path, reason: errorLine(error) }, error)
    }
  }

  /** Leaves no half record behind; where even that fails, the next append begins with it. The error of the write is the one that is told. */
  #takeBack(): void {
    try {
      this.#fs.ftruncateSync(this.#fd, this.#end)
      this.#untidy = false
    } catch {
      this.#untidy = true
    }
  }

  #failFlush(error: unknown): never {
    return fail('RM_JOURNAL_WRITE', { path: this.path, sequence: this.#length, offset: this.#flushedEnd, reason: errorLine(error) }, error)
  }

  /** A file that is longer than this writer made it has another writer: this one has written its last. */
  #checkFence(): void {
    const actual = this.#fs.fstatSync(this.#fd).size
    if (!this.#untidy && actual !== this.#end) this.#fenced = true
    if (this.#fenced) fail('RM_JOURNAL_FENCED', { path: this.path, expected: this.#end, actual })
  }

  /** The name of a new file must outlive a power loss too. */
  #syncFolder(): void {
    const folder = this.#fs.openSync(dirname(this.path), nodeFs.constants.O_RDONLY)
    try {
      this.#fs.fsyncSync(folder)
    } finally {
      this.#fs.closeSync(folder)
    }
  }
}
