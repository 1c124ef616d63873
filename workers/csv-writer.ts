import { join } from 'node:path'
import type { Config } from '../src/config/index.ts'
import { journalPath } from './journal-path.ts'
import type { JournalThreadSpec } from './journal-thread.ts'

export interface CsvWorkerData {
  readonly journal: string
  readonly dir: string
  readonly venue: string
  readonly pollMs: number
}

/** What the CSV files of a configuration are made from, and where they lie. */
export const csvPlaces = (config: Config): Omit<CsvWorkerData, 'pollMs'> => ({ journal: journalPath(config), dir: config.csv.dir === 'auto' ? join(config.data_dir, 'csv') : config.csv.dir, venue: config.venue })

/** The thread that writes the CSV files. */
export const csvThread = (config: Config): JournalThreadSpec => ({
  entry: new URL('./csv.ts', import.meta.url),
  data: { ...csvPlaces(config), pollMs: config.csv.poll_ms } satisfies CsvWorkerData,
  words: {
    problem: 'the CSV files are not written; trading goes on, they catch up from the journal',
    well: 'the CSV files are written again',
    failed: 'the thread of the CSV files failed',
  },
})
