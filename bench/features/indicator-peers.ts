/** The other libraries, each behind the same two calls: close a bar, and revise the open one where they can. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import * as technicalModule from 'technicalindicators'
import * as signals from 'trading-signals'

/** Writes its outputs to `out` in the order of `names`. */
export interface IndicatorPeer {
  readonly name: string
  /** Names of the feature vector that its outputs are the same as. */
  readonly names: readonly string[]
  /** How far off an output may be that the library rounds. */
  readonly rounds?: Readonly<Record<string, number>>
  close(high: number, low: number, close: number, volume: number, out: Float64Array): void
  /** Absent where the library cannot do it. */
  readonly revise?: (high: number, low: number, close: number, volume: number, out: Float64Array) => void
}

// A CommonJS module whose names Node does not find: they are on the default.
const technical = (technicalModule as unknown as { readonly default: typeof technicalModule }).default

const AVERAGES = ['sma_10', 'sma_20', 'sma_50', 'ema_10', 'ema_20', 'ema_50'] as const
const PERIODS = [10, 20, 50] as const

interface DebutOne {
  nextValue(...values: number[]): unknown
  momentValue(...values: number[]): unknown
}
type DebutModule = Readonly<Record<string, new (...periods: number[]) => DebutOne>>
type Bands = { readonly lower: number; readonly middle: number; readonly upper: number } | undefined

/** `@debut/indicators` (GPL), null where it is not installed: see bench/peers/README.md. */
export function debutPeer(): IndicatorPeer | null {
  let debut: DebutModule
  try {
    debut = createRequire(join(import.meta.dirname, '../peers/package.json'))('@debut/indicators') as DebutModule
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    return null
  }
  const make = (kind: string, ...periods: number[]): DebutOne => new debut[kind]!(...periods)
  const averages = [...PERIODS.map((period) => make('SMA', period)), ...PERIODS.map((period) => make('EMA', period))]
  const rsi14 = make('RSI', 14)
  const rsi28 = make('RSI', 28)
  const cci = make('CCI', 20)
  const roc = make('ROC', 10)
  const atr = make('ATR', 14)
  const bands = make('BollingerBands', 20, 2)
  const macd = make('MACD', 12, 26, 9)
  const stochastic = make('Stochastic', 14, 3)
  const adx = make('ADX', 14)
  type Way = 'nextValue' | 'momentValue'
  const run = (way: Way, high: number, low: number, close: number, out: Float64Array): void => {
    for (let i = 0; i < 6; i++) out[i] = averages[i]![way](close) as number
    out[6] = rsi14[way](close) as number
    out[7] = rsi28[way](close) as number
    out[8] = cci[way](high, low, close) as number
    out[9] = roc[way](close) as number
    out[10] = atr[way](high, low, close) as number
    const band = bands[way](close) as Bands
    out[11] = band?.upper ?? Number.NaN
    out[12] = band?.middle ?? Number.NaN
    out[13] = band?.lower ?? Number.NaN
    const lines = macd[way](close) as { macd: number; signal: number; histogram: number } | undefined
    out[14] = lines?.macd ?? Number.NaN
    out[15] = lines?.signal ?? Number.NaN
    out[16] = lines?.histogram ?? Number.NaN
    const k = stochastic[way](high, low, close) as { k: number; d: number } | undefined
    out[17] = k?.k ?? Number.NaN
    out[18] = k?.d ?? Number.NaN
    const movement = adx[way](high, low, close) as { adx: number; pdi: number; mdi: number } | undefined
    out[19] = movement?.adx ?? Number.NaN
    out[20] = movement?.pdi ?? Number.NaN
    out[21] = movement?.mdi ?? Number.NaN
  }
  return {
    name: '@debut/indicators 1.4.2',
    names: [...AVERAGES, 'rsi_14', 'rsi_28', 'cci', 'roc', 'atr_14', 'bollinger_upper', 'bollinger_middle', 'bollinger_lower', 'macd', 'macd_signal', 'macd_histogram', 'stochastic_k', 'stochastic_d', 'adx', 'plus_di', 'minus_di'],
    close: (high, low, close, _volume, out) => run('nextValue', high, low, close, out),
    revise: (high, low, close, _volume, out) => run('momentValue', high, low, close, out),
  }
}

