import { z } from 'zod'
import { between, positive, setting, whole } from './fields.ts'

const enabled = () => z.boolean().default(true)

/** What looks for manipulation and for price levels in the market of each symbol. */
export const detectionSections = {
  detection: z
    .strictObject({
      enabled: setting(enabled(), 'Run the detectors. Without them no side is ever blocked for manipulation.'),
      near_levels: setting(whole(5, 100).default(40), 'Best levels of each side that are looked at; fewer than the book has, so that levels leaving its depth are not taken for cancels.'),
      match_window_ms: setting(whole(10, 5000).default(250), 'Time, in ms, by which a trade and the book message that shows it may differ. What became of an order is known after twice of it.'),
      retry_s: setting(whole(1, 86_400).default(60), 'A detector that failed begins anew after so many seconds of market time.'),
      spoofing: z
        .strictObject({
          enabled: setting(enabled(), 'Look for spoofing: large orders that come and go.'),
          min_value_usdt: setting(positive(1_000_000_000).default(50_000), 'Smallest order, in USDT, that counts.'),
          min_multiple: setting(between(1, 1000).default(10), 'Smallest order in typical levels of the near book.'),
          depth_levels: setting(whole(1, 100).default(30), 'Levels from the best one within which it is placed.'),
          min_life_ms: setting(whole(0, 60_000).default(200), 'Shortest life, in ms, of an order that can mislead anybody.'),
          learn_s: setting(whole(0, 3600).default(180), 'Seconds for which the habits of the market are learned before anything is judged; longer than the window.'),
          max_life_s: setting(positive(600).default(10), 'Longest life, in seconds, of an order that was not meant.'),
          min_cancel_rate: setting(between(0, 1).default(0.7), 'Share of the large size of a side that left by cancel, above which it was not meant.'),
          min_cycles: setting(whole(1, 50).default(3), 'Times that such orders come and go in the window before it is called spoofing.'),
          window_s: setting(positive(600).default(60), 'Window, in seconds.'),
          hold_s: setting(positive(600).default(15), 'How long after the last withdrawal a side stays blocked, in seconds.'),
        })
        .prefault({}),
      layering: z
        .strictObject({
          enabled: setting(enabled(), 'Look for layering: similar orders on neighbouring levels that are cancelled together.'),
          min_value_usdt: setting(positive(1_000_000_000).default(10_000), 'Smallest layer, in USDT, that counts.'),
          min_multiple: setting(between(1, 1000).default(3), 'Smallest layer in typical levels of the near book.'),
          depth_levels: setting(whole(1, 100).default(40), 'Levels from the best one within which layers are placed.'),
          min_layers: setting(whole(2, 50).default(3), 'Orders that make a pattern.'),
          similarity: setting(between(0.01, 1).default(0.15), 'Share of their size by which layers may differ.'),
          gap_ticks: setting(whole(1, 10_000).default(5), 'Ticks between neighbouring layers, at most.'),
          min_life_ms: setting(whole(0, 60_000).default(500), 'Time from the first placement to the withdrawal, in ms, below which nobody is misled.'),
          placed_within_s: setting(positive(600).default(30), 'All layers are placed within this time, in seconds.'),
          together_ms: setting(whole(1, 60_000).default(300), 'Layers are withdrawn within this time of the first one, in ms.'),
          replace_ms: setting(whole(1, 60_000).default(1000), 'Orders of their size that come this close to the withdrawal, in ms, make it a quote that moves.'),
          min_cancel_rate: setting(between(0, 1).default(0.7), 'Share of a layer that is cancelled, not traded.'),
          hold_s: setting(positive(600).default(15), 'How long after the withdrawal a side stays blocked, in seconds.'),
        })
        .prefault({}),
      levels: z
        .strictObject({
          enabled: setting(enabled(), 'Look for support and resistance.'),
          candles: setting(whole(20, 1000).default(240), 'Closed candles of one minute that are looked at.'),
          swing: setting(whole(1, 9).default(3), 'Candles on each side that a swing point tops.'),
          eps_ranges: setting(positive(100).default(0.5), 'Swing points within so many mean true ranges of a candle are one level.'),
          min_touches: setting(whole(1, 100).default(2), 'Swing points that make a level.'),
          half_life_candles: setting(whole(1, 100_000).default(120), 'Candles without a touch after which a level is half as strong.'),
          breakout_volume: setting(positive(100).default(1.5), 'Volume of a candle, in mean volumes, that confirms a breakout.'),
          confirm_candles: setting(whole(1, 100).default(3), 'Candles within which a breakout must be confirmed.'),
        })
        .prefault({}),
    })
    .prefault({}),
}
