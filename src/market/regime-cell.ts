import type { Nanos } from '../core/index.ts'
import type { REGIME } from '../memory/index.ts'
import type { CellWriter } from './cell-ends.ts'
import { REGIME_NAMES, REGIME_SOURCES } from './registry-words.ts'

/** A regime and what follows from it. */
export interface RegimeParameters {
  readonly regime: Exclude<(typeof REGIME_NAMES)[number], 'unknown'>
  /** Of the entry price, percent. */
  readonly takeProfitPercent: number
  readonly stopLossPercent: number
  /** Of the price, percent. */
  readonly entryOffsetPercent: number
}

/** Says that the regime is the one which the settings fix: readers must not take it for something that was seen. */
export function showFixedRegime(cell: CellWriter<typeof REGIME.fields>, parameters: RegimeParameters, nowNs: Nanos): void {
  const regime = cell.begin()
  regime.regime = REGIME_NAMES.indexOf(parameters.regime)
  regime.source = REGIME_SOURCES.indexOf('fixed')
  // Nobody has measured it.
  regime.confidence = 0
  regime.sinceNs = nowNs
  regime.updatedNs = nowNs
  regime.takeProfitPercent = parameters.takeProfitPercent
  regime.stopLossPercent = parameters.stopLossPercent
  regime.entryOffsetPercent = parameters.entryOffsetPercent
  cell.end()
}

/** Says what a detector has seen: how sure it is, and since when. */
export function showDetectedRegime(cell: CellWriter<typeof REGIME.fields>, parameters: RegimeParameters, confidence: number, sinceNs: Nanos, nowNs: Nanos): void {
  const regime = cell.begin()
  regime.regime = REGIME_NAMES.indexOf(parameters.regime)
  regime.source = REGIME_SOURCES.indexOf('detector')
  regime.confidence = confidence
  regime.sinceNs = sinceNs
  regime.updatedNs = nowNs
  regime.takeProfitPercent = parameters.takeProfitPercent
  regime.stopLossPercent = parameters.stopLossPercent
  regime.entryOffsetPercent = parameters.entryOffsetPercent
  cell.end()
}
