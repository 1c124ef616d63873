import type { TradingRecord } from '../records.ts'

/** Where decisions are written before they are acted upon. One writer. */
export interface Journal {
  /** Records in it. */
  readonly length: number
  /** Bytes of a torn tail that were cut off when it was opened. */
  readonly tornBytes: number
  /** Hands over what is in it, oldest first; of one that was opened at a place, what is behind it. */
  replay(each: (record: TradingRecord, sequence: number) => void): void
  /**
   * Appends all of them, or none. When it returns, a dead process loses nothing of it.
   * @throws RM_JOURNAL_WRITE, RM_JOURNAL_FENCED, RM_JOURNAL_FRAME
   */
  append(records: readonly TradingRecord[]): void
  /** Returns when a dead machine loses nothing either. @throws RM_JOURNAL_WRITE */
  flush(): void
  /** As `flush`, in the background; does nothing when nothing is new or one is under way. A failure shows at the next append. */
  flushLater(): void
  close(): void
}
