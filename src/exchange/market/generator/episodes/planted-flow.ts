import { BUY, opposite, type Clock, type Lots, type PriceTicks, type Side, type Timers, type WallMs } from '../../../../core/index.ts'
import type { MarketFlow } from '../../source.ts'

/** An order of a planted participant. */
export interface PlantedOrder {
  readonly side: Side
  readonly ticks: PriceTicks
  /** What is left of it. */
  lots: Lots
  /** Taken by the market when its quotes reach the price; else withdrawn before they do. */
  readonly meant: boolean
}

/**
 * The flow of a generated market with the orders of planted participants beside its own. The market says what it shows of its own at
 * a price; planted size is added on top, is taken by aggressive orders after the market's own, and keeps its price until it is gone.
 */
export class PlantedFlow implements MarketFlow {
  readonly #flow: MarketFlow
  readonly #orders: PlantedOrder[] = []

  constructor(flow: MarketFlow) {
    this.#flow = flow
  }

  get clock(): Clock {
    return this.#flow.clock
  }

  get timers(): Timers {
    return this.#flow.timers
  }

  get start(): number {
    return this.#flow.start
  }

  get resumeTicks(): PriceTicks | null {
    return this.#flow.resumeTicks
  }

  /** Adds an order; it does not cross. @returns null when its price would */
  place(side: Side, ticks: PriceTicks, lots: Lots, meant: boolean): PlantedOrder | null {
    const other = this.#flow.best(opposite(side))
    if (ticks < 1 || (side === BUY ? ticks >= other : ticks <= other)) return null
    const order = { side, ticks, lots, meant }
    const shown = this.#flow.externalAt(side, ticks)
    this.#orders.push(order)
    this.#flow.setLevel(side, ticks, shown + lots)
    return order
  }

  /** Adds to an order that rests. */
  refill(order: PlantedOrder, lots: Lots): void {
    order.lots += lots
    this.#flow.setLevel(order.side, order.ticks, this.#flow.externalAt(order.side, order.ticks) + lots)
  }

  withdraw(order: PlantedOrder): void {
    const at = this.#orders.indexOf(order)
    if (at < 0) return
    this.#orders.splice(at, 1)
    this.#flow.setLevel(order.side, order.ticks, Math.max(0, this.#flow.externalAt(order.side, order.ticks) - order.lots))
  }

  /** The market's lots from the best price of a side to a price, that one included. */
  sizeTo(side: Side, ticks: PriceTicks): Lots {
    let lots = 0
    const best = this.#flow.best(side)
    for (let at = best; side === BUY ? at >= ticks : at <= ticks; at += side === BUY ? -1 : 1) lots += this.#flow.externalAt(side, at)
    return lots
  }

  setLevel(side: Side, ticks: PriceTicks, lots: Lots): void {
    if (this.#orders.length === 0) return this.#flow.setLevel(side, ticks, lots)
    if (lots > 0) this.#clear(opposite(side), ticks)
    this.#flow.setLevel(side, ticks, lots + this.#planted(side, ticks))
  }

  take(side: Side, limitTicks: PriceTicks, lots: Lots): Lots {
    if (this.#orders.length === 0) return this.#flow.take(side, limitTicks, lots)
    const left = this.#flow.take(side, limitTicks, lots)
    const makers = opposite(side)
    // The market's own size was there first.
    for (const order of [...this.#orders]) {
      if (order.side !== makers) continue
      order.lots = Math.min(order.lots, this.#flow.externalAt(makers, order.ticks))
      if (order.lots === 0) this.#orders.splice(this.#orders.indexOf(order), 1)
    }
    return left
  }

  print(side: Side, ticks: PriceTicks, lots: Lots): void {
    this.#flow.print(side, ticks, lots)
  }

  best(side: Side): PriceTicks {
    return this.#flow.best(side)
  }

  externalAt(side: Side, ticks: PriceTicks): Lots {
    return this.#flow.externalAt(side, ticks)
  }

  history(startMs: WallMs, open: PriceTicks, high: PriceTicks, low: PriceTicks, close: PriceTicks, lots: Lots, turnover: number): void {
    this.#flow.history(startMs, open, high, low, close, lots, turnover)
  }

  fundingHistory(rate: number, timeMs: WallMs): void {
    this.#flow.fundingHistory(rate, timeMs)
  }

  openInterest(lots: Lots): void {
    this.#flow.openInterest(lots)
  }

  seamBegin(): void {
    this.#orders.length = 0
    this.#flow.seamBegin()
  }

  seamEnd(reason: string): void {
    this.#flow.seamEnd(reason)
  }

  commit(): void {
    this.#flow.commit()
  }

  #planted(side: Side, ticks: PriceTicks): Lots {
    let lots = 0
    for (const order of this.#orders) if (order.side === side && order.ticks === ticks) lots += order.lots
    return lots
  }

  /** A level of the other side comes to `ticks`: what stands in its way is taken, or gets out of it. */
  #clear(side: Side, ticks: PriceTicks): void {
    for (const order of [...this.#orders]) {
      if (order.lots === 0 || order.side !== side || (side === BUY ? order.ticks < ticks : order.ticks > ticks)) continue
      if (order.meant) this.take(opposite(side), order.ticks, this.sizeTo(side, order.ticks))
      else this.withdraw(order)
    }
  }
}
