import type { GridScale } from './grid-scale.ts'
import { TOP_LEVELS, type TopLevels } from './top-levels.ts'

/** How many values `basicFeatures` writes. */
export const BASIC_FEATURES = 15

/**
 * Writes the 15 basic order-book features to `out` from place `at` on; formulas and rules stand in FEATURE_TABLE.
 *
 * Sums run over whole ticks and lots and are scaled once at the end, so that they do not depend on the order of
 * adding. What needs more levels than there are becomes NaN; nothing is made up. Allocates nothing.
 */
export function basicFeatures(top: TopLevels, scale: GridScale, out: Float64Array, at: number): void {
  const { hasTouch } = top
  const bid = hasTouch ? top.bidTicks[0]! : Number.NaN
  const ask = hasTouch ? top.askTicks[0]! : Number.NaN
  const bidLots = top.bidLots[0]!
  const askLots = top.askLots[0]!
  out[at] = scale.price(ask - bid)
  out[at + 1] = (2 * (ask - bid)) / (ask + bid)
  out[at + 2] = scale.price((ask + bid) / 2)
  // From the bid upwards: the weight is a fraction of the spread, and no digit of the price is lost in a product.
  out[at + 3] = scale.price(bid + ((ask - bid) * bidLots) / (bidLots + askLots))
  depth(top.bidTicks, top.bidLots, top.bidLevels, scale, out, at + 4, at + 8)
  depth(top.askTicks, top.askLots, top.askLevels, scale, out, at + 5, at + 9)
  const bidTotal = top.bidLevels > 0 ? top.bidTotalLots : Number.NaN
  const askTotal = top.askLevels > 0 ? top.askTotalLots : Number.NaN
  out[at + 12] = scale.size(bidTotal)
  out[at + 13] = scale.size(askTotal)
  out[at + 14] = askTotal === 0 ? 0 : bidTotal / askTotal
}

/** VWAP of 5 and 10 levels to `vwapAt` and the place two further; depth of 5 and 10 levels likewise. */
function depth(ticks: Float64Array, lots: Float64Array, levels: number, scale: GridScale, out: Float64Array, vwapAt: number, depthAt: number): void {
  const best = ticks[0]!
  let sum = 0
  let distance = 0
  for (let i = 0; i < TOP_LEVELS; i++) {
    if (i < levels) {
      sum += lots[i]!
      distance += (ticks[i]! - best) * lots[i]!
    } else {
      sum = distance = Number.NaN
    }
    if (i !== 4 && i !== 9) continue
    const step = i === 4 ? 0 : 2
    out[vwapAt + step] = scale.price(best + distance / sum)
    out[depthAt + step] = scale.size(sum)
  }
}
