import { BUY, type Lots, type Side, type WallMs } from '../core/index.ts'

const SECONDS = 60
/** Seconds with a change of the mid without which there is no slope. */
export const IMPACT_WARM_UP_SECONDS = 10

/**
 * Kyle's lambda (1985): least-squares slope of the change of the mid on the net signed volume, second by second over the
 * last minute. Taken anew, in two passes, whenever a second is over; 0 when the volume never varied.
 */
export class PriceImpact {
  /** Ticks per lot; NaN during warm-up. */
  lambda = Number.NaN
  readonly #volumes = new Float64Array(SECONDS)
  readonly #changes = new Float64Array(SECONDS)
  #count = 0
  #at = 0
  #second = -1
  #volume = 0
  #midTicks = Number.NaN
  #midAtEnd = Number.NaN

  trade(side: Side, lots: Lots, timeMs: WallMs): void {
    this.#turn(timeMs)
    this.#volume += side === BUY ? lots : -lots
  }

  /** A book record. */
  mid(midTicks: number, timeMs: WallMs): void {
    this.#turn(timeMs)
    this.#midTicks = midTicks
  }

  /** The book had a gap: the change over it belongs to nobody. */
  gap(): void {
    this.#midTicks = this.#midAtEnd = Number.NaN
    this.#volume = 0
  }

  reset(): void {
    this.gap()
    this.#count = this.#at = 0
    this.#second = -1
    this.lambda = Number.NaN
  }

  #turn(timeMs: WallMs): void {
    const second = Math.floor(timeMs / 1000)
    if (second <= this.#second) return
    if (this.#second >= 0) {
      const change = this.#midTicks - this.#midAtEnd
      if (!Number.isNaN(change)) this.#push(this.#volume, change)
      this.#midAtEnd = this.#midTicks
      this.#volume = 0
      // Whole seconds without any event: nothing was traded and the mid stood still.
      if (!Number.isNaN(this.#midTicks)) for (let quiet = Math.min(SECONDS, second - this.#second - 1); quiet > 0; quiet--) this.#push(0, 0)
      this.#slope()
    }
    this.#second = second
  }

  #push(volume: number, change: number): void {
    this.#volumes[this.#at] = volume
    this.#changes[this.#at] = change
    this.#at = (this.#at + 1) % SECONDS
    if (this.#count < SECONDS) this.#count++
  }

  #slope(): void {
    const count = this.#count
    if (count < IMPACT_WARM_UP_SECONDS) {
      this.lambda = Number.NaN
      return
    }
    let volume = 0
    let change = 0
    for (let i = 0; i < count; i++) {
      volume += this.#volumes[i]!
      change += this.#changes[i]!
    }
    volume /= count
    change /= count
    let product = 0
    let square = 0
    for (let i = 0; i < count; i++) {
      const x = this.#volumes[i]! - volume
      product += x * (this.#changes[i]! - change)
      square += x * x
    }
    this.lambda = square > 0 ? product / square : 0
  }
}
