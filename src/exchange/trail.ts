import type { PriceTicks } from '../core/index.ts'
import type { Market } from './market/market.ts'
import type { PriceSource, Trail } from './port.ts'

/** The price that a trigger looks at now, whole ticks. */
export function priceOf(market: Market, source: PriceSource): PriceTicks {
  return source === 'last' ? market.lastTicks : source === 'mark' ? market.mark.markTicks : Math.round(market.mark.indexTicks)
}

/**
 * Where a trailing trigger stands after the price has been at `extreme`: at its distance behind it, never further away than
 * before; null while it is not active. A falling trigger (of a sale) follows a rising price.
 */
export function followed(trail: Trail, rise: boolean, before: PriceTicks | null, extreme: PriceTicks): PriceTicks | null {
  if (before === null && trail.activeTicks !== null && (rise ? extreme > trail.activeTicks : extreme < trail.activeTicks)) return null
  const distance = trail.distanceTicks ?? Math.max(1, Math.round(extreme * Number(trail.ratio)))
  const ticks = rise ? extreme + distance : Math.max(1, extreme - distance)
  if (before === null) return ticks
  return rise ? Math.min(before, ticks) : Math.max(before, ticks)
}
