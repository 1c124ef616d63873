import { CLOSE, CLOSE_BEFORE, checkPeriod, checkRange, HIGH, isZero, LOW, risen, TYPICAL, TYPICAL_BEFORE, VOLUME } from './shared.ts'
import { channelIndex } from './channel-index.ts'
import { SlidingRange } from './sliding-range.ts'
import { SumRows } from './sum-rows.ts'
import { windowSums } from './window-columns.ts'

/* Momentum: RSI, stochastic, Williams %R, CCI, momentum, money flow index. For the shape of a family see trend.ts. */

/**
 * Relative strength index (Wilder 1978), 0 to 100. TA-Lib RSI. Warm-up: `period + 1` bars. Flat market: 0, when there was
 * neither gain nor loss (TA-Lib's rule; others say 50).
 * @param averages where the averages of gain and loss are left, from place `at` on @throws RM_INDICATOR_PERIOD, RM_INDICATOR_RANGE
 */
export function rsi(close: Float64Array, period: number, out: Float64Array, from: number, to: number, averages: Float64Array, at = 0): void {
  checkPeriod('RSI', period, 2)
  checkRange('RSI', from, to, Math.min(close.length, out.length))
  const first = from + period
  out.fill(Number.NaN, from, Math.min(first, to))
  const kept = (period - 1) / period
  const weight = 1 / period
  let gain = 0
  let loss = 0
  // The first `period` changes count alike.
  for (let i = from + 1; i <= first && i < to; i++) {
    const change = close[i]! - close[i - 1]!
    const up = risen(change)
    gain += up * weight
    loss += (up - change) * weight
  }
  for (let i = first; i < to; i++) {
    if (i > first) {
      const change = close[i]! - close[i - 1]!
      const up = risen(change)
      gain = gain * kept + up * weight
      loss = loss * kept + (up - change) * weight
    }
    const both = gain + loss
    out[i] = isZero(both) ? 0 : 100 * (gain / both)
  }
  averages[at] = gain
  averages[at + 1] = loss
}

/**
 * Fast stochastic (Lane): where the close lies in the range of the last bars, in percent, and the mean of its last `smooth`
 * values. TA-Lib STOCHF. Warm-up: that of the range and `smooth − 1` bars more, for both. Flat range: 0.
 * @param highest, lowest of `period` bars @throws RM_INDICATOR_PERIOD, RM_INDICATOR_RANGE
 */
export function stochastic(close: Float64Array, highest: Float64Array, lowest: Float64Array, period: number, smooth: number, k: Float64Array, d: Float64Array, from: number, to: number): void {
  checkPeriod('stochastic', period, 1)
  checkPeriod('stochastic', smooth, 1)
  checkRange('stochastic', from, to, Math.min(close.length, highest.length, lowest.length, k.length, d.length))
  for (let i = from; i < to; i++) {
    const width = highest[i]! - lowest[i]!
    k[i] = width === 0 ? 0 : 100 * ((close[i]! - lowest[i]!) / width)
  }
  const first = Math.min(to, from + period + smooth - 2)
  for (let i = first; i < to; i++) {
    let sum = 0
    for (let back = 0; back < smooth; back++) sum += k[i - back]!
    d[i] = sum / smooth
  }
  k.fill(Number.NaN, from, first)
  d.fill(Number.NaN, from, first)
}

/** Williams %R, −100 to 0: distance of the close from the highest high. TA-Lib WILLR. Flat range: 0. Warm-up: that of the range. @throws RM_INDICATOR_RANGE */
export function williamsR(close: Float64Array, highest: Float64Array, lowest: Float64Array, out: Float64Array, from: number, to: number): void {
  checkRange('Williams %R', from, to, Math.min(close.length, highest.length, lowest.length, out.length))
  for (let i = from; i < to; i++) {
    const width = highest[i]! - lowest[i]!
    out[i] = width === 0 ? 0 : 100 * ((close[i]! - highest[i]!) / width)
  }
}

