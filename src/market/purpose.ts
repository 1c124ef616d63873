/** What a price is wanted for. */
export type Purpose = 'order' | 'exit' | 'signal' | 'other'

export type FreshnessLimits = Readonly<Record<Purpose, number>>

/** Oldest price that each purpose may ever see, ms. */
export const FRESHNESS_CEILINGS_MS: FreshnessLimits = { order: 1000, exit: 2000, signal: 3000, other: 5000 }
export const PURPOSES: readonly Purpose[] = ['order', 'exit', 'signal', 'other']
