/** `source` of every cell of prices. */
export const SOURCE_NONE = 0
export const SOURCE_STREAM = 1
export const SOURCE_REST = 2

/** MARKET_STATS.status */
export const INSTRUMENT_STATUSES = ['unknown', 'trading', 'suspended', 'closed'] as const

/** FEED_HEALTH.entries: nothing is known; allowed; the book was wrong or away too often; not trading; its grid changed. */
export const ENTRIES_UNKNOWN = 0
export const ENTRIES_OPEN = 1
export const ENTRIES_INTEGRITY = 2
export const ENTRIES_NOT_TRADING = 3
export const ENTRIES_CHANGED = 4
export const ENTRIES_WORDS = ['unknown', 'open', 'integrity', 'not-trading', 'instrument-changed'] as const

/** REGIME.regime and REGIME.source */
export const REGIME_NAMES = ['unknown', 'trending', 'ranging', 'choppy'] as const
export const REGIME_SOURCES = ['none', 'fixed', 'detector'] as const
