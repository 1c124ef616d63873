import type { Texts } from '../database/texts.ts'
import type { AuditLines } from './audit-lines.ts'

/** What one transaction brings into the tables: everything that some records in a row of one journal mean. */
export interface ArchiveBatch {
  /** First record, and the one after the last. */
  readonly from: number
  readonly to: number
  /** Fingerprint of the last record, by which a journal that took it back is known. */
  readonly lastRecord: string
  /** Wall time of the last record, ms. */
  readonly lastMs: number
  readonly audit: AuditLines
  /** Rows that change, without their journal: the state after the last record, each row once. */
  readonly positions: readonly Texts[]
  readonly orders: readonly Texts[]
  readonly idempotency: readonly Texts[]
  /** Rows that never change, without their journal. */
  readonly trades: readonly Texts[]
  readonly funding: readonly Texts[]
}
