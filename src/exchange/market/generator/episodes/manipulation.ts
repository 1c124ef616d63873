import type { Lots, Random, Side } from '../../../../core/index.ts'
import type { GeneratorView } from '../flow-process.ts'
import type { PlantedFlow, PlantedOrder } from './planted-flow.ts'
import { Script } from './script.ts'

/** A wall that nobody had time to see does not count, s. */
const SHOWN_S = 0.5
/** Orders after which a spoof is given up. */
const ORDERS_MAX = 16

/** A wall near the touch that is shown for a few seconds and withdrawn, several times; never meant to trade. */
export class Spoof extends Script {
  readonly #lots: Lots
  /** Walls that are still to be shown. */
  readonly #cycles: number
  #shown = 0
  #order: PlantedOrder | null = null
  #placedS = 0
  #atS = 0

  constructor(flow: PlantedFlow, random: Random, side: Side, typicalLots: Lots) {
    super(flow, random, side, typicalLots)
    this.#lots = this.size(12, 25)
    this.#cycles = 4 + random.below(4)
  }

  /** Fewer than three that were seen are none. */
  override get isWhole(): boolean {
    return this.#shown >= 3
  }

  step(view: GeneratorView): boolean {
    const order = this.#order
    if (order === null) {
      if (view.seconds < this.#atS) return false
      this.#order = this.place(view, this.side, 10 + this.random.below(23), Math.round(this.#lots * this.random.between(0.95, 1.05)), false)
      this.#placedS = view.seconds
      this.#atS = view.seconds + this.random.between(0.8, 6)
      return false
    }
    if (view.seconds < this.#atS && !this.isNear(view, order) && !this.isFar(view, order)) return false
    this.flow.withdraw(order)
    this.#order = null
    if (view.seconds - this.#placedS >= SHOWN_S) this.#shown++
    this.#atS = view.seconds + this.random.between(0.3, 3)
    return this.#shown === this.#cycles || this.orders === ORDERS_MAX
  }
}

/** Orders of one size on neighbouring prices, placed one after the other and withdrawn at once. */
export class Layer extends Script {
  readonly #lots: Lots
  readonly #layers: number
  readonly #spacing: number
  readonly #orders: PlantedOrder[] = []
  readonly #first: number
  #firstS = 0
  #lastS = 0
  #atS = 0

  constructor(flow: PlantedFlow, random: Random, side: Side, typicalLots: Lots) {
    super(flow, random, side, typicalLots)
    this.#lots = this.size(4.5, 6.5)
    this.#layers = 4 + random.below(3)
    this.#spacing = 1 + random.below(3)
    this.#first = 10 + random.below(15)
  }

  /** Fewer than three, or withdrawn before anybody saw them, are none. */
  override get isWhole(): boolean {
    return this.orders >= 3 && this.#lastS - this.#firstS >= SHOWN_S
  }

  step(view: GeneratorView): boolean {
    const orders = this.#orders
    const whole = orders.length === this.#layers
    const [first] = orders
    if (first !== undefined && (this.isNear(view, first) || this.isFar(view, orders.at(-1)!) || (whole && view.seconds >= this.#atS))) {
      for (const order of orders) this.flow.withdraw(order)
      this.#lastS = view.seconds
      return true
    }
    if (whole || view.seconds < this.#atS) return false
    // Prices count from the first layer, wherever the touch has gone.
    const behind = first === undefined ? this.#first : Math.abs(this.touch(view, this.side) - first.ticks) + orders.length * this.#spacing
    const order = this.place(view, this.side, behind, Math.round(this.#lots * this.random.between(0.97, 1.03)), false)
    if (order !== null) orders.push(order)
    if (orders.length === 1) this.#firstS = view.seconds
    this.#atS = view.seconds + (orders.length === this.#layers ? this.random.between(2, 12) : this.random.between(0.1, 0.8))
    return false
  }
}
