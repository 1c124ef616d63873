import type { BundleLabel } from './bundle.ts'

/** Answers of one symbol that wait for their future; more than this are not kept. */
const WAITING_MAX = 512
/** A price that comes so much later than the horizon says nothing of it, ms. */
const TOLERANCE_MS = 6000

/** No class: the shadow did not answer. */
export const NO_CLASS = -1

/** Remembers what was predicted until the price of the horizon is there. Nothing is allocated after the start. */
export class Maturing {
  readonly #label: BundleLabel
  readonly #told: (predicted: number, shadow: number, actual: number) => void
  readonly #times = new Float64Array(WAITING_MAX)
  readonly #prices = new Float64Array(WAITING_MAX)
  readonly #predicted = new Int8Array(WAITING_MAX)
  readonly #shadow = new Int8Array(WAITING_MAX)
  #first = 0
  #count = 0

  /** @param told classes by index, of the model, its shadow (or NO_CLASS) and the market */
  constructor(label: BundleLabel, told: (predicted: number, shadow: number, actual: number) => void) {
    this.#label = label
    this.#told = told
  }

  get waiting(): number {
    return this.#count
  }

  /** @param price of the moment that the prediction is about */
  predicted(timeMs: number, price: number, predicted: number, shadow: number): void {
    if (this.#count === WAITING_MAX) {
      this.#first = (this.#first + 1) % WAITING_MAX
      this.#count--
    }
    const at = (this.#first + this.#count++) % WAITING_MAX
    this.#times[at] = timeMs
    this.#prices[at] = price
    this.#predicted[at] = predicted
    this.#shadow[at] = shadow
  }

  seen(timeMs: number, price: number): void {
    const { horizonMs, threshold } = this.#label
    while (this.#count > 0) {
      const at = this.#first
      const late = timeMs - (this.#times[at]! + horizonMs)
      if (late < 0) return
      this.#first = (at + 1) % WAITING_MAX
      this.#count--
      if (late > TOLERANCE_MS) continue
      const movement = (price - this.#prices[at]!) / this.#prices[at]!
      this.#told(this.#predicted[at]!, this.#shadow[at]!, movement > threshold ? 2 : movement < -threshold ? 0 : 1)
    }
  }
}
