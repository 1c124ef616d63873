import { RingmasterError } from '../../core/index.ts'
import { apply, createState, freezeState, type TradingState } from '../../trading/index.ts'
import { JournalFollower } from '../journal-follower.ts'
import { type Checkpoint, checkpointPath, writeCheckpoint } from './file.ts'
import { foldPrint } from './fold-print.ts'
import { usable } from './open.ts'

/** Records behind the last checkpoint that make a new one: what a start has to fold at most, a third of a second. */
const RECORDS_MAX = 20_000

/**
 * Folds a journal as its writer does, away from it, and leaves the books beside it now and then, so that a start need not
 * begin with the first record. What it reads has come back from the disk and is checked, so a checkpoint also says that
 * the journal was sound up to it.
 */
export class Checkpointer {
  readonly #path: string
  readonly #recordsMax: number
  readonly #write: typeof writeCheckpoint
  #follower: JournalFollower
  #state: TradingState
  /** Records before it are in the checkpoint that lies there. */
  #saved = 0
  #written = 0

  /** @param path of the journal, which may not exist yet */
  constructor(path: string, recordsMax = RECORDS_MAX, write: typeof writeCheckpoint = writeCheckpoint) {
    this.#path = path
    this.#recordsMax = recordsMax
    this.#write = write
    const { checkpoint, state } = usable(checkpointPath(path))
    this.#follower = new JournalFollower(path, checkpoint?.place ?? null)
    this.#state = state ?? createState()
    this.#saved = checkpoint?.place.sequence ?? 0
  }

  /** Checkpoints written by this object. */
  get written(): number {
    return this.#written
  }

  /**
   * Folds what the journal has gained, a part of it where it is much. A journal that was taken back under the reader is
   * folded from its first record.
   * @returns false when nothing was left to read
   * @throws what the disk says, RM_JOURNAL_CORRUPT; the next call goes on
   */
  poll(): boolean {
    try {
      const entries = this.#follower.read()
      for (const { record } of entries) apply(this.#state, record)
      if (this.#follower.cursor.sequence - this.#saved >= this.#recordsMax) this.save()
      return entries.length > 0
    } catch (error) {
      if (!(error instanceof RingmasterError) || error.code !== 'RM_JOURNAL_REWOUND') throw error
      this.#follower.close()
      this.#follower = new JournalFollower(this.#path)
      this.#state = createState()
      this.#saved = 0
      return true
    }
  }

  /** Writes a checkpoint of what was read, where that is news. @throws what the disk says */
  save(): void {
    const { place } = this.#follower
    if (place === null || place.sequence === this.#saved) return
    // A checkpoint of records that a power loss takes from the journal would be one of another journal.
    this.#follower.sync()
    this.#write(checkpointPath(this.#path), { place, fold: foldPrint(), state: freezeState(this.#state) } satisfies Checkpoint)
    this.#saved = place.sequence
    this.#written++
  }

  close(): void {
    this.#follower.close()
  }
}
