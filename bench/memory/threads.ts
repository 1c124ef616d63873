import { Worker } from 'node:worker_threads'

/** A task of two fresh threads; the first one's answer is the rate that it measured. */
export async function pair(script: URL, first: object, second: object, transfer: readonly [unknown[], unknown[]] = [[], []]): Promise<number> {
  const workers = [second, first].map(
    (workerData, i) => new Worker(script, { workerData, transferList: transfer[1 - i] as never[] }),
  )
  try {
    return await new Promise<number>((resolve, reject) => {
      for (const worker of workers) worker.once('error', reject)
      workers[1]!.once('message', resolve)
    })
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

export const FIELDS = 8
export const RECORD_BYTES = FIELDS * 8
export const BATCH = 64
/** Records under way at most: the slots of the ring, and the window of the message peers. */
export const WINDOW = 4096
