import { errorLine, RingmasterError } from '../../core/index.ts'
import type { Texts } from '../database/texts.ts'
import { type ArchivedJournal, type ArchiveStore, type JournalName } from './archive-store.ts'
import { ArchiveJournal, breathe, isRewound } from './archive-journal.ts'
import { SnapshotBuffer } from './snapshot-buffer.ts'

export interface SessionParts {
  readonly store: ArchiveStore
  readonly venue: JournalName['venue']
  /** Path of the journal. */
  readonly journal: string
  /** Says on the database that an archive runs. */
  readonly mark: { hold(): Promise<void> }
  /** No other engine uses this database. */
  readonly alone: boolean
  readonly batchRecords: number
  readonly snapshotDays: number
  readonly idempotencyMs: number
  /** Word of what happens, for the log. */
  readonly say: (level: 'info' | 'warn', words: string) => void
}

/** What one step came to: more is waiting, all is archived, or there is no journal yet. */
export type StepEnd = 'more' | 'idle' | 'no-journal'

/** Pictures of the market that are kept while the database is away: hours of a few symbols. */
const SNAPSHOTS_MAX = 20_000
/** Records of a long way between two words about it. */
const TELL_RECORDS = 200_000

/**
 * The way of a journal into the tables, a step at a time. What a step could not finish is tried again by the next one; the books
 * are folded anew only when tables or journal are not where they were expected.
 */
export class ArchiveSession {
  readonly #parts: SessionParts
  readonly #journal: ArchiveJournal
  readonly #snapshots = new SnapshotBuffer(SNAPSHOTS_MAX)
  #ready = false
  #name: JournalName | null = null
  #archived: ArchivedJournal | null = null
  /** The cursor has to be read: it is not known whether the last transaction was committed. */
  #doubt = false
  #lastMs = 0

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.#journal = new ArchiveJournal(parts.journal, parts.idempotencyMs)
  }

  /** Records in the tables. */
  get sequence(): number {
    return this.#archived?.next ?? 0
  }

  get bytesBehind(): number {
    return this.#journal.bytesBehind
  }

  /** Wall time of the last record in the tables, ms; 0 before one. */
  get lastMs(): number {
    return this.#lastMs
  }

  /** One step. @throws RM_DATABASE_…, RM_JOURNAL_… ; the next step goes on from there */
  async step(): Promise<StepEnd> {
    try {
      await this.#parts.mark.hold()
      if (!this.#ready) await this.#prepare()
      if (this.#archived === null && !(await this.#open())) return 'no-journal'
      if (this.#doubt) await this.#settle()
      return await this.#append()
    } catch (error) {
      if (isRewound(error)) {
        await this.#supersede(errorLine(error))
        return 'more'
      }
      if (error instanceof RingmasterError && error.code === 'RM_DATABASE_CURSOR') this.#forget()
      throw error
    }
  }

  /** Pictures of the market that were dropped because the database was away for too long. */
  get snapshotsDropped(): number {
    return this.#snapshots.dropped
  }

  /** Takes pictures of the market, for the next `flush`. */
  addSnapshots(rows: readonly Texts[]): void {
    this.#snapshots.add(rows)
  }

  /** Writes the pictures of the market that wait. @throws RM_DATABASE_… ; what was not written stays */
  flush(): Promise<void> {
    return this.#snapshots.flush((rows) => this.#parts.store.addSnapshots(rows))
  }

  /** Makes and drops partitions, and lets old answers go. */
  async upkeep(): Promise<void> {
    const { made, dropped, expired } = await this.#parts.store.upkeep(this.#parts.snapshotDays)
    if (dropped > 0) this.#parts.say('info', `pictures of the market: ${made} parts made, ${dropped} dropped after ${this.#parts.snapshotDays} days; ${expired} old answers let go`)
  }

  close(): void {
    this.#journal.close()
  }

  async #prepare(): Promise<void> {
    const { store, say, snapshotDays } = this.#parts
    const done = await store.migrate()
    if (done.length > 0) say('info', `schema brought up to date: ${done.join(', ')}`)
    const { form } = await store.upkeep(snapshotDays)
    say('info', `pictures of the market are kept in ${form}, for ${snapshotDays} days`)
    this.#ready = true
  }

  async #open(): Promise<boolean> {
    const identity = this.#journal.identity()
    if (identity === null) return false
    this.#name = { venue: this.#parts.venue, ...identity }
    this.#archived = await this.#parts.store.open(this.#name, this.#parts.alone)
    await this.#seek()
    return true
  }

  async #seek(): Promise<void> {
    const archived = this.#archived!
    let told = 0
    const found = await this.#journal.seek(archived, (records) => {
      if (records - told < TELL_RECORDS) return
      told = records
      this.#parts.say('info', `reading the journal: ${records} of ${archived.next} records`)
    })
    if (!found) await this.#supersede(`the journal no longer holds record ${archived.next - 1} as it was archived`)
  }

  async #supersede(why: string): Promise<void> {
    this.#parts.say('warn', `${why}: it is archived anew, what the tables had of it stays as history`)
    const identity = this.#journal.identity()
    if (identity === null || this.#name === null || this.#archived === null) return this.#forget()
    this.#name = { venue: this.#parts.venue, ...identity }
    this.#archived = await this.#parts.store.supersede(this.#name, this.#archived)
    await this.#seek()
  }

  /** Was the last transaction committed before the connection was lost? */
  async #settle(): Promise<void> {
    const now = await this.#parts.store.cursor(this.#archived!.id)
    const pending = this.#journal.next(this.#parts.batchRecords)
    if (now.next === pending?.to && now.lastRecord === pending.lastRecord) {
      this.#journal.done()
      this.#archived = now
    } else if (now.next !== this.#archived!.next || now.lastRecord !== this.#archived!.lastRecord) {
      this.#archived = now
      await this.#seek()
    }
    this.#doubt = false
  }

  async #append(): Promise<StepEnd> {
    const batch = this.#journal.next(this.#parts.batchRecords)
    if (batch === null) return 'idle'
    this.#doubt = true
    await this.#meanwhile(this.#parts.store.append(this.#archived!.id, batch))
    this.#doubt = false
    this.#journal.done()
    this.#archived = { ...this.#archived!, next: batch.to, lastRecord: batch.lastRecord }
    this.#lastMs = batch.lastMs
    return 'more'
  }

  /** Reads ahead while the database writes. */
  async #meanwhile(write: Promise<void>): Promise<void> {
    let isOver = false
    const end = (): void => void (isOver = true)
    write.then(end, end)
    do await breathe()
    while (!isOver && this.#journal.ahead(this.#parts.batchRecords))
    await write
  }

  #forget(): void {
    this.#archived = null
    this.#name = null
    this.#doubt = false
    this.#ready = false
  }
}
