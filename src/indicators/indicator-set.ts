import { Rsi } from './momentum.ts'
import { ZERO } from './shared.ts'
import { SumRows } from './sum-rows.ts'
import { DirectionalMovement, Ema, Macd } from './trend.ts'
import { Atr, Keltner } from './volatility.ts'

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

/** Series of the sums over 19 closed bars and over 49: the open bar makes their windows whole. */
const CLOSES = 0
const TYPICALS = 1
const VOLUMES = 2
const OWN = 3
const FLOWS = 4
const RANGE_BARS = 13
/** What Wilder's averages keep of themselves at a bar. */
const KEPT_10 = 9 / 10
const KEPT_14 = 13 / 14
const KEPT_28 = 27 / 28

/**
 * The 35 indicators of the feature vector over the candles of one symbol, in the order of the contract. `preview` writes
 * them as they would be if the open bar closed with these numbers and changes nothing; `commit` closes the bar.
 *
 * The kernels say what each indicator is, one by one, and the tests hold this class to them. Here all are taken together:
 * sums over windows slide in one pass (`SumRows`), averages go on from what the preview of the closing bar says, and a
 * preview is arithmetic on local numbers. A call of a kernel for each output took four times as long, and every number
 * that it was handed or handed back was an object for the garbage collector.
 */
export class IndicatorSet {
  // Averages without an end: as long as they warm up their kernels say what they begin with.
  readonly #ema10 = new Ema(10)
  readonly #ema20 = new Ema(20)
  readonly #ema50 = new Ema(50)
  readonly #macd = new Macd(12, 26, 9)
  readonly #movement = new DirectionalMovement(14)
  readonly #rsi14 = new Rsi(14)
  readonly #rsi28 = new Rsi(28)
  readonly #atr = new Atr(14)
  readonly #keltner = new Keltner(20, 10, 2)
  // Sums over windows of closed bars, and below over those of changes from bar to bar.
  readonly #closes9 = new SumRows(9, 1)
  readonly #closes10 = new SumRows(10, 1)
  readonly #bars19 = new SumRows(19, 4)
  readonly #bars49 = new SumRows(49, 5)
  /** Rising and falling flow. */
  readonly #flows13 = new SumRows(13, 2)
  /** Signed volume, volume times change, logarithms of change. */
  readonly #changes48 = new SumRows(48, 3)
  readonly #closes = this.#bars19.window(CLOSES)
  readonly #highs = new Float64Array(RANGE_BARS)
  readonly #lows = new Float64Array(RANGE_BARS)
  /** Fast stochastic of the newest closed bar. */
  #fast = Number.NaN
  /** The 35 values of the bar that was closed last. */
  readonly closed = new Float64Array(INDICATOR_OUTPUTS)
  /** High, low, close and volume of the open bar, for `previewBar`: numbers that are handed to a call may become objects. */
  readonly bar = new Float64Array(4)
  readonly #k = new Float64Array(PARTS).fill(Number.NaN)
  readonly #typicals = this.#bars19.window(TYPICALS)
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

  /** Closes the bar: what a preview of it says is in `closed` from then on. */
  commit(high: number, low: number, close: number, volume: number): void {
    const { bar } = this
    bar[0] = high
    bar[1] = low
    bar[2] = close
    bar[3] = volume
    this.previewBar(this.closed, 0)
    if (this.#bars < INDICATOR_WARM_UP_BARS) this.#begin()
    else this.#average()
    this.#slide()
    this.#bars++
  }

  /** The averages, while they warm up. */
  #begin(): void {
    const k = this.#k
    const { bar } = this
    const high = bar[0]!
    const low = bar[1]!
    const close = bar[2]!
    this.#ema10.commit(close)
    this.#ema20.commit(close)
    this.#ema50.commit(close)
    this.#macd.commit(close)
    this.#movement.commit(high, low, close)
    this.#rsi14.commit(close)
    this.#rsi28.commit(close)
    this.#atr.commit(high, low, close)
    this.#keltner.commit(high, low, close)
    this.#ema10.prepare(k, EMA)
    this.#ema20.prepare(k, EMA + 2)
    this.#ema50.prepare(k, EMA + 4)
    this.#macd.prepare(k, MACD)
    this.#movement.prepare(k, MOVE)
    this.#rsi14.prepare(k, RSI)
    this.#rsi28.prepare(k, RSI + 4)
    this.#atr.prepare(k, ATR)
    this.#keltner.prepare(k, KELTNER)
  }

