import { createHash } from 'node:crypto'
import { closeSync, existsSync, fsync, fsyncSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fail, isoTime } from '../../core/index.ts'
import { encodeNpy } from './npy.ts'
import { type BatchMetadata, emptyLabel, type LabelRow, type Sample } from './sample.ts'

/** A batch by its place: `{date}_batch_{number}`. */
export interface BatchName {
  readonly date: string
  readonly number: number
}

/** What the labelling pass remembers of its work. */
export interface LabelState {
  readonly options: unknown
  readonly finished: readonly string[]
}

const STATE = 'labelled.json'
const NAME = /^(\d{4}-\d{2}-\d{2})_batch_(\d{4})\.(npy|json|part)$/

/** The files of one symbol: `<folder>/{features,labels,metadata}/{YYYY-MM-DD}_batch_{0001}.{npy,json,json}`, and the batch in progress as `.part`. */
export class BatchFiles {
  readonly folder: string
  readonly symbol: string

  /** Makes the folders. @param root such as data/ml_training */
  constructor(root: string, symbol: string) {
    // A symbol is a folder name: nothing that could leave the root.
    if (!/^[A-Za-z0-9-]{1,40}$/.test(symbol)) fail('RM_DATASET_FILE', { file: root, problem: `"${symbol}" is not a symbol` })
    this.symbol = symbol
    this.folder = join(root, symbol)
    for (const kind of ['features', 'labels', 'metadata']) doing(join(this.folder, kind), (folder) => mkdirSync(folder, { recursive: true }))
  }

  /** Whole batches, oldest first: those whose metadata, the last file to be written, is there. */
  batches(): readonly BatchName[] {
    return this.#names('metadata', 'json')
  }

  /** Batches that were in progress when somebody last wrote here; more than one only when a crash came at the change of a day. */
  unfinished(): readonly BatchName[] {
    return this.#names('features', 'part')
  }

  /** The next free number of a day. */
  next(date: string): BatchName {
    // The logs before the batches: one that becomes a batch meanwhile is seen at least once.
    const taken = [...this.unfinished(), ...this.batches()].filter((name) => name.date === date).map((name) => name.number)
    return { date, number: Math.max(0, ...taken) + 1 }
  }

  path(name: BatchName, kind: 'features' | 'labels' | 'metadata' | 'part'): string {
    const file = `${name.date}_batch_${String(name.number).padStart(4, '0')}`
    return kind === 'part' ? join(this.folder, 'features', `${file}.part`) : join(this.folder, kind, `${file}.${kind === 'features' ? 'npy' : 'json'}`)
  }

  /** Writes a whole batch; each file appears under its name only when it is whole and on the disk, the metadata last. Doing it again is harmless. */
  write(name: BatchName, samples: readonly Sample[], featureNames: readonly string[]): void {
    const columns = featureNames.length
    const values = new Float32Array(samples.length * columns)
    samples.forEach((sample, row) => values.set(sample.features, row * columns))
    const features = encodeNpy(samples.length, columns, values)
    const metadata: BatchMetadata = {
      batch_info: {
        symbol: this.symbol, batch_number: name.number, sample_count: samples.length, timestamp: isoTime(samples[0]?.timestampMs ?? 0),
        features_shape: [samples.length, columns], feature_names: featureNames, features_sha256: createHash('sha256').update(features).digest('hex'),
      },
      samples: samples.map((sample) => ({
        timestamp: sample.timestampMs, symbol: this.symbol, mid_price: sample.midPrice, spread: sample.spread, imbalance: sample.imbalance, signal: sample.signalType, feature_count: columns,
      })),
    }
    replace(this.path(name, 'features'), features)
    // A batch that a crash left half written has no labels worth keeping: they are made from its metadata, which is not there.
    replace(this.path(name, 'labels'), Buffer.from(JSON.stringify(samples.map(emptyLabel))))
    replace(this.path(name, 'metadata'), Buffer.from(JSON.stringify(metadata)))
  }

  readMetadata(name: BatchName): BatchMetadata {
    return this.#json(name, 'metadata') as BatchMetadata
  }

  readLabels(name: BatchName): LabelRow[] {
    return this.#json(name, 'labels') as LabelRow[]
  }

  writeLabels(name: BatchName, rows: readonly LabelRow[]): void {
    replace(this.path(name, 'labels'), Buffer.from(JSON.stringify(rows)))
  }

  /** What an earlier labelling pass finished, null before the first or when its note cannot be read: then all is labelled anew. */
  readLabelState(): LabelState | null {
    const file = join(this.folder, 'labels', STATE)
    if (!existsSync(file)) return null
    try {
      const state = JSON.parse(readFileSync(file, 'utf8')) as Partial<LabelState>
      return Array.isArray(state.finished) ? (state as LabelState) : null
    } catch {
      return null
    }
  }

