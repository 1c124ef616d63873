import { money, type Lots, type Money, type PriceTicks } from '../core/index.ts'
import { isFinal } from './order-machine.ts'
import { unitOf, type Order, type Position, type SymbolState, type TradingState } from './state.ts'

/** What turns numbers of the books from one grid to another, exactly or not at all. */
class Regrid {
  readonly #tick: readonly [Money, Money]
  readonly #lot: readonly [Money, Money]

  constructor(from: { readonly tick: string; readonly lot: string }, to: { readonly tick: string; readonly lot: string }) {
    this.#tick = [money(from.tick), money(to.tick)]
    this.#lot = [money(from.lot), money(to.lot)]
  }

  /** NaN where the size is none of the new grid. */
  lots(lots: Lots): Lots {
    const size = this.#lot[0].mul(lots)
    const found = size.div(this.#lot[1]).round()
    return found.mul(this.#lot[1]).eq(size) ? found.toNumber() : Number.NaN
  }

  /** The nearest size of the new grid, away from zero: for what is over, where only "as much as" counts. */
  lotsAround(lots: Lots): Lots {
    return this.#lot[0].mul(lots).div(this.#lot[1]).abs().ceil().toNumber() * Math.sign(lots)
  }

  /** Fractional where the price lies between two ticks of the new grid. */
  exact(ticks: PriceTicks): Money {
    return this.#tick[0].mul(ticks).div(this.#tick[1])
  }

  priceText(ticks: PriceTicks): string {
    return this.#tick[0].mul(ticks).toFixed()
  }

  /** 0 stays what it stands for: none. */
  ticks(ticks: PriceTicks, rounding: 'floor' | 'ceil' | 'round' = 'round'): PriceTicks {
    return ticks === 0 ? 0 : Math.max(1, this.exact(ticks)[rounding]().toNumber())
  }

  /** Σ price·size. */
  cost(tickLots: Money): Money {
    return tickLots.mul(this.#tick[0]).mul(this.#lot[0]).div(this.#tick[1].mul(this.#lot[1]))
  }
}

/** The size of a symbol's books that another lot cannot express, in coins; '' when it can express all that still counts. */
export function regridProblem(symbol: SymbolState, tick: string, lot: string): string {
  if (symbol.tick === '') return ''
  const grid = new Regrid(symbol, { tick, lot })
  const sizes = [symbol.ledger.signedLots, ...symbol.live.flatMap((order) => [order.lots, order.filledLots, order.venueFilledLots])]
  const lost = sizes.find((lots) => Number.isNaN(grid.lots(lots)))
  return lost === undefined ? '' : money(symbol.lot).mul(lost).toFixed()
}

/**
 * Counts the books of a symbol on another grid of prices and sizes. Sizes, costs and cash stay what they are, to the last
 * digit; levels that lie between two ticks of a coarser grid move to the side that leaves the position sooner. What is over
 * keeps its exact prices where it has them.
 */
export function regrid(state: TradingState, symbol: SymbolState, tick: string, lot: string): void {
  if (symbol.tick !== '' && (symbol.tick !== tick || symbol.lot !== lot)) {
    const grid = new Regrid(symbol, { tick, lot })
    for (const order of state.orders.values()) if (order.symbol === symbol.symbol) turnOrder(order, grid)
    const { ledger, stop, position } = symbol
    ledger.costTickLots = grid.cost(ledger.costTickLots)
    ledger.signedLots = sizeOn(grid, ledger.signedLots)
    const long = ledger.signedLots > 0
    stop.ticks = grid.ticks(stop.ticks)
    stop.askedTicks = grid.ticks(stop.askedTicks)
    if (position !== null) turnPosition(position, long, grid)
  }
  symbol.tick = tick
  symbol.lot = lot
  symbol.unit = unitOf(tick, lot)
}

/** Live sizes lie on the new grid: `regridProblem` was asked before. */
const sizeOn = (grid: Regrid, lots: Lots): Lots => {
  const exact = grid.lots(lots)
  return Number.isNaN(exact) ? grid.lotsAround(lots) : exact
}

function turnOrder(order: Order, grid: Regrid): void {
  const over = isFinal(order.state)
  const turned = {
    lots: sizeOn(grid, order.lots),
    filledLots: sizeOn(grid, order.filledLots),
    venueFilledLots: sizeOn(grid, order.venueFilledLots),
    priceTicks: order.priceTicks === null ? null : grid.ticks(order.priceTicks),
    referenceTicks: grid.ticks(order.referenceTicks),
  }
  // Of an order that is over, what was filled must not look like less than the venue says.
  if (over) turned.venueFilledLots = Math.min(turned.venueFilledLots, turned.filledLots)
  Object.assign(order, turned)
}

function turnPosition(position: Position, long: boolean, grid: Regrid): void {
  position.stopLossTicks = grid.ticks(position.stopLossTicks, long ? 'ceil' : 'floor')
  position.takeProfitTicks = grid.ticks(position.takeProfitTicks, long ? 'floor' : 'ceil')
  position.trailedTicks = grid.ticks(position.trailedTicks, long ? 'ceil' : 'floor')
  position.trailFromTicks = grid.ticks(position.trailFromTicks, long ? 'floor' : 'ceil')
  position.trailBehindTicks = grid.ticks(position.trailBehindTicks)
  position.trailStepTicks = grid.ticks(position.trailStepTicks)
  if (position.plan.atrTicks !== null) position.plan = { ...position.plan, atrTicks: grid.exact(position.plan.atrTicks).toNumber() }
  const closes = position.closes.map((close) => {
    const exact = grid.exact(close.priceTicks)
    const priceText = close.priceText ?? (exact.isInteger() ? null : grid.priceText(close.priceTicks))
    return { ...close, beforeLots: sizeOn(grid, close.beforeLots), afterLots: sizeOn(grid, close.afterLots), priceTicks: exact.round().toNumber(), priceText }
  })
  position.closes.splice(0, position.closes.length, ...closes)
}
