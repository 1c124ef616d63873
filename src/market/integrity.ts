import type { Nanos } from '../core/index.ts'

/** Weight of the past: after this time without change it counts 1/e. */
const MEMORY_NS = 5 * 60e9

/**
 * How far a book could be relied on lately: the share of time in which it was valid, the last five minutes weighing
 * most (exponential average in continuous time). Starts at 0: a book earns its score.
 */
export class BookIntegrity {
  /** Times a book that was valid had to be rebuilt. */
  rebuilds = 0
  #score = 0
  #valid = false
  #atNs: Nanos

  constructor(nowNs: Nanos) {
    this.#atNs = nowNs
  }

  /** Says that from now on the book is, or is not, valid. */
  turn(valid: boolean, nowNs: Nanos): void {
    this.#score = this.score(nowNs)
    this.#atNs = nowNs
    if (this.#valid && !valid) this.rebuilds++
    this.#valid = valid
  }

  /** 0 to 1. */
  score(nowNs: Nanos): number {
    const kept = Math.exp(-Math.max(0, nowNs - this.#atNs) / MEMORY_NS)
    return this.#score * kept + (this.#valid ? 1 - kept : 0)
  }
}
