import { createHash } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
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
    for (const kind of ['features', 'labels', 'metadata']) mkdirSync(join(this.folder, kind), { recursive: true })
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
    const taken = [...this.batches(), ...this.unfinished()].filter((name) => name.date === date).map((name) => name.number)
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
    return this.#read(this.path(name, 'features'))
  }

  #json(name: BatchName, kind: 'labels' | 'metadata'): unknown {
    const file = this.path(name, kind)
    try {
      return JSON.parse(this.#read(file).toString('utf8'))
    } catch (error) {
      return fail('RM_DATASET_FILE', { file, problem: error instanceof Error ? error.message : String(error) }, error)
    }
  }

  #read(file: string): Buffer {
    try {
      return readFileSync(file)
    } catch (error) {
      return fail('RM_DATASET_FILE', { file, problem: error instanceof Error ? error.message : String(error) }, error)
    }
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

  private constructor(path: string, fd: number, bytes: number) {
    this.path = path
    this.#fd = fd
    this.#bytes = this.#synced = bytes
  }

  /** Opens the log, cut to its first `wholeBytes` bytes. */
  static open(path: string, wholeBytes: number): AppendFile {
    const fd = openSync(path, 'a')
    ftruncateSync(fd, wholeBytes)
    return new AppendFile(path, fd, wholeBytes)
  }

  append(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at)
    this.#bytes += bytes.length
  }

  sync(): void {
    if (this.#synced === this.#bytes) return
    fsyncSync(this.#fd)
    this.#synced = this.#bytes
  }

  close(): void {
    closeSync(this.#fd)
  }
}

/** The log of a batch that is whole. */
export function readLog(path: string): Buffer {
  return existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
}

export function removeLog(path: string): void {
  rmSync(path, { force: true })
}

/** A file is never seen half: written beside its name, brought to the disk, then renamed. */
function replace(path: string, bytes: Buffer): void {
  const draft = `${path}.tmp`
  const fd = openSync(draft, 'w')
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(draft, path)
}
