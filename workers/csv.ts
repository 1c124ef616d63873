/** Entry of the thread that writes the CSV files: it follows the journals and has no part in trading. */
import { workerData } from 'node:worker_threads'
import { CsvJournal } from '../src/storage/index.ts'
import type { CsvWorkerData } from './csv-writer.ts'
import { readJournalForever } from './journal-reader.ts'

const { journal, dir, venue, pollMs } = workerData as CsvWorkerData

readJournalForever(pollMs, () => {
  const csv = new CsvJournal({ journal, dir, venue })
  return {
    poll: () => csv.poll(),
    close: () => csv.close(),
    get written() {
      return csv.rows
    },
  }
})
