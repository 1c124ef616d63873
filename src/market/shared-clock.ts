import type { Nanos } from '../core/index.ts'

/** Bytes that the clock takes. */
export const SHARED_CLOCK_BYTES = 32

const WORD_VERSION = 0
const WORD_CLAIM = 1
const OFFSET = 1
const ROUND_TRIP = 2
const MEASURED = 3
/** Who has claimed the question and does not answer for so long is taken for dead, s. */
const CLAIM_S = 10

/**
 * The offset of the venue's clock as whoever measured it last found it, in shared memory: one measurement serves every
 * symbol, where one a symbol would be against the venue's limits. One asks at a time; a claim that nobody redeems lapses.
 */
export class SharedClock {
  readonly #words: Int32Array
  readonly #values: Float64Array

  /** @param byteOffset a multiple of 8, with SHARED_CLOCK_BYTES of zeros behind it in the beginning */
  constructor(buffer: SharedArrayBuffer, byteOffset: number) {
    this.#words = new Int32Array(buffer, byteOffset, 2)
    this.#values = new Float64Array(buffer, byteOffset, 4)
  }

  /** Rises with each measurement; 0 before the first, odd while one is being written. */
  get version(): number {
    return Atomics.load(this.#words, WORD_VERSION)
  }

  /** Venue clock minus ours, ms. */
  get offsetMs(): number {
    return this.#values[OFFSET]!
  }

  /** Round trip over which it was measured, ms. */
  get roundTripMs(): number {
    return this.#values[ROUND_TRIP]!
  }

  /** Time since it was measured, ns; infinite before the first time. */
  ageNs(nowNs: Nanos): number {
    return this.version === 0 ? Number.POSITIVE_INFINITY : nowNs - this.#values[MEASURED]!
  }

  /** @returns true for the one caller who is to measure now. */
  claim(nowNs: Nanos): boolean {
    const second = Math.floor(nowNs / 1e9) + 1
    const held = Atomics.load(this.#words, WORD_CLAIM)
    if (held !== 0 && second - held < CLAIM_S) return false
    return Atomics.compareExchange(this.#words, WORD_CLAIM, held, second) === held
  }

  /** The one who claimed has no answer. */
  release(): void {
    Atomics.store(this.#words, WORD_CLAIM, 0)
  }

  /** The one who claimed has measured. */
  publish(offsetMs: number, roundTripMs: number, nowNs: Nanos): void {
    Atomics.add(this.#words, WORD_VERSION, 1)
    this.#values[OFFSET] = offsetMs
    this.#values[ROUND_TRIP] = roundTripMs
    this.#values[MEASURED] = nowNs
    Atomics.add(this.#words, WORD_VERSION, 1)
    this.release()
  }
}
