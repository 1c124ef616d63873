import { BUY, money, type Money, type PriceTicks, type Side } from '../core/index.ts'
import type { OffsetSettings } from './settings.ts'

export interface Offset {
  readonly percent: Money
  /** The key that the number was found under; it is stored with the order. */
  readonly source: string
}

/** Offset of an entry price: symbol and regime, else symbol, else regime, else the default. */
export function offsetFor(settings: OffsetSettings, symbol: string, regime: string | null): Offset {
  const own = settings.bySymbol[symbol]
  if (regime !== null && own?.byRegime[regime] !== undefined) return { percent: money(own.byRegime[regime]), source: `by_symbol.${symbol}.by_regime.${regime}` }
  if (own !== undefined && own.percent !== null) return { percent: money(own.percent), source: `by_symbol.${symbol}` }
  if (regime !== null && settings.byRegime[regime] !== undefined) return { percent: money(settings.byRegime[regime]), source: `by_regime.${regime}` }
  return { percent: money(settings.defaultPercent), source: 'default_offset_percent' }
}

/** Price `percent` away from the middle of bid and ask, on the passive side, rounded away from the market; exact. */
export function entryPriceTicks(side: Side, bidTicks: PriceTicks, askTicks: PriceTicks, percent: Money): PriceTicks {
  const twice = money(bidTicks + askTicks)
  return side === BUY ? twice.mul(money(100).sub(percent)).div(200).floor().toNumber() : twice.mul(money(100).add(percent)).div(200).ceil().toNumber()
}

/** Limit of an exit that takes the touch and up to `percent` behind it; `side` is the side of the exit. */
export function exitPriceTicks(side: Side, bidTicks: PriceTicks, askTicks: PriceTicks, percent: Money): PriceTicks {
  const ticks = side === BUY ? money(askTicks).mul(money(100).add(percent)).div(100).ceil() : money(bidTicks).mul(money(100).sub(percent)).div(100).floor()
  return Math.max(1, ticks.toNumber())
}

/** True when a price lies further than `percent` from the middle of bid and ask. */
export function outsideCollar(priceTicks: PriceTicks, bidTicks: PriceTicks, askTicks: PriceTicks, percent: Money): boolean {
  const twice = bidTicks + askTicks
  return money(2 * priceTicks - twice).abs().mul(100).gt(percent.mul(twice))
}

/** True when bid and ask can be traded on: whole, positive, not crossed. */
export const soundQuote = (bidTicks: PriceTicks, askTicks: PriceTicks): boolean =>
  Number.isSafeInteger(bidTicks) && Number.isSafeInteger(askTicks) && bidTicks > 0 && askTicks > bidTicks && askTicks < 2 ** 50
