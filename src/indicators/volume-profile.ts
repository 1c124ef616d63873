import { fail } from '../core/index.ts'
import { checkPeriod } from './shared.ts'

/**
 * Volume by price over the last `period` bars (Steidlmayer): the range of the window in `bins` equal bins, the volume of each bar spread evenly
 * over its own range. Point of control: the middle of the fullest bin, the lowest of several. Value area: from there outwards,
 * always the fuller neighbour (the upper one when both are equal), until it holds `share` of the volume. Warm-up: `period` bars.
 * Without any volume in the window there is no profile: all NaN.
 */
export class VolumeProfile {
  /** Quote currency. Edges are those of the bins. */
  pointOfControl = Number.NaN
  valueLow = Number.NaN
  valueHigh = Number.NaN
  /** Lowest price of the window and height of a bin. */
  low = Number.NaN
  height = Number.NaN
  /** Base coin in each bin, lowest price first. */
  readonly volumes: Float64Array
  readonly #period: number
  readonly #share: number
  readonly #highs: Float64Array
  readonly #lows: Float64Array
  readonly #sizes: Float64Array
  #at = 0
  #bars = 0

  /** @throws RM_INDICATOR_PERIOD, RM_INDICATOR_FACTOR */
  constructor(period: number, bins: number, share = 0.7) {
    this.#period = checkPeriod('volume profile', period, 2)
    this.volumes = new Float64Array(checkPeriod('volume profile bins', bins, 3))
    if (!(share > 0 && share < 1)) fail('RM_INDICATOR_FACTOR', { indicator: 'volume profile', what: 'share of the value area', value: share, allowed: 'between 0 and 1' })
    this.#share = share
    this.#highs = new Float64Array(period)
    this.#lows = new Float64Array(period)
    this.#sizes = new Float64Array(period)
  }

  get warm(): boolean {
    return this.#bars >= this.#period && !Number.isNaN(this.pointOfControl)
  }

  push(high: number, low: number, volume: number): void {
    const at = this.#at
    this.#highs[at] = high
    this.#lows[at] = low
    this.#sizes[at] = volume
    this.#at = at + 1 === this.#period ? 0 : at + 1
    if (++this.#bars >= this.#period) this.#compute()
  }

  /** Bin of a price, kept within the window. */
  binOf(price: number): number {
    return Math.min(this.volumes.length - 1, Math.max(0, Math.floor((price - this.low) / this.height)))
  }

  /** Mean volume of a bin, base coin. */
  get mean(): number {
    let sum = 0
    for (const volume of this.volumes) sum += volume
    return sum / this.volumes.length
  }

  reset(): void {
    this.pointOfControl = this.valueLow = this.valueHigh = this.low = this.height = Number.NaN
    this.volumes.fill(0)
    this.#at = this.#bars = 0
  }

  #compute(): void {
    const bins = this.volumes.length
    let highest = Number.NEGATIVE_INFINITY
    let lowest = Number.POSITIVE_INFINITY
    let total = 0
    for (let i = 0; i < this.#period; i++) {
      highest = Math.max(highest, this.#highs[i]!)
      lowest = Math.min(lowest, this.#lows[i]!)
      total += this.#sizes[i]!
    }
    this.volumes.fill(0)
    if (!(highest > lowest) || !(total > 0)) {
      this.pointOfControl = this.valueLow = this.valueHigh = this.low = this.height = Number.NaN
      return
    }
    this.low = lowest
    this.height = (highest - lowest) / bins
    for (let i = 0; i < this.#period; i++) this.#spread(this.#highs[i]!, this.#lows[i]!, this.#sizes[i]!)
    this.#area(total)
  }

  #spread(high: number, low: number, volume: number): void {
    const first = this.binOf(low)
    const last = this.binOf(high)
    if (first === last || !(high > low)) {
      this.volumes[first]! += volume
      return
    }
    const perPrice = volume / (high - low)
    for (let bin = first; bin <= last; bin++) {
      const from = Math.max(low, this.low + bin * this.height)
      const to = bin === last ? high : Math.min(high, this.low + (bin + 1) * this.height)
      this.volumes[bin]! += Math.max(0, to - from) * perPrice
    }
  }

  #area(total: number): void {
    const { volumes } = this
    let fullest = 0
    for (let bin = 1; bin < volumes.length; bin++) if (volumes[bin]! > volumes[fullest]!) fullest = bin
    let from = fullest
    let to = fullest
    let held = volumes[fullest]!
    while (held < this.#share * total && (from > 0 || to < volumes.length - 1)) {
      const above = to < volumes.length - 1 ? volumes[to + 1]! : -1
      const below = from > 0 ? volumes[from - 1]! : -1
      if (above >= below) held += volumes[++to]!
      else held += volumes[--from]!
    }
    this.pointOfControl = this.low + (fullest + 0.5) * this.height
    this.valueLow = this.low + from * this.height
    this.valueHigh = this.low + (to + 1) * this.height
  }
}
