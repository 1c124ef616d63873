export type FeatureChannel = 'orderbook' | 'candle' | 'indicator'

/** One feature of the contract, as documentation that the program itself uses. */
export interface FeatureEntry {
  readonly name: string
  readonly channel: FeatureChannel
  /**
   * bid_i, ask_i: price of the i-th level, best first; q_bid_i, q_ask_i: its size. o, h, l, c, v: the forming candle; c₋₁:
   * close of the candle before. All in quote currency and base coin.
   */
  readonly formula: string
  /** `quote`, `base`, `quote value`, `fraction`, `per second`, … */
  readonly unit: string
  /** What it looks back on. */
  readonly window: string
  /** What it needs before it has a value; until then it is NaN and the vector is warming up. */
  readonly warmUp: string
  /** Bounds that hold whatever the market does. */
  readonly range: string
  /** What it is when the formula would divide by zero, or there is nothing to count. */
  readonly zeroDivision: string
  /** Paper, TA-Lib function or definition. */
  readonly source: string
}

/** A row of a table: everything but the channel. */
export type FeatureRow = readonly [name: string, formula: string, unit: string, window: string, warmUp: string, range: string, zeroDivision: string, source: string]

export const entriesOf = (channel: FeatureChannel, rows: readonly FeatureRow[]): readonly FeatureEntry[] =>
  rows.map(([name, formula, unit, window, warmUp, range, zeroDivision, source]) => Object.freeze({ name, channel, formula, unit, window, warmUp, range, zeroDivision, source }))
