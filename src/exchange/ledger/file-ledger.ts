import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { fail } from '../../core/index.ts'
import type { Fact, Ledger } from './facts.ts'

const CHUNK_BYTES = 1 << 20
const HEADER_CHARS = 9
/** What the beginning of a torn first line looks like. */
const BEGINS = /^[0-9a-f]{0,8}$|^[0-9a-f]{8} (\[|$)/

/**
 * One line per batch, `<crc32 as 8 hex digits> <JSON array of facts>\n`, written with `writeSync` before the exchange tells
 * anybody: a killed process loses at most a batch that nobody heard of. A torn last line is cut off at the next start.
 */
export class FileLedger implements Ledger {
  readonly path: string
  #file: number
  #size = 0
  #broken = false

  /** Opens or creates the file. */
  constructor(path: string) {
    this.path = path
    this.#file = openSync(path, 'a+')
    this.#size = fstatSync(this.#file).size
  }

  /** @throws RM_EXCHANGE_LEDGER_CORRUPT when a damaged line is not the last one, or the file is no ledger at all. */
  replay(apply: (facts: readonly Fact[]) => void): void {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    let rest: Buffer = Buffer.alloc(0)
    let lineStart = 0
    let line = 0
    let bad: { offset: number; line: number; problem: string } | null = null
    for (let at = 0; at < this.#size; ) {
      const count = readSync(this.#file, chunk, 0, CHUNK_BYTES, at)
      if (count === 0) break
      at += count
      const data: Buffer = rest.length === 0 ? Buffer.from(chunk.subarray(0, count)) : Buffer.concat([rest, chunk.subarray(0, count)])
      let from = 0
      for (let end = data.indexOf(10, from); end >= 0; end = data.indexOf(10, from)) {
        line++
        const facts = decode(data.subarray(from, end))
        if (typeof facts === 'string') bad ??= { offset: lineStart, line, problem: facts }
        else {
          if (bad !== null) fail('RM_EXCHANGE_LEDGER_CORRUPT', { path: this.path, ...bad })
          apply(facts)
        }
        lineStart += end + 1 - from
        from = end + 1
      }
      rest = data.subarray(from)
    }
    const keep = bad?.offset ?? lineStart
    // Cutting off a torn first batch is right; wiping somebody else's file is not.
    if (keep === 0 && this.#size > 0 && (bad !== null || !BEGINS.test(rest.toString('latin1', 0, 64)))) {
      fail('RM_EXCHANGE_LEDGER_CORRUPT', { path: this.path, offset: 0, line: 1, problem: 'this is no ledger' })
    }
    if (keep < this.#size) {
      ftruncateSync(this.#file, keep)
      this.#size = keep
    }
  }

  /** @throws RM_EXCHANGE_LEDGER_WRITE when the batch is not on its way to the disk as a whole; the ledger takes nothing more then. */
  append(facts: readonly Fact[]): void {
    const bytes = encode(facts)
    if (this.#broken) fail('RM_EXCHANGE_LEDGER_WRITE', { path: this.path, bytes: bytes.length })
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done)
      this.#size += bytes.length
    } catch (error) {
      this.#broken = true
      fail('RM_EXCHANGE_LEDGER_WRITE', { path: this.path, bytes: bytes.length }, error)
    }
  }

  close(): void {
    if (this.#file < 0) return
    this.#broken = true
    closeSync(this.#file)
    this.#file = -1
  }
}

function encode(facts: readonly Fact[]): Buffer {
  const json = JSON.stringify(facts)
  return Buffer.from(`${crc32(json).toString(16).padStart(8, '0')} ${json}\n`)
}

/** The facts of a line, or what is wrong with it. */
function decode(line: Buffer): readonly Fact[] | string {
  if (line.length <= HEADER_CHARS || line[HEADER_CHARS - 1] !== 32) return 'no header'
  const body = line.subarray(HEADER_CHARS)
  const expected = line.toString('latin1', 0, HEADER_CHARS - 1)
  const actual = crc32(body).toString(16).padStart(8, '0')
  if (expected !== actual) return `check sum ${actual} where ${expected} was written`
  return JSON.parse(body.toString('utf8')) as Fact[]
}