/** Change since `period` bars ago, as a difference (TA-Lib MOM) and in percent (TA-Lib ROC). Warm-up: `period + 1` bars. @throws RM_INDICATOR_PERIOD, RM_INDICATOR_RANGE */
export function momentum(close: Float64Array, period: number, difference: Float64Array, percent: Float64Array, from: number, to: number): void {
  checkPeriod('MOM', period, 1)
  checkRange('MOM', from, to, Math.min(close.length, difference.length, percent.length))
  const first = Math.min(from + period, to)
  difference.fill(Number.NaN, from, first)
  percent.fill(Number.NaN, from, first)
  for (let i = first; i < to; i++) {
    const then = close[i - period]!
    difference[i] = close[i]! - then
    percent[i] = then === 0 ? 0 : (close[i]! / then - 1) * 100
  }
}

/**
 * Money flow index, 0 to 100: share of the traded value that came with a rising typical price. TA-Lib MFI. Warm-up:
 * `period + 1` bars. Rule: 0 when less than 1 unit of value was traded in the window (TA-Lib).
 * @param flows, rising, sums scratch @throws RM_INDICATOR_PERIOD, RM_INDICATOR_RANGE
 */
export function moneyFlowIndex(typical: Float64Array, volume: Float64Array, period: number, out: Float64Array, from: number, to: number, flows: Float64Array, rising: Float64Array, sums: Float64Array): void {
  checkPeriod('MFI', period, 2)
  checkRange('MFI', from, to, Math.min(typical.length, volume.length, out.length, flows.length, rising.length, sums.length))
  if (from === to) return
  out[from] = Number.NaN
  tradedValues(typical, volume, flows, rising, from, to)
  windowSums(flows, period, sums, from + 1, to, 1)
  windowSums(rising, period, out, from + 1, to, 1)
  for (let i = from + period; i < to; i++) out[i] = sums[i]! < 1 ? 0 : 100 * (out[i]! / sums[i]!)
}

/** Traded value of the bars whose typical price moved, and of those where it rose. */
function tradedValues(typical: Float64Array, volume: Float64Array, flows: Float64Array, rising: Float64Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const way = typical[i]! - typical[i - 1]!
    const flow = isZero(way) ? 0 : typical[i]! * volume[i]!
    flows[i] = flow
    rising[i] = way > 0 ? flow : 0
  }
}

/** Outputs of the family: RSI 14, 28, %K, %D, Williams %R, CCI, momentum 10, rate of change 10, money flow index. */
export const MOMENTUM_OUTPUTS = 9

const CCI_BARS = 20
const LAG = 10
const W14 = 1 / 14
const W28 = 1 / 28
const KEPT14 = 13 / 14
const KEPT28 = 27 / 28

/** What the family keeps of the closed bars; with `NEXT` added, what that will be when the bar closes. */
const GAIN14 = 0
const LOSS14 = 1
const GAIN28 = 2
const LOSS28 = 3
const FAST = 4
const NEXT = 5
/** The fast stochastic one bar before, and the sum of the typical prices of the window of CCI. */
const FAST_BEFORE = 10
const TYPICALS = 11

/** The momentum outputs bar by bar, once the averages have begun. `close` follows the `preview` of the same bar. */
export class MomentumIndicators {
  readonly #range = new SlidingRange(13)
  /** Rising flow and all flow. */
  readonly #flows = new SumRows(13, 2)
  /** The bars of the window of CCI in no order, the open one at its place. */
  readonly #typicals = new Float64Array(CCI_BARS)
  readonly #closes = new Float64Array(LAG)
  readonly #k = new Float64Array(12)
  #place = 0
  #then = 0

  /** The windows are full: averages of gain and loss, of 14 and of 28 bars, at the last closed bar. */
  begin(averages: Float64Array): void {
    this.#k.set(averages, GAIN14)
  }

