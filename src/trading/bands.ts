import { BUY, type Clock, type Instrument, type PriceTicks, type Side, type SymbolIndex } from '../core/index.ts'
import type { RegistryMemory } from '../market/index.ts'
import type { Broken, PriceBand } from './events.ts'

/** Where execution reads the band. */
export interface BandSource {
  band(symbolIndex: SymbolIndex): PriceBand
}

/** The band that the registry holds. */
export function registryBands(registry: RegistryMemory, instruments: readonly Instrument[], clock: Clock): BandSource {
  const stats = instruments.map((one) => registry.readStats(one.index))
  const band: PriceBand = { highestBuyTicks: Number.NaN, lowestSellTicks: Number.NaN, enabled: true, ageMs: Number.NaN }
  return {
    band(symbolIndex) {
      const cell = stats[symbolIndex]
      const known = cell !== undefined && cell.read()
      band.highestBuyTicks = known ? cell.value.highestBuyTicks : Number.NaN
      band.lowestSellTicks = known ? cell.value.lowestSellTicks : Number.NaN
      band.enabled = !known || cell.value.limitsEnabled !== 0
      band.ageMs = known ? (clock.nowNs() - cell.value.limitsNs) / 1e6 : Number.NaN
      return band
    },
  }
}

/** Whether an entry at this price would lie outside of the band, or the band is too old to tell (EX-6); with both numbers. */
export function bandBroken(band: PriceBand, side: Side, priceTicks: PriceTicks, ageMsMax: number, instrument: Instrument): Broken | null {
  // Written so that an age that is no number is refused.
  if (!(band.ageMs <= ageMsMax)) return { refusal: 'price-limit', found: Number.isFinite(band.ageMs) ? `limits of ${Math.round(band.ageMs)} ms ago` : 'limits that nobody has said yet', allowed: `${ageMsMax} ms` }
  if (!band.enabled) return null
  const bound = side === BUY ? band.highestBuyTicks : band.lowestSellTicks
  if (side === BUY ? priceTicks <= bound : priceTicks >= bound) return null
  const { tick } = instrument
  return { refusal: 'price-limit', found: tick.format(priceTicks), allowed: `${side === BUY ? 'at most' : 'at least'} ${Number.isSafeInteger(bound) ? tick.format(bound) : 'a price that the venue has not said'}` }
}
