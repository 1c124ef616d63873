import { fail } from '../core/index.ts'

/**
 * The latest value of something, readable from any thread without locks: a sequence lock.
 *
 *   byte 0   SEQUENCE   even: the payload is whole; odd: the writer is inside (or died there)
 *   byte 8   count of writes (f64) after an even number of closings
 *   byte 16  the same after an odd number: a writer that dies before closing has not touched the valid one
 *   byte 64  payload
 *
 * One writer; any number of readers, which give up after a bound.
 *
 * Ordering relied on: the writer opens with a read-modify-write of SEQUENCE and a reader ends its copy with one. Of two
 * such operations on one word one reads what the other wrote: either the copy was over before the payload was touched,
 * or the reader sees the mark and copies again. This needs no fence and so holds where a read-modify-write is none.
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
  readonly #sequence: Int32Array
  readonly #writes: Float64Array
  readonly #payload: Float64Array

  /**
   * A cell inside `buffer` at `byteOffset` (multiple of 64). Fresh zeroed memory is a valid, never written cell.
   * @throws RM_CELL_SIZE, RM_CELL_PLACE
   */
  constructor(buffer: SharedArrayBuffer, byteOffset: number, payloadBytes: number) {
    if (!Number.isSafeInteger(payloadBytes) || payloadBytes <= 0 || payloadBytes % 8 !== 0) fail('RM_CELL_SIZE', { bytes: payloadBytes })
    const end = byteOffset + CELL_HEADER_BYTES + payloadBytes
    if (!Number.isSafeInteger(byteOffset) || byteOffset < 0 || byteOffset % 64 !== 0 || !(end <= buffer.byteLength))
      fail('RM_CELL_PLACE', { byteOffset, end, bytes: buffer.byteLength })
    this.buffer = buffer
    this.byteOffset = byteOffset
    this.payloadBytes = payloadBytes
    this.payload = byteOffset + CELL_HEADER_BYTES
    this.#sequence = new Int32Array(buffer, byteOffset, 1)
    this.#writes = new Float64Array(buffer, byteOffset + 8 * F64_WRITES, 2)
    this.#payload = new Float64Array(buffer, this.payload, payloadBytes >> 3)
  }

  /** @throws RM_CELL_SIZE */
  static create(payloadBytes: number): Cell {
    if (!(payloadBytes > 0)) fail('RM_CELL_SIZE', { bytes: payloadBytes })
    return new Cell(new SharedArrayBuffer(Cell.bytesFor(payloadBytes)), 0, payloadBytes)
  }

  /** Bytes that a cell takes, header and padding included. */
  static bytesFor(payloadBytes: number): number {
    return CELL_HEADER_BYTES + Math.ceil(payloadBytes / 64) * 64
  }

  /** Completed writes, exactly; repairs and writes that never ended do not count. */
  get writes(): number {
    return this.#writes[this.#closings() & 1]!
  }

  /**
   * Opens the payload for writing: what is not written keeps its value. A mark left by a writer that died inside is
   * taken over; its half-written payload is blanked first, so that a writer of some fields never publishes the
   * dead one's others.
   * @returns false when a dead writer's payload was blanked: every field is zero now.
   */
  begin(): boolean {
    if ((Atomics.load(this.#sequence, WORD_SEQUENCE) & 1) === 0) {
      Atomics.add(this.#sequence, WORD_SEQUENCE, 1)
      return true
    }
    this.#payload.fill(0)
    return false
  }

  /** Closes the payload: readers see it whole from here on. @throws RM_CELL_CLOSED without `begin`. */
  end(): void {
    if (!this.open) fail('RM_CELL_CLOSED', { sequence: Atomics.load(this.#sequence, WORD_SEQUENCE) })
    this.#close(1)
  }

  /** True while a writer is inside, or died there. */
  get open(): boolean {
    return (Atomics.load(this.#sequence, WORD_SEQUENCE) & 1) === 1
  }

  /**
   * For the supervisor, after the writer is known to be dead and before a successor starts: blanks a half-written
   * payload and closes it, so that readers see an empty value (all zero) instead of none. A repairer that dies
   * inside has left the mark; repair again. @returns true when there was something to repair.
   */
  repair(): boolean {
    if (!this.open) return false
    this.#payload.fill(0)
    this.#close(0)
    return true
  }

  /**
   * Copies the payload into `out`, bit for bit. @returns false when the writer was inside at every try (it is writing
   * without pause, or dead): the caller has no value and must not use `out`. @throws RM_CELL_OUT when `out` is too small.
   */
  tryRead(out: Float64Array): boolean {
    if (out.length < this.#payload.length) fail('RM_CELL_OUT', { bytes: out.byteLength, payload: this.payloadBytes })
    for (let spin = 0; spin < SPINS_MAX; spin++) {
      const before = Atomics.load(this.#sequence, WORD_SEQUENCE)
      if ((before & 1) !== 0) continue
      // Same element type: copied as bytes, where element by element a NaN would lose its payload bits.
      out.set(this.#payload)
      if (Atomics.add(this.#sequence, WORD_SEQUENCE, 0) === before) return true
    }
    return false
  }

  /** As `tryRead`. @throws RM_CELL_BUSY, RM_CELL_OUT */
  read(out: Float64Array): void {
    if (!this.tryRead(out)) fail('RM_CELL_BUSY', { spins: SPINS_MAX, sequence: Atomics.load(this.#sequence, WORD_SEQUENCE) })
  }

  /** How often the payload was closed, modulo 2^31: even modulo, so its parity survives the wrap. */
  #closings(): number {
    return Atomics.load(this.#sequence, WORD_SEQUENCE) >>> 1
  }

  #close(writes: 0 | 1): void {
    const closings = this.#closings()
    this.#writes[(closings + 1) & 1] = this.#writes[closings & 1]! + writes
    Atomics.add(this.#sequence, WORD_SEQUENCE, 1)
  }
}
