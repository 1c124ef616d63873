import { fail, money, type Money } from '../../core/index.ts'
import type { ContractMath } from '../contract.ts'
import { executionIdOf, orderNumberOf } from '../ids.ts'
import type { AccountFact, AmendFact, ExecutionFact, Fact, FinalFact, FireFact, LeverageFact, ModeFact, OrderFact, TriggerMoveFact } from '../ledger/facts.ts'
import type { CancelReason, Execution, OrderKey } from '../port.ts'
import { Account, LEGS, legKey } from './account.ts'
import { OrderRecord } from './order-record.ts'
import type { PositionState } from './position.ts'

const REJECTIONS: ReadonlySet<CancelReason> = new Set(['margin-at-trigger', 'rejected-by-operator'])

/**
 * The state of all accounts as a fold over facts: the live exchange and a restart run the same `apply`, so that a
 * rebuilt state cannot differ from the one that was lost.
 */
export class Accounts {
  readonly all = new Map<string, Account>()
  orderLast = 0
  executionLast = 0
  readonly #orders = new Map<number, OrderRecord>()
  readonly #maths: ReadonlyMap<string, ContractMath>
  readonly #leverage: string

  constructor(maths: ReadonlyMap<string, ContractMath>, defaultLeverage: string) {
    this.#maths = maths
    this.#leverage = defaultLeverage
  }

  math(symbol: string): ContractMath {
    return this.#maths.get(symbol) ?? fail('RM_EXCHANGE_SYMBOL', { symbol })
  }

  /** Leverage of a position nobody has set: the configured one, within the contract. */
  leverageOf(math: ContractMath): string {
    return Number(this.#leverage) > math.contract.maxLeverage ? String(math.contract.maxLeverage) : this.#leverage
  }

  order(number: number): OrderRecord | undefined {
    return this.#orders.get(number)
  }

  /** When both ids are given the order id counts. */
  find(account: Account, key: OrderKey): OrderRecord | undefined {
    if (!('orderId' in key)) return account.clientIds.get(key.clientId) ?? undefined
    const order = this.#orders.get(orderNumberOf(key.orderId))
    return order?.account === account.name ? order : undefined
  }

  /** Applies an account fact. @throws RM_EXCHANGE_LEDGER_FACT when it contradicts what came before. */
  apply(fact: Fact): void {
    switch (fact.t) {
      case 'account':
        this.create(fact)
        break
      case 'order':
        this.accept(fact)
        break
      case 'amend':
        this.amend(fact)
        break
      case 'final':
        this.finish(fact)
        break
      case 'exec':
        this.execute(fact)
        break
      case 'leverage':
        this.lever(fact)
        break
      case 'fire':
        this.fire(fact)
        break
      case 'move':
        this.move(fact)
        break
      case 'mode':
        this.switchMode(fact)
        break
      case 'setting':
        this.#account(fact.account, fact).settings.set(fact.name, fact.value)
        break
      default:
    }
  }

  create(fact: AccountFact): Account {
    const account = new Account(fact.account, money(fact.balance), (order) => void this.#orders.delete(order.number))
    this.all.set(fact.account, account)
    return account
  }

  #account(name: string, fact: Fact): Account {
    return this.all.get(name) ?? fail('RM_EXCHANGE_LEDGER_FACT', { fact: JSON.stringify(fact), problem: `no account ${name}` })
  }

  #open(number: number, fact: Fact): OrderRecord {
    const order = this.#orders.get(number)
    if (order === undefined || !order.open) fail('RM_EXCHANGE_LEDGER_FACT', { fact: JSON.stringify(fact), problem: order === undefined ? 'no such order' : `order is ${order.status}` })
    return order
  }

  accept(fact: OrderFact): OrderRecord {
    const account = this.#account(fact.account, fact)
    const order = new OrderRecord(fact)
    this.#orders.set(fact.n, order)
    if (fact.client !== '') account.clientIds.set(fact.client, order)
    const math = this.math(fact.symbol)
    account.position(math, this.leverageOf(math), order.leg)
    account.exposure(math, order.leg).count(order, 1)
    if (order.waiting) account.waiting.set(fact.n, order)
    else account.open.set(fact.n, order)
    if (fact.n > this.orderLast) this.orderLast = fact.n
    return order
  }

