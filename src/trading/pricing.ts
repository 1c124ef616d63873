import { BUY, money, type Money, type PriceTicks, type Side } from '../core/index.ts'
import { type RegimeName, REGIMES_KNOWN } from './conditions.ts'
import type { OffsetSettings } from './settings.ts'

/** How far from the mid an entry is placed, by which section of the settings. */
export interface Offset {
  readonly percent: Money
  /** True where this very section says so: never by default. */
  readonly marketOrder: boolean
  /** The section that the numbers were found in; it is stored with the order. */
  readonly source: string
}

/** Offset of an entry price (EX-5): symbol and regime, else symbol, else regime, else the default. `regime` null: not known. */
export function offsetFor(settings: OffsetSettings, symbol: string, regime: string | null): Offset {
  const own = settings.bySymbol[symbol]
  const ownRegime = regime === null ? undefined : own?.byRegime[regime]
  if (ownRegime !== undefined) return offset(ownRegime, `by_symbol.${symbol}.by_regime.${regime}`)
  if (own !== undefined && own.own !== null) return offset(own.own, `by_symbol.${symbol}`)
  const common = regime === null ? undefined : settings.byRegime[regime]
  if (common !== undefined) return offset(common, `by_regime.${regime}`)
  return offset({ percent: settings.defaultPercent, marketOrder: false }, 'default_offset_percent')
}

const offset = ({ percent, marketOrder }: { readonly percent: string; readonly marketOrder: boolean }, source: string): Offset => ({ percent: money(percent), marketOrder, source })

/** The offsets of one symbol in every regime. */
export type Offsets = Readonly<Record<RegimeName | 'unknown', Offset>>

export const offsetsOf = (settings: OffsetSettings, symbol: string): Offsets => {
  const known = REGIMES_KNOWN.map((regime) => [regime, offsetFor(settings, symbol, regime)] as const)
  return Object.fromEntries([...known, ['unknown', offsetFor(settings, symbol, null)]]) as Offsets
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

/** Distance of a price from the middle of bid and ask in percent, for people. */
export const distancePercent = (priceTicks: PriceTicks, bidTicks: PriceTicks, askTicks: PriceTicks): string =>
  money(2 * priceTicks - bidTicks - askTicks).abs().mul(100).div(bidTicks + askTicks).toDecimalPlaces(4).toFixed()

/** True when bid and ask can be traded on: whole, positive, not crossed. */
export const soundQuote = (bidTicks: PriceTicks, askTicks: PriceTicks): boolean =>
  Number.isSafeInteger(bidTicks) && Number.isSafeInteger(askTicks) && bidTicks > 0 && askTicks > bidTicks && askTicks < 2 ** 50