  /** The averages from there on: what a preview of the bar says is what they are when it closes. */
  #average(): void {
    const k = this.#k
    const now = this.closed
    const { bar } = this
    const high = bar[0]!
    const low = bar[1]!
    const close = bar[2]!
    k[EMA] = now[3]!
    k[EMA + 2] = now[4]!
    k[EMA + 4] = now[5]!
    k[MACD] = k[MACD]! + (close - k[MACD]!) * k[MACD + 1]!
    k[MACD + 2] = k[MACD + 2]! + (close - k[MACD + 2]!) * k[MACD + 3]!
    k[MACD + 4] = now[7]!
    const before = k[MOVE + 2]!
    const range = Math.max(high - low, Math.abs(high - before), Math.abs(low - before))
    const up = high - k[MOVE]!
    const down = k[MOVE + 1]! - low
    k[MOVE] = high
    k[MOVE + 1] = low
    k[MOVE + 2] = close
    k[MOVE + 3] = (k[MOVE + 3]! + (up > 0 && up > down ? up : 0)) * KEPT_14
    k[MOVE + 4] = (k[MOVE + 4]! + (down > 0 && down > up ? down : 0)) * KEPT_14
    k[MOVE + 5] = (k[MOVE + 5]! + range) * KEPT_14
    k[MOVE + 6] = now[9]! * KEPT_14
    k[MOVE + 8] = now[9]!
    const change = close - k[RSI]!
    const gain = change > 0 ? change : 0
    const loss = gain - change
    k[RSI] = close
    k[RSI + 1] = (k[RSI + 1]! + gain * k[RSI + 3]!) * KEPT_14
    k[RSI + 2] = (k[RSI + 2]! + loss * k[RSI + 3]!) * KEPT_14
    k[RSI + 5] = (k[RSI + 5]! + gain * k[RSI + 7]!) * KEPT_28
    k[RSI + 6] = (k[RSI + 6]! + loss * k[RSI + 7]!) * KEPT_28
    k[ATR + 1] = now[26]! * KEPT_14
    k[KELTNER + 3] = (k[KELTNER + 3]! + range * k[KELTNER + 4]!) * KEPT_10
  }

  /** The windows. */
  #slide(): void {
    const k = this.#k
    const { bar } = this
    const high = bar[0]!
    const low = bar[1]!
    const close = bar[2]!
    const volume = bar[3]!
    const typical = (high + low + close) / 3
    const flow = typical * volume
    const width = high - low
    const own = width > 0 ? ((close - low - (high - close)) / width) * volume : 0
    const bars = this.#bars
    if (bars > 0) {
      const last = k[OBV]!
      const way = typical - k[CCI + 2]!
      const { input: flows } = this.#flows13
      flows[0] = way >= ZERO ? flow : 0
      flows[1] = way <= -ZERO ? flow : 0
      this.#flows13.push()
      const { input: changes } = this.#changes48
      changes[0] = close > last ? volume : close < last ? -volume : 0
      changes[1] = last === 0 ? 0 : (volume * (close - last)) / last
      // A product of changes as a sum of logarithms, so that it can slide.
      changes[2] = volume < k[NVI + 1]! && last > 0 && close > 0 ? Math.log(close / last) : 0
      this.#changes48.push()
    }
    const { sums: flowed } = this.#flows13
    const { sums: changed } = this.#changes48
    this.#closes9.input[0] = close
    this.#closes9.push()
    this.#closes10.input[0] = close
    this.#closes10.push()
    const { input: short, sums: sums19 } = this.#bars19
    short[CLOSES] = close
    short[TYPICALS] = typical
    short[VOLUMES] = volume
    short[OWN] = own
    this.#bars19.push()
    const { input: long, sums: sums49 } = this.#bars49
    long[CLOSES] = close
    long[TYPICALS] = typical
    long[VOLUMES] = volume
    long[OWN] = own
    long[FLOWS] = flow
    this.#bars49.push()
    k[SMA] = this.#closes9.sums[0]!
    k[SMA + 1] = sums19[CLOSES]!
    k[SMA + 2] = sums49[CLOSES]!

    const highest = high > k[HIGH_LOW]! ? high : k[HIGH_LOW]!
    const lowest = low < k[HIGH_LOW + 1]! ? low : k[HIGH_LOW + 1]!
    const fast = highest === lowest ? 0 : ((close - lowest) / (highest - lowest)) * 100
    k[HIGH_LOW + 2] = this.#fast + fast
    this.#fast = fast
    const highs = this.#highs
    const lows = this.#lows
    highs[bars % RANGE_BARS] = high
    lows[bars % RANGE_BARS] = low
    if (bars >= RANGE_BARS - 1) {
      let top = high
      let bottom = low
      for (let i = 0; i < RANGE_BARS; i++) {
        if (highs[i]! > top) top = highs[i]!
        if (lows[i]! < bottom) bottom = lows[i]!
      }
      k[HIGH_LOW] = top
      k[HIGH_LOW + 1] = bottom
    }

    k[CCI] = sums19[TYPICALS]!
    k[CCI + 1] = this.#closes10.oldest[0]!
    k[CCI + 2] = typical
    k[CCI + 3] = flowed[0]!
    k[CCI + 4] = flowed[1]!
    if (!Number.isNaN(sums19[CLOSES]!)) this.#bands()
    k[OBV] = close
    k[OBV + 1] = this.#bars49.oldest[VOLUMES]! + changed[0]!
    k[VWAP] = sums49[FLOWS]!
    k[VWAP + 1] = sums49[VOLUMES]!
    k[VWAP + 2] = sums49[TYPICALS]!
    k[FLOW] = sums49[OWN]!
    k[FLOW + 1] = sums19[OWN]!
    k[FLOW + 2] = sums19[VOLUMES]!
    k[VPT + 1] = changed[1]!
    k[NVI + 1] = volume
    k[NVI + 2] = 1000 * Math.exp(changed[2]!)
  }

  /** Distances of the closes from the newest one: around a close of the window their squares are as small as the changes are. */
  #bands(): void {
    const k = this.#k
    const close = this.bar[2]!
    const closes = this.#closes
    let sum = 0
    let squares = 0
    for (let i = 0; i < 19; i++) {
      const distance = closes[i]! - close
      sum += distance
      squares += distance * distance
    }
    k[BANDS] = close
    k[BANDS + 1] = sum
    k[BANDS + 2] = squares
  }

  /** As new: for a history that begins again. */
  reset(): void {
    for (const kernel of [this.#ema10, this.#ema20, this.#ema50, this.#macd, this.#movement, this.#rsi14, this.#rsi28, this.#atr, this.#keltner]) kernel.reset()
    for (const rows of [this.#closes9, this.#closes10, this.#bars19, this.#bars49, this.#flows13, this.#changes48]) rows.reset()
    this.#k.fill(Number.NaN)
    this.#fast = Number.NaN
    this.#bars = 0
  }
}
