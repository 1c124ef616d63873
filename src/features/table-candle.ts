import { entriesOf, type FeatureRow } from './feature-entry.ts'

const NEVER = 'cannot happen: prices are positive'
const NONE = 'no division'
const NOW = 'the forming candle'
const ONE = '1 closed candle'
const W20 = '20 candles, the forming one included'
const N19 = '19 closed candles'
const N20 = '20 closed candles'
const CANDLE = 'definition'
const POSITIVE = '> 0'
const COUNTED = '≥ 0'

/** The candle channel (one-minute candles), in the order of the vector. */
const rows: readonly FeatureRow[] = [
  ['open', 'o', 'quote', NOW, NOW, POSITIVE, NONE, CANDLE],
  ['high', 'h', 'quote', NOW, NOW, POSITIVE, NONE, CANDLE],
  ['low', 'l', 'quote', NOW, NOW, POSITIVE, NONE, CANDLE],
  ['close', 'c', 'quote', NOW, NOW, POSITIVE, NONE, CANDLE],
  ['volume', 'v', 'base', NOW, NOW, COUNTED, NONE, CANDLE],
  ['typical_price', '(h + l + c) / 3', 'quote', NOW, NOW, POSITIVE, NONE, 'TA-Lib TYPPRICE'],

  ['returns', 'c / c₋₁ − 1', 'fraction', '2 candles', ONE, '> −1', NEVER, CANDLE],
  ['log_returns', 'ln(c / c₋₁)', 'log fraction', '2 candles', ONE, 'unbounded', NEVER, CANDLE],
  ['high_low_range', '(h − l) / c', 'fraction', NOW, NOW, COUNTED, NEVER, CANDLE],
  ['close_open_diff', '(c − o) / o', 'fraction', NOW, NOW, '> −1', NEVER, CANDLE],
  ['upper_shadow', '(h − max(o, c)) / c', 'fraction', NOW, NOW, COUNTED, NEVER, CANDLE],
  ['lower_shadow', '(min(o, c) − l) / c', 'fraction', NOW, NOW, COUNTED, NEVER, CANDLE],
  ['body_size', '|c − o| / c', 'fraction', NOW, NOW, COUNTED, NEVER, CANDLE],

  ['realized_volatility', '√(Σ ln(c / c₋₁)² / 20)', 'log fraction per candle', W20, N20, COUNTED, NONE, 'realised variance of log returns, Andersen and Bollerslev (1998)'],
  ['parkinson_volatility', '√(Σ ln(h / l)² / (4 · ln 2 · 20))', 'log fraction per candle', W20, N19, COUNTED, NONE, 'Parkinson (1980)'],
  ['garman_klass_volatility', '√(max(0, Σ (½ · ln(h / l)² − (2 · ln 2 − 1) · ln(c / o)²)) / 20)', 'log fraction per candle', W20, N19, COUNTED, NONE, 'Garman and Klass (1980)'],

  ['volume_ma_ratio', 'v / mean of the volumes of the 20 candles before', 'ratio', '21 candles', N20, COUNTED, '0 when those had no volume', CANDLE],
  ['volume_change_rate', 'v / v₋₁ − 1', 'fraction', '2 candles', ONE, '≥ −1', '0 when v₋₁ is 0', CANDLE],
  ['price_volume_trend', 'Σ v · (c − c₋₁) / c₋₁', 'base', W20, N20, 'unbounded', NEVER, 'price volume trend over a window'],
  ['volume_weighted_price', 'Σ typical · v / Σ v', 'quote', W20, N19, POSITIVE, 'typical_price when nothing was traded', CANDLE],
  ['money_flow', 'typical · v', 'quote value', NOW, NOW, COUNTED, NONE, CANDLE],

  ['doji_strength', '1 − |c − o| / (h − l)', 'fraction', NOW, NOW, '0 … 1', '0 when h = l', CANDLE],
  ['hammer_strength', 'max(0, lower shadow − max(2 · body, upper shadow)) / (h − l)', 'fraction', NOW, NOW, '0 … 1', '0 when h = l', 'after the form of the hammer, Nison (1991)'],
  ['engulfing_strength', 'sign(c − o) · (body − body₋₁) / body when the body covers an opposite body before it, else 0', 'fraction', '2 candles', ONE, '−1 … 1', '0 without a body', 'after TA-Lib CDLENGULFING, with a size'],
  ['gap_size', '(o − c₋₁) / c₋₁', 'fraction', '2 candles', ONE, '> −1', NEVER, CANDLE],
]

export const CANDLE_ENTRIES = entriesOf('candle', rows)
