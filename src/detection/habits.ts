import type { WallMs } from '../core/index.ts'

/** Classes of size: the first begins at the smallest multiple, each next at this many times the one before. */
const STEP = 1.35
export const SIZE_CLASSES = 16
/** Time over which habits are forgotten, ms. */
const FORGET_MS = 600_000

/**
 * How often orders of each size come and go in a market as a rule, both sides together: in a busy one large orders are cancelled within
 * seconds all the time, and only what is more than that says something. Counts fade by half in seven minutes.
 */
export class Habits {
  readonly #least: number
  readonly #counts = new Float64Array(SIZE_CLASSES)
  #beganMs: WallMs = Number.NaN
  #atMs: WallMs = Number.NaN

  /** @param least multiple of the smallest order that counts */
  constructor(least: number) {
    this.#least = least
  }

  /** Class of a multiple: 0 for the smallest. */
  classOf(multiple: number): number {
    return Math.max(0, Math.min(SIZE_CLASSES - 1, Math.floor(Math.log(multiple / this.#least) / Math.log(STEP))))
  }

  /** Time moved on: nothing was added since. */
  advance(nowMs: WallMs): void {
    if (Number.isNaN(this.#beganMs)) this.#beganMs = this.#atMs = nowMs
    const passedMs = nowMs - this.#atMs
    // A second more or less makes no difference to minutes.
    if (passedMs < 1000) return
    this.#atMs = nowMs
    const kept = Math.exp(-passedMs / FORGET_MS)
    for (let i = 0; i < SIZE_CLASSES; i++) this.#counts[i]! *= kept
  }

  add(size: number): void {
    this.#counts[size]!++
  }

  /** Time since the first moment, ms; NaN before it. */
  get ageMs(): number {
    return this.#atMs - this.#beganMs
  }

  /** Orders of at least a class that come and go on one side within a window, as a rule. @param pastMs length of the past that is counted */
  expected(size: number, windowMs: number, pastMs: number): number {
    let count = 0
    for (let i = size; i < SIZE_CLASSES; i++) count += this.#counts[i]!
    const timeMs = FORGET_MS * (1 - Math.exp(-Math.max(windowMs, pastMs) / FORGET_MS))
    return (0.5 * count * windowMs) / timeMs
  }

  reset(): void {
    this.#counts.fill(0)
    this.#beganMs = this.#atMs = Number.NaN
  }
}