  #waiting(number: number, fact: Fact): OrderRecord {
    const order = this.#orders.get(number)
    if (order === undefined || !order.waiting) fail('RM_EXCHANGE_LEDGER_FACT', { fact: JSON.stringify(fact), problem: order === undefined ? 'no such order' : `order is ${order.status}` })
    return order
  }

  /** A conditional order becomes an order of `fact.lots`. */
  fire(fact: FireFact): OrderRecord {
    const order = this.#waiting(fact.n, fact)
    const account = this.#account(order.account, fact)
    account.waiting.delete(order.number)
    account.open.set(order.number, order)
    order.status = 'New'
    order.lots = fact.lots
    order.updatedMs = fact.ms
    order.trigger!.triggeredMs = fact.ms
    account.exposure(this.math(order.symbol), order.leg).count(order, 1)
    return order
  }

  move(fact: TriggerMoveFact): OrderRecord {
    const order = this.#waiting(fact.n, fact)
    order.trigger!.ticks = fact.ticks
    order.updatedMs = fact.ms
    return order
  }

  switchMode(fact: ModeFact): void {
    const account = this.#account(fact.account, fact)
    for (const symbol of fact.symbol === null ? this.#maths.keys() : [fact.symbol]) account.modes.set(symbol, fact.mode)
  }

  amend(fact: AmendFact): OrderRecord {
    const kept = this.#orders.get(fact.n)
    const order = kept !== undefined && kept.waiting ? kept : this.#open(fact.n, fact)
    const exposure = this.#account(order.account, fact).exposure(this.math(order.symbol), order.leg)
    exposure.count(order, -1)
    order.priceTicks = fact.ticks
    order.lots = fact.lots
    order.updatedMs = fact.ms
    exposure.count(order, 1)
    return order
  }

  finish(fact: FinalFact): OrderRecord {
    const kept = this.#orders.get(fact.n)
    const waited = kept !== undefined && kept.waiting
    const order = waited ? kept : this.#open(fact.n, fact)
    const account = this.#account(order.account, fact)
    account.exposure(this.math(order.symbol), order.leg).count(order, -1)
    order.status = REJECTIONS.has(fact.reason) ? 'Rejected' : waited ? 'Deactivated' : 'Cancelled'
    order.cancelReason = fact.reason
    order.updatedMs = fact.ms
    account.open.delete(order.number)
    account.waiting.delete(order.number)
    account.final.push(order)
    return order
  }

  execute(fact: ExecutionFact): Execution {
    const account = this.#account(fact.account, fact)
    const math = this.math(fact.symbol)
    const leg = fact.leg ?? 'net'
    const position = account.position(math, this.leverageOf(math), leg)
    const fee = money(fact.fee)
    const value = math.value(fact.ticks, fact.lots)
    const order = fact.order === 0 ? null : this.#open(fact.order, fact)
    let closedLots = 0
    let realisedPnl = money(0)
    if (fact.kind !== 'Funding') {
      const change = position.fill(fact.side, fact.ticks, fact.lots, fact.ms)
      closedLots = change.closedLots
      realisedPnl = change.realised
    }
    position.sequence = fact.seq
    account.balance = account.balance.plus(realisedPnl).minus(fee)
    account.realisedPnl = account.realisedPnl.plus(realisedPnl)
    if (order !== null) this.#fill(account, math, order, fact, value, fee)
    if (fact.n > this.executionLast) this.executionLast = fact.n
    const execution: Execution = {
      executionId: executionIdOf(fact.n),
      account: fact.account,
      kind: fact.kind,
      orderId: order === null ? '' : order.orderId,
      clientId: order === null ? '' : order.clientId,
      symbol: fact.symbol,
      leg,
      side: fact.side,
      priceTicks: fact.ticks,
      price: math.price(fact.ticks),
      lots: fact.lots,
      value,
      fee,
      feeRate: fact.rate,
      maker: fact.maker,
      closedLots,
      realisedPnl,
      leavesLots: order === null ? 0 : order.leavesLots,
      sequence: fact.seq,
      timeMs: fact.ms,
    }
    account.executions.push(execution)
    return execution
  }

  #fill(account: Account, math: ContractMath, order: OrderRecord, fact: ExecutionFact, value: Money, fee: Money): void {
    if (fact.lots > order.leavesLots) fail('RM_EXCHANGE_LEDGER_FACT', { fact: JSON.stringify(fact), problem: `only ${order.leavesLots} lots are open` })
    const exposure = account.exposure(math, order.leg)
    exposure.count(order, -1)
    order.filledLots += fact.lots
    order.filledValue = order.filledValue.plus(value)
    order.fee = order.fee.plus(fee)
    order.updatedMs = fact.ms
    order.status = order.filledLots === order.lots ? 'Filled' : 'PartiallyFilled'
    exposure.count(order, 1)
    if (order.status === 'Filled') {
      account.open.delete(order.number)
      account.final.push(order)
    }
  }

  lever(fact: LeverageFact): PositionState {
    const account = this.#account(fact.account, fact)
    const math = this.math(fact.symbol)
    account.leverages.set(fact.symbol, fact.leverage)
    const position = account.position(math, this.leverageOf(math), account.mode(fact.symbol) === 'hedge' ? 'long' : 'net')
    for (const leg of LEGS) {
      const one = account.positions.get(legKey(fact.symbol, leg))
      if (one === undefined) continue
      one.leverage = fact.leverage
      one.updatedMs = fact.ms
    }
    return position
  }
}
