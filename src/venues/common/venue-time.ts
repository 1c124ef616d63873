import type { Clock, WallMs } from '../../core/index.ts'

/** The venue's clock as far as we know it: our wall clock and an offset that `reference.clock` measures. */
export class VenueTime {
  /** Venue minus us. */
  offsetMs = 0
  /** False until the first measurement. */
  measured = false
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Rounded down: a stamp in the venue's future is refused sooner than one in its past. */
  nowMs(): WallMs {
    return Math.floor(this.#clock.wallMs() + this.offsetMs)
  }

  set(offsetMs: number): void {
    this.offsetMs = offsetMs
    this.measured = true
  }
}
