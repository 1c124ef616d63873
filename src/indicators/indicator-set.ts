import { Atr, Bollinger, Keltner } from './volatility.ts'
import { Cci, HighLow, Mfi, Momentum, Rsi, Stochastic, williamsR } from './momentum.ts'
import { DirectionalMovement, Ema, Macd, Sma } from './trend.ts'
import { MoneyFlow, Nvi, Obv, Vpt, Vwap } from './volume.ts'

/** How many values `IndicatorSet.preview` writes. */
export const INDICATOR_OUTPUTS = 35

/** Bars after which every output has a value: the longest of the warm-ups (SMA 50, EMA 50 and the 50-bar volume lines). */
export const INDICATOR_WARM_UP_BARS = 50

/** Window of the volume lines that would otherwise be cumulative. */
export const VOLUME_WINDOW_BARS = 50

/**
 * The 35 indicators of the feature vector over the candles of one symbol, in the order of the contract. `preview` writes
 * them as they would be if the open bar closed with these numbers and changes nothing; `commit` closes the bar.
 * Outputs that are still warming up are NaN. Allocates nothing after it was made.
 */
export class IndicatorSet {
  readonly #sma10 = new Sma(10)
  readonly #sma20 = new Sma(20)
  readonly #sma50 = new Sma(50)
  readonly #ema10 = new Ema(10)
  readonly #ema20 = new Ema(20)
  readonly #ema50 = new Ema(50)
  readonly #macd = new Macd(12, 26, 9)
  readonly #movement = new DirectionalMovement(14)
  readonly #rsi14 = new Rsi(14)
  readonly #rsi28 = new Rsi(28)
  readonly #range = new HighLow(14)
  readonly #stochastic = new Stochastic(this.#range, 3)
  readonly #cci = new Cci(20)
  readonly #momentum = new Momentum(10)
  readonly #mfi = new Mfi(14)
  readonly #bollinger = new Bollinger(20, 2)
  readonly #atr = new Atr(14)
  readonly #keltner = new Keltner(20, 10, 2)
  readonly #obv = new Obv(VOLUME_WINDOW_BARS)
  readonly #vwap = new Vwap(VOLUME_WINDOW_BARS)
  readonly #flow = new MoneyFlow(VOLUME_WINDOW_BARS, 20)
  readonly #vpt = new Vpt(VOLUME_WINDOW_BARS)
  readonly #nvi = new Nvi(VOLUME_WINDOW_BARS)
  #bars = 0

  /** Bars committed. */
  get bars(): number {
    return this.#bars
  }

  /** Writes the 35 values to `out` from place `at` on. */
  preview(high: number, low: number, close: number, volume: number, out: Float64Array, at: number): void {
    const typical = (high + low + close) / 3
    out[at] = this.#sma10.preview(close)
    out[at + 1] = this.#sma20.preview(close)
    out[at + 2] = this.#sma50.preview(close)
    out[at + 3] = this.#ema10.preview(close)
    out[at + 4] = this.#ema20.preview(close)
    out[at + 5] = this.#ema50.preview(close)
    const macd = this.#macd
    macd.preview(close)
    out[at + 6] = macd.line
    out[at + 7] = macd.signal
    out[at + 8] = macd.histogram
    const movement = this.#movement
    movement.preview(high, low)
    out[at + 9] = movement.adx
    out[at + 10] = movement.plusDi
    out[at + 11] = movement.minusDi
    out[at + 12] = this.#rsi14.preview(close)
    out[at + 13] = this.#rsi28.preview(close)
    const range = this.#range
    range.preview(high, low)
    const stochastic = this.#stochastic
    stochastic.preview(close)
    out[at + 14] = stochastic.k
    out[at + 15] = stochastic.d
    out[at + 16] = williamsR(range, close)
    out[at + 17] = this.#cci.preview(typical)
    const momentum = this.#momentum
    momentum.preview(close)
    out[at + 18] = momentum.difference
    out[at + 19] = momentum.percent
    out[at + 20] = this.#mfi.preview(typical, volume)
    const bollinger = this.#bollinger
    bollinger.preview(close)
    out[at + 21] = bollinger.upper
    out[at + 22] = bollinger.middle
    out[at + 23] = bollinger.lower
    out[at + 24] = bollinger.bandwidth
    out[at + 25] = bollinger.percent
    out[at + 26] = this.#atr.preview(high, low)
    const keltner = this.#keltner
    keltner.preview(high, low, close)
    out[at + 27] = keltner.upper
    out[at + 28] = keltner.lower
    out[at + 29] = this.#obv.preview(close, volume)
    out[at + 30] = this.#vwap.preview(typical, volume)
    const flow = this.#flow
    flow.preview(high, low, close, volume)
    out[at + 31] = flow.line
    out[at + 32] = flow.flow
    out[at + 33] = this.#vpt.preview(close, volume)
    out[at + 34] = this.#nvi.preview(close, volume)
  }

  /** Closes the bar. */
  commit(high: number, low: number, close: number, volume: number): void {
    const typical = (high + low + close) / 3
    this.#sma10.commit(close)
    this.#sma20.commit(close)
    this.#sma50.commit(close)
    this.#ema10.commit(close)
    this.#ema20.commit(close)
    this.#ema50.commit(close)
    this.#macd.commit(close)
    this.#movement.commit(high, low, close)
    this.#rsi14.commit(close)
    this.#rsi28.commit(close)
    this.#range.preview(high, low)
    this.#stochastic.commit(close)
    this.#range.commit(high, low)
    this.#cci.commit(typical)
    this.#momentum.commit(close)
    this.#mfi.commit(typical, volume)
    this.#bollinger.commit(close)
    this.#atr.commit(high, low, close)
    this.#keltner.commit(high, low, close)
    this.#obv.commit(close, volume)
    this.#vwap.commit(typical, volume)
    this.#flow.commit(high, low, close, volume)
    this.#vpt.commit(close, volume)
    this.#nvi.commit(close, volume)
    this.#bars++
  }

  /** As new: for a history that begins again. */
  reset(): void {
    for (const kernel of [
      this.#sma10, this.#sma20, this.#sma50, this.#ema10, this.#ema20, this.#ema50, this.#macd, this.#movement, this.#rsi14, this.#rsi28, this.#range, this.#stochastic,
      this.#cci, this.#momentum, this.#mfi, this.#bollinger, this.#atr, this.#keltner, this.#obv, this.#vwap, this.#flow, this.#vpt, this.#nvi,
    ]) kernel.reset()
    this.#bars = 0
  }
}
