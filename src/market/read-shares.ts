import type { SymbolIndex } from '../core/index.ts'
import { assert } from '../core/index.ts'
import type { Purpose } from './purpose.ts'

const PURPOSE_ROWS: Readonly<Record<Purpose, number>> = { order: 0, exit: 1, signal: 2, other: 3 }
const STREAM = 0
const REST = 1
const REFUSED = 2
const COLUMNS = 3
const WORDS = 4 * COLUMNS

/** How the questions of one purpose were answered since the memory was made. */
export interface PurposeShares {
  readonly stream: number
  readonly rest: number
  readonly refused: number
}

/**
 * How many reads of prices each source has served, by symbol and purpose, in shared memory. Each purpose of a symbol has
 * one thread that counts it, so that counting takes no atomics; any thread reads. Counts are doubles: they never wrap.
 */
export class ReadShares {
  readonly buffer: SharedArrayBuffer
  readonly symbols: number
  readonly #words: Float64Array

  /** @param buffer of another thread's shares of as many symbols; a new one without it */
  constructor(symbols: number, buffer: SharedArrayBuffer = new SharedArrayBuffer(symbols * WORDS * 8)) {
    assert(buffer.byteLength === symbols * WORDS * 8, `shares of ${symbols} symbols have ${symbols * WORDS * 8} bytes, not ${buffer.byteLength}`)
    this.buffer = buffer
    this.symbols = symbols
    this.#words = new Float64Array(buffer)
  }

  countStream(symbol: SymbolIndex, purpose: Purpose): void {
    this.#words[symbol * WORDS + PURPOSE_ROWS[purpose] * COLUMNS + STREAM]! += 1
  }

  countRest(symbol: SymbolIndex, purpose: Purpose): void {
    this.#words[symbol * WORDS + PURPOSE_ROWS[purpose] * COLUMNS + REST]! += 1
  }

  countRefused(symbol: SymbolIndex, purpose: Purpose): void {
    this.#words[symbol * WORDS + PURPOSE_ROWS[purpose] * COLUMNS + REFUSED]! += 1
  }

  of(symbol: SymbolIndex, purpose: Purpose): PurposeShares {
    const at = symbol * WORDS + PURPOSE_ROWS[purpose] * COLUMNS
    return { stream: this.#words[at + STREAM]!, rest: this.#words[at + REST]!, refused: this.#words[at + REFUSED]! }
  }
}
