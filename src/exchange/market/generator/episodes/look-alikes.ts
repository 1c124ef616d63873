import { BUY, SELL } from '../../../../core/index.ts'
import type { GeneratorView } from '../flow-process.ts'
import type { PlantedOrder } from './planted-flow.ts'
import { Script } from './script.ts'

/** Longest time for which somebody waits to be traded with, s: longer than a spoof stands. */
const PATIENCE_S = 12

/** Large orders at the touch that are traded within seconds, several times; at most a small rest is withdrawn. */
export class Traded extends Script {
  #left = 3 + this.random.below(3)
  #order: PlantedOrder | null = null
  #chunk = 0
  #placedLots = 0
  #placedS = 0
  #atS = 0

  step(view: GeneratorView): boolean {
    if (view.seconds < this.#atS) return false
    const order = this.#order
    this.#atS = view.seconds + this.random.between(0.1, 0.4)
    if (order === null) {
      const placed = this.place(view, this.side, this.random.below(2), this.size(12, 25), true)
      if (placed === null) return false
      this.#order = placed
      this.#placedS = view.seconds
      this.#placedLots = placed.lots
      this.#chunk = Math.ceil(placed.lots / (6 + this.random.below(15)))
      return false
    }
    const met = order.lots === 0 || this.hit(view, order, Math.min(order.lots, this.#chunk))
    if (met ? order.lots > 0.1 * this.#placedLots : view.seconds - this.#placedS < PATIENCE_S) return false
    this.flow.withdraw(order)
    this.#order = null
    this.#atS = view.seconds + this.random.between(1, 5)
    return --this.#left === 0
  }
}

/** Large orders that rest for a long time and are withdrawn then, unless the market comes to them. */
export class Resting extends Script {
  readonly #orders: { readonly order: PlantedOrder; readonly untilS: number }[] = []
  #left = 2 + this.random.below(2)
  #atS = 0

  step(view: GeneratorView): boolean {
    for (const one of [...this.#orders]) {
      if (one.order.lots > 0 && view.seconds < one.untilS) continue
      this.flow.withdraw(one.order)
      this.#orders.splice(this.#orders.indexOf(one), 1)
    }
    if (this.#left > 0 && view.seconds >= this.#atS) {
      const order = this.place(view, this.side, 10 + this.random.below(30), this.size(12, 25), true)
      if (order !== null) {
        this.#orders.push({ order, untilS: view.seconds + this.random.between(40, 120) })
        this.#left--
      }
      this.#atS = view.seconds + this.random.between(1, 10)
    }
    return this.#left === 0 && this.#orders.length === 0
  }
}

/** A market maker: levels of one size on both sides, taken away and put around the new price every second or so. */
export class Requote extends Script {
  readonly #lots = this.size(4.5, 6.5)
  readonly #spacing = 1 + this.random.below(2)
  readonly #first = 5 + this.random.below(10)
  readonly #levels = 4 + this.random.below(2)
  readonly #lengthS = this.random.between(30, 60)
  #orders: PlantedOrder[] = []
  #atS = 0
  #endS = 0

  step(view: GeneratorView): boolean {
    if (this.#endS === 0) this.#endS = view.seconds + this.#lengthS
    if (view.seconds < this.#atS) return false
    for (const order of this.#orders) this.flow.withdraw(order)
    this.#orders = []
    if (view.seconds >= this.#endS) return true
    for (const side of [BUY, SELL]) {
      for (let level = 0; level < this.#levels; level++) {
        const order = this.place(view, side, this.#first + level * this.#spacing, this.#lots, true)
        if (order !== null) this.#orders.push(order)
      }
    }
    this.#atS = view.seconds + this.random.between(0.5, 2)
    return false
  }
}

/** An order at the touch that shows a part of itself: traded down and filled up again, until all of it is traded. */
export class Refill extends Script {
  readonly #shown = this.size(9, 14)
  #refills = 4 + this.random.below(4)
  #order: PlantedOrder | null = null
  #metS = 0
  #atS = 0

  step(view: GeneratorView): boolean {
    if (view.seconds < this.#atS) return false
    this.#atS = view.seconds + this.random.between(0.15, 0.6)
    const order = this.#order
    if (order === null) {
      this.#metS = view.seconds
      this.#order = this.place(view, this.side, 0, this.#shown, true)
      return false
    }
    if (order.lots > 0 && !this.hit(view, order, Math.min(order.lots, Math.ceil(this.#shown / (4 + this.random.below(4)))))) {
      // The market went away: it is over when it stays there.
      if (view.seconds - this.#metS < PATIENCE_S) return false
      this.flow.withdraw(order)
      return true
    }
    this.#metS = view.seconds
    if (order.lots === 0) {
      // All of it was traded: it comes again where the market is now.
      this.#order = null
      return this.#refills-- <= 0
    }
    if (this.#refills > 0 && order.lots < 0.4 * this.#shown) {
      this.#refills--
      this.flow.refill(order, this.#shown - order.lots)
    }
    return false
  }
}
