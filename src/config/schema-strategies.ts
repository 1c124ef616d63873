import { z } from 'zod'
import { between, bySymbol, positive, setting, whole } from './fields.ts'

const switches = (weight = 1) => ({
  enabled: setting(z.boolean().default(true), 'Whether the strategy votes.'),
  weight: setting(between(0, 100).default(weight), 'Its weight in the weighted mode; at 0 its opinions are only written down.'),
})
const hold = () => setting(whole(0, 60).default(1), 'Candles after the one that it was formed on for which an opinion stands.')
const volume = (ratio: number) => ({
  volume_ratio_min: setting(between(0, 20).default(ratio), 'Least volume of the candle, in mean volumes of the candles before it.'),
  volume_candles: setting(whole(2, 150).default(20), 'How many candles before it that mean is of.'),
})

/** Strategies, their vote, and the regime of the market: docs/strategies.md. */
export const strategySections = {
  regime: z
    .strictObject({
      mode: setting(z.enum(['auto', 'trending', 'ranging', 'choppy']).default('auto'), 'auto: the regime of each symbol is detected from its candles. Otherwise it is fixed.'),
      adx_enter: setting(between(1, 99).default(25), 'ADX(14) from which a market trends …'),
      adx_leave: setting(between(0, 99).default(20), '… and below which the trend has ended.'),
      choppy_enter: setting(between(1, 99).default(61.8), 'Choppiness index(14) from which a market is choppy …'),
      choppy_leave: setting(between(0, 99).default(55), '… and below which it no longer is.'),
      volatile_percent: setting(between(0, 100).default(0.5), 'ATR(14) in percent of the price from which a market without a trend is choppy; 0: never.'),
      confirm_candles: setting(whole(1, 60).default(3), 'Candles in a row that must say another regime before it counts.'),
      by_symbol: setting(
        bySymbol(
          z.strictObject({
            adx_enter: setting(between(1, 99).optional(), 'In place of regime.adx_enter.'),
            adx_leave: setting(between(0, 99).optional(), 'In place of regime.adx_leave.'),
            choppy_enter: setting(between(1, 99).optional(), 'In place of regime.choppy_enter.'),
            choppy_leave: setting(between(0, 99).optional(), 'In place of regime.choppy_leave.'),
            volatile_percent: setting(between(0, 100).optional(), 'In place of regime.volatile_percent.'),
            confirm_candles: setting(whole(1, 60).optional(), 'In place of regime.confirm_candles.'),
          }),
        ).default({}),
        'Bounds of single symbols.',
      ),
    })
    .prefault({}),
  strategies: z
    .strictObject({
      mode: setting(z.enum(['majority', 'weighted', 'unanimous']).default('weighted'), 'How votes are counted.'),
      min_strategies: setting(whole(1, 5).default(2), 'Strategies that must be on the side that wins.'),
      min_confidence: setting(between(0, 1).default(0.6), 'Least confidence of a consensus.'),
      conflict: setting(z.enum(['resolve', 'stand_aside']).default('resolve'), 'Votes on both sides: counted out by the mode, or nothing is done.'),
      single: setting(z.enum(['imbalance', 'momentum', 'sar_wave', 'super_trend', 'volume_profile', 'none']).default('imbalance'), 'The strategy that may decide alone where there is neither a consensus nor a vote against it.'),
      model: setting(z.enum(['decides', 'validates']).default('decides'), 'With a model: it decides and the strategies stand in for it, or the strategies decide and it must agree.'),
      exits: setting(z.enum(['voters', 'any', 'off']).default('voters'), 'Which strategies may close a position: those that voted for it, all, or none.'),
      repeat_ms: setting(whole(0, 600_000).default(2000), 'A consensus that stands is acted upon again after so many ms; 0: once.'),
      budget_ms: setting(positive(500).default(50), 'Longest time that a strategy may take for one answer, in ms; one that takes longer is left out.'),
      backoff_ms: setting(whole(1, 3_600_000).default(1000), 'How long a strategy that failed is left out, in ms; doubled with each failure in a row …'),
      backoff_max_ms: setting(whole(1, 3_600_000).default(60_000), '… up to this.'),
      record_no_trade: setting(z.boolean().default(false), 'Votes that led to nothing are decisions too, at most one a second and symbol.'),
      imbalance: z
        .strictObject({
          ...switches(),
          cluster_confirmation: setting(z.boolean().default(false), 'No vote while the largest cluster of the other side of the book is larger than that of the heavy side. The other parameters are in strategy.imbalance.'),
        })
        .prefault({}),
      momentum: z
        .strictObject({
          ...switches(),
          strength_min: setting(between(0.1, 10).default(1), 'Least strength: change over ten candles in units of what their range makes by chance.'),
          rsi_min: setting(between(50, 95).default(55), 'RSI(14) from which a rise is bought; falls are mirrored at 50.'),
          rsi_max: setting(between(55, 100).default(75), 'RSI(14) up to which it is.'),
          ...volume(1.2),
          exit_strength: setting(between(0, 10).default(0.25), 'Strength against a position from which it is closed.'),
          hold_candles: hold(),
        })
        .prefault({}),
      sar_wave: z
        .strictObject({
          ...switches(),
          acceleration: setting(between(0.001, 0.5).default(0.02), 'Step of the acceleration of the parabolic stop.'),
          acceleration_max: setting(between(0.01, 1).default(0.2), 'Largest acceleration.'),
          swing_reach: setting(whole(1, 20).default(3), 'Candles on both sides that a swing point stands out from.'),
          adx_min: setting(between(0, 100).default(25), 'ADX(14) that must be exceeded.'),
          retracement_min: setting(between(0, 1).default(0.382), 'Part of the last wave that price must have gone back …'),
          retracement_max: setting(between(0, 1).default(0.618), '… and may have gone back at most.'),
          hold_candles: hold(),
        })
        .prefault({}),
      super_trend: z
        .strictObject({
          ...switches(),
          period: setting(whole(2, 100).default(10), 'Candles of the average true range.'),
          multiplier: setting(between(0.5, 20).default(3), 'Distance of the bands in average true ranges.'),
          turn_candles: setting(whole(0, 100).default(2), 'Candles after a turn in which it may still be entered.'),
          roc_min: setting(between(0, 50).default(0.05), 'Least change over ten candles with the trend, in percent.'),
          ...volume(1),
          stop_ranges: setting(between(0.1, 50).default(2), 'Distance from the entry at which it wants out, in average true ranges.'),
          trail_ranges: setting(between(0.1, 50).default(3), 'Distance from the best price at which it wants out, in average true ranges.'),
          hold_candles: hold(),
        })
        .prefault({}),
      volume_profile: z
        .strictObject({
          ...switches(),
          candles: setting(whole(10, 190).default(120), 'Candles that the profile is of.'),
          bins: setting(whole(8, 200).default(48), 'Bins that their range is cut into.'),
          value_share: setting(between(0.3, 0.95).default(0.7), 'Part of the volume that the value area holds.'),
          high_node: setting(between(1, 20).default(1.5), 'Volume of a bin, in mean bins, from which it is a high-volume node.'),
          low_node: setting(between(0, 1).default(0.5), 'Volume of a bin, in mean bins, up to which it is a low-volume node.'),
          target_ranges_min: setting(between(0, 50).default(1), 'Least distance to the other edge of the value area, in ATR(14).'),
          hold_candles: hold(),
        })
        .prefault({}),
    })
    .prefault({}),
}
