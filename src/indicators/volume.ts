import { type BarColumns, CLOSE, CLOSE_BEFORE, checkPeriod, checkRange, HIGH, LOW, NO_VOLUME, TYPICAL, VOLUME } from './shared.ts'
import { SumRows } from './sum-rows.ts'
import { windowProducts, windowSums } from './window-columns.ts'

/*
 * Volume: on-balance volume, volume-weighted price, accumulation and money flow, volume price trend, negative volume index.
 * For the shape of a family see trend.ts. Lines that others accumulate are taken over the last `period` bars, as if the series
 * began with the first of them: a value then depends on what everybody can see, not on when this process was started, and
 * it cannot grow without bound.
 */

const signed = (close: number, before: number, volume: number): number => (close > before ? volume : close < before ? -volume : 0)
const priceTrend = (close: number, before: number, volume: number): number => (before === 0 ? 0 : (volume * (close - before)) / before)
const negativeChange = (close: number, before: number, volume: number, volumeBefore: number): number => (volume < volumeBefore && before > 0 && close > 0 ? close / before : 1)
/** Share of a bar's volume that the place of its close gives to buyers, −1 to 1, times the volume (Chaikin). Flat bar: 0. */
const flowVolume = (high: number, low: number, close: number, volume: number): number => (high - low > 0 ? ((close - low - (high - close)) / (high - low)) * volume : 0)

/** On-balance volume (Granville 1963) of the last `period` bars. TA-Lib OBV over them: the first bar adds its volume. @param parts scratch @throws RM_INDICATOR_PERIOD, RM_INDICATOR_RANGE */
export function onBalanceVolume({ close, volume }: Pick<BarColumns, 'close' | 'volume'>, period: number, out: Float64Array, from: number, to: number, parts: Float64Array): void {
  checkPeriod('OBV', period, 2)
  checkRange('OBV', from, to, Math.min(close.length, volume.length, out.length, parts.length))
  for (let i = from + 1; i < to; i++) parts[i] = signed(close[i]!, close[i - 1]!, volume[i]!)
  changeSums(parts, period, out, from, to)
  for (let i = from + period - 1; i < to; i++) out[i] = volume[i - period + 1]! + out[i]!
}

/** Sums of what came with the changes within the last `period` bars: the first bar has none. */
function changeSums(parts: Float64Array, period: number, out: Float64Array, from: number, to: number): void {
  if (from === to) return
  out[from] = Number.NaN
  windowSums(parts, period - 1, out, from + 1, to, 1)
}

/** Volume-weighted mean of the typical price over `period` bars. Warm-up: `period` bars. No volume: mean of the typical prices. @param flows, sums scratch @throws RM_INDICATOR_PERIOD, RM_INDICATOR_RANGE */
export function volumeWeightedPrice(typical: Float64Array, volume: Float64Array, period: number, out: Float64Array, from: number, to: number, flows: Float64Array, sums: Float64Array): void {
  checkPeriod('VWAP', period, 1)
  checkRange('VWAP', from, to, Math.min(typical.length, volume.length, out.length, flows.length, sums.length))
  for (let i = from; i < to; i++) flows[i] = typical[i]! * volume[i]!
  windowSums(flows, period, out, from, to, 1)
  windowSums(volume, period, sums, from, to, 1)
  for (let i = from + period - 1; i < to; i++) out[i] = sums[i]! > NO_VOLUME ? out[i]! / sums[i]! : mean(typical, i - period + 1, i + 1)
}

function mean(values: Float64Array, from: number, to: number): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += values[i]!
  return sum / (to - from)
}

/**
 * Accumulation/distribution line of the last `period` bars (TA-Lib AD over them) and Chaikin money flow, the same of `flowPeriod`
 * bars over their volume, 0 without volume. Warm-up: each its period.
 * @param parts, sums scratch @throws RM_INDICATOR_PERIOD, RM_INDICATOR_RANGE
 */
export function moneyFlow(bars: BarColumns, period: number, flowPeriod: number, line: Float64Array, flow: Float64Array, from: number, to: number, parts: Float64Array, sums: Float64Array): void {
  const { high, low, close, volume } = bars
  checkPeriod('AD', period, 1)
  checkPeriod('CMF', flowPeriod, 1)
  checkRange('AD', from, to, Math.min(high.length, low.length, close.length, volume.length, line.length, flow.length, parts.length, sums.length))
  flowVolumes(bars, parts, from, to)
  windowSums(parts, period, line, from, to, 1)
  windowSums(parts, flowPeriod, flow, from, to, 1)
  windowSums(volume, flowPeriod, sums, from, to, 1)
  for (let i = from + flowPeriod - 1; i < to; i++) flow[i] = sums[i]! > NO_VOLUME ? flow[i]! / sums[i]! : 0
}

function flowVolumes({ high, low, close, volume }: BarColumns, parts: Float64Array, from: number, to: number): void {
  for (let i = from; i < to; i++) parts[i] = flowVolume(high[i]!, low[i]!, close[i]!, volume[i]!)
}

