import { ZERO, type Money } from '../../core/index.ts'
import type { ContractMath } from '../contract.ts'
import type { Execution } from '../port.ts'
import { rules } from '../rules.ts'
import { Exposure } from './exposure.ts'
import { History } from './history.ts'
import type { OrderRecord } from './order-record.ts'
import { PositionState } from './position.ts'

/** One trading account: wallet, one-way positions, orders and executions of all symbols. Cross margin in the quote currency. */
export class Account {
  readonly name: string
  readonly startingBalance: Money
  balance: Money
  realisedPnl: Money = ZERO
  readonly positions = new Map<string, PositionState>()
  readonly exposures = new Map<string, Exposure>()
  /** Open orders by number, in order of arrival. */
  readonly open = new Map<number, OrderRecord>()
  readonly final: History<OrderRecord>
  readonly executions = new History<Execution>(rules.executionsKept)
  /** Every client id ever accepted: the order, or null when the order is too old to be kept. Never shrinks: a used id is refused forever. */
  readonly clientIds = new Map<string, OrderRecord | null>()

  constructor(name: string, balance: Money, dropped: (order: OrderRecord) => void) {
    this.name = name
    this.startingBalance = balance
    this.balance = balance
    this.final = new History(rules.finalOrdersKept, (order) => {
      if (order.clientId !== '') this.clientIds.set(order.clientId, null)
      dropped(order)
    })
  }

  position(math: ContractMath, leverage: string): PositionState {
    const { symbol } = math.contract
    let position = this.positions.get(symbol)
    if (position === undefined) {
      position = new PositionState(this.name, math, leverage)
      this.positions.set(symbol, position)
    }
    return position
  }

  exposure(math: ContractMath): Exposure {
    const { symbol } = math.contract
    let exposure = this.exposures.get(symbol)
    if (exposure === undefined) {
      exposure = new Exposure(math)
      this.exposures.set(symbol, exposure)
    }
    return exposure
  }
}
