import { type Instrument, type Lots, type PriceTicks } from '../core/index.ts'
import { IndicatorSet, INDICATOR_OUTPUTS, INDICATOR_WARM_UP_BARS, SlidingSum } from '../indicators/index.ts'
import { GridScale } from './grid-scale.ts'

/** How many values the candle channel has. */
export const CANDLE_FEATURES = 25

/** Bars of the volatility, volume and illiquidity windows. */
const WINDOW = 20
const LN2 = Math.LN2

/**
 * The 25 candle features and the 35 indicators of one symbol, from its one-minute candles: closed ones are committed, the
 * forming one is what the values are of. A history that begins anew is taken after `reset`.
 */
export class CandleFeatures {
  /** Mean of |log return| / traded value over the last 20 closed candles with volume, times a million (Amihud 2002); 0 when none had any. NaN during warm-up. */
  illiquidity = Number.NaN
  readonly #scale: GridScale
  readonly #indicators = new IndicatorSet()
  readonly #squares = new SlidingSum(WINDOW - 1)
  readonly #parkinson = new SlidingSum(WINDOW - 1)
  readonly #garmanKlass = new SlidingSum(WINDOW - 1)
  readonly #volumes = new SlidingSum(WINDOW)
  readonly #trend = new SlidingSum(WINDOW - 1)
  readonly #weighted = new SlidingSum(WINDOW - 1)
  readonly #illiquidity = new SlidingSum(WINDOW)
  readonly #traded = new SlidingSum(WINDOW)
  #open = Number.NaN
  #close = Number.NaN
  #volume = Number.NaN

  constructor(instrument: Pick<Instrument, 'tick' | 'lot'>) {
    this.#scale = new GridScale(instrument)
  }

  /** Closed candles taken. */
  get bars(): number {
    return this.#indicators.bars
  }

  /** Whether every value has its whole window. */
  get warm(): boolean {
    return this.#indicators.bars >= INDICATOR_WARM_UP_BARS
  }