/** `trading-signals`: every indicator takes a bar or replaces the last one. */
export function signalsPeer(): IndicatorPeer {
  const averages = [...PERIODS.map((period) => new signals.SMA(period)), ...PERIODS.map((period) => new signals.EMA(period))]
  const rsi14 = new signals.RSI(14, signals.WSMA)
  const rsi28 = new signals.RSI(28, signals.WSMA)
  const cci = new signals.CCI(20)
  const roc = new signals.ROC(10)
  const momentum = new signals.MOM(10)
  const atr = new signals.ATR(14, signals.WSMA)
  const bands = new signals.BollingerBands(20, 2)
  const macd = new signals.MACD(new signals.EMA(12), new signals.EMA(26), new signals.EMA(9))
  const williams = new signals.WilliamsR(14)
  const flow = new signals.MFI(14)
  const money = new signals.CMF(20)
  const run = (replace: boolean, high: number, low: number, close: number, volume: number, out: Float64Array): void => {
    const bar = { open: close, high, low, close, volume }
    for (let i = 0; i < 6; i++) out[i] = averages[i]!.update(close, replace) ?? Number.NaN
    out[6] = rsi14.update(close, replace) ?? Number.NaN
    out[7] = rsi28.update(close, replace) ?? Number.NaN
    out[8] = cci.update(bar, replace) ?? Number.NaN
    out[9] = (roc.update(close, replace) ?? Number.NaN) * 100
    out[10] = momentum.update(close, replace) ?? Number.NaN
    out[11] = atr.update(bar, replace) ?? Number.NaN
    const band = bands.update(close, replace)
    out[12] = band?.upper ?? Number.NaN
    out[13] = band?.middle ?? Number.NaN
    out[14] = band?.lower ?? Number.NaN
    const lines = macd.update(close, replace)
    out[15] = lines?.macd ?? Number.NaN
    out[16] = lines?.signal ?? Number.NaN
    out[17] = lines?.histogram ?? Number.NaN
    out[18] = williams.update(bar, replace) ?? Number.NaN
    out[19] = flow.update(bar, replace) ?? Number.NaN
    out[20] = money.update(bar, replace) ?? Number.NaN
  }
  return {
    name: 'trading-signals 8.3.0',
    names: [...AVERAGES, 'rsi_14', 'rsi_28', 'cci', 'roc', 'momentum_10', 'atr_14', 'bollinger_upper', 'bollinger_middle', 'bollinger_lower', 'macd', 'macd_signal', 'macd_histogram', 'williams_r', 'mfi', 'cmf'],
    close: (high, low, close, volume, out) => run(false, high, low, close, volume, out),
    revise: (high, low, close, volume, out) => run(true, high, low, close, volume, out),
  }
}

/** `technicalindicators`: takes closed bars only. */
export function technicalPeer(): IndicatorPeer {
  const averages = [...PERIODS.map((period) => new technical.SMA({ period, values: [] })), ...PERIODS.map((period) => new technical.EMA({ period, values: [] }))]
  const rsi14 = new technical.RSI({ period: 14, values: [] })
  const rsi28 = new technical.RSI({ period: 28, values: [] })
  const columns = { high: [], low: [], close: [] }
  const cci = new technical.CCI({ period: 20, ...columns })
  const roc = new technical.ROC({ period: 10, values: [] })
  const atr = new technical.ATR({ period: 14, ...columns })
  const bands = new technical.BollingerBands({ period: 20, stdDev: 2, values: [] })
  const macd = new technical.MACD({ fastPeriod: 12, slowPeriod: 26, signalPeriod: 9, SimpleMAOscillator: false, SimpleMASignal: false, values: [] })
  const stochastic = new technical.Stochastic({ period: 14, signalPeriod: 3, ...columns })
  const adx = new technical.ADX({ period: 14, ...columns })
  const williams = new technical.WilliamsR({ period: 14, ...columns })
  // Its types leave out that a bar goes in and nothing may come out.
  const next = (one: object, value: unknown): unknown => (one as { nextValue(value: unknown): unknown }).nextValue(value)
  return {
    name: 'technicalindicators 3.1.0',
    names: [...AVERAGES, 'rsi_14', 'rsi_28', 'cci', 'roc', 'atr_14', 'bollinger_upper', 'bollinger_middle', 'bollinger_lower', 'macd', 'macd_signal', 'macd_histogram', 'stochastic_k', 'stochastic_d', 'adx', 'plus_di', 'minus_di', 'williams_r'],
    rounds: { rsi_14: 0.005, rsi_28: 0.005 },
    close(high, low, close, volume, out) {
      const bar = { open: close, high, low, close, volume }
      for (let i = 0; i < 6; i++) out[i] = (next(averages[i]!, close) as number | undefined) ?? Number.NaN
      out[6] = (next(rsi14, close) as number | undefined) ?? Number.NaN
      out[7] = (next(rsi28, close) as number | undefined) ?? Number.NaN
      out[8] = (next(cci, bar) as number | undefined) ?? Number.NaN
      out[9] = (next(roc, close) as number | undefined) ?? Number.NaN
      out[10] = (next(atr, bar) as number | undefined) ?? Number.NaN
      const band = (next(bands, close) as { upper: number; middle: number; lower: number } | undefined)
      out[11] = band?.upper ?? Number.NaN
      out[12] = band?.middle ?? Number.NaN
      out[13] = band?.lower ?? Number.NaN
      const lines = (next(macd, close) as { MACD?: number; signal?: number; histogram?: number } | undefined)
      out[14] = lines?.MACD ?? Number.NaN
      out[15] = lines?.signal ?? Number.NaN
      out[16] = lines?.histogram ?? Number.NaN
      const k = (next(stochastic, bar) as { k: number; d: number } | undefined)
      out[17] = k?.k ?? Number.NaN
      out[18] = k?.d ?? Number.NaN
      const movement = (next(adx, bar) as { adx: number; pdi: number; mdi: number } | undefined)
      out[19] = movement?.adx ?? Number.NaN
      out[20] = movement?.pdi ?? Number.NaN
      out[21] = movement?.mdi ?? Number.NaN
      out[22] = (next(williams, bar) as number | undefined) ?? Number.NaN
    },
  }
}
