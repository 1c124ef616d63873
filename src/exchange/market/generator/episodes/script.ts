import { BUY, opposite, signOf, type Lots, type PriceTicks, type Random, type Side } from '../../../../core/index.ts'
import type { GeneratorView } from '../flow-process.ts'
import type { PlantedFlow, PlantedOrder } from './planted-flow.ts'

/** Whoever does not want to trade goes when the market is this close. */
const NEAR_TICKS = 3
/** …or this far away. */
const FAR_TICKS = 45
/** Ticks that somebody who wants an order goes for it. */
const SWEEP_TICKS = 12

/** What a participant is to do, drawn anew for every episode. Seconds are those of the market. */
export abstract class Script {
  readonly side: Side
  orders = 0
  lowTicks: PriceTicks = Number.MAX_SAFE_INTEGER
  highTicks: PriceTicks = 0
  protected readonly flow: PlantedFlow
  protected readonly random: Random
  /** Size of a typical level. */
  protected readonly typicalLots: Lots

  constructor(flow: PlantedFlow, random: Random, side: Side, typicalLots: Lots) {
    this.flow = flow
    this.random = random
    this.side = side
    this.typicalLots = typicalLots
  }

  /** Whether it came to what it is: else it was given up before. */
  get isWhole(): boolean {
    return true
  }

  /** Acts. @returns whether the episode is over */
  abstract step(view: GeneratorView): boolean

  /** Best price of a side as the market quotes it. */
  protected touch(view: GeneratorView, side: Side): PriceTicks {
    return side === BUY ? view.bidTicks : view.askTicks
  }

  /** Places an order `behind` ticks behind the best price. */
  protected place(view: GeneratorView, side: Side, behind: number, lots: Lots, meant: boolean): PlantedOrder | null {
    const ticks = this.touch(view, side) - signOf(side) * behind
    const order = this.flow.place(side, ticks, lots, meant)
    if (order === null) return null
    this.orders++
    this.lowTicks = Math.min(this.lowTicks, ticks)
    this.highTicks = Math.max(this.highTicks, ticks)
    return order
  }

  /** So many typical levels. */
  protected size(low: number, high: number): Lots {
    return Math.max(1, Math.round(this.typicalLots * this.random.between(low, high)))
  }

  /** Whether the market comes close to the price of an order. */
  protected isNear(view: GeneratorView, order: PlantedOrder): boolean {
    return (this.touch(view, order.side) - order.ticks) * signOf(order.side) <= NEAR_TICKS
  }

  /** Whether the market has gone away from an order: there it misleads nobody. */
  protected isFar(view: GeneratorView, order: PlantedOrder): boolean {
    return (this.touch(view, order.side) - order.ticks) * signOf(order.side) >= FAR_TICKS
  }

  /** Somebody takes what is better than an order, and so much of it. @returns false when the market is too far from it for that */
  protected hit(view: GeneratorView, order: PlantedOrder, lots: Lots): boolean {
    if ((this.touch(view, order.side) - order.ticks) * signOf(order.side) > SWEEP_TICKS) return false
    this.flow.take(opposite(order.side), order.ticks, this.flow.sizeTo(order.side, order.ticks) - order.lots + lots)
    return true
  }
}
