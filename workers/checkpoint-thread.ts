import type { Config } from '../src/config/index.ts'
import { journalPath } from './journal-path.ts'
import type { JournalThreadSpec } from './journal-thread.ts'

export interface CheckpointWorkerData {
  readonly journal: string
  readonly pollMs: number
  /** Longest time without a checkpoint while there is news. */
  readonly saveMs: number
}

/** A look costs one call of the system where there is no news. */
const POLL_MS = 500
const SAVE_MS = 60_000

/** The thread that leaves checkpoints beside the journal. */
export const checkpointThread = (config: Pick<Config, 'data_dir' | 'venue'>): JournalThreadSpec => ({
  entry: new URL('./checkpoint.ts', import.meta.url),
  data: { journal: journalPath(config), pollMs: POLL_MS, saveMs: SAVE_MS } satisfies CheckpointWorkerData,
  words: {
    problem: 'no checkpoints are written beside the journal; trading goes on, a start takes longer',
    well: 'checkpoints are written again',
    failed: 'the thread of the checkpoints failed',
  },
})
