import { Atr, Bollinger, Keltner } from './volatility.ts'
import { Cci, HighLow, Mfi, Momentum, Rsi, Stochastic } from './momentum.ts'
import { ZERO } from './shared.ts'
import { DirectionalMovement, Ema, Macd, Sma } from './trend.ts'
import { MoneyFlow, Nvi, Obv, Vpt, Vwap } from './volume.ts'

/** How many values `IndicatorSet.preview` writes. */
export const INDICATOR_OUTPUTS = 35

/** Bars after which every output has a value: the longest of the warm-ups (SMA 50, EMA 50 and the 50-bar volume lines). */
export const INDICATOR_WARM_UP_BARS = 50

/** Window of the volume lines that would otherwise be cumulative. */
export const VOLUME_WINDOW_BARS = 50

/** Where each kernel writes what its next value is made of. */
const SMA = 0
const EMA = 3
const MACD = 9
const MOVE = 15
const RSI = 24
const HIGH_LOW = 32
const CCI = 35
const BANDS = 40
const ATR = 43
const KELTNER = 46
const OBV = 51
const VWAP = 53
const FLOW = 56
const VPT = 59
const NVI = 61
const PARTS = 64

/**
 * The 35 indicators of the feature vector over the candles of one symbol, in the order of the contract. `preview` writes
 * them as they would be if the open bar closed with these numbers and changes nothing; `commit` closes the bar.
 *
 * The kernels say what each indicator is. What they need of the closed bars they write into one array when a bar closes
 * (`prepare`), so that a preview is arithmetic on local numbers: a call of a kernel for each output took four times as long,
 * and every number that it handed back was an object for the garbage collector.
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
  /** High, low, close and volume of the open bar, for `previewBar`: numbers that are handed to a call may become objects. */
  readonly bar = new Float64Array(4)
  readonly #k = new Float64Array(PARTS).fill(Number.NaN)
  readonly #typicals = this.#cci.typicals
  #bars = 0

  /** Bars committed. */
  get bars(): number {
    return this.#bars
  }

  /** Writes the 35 values to `out` from place `at` on. What only a closed bar changes was taken together at its close. */
  preview(high: number, low: number, close: number, volume: number, out: Float64Array, at: number): void {
    const { bar } = this
    bar[0] = high
    bar[1] = low
    bar[2] = close
    bar[3] = volume
    this.previewBar(out, at)
  }

  /** The same of the numbers in `bar`. */
  previewBar(out: Float64Array, at: number): void {
    const k = this.#k
    const { bar } = this
    const high = bar[0]!
    const low = bar[1]!
    const close = bar[2]!
    const volume = bar[3]!
    const typical = (high + low + close) / 3
    out[at] = (k[SMA]! + close) / 10
    out[at + 1] = (k[SMA + 1]! + close) / 20
    out[at + 2] = (k[SMA + 2]! + close) / 50
    out[at + 3] = k[EMA]! + (close - k[EMA]!) * k[EMA + 1]!
    const average20 = k[EMA + 2]! + (close - k[EMA + 2]!) * k[EMA + 3]!
    out[at + 4] = average20
    out[at + 5] = k[EMA + 4]! + (close - k[EMA + 4]!) * k[EMA + 5]!

    const line = k[MACD]! + (close - k[MACD]!) * k[MACD + 1]! - (k[MACD + 2]! + (close - k[MACD + 2]!) * k[MACD + 3]!)
    const signal = k[MACD + 4]! + (line - k[MACD + 4]!) * k[MACD + 5]!
    out[at + 6] = Number.isNaN(signal) ? signal : line
    out[at + 7] = signal
    out[at + 8] = line - signal

    // True range, the same for ADX and both ATR.
    const before = k[MOVE + 2]!
    const above = Math.abs(high - before)
    const below = Math.abs(low - before)
    const width = high - low
    const range = width > above ? (width > below ? width : below) : above > below ? above : below
    const up = high - k[MOVE]!
    const down = k[MOVE + 1]! - low
    const plus = k[MOVE + 3]! + (up > 0 && up > down ? up : 0)
    const minus = k[MOVE + 4]! + (down > 0 && down > up ? down : 0)
    const ranges = k[MOVE + 5]! + range
    let plusDi = 0
    let minusDi = 0
    let adx = k[MOVE + 8]!
    if (!(ranges < ZERO && ranges > -ZERO)) {
      plusDi = 100 * (plus / ranges)
      minusDi = 100 * (minus / ranges)
      const sum = plusDi + minusDi
      if (!(sum < ZERO && sum > -ZERO)) adx = k[MOVE + 6]! + k[MOVE + 7]! * 100 * (Math.abs(minusDi - plusDi) / sum)
    }
    out[at + 9] = adx
    out[at + 10] = plusDi
    out[at + 11] = minusDi

    const change = close - k[RSI]!
    const gain = change > 0 ? change : 0
    const loss = gain - change
    const gain14 = k[RSI + 1]! + gain * k[RSI + 3]!
    const all14 = gain14 + k[RSI + 2]! + loss * k[RSI + 3]!
    out[at + 12] = all14 < ZERO && all14 > -ZERO ? 0 : 100 * (gain14 / all14)
    const gain28 = k[RSI + 5]! + gain * k[RSI + 7]!
    const all28 = gain28 + k[RSI + 6]! + loss * k[RSI + 7]!
    out[at + 13] = all28 < ZERO && all28 > -ZERO ? 0 : 100 * (gain28 / all28)

    const highest = high > k[HIGH_LOW]! ? high : k[HIGH_LOW]!
    const lowest = low < k[HIGH_LOW + 1]! ? low : k[HIGH_LOW + 1]!
    const span = highest - lowest
    const fast = span === 0 ? 0 : ((close - lowest) / span) * 100
    const fastSum = k[HIGH_LOW + 2]! + fast
    out[at + 14] = Number.isNaN(fastSum) ? fastSum : fast
    out[at + 15] = fastSum / 3
    out[at + 16] = span === 0 ? 0 : -100 * ((highest - close) / span)

    const mean = (k[CCI]! + typical) / 20
    const distance = typical - mean
    let deviation = Math.abs(distance)
    const typicals = this.#typicals
    for (let i = 0; i < 19; i++) deviation += Math.abs(typicals[i]! - mean)
    out[at + 17] = (distance < ZERO && distance > -ZERO) || deviation < 1e-14 * 20 * Math.abs(mean) ? 0 : distance / (0.015 * (deviation / 20))
    const then = k[CCI + 1]!
    out[at + 18] = close - then
    out[at + 19] = then === 0 ? 0 : (close / then - 1) * 100
    const flow = typical * volume
    const way = typical - k[CCI + 2]!
    const rising = k[CCI + 3]! + (way >= ZERO ? flow : 0)
    const flows = rising + k[CCI + 4]! + (way <= -ZERO ? flow : 0)
    out[at + 20] = flows < 1 ? 0 : 100 * (rising / flows)

    const moved = close - k[BANDS]!
    const movedMean = (k[BANDS + 1]! + moved) / 20
    const variance = (k[BANDS + 2]! + moved * moved) / 20 - movedMean * movedMean
    const middle = out[at + 1]!
    const least = 1e-14 * Math.abs(middle)
    const reach = variance < least * least ? 0 : 2 * Math.sqrt(variance)
    out[at + 21] = middle + reach
    out[at + 22] = middle
    out[at + 23] = middle - reach
    out[at + 24] = middle === 0 ? 0 : (2 * reach) / middle
    out[at + 25] = reach === 0 ? 0.5 : (close - middle + reach) / (2 * reach)

    out[at + 26] = k[ATR + 1]! + range * k[ATR + 2]!
    const keltner = 2 * (k[KELTNER + 3]! + range * k[KELTNER + 4]!)
    out[at + 27] = average20 + keltner
    out[at + 28] = average20 - keltner

    const last = k[OBV]!
    out[at + 29] = k[OBV + 1]! + (close > last ? volume : close < last ? -volume : 0)
    const total = k[VWAP + 1]! + volume
    out[at + 30] = total <= 1e-9 ? (k[VWAP + 2]! + typical) / 50 : (k[VWAP]! + flow) / total
    const own = width > 0 ? ((close - low - (high - close)) / width) * volume : 0
    out[at + 31] = k[FLOW]! + own
    const flowTotal = k[FLOW + 2]! + volume
    out[at + 32] = flowTotal <= 1e-9 ? 0 : (k[FLOW + 1]! + own) / flowTotal
    out[at + 33] = k[VPT + 1]! + (last === 0 ? 0 : (volume * (close - last)) / last)
    out[at + 34] = k[NVI + 2]! * (volume < k[NVI + 1]! && last > 0 && close > 0 ? close / last : 1)
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
    this.#prepare()
  }

  #prepare(): void {
    const k = this.#k
    this.#sma10.prepare(k, SMA)
    this.#sma20.prepare(k, SMA + 1)
    this.#sma50.prepare(k, SMA + 2)
    this.#ema10.prepare(k, EMA)
    this.#ema20.prepare(k, EMA + 2)
    this.#ema50.prepare(k, EMA + 4)
    this.#macd.prepare(k, MACD)
    this.#movement.prepare(k, MOVE)
    this.#rsi14.prepare(k, RSI)
    this.#rsi28.prepare(k, RSI + 4)
    this.#range.prepare(k, HIGH_LOW)
    this.#stochastic.prepare(k, HIGH_LOW + 2)
    this.#cci.prepare(k, CCI)
    this.#momentum.prepare(k, CCI + 1)
    this.#mfi.prepare(k, CCI + 2)
    this.#bollinger.prepare(k, BANDS)
    this.#atr.prepare(k, ATR)
    this.#keltner.prepare(k, KELTNER)
    this.#obv.prepare(k, OBV)
    this.#vwap.prepare(k, VWAP)
    this.#flow.prepare(k, FLOW)
    this.#vpt.prepare(k, VPT)
    this.#nvi.prepare(k, NVI)
  }

  /** As new: for a history that begins again. */
  reset(): void {
    for (const kernel of [
      this.#sma10, this.#sma20, this.#sma50, this.#ema10, this.#ema20, this.#ema50, this.#macd, this.#movement, this.#rsi14, this.#rsi28, this.#range, this.#stochastic,
      this.#cci, this.#momentum, this.#mfi, this.#bollinger, this.#atr, this.#keltner, this.#obv, this.#vwap, this.#flow, this.#vpt, this.#nvi,
    ]) kernel.reset()
    this.#k.fill(Number.NaN)
    this.#bars = 0
  }
}
