import { BUY, money, ZERO, type Lots, type Money, type Side } from '../../core/index.ts'
import type { ContractMath } from '../contract.ts'
import type { OrderRecord } from './order-record.ts'

/** Running sums over the open orders of one account on one symbol, so that a margin check does not walk them. */
export class Exposure {
  /** Open orders, reduce-only ones included. */
  orders = 0
  buyLots: Lots = 0
  sellLots: Lots = 0
  /** At limit prices, quote currency; reduce-only and market orders need no margin and are left out. */
  buyValue: Money = ZERO
  sellValue: Money = ZERO
  readonly #math: ContractMath

  constructor(math: ContractMath) {
    this.#math = math
  }

  /** Adds (+1) or takes out (−1) what an order contributes now; call with −1 before and +1 after it changes. */
  count(order: OrderRecord, sign: 1 | -1): void {
    if (!order.open) return
    this.orders += sign
    if (order.reduceOnly || order.priceTicks === null) return
    const lots = order.leavesLots * sign
    const value = this.#math.value(order.priceTicks, lots)
    if (order.side === BUY) {
      this.buyLots += lots
      this.buyValue = this.buyValue.plus(value)
    } else {
      this.sellLots += lots
      this.sellValue = this.sellValue.plus(value)
    }
  }

  /**
   * Value that these orders would open beyond closing the position: the larger of the two sides, because only one of them
   * can grow the position. The part of a side that would close the position is taken at that side's average price.
   */
  openingValue(signedLots: number, extraSide: Side | null, extraLots: Lots, extraValue: Money): Money {
    const buy = opening(
      this.buyLots + (extraSide === BUY ? extraLots : 0),
      extraSide === BUY ? this.buyValue.plus(extraValue) : this.buyValue,
      Math.max(0, -signedLots),
    )
    const sell = opening(
      this.sellLots + (extraSide !== null && extraSide !== BUY ? extraLots : 0),
      extraSide !== null && extraSide !== BUY ? this.sellValue.plus(extraValue) : this.sellValue,
      Math.max(0, signedLots),
    )
    return buy.gt(sell) ? buy : sell
  }
}

function opening(lots: Lots, value: Money, closing: Lots): Money {
  if (lots <= closing) return ZERO
  return closing === 0 ? value : value.times(lots - closing).div(money(lots))
}
