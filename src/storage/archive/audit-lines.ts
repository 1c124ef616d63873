import { hash } from 'node:crypto'
import { copyField } from '../database/copy-text.ts'
import type { AuditTexts } from './audit-chain.ts'

const HASH_BYTES = 32
/** In front of the texts of a row: the hash before it, then number and journal, which are known only when it is written. */
const ROOM_BYTES = 80
const FIRST_BYTES = 1 << 16
/** Of number, journal and the two hashes in a copied line, with what stands between them. */
const LINE_BYTES = 200
const BYTES_PER_UNIT_MAX = 3
/** What both JSON and COPY escape, each in its way, and other control characters. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const ESCAPED = /[\\\u0000-\u001f]/
const QUOTE = 0x22
const BACKSLASH = 0x5c
const TAB = 0x09
const COMMA = 0x2c
const BRACKET = 0x5d
const NULL = Buffer.from('null')

/** End of a chain: the number and the hash of its last row. */
export interface ChainEnd {
  readonly number: number
  readonly hash: Buffer
}

/**
 * Rows of the audit, each kept as it is hashed and as it is copied, in two buffers: what thousands of rows leave behind as texts of
 * their own costs the garbage collector more than making them.
 */
export class AuditLines {
  #hashed = new Bytes()
  #copied = new Bytes()
  readonly #ends: { readonly hashed: number; readonly copied: number }[] = []

  get count(): number {
    return this.#ends.length
  }

  /** @param texts without number and journal */
  add(texts: AuditTexts): void {
    this.#hashed.skip(ROOM_BYTES)
    const from = this.#copied.length
    let line = ''
    let isPlain = true
    for (const text of texts) {
      if (text !== null && isPlain && ESCAPED.test(text)) isPlain = false
      line += copyField(text) + '\t'
    }
    this.#copied.text(line)
    if (isPlain) this.#hashed.quoted(this.#copied.bytes, from, this.#copied.length)
    else this.#hashed.text(JSON.stringify(texts).slice(1))
    this.#ends.push({ hashed: this.#hashed.length, copied: this.#copied.length })
  }

  /** The texts that `add` was given as row `index`. */
  texts(index: number): AuditTexts {
    const from = (this.#ends[index - 1]?.hashed ?? 0) + ROOM_BYTES
    return JSON.parse(`[${this.#hashed.bytes.toString('utf8', from, this.#ends[index]!.hashed)}`) as AuditTexts
  }

  /**
   * Makes the lines to be copied, some at each step, so that others may work in between.
   * @param end of the chain that they lengthen
   * @returns the new end, and all lines
   */
  *chain(journalId: number, end: ChainEnd, rowsPerStep: number): Generator<void, { readonly end: ChainEnd; readonly lines: Buffer }> {
    const lines = new Bytes(this.#copied.length + this.count * LINE_BYTES)
    const { bytes: hashed } = this.#hashed
    let { number, hash: previous } = end
    let previousHex = previous.toString('hex')
    let from = 0
    let copiedFrom = 0
    for (let index = 0; index < this.count; index++) {
      const { hashed: to, copied: copiedTo } = this.#ends[index]!
      number++
      // The same bytes as `chainHash` takes.
      const head = `["${number}","${journalId}",`
      const start = from + ROOM_BYTES - head.length
      hashed.write(head, start, 'latin1')
      previous.copy(hashed, start - HASH_BYTES)
      previous = hash('sha256', hashed.subarray(start - HASH_BYTES, to), 'buffer')
      const hex = previous.toString('hex')
      lines.text(`${number}\t${journalId}\t`)
      lines.copy(this.#copied.bytes, copiedFrom, copiedTo)
      lines.text(`\\\\x${previousHex}\t\\\\x${hex}\n`)
      previousHex = hex
      from = to
      copiedFrom = copiedTo
      if (index % rowsPerStep === rowsPerStep - 1) yield
    }
    return { end: { number, hash: previous }, lines: lines.bytes.subarray(0, lines.length) }
  }
}

/** Bytes that are added at the end. */
class Bytes {
  bytes: Buffer
  length = 0

  constructor(size = FIRST_BYTES) {
    this.bytes = Buffer.allocUnsafe(size)
  }

  skip(count: number): void {
    this.#room(count)
    this.length += count
  }

  text(text: string): void {
    this.#room(text.length * BYTES_PER_UNIT_MAX)
    this.length += this.bytes.write(text, this.length)
  }

  /**
   * The fields of a line for COPY, each with its tab, as JSON writes them: `"a","b",null]`. No field holds what COPY escapes, so a backslash
   * is null. JSON.stringify on the texts takes four times as long.
   */
  quoted(line: Buffer, from: number, to: number): void {
    this.#room(3 * (to - from))
    const { bytes } = this
    let at = this.length
    for (let index = from; index < to; index++) {
      if (line[index] === BACKSLASH) {
        at += NULL.copy(bytes, at)
        index += 2
      } else {
        bytes[at++] = QUOTE
        for (let byte = line[index]!; byte !== TAB; byte = line[++index]!) {
          if (byte === QUOTE) bytes[at++] = BACKSLASH
          bytes[at++] = byte
        }
        bytes[at++] = QUOTE
      }
      bytes[at++] = COMMA
    }
    bytes[at - 1] = BRACKET
    this.length = at
  }

  copy(source: Buffer, from: number, to: number): void {
    this.#room(to - from)
    this.length += source.copy(this.bytes, this.length, from, to)
  }

  #room(count: number): void {
    const needed = this.length + count
    if (needed <= this.bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2))
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
  }
}
