/** Entry of the thread that leaves checkpoints beside the journal: it follows the journal and has no part in trading. */
import { workerData } from 'node:worker_threads'
import { Checkpointer } from '../src/storage/checkpoint/index.ts'
import type { CheckpointWorkerData } from './checkpoint-thread.ts'
import { readJournalForever } from './journal-reader.ts'

const { journal, pollMs, saveMs } = workerData as CheckpointWorkerData
let savedMs = performance.now()

readJournalForever(pollMs, () => {
  const checkpointer = new Checkpointer(journal)
  return {
    poll: () => checkpointer.poll(),
    rest(last) {
      if (!last && performance.now() - savedMs < saveMs) return
      savedMs = performance.now()
      checkpointer.save()
    },
    close: () => checkpointer.close(),
    get written() {
      return checkpointer.written
    },
  }
})
