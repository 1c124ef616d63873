import { fail, type Lots, type PriceTicks, type Side, type WallMs } from '../core/index.ts'
import { legKey, type Account } from './accounts/account.ts'
import type { Clearing } from './clearing.ts'
import type { Deleveraging } from './deleveraging.ts'
import type { Instruments } from './instruments.ts'
import type { Liquidator } from './liquidator.ts'
import type { Market } from './market/market.ts'
import type { OrderDesk } from './order-desk.ts'
import type { Answer, Contract, ContractChange, ExchangeOrder, Leg, NewOrder, OrderKey } from './port.ts'
import type { OrderRecord } from './accounts/order-record.ts'

export interface OperatorParts {
  readonly clearing: Clearing
  readonly markets: ReadonlyMap<string, Market>
  readonly desk: OrderDesk
  readonly liquidator: Liquidator
  readonly deleveraging: Deleveraging
  readonly instruments: Instruments
  /** Runs a command as the exchange runs those of accounts: triggers, ledger, listeners. Null when it concerns every market. */
  readonly run: <T>(market: Market | null, command: () => T) => T
  readonly wallMs: () => WallMs
}

/**
 * What happens to an exchange from outside of its protocols: the owner's hand in the app, the venue's own decisions, and
 * events on demand for tests and rehearsals. Every method is carried out at once and is in the ledger like any command.
 */
export class Operator {
  readonly #parts: OperatorParts

  constructor(parts: OperatorParts) {
    this.#parts = parts
  }

  /** Changes the terms of a contract. @throws RM_EXCHANGE_SYMBOL, RM_EXCHANGE_CONTRACT. */
  changeContract(symbol: string, change: ContractChange): Contract {
    const market = this.#market(symbol)
    return this.#parts.run(market, () => {
      this.#parts.instruments.change(market, change)
      return market.contract
    })
  }

  /** Announces a change; null takes it back. @throws RM_EXCHANGE_SYMBOL, RM_EXCHANGE_CONTRACT. */
  announceChange(symbol: string, change: ContractChange | null, atMs: WallMs): Contract {
    const market = this.#market(symbol)
    return this.#parts.run(market, () => {
      this.#parts.instruments.announce(market, change, atMs)
      return market.contract
    })
  }

  /** Funding rate of every interval from now on; null for the rate of the market. @throws RM_EXCHANGE_SYMBOL. */
  setFundingRate(symbol: string, rate: number | null): void {
    const market = this.#market(symbol)
    this.#parts.run(market, () => {
      market.mark.override = rate
      this.#parts.clearing.note({ t: 'rate', symbol, rate, ms: this.#parts.wallMs() })
    })
  }

  /** An order by hand in the app: no client id. */
  orderByHand(accountName: string, order: Omit<NewOrder, 'clientId' | 'origin'>): Answer<ExchangeOrder> {
    const market = this.#market(order.symbol)
    return this.#parts.run(market, () => snapshotOf(this.#parts.desk.place(this.#account(accountName), market, { ...order, clientId: '', origin: 'operator' })))
  }

  /** Closes a position by hand, or `lots` of it, at market. */
  closeByHand(accountName: string, symbol: string, leg: Leg = 'net', lots: Lots | null = null): Answer<ExchangeOrder> {
    const position = this.#account(accountName).positions.get(legKey(symbol, leg))
    const signed = position?.signedLots ?? 0
    const side: Side = signed > 0 ? 1 : 0
    return this.orderByHand(accountName, { symbol, side, type: 'market', priceTicks: null, lots: lots ?? Math.max(1, Math.abs(signed)), timeInForce: 'IOC', reduceOnly: true, closeOnTrigger: false, leg })
  }

  /** Liquidates an account now, whatever its margin. */
  liquidate(accountName: string): void {
    const account = this.#account(accountName)
    this.#parts.run(null, () => this.#parts.liquidator.liquidate(account))
  }

  /** Deleverages positions of a side at the mark, or at `ticks`. @returns the lots that found nobody. @throws RM_EXCHANGE_SYMBOL. */
  deleverage(symbol: string, positionSide: Side, lots: Lots, ticks: PriceTicks | null = null): Lots {
    const market = this.#market(symbol)
    return this.#parts.run(market, () => this.#parts.deleveraging.demand(market, positionSide, lots, ticks ?? market.mark.markTicks))
  }

  /** The market trades `lots` of a resting order at its price. @returns the lots that were filled. */
  fill(accountName: string, key: OrderKey, lots: Lots): Lots {
    const record = this.#parts.clearing.accounts.find(this.#account(accountName), key)
    if (record === undefined || record.entry < 0) return 0
    const market = this.#market(record.symbol)
    return this.#parts.run(market, () => this.#parts.clearing.fillByMarket(market, record, lots))
  }

  /** Rejects an open or waiting order after the fact. @returns whether there was one. */
  reject(accountName: string, key: OrderKey): boolean {
    const record = this.#parts.clearing.accounts.find(this.#account(accountName), key)
    if (record === undefined || (!record.open && !record.waiting)) return false
    this.#parts.run(this.#market(record.symbol), () => this.#parts.clearing.end(record, 'rejected-by-operator'))
    return true
  }

  /** The next `count` orders of the account (of anybody for null) are accepted and then rejected. */
  rejectNext(accountName: string | null, count = 1): void {
    this.#parts.desk.rejectNext(accountName, count)
  }

  #market(symbol: string): Market {
    return this.#parts.markets.get(symbol) ?? fail('RM_EXCHANGE_SYMBOL', { symbol })
  }

  #account(name: string): Account {
    return this.#parts.clearing.account(name)
  }
}

const snapshotOf = (answer: Answer<OrderRecord>): Answer<ExchangeOrder> => (answer.ok ? { ok: true, value: answer.value.snapshot() } : answer)
