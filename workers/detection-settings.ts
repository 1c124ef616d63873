import type { Config } from '../src/config/index.ts'
import type { DetectionSettings } from '../src/detection/index.ts'

/** The detectors as the configuration has them. */
export function detectionSettings({ detection }: Pick<Config, 'detection'>): DetectionSettings {
  const { spoofing, layering, levels } = detection
  return {
    enabled: detection.enabled,
    nearLevels: detection.near_levels,
    matchWindowMs: detection.match_window_ms,
    retryS: detection.retry_s,
    spoofing: {
      enabled: spoofing.enabled,
      minValue: spoofing.min_value_usdt,
      minMultiple: spoofing.min_multiple,
      depthLevels: spoofing.depth_levels,
      minLifeMs: spoofing.min_life_ms,
      learnS: spoofing.learn_s,
      maxLifeS: spoofing.max_life_s,
      minCancelRate: spoofing.min_cancel_rate,
      minCycles: spoofing.min_cycles,
      windowS: spoofing.window_s,
      holdS: spoofing.hold_s,
    },
    layering: {
      enabled: layering.enabled,
      minValue: layering.min_value_usdt,
      minMultiple: layering.min_multiple,
      depthLevels: layering.depth_levels,
      minLayers: layering.min_layers,
      similarity: layering.similarity,
      gapTicks: layering.gap_ticks,
      minLifeMs: layering.min_life_ms,
      placedWithinS: layering.placed_within_s,
      togetherMs: layering.together_ms,
      replaceMs: layering.replace_ms,
      minCancelRate: layering.min_cancel_rate,
      holdS: layering.hold_s,
    },
    levels: {
      enabled: levels.enabled,
      candles: levels.candles,
      swing: levels.swing,
      epsRanges: levels.eps_ranges,
      minTouches: levels.min_touches,
      halfLifeCandles: levels.half_life_candles,
      breakoutVolume: levels.breakout_volume,
      confirmCandles: levels.confirm_candles,
    },
  }
}