  /** Writes the outputs to `out` from place `at` on, as if the bar closed. */
  preview(bar: Float64Array, out: Float64Array, at: number): void {
    const k = this.#k
    const close = bar[CLOSE]!
    const change = close - bar[CLOSE_BEFORE]!
    const up = risen(change)
    const down = up - change
    const gain14 = k[GAIN14]! * KEPT14 + up * W14
    const loss14 = k[LOSS14]! * KEPT14 + down * W14
    const gain28 = k[GAIN28]! * KEPT28 + up * W28
    const loss28 = k[LOSS28]! * KEPT28 + down * W28
    k[NEXT + GAIN14] = gain14
    k[NEXT + LOSS14] = loss14
    k[NEXT + GAIN28] = gain28
    k[NEXT + LOSS28] = loss28
    out[at] = isZero(gain14 + loss14) ? 0 : 100 * (gain14 / (gain14 + loss14))
    out[at + 1] = isZero(gain28 + loss28) ? 0 : 100 * (gain28 / (gain28 + loss28))

    const { cells: range } = this.#range
    const highest = bar[HIGH]! > range[0]! ? bar[HIGH]! : range[0]!
    const lowest = bar[LOW]! < range[1]! ? bar[LOW]! : range[1]!
    const width = highest - lowest
    const fast = width === 0 ? 0 : 100 * ((close - lowest) / width)
    k[NEXT + FAST] = fast
    out[at + 2] = fast
    out[at + 3] = (k[FAST_BEFORE]! + k[FAST]! + fast) / 3
    out[at + 4] = width === 0 ? 0 : 100 * ((close - highest) / width)

    const typical = bar[TYPICAL]!
    const typicals = this.#typicals
    const mean = (k[TYPICALS]! + typical) * (1 / CCI_BARS)
    typicals[this.#place] = typical
    // Several sums at once: a single one waits for each addition.
    let a = 0
    let b = 0
    let c = 0
    let d = 0
    for (let i = 0; i < CCI_BARS; i += 4) {
      a += Math.abs(typicals[i]! - mean)
      b += Math.abs(typicals[i + 1]! - mean)
      c += Math.abs(typicals[i + 2]! - mean)
      d += Math.abs(typicals[i + 3]! - mean)
    }
    out[at + 5] = channelIndex(typical - mean, a + b + (c + d), mean, CCI_BARS)
    const then = this.#closes[this.#then]!
    out[at + 6] = close - then
    out[at + 7] = then === 0 ? 0 : (close / then - 1) * 100

    const { cells: flows } = this.#flows
    const way = typical - bar[TYPICAL_BEFORE]!
    const flow = isZero(way) ? 0 : typical * bar[VOLUME]!
    flows[2] = way > 0 ? flow : 0
    flows[3] = flow
    const all = flows[1]! + flow
    out[at + 8] = all < 1 ? 0 : 100 * ((flows[0]! + flows[2]) / all)
  }

  close(bar: Float64Array): void {
    const k = this.#k
    k[FAST_BEFORE] = k[FAST]!
    for (let i = 0; i < NEXT; i++) k[i] = k[NEXT + i]!
    this.#range.push(bar)
    this.#flows.push()
    const then = this.#then
    this.#closes[then] = bar[CLOSE]!
    this.#then = then === LAG - 1 ? 0 : then + 1
    const typicals = this.#typicals
    const next = this.#place === CCI_BARS - 1 ? 0 : this.#place + 1
    typicals[next] = 0
    this.#place = next
    let a = 0
    let b = 0
    let c = 0
    let d = 0
    for (let i = 0; i < CCI_BARS; i += 4) {
      a += typicals[i]!
      b += typicals[i + 1]!
      c += typicals[i + 2]!
      d += typicals[i + 3]!
    }
    k[TYPICALS] = a + b + (c + d)
  }

  reset(): void {
    this.#range.reset()
    this.#flows.reset()
    this.#typicals.fill(0)
    this.#closes.fill(0)
    this.#k.fill(0)
    this.#place = this.#then = 0
  }
}
