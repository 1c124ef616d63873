import { BUY, type PriceTicks, type Side } from '../core/index.ts'
import type { Market } from './market/market.ts'
import { rules } from './rules.ts'

/** The worst price a market order may reach. */
export function capOf(market: Market, side: Side): PriceTicks {
  const mark = market.mark.markTicks
  return side === BUY ? Math.floor(mark * (1 + rules.marketCap)) : Math.max(1, Math.ceil(mark * (1 - rules.marketCap)))
}

/** Lowest and highest price of an order, on the listed grid. The side that would trade badly is held close to the mark. */
export function bandOf(market: Market, side: Side): { readonly lowest: PriceTicks; readonly highest: PriceTicks } {
  const mark = market.mark.markTicks
  const { tickSteps } = market.contract
  const highest = Math.min(rules.priceTicksMax, side === BUY ? mark * (1 + rules.priceBand) : mark * rules.farPriceFactor)
  const lowest = side === BUY ? mark / rules.farPriceFactor : mark * (1 - rules.priceBand)
  return { lowest: Math.ceil(lowest / tickSteps) * tickSteps, highest: Math.floor(highest / tickSteps) * tickSteps }
}

/** A price outside the band moved to its nearer end. */
export function clampToBand(market: Market, side: Side, ticks: PriceTicks): PriceTicks {
  const { lowest, highest } = bandOf(market, side)
  return Math.max(lowest, Math.min(highest, ticks))
}
