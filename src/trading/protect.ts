import { money, type Money, type PriceTicks } from '../core/index.ts'
import type { Position, SymbolState } from './state.ts'

/**
 * Prices of the exit rules, from the plan of a position and its average entry, in whole ticks: what runs on every tick
 * compares integers. Fills move the average and with it the stop of the plan; where the stop has followed the price to stays.
 */
export function protect(symbol: SymbolState, position: Position): void {
  const entry = symbol.ledger.entryTicks
  const long = symbol.ledger.signedLots > 0
  const away = (percent: string, up: boolean): Money => entry.mul(money(100).add(up ? money(percent) : money(percent).neg())).div(100)
  const { takeProfitPercent, stopLossPercent, trailing } = position.plan
  position.takeProfitTicks = outward(away(takeProfitPercent, long), long)
  position.stopLossTicks = tighter(long, outward(away(stopLossPercent, !long), !long), position.trailedTicks)
  if (trailing === null) {
    position.trailStepTicks = 0
    return
  }
  const part = (percent: string): number => Math.max(1, entry.mul(money(percent)).div(100).ceil().toNumber())
  position.trailFromTicks = outward(away(trailing.activationPercent, long), long)
  position.trailBehindTicks = part(trailing.distancePercent)
  position.trailStepTicks = part(trailing.stepPercent)
}

/** The stop that closes the position earlier; 0 is none. */
export const tighter = (long: boolean, a: PriceTicks, b: PriceTicks): PriceTicks => (b === 0 ? a : a === 0 ? b : long ? Math.max(a, b) : Math.min(a, b))

/** Whole ticks, rounded away from the entry. */
const outward = (price: Money, up: boolean): PriceTicks => (up ? price.ceil() : price.floor()).toNumber()
