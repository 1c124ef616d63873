/** Entry of the thread that writes the CSV files: it follows the journals and has no part in trading. */
import { parentPort, workerData } from 'node:worker_threads'
import { errorLine } from '../src/core/index.ts'
import { CsvJournal } from '../src/storage/index.ts'
import type { CsvWorkerData, FromCsv } from './csv-writer.ts'

const { journal, dir, venue, pollMs } = workerData as CsvWorkerData
const tell = (message: FromCsv): void => parentPort!.postMessage(message)
let csv: CsvJournal | null = null
let failing = false

/** Everything that is there by now. */
function catchUp(): void {
  try {
    csv ??= new CsvJournal({ journal, dir, venue })
    while (csv.poll());
    if (failing) tell({ type: 'well' })
    failing = false
  } catch (error) {
    // The next look tries again; it is told once.
    if (!failing) tell({ type: 'problem', error: errorLine(error) })
    failing = true
  }
}

const timer = setInterval(catchUp, pollMs)
parentPort!.on('message', () => {
  clearInterval(timer)
  catchUp()
  csv?.close()
  tell({ type: 'stopped', rows: csv?.rows ?? 0 })
  parentPort!.close()
})
catchUp()
