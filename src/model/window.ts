import { assert } from '../core/index.ts'

/**
 * The last `steps` feature rows as one contiguous float32 block, oldest first, without moving memory: every row is
 * written twice, `steps` rows apart, so that any run of `steps` rows is contiguous somewhere, and its view is made once.
 */
export class FeatureWindow {
  readonly steps: number
  readonly features: number
  readonly #rows: Float32Array
  readonly #views: readonly Float32Array[]
  #next = 0
  #filled = 0

  constructor(steps: number, features: number) {
    assert(steps > 0 && features > 0, `window of ${steps} x ${features}`)
    this.steps = steps
    this.features = features
    this.#rows = new Float32Array(2 * steps * features)
    this.#views = Array.from({ length: steps }, (_, newest) => this.#rows.subarray((newest + 1) * features, (newest + 1 + steps) * features))
  }

  /** Takes the row that starts at `from` in `values`, rounded to float32. */
  push(values: Float64Array, from: number): void {
    const { features } = this
    const low = this.#next * features
    const high = low + this.steps * features
    for (let i = 0; i < features; i++) {
      const value = values[from + i]!
      this.#rows[low + i] = value
      this.#rows[high + i] = value
    }
    this.#next = this.#next + 1 === this.steps ? 0 : this.#next + 1
    if (this.#filled < this.steps) this.#filled++
  }

  get full(): boolean {
    return this.#filled === this.steps
  }

  get filled(): number {
    return this.#filled
  }

  /** The window that ends with the row pushed last; only good until the next push, and only when full. */
  get view(): Float32Array {
    assert(this.full, `window holds ${this.#filled} of ${this.steps} rows`)
    return this.#views[this.#next === 0 ? this.steps - 1 : this.#next - 1]!
  }

  clear(): void {
    this.#filled = 0
  }
}
