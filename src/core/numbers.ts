declare const unit: unique symbol
type Unit<Name extends string> = number & { readonly [unit]?: Name }

/** Price in whole ticks of the instrument; a safe integer. */
export type PriceTicks = Unit<'ticks'>
/** Size in whole lots of the instrument; a safe integer ≥ 0. */
export type Lots = Unit<'lots'>
/** Monotonic nanoseconds since the origin of the run (`Clock.nowNs`). */
export type Nanos = Unit<'ns'>
/** Wall-clock milliseconds since 1970 UTC, ours or a venue's. */
export type WallMs = Unit<'ms'>
/** Index of a symbol in the list of active symbols. */
export type SymbolIndex = Unit<'symbol'>

/** "There is no price": below every real tick so that comparisons need no branch for bids. */
export const NO_BID = -1
/** "There is no price" on the ask side: above every real tick. */
export const NO_ASK = Number.MAX_SAFE_INTEGER

export type Side = 0 | 1
/** Bid side, a buy, a long. */
export const BUY: Side = 0
/** Ask side, a sell, a short. */
export const SELL: Side = 1

export const opposite = (side: Side): Side => (side === BUY ? SELL : BUY)
/** +1 for a buy, −1 for a sell. */
export const signOf = (side: Side): 1 | -1 => (side === BUY ? 1 : -1)
export const sideName = (side: Side): 'Buy' | 'Sell' => (side === BUY ? 'Buy' : 'Sell')
