import type { Instrument } from '../core/index.ts'
import { GridScale } from '../features/index.ts'
import type { LayeringSettings } from './layering.ts'
import type { LevelsSettings } from './levels-settings.ts'
import type { TrackerSettings } from './order-tracker.ts'
import type { SpoofingSettings } from './spoofing.ts'

/** The detectors as they are configured: values in quote currency, times in the units of their names. */
export interface DetectionSettings {
  readonly enabled: boolean
  readonly nearLevels: number
  readonly matchWindowMs: number
  readonly retryS: number
  readonly spoofing: {
    readonly enabled: boolean
    readonly minValue: number
    readonly minMultiple: number
    readonly depthLevels: number
    readonly minLifeMs: number
    readonly maxLifeS: number
    readonly learnS: number
    readonly minCancelRate: number
    readonly minCycles: number
    readonly windowS: number
    readonly holdS: number
  }
  readonly layering: {
    readonly enabled: boolean
    readonly minValue: number
    readonly minMultiple: number
    readonly depthLevels: number
    readonly minLayers: number
    readonly similarity: number
    readonly gapTicks: number
    readonly minLifeMs: number
    readonly placedWithinS: number
    readonly togetherMs: number
    readonly replaceMs: number
    readonly minCancelRate: number
    readonly holdS: number
  }
  readonly levels: LevelsSettings & { readonly enabled: boolean }
}

export interface ScaledSettings {
  readonly tracker: TrackerSettings
  readonly spoofing: SpoofingSettings
  readonly layering: LayeringSettings
}

/** The same in the whole ticks and lots of an instrument, and in ms. */
export function scaleSettings(settings: DetectionSettings, instrument: Pick<Instrument, 'tick' | 'lot'>): ScaledSettings {
  const scale = new GridScale(instrument)
  const { spoofing, layering } = settings
  return {
    tracker: {
      minTicksLots: scale.ticksLots(Math.min(spoofing.minValue, layering.minValue)),
      minMultiple: Math.min(spoofing.minMultiple, layering.minMultiple),
      maxLifeMs: 1000 * Math.max(spoofing.maxLifeS, layering.placedWithinS),
      matchWindowMs: settings.matchWindowMs,
    },
    spoofing: {
      minTicksLots: scale.ticksLots(spoofing.minValue),
      minMultiple: spoofing.minMultiple,
      depth: spoofing.depthLevels,
      minLifeMs: spoofing.minLifeMs,
      maxLifeMs: 1000 * spoofing.maxLifeS,
      learnMs: 1000 * spoofing.learnS,
      minCancelRate: spoofing.minCancelRate,
      minCycles: spoofing.minCycles,
      windowMs: 1000 * spoofing.windowS,
      holdMs: 1000 * spoofing.holdS,
    },
    layering: {
      minTicksLots: scale.ticksLots(layering.minValue),
      minMultiple: layering.minMultiple,
      depth: layering.depthLevels,
      minLayers: layering.minLayers,
      similarity: layering.similarity,
      gapTicks: layering.gapTicks,
      minLifeMs: layering.minLifeMs,
      placedWithinMs: 1000 * layering.placedWithinS,
      togetherMs: layering.togetherMs,
      replaceMs: layering.replaceMs,
      minCancelRate: layering.minCancelRate,
      holdMs: 1000 * layering.holdS,
      settleMs: 2 * settings.matchWindowMs,
    },
  }
}
