import { BatchFiles, type BatchName, readLog, removeLog, setAsideLog } from './batch-files.ts'
import { decodeFrames, isDamaged, scanFrames } from './batch-log.ts'

/** A log that takes no more samples and is to become a whole batch. Crosses threads. */
export interface SealJob {
  readonly root: string
  readonly symbol: string
  readonly name: BatchName
}

/**
 * Makes a whole batch of a log, then removes the log; one with a damaged place is kept for people. Takes about half a second for
 * 10 000 samples, so not on a thread that trades. Whatever is interrupted is done again by the next start.
 * @throws RM_DATASET_FILE; the log is still there then
 */
export function sealBatch({ root, symbol, name }: SealJob): void {
  const files = new BatchFiles(root, symbol)
  const path = files.path(name, 'part')
  const bytes = readLog(path)
  const scan = scanFrames(bytes)
  if (scan.featureNames === null || scan.samples === 0) return
  files.write(name, decodeFrames(bytes, scan), scan.featureNames)
  if (isDamaged(bytes, scan)) setAsideLog(path)
  else removeLog(path)
}