  /** A closed candle, the next one in time. */
  close(openTicks: PriceTicks, highTicks: PriceTicks, lowTicks: PriceTicks, closeTicks: PriceTicks, lots: Lots): void {
    const scale = this.#scale
    const open = scale.price(openTicks)
    const high = scale.price(highTicks)
    const low = scale.price(lowTicks)
    const close = scale.price(closeTicks)
    const volume = scale.size(lots)
    const typical = (high + low + close) / 3
    this.#indicators.commit(high, low, close, volume)
    if (!Number.isNaN(this.#close)) {
      const change = Math.log(close / this.#close)
      this.#squares.push(change * change)
      this.#trend.push((volume * (close - this.#close)) / this.#close)
      this.#illiquidity.push(volume > 0 ? Math.abs(change) / (typical * volume) : 0)
      this.#traded.push(volume > 0 ? 1 : 0)
      this.illiquidity = this.#traded.full ? (this.#traded.sum > 0 ? (this.#illiquidity.sum / this.#traded.sum) * 1e6 : 0) : Number.NaN
    }
    this.#parkinson.push(rangeSquare(high, low))
    this.#garmanKlass.push(garmanKlassTerm(open, high, low, close))
    this.#volumes.push(volume)
    this.#weighted.push(typical * volume)
    this.#open = open
    this.#close = close
    this.#volume = volume
  }

  /**
   * Writes the 25 candle values and the 35 indicators to `out` from place `at` on, as if the forming candle closed with
   * these numbers. What is still warming up is NaN.
   */
  compute(openTicks: PriceTicks, highTicks: PriceTicks, lowTicks: PriceTicks, closeTicks: PriceTicks, lots: Lots, out: Float64Array, at: number): void {
    const scale = this.#scale
    const open = scale.price(openTicks)
    const high = scale.price(highTicks)
    const low = scale.price(lowTicks)
    const close = scale.price(closeTicks)
    const volume = scale.size(lots)
    const typical = (high + low + close) / 3
    const before = this.#close
    const change = Math.log(close / before)
    const range = Math.log(high / low)
    const rangeSquared = range * range
    const bodyLog = Math.log(close / open)
    const width = high - low
    const body = Math.abs(close - open)
    const upper = high - Math.max(open, close)
    const lower = Math.min(open, close) - low
    out[at] = open
    out[at + 1] = high
    out[at + 2] = low
    out[at + 3] = close
    out[at + 4] = volume
    out[at + 5] = typical
    out[at + 6] = close / before - 1
    out[at + 7] = change
    out[at + 8] = width / close
    out[at + 9] = (close - open) / open
    out[at + 10] = upper / close
    out[at + 11] = lower / close
    out[at + 12] = body / close
    out[at + 13] = this.#squares.full ? Math.sqrt((this.#squares.sum + change * change) / WINDOW) : Number.NaN
    out[at + 14] = this.#parkinson.full ? Math.sqrt((this.#parkinson.sum + rangeSquared) / (4 * LN2 * WINDOW)) : Number.NaN
    // Divided before the bound: a long run of whole zeros would be compiled as a division of integers, and thrown away at the first fraction.
    out[at + 15] = this.#garmanKlass.full ? Math.sqrt(Math.max(0, (this.#garmanKlass.sum + 0.5 * rangeSquared - (2 * LN2 - 1) * bodyLog * bodyLog) / WINDOW)) : Number.NaN
    out[at + 16] = this.#volumes.full ? (this.#volumes.sum > 1e-9 ? (volume * WINDOW) / this.#volumes.sum : 0) : Number.NaN
    out[at + 17] = Number.isNaN(this.#volume) ? Number.NaN : this.#volume > 0 ? volume / this.#volume - 1 : 0
    out[at + 18] = this.#trend.full ? this.#trend.sum + (volume * (close - before)) / before : Number.NaN
    // Of 20 candles, the forming one included. The window of volumes is one candle longer than this one: its oldest does not belong here.
    const total = this.#volumes.sum - (this.#volumes.full ? this.#volumes.oldest : 0) + volume
    out[at + 19] = !this.#weighted.full ? Number.NaN : total > 1e-9 ? (this.#weighted.sum + typical * volume) / total : typical
    out[at + 20] = typical * volume
    out[at + 21] = width > 0 ? 1 - body / width : 0
    out[at + 22] = width > 0 ? Math.max(0, (lower - Math.max(2 * body, upper)) / width) : 0
    // Part of the body that goes beyond an opposite body which it covers whole, signed by its direction; 0 when it does not.
    const bodySigned = close - open
    const bodyBefore = before - this.#open
    const covers = Math.max(open, close) >= Math.max(this.#open, before) && Math.min(open, close) <= Math.min(this.#open, before)
    out[at + 23] = Number.isNaN(before) ? Number.NaN : covers && bodySigned * bodyBefore < 0 ? (bodySigned + bodyBefore) / body : 0
    out[at + 24] = (open - before) / before
    const { bar } = this.#indicators
    bar[0] = high
    bar[1] = low
    bar[2] = close
    bar[3] = volume
    this.#indicators.previewBar(out, at + CANDLE_FEATURES)
  }

  reset(): void {
    this.#indicators.reset()
    for (const sum of [this.#squares, this.#parkinson, this.#garmanKlass, this.#volumes, this.#trend, this.#weighted, this.#illiquidity, this.#traded]) sum.reset()
    this.#open = this.#close = this.#volume = this.illiquidity = Number.NaN
  }
}

/** Values of the indicator channel. */
export { INDICATOR_OUTPUTS }

function rangeSquare(high: number, low: number): number {
  const range = Math.log(high / low)
  return range * range
}

/** Garman and Klass (1980), eq. for one bar without the opening jump: ½ ln(h/l)² − (2 ln 2 − 1) ln(c/o)². */
function garmanKlassTerm(open: number, high: number, low: number, close: number): number {
  const body = Math.log(close / open)
  return 0.5 * rangeSquare(high, low) - (2 * LN2 - 1) * body * body
}
