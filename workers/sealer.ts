import { Worker } from 'node:worker_threads'
import type { SealJob } from '../src/model/index.ts'

/**
 * Makes whole batches away from the threads that trade, one after the other: a batch takes half a second. What is under way when
 * the process ends is done by its next start.
 */
export class Sealer {
  readonly #onFailure: (job: SealJob, error: Error) => void
  /** Jobs that wait or are under way, by what they are about: an actor that starts anew asks for the same again. */
  readonly #jobs = new Map<string, SealJob>()
  #busy = false

  constructor(onFailure: (job: SealJob, error: Error) => void) {
    this.#onFailure = onFailure
  }

  seal(job: SealJob): void {
    const key = JSON.stringify(job)
    if (this.#jobs.has(key)) return
    this.#jobs.set(key, job)
    this.#next()
  }

  #next(): void {
    const [first] = this.#jobs
    if (this.#busy || first === undefined) return
    this.#busy = true
    const [key, job] = first
    const worker = new Worker(new URL('./seal-job.ts', import.meta.url), { workerData: job })
    worker.once('error', (error) => this.#onFailure(job, error as Error))
    worker.once('exit', () => {
      this.#jobs.delete(key)
      this.#busy = false
      this.#next()
    })
  }
}