/** Volume price trend of the last `period` bars: volume times the relative change of the close, added up. Warm-up: `period` bars. @param parts scratch @throws RM_INDICATOR_PERIOD, RM_INDICATOR_RANGE */
export function volumePriceTrend({ close, volume }: Pick<BarColumns, 'close' | 'volume'>, period: number, out: Float64Array, from: number, to: number, parts: Float64Array): void {
  checkPeriod('VPT', period, 2)
  checkRange('VPT', from, to, Math.min(close.length, volume.length, out.length, parts.length))
  for (let i = from + 1; i < to; i++) parts[i] = priceTrend(close[i]!, close[i - 1]!, volume[i]!)
  changeSums(parts, period, out, from, to)
}

/**
 * Negative volume index (Dysart, Fosback) of the last `period` bars: from 1000 on, changed by the relative change of the close
 * at bars with less volume than the bar before. Warm-up: `period` bars. @param parts scratch @throws RM_INDICATOR_PERIOD, RM_INDICATOR_RANGE
 */
export function negativeVolumeIndex({ close, volume }: Pick<BarColumns, 'close' | 'volume'>, period: number, out: Float64Array, from: number, to: number, parts: Float64Array): void {
  checkPeriod('NVI', period, 2)
  checkRange('NVI', from, to, Math.min(close.length, volume.length, out.length, parts.length))
  if (from === to) return
  for (let i = from + 1; i < to; i++) parts[i] = negativeChange(close[i]!, close[i - 1]!, volume[i]!, volume[i - 1]!)
  out[from] = Number.NaN
  windowProducts(parts, period - 1, out, from + 1, to, 1000)
}

/** Outputs of the family: on-balance volume, volume-weighted price, accumulation line, money flow, volume price trend, negative volume index. */
export const VOLUME_OUTPUTS = 6

/** Closed bars in the windows: the open one makes them whole. */
const LINE = 49
const FLOW = 19
const CHANGES = LINE - 1

/** The volume outputs bar by bar. `close` follows the `preview` of the same bar. */
export class VolumeIndicators {
  /** Traded value, volume and money flow of the line. */
  readonly #line = new SumRows(LINE, 3)
  /** Money flow and volume of Chaikin money flow. */
  readonly #flow = new SumRows(FLOW, 2)
  /** Signed volume and price trend: of changes, of which the first bar of a window has none. */
  readonly #changes = new SumRows(CHANGES, 2)
  /** Of the closed bars in the window, in no order; the next bar takes the place of the oldest. */
  readonly #volumes = new Float64Array(LINE)
  readonly #typicals = new Float64Array(LINE)
  readonly #factors = new Float64Array(CHANGES).fill(1)
  /** Volume of the bar before, the index as far as closed bars make it, and the factor of the bar that was previewed. */
  readonly #k = new Float64Array(3)
  #oldest = 0
  #oldestFactor = 0

  /** Writes the outputs to `out` from place `at` on, as if the bar closed. */
  preview(bar: Float64Array, out: Float64Array, at: number): void {
    const k = this.#k
    const close = bar[CLOSE]!
    const volume = bar[VOLUME]!
    const before = bar[CLOSE_BEFORE]!
    const { cells: changes } = this.#changes
    const { cells: line } = this.#line
    const { cells: flow } = this.#flow
    const side = signed(close, before, volume)
    const trend = priceTrend(close, before, volume)
    const own = flowVolume(bar[HIGH]!, bar[LOW]!, close, volume)
    const traded = bar[TYPICAL]! * volume
    const factor = negativeChange(close, before, volume, k[0]!)
    changes[2] = side
    changes[3] = trend
    line[3] = traded
    line[4] = volume
    line[5] = own
    flow[2] = own
    flow[3] = volume
    k[2] = factor
    out[at] = this.#volumes[this.#oldest]! + changes[0]! + side
    const total = line[1]! + volume
    out[at + 1] = total > NO_VOLUME ? (line[0]! + traded) / total : (mean(this.#typicals, 0, LINE) * LINE + bar[TYPICAL]!) / (LINE + 1)
    out[at + 2] = line[2]! + own
    const flowTotal = flow[1]! + volume
    out[at + 3] = flowTotal > NO_VOLUME ? (flow[0]! + own) / flowTotal : 0
    out[at + 4] = changes[1]! + trend
    out[at + 5] = k[1]! * factor
  }

  close(bar: Float64Array): void {
    this.#changes.push()
    this.#line.push()
    this.#flow.push()
    const k = this.#k
    const oldest = this.#oldest
    this.#volumes[oldest] = bar[VOLUME]!
    this.#typicals[oldest] = bar[TYPICAL]!
    this.#oldest = oldest === LINE - 1 ? 0 : oldest + 1
    const factors = this.#factors
    const place = this.#oldestFactor
    factors[place] = k[2]!
    this.#oldestFactor = place === CHANGES - 1 ? 0 : place + 1
    let a = 1000
    let b = 1
    let c = 1
    let d = 1
    for (let i = 0; i < CHANGES; i += 4) {
      a *= factors[i]!
      b *= factors[i + 1]!
      c *= factors[i + 2]!
      d *= factors[i + 3]!
    }
    k[0] = bar[VOLUME]!
    k[1] = a * b * (c * d)
  }

  reset(): void {
    for (const rows of [this.#line, this.#flow, this.#changes]) rows.reset()
    for (const one of [this.#volumes, this.#typicals, this.#k]) one.fill(0)
    this.#factors.fill(1)
    this.#oldest = this.#oldestFactor = 0
  }
}
