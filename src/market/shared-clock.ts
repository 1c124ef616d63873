import type { Nanos } from '../core/index.ts'
import type { Cell, View } from '../memory/index.ts'
import { VENUE_CLOCK } from '../memory/index.ts'
import { CellReader, CellWriter } from './cell-ends.ts'

/** A thread that said it would measure has this long, ns; then another may. */
const CLAIM_NS = 10_000_000_000n
/** After a failure nobody tries for this long, ns: a venue that refuses must not be asked by every symbol in turn. */
const PAUSE_NS = 2_000_000_000n

/**
 * The estimate of the venue's clock that all threads share. Whoever holds the claim measures; the claim is a time in
 * shared memory, so that a thread which dies with it keeps nobody waiting for long.
 */
export class SharedClock {
  readonly #claim: BigInt64Array
  readonly #writer: CellWriter<typeof VENUE_CLOCK.fields>
  readonly #reader: CellReader<typeof VENUE_CLOCK.fields>
  /** The claim that this end holds, 0 for none. */
  #held = 0n

  constructor(cell: Cell, claim: BigInt64Array) {
    this.#claim = claim
    this.#writer = new CellWriter(cell, VENUE_CLOCK)
    this.#reader = new CellReader(cell, VENUE_CLOCK)
  }

  /** The last measurement; null before the first. Holds until the next call. */
  read(): View<typeof VENUE_CLOCK.fields> | null {
    return this.#reader.read() && this.#reader.value.written === 1 ? this.#reader.value : null
  }

  /** @returns whether the caller is to measure now */
  claim(nowNs: Nanos): boolean {
    const now = BigInt(Math.ceil(nowNs))
    const until = Atomics.load(this.#claim, 0)
    if (until > now) return false
    this.#held = now + CLAIM_NS
    return Atomics.compareExchange(this.#claim, 0, until, this.#held) === until
  }

  /** Ends the claim with what was measured: the venue's clock minus our wall clock, and minus the run clock. One that came too late, when another has taken over, is dropped. */
  publish(offsetMs: number, baseMs: number, roundTripMs: number, nowNs: Nanos): void {
    if (Atomics.load(this.#claim, 0) !== this.#held || BigInt(Math.ceil(nowNs)) >= this.#held) return
    const clock = this.#writer.begin()
    clock.offsetMs = offsetMs
    clock.baseMs = baseMs
    clock.roundTripMs = roundTripMs
    clock.measuredNs = nowNs
    clock.written = 1
    this.#writer.end()
    Atomics.compareExchange(this.#claim, 0, this.#held, 0n)
  }

  /** Ends the claim without a measurement. */
  fail(nowNs: Nanos): void {
    Atomics.compareExchange(this.#claim, 0, this.#held, BigInt(Math.ceil(nowNs)) + PAUSE_NS)
  }
}
