export type FeatureChannel = 'orderbook' | 'candle' | 'indicator'

/** One feature of the contract, as documentation that the program itself uses. */
export interface FeatureEntry {
  readonly name: string
  readonly channel: FeatureChannel
  /** bid_i, ask_i: price of the i-th level, best first; q: its size; all in quote currency and base coin. */
  readonly formula: string
  readonly unit: string
  /** Book levels per side without which the feature has no value (NaN, vector warming up). */
  readonly levels: number
  /** Events before it has its first value after a gap. */
  readonly warmUp: string
  /** What it is when the formula would divide by zero. */
  readonly zeroDivision: string
  readonly source: string
}

const orderbook = (name: string, levels: number, formula: string, unit: string, zeroDivision: string, source: string): FeatureEntry => ({
  name,
  channel: 'orderbook',
  formula,
  unit,
  levels,
  warmUp: '1 book record',
  zeroDivision,
  source,
})

const NEVER = 'cannot happen: prices and sizes of levels are positive'
const BOOK = 'definition'
const VWAP = 'volume-weighted average of resting prices, definition'

/** Every feature, in the order of the vector. The name, the place and the meaning are one contract. */
export const FEATURE_TABLE: readonly FeatureEntry[] = Object.freeze([
  orderbook('bid_ask_spread_abs', 1, 'ask_1 − bid_1', 'quote', 'no division', BOOK),
  orderbook('bid_ask_spread_rel', 1, '(ask_1 − bid_1) / mid_price', 'fraction', NEVER, BOOK),
  orderbook('mid_price', 1, '(bid_1 + ask_1) / 2', 'quote', 'no division', BOOK),
  orderbook('micro_price', 1, '(bid_1 · q_ask_1 + ask_1 · q_bid_1) / (q_bid_1 + q_ask_1)', 'quote', NEVER, 'Gatheral and Oomen (2010); Stoikov (2018), weighted mid'),
  orderbook('vwap_bid_5', 5, 'Σ bid_i · q_i / Σ q_i, i = 1..5', 'quote', NEVER, VWAP),
  orderbook('vwap_ask_5', 5, 'Σ ask_i · q_i / Σ q_i, i = 1..5', 'quote', NEVER, VWAP),
  orderbook('vwap_bid_10', 10, 'Σ bid_i · q_i / Σ q_i, i = 1..10', 'quote', NEVER, VWAP),
  orderbook('vwap_ask_10', 10, 'Σ ask_i · q_i / Σ q_i, i = 1..10', 'quote', NEVER, VWAP),
  orderbook('depth_bid_5', 5, 'Σ q_bid_i, i = 1..5', 'base', 'no division', BOOK),
  orderbook('depth_ask_5', 5, 'Σ q_ask_i, i = 1..5', 'base', 'no division', BOOK),
  orderbook('depth_bid_10', 10, 'Σ q_bid_i, i = 1..10', 'base', 'no division', BOOK),
  orderbook('depth_ask_10', 10, 'Σ q_ask_i, i = 1..10', 'base', 'no division', BOOK),
  orderbook('total_bid_volume', 1, 'Σ q_bid over all levels held', 'base', 'no division', BOOK),
  orderbook('total_ask_volume', 1, 'Σ q_ask over all levels held', 'base', 'no division', BOOK),
  orderbook('book_depth_ratio', 1, 'total_bid_volume / total_ask_volume', 'ratio', '0 when total_ask_volume is 0', BOOK),
])

const NAMES: readonly string[] = Object.freeze(FEATURE_TABLE.map((entry) => entry.name))

/** Names of the vector's values, in their order: written into every dataset and every model. */
export const featureNames = (): readonly string[] => NAMES

/** Levels per side that a whole vector needs. */
export const LEVELS_NEEDED = Math.max(...FEATURE_TABLE.map((entry) => entry.levels))

/** Place of the first value of a channel, and how many it has. */
export function channelRange(channel: FeatureChannel): { readonly from: number; readonly count: number } {
  const from = FEATURE_TABLE.findIndex((entry) => entry.channel === channel)
  return { from: Math.max(from, 0), count: FEATURE_TABLE.filter((entry) => entry.channel === channel).length }
}
