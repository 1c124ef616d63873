import { createHash, type Hash } from 'node:crypto'
import { appendFileSync, closeSync, createReadStream, createWriteStream, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, createZstdCompress } from 'node:zlib'
import { fail, releaseProcessLock, takeProcessLock } from '../core/index.ts'
import { readLines } from './lines.ts'

export const INDEX_FILE = 'index.jsonl'
const PART = '.part'
const BUFFER_CHARS = 1 << 16

export type Packing = 'gzip' | 'zstd'

/** One line of the index: a finished file. */
export interface IndexEntry {
  readonly file: string
  readonly venue: string
  readonly symbols: readonly string[]
  readonly topics: readonly string[]
  /** Receive times of its first and last line, 19 digits. */
  readonly firstNs: string
  readonly lastNs: string
  readonly lines: number
  /** Of the packed file, as it lies there. */
  readonly bytes: number
  readonly sha256: string
  readonly unpackedBytes: number
  /** The recorder was cut off: the last line is not whole. */
  readonly torn: boolean
}

/** What the files of one recorder have in common. */
export interface RecordingSet {
  readonly dir: string
  readonly venue: string
  readonly symbols: readonly string[]
  readonly packing: Packing
}

/**
 * The files of a recorder: one plain `.part` that grows, packed when it is finished, under its own name only once it is whole
 * (atomic rename), then a line of the index. Whatever a recorder that was killed left behind is finished by the next one.
 */
export class RecordingFiles {
  readonly #set: RecordingSet
  readonly #lock: string
  #fd = -1
  #path = ''
  #buffer = ''
  #topics = new Set<string>()
  #finishing: Promise<void> = Promise.resolve()
  /** Bytes of the part at hand. */
  bytes = 0

  /** @throws RM_CAPTURE_WRITE when the folder cannot be written, or another recorder of the venue writes there. */
  constructor(set: RecordingSet) {
    this.#set = set
    this.#lock = join(set.dir, `.recorder-${set.venue}.lock`)
    this.#try(set.dir, () => mkdirSync(set.dir, { recursive: true }))
    this.#takeLock()
  }

  /** Finishes what an earlier recorder left. @returns the files */
  async recover(): Promise<readonly string[]> {
    const left = readdirSync(this.#set.dir).filter((name) => name.startsWith(`${this.#set.venue}_`) && name.endsWith(PART) && join(this.#set.dir, name) !== this.#path)
    for (const name of left.sort()) await this.#pack(join(this.#set.dir, name), [])
    return left
  }

  /** Begins a part. @param stamp of its first line */
  begin(stamp: string): void {
    const { dir, venue, symbols } = this.#set
    const time = new Date(Number(stamp.slice(0, 13))).toISOString().replace(/[-:.]/g, '')
    const what = symbols.length === 1 ? symbols[0]! : `${symbols.length}-symbols`
    for (let n = 1; ; n++) {
      this.#path = join(dir, `${venue}_${what}_${time}${n === 1 ? '' : `-${n}`}${PART}`)
      if (!existsSync(this.#path) && !existsSync(this.#final(this.#path))) break
    }
    this.#fd = this.#try(this.#path, () => openSync(this.#path, 'ax'))
    this.bytes = 0
  }

  topic(name: string): void {
    this.#topics.add(name)
  }

  line(stamp: string, text: string): void {
    this.#buffer += `${stamp} ${text}\n`
    if (this.#buffer.length >= BUFFER_CHARS) this.flush()
  }

  /** Hands what is buffered to the operating system. @throws RM_CAPTURE_WRITE */
  flush(): void {
    if (this.#buffer === '' || this.#fd < 0) return
    const bytes = Buffer.from(this.#buffer, 'utf8')
    this.#buffer = ''
    this.#try(this.#path, () => {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at)
    })
    this.bytes += bytes.length
  }

  /** Ends the part at hand; packing goes on behind it. */
  finish(): void {
    if (this.#fd < 0) return
    this.flush()
    const path = this.#path
    this.#try(path, () => {
      fsyncSync(this.#fd)
      closeSync(this.#fd)
    })
    this.#fd = -1
    this.#path = ''
    const topics = [...this.#topics]
    this.#finishing = this.#finishing.then(() => this.#pack(path, topics))
    // Told by `close`; it must not end the process before.
    this.#finishing.catch(() => {})
  }

  /** Ends everything. @throws RM_CAPTURE_WRITE of any part */
  async close(): Promise<void> {
    try {
      this.finish()
      await this.#finishing
    } finally {
      releaseProcessLock(this.#lock)
    }
  }

  #final(part: string): string {
    return `${part.slice(0, -PART.length)}.rec.${this.#set.packing === 'gzip' ? 'gz' : 'zst'}`
  }

  async #pack(part: string, topics: readonly string[]): Promise<void> {
    const path = this.#final(part)
    const temporary = `${path}.tmp`
    try {
      let firstNs = ''
      let lastNs = ''
      let torn = false
      const lines = await readLines(part, (line, _, whole) => {
        torn = !whole
        if (whole) lastNs = line.slice(0, 19)
        if (firstNs === '') firstNs = line.slice(0, 19)
      })
      if (lines > 0) {
        const sum = createHash('sha256')
        await pipeline(createReadStream(part), this.#set.packing === 'gzip' ? createGzip() : createZstdCompress(), hashing(sum), createWriteStream(temporary, { flush: true }))
        renameSync(temporary, path)
        const { dir, venue, symbols } = this.#set
        const entry: IndexEntry = { file: path.slice(dir.length + 1), venue, symbols, topics, firstNs, lastNs, lines, bytes: statSync(path).size, sha256: sum.digest('hex'), unpackedBytes: statSync(part).size, torn }
        appendFileSync(join(dir, INDEX_FILE), `${JSON.stringify(entry)}\n`)
      }
      rmSync(part)
    } catch (error) {
      fail('RM_CAPTURE_WRITE', { file: path, problem: error instanceof Error ? error.message : String(error) }, error)
    }
  }

  #takeLock(): void {
    const pid = this.#try(this.#lock, () => takeProcessLock(this.#lock))
    if (pid !== null) fail('RM_CAPTURE_WRITE', { file: this.#lock, problem: `process ${pid} records there already` })
  }

  #try<T>(file: string, act: () => T): T {
    try {
      return act()
    } catch (error) {
      return fail('RM_CAPTURE_WRITE', { file, problem: error instanceof Error ? error.message : String(error) }, error)
    }
  }
}

function hashing(sum: Hash): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sum.update(chunk)
      done(null, chunk)
    },
  })
}
