import { fail, isoTime } from '../../core/index.ts'
import { AppendFile, BatchFiles, type BatchName, readLog, removeLog } from './batch-files.ts'
import { decodeFrames, encodeFrame } from './batch-log.ts'
import type { Sample } from './sample.ts'

/** Where an actor puts its samples; it does not know of files. */
export interface SampleSink {
  /** @returns false when the sample was not newer than the last one: it is there already. */
  add(sample: Sample): boolean
  /** Brings to the disk what was added. */
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
}

const dateOf = (timestampMs: number): string => isoTime(timestampMs).slice(0, 10)

/**
 * Collects the samples of one symbol, crash-safe: a sample is with the system before `add` returns, so that a killed
 * process loses none; `sync` once a second bounds what a power cut can take. A batch is whole after `batchSamples` samples or at the
 * change of the day (UTC, venue time). A start goes on with the batch in progress, or finishes it when it was left whole.
 */
export class Collector implements SampleSink {
  /** Frames that a crash had cut off, in bytes, of all logs found at the start. */
  readonly tornBytes: number
  readonly #options: CollectorOptions
  readonly #files: BatchFiles
  #name: BatchName | null = null
  #log: AppendFile | null = null
  #samples: Sample[] = []
  #lastMs = Number.NEGATIVE_INFINITY

  /** @throws RM_DATASET_FILE for a folder that cannot be used. */
  constructor(options: CollectorOptions) {
    this.#options = options
    this.#files = new BatchFiles(options.root, options.symbol)
    this.tornBytes = this.#recover()
  }

  /** Samples of the batch in progress. */
  get pending(): number {
    return this.#samples.length
  }

  /** Venue time of the newest sample, −∞ before the first. */
  get lastMs(): number {
    return this.#lastMs
  }

  add(sample: Sample): boolean {
    const { featureNames, batchSamples } = this.#options
    if (sample.features.length !== featureNames.length) fail('RM_DATASET_SAMPLE', { symbol: this.#options.symbol, timestampMs: sample.timestampMs, problem: `${sample.features.length} features are not ${featureNames.length}` })
    const bad = sample.features.findIndex((value) => !Number.isFinite(value))
    if (bad >= 0) fail('RM_DATASET_SAMPLE', { symbol: this.#options.symbol, timestampMs: sample.timestampMs, problem: `${featureNames[bad]} is ${sample.features[bad]}` })
    if (!(sample.timestampMs > this.#lastMs)) return false
    const date = dateOf(sample.timestampMs)
    if (this.#name !== null && this.#name.date !== date) this.#finish()
    if (this.#log === null) this.#open(this.#files.next(date), [])
    this.#log!.append(encodeFrame(sample))
    this.#samples.push({ ...sample, features: sample.features.slice() })
    this.#lastMs = sample.timestampMs
    if (this.#samples.length >= batchSamples) this.#finish()
    return true
  }

  sync(): void {
    this.#log?.sync()
  }

  close(): void {
    this.sync()
    this.#log?.close()
    this.#log = null
    this.#name = null
    this.#samples = []
  }

  /** Makes the batch in progress a whole one, however many samples it has. */
  finish(): void {
    if (this.#samples.length > 0) this.#finish()
  }

  #open(name: BatchName, samples: readonly Sample[], wholeBytes = 0): void {
    this.#name = name
    this.#samples = [...samples]
    this.#log = AppendFile.open(this.#files.path(name, 'part'), wholeBytes)
  }

  #finish(): void {
    const name = this.#name!
    this.#log!.close()
    this.#log = null
    this.#files.write(name, this.#samples, this.#options.featureNames)
    removeLog(this.#files.path(name, 'part'))
    this.#name = null
    this.#samples = []
  }

  #recover(): number {
    const files = this.#files
    const { featureNames, batchSamples } = this.#options
    const newest = files.batches().at(-1)
    if (newest !== undefined) this.#lastMs = files.readMetadata(newest).samples.at(-1)?.timestamp ?? this.#lastMs
    const whole = new Set(files.batches().map((name) => files.path(name, 'part')))
    const unfinished = files.unfinished()
    let torn = 0
    for (const [i, name] of unfinished.entries()) {
      const path = files.path(name, 'part')
      const bytes = readLog(path)
      const { samples, wholeBytes } = decodeFrames(bytes, featureNames.length)
      torn += bytes.length - wholeBytes
      // Its files were all written before the crash: only the log was left.
      if (whole.has(path) || samples.length === 0) removeLog(path)
      else {
        this.#open(name, samples, wholeBytes)
        this.#lastMs = Math.max(this.#lastMs, samples.at(-1)!.timestampMs)
        if (samples.length >= batchSamples || i < unfinished.length - 1) this.#finish()
      }
    }
    return torn
  }
}
