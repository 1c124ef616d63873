/** What the threads that follow the journal have in common: look, go on after a failure, tell it once, end when asked. */
import { parentPort } from 'node:worker_threads'
import { errorLine } from '../src/core/index.ts'
import type { FromJournalThread } from './journal-thread.ts'

export interface JournalReader {
  /** @returns false when nothing was left to read */
  poll(): boolean
  /** After a look that has read everything; the last one is that of a stop. */
  rest?(last: boolean): void
  close(): void
  readonly written: number
}

/** @param open is tried again at every look until it succeeds */
export function readJournalForever(pollMs: number, open: () => JournalReader): void {
  const tell = (message: FromJournalThread): void => parentPort!.postMessage(message)
  let reader: JournalReader | null = null
  let failing = false

  function catchUp(last: boolean): void {
    try {
      reader ??= open()
      while (reader.poll());
      reader.rest?.(last)
      if (failing) tell({ type: 'well' })
      failing = false
    } catch (error) {
      // The next look tries again; it is told once.
      if (!failing) tell({ type: 'problem', error: errorLine(error) })
      failing = true
    }
  }

  const timer = setInterval(() => catchUp(false), pollMs)
  parentPort!.on('message', () => {
    clearInterval(timer)
    catchUp(true)
    reader?.close()
    tell({ type: 'stopped', written: reader?.written ?? 0 })
    parentPort!.close()
  })
  catchUp(false)
}
