import type { Nanos } from '../../core/index.ts'

/** For how long a condition has held without a break, by the monotonic clock. */
export class Duration {
  #sinceNs: Nanos = -1

  /** @returns ms for which it has held, 0 while it does not */
  see(holds: boolean, nowNs: Nanos): number {
    if (!holds) {
      this.#sinceNs = -1
      return 0
    }
    if (this.#sinceNs < 0) this.#sinceNs = nowNs
    return (nowNs - this.#sinceNs) / 1e6
  }

  /** Counts anew from the next look. */
  forget(): void {
    this.#sinceNs = -1
  }
}
