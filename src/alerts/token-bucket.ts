import { assert } from '../core/index.ts'

/** Lets `burst` through at once and one more every `everyMs`, in whole ms. In any time W at most burst + W ÷ everyMs are let through. */
export class TokenBucket {
  readonly #burst: number
  readonly #everyMs: number
  #tokens: number
  #atMs: number

  constructor(burst: number, everyMs: number, nowMs: number) {
    assert(Number.isInteger(burst) && burst >= 1 && Number.isInteger(everyMs) && everyMs >= 1, `a bucket of ${burst} tokens, one every ${everyMs} ms`)
    this.#burst = burst
    this.#everyMs = everyMs
    this.#tokens = burst
    this.#atMs = Math.floor(nowMs)
  }

  /** @returns false when there is none, and nothing is taken then */
  take(nowMs: number): boolean {
    if (this.waitMs(nowMs) > 0) return false
    this.#tokens -= 1
    return true
  }

  /** ms until there is one; 0 when there is. */
  waitMs(nowMs: number): number {
    this.#fill(nowMs)
    return this.#tokens >= 1 ? 0 : this.#atMs + this.#everyMs - Math.floor(nowMs)
  }

  /** Whole tokens at whole steps: fractions of a double would add up to a token too many, or one too late. */
  #fill(time: number): void {
    const nowMs = Math.floor(time)
    if (this.#tokens === this.#burst) return void (this.#atMs = Math.max(this.#atMs, nowMs))
    const steps = Math.max(0, Math.floor((nowMs - this.#atMs) / this.#everyMs))
    this.#tokens = Math.min(this.#burst, this.#tokens + steps)
    this.#atMs = this.#tokens === this.#burst ? Math.max(this.#atMs, nowMs) : this.#atMs + steps * this.#everyMs
  }
}
