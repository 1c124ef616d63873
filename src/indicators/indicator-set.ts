import { INDICATOR_OUTPUTS, INDICATOR_WARM_UP_BARS, IndicatorColumns } from './indicator-columns.ts'
import { MOMENTUM_OUTPUTS, MomentumIndicators } from './momentum.ts'
import { BAR_NUMBERS, type BarColumns, CLOSE, CLOSE_BEFORE, HIGH, LOW, TRUE_RANGE, TYPICAL, TYPICAL_BEFORE, VOLUME } from './shared.ts'
import { TREND_OUTPUTS, TrendIndicators } from './trend.ts'
import { largest, VOLATILITY_OUTPUTS, VolatilityIndicators } from './volatility.ts'
import { VolumeIndicators } from './volume.ts'

const MOMENTUM_AT = TREND_OUTPUTS
const VOLATILITY_AT = MOMENTUM_AT + MOMENTUM_OUTPUTS
const VOLUME_AT = VOLATILITY_AT + VOLATILITY_OUTPUTS

/**
 * The 35 indicators of the feature vector over the candles of one symbol, in the order of the contract. `preview` writes
 * them as they would be if the open bar closed with these numbers and changes nothing; `commit` closes the bar.
 *
 * While it warms up it keeps the bars as columns and says what `IndicatorColumns` says of them: seeds and first values are
 * written down there and nowhere else. From the 50th bar on the four families go on from what the columns left.
 */
export class IndicatorSet {
  /** High, low, close and volume of the open bar, for `previewBar`: numbers that are handed to a call may become objects. */
  readonly bar = new Float64Array(BAR_NUMBERS)
  /** The 35 values of the bar that was closed last; NaN before `INDICATOR_WARM_UP_BARS` are closed. */
  readonly closed = new Float64Array(INDICATOR_OUTPUTS).fill(Number.NaN)
  readonly #trend = new TrendIndicators()
  readonly #momentum = new MomentumIndicators()
  readonly #volatility = new VolatilityIndicators()
  readonly #volume = new VolumeIndicators()
  readonly #first = new IndicatorColumns(INDICATOR_WARM_UP_BARS)
  readonly #history: BarColumns = {
    high: new Float64Array(INDICATOR_WARM_UP_BARS), low: new Float64Array(INDICATOR_WARM_UP_BARS), close: new Float64Array(INDICATOR_WARM_UP_BARS), volume: new Float64Array(INDICATOR_WARM_UP_BARS),
  }
  #bars = 0

  /** Bars committed. */
  get bars(): number {
    return this.#bars
  }

  /** Writes the 35 values to `out` from place `at` on. */
  preview(high: number, low: number, close: number, volume: number, out: Float64Array, at: number): void {
    this.#open(high, low, close, volume)
    this.previewBar(out, at)
  }

  /** The same of the numbers in `bar`. */
  previewBar(out: Float64Array, at: number): void {
    if (this.#bars >= INDICATOR_WARM_UP_BARS) {
      this.#preview(out, at)
      return
    }
    this.#keep(this.#bars)
    this.#first.compute(this.#history, 0, this.#bars + 1)
    this.#first.row(this.#bars, out, at)
  }

  /** Closes the bar. */
  commit(high: number, low: number, close: number, volume: number): void {
    this.#open(high, low, close, volume)
    if (this.#bars >= INDICATOR_WARM_UP_BARS) {
      this.#preview(this.closed, 0)
      this.#close()
      this.#bars++
      return
    }
    this.#keep(this.#bars++)
    if (this.#bars === INDICATOR_WARM_UP_BARS) this.#begin()
  }

  /** As new: for a history that begins again. */
  reset(): void {
    for (const family of [this.#trend, this.#momentum, this.#volatility, this.#volume]) family.reset()
    this.closed.fill(Number.NaN)
    this.#bars = 0
  }

  #open(high: number, low: number, close: number, volume: number): void {
    const { bar } = this
    bar[HIGH] = high
    bar[LOW] = low
    bar[CLOSE] = close
    bar[VOLUME] = volume
  }

  #preview(out: Float64Array, at: number): void {
    const { bar } = this
    const high = bar[HIGH]!
    const low = bar[LOW]!
    const before = bar[CLOSE_BEFORE]!
    bar[TYPICAL] = (high + low + bar[CLOSE]!) / 3
    bar[TRUE_RANGE] = largest(high - low, Math.abs(high - before), Math.abs(low - before))
    this.#trend.preview(bar, out, at)
    this.#momentum.preview(bar, out, at + MOMENTUM_AT)
    this.#volatility.preview(bar, out, at + VOLATILITY_AT)
    this.#volume.preview(bar, out, at + VOLUME_AT)
  }

  #close(): void {
    const { bar } = this
    this.#trend.close(bar)
    this.#momentum.close(bar)
    this.#volatility.close(bar)
    this.#volume.close(bar)
    bar[CLOSE_BEFORE] = bar[CLOSE]!
    bar[TYPICAL_BEFORE] = bar[TYPICAL]!
  }

  #keep(at: number): void {
    const { bar } = this
    const { high, low, close, volume } = this.#history
    high[at] = bar[HIGH]!
    low[at] = bar[LOW]!
    close[at] = bar[CLOSE]!
    volume[at] = bar[VOLUME]!
  }

  /** The warm-up is over: the families take the bars into their windows, and their averages from the columns. */
  #begin(): void {
    const { bar, closed } = this
    const { high, low, close, volume } = this.#history
    const last = INDICATOR_WARM_UP_BARS - 1
    const first = this.#first
    // The first bar has none before it: no change.
    bar[CLOSE_BEFORE] = close[0]!
    bar[TYPICAL_BEFORE] = (high[0]! + low[0]! + close[0]!) / 3
    for (let i = 0; i <= last; i++) {
      this.#open(high[i]!, low[i]!, close[i]!, volume[i]!)
      this.#preview(closed, 0)
      this.#close()
    }
    first.compute(this.#history, 0, INDICATOR_WARM_UP_BARS)
    first.row(last, closed, 0)
    this.#trend.begin(closed, first.averages, first.movement)
    this.#momentum.begin(first.changes)
    this.#volatility.begin(closed[VOLATILITY_AT + 5]!, closed[4]!, first.atr10[last]!)
  }
}
