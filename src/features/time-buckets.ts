import { fail, type WallMs } from '../core/index.ts'

/**
 * Sums over a window of time with fixed memory: the window is cut into buckets, and a bucket is dropped whole when the
 * window has moved past it. The sum at time t covers the bucket of t and those before it that still belong to the window.
 * Time never goes back here: an older stamp counts as the newest one seen. Sums of whole numbers are exact.
 */
export class TimeBuckets {
  readonly windowMs: number
  readonly bucketMs: number
  readonly #fields: number
  readonly #buckets: number
  readonly #values: Float64Array
  readonly #sums: Float64Array
  #bucket = -1
  #sinceMs: WallMs = Number.NaN
  #nowMs: WallMs = Number.NaN

  /** @param fields how many quantities are summed side by side @throws RM_FEATURE_WINDOW unless the window is a whole number of buckets. */
  constructor(windowMs: number, bucketMs: number, fields: number) {
    const buckets = windowMs / bucketMs
    if (!Number.isSafeInteger(buckets) || buckets < 1 || !(bucketMs > 0) || !(fields >= 1)) fail('RM_FEATURE_WINDOW', { windowMs, bucketMs, fields })
    this.windowMs = windowMs
    this.bucketMs = bucketMs
    this.#fields = fields
    this.#buckets = buckets
    this.#values = new Float64Array(buckets * fields)
    this.#sums = new Float64Array(fields)
  }

  /** Moves the window to `nowMs`. Before any `add` of that moment. */
  advance(nowMs: WallMs): void {
    if (!(nowMs > this.#nowMs)) {
      if (Number.isNaN(this.#nowMs)) this.#begin(nowMs)
      return
    }
    this.#nowMs = nowMs
    const bucket = Math.floor(nowMs / this.bucketMs)
    const steps = bucket - this.#bucket
    if (steps <= 0) return
    this.#bucket = bucket
    if (steps >= this.#buckets) {
      this.#values.fill(0)
      this.#sums.fill(0)
      return
    }
    const fields = this.#fields
    for (let i = steps - 1; i >= 0; i--) {
      const at = ((bucket - i) % this.#buckets) * fields
      for (let field = 0; field < fields; field++) {
        this.#sums[field]! -= this.#values[at + field]!
        this.#values[at + field] = 0
      }
    }
    // Sums of fractions are added up anew once a round, so that their rounding cannot grow.
    if (bucket % this.#buckets < steps) this.#addUp()
  }

  add(field: number, amount: number): void {
    const at = (this.#bucket % this.#buckets) * this.#fields
    this.#values[at + field]! += amount
    this.#sums[field]! += amount
  }

  sum(field: number): number {
    return this.#sums[field]!
  }

  /** Time that the sums stand for, s: the window, or less when counting began later; never less than one bucket. NaN before the first moment. */
  get seconds(): number {
    const seenMs = this.#nowMs - this.#sinceMs
    return Number.isNaN(seenMs) ? seenMs : Math.min(this.windowMs, Math.max(this.bucketMs, seenMs)) / 1000
  }

  /** Time since counting began, ms; NaN before. */
  get ageMs(): number {
    return this.#nowMs - this.#sinceMs
  }

  reset(): void {
    this.#values.fill(0)
    this.#sums.fill(0)
    this.#nowMs = this.#sinceMs = Number.NaN
    this.#bucket = -1
  }

  #begin(nowMs: WallMs): void {
    this.#nowMs = this.#sinceMs = nowMs
    this.#bucket = Math.floor(nowMs / this.bucketMs)
  }

  #addUp(): void {
    const fields = this.#fields
    for (let field = 0; field < fields; field++) {
      let sum = 0
      for (let at = field; at < this.#values.length; at += fields) sum += this.#values[at]!
      this.#sums[field] = sum
    }
  }
}
