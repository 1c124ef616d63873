import type { DecimalStep, Instrument } from '../core/index.ts'
import type { TICK, View } from '../memory/index.ts'

type TickView = View<typeof TICK.fields>

/** How many values `BasicFeatures` writes. */
export const BASIC_FEATURES = 15

/**
 * The 15 basic order-book features of one tick record; formulas and rules stand in FEATURE_TABLE.
 *
 * Sums run over whole ticks and lots and are scaled once at the end, so that they do not depend on the order of
 * adding. What needs more levels than the record has becomes NaN; nothing is made up. Allocates nothing.
 */
export class BasicFeatures {
  readonly #tickUnits: number
  readonly #tickScale: number
  readonly #lotUnits: number
  readonly #lotScale: number

  constructor(instrument: Pick<Instrument, 'tick' | 'lot'>) {
    this.#tickUnits = instrument.tick.units
    this.#tickScale = scaleOf(instrument.tick)
    this.#lotUnits = instrument.lot.units
    this.#lotScale = scaleOf(instrument.lot)
  }

  /** Writes the values to `out` from place `at` on. */
  compute(tick: TickView, out: Float64Array, at: number): void {
    const { f64, bidLevels, askLevels } = tick
    const hasTouch = bidLevels > 0 && askLevels > 0
    const bid = hasTouch ? f64[tick.bidTicks]! : Number.NaN
    const ask = hasTouch ? f64[tick.askTicks]! : Number.NaN
    const bidLots = f64[tick.bidLots]!
    const askLots = f64[tick.askLots]!
    out[at] = this.#price(ask - bid)
    out[at + 1] = (2 * (ask - bid)) / (ask + bid)
    out[at + 2] = this.#price((ask + bid) / 2)
    // From the bid upwards: the weight is a fraction of the spread, and no digit of the price is lost in a product.
    out[at + 3] = this.#price(bid + ((ask - bid) * bidLots) / (bidLots + askLots))
    this.#depth(f64, tick.bidTicks, tick.bidLots, bidLevels, out, at + 4, at + 8)
    this.#depth(f64, tick.askTicks, tick.askLots, askLevels, out, at + 5, at + 9)
    const bidTotal = bidLevels > 0 ? tick.bidLotsTotal : Number.NaN
    const askTotal = askLevels > 0 ? tick.askLotsTotal : Number.NaN
    out[at + 12] = this.#size(bidTotal)
    out[at + 13] = this.#size(askTotal)
    out[at + 14] = askTotal === 0 ? 0 : bidTotal / askTotal
  }

  /** VWAP of 5 and 10 levels to `vwapAt` and the place two further; depth of 5 and 10 levels likewise. */
  #depth(f64: Float64Array, ticks: number, lots: number, levels: number, out: Float64Array, vwapAt: number, depthAt: number): void {
    const best = f64[ticks]!
    let depth = 0
    let distance = 0
    for (let i = 0; i < 10; i++) {
      if (i < levels) {
        depth += f64[lots + i]!
        distance += (f64[ticks + i]! - best) * f64[lots + i]!
      } else {
        depth = distance = Number.NaN
      }
      if (i !== 4 && i !== 9) continue
      const step = i === 4 ? 0 : 2
      out[vwapAt + step] = this.#price(best + distance / depth)
      out[depthAt + step] = this.#size(depth)
    }
  }

  #price(ticks: number): number {
    return (ticks * this.#tickUnits) / this.#tickScale
  }

  #size(lots: number): number {
    return (lots * this.#lotUnits) / this.#lotScale
  }
}

// Powers of ten are exact up to 10^22: one rounding in the division, none before.
const scaleOf = (step: DecimalStep): number => 10 ** step.decimals
