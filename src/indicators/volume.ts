import { SlidingSum } from './sliding-sum.ts'
import { checkPeriod } from './shared.ts'

/*
 * Cumulative indicators are taken over the last `period` bars, as if the series began with the first of them: a value
 * then depends on what everybody can see, not on when this process was started, and it cannot grow without bound.
 */

/** On-balance volume (Granville 1963) of the last `period` bars. TA-Lib OBV over them: the first bar adds its volume. */
export class Obv {
  readonly #signed: SlidingSum
  readonly #volumes: SlidingSum
  #last = Number.NaN

  /** @throws RM_INDICATOR_PERIOD */
  constructor(period: number) {
    checkPeriod('OBV', period, 2)
    // The first bar of the window has a volume and no sign, the other closed ones have both.
    this.#signed = new SlidingSum(period - 2)
    this.#volumes = new SlidingSum(period - 1)
  }

  preview(close: number, volume: number): number {
    if (!this.#volumes.full) return Number.NaN
    return this.#volumes.oldest + this.#signed.sum + signedVolume(close, this.#last, volume)
  }

  commit(close: number, volume: number): void {
    if (!Number.isNaN(this.#last)) this.#signed.push(signedVolume(close, this.#last, volume))
    this.#volumes.push(volume)
    this.#last = close
  }

  reset(): void {
    this.#signed.reset()
    this.#volumes.reset()
    this.#last = Number.NaN
  }
}

const signedVolume = (close: number, before: number, volume: number): number => (close > before ? volume : close < before ? -volume : 0)

/** Volume-weighted mean of the typical price over `period` bars. Warm-up: `period` bars. No volume: mean of the typical prices. */
export class Vwap {
  readonly period: number
  readonly #values: SlidingSum
  readonly #volumes: SlidingSum
  readonly #typicals: SlidingSum

  /** @throws RM_INDICATOR_PERIOD */
  constructor(period: number) {
    this.period = checkPeriod('VWAP', period, 1)
    this.#values = new SlidingSum(period - 1)
    this.#volumes = new SlidingSum(period - 1)
    this.#typicals = new SlidingSum(period - 1)
  }

  /** @param typical (high + low + close) / 3 */
  preview(typical: number, volume: number): number {
    if (!this.#volumes.full) return Number.NaN
    const total = this.#volumes.sum + volume
    // What sliding leaves of a sum of zeros is rounding.
    return total > 1e-9 ? (this.#values.sum + typical * volume) / total : (this.#typicals.sum + typical) / this.period
  }

  commit(typical: number, volume: number): void {
    this.#values.push(typical * volume)
    this.#volumes.push(volume)
    this.#typicals.push(typical)
  }

  reset(): void {
    this.#values.reset()
    this.#volumes.reset()
    this.#typicals.reset()
  }
}

/** Share of a bar's volume that the place of its close gives to buyers, −1 to 1, times the volume (Chaikin). Flat bar: 0. */
export function moneyFlowVolume(high: number, low: number, close: number, volume: number): number {
  const width = high - low
  return width > 0 ? ((close - low - (high - close)) / width) * volume : 0
}

/** Accumulation/distribution line of the last `period` bars (TA-Lib AD over them) and Chaikin money flow, the same over its volume. */
export class MoneyFlow {
  line = Number.NaN
  /** −1 to 1; 0 without volume. */
  flow = Number.NaN
  readonly #line: SlidingSum
  readonly #flow: SlidingSum
  readonly #volumes: SlidingSum

  /** @throws RM_INDICATOR_PERIOD @param period of the line @param flowPeriod of Chaikin money flow */
  constructor(period: number, flowPeriod = 20) {
    this.#line = new SlidingSum(checkPeriod('AD', period, 1) - 1)
    this.#flow = new SlidingSum(checkPeriod('CMF', flowPeriod, 1) - 1)
    this.#volumes = new SlidingSum(flowPeriod - 1)
  }

  /** Sets both outputs. */
  preview(high: number, low: number, close: number, volume: number): void {
    const own = moneyFlowVolume(high, low, close, volume)
    this.line = this.#line.full ? this.#line.sum + own : Number.NaN
    const total = this.#volumes.sum + volume
    this.flow = this.#volumes.full ? (total > 1e-9 ? (this.#flow.sum + own) / total : 0) : Number.NaN
  }

  commit(high: number, low: number, close: number, volume: number): void {
    const own = moneyFlowVolume(high, low, close, volume)
    this.#line.push(own)
    this.#flow.push(own)
    this.#volumes.push(volume)
  }

  reset(): void {
    this.#line.reset()
    this.#flow.reset()
    this.#volumes.reset()
  }
}

/** Volume price trend of the last `period` bars: volume times the relative change of the close, added up. Warm-up: `period` bars. */
export class Vpt {
  readonly #parts: SlidingSum
  #last = Number.NaN

  /** @throws RM_INDICATOR_PERIOD */
  constructor(period: number) {
    // The first bar of the window has no change.
    this.#parts = new SlidingSum(checkPeriod('VPT', period, 2) - 2)
  }

  preview(close: number, volume: number): number {
    if (Number.isNaN(this.#last) || !this.#parts.full) return Number.NaN
    return this.#parts.sum + this.#part(close, volume)
  }

  commit(close: number, volume: number): void {
    if (!Number.isNaN(this.#last)) this.#parts.push(this.#part(close, volume))
    this.#last = close
  }

  reset(): void {
    this.#parts.reset()
    this.#last = Number.NaN
  }

  #part(close: number, volume: number): number {
    return this.#last === 0 ? 0 : (volume * (close - this.#last)) / this.#last
  }
}

/**
 * Negative volume index (Dysart, Fosback) of the last `period` bars: from 1000 on, changed by the relative change of the
 * close at bars with less volume than the bar before. Warm-up: `period` bars.
 */
export class Nvi {
  readonly #logs: SlidingSum
  #lastClose = Number.NaN
  #lastVolume = 0

  /** @throws RM_INDICATOR_PERIOD */
  constructor(period: number) {
    this.#logs = new SlidingSum(checkPeriod('NVI', period, 2) - 2)
  }

  preview(close: number, volume: number): number {
    if (Number.isNaN(this.#lastClose) || !this.#logs.full) return Number.NaN
    return 1000 * Math.exp(this.#logs.sum + this.#part(close, volume))
  }

  commit(close: number, volume: number): void {
    if (!Number.isNaN(this.#lastClose)) this.#logs.push(this.#part(close, volume))
    this.#lastClose = close
    this.#lastVolume = volume
  }

  reset(): void {
    this.#logs.reset()
    this.#lastClose = Number.NaN
    this.#lastVolume = 0
  }

  // A product of changes as a sum of logarithms, so that it can slide.
  #part(close: number, volume: number): number {
    return volume < this.#lastVolume && this.#lastClose > 0 && close > 0 ? Math.log(close / this.#lastClose) : 0
  }
}
