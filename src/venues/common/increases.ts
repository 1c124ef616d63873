import type { VenueServices } from '../services.ts'
import { isObject, type Json } from './json.ts'

/** Why an order stays here that waited for its place while execution stopped whatever increases exposure. */
export const HELD_BACK = 'nothing that increases exposure may leave any more'

/**
 * What tells of a command that it must stay here: execution lets nothing increase exposure, and this one may. The gate asks
 * it while the command waits and as it leaves. Null for a command that increases nothing.
 * @param orders parameters of each, in the words of the venue
 */
export function heldBack({ mayIncrease }: VenueServices, orders: readonly unknown[]): (() => boolean) | null {
  return mayIncrease !== undefined && orders.some((one) => isObject(one) && increases(one)) ? () => !mayIncrease() : null
}

/** Where a leg is named, the side tells; where none is, only what is marked as reduce-only cannot open. What has no side is no new order. */
function increases({ side, posSide, reduceOnly }: Json): boolean {
  if (side === undefined) return false
  if (posSide === 'long' || posSide === 'short') return posSide === (side === 'buy' ? 'long' : 'short')
  return reduceOnly !== true
}
