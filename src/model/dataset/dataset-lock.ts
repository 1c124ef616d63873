import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { errorLine, fail, releaseProcessLock, RingmasterError, takeProcessLock } from '../../core/index.ts'

/** Who writes what: a collector the samples, a labelling pass the labels of whole batches. They do not disturb each other. */
export type DatasetWriter = 'collector' | 'labels'

/**
 * Keeps everybody else from writing the same of these symbols. All of the locks are taken, or none.
 * @returns gives the locks back
 * @throws RM_DATASET_LOCKED, RM_DATASET_FILE
 */
export function lockDataset(root: string, symbols: readonly string[], writer: DatasetWriter): () => void {
  const taken: string[] = []
  const release = (): void => taken.splice(0).forEach(releaseProcessLock)
  try {
    for (const symbol of symbols) {
      const folder = join(root, symbol)
      mkdirSync(folder, { recursive: true })
      const path = join(folder, `.${writer}.lock`)
      const pid = takeProcessLock(path)
      if (pid !== null) fail('RM_DATASET_LOCKED', { folder, pid })
      taken.push(path)
    }
    return release
  } catch (error) {
    release()
    if (error instanceof RingmasterError) throw error
    return fail('RM_DATASET_FILE', { file: root, problem: errorLine(error) }, error)
  }
}
