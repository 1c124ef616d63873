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

/** Records between two looks at whoever else has work to do. */
const BREATH_RECORDS = 2000
const breathe = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** A journal as the archive reads it: whole from its first record on, because rows are made by the books, and handed on in batches from a cursor. */
export class ArchiveJournal {
  readonly path: string
  readonly #retentionMs: number
  #follower: JournalFollower
  #fold: ArchiveFold
  #read: JournalEntry[] = []
  #at = 0
  #pending: ArchiveBatch | null = null

  /** @param path of a journal that may not exist yet */
  constructor(path: string, retentionMs: number) {
    this.path = path
    this.#retentionMs = retentionMs
    this.#follower = new JournalFollower(path)
    this.#fold = new ArchiveFold(retentionMs)
  }

  /** Bytes that are not handed on yet. */
  get bytesBehind(): number {
    const rest = this.#read[this.#at]?.offset ?? this.#follower.cursor.offset
    return existsSync(this.path) ? Math.max(0, statSync(this.path).size - rest) : 0
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
    return last === cursor.lastRecord
  }

  /** The batch after the last one that was done: the same until `done`. null when nothing is left. @throws RM_JOURNAL_… */
  next(maxRecords: number): ArchiveBatch | null {
    if (this.#pending !== null) return this.#pending
    while (this.#fold.waiting < maxRecords) {
      const entry = this.#entry()
      if (entry === null) break
      this.#fold.take(entry.record)
    }
    return (this.#pending = this.#fold.drain())
  }

  /** The batch is in the tables. */
  done(): void {
    this.#pending = null
  }

  close(): void {
    this.#follower.close()
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
