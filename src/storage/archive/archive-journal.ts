import { existsSync, statSync } from 'node:fs'
import { RingmasterError } from '../../core/index.ts'
import type { JournalEntry } from '../../trading/index.ts'
import { JournalFollower } from '../journal-follower.ts'
import { ArchiveFold, recordFingerprint } from './archive-fold.ts'
import type { ArchiveBatch } from './batch.ts'

/** How far a journal is in the tables. */
export interface ArchiveCursor {
  readonly next: number
  /** Fingerprint of the record before it; '' at the beginning. */
  readonly lastRecord: string
}

/** A batch, and the byte behind it. */
interface JournalBatch {
  readonly batch: ArchiveBatch
  readonly end: number
}

/** Records between two looks at whoever else has work to do. */
const BREATH_RECORDS = 2000
/** Records of one step ahead. */
const AHEAD_RECORDS = 100
export const breathe = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** A journal as the archive reads it: whole from its first record on, because rows are made by the books, and handed on in batches from a cursor. */
export class ArchiveJournal {
  readonly path: string
  readonly #retentionMs: number
  #follower: JournalFollower
  #fold: ArchiveFold
  #read: JournalEntry[] = []
  #at = 0
  #pending: JournalBatch | null = null
  /** The one after it, made while the database writes. */
  #following: JournalBatch | null = null
  /** Byte behind the last batch that was done. */
  #doneEnd = 0

  /** @param path of a journal that may not exist yet */
  constructor(path: string, retentionMs: number) {
    this.path = path
    this.#retentionMs = retentionMs
    this.#follower = new JournalFollower(path)
    this.#fold = new ArchiveFold(retentionMs)
  }

  /** Bytes that are not handed on yet. */
  get bytesBehind(): number {
    return existsSync(this.path) ? Math.max(0, statSync(this.path).size - this.#doneEnd) : 0
  }

  /** The first record, as name of the journal, and its wall time; null while there is none. @throws RM_JOURNAL_… */
  identity(): { readonly fingerprint: string; readonly beganMs: number } | null {
    const follower = new JournalFollower(this.path)
    try {
      const first = follower.read()[0]
      return first === undefined ? null : { fingerprint: recordFingerprint(first.record), beganMs: first.record.atMs }
    } finally {
      follower.close()
    }
  }

  /**
   * Begins anew and goes to a cursor, making no rows on the way.
   * @param told how many records were read so far, now and then
   * @returns false when the journal is not the one that the cursor was written for, or has taken records back
   * @throws RM_JOURNAL_…
   */
  async seek(cursor: ArchiveCursor, told: (records: number) => void): Promise<boolean> {
    this.close()
    this.#follower = new JournalFollower(this.path)
    this.#fold = new ArchiveFold(this.#retentionMs)
    this.#read = []
    this.#at = 0
    this.#pending = null
    this.#following = null
    this.#doneEnd = 0
    let last = ''
    for (let done = 0; done < cursor.next; ) {
      const entry = this.#entry()
      if (entry === null) return false
      this.#fold.take(entry.record)
      done++
      if (done % BREATH_RECORDS > 0 && done < cursor.next) continue
      last = this.#fold.skip()
      told(done)
      await breathe()
    }
    this.#doneEnd = this.#offset
    return last === cursor.lastRecord
  }

  /** The batch after the last one that was done: the same until `done`. null when nothing is left. @throws RM_JOURNAL_… */
  next(maxRecords: number): ArchiveBatch | null {
    if (this.#pending === null) {
      if (this.#following === null) this.#take(maxRecords)
      this.#pending = this.#following ?? this.#drain()
      this.#following = null
    }
    return this.#pending?.batch ?? null
  }

  /**
   * Reads ahead of the batch that waits, a little at a time, for whoever waits for the database. A whole batch is made ready.
   * @returns false when there is nothing to do: enough is read, or nothing is left
   */
  ahead(maxRecords: number): boolean {
    if (this.#following !== null) return false
    const before = this.#fold.waiting
    try {
      this.#take(Math.min(maxRecords, before + AHEAD_RECORDS))
    } catch {
      // Whoever asks for the next batch meets it again.
      return false
    }
    const isMore = this.#fold.waiting > before
    if (this.#fold.waiting >= maxRecords) this.#following = this.#drain()
    return isMore
  }

  /** The batch is in the tables. */
  done(): void {
    if (this.#pending === null) return
    this.#doneEnd = this.#pending.end
    this.#pending = null
  }

  close(): void {
    this.#follower.close()
  }

  /** Byte behind the last record that was taken. */
  get #offset(): number {
    return this.#read[this.#at]?.offset ?? this.#follower.cursor.offset
  }

  #drain(): JournalBatch | null {
    const batch = this.#fold.drain()
    return batch === null ? null : { batch, end: this.#offset }
  }

  /** Takes records until so many wait, or none are left. */
  #take(records: number): void {
    while (this.#fold.waiting < records) {
      const entry = this.#entry()
      if (entry === null) return
      this.#fold.take(entry.record)
    }
  }

  #entry(): JournalEntry | null {
    if (this.#at === this.#read.length) {
      this.#read = this.#follower.read()
      this.#at = 0
    }
    return this.#read[this.#at++] ?? (this.#at--, null)
  }
}

/** Whether an error says that the journal is another one than was read. */
export const isRewound = (error: unknown): boolean => error instanceof RingmasterError && error.code === 'RM_JOURNAL_REWOUND'
