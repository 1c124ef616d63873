import type { Clock, Nanos } from '../../core/index.ts'

/** The time for which the venue shuts this address out. While it lasts only a cancel or an exit may try, now and then. */
export class BanTimer {
  readonly #clock: Clock
  readonly #probeMs: number
  #sinceNs: Nanos = 0
  #untilNs: Nanos = 0
  #probeNs: Nanos = 0

  constructor(clock: Clock, probeMs: number) {
    this.#clock = clock
    this.#probeMs = probeMs
  }

  get active(): boolean {
    return this.#clock.nowNs() < this.#untilNs
  }

  /** What is left of it, ms; 0 when there is none. */
  get leftMs(): number {
    return Math.max(0, (this.#untilNs - this.#clock.nowNs()) / 1e6)
  }

  /** The venue said so: nothing leaves for so long. The first probe is not at once either. */
  begin(durationMs: number): void {
    const nowNs = this.#clock.nowNs()
    if (!this.active) this.#sinceNs = nowNs
    this.#untilNs = Math.max(this.#untilNs, nowNs + durationMs * 1e6)
    this.#probeNs = nowNs + this.#probeMs * 1e6
  }

  /** Takes the place of a probe, if one is due. */
  probe(): boolean {
    const nowNs = this.#clock.nowNs()
    if (nowNs < this.#probeNs) return false
    this.#probeNs = nowNs + this.#probeMs * 1e6
    return true
  }

  /** A request that left at `sentNs` was served: the address is let in again, unless it had left before the ban. */
  served(sentNs: Nanos): void {
    if (this.active && sentNs > this.#sinceNs) this.#untilNs = 0
  }
}
