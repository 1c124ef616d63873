import { ZERO, type Lots, type Money, type PriceTicks, type Side } from '../../core/index.ts'
import type { Wallet } from '../port.ts'
import type { Account } from './account.ts'
import type { PositionState } from './position.ts'

/** The mark of a symbol in ticks. */
export type MarkOf = (symbol: string) => PriceTicks

export interface PositionMargin {
  readonly initial: Money
  readonly maintenance: Money
  readonly unrealised: Money
  readonly value: Money
}

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
  for (const [symbol, position] of account.positions) {
    if (position.signedLots === 0) continue
    const margin = positionMargin(position, markOf(symbol))
    unrealised = unrealised.plus(margin.unrealised)
    initial = initial.plus(margin.initial)
    maintenance = maintenance.plus(margin.maintenance)
  }
  for (const [symbol, exposure] of account.exposures) {
    if (exposure.orders === 0) continue
    const position = account.positions.get(symbol)!
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
  const exposure = account.exposure(math)
  const value = math.value(priceTicks, lots)
  const before = exposure.openingValue(position.signedLots, null, 0, ZERO)
  const rise = exposure.openingValue(position.signedLots, side, lots, value).minus(before)
  if (!rise.isPositive() || rise.isZero()) return true
  const wallet = walletOf(account, markOf)
  const free = wallet.equity.minus(wallet.positionMargin).minus(wallet.orderMargin)
  return free.gte(rise.div(position.leverage).plus(rise.times(math.taker)))
}
