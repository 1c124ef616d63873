import { BUY, SELL, type Lots, type PriceTicks, type Random, type Side } from '../../../core/index.ts'
import type { MarketFlow } from '../source.ts'

/** Share of prices that carry a level, of 256; round prices always do. */
const PRESENT_OF_256 = 150
/** Prices that a quote move clears or fills one by one; a longer jump rebuilds the side. */
const STEPS_MAX = 400
/** Prices from the touch that a lean of the book reaches, and what it makes thick sizes larger and thin ones smaller by. */
const LEAN_TICKS = 20
const LEAN_FACTOR = 4

/**
 * The generator's own quotes: about `levels` prices a side, thinner at the touch, thicker on round prices. It says what the
 * market shows; what became of it (taken, traded against account orders) is seen at the next draw of a level.
 */
export class Ladder {
  bid: PriceTicks
  ask: PriceTicks
  readonly #flow: MarketFlow
  readonly #random: Random
  readonly #baseLots: Lots
  /** Prices from the touch to the last level. */
  readonly #span: number
  #lean: Side | null = null

  constructor(flow: MarketFlow, random: Random, levels: number, baseLots: Lots, bid: PriceTicks) {
    this.#flow = flow
    this.#random = random
    this.#baseLots = baseLots
    this.#span = Math.round((levels * 256) / PRESENT_OF_256)
    this.bid = bid
    this.ask = bid + 1
    this.#fill(BUY, bid - this.#span + 1, bid)
    this.#fill(SELL, bid + 1, bid + this.#span)
  }

  get span(): number {
    return this.#span
  }

  /** Moves the touch of both sides. */
  quote(bid: PriceTicks, ask: PriceTicks): void {
    // The side that gives way first, so that the new quotes find room.
    if (bid < this.bid) {
      this.#moveBid(bid)
      this.#moveAsk(ask)
    } else {
      this.#moveAsk(ask)
      this.#moveBid(bid)
    }
  }

  /** Draws one level anew: added to, reduced or cancelled, more often near the touch. The touch itself is never cancelled. */
  renew(): void {
    const side: Side = this.#random.chance(0.5) ? BUY : SELL
    const distance = Math.floor(this.#random.exponential(this.#span / 6))
    if (distance >= this.#span) return
    const ticks = side === BUY ? this.bid - distance : this.ask + distance
    if (distance > 0 && (!present(ticks) || this.#random.chance(0.25))) this.#flow.setLevel(side, ticks, 0)
    else this.#flow.setLevel(side, ticks, this.#size(side, ticks, distance))
  }

  /** Makes a side thick near the touch and the other one thin, until told otherwise. @param side null for neither */
  lean(side: Side | null): void {
    if (side === this.#lean) return
    this.#lean = side
    this.#fill(BUY, this.bid - LEAN_TICKS + 1, this.bid)
    this.#fill(SELL, this.ask, this.ask + LEAN_TICKS - 1)
  }

  #moveBid(to: PriceTicks): void {
    const from = this.bid
    this.bid = to
    if (Math.abs(to - from) > STEPS_MAX) {
      this.#clear(BUY, from - this.#span + 1, from)
      this.#fill(BUY, to - this.#span + 1, to)
    } else if (to > from) {
      this.#clear(BUY, from - this.#span + 1, Math.min(from, to - this.#span))
      this.#fill(BUY, Math.max(from + 1, to - this.#span + 1), to)
    } else if (to < from) {
      this.#clear(BUY, to + 1, from)
      this.#fill(BUY, to - this.#span + 1, Math.min(from - this.#span, to))
      if (!present(to)) this.#flow.setLevel(BUY, to, this.#size(BUY, to, 0))
    }
  }

  #moveAsk(to: PriceTicks): void {
    const from = this.ask
    this.ask = to
    if (Math.abs(to - from) > STEPS_MAX) {
      this.#clear(SELL, from, from + this.#span - 1)
      this.#fill(SELL, to, to + this.#span - 1)
    } else if (to < from) {
      this.#clear(SELL, Math.max(from, to + this.#span), from + this.#span - 1)
      this.#fill(SELL, to, Math.min(from - 1, to + this.#span - 1))
    } else if (to > from) {
      this.#clear(SELL, from, to - 1)
      this.#fill(SELL, Math.max(from + this.#span, to), to + this.#span - 1)
      if (!present(to)) this.#flow.setLevel(SELL, to, this.#size(SELL, to, 0))
    }
  }

  #clear(side: Side, low: PriceTicks, high: PriceTicks): void {
    for (let ticks = Math.max(1, low); ticks <= high; ticks++) this.#flow.setLevel(side, ticks, 0)
  }

  #fill(side: Side, low: PriceTicks, high: PriceTicks): void {
    const touch = side === BUY ? this.bid : this.ask
    for (let ticks = Math.max(1, low); ticks <= high; ticks++) {
      if (ticks === touch || present(ticks)) this.#flow.setLevel(side, ticks, this.#size(side, ticks, Math.abs(ticks - touch)))
    }
  }

  #size(side: Side, ticks: PriceTicks, distance: number): Lots {
    const lean = this.#lean === null || distance >= LEAN_TICKS ? 1 : side === this.#lean ? LEAN_FACTOR : 1 / LEAN_FACTOR
    const depth = 0.5 + Math.min(3, (6 * distance) / this.#span)
    const round = ticks % 100 === 0 ? 4 : ticks % 10 === 0 ? 2 : 1
    return Math.max(1, Math.round(this.#baseLots * lean * depth * round * Math.exp(0.8 * this.#random.normal() - 0.32)))
  }
}

/** Whether a price carries a level: the same answer every time it is asked. */
function present(ticks: PriceTicks): boolean {
  return ticks % 10 === 0 || ((Math.imul(ticks, 0x9e3779b1) >>> 24) & 255) < PRESENT_OF_256
}
