import { ZERO, type Lots, type Money, type PriceTicks, type Side } from '../../core/index.ts'
import type { PositionMargin, Wallet } from '../port.ts'
import type { Account } from './account.ts'
import type { PositionState } from './position.ts'

/** The mark of a symbol in ticks. */
export type MarkOf = (symbol: string) => PriceTicks

/**
 * Margin of one position at the mark: initial = value / leverage, maintenance = value × rate.
 * (The venues add an estimated closing fee and risk tiers; one tier and no fee here.)
 */
export function positionMargin(position: PositionState, markTicks: PriceTicks): PositionMargin {
  if (position.signedLots === 0) return { initial: ZERO, maintenance: ZERO, unrealised: ZERO, value: ZERO }
  const value = position.math.value(markTicks, Math.abs(position.signedLots))
  return {
    initial: value.div(position.leverage),
    maintenance: value.times(position.math.maintenance),
    unrealised: position.unrealised(markTicks),
    value,
  }
}

/** Account totals at the marks; `available` is not below zero. */
export function walletOf(account: Account, markOf: MarkOf): Wallet {
  let unrealised = ZERO
  let initial = ZERO
  let maintenance = ZERO
  let orders = ZERO
  for (const position of account.positions.values()) {
    if (position.signedLots === 0) continue
    const margin = positionMargin(position, markOf(position.math.contract.symbol))
    unrealised = unrealised.plus(margin.unrealised)
    initial = initial.plus(margin.initial)
    maintenance = maintenance.plus(margin.maintenance)
  }
  for (const [key, exposure] of account.exposures) {
    if (exposure.orders === 0) continue
    const position = account.positions.get(key)!
    orders = orders.plus(exposure.openingValue(position.signedLots, null, 0, ZERO).div(position.leverage))
  }
  const equity = account.balance.plus(unrealised)
  const free = equity.minus(initial).minus(orders)
  return {
    account: account.name,
    balance: account.balance,
    equity,
    unrealisedPnl: unrealised,
    positionMargin: initial,
    orderMargin: orders,
    maintenanceMargin: maintenance,
    available: free.isNegative() ? ZERO : free,
    realisedPnl: account.realisedPnl,
  }
}

/**
 * Whether the account can carry an additional order: the rise of its order margin plus the taker fee of the opening part
 * must fit in what is free. An order that opens nothing is always carried, even by an account under water.
 */
export function carries(account: Account, position: PositionState, side: Side, lots: Lots, priceTicks: PriceTicks, markOf: MarkOf): boolean {
  const { math } = position
  const exposure = account.exposure(math, position.leg)
  const value = math.value(priceTicks, lots)
  const before = exposure.openingValue(position.signedLots, null, 0, ZERO)
  const rise = exposure.openingValue(position.signedLots, side, lots, value).minus(before)
  if (!rise.isPositive() || rise.isZero()) return true
  const wallet = walletOf(account, markOf)
  const free = wallet.equity.minus(wallet.positionMargin).minus(wallet.orderMargin)
  return free.gte(rise.div(position.leverage).plus(rise.times(math.taker)))
}

/**
 * Mark p at which the equity of the account falls to its maintenance margin when nothing but this mark moves:
 * equity + (p − mark)·Σ signed = MM of the others + p·Σ|size|·m, both legs of a hedged position together.
 * @returns null when flat or when there is no such price above zero.
 */
export function liquidationPrice(account: Account, symbol: string, position: PositionState, markOf: MarkOf): Money | null {
  const { math } = position
  let signed = 0
  let gross = 0
  for (const one of account.positions.values()) {
    if (one.math.contract.symbol !== symbol) continue
    signed += one.signedLots
    gross += Math.abs(one.signedLots)
  }
  if (position.signedLots === 0 || signed === 0) return null
  const wallet = walletOf(account, markOf)
  const mark = math.price(markOf(symbol))
  const lot = math.contract.lot.text
  const others = wallet.maintenanceMargin.minus(mark.times(gross).times(lot).times(math.maintenance))
  const slope = math.maintenance.times(gross).minus(signed).times(lot)
  if (slope.isZero()) return null
  const price = wallet.equity.minus(mark.times(signed).times(lot)).minus(others).div(slope)
  return price.isPositive() && !price.isZero() ? price : null
}
