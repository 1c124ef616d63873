import { BUY, ZERO, type Money, type Side } from '../../core/index.ts'
import type { ContractMath } from '../contract.ts'
import type { Execution, ExchangeOrder, Leg, Position, PositionMode, ProtectionPrice } from '../port.ts'
import { rules } from '../rules.ts'
import { Exposure } from './exposure.ts'
import { History } from './history.ts'
import type { OrderRecord } from './order-record.ts'
import { PositionState } from './position.ts'

/** Account of the insurance fund: takes over what liquidations leave, pays what that costs. No key may name it. */
export const INSURANCE = '#insurance'

export const LEGS: readonly Leg[] = ['net', 'long', 'short']

/** Name of a leg among the positions of an account. */
export const legKey = (symbol: string, leg: Leg): string => (leg === 'net' ? symbol : `${symbol} ${leg}`)

/** Whether an order of `side` closes this leg of a hedged position instead of opening it. */
export const closesLeg = (leg: Leg, side: Side): boolean => leg !== 'net' && (leg === 'long') !== (side === BUY)

/** One trading account: wallet, positions, orders and executions of all symbols. Cross margin in the quote currency. */
export class Account {
  readonly name: string
  readonly startingBalance: Money
  balance: Money
  realisedPnl: Money = ZERO
  /** By `legKey`. */
  readonly positions = new Map<string, PositionState>()
  /** By `legKey`. */
  readonly exposures = new Map<string, Exposure>()
  /** By symbol, where somebody set it. */
  readonly leverages = new Map<string, string>()
  /** By symbol, where it is not one-way. */
  readonly modes = new Map<string, PositionMode>()
  /** What the fronts keep for the account, by name. */
  readonly settings = new Map<string, string>()
  /** Open orders by number, in order of arrival. */
  readonly open = new Map<number, OrderRecord>()
  /** Conditional orders that have not fired, by number. */
  readonly waiting = new Map<number, OrderRecord>()
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

  mode(symbol: string): PositionMode {
    return this.modes.get(symbol) ?? 'one-way'
  }

  /** @param leverage that of a position nobody has set. */
  position(math: ContractMath, leverage: string, leg: Leg = 'net'): PositionState {
    const { symbol } = math.contract
    const key = legKey(symbol, leg)
    let position = this.positions.get(key)
    if (position === undefined) {
      position = new PositionState(this.name, math, this.leverages.get(symbol) ?? leverage, leg)
      this.positions.set(key, position)
    }
    return position
  }

  exposure(math: ContractMath, leg: Leg): Exposure {
    const key = legKey(math.contract.symbol, leg)
    let exposure = this.exposures.get(key)
    if (exposure === undefined) {
      exposure = new Exposure(math)
      this.exposures.set(key, exposure)
    }
    return exposure
  }

  /** Open orders of a symbol, all legs. */
  activeOrders(symbol: string): number {
    let count = 0
    for (const leg of LEGS) count += this.exposures.get(legKey(symbol, leg))?.orders ?? 0
    return count
  }

  /** The position with what protects it. */
  describe(position: PositionState): Position {
    const { symbol } = position.math.contract
    let takeProfit: ProtectionPrice | null = null
    let stopLoss: ProtectionPrice | null = null
    let trailing: ExchangeOrder['trigger'] = null
    for (const record of this.waiting.values()) {
      if (record.symbol !== symbol || record.leg !== position.leg || record.origin !== 'protection') continue
      const trigger = record.trigger!
      if (trigger.kind === 'trailing-stop') trailing = trigger.snapshot(record.number)
      else if (trigger.whole) {
        const price = { ticks: trigger.ticks!, by: trigger.by, limitTicks: record.priceTicks }
        if (trigger.kind === 'take-profit') takeProfit = price
        else stopLoss = price
      }
    }
    return { ...position.snapshot(), takeProfit, stopLoss, trailing }
  }
}
