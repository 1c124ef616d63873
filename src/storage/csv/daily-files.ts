import { closeSync, existsSync, fstatSync, fsyncSync, ftruncateSync, openSync, readdirSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { csvLine } from './line.ts'

/** Place of a row: the record that it was made from, and which of its rows it is. Rises within a file. */
export interface RowId {
  readonly sequence: number
  readonly part: number
}

interface OpenFile {
  readonly fd: number
  end: number
  last: RowId
  dirty: boolean
}

const OPEN_MAX = 12
const TAIL_BYTES = 64 * 1024
const NOTHING: RowId = { sequence: -1, part: -1 }

/**
 * The daily files of one venue in one folder. The first cell of every row is its id, so that a file itself says how far it
 * was written: a line that a crash tore is cut off, a row that is there already is not written again.
 */
export class DailyFiles {
  readonly #dir: string
  readonly #venue: string
  readonly #headers: Readonly<Record<string, readonly string[]>>
  readonly #open = new Map<string, OpenFile>()

  /** @param headers column names of each table, without the id */
  constructor(dir: string, venue: string, headers: Readonly<Record<string, readonly string[]>>) {
    this.#dir = dir
    this.#venue = venue
    this.#headers = headers
  }

  /** Appends rows of one record to the file of a table and a day, without those that it has. @returns rows written */
  append(table: string, day: string, rows: readonly (readonly string[])[], sequence: number): number {
    const name = `${table}_${this.#venue}_${day}.csv`
    const file = this.#file(name, this.#headers[table]!)
    const fresh = rows.map((cells, part) => ({ cells, part })).filter(({ part }) => sequence > file.last.sequence || (sequence === file.last.sequence && part > file.last.part))
    if (fresh.length === 0) return 0
    this.#write(file, fresh.map(({ cells, part }) => csvLine([`${sequence}.${part}`, ...cells])).join(''))
    file.last = { sequence, part: fresh.at(-1)!.part }
    return fresh.length
  }

  /** Returns when what was appended survives a power cut. */
  flush(): void {
    for (const file of this.#open.values()) this.#sync(file)
  }

  close(): void {
    for (const file of this.#open.values()) closeSync(file.fd)
    this.#open.clear()
  }

  /** Removes every file of this venue. */
  clear(): void {
    this.close()
    const own = new RegExp(`^(?:${Object.keys(this.#headers).join('|')})_${this.#venue}_\\d{4}-\\d\\d-\\d\\d\\.csv$`)
    for (const name of readdirSync(this.#dir)) if (own.test(name)) rmSync(join(this.#dir, name))
  }

  #file(name: string, header: readonly string[]): OpenFile {
    const found = this.#open.get(name)
    if (found !== undefined) return found
    if (this.#open.size >= OPEN_MAX) {
      const [oldest, file] = this.#open.entries().next().value!
      this.#sync(file)
      closeSync(file.fd)
      this.#open.delete(oldest)
    }
    const path = join(this.#dir, name)
    const fd = openSync(path, existsSync(path) ? 'r+' : 'wx+', 0o600)
    const file: OpenFile = { fd, end: fstatSync(fd).size, last: NOTHING, dirty: false }
    this.#open.set(name, file)
    this.#mend(file)
    if (file.end === 0) this.#write(file, csvLine(['id', ...header]))
    return file
  }

  /** Cuts a torn line off and finds the id of the last whole row. A row never spans lines: its cells are one-line texts. */
  #mend(file: OpenFile): void {
    let from = file.end
    let tail = Buffer.alloc(0)
    // Back until a whole line stands behind the start of what was read, or the file begins.
    do {
      const start = Math.max(0, from - TAIL_BYTES)
      const bytes = Buffer.alloc(from - start)
      readSync(file.fd, bytes, 0, bytes.length, start)
      tail = Buffer.concat([bytes, tail])
      from = start
    } while (from > 0 && tail.indexOf('\n') === tail.lastIndexOf('\n'))
    const end = from + tail.lastIndexOf('\n') + 1
    if (end < file.end) ftruncateSync(file.fd, end)
    file.end = end
    const lines = tail.subarray(0, end - from).toString('utf8').split('\r\n')
    const match = /^(\d+)\.(\d+),/.exec(lines.at(-2) ?? '')
    if (match !== null) file.last = { sequence: Number(match[1]), part: Number(match[2]) }
  }

  #write(file: OpenFile, text: string): void {
    const bytes = Buffer.from(text)
    let done = 0
    while (done < bytes.length) done += writeSync(file.fd, bytes, done, bytes.length - done, file.end + done)
    file.end += bytes.length
    file.dirty = true
  }

  #sync(file: OpenFile): void {
    if (file.dirty) fsyncSync(file.fd)
    file.dirty = false
  }
}
