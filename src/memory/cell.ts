import { fail } from '../core/index.ts'

/**
 * The latest value of something, readable from any thread without locks: a sequence lock.
 *
 *   byte 0   SEQUENCE   even: the payload is whole; odd: the writer is inside (or died there)
 *   byte 8   wide count of writes (f64)
 *   byte 64  payload
 *
 * Both marks of the writer and the closing look of a reader are read-modify-writes: full fences, so that no
 * plain access moves across them on any CPU. One writer; any number of readers; readers give up after a bound.
 */
const WORD_SEQUENCE = 0
const F64_WRITES = 1
export const CELL_HEADER_BYTES = 64
const SPINS_MAX = 1000

export class Cell {
  readonly buffer: SharedArrayBuffer
  readonly byteOffset: number
  readonly payloadBytes: number
  /** Byte of the payload in `buffer`: where a layout's view is put with `at`. */
  readonly payload: number
  readonly #words: Int32Array
  readonly #wide: Float64Array
  readonly #base: number
  readonly #baseWide: number

  /** A cell inside `buffer` at `byteOffset` (multiple of 64). Fresh zeroed memory is a valid, never written cell. */
  constructor(buffer: SharedArrayBuffer, byteOffset: number, payloadBytes: number) {
    if (payloadBytes <= 0 || payloadBytes % 8 !== 0 || byteOffset % 64 !== 0) fail('RM_CELL_SIZE', { bytes: payloadBytes })
    this.buffer = buffer
    this.byteOffset = byteOffset
    this.payloadBytes = payloadBytes
    this.payload = byteOffset + CELL_HEADER_BYTES
    this.#words = new Int32Array(buffer)
    this.#wide = new Float64Array(buffer)
    this.#base = byteOffset >> 2
    this.#baseWide = byteOffset >> 3
  }

  static create(payloadBytes: number): Cell {
    return new Cell(new SharedArrayBuffer(Cell.bytesFor(payloadBytes)), 0, payloadBytes)
  }

  /** Bytes that a cell takes, header and padding included. */
  static bytesFor(payloadBytes: number): number {
    return CELL_HEADER_BYTES + Math.ceil(payloadBytes / 64) * 64
  }

  /** Completed writes. */
  get writes(): number {
    return this.#wide[this.#baseWide + F64_WRITES]!
  }

  /** Opens the payload for writing. A mark left by a writer that died inside is taken over. */
  begin(): void {
    const found = Atomics.load(this.#words, this.#base + WORD_SEQUENCE)
    if ((found & 1) === 0) Atomics.add(this.#words, this.#base + WORD_SEQUENCE, 1)
  }

  /** Closes the payload: readers see it whole from here on. */
  end(): void {
    this.#wide[this.#baseWide + F64_WRITES]! += 1
    Atomics.add(this.#words, this.#base + WORD_SEQUENCE, 1)
  }

  /** True while a writer is inside, or died there. */
  get open(): boolean {
    return (Atomics.load(this.#words, this.#base + WORD_SEQUENCE) & 1) === 1
  }

  /**
   * For the supervisor, when the writer is known to be dead: blanks a half-written payload and closes it, so that
   * readers see an empty value (all zero) instead of a torn one. @returns true when there was something to repair.
   */
  repair(): boolean {
    if (!this.open) return false
    const start = this.payload >> 3
    this.#wide.fill(0, start, start + (this.payloadBytes >> 3))
    Atomics.add(this.#words, this.#base + WORD_SEQUENCE, 1)
    return true
  }

  /**
   * Copies the payload into `out`. @returns false when the writer was inside at every try (it is writing without
   * pause, or dead): the caller has no value and must not use `out`.
   */
  tryRead(out: Float64Array): boolean {
    const start = this.payload >> 3
    const count = this.payloadBytes >> 3
    for (let spin = 0; spin < SPINS_MAX; spin++) {
      const before = Atomics.load(this.#words, this.#base + WORD_SEQUENCE)
      if ((before & 1) !== 0) continue
      for (let i = 0; i < count; i++) out[i] = this.#wide[start + i]!
      if (Atomics.add(this.#words, this.#base + WORD_SEQUENCE, 0) === before) return true
    }
    return false
  }

  /** As `tryRead`. @throws RM_CELL_BUSY */
  read(out: Float64Array): void {
    if (!this.tryRead(out)) fail('RM_CELL_BUSY', { spins: SPINS_MAX, sequence: Atomics.load(this.#words, this.#base + WORD_SEQUENCE) })
  }
}
