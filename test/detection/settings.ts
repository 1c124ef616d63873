import type { DetectionSettings } from '../../src/detection/index.ts'

/** The defaults of the configuration, which a test of the configuration compares them with. */
export const detection: DetectionSettings = {
  enabled: true, nearLevels: 40, matchWindowMs: 250, retryS: 60,
  spoofing: { enabled: true, minValue: 50_000, minMultiple: 10, depthLevels: 30, minLifeMs: 200, maxLifeS: 10, learnS: 180, minCancelRate: 0.7, minCycles: 3, windowS: 60, holdS: 15 },
  layering: { enabled: true, minValue: 10_000, minMultiple: 3, depthLevels: 40, minLayers: 3, similarity: 0.15, gapTicks: 5, minLifeMs: 500, placedWithinS: 30, togetherMs: 300, replaceMs: 1000, minCancelRate: 0.7, holdS: 15 },
  levels: { enabled: true, candles: 240, swing: 3, epsRanges: 0.5, minTouches: 2, halfLifeCandles: 120, breakoutVolume: 1.5, confirmCandles: 3 },
}
