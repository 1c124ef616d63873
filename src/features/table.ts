import type { FeatureChannel, FeatureEntry } from './feature-entry.ts'
import { CANDLE_ENTRIES } from './table-candle.ts'
import { INDICATOR_ENTRIES } from './table-indicator.ts'
import { ORDERBOOK_ENTRIES } from './table-orderbook.ts'

/** Every feature, in the order of the vector. The name, the place and the meaning are one contract. */
export const FEATURE_TABLE: readonly FeatureEntry[] = Object.freeze([...ORDERBOOK_ENTRIES, ...CANDLE_ENTRIES, ...INDICATOR_ENTRIES])

/** Values of a vector. */
export const FEATURES = FEATURE_TABLE.length

const NAMES: readonly string[] = Object.freeze(FEATURE_TABLE.map((entry) => entry.name))

/** Names of the vector's values, in their order: written into every dataset and every model. */
export const featureNames = (): readonly string[] => NAMES

/** Levels per side that a whole vector needs. */
export const LEVELS_NEEDED = 10

/** Place of the first value of a channel, and how many it has. */
export function channelRange(channel: FeatureChannel): { readonly from: number; readonly count: number } {
  const from = FEATURE_TABLE.findIndex((entry) => entry.channel === channel)
  return { from, count: FEATURE_TABLE.filter((entry) => entry.channel === channel).length }
}
