import type { Nanos } from '../core/index.ts'

/** Weight of the past: after this time without change it counts 1/e. */
const MEMORY_NS = 5 * 60e9
/** What the loss of a valid book costs, beside the time that it is away: six in a short time bring the score below 0.8. */
const LOSS_COST = 0.04
/** What a proof that the book was wrong costs: it was traded on. */
const DISPROOF_COST = 0.5

/**
 * How far a book could be relied on lately, 0 to 1: the share of time in which it was valid, the last five minutes
 * weighing most (exponential average in continuous time), less what every loss and every disproof costs. It is 0 before
 * the first book and 1 with it: nothing speaks against a book that has just begun.
 */
export class BookIntegrity {
  /** Times a book that was valid was lost. */
  rebuilds = 0
  #score = 0
  #valid = false
  #ever = false
  #atNs: Nanos

  constructor(nowNs: Nanos) {
    this.#atNs = nowNs
  }

  /** Goes on from what an earlier keeper of the same book left: it has been away since. @param atNs when that was written */
  resume(score: number, rebuilds: number, atNs: Nanos): void {
    this.#score = Math.min(1, Math.max(0, score))
    this.rebuilds = rebuilds
    this.#atNs = atNs
    this.#ever = true
    this.#valid = false
  }

  /** Says that from now on the book is, or is not, to be used. An empty side is no loss: nothing was wrong. */
  turn(valid: boolean, nowNs: Nanos): void {
    this.#settle(nowNs)
    if (valid && !this.#ever) {
      this.#ever = true
      this.#score = 1
    }
    this.#valid = valid
  }

  /** The book is not valid any more and has to be built anew. */
  lose(nowNs: Nanos): void {
    this.#settle(nowNs)
    if (this.#valid) {
      this.rebuilds++
      this.#score *= 1 - LOSS_COST
    }
    this.#valid = false
  }

  /** An independent source has shown that the book was wrong. */
  disprove(nowNs: Nanos): void {
    this.#settle(nowNs)
    this.#score *= 1 - DISPROOF_COST
  }

  /** 0 to 1. */
  score(nowNs: Nanos): number {
    if (!this.#ever) return 0
    const kept = Math.exp(-Math.max(0, nowNs - this.#atNs) / MEMORY_NS)
    return this.#score * kept + (this.#valid ? 1 - kept : 0)
  }

  #settle(nowNs: Nanos): void {
    this.#score = this.score(nowNs)
    this.#atNs = nowNs
  }
}
