import { entriesOf, type FeatureRow } from './feature-entry.ts'

const NONE = 'no division'
const bars = (count: number): string => `${count} candles, the forming one included`
const all = (count: number): string => `all candles, weights falling; counted from ${count}`
const W50 = bars(50)
const POSITIVE = '> 0'
const COUNTED = '≥ 0'
const PERCENT = '0 … 100'
const FREE = 'unbounded'

const average = (name: string, kind: 'SMA' | 'EMA', period: number): FeatureRow => [
  name,
  kind === 'SMA' ? `mean of the last ${period} closes` : `e + (c − e) · 2 / ${period + 1}, begun with the mean of ${period} closes`,
  'quote', kind === 'SMA' ? bars(period) : all(period), bars(period), POSITIVE, NONE, `TA-Lib ${kind}(${period})`,
]

const movement = 'Wilder sums over 14 candles'

/** The indicator channel, in the order of the vector: `IndicatorSet` writes it. */
const rows: readonly FeatureRow[] = [
  average('sma_10', 'SMA', 10),
  average('sma_20', 'SMA', 20),
  average('sma_50', 'SMA', 50),
  average('ema_10', 'EMA', 10),
  average('ema_20', 'EMA', 20),
  average('ema_50', 'EMA', 50),
  ['macd', 'EMA 12 − EMA 26 of the close', 'quote', all(34), bars(34), FREE, NONE, 'TA-Lib MACD(12, 26, 9)'],
  ['macd_signal', 'EMA 9 of macd', 'quote', all(34), bars(34), FREE, NONE, 'TA-Lib MACD(12, 26, 9)'],
  ['macd_histogram', 'macd − macd_signal', 'quote', all(34), bars(34), FREE, NONE, 'TA-Lib MACD(12, 26, 9)'],
  ['adx', 'smoothed 100 · |plus_di − minus_di| / (plus_di + minus_di)', 'percent', movement, bars(28), PERCENT, 'keeps its value when there is no movement; 0 in a flat market', 'Wilder (1978), TA-Lib ADX(14)'],
  ['plus_di', '100 · upward movement / true range', 'percent', movement, bars(15), PERCENT, '0 when there is no true range', 'Wilder (1978), TA-Lib PLUS_DI(14)'],
  ['minus_di', '100 · downward movement / true range', 'percent', movement, bars(15), PERCENT, '0 when there is no true range', 'Wilder (1978), TA-Lib MINUS_DI(14)'],

  ['rsi_14', '100 · gains / (gains + losses), Wilder averages', 'percent', all(15), bars(15), PERCENT, '0 without gains and losses', 'Wilder (1978), TA-Lib RSI(14)'],
  ['rsi_28', '100 · gains / (gains + losses), Wilder averages', 'percent', all(29), bars(29), PERCENT, '0 without gains and losses', 'Wilder (1978), TA-Lib RSI(28)'],
  ['stochastic_k', '100 · (c − lowest low) / (highest high − lowest low) of 14', 'percent', bars(14), bars(16), PERCENT, '0 in a flat range', 'Lane, TA-Lib STOCHF(14, 3)'],
  ['stochastic_d', 'mean of the last 3 stochastic_k', 'percent', bars(16), bars(16), PERCENT, '0 in a flat range', 'Lane, TA-Lib STOCHF(14, 3)'],
  ['williams_r', '−100 · (highest high − c) / (highest high − lowest low) of 14', 'percent', bars(14), bars(14), '−100 … 0', '0 in a flat range', 'Williams, TA-Lib WILLR(14)'],
  ['cci', '(typical − mean) / (0.015 · mean deviation) of 20', 'ratio', bars(20), bars(20), FREE, '0 in a flat market', 'Lambert (1980), TA-Lib CCI(20)'],
  ['momentum_10', 'c − c₋₁₀', 'quote', bars(11), bars(11), FREE, NONE, 'TA-Lib MOM(10)'],
  ['roc', '100 · (c / c₋₁₀ − 1)', 'percent', bars(11), bars(11), '> −100', '0 when c₋₁₀ is 0', 'TA-Lib ROC(10)'],
  ['mfi', '100 · rising flow / flow; flow: typical · v', 'percent', bars(15), bars(15), PERCENT, '0 when less than 1 quote of value was traded', 'TA-Lib MFI(14)'],

  ['bollinger_upper', 'SMA 20 + 2 σ, population deviation', 'quote', bars(20), bars(20), POSITIVE, NONE, 'Bollinger, TA-Lib BBANDS(20, 2, 2)'],
  ['bollinger_middle', 'SMA 20', 'quote', bars(20), bars(20), POSITIVE, NONE, 'Bollinger, TA-Lib BBANDS(20, 2, 2)'],
  ['bollinger_lower', 'SMA 20 − 2 σ', 'quote', bars(20), bars(20), FREE, NONE, 'Bollinger, TA-Lib BBANDS(20, 2, 2)'],
  ['bollinger_width', '(upper − lower) / middle', 'fraction', bars(20), bars(20), COUNTED, '0 when middle is 0', 'Bollinger'],
  ['bollinger_pct', '(c − lower) / (upper − lower)', 'fraction', bars(20), bars(20), FREE, '0.5 when the bands meet', 'Bollinger, %B'],
  ['atr_14', 'Wilder average of the true range', 'quote', all(15), bars(15), COUNTED, NONE, 'Wilder (1978), TA-Lib ATR(14)'],
  ['keltner_upper', 'EMA 20 + 2 · ATR 10', 'quote', all(20), bars(20), POSITIVE, NONE, 'Keltner, in the form of Raschke; TA-Lib EMA and ATR'],
  ['keltner_lower', 'EMA 20 − 2 · ATR 10', 'quote', all(20), bars(20), FREE, NONE, 'Keltner, in the form of Raschke; TA-Lib EMA and ATR'],

  ['obv', 'volume of the first candle, then + v when the close rises, − v when it falls', 'base', W50, W50, FREE, NONE, 'Granville (1963); TA-Lib OBV over the window, not since the start'],
  ['vwap', 'Σ typical · v / Σ v', 'quote', W50, W50, POSITIVE, 'mean of the typical prices without volume', 'definition'],
  ['ad_line', 'Σ v · ((c − l) − (h − c)) / (h − l)', 'base', W50, W50, FREE, '0 for a candle with h = l', 'Chaikin; TA-Lib AD over the window, not since the start'],
  ['cmf', 'the same sum over 20 candles / Σ v', 'fraction', bars(20), bars(20), '−1 … 1', '0 without volume', 'Chaikin money flow'],
  ['vpt', 'Σ v · (c − c₋₁) / c₋₁', 'base', W50, W50, FREE, '0 for a candle after a close of 0', 'volume price trend over the window'],
  ['nvi', '1000 · Π c / c₋₁ of candles with less volume than the one before', 'index', W50, W50, POSITIVE, NONE, 'Dysart, Fosback (1976), over the window'],
]

export const INDICATOR_ENTRIES = entriesOf('indicator', rows)
