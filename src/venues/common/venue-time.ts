import { type Clock, onRunClock, type WallMs } from '../../core/index.ts'

/**
 * The venue's clock as far as we know it: the run clock and an offset that `reference.clock` measures. Before that it is our wall
 * clock, later on no step of that moves it.
 */
export class VenueTime {
  #baseMs = Number.NaN
  /** False until the first measurement. */
  measured = false
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Rounded down: a stamp in the venue's future is refused sooner than one in its past. */
  nowMs(): WallMs {
    return Math.floor(this.measured ? this.#clock.nowNs() / 1e6 + this.#baseMs : this.#clock.wallMs())
  }

  /** @param offsetMs venue minus our wall clock, as of now */
  set(offsetMs: number): void {
    this.#baseMs = onRunClock(offsetMs, this.#clock)
    this.measured = true
  }
}