  writeLabelState(state: LabelState): void {
    replace(join(this.folder, 'labels', STATE), Buffer.from(JSON.stringify(state)))
  }

  readFeatures(name: BatchName): Buffer {
    return doing(this.path(name, 'features'), (file) => readFileSync(file))
  }

  #json(name: BatchName, kind: 'labels' | 'metadata'): unknown {
    return doing(this.path(name, kind), (file) => JSON.parse(readFileSync(file, 'utf8')) as unknown)
  }

  #names(kind: 'features' | 'metadata', ending: 'json' | 'part'): readonly BatchName[] {
    return readdirSync(join(this.folder, kind))
      .map((file) => NAME.exec(file))
      .filter((match) => match !== null && match[3] === ending)
      .map((match) => ({ date: match![1]!, number: Number(match![2]) }))
      .sort((a, b) => (a.date === b.date ? a.number - b.number : a.date < b.date ? -1 : 1))
  }
}

/** Symbols of a data set. */
export const symbolsOf = (root: string): readonly string[] =>
  existsSync(root) ? readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, 'metadata'))).map((entry) => entry.name).sort() : []

/** An open log that is only appended to. Every append is with the system when it returns; `sync` brings it to the disk. */
export class AppendFile {
  readonly path: string
  readonly #fd: number
  #bytes: number
  #synced: number
  #syncing = false
  #closing = false
  /** A write that failed half-way has left bytes behind the last whole one. */
  #torn = false
  #error: Error | null = null

  private constructor(path: string, fd: number, bytes: number) {
    this.path = path
    this.#fd = fd
    this.#bytes = this.#synced = bytes
  }

  /** Opens the log, cut to its first `wholeBytes` bytes. @throws RM_DATASET_FILE */
  static open(path: string, wholeBytes: number): AppendFile {
    return doing(path, () => {
      const fd = openSync(path, 'a')
      ftruncateSync(fd, wholeBytes)
      return new AppendFile(path, fd, wholeBytes)
    })
  }

  /** @throws RM_DATASET_FILE; nothing of these bytes is in the way of later ones then */
  append(bytes: Buffer): void {
    doing(this.path, () => {
      if (this.#torn) ftruncateSync(this.#fd, this.#bytes)
      this.#torn = true
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at)
      this.#torn = false
      this.#bytes += bytes.length
    })
  }

  /** Starts one when there is something to bring and none is on its way: half of them take 0.2 ms, one in a hundred 10 ms. @throws RM_DATASET_FILE of the one before */
  sync(): void {
    const error = this.#error
    this.#error = null
    if (!this.#syncing && this.#synced !== this.#bytes) this.#startSync()
    if (error !== null) failed(this.path, error)
  }

  #startSync(): void {
    const bytes = this.#bytes
    this.#syncing = true
    fsync(this.#fd, (failure) => {
      this.#syncing = false
      if (failure === null) this.#synced = bytes
      else this.#error = failure
      if (this.#closing) closeSync(this.#fd)
    })
  }

  /** Closes it once what was added is on the disk, without waiting for that. */
  closeSoon(): void {
    this.#closing = true
    if (this.#syncing) return
    if (this.#synced === this.#bytes) closeSync(this.#fd)
    else this.#startSync()
  }

  /** Waits for the disk. @throws RM_DATASET_FILE */
  close(): void {
    this.#closing = true
    try {
      if (this.#torn) ftruncateSync(this.#fd, this.#bytes)
      if (this.#synced !== this.#bytes) doing(this.path, () => fsyncSync(this.#fd))
    } finally {
      // One that is on its way still needs the file, and closes it.
      if (!this.#syncing) closeSync(this.#fd)
    }
  }
}

/** Bytes of a log; none when it has become a batch meanwhile. @throws RM_DATASET_FILE */
export function readLog(path: string): Buffer {
  return existsSync(path) ? doing(path, (file) => readFileSync(file)) : Buffer.alloc(0)
}

export function removeLog(path: string): void {
  rmSync(path, { force: true })
}

/** Keeps for people what is no log, out of the way. */
export function setAsideLog(path: string): void {
  doing(path, () => renameSync(path, `${path}.bad`))
}

/** A file is never seen half: written beside its name, brought to the disk, then renamed. */
function replace(path: string, bytes: Buffer): void {
  const draft = `${path}.tmp`
  doing(path, () => {
    const fd = openSync(draft, 'w')
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(draft, path)
  })
}

/** @throws RM_DATASET_FILE with what the system said */
function doing<T>(file: string, act: (file: string) => T): T {
  try {
    return act(file)
  } catch (error) {
    return failed(file, error)
  }
}

const failed = (file: string, error: unknown): never => fail('RM_DATASET_FILE', { file, problem: error instanceof Error ? error.message : String(error) }, error)
