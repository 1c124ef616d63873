import { errorLine, fail, RingmasterError } from '../core/index.ts'
import { apply } from './apply.ts'
import type { Journal } from './journal/journal.ts'
import type { TradingRecord } from './records.ts'
import type { TradingState } from './state.ts'

/** Records that wait in memory while the journal cannot be written. */
const BACKLOG_MAX = 10_000

/**
 * The one way into the books: journal first, then state. While the journal cannot be written, nothing that increases
 * exposure is taken; what reduces it, and what the venue tells, is applied and waits in order for the journal.
 */
export class Recorder {
  readonly #journal: Journal
  readonly #state: TradingState
  readonly #flushed: boolean
  readonly #onFailure: (error: unknown) => void
  readonly #backlog: TradingRecord[] = []
  #problem = ''
  /** Another process writes this journal now: whatever this one knows may be wrong, and the account is not its own any more. */
  #fenced = false

  /** @param flushed wait for the disk before an order that increases exposure leaves */
  constructor(journal: Journal, state: TradingState, flushed: boolean, onFailure: (error: unknown) => void) {
    this.#journal = journal
    this.#state = state
    this.#flushed = flushed
    this.#onFailure = onFailure
  }

  /** False while records wait for the journal. */
  get healthy(): boolean {
    return this.#backlog.length === 0 && this.#problem === ''
  }

  get problem(): string {
    return this.#problem
  }

  /**
   * Writes and applies. @returns whether the effects may run. On false the records were not taken at all, or, where the
   * disk is waited for, they are in the books without its word: the order that they announce then counts as unsent. Once
   * another process has taken the journal over, nothing is taken and no effect runs, exits included.
   * @throws RM_JOURNAL_BACKLOG
   */
  commit(records: readonly TradingRecord[], increases: boolean): boolean {
    if (records.length === 0) return true
    if (!this.healthy) this.retry()
    if (!this.healthy || !this.#append(records)) {
      if (increases || this.#fenced) return false
      if (this.#backlog.length + records.length > BACKLOG_MAX) fail('RM_JOURNAL_BACKLOG', { waiting: this.#backlog.length, reason: this.#problem })
      for (const record of records) this.#backlog.push(record)
    }
    for (let i = 0; i < records.length; i++) apply(this.#state, records[i]!)
    return !(increases && this.#flushed) || this.#sync()
  }

  /** Tries the journal again with what waits. */
  retry(): void {
    if (this.#backlog.length > 0) {
      if (!this.#append(this.#backlog)) return
      this.#backlog.length = 0
    } else if (this.#problem !== '') {
      if (!this.#sync()) return
    } else return
    this.#problem = ''
  }

  /** @returns false when the disk did not take it. */
  flush(): boolean {
    return this.#sync()
  }

  #append(records: readonly TradingRecord[]): boolean {
    try {
      this.#journal.append(records)
      return true
    } catch (error) {
      return this.#failed(error)
    }
  }

  #sync(): boolean {
    try {
      this.#journal.flush()
      return true
    } catch (error) {
      return this.#failed(error)
    }
  }

  #failed(error: unknown): false {
    this.#problem = errorLine(error)
    if (error instanceof RingmasterError && error.code === 'RM_JOURNAL_FENCED') this.#fenced = true
    this.#onFailure(error)
    return false
  }
}
