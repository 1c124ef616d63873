import { fail, isoTime } from '../../core/index.ts'
import { AppendFile, BatchFiles, type BatchName, readLog, removeLog, setAsideLog } from './batch-files.ts'
import { encodeFrame, encodeNames, isDamaged, scanFrames } from './batch-log.ts'
import type { Sample } from './sample.ts'
import { sealBatch, type SealJob } from './seal.ts'

/** Where an actor puts its samples; it does not know of files. */
export interface SampleSink {
  /** @returns false when the sample was not newer than the last one: it is there already. */
  add(sample: Sample): boolean
  /** Starts to bring to the disk what was added, without waiting for it. @throws what the last one failed with */
  sync(): void
  /** Nothing is added any more. What is there stays a batch in progress, to be gone on with. */
  close(): void
}

export interface CollectorOptions {
  readonly root: string
  readonly symbol: string
  readonly featureNames: readonly string[]
  /** Samples of a whole batch. */
  readonly batchSamples: number
  /** Makes a whole batch of a full log; in place without it. One that fails is tried again by the next start. */
  readonly seal?: (job: SealJob) => void
}

const dateOf = (timestampMs: number): string => isoTime(timestampMs).slice(0, 10)

/**
 * Collects the samples of one symbol, crash-safe: a sample is with the system before `add` returns, so that a killed
 * process loses none; `sync` once a second bounds what a power cut can take. A batch is whole after `batchSamples` samples or at the
 * change of the day (UTC, venue time). A start goes on with the batch in progress, or finishes it when it was left whole, is damaged or
 * holds other features.
 */
export class Collector implements SampleSink {
  /** Frames that a crash had cut off, in bytes, of all logs found at the start. */
  readonly tornBytes: number
  readonly #options: CollectorOptions
  readonly #files: BatchFiles
  readonly #seal: (job: SealJob) => void
  #name: BatchName | null = null
  #log: AppendFile | null = null
  #pending = 0
  #lastMs = Number.NEGATIVE_INFINITY

  /** @throws RM_DATASET_FILE for a folder that cannot be used. */
  constructor(options: CollectorOptions) {
    this.#options = options
    this.#files = new BatchFiles(options.root, options.symbol)
    this.#seal = options.seal ?? sealBatch
    this.tornBytes = this.#recover()
  }

  /** Samples of the batch in progress. */
  get pending(): number {
    return this.#pending
  }

  /** Venue time of the newest sample, −∞ before the first. */
  get lastMs(): number {
    return this.#lastMs
  }

  /** @throws RM_DATASET_SAMPLE for one that is none; RM_DATASET_FILE when it cannot be written, and then it is not in the log */
  add(sample: Sample): boolean {
    const { featureNames, batchSamples } = this.#options
    if (sample.features.length !== featureNames.length) fail('RM_DATASET_SAMPLE', { symbol: this.#options.symbol, timestampMs: sample.timestampMs, problem: `${sample.features.length} features are not ${featureNames.length}` })
    const bad = sample.features.findIndex((value) => !Number.isFinite(value))
    if (bad >= 0) fail('RM_DATASET_SAMPLE', { symbol: this.#options.symbol, timestampMs: sample.timestampMs, problem: `${featureNames[bad]} is ${sample.features[bad]}` })
    if (!(sample.timestampMs > this.#lastMs)) return false
    const date = dateOf(sample.timestampMs)
    if (this.#name !== null && this.#name.date !== date) this.finish()
    const log = this.#log ?? this.#open(this.#files.next(date))
    log.append(encodeFrame(sample))
    this.#pending++
    this.#lastMs = sample.timestampMs
    if (this.#pending >= batchSamples) this.finish()
    return true
  }

  sync(): void {
    this.#log?.sync()
  }

  close(): void {
    this.#log?.close()
    this.#leave()
  }

  /** Makes the batch in progress a whole one, however many samples it has. */
  finish(): void {
    const { root, symbol } = this.#options
    const name = this.#name
    if (name === null) return
    this.#log!.closeSoon()
    this.#leave()
    this.#seal({ root, symbol, name })
  }

  #leave(): void {
    this.#log = null
    this.#name = null
    this.#pending = 0
  }

  #open(name: BatchName): AppendFile {
    const log = AppendFile.open(this.#files.path(name, 'part'), 0)
    try {
      log.append(encodeNames(this.#options.featureNames))
    } catch (error) {
      log.closeSoon()
      throw error
    }
    this.#name = name
    this.#log = log
    return log
  }

  #recover(): number {
    const files = this.#files
    const { root, symbol, featureNames, batchSamples } = this.#options
    let torn = 0
    // The logs before the batches: one that becomes a batch meanwhile is seen at least once.
    const unfinished = files.unfinished()
    for (const [i, name] of unfinished.entries()) {
      const path = files.path(name, 'part')
      const bytes = readLog(path)
      const scan = scanFrames(bytes)
      torn += bytes.length - scan.wholeBytes
      this.#lastMs = Math.max(this.#lastMs, scan.lastMs)
      if (scan.samples === 0) {
        if (scan.featureNames === null && bytes.length > encodeNames(featureNames).length) setAsideLog(path)
        else removeLog(path)
      } else if (scan.samples >= batchSamples || i < unfinished.length - 1 || isDamaged(bytes, scan) || JSON.stringify(scan.featureNames) !== JSON.stringify(featureNames)) this.#seal({ root, symbol, name })
      else {
        this.#name = name
        this.#log = AppendFile.open(path, scan.wholeBytes)
        this.#pending = scan.samples
      }
    }
    const newest = files.batches().at(-1)
    if (newest === undefined) return torn
    this.#lastMs = Math.max(this.#lastMs, files.readMetadata(newest).samples.at(-1)?.timestamp ?? this.#lastMs)
    return torn
  }
}
