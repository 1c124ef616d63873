import type { Clock, SymbolIndex } from '../../core/index.ts'
import { type FreshnessLimits, PriceReader, type RegistryMemory } from '../../market/index.ts'

/** What the trips see of the market, beside the prices of open positions. */
export interface Observations {
  /** Whether anything young enough to look at is known of a symbol. */
  fresh(symbolIndex: SymbolIndex): boolean
  /** The venue's clock minus ours, ms; NaN while it is not known. */
  clockOffsetMs(): number
}

/** The clock is measured once a minute: one that was not for twice that is not known any more. */
const CLOCK_AGE_NS = 150e9

/** The observations that the registry holds. */
export function registryObservations(registry: RegistryMemory, limits: FreshnessLimits, clock: Clock): Observations {
  // A reader of its own, uncounted: looking must not wish for prices, nor be counted among those who use them.
  const reader = new PriceReader(registry, limits)
  const venueClock = registry.venueClock()
  return {
    fresh: (symbolIndex) => !reader.priceFor(symbolIndex, 'other', clock).refused,
    clockOffsetMs: () => {
      const measured = venueClock.read()
      return measured !== null && clock.nowNs() - measured.measuredNs <= CLOCK_AGE_NS ? measured.offsetMs : Number.NaN
    },
  }
}
