import type { Money, WallMs } from '../../core/index.ts'
import type { Answer, ExchangeOrder, ExchangePort, Wallet } from '../port.ts'
import { codes, refusals, refuse, Refused, wrong } from './codes.ts'
import type { Verdict } from '../front/verdict.ts'
import type { CommandKind, FaultPlan } from '../front/faults.ts'
import { field, isFields, type Fields } from '../front/json.ts'
import { bandAction, contractOf, keyOf, linearOnly, newOrderOf } from './order-fields.ts'
import { isNone } from './stop-fields.ts'
import { stepsOf, textOf } from './texts.ts'
import type { Row } from './rows.ts'
import type { FrontCounters } from '../front/counters.ts'

/** What a command came to; both wires wrap it in their own envelope. */
export interface CommandResult extends Verdict {
  readonly result: Row
  readonly ext: Row
}

/** Orders that one batch may carry. */
const BATCH_MAX = 20

export interface OrderDeskParts {
  readonly exchange: ExchangePort
  readonly faults: FaultPlan
  readonly counters: FrontCounters
  readonly nowMs: () => WallMs
}

/** Order commands, the same for REST and the trade socket: parameters in, the venue's verdict out. Never throws. */
export class OrderDesk {
  readonly #parts: OrderDeskParts

  constructor(parts: OrderDeskParts) {
    this.#parts = parts
  }

  create(account: string, fields: Fields): CommandResult {
    return this.#guard('create', () => {
      linearOnly(fields)
      return ids(this.#create(account, fields))
    })
  }

  amend(account: string, fields: Fields): CommandResult {
    return this.#guard('amend', () => {
      linearOnly(fields)
      return ids(this.#amend(account, fields))
    })
  }

  cancel(account: string, fields: Fields): CommandResult {
    return this.#guard('cancel', () => {
      linearOnly(fields)
      return ids(this.#cancel(account, fields))
    })
  }

  cancelAll(account: string, fields: Fields): CommandResult {
    return this.#guard('cancel', () => {
      linearOnly(fields)
      const { exchange } = this.#parts
      const symbol = textOf(fields, 'symbol')
      const baseCoin = textOf(fields, 'baseCoin')
      const settleCoin = textOf(fields, 'settleCoin')
      if (symbol === '' && baseCoin === '' && settleCoin === '') refuse(wrong('symbol, baseCoin or settleCoin is required'))
      if (symbol !== '') contractOf(exchange, symbol)
      const symbols = symbol !== '' ? [symbol] : exchange.contracts.filter((contract) => contract.baseCoin === baseCoin || (baseCoin === '' && contract.quoteCoin === settleCoin)).map((contract) => contract.symbol)
      const kinds = kindsOf(textOf(fields, 'orderFilter'))
      const list = symbols.flatMap((one) => exchange.cancelAll(account, one, { kinds }).map(ids))
      return { list, success: '1' }
    })
  }

  /** Checks an order and tells its effect on the margin rates, in 1/10 000; places nothing. */
  preCheck(account: string, fields: Fields): CommandResult {
    return this.#guard('create', () => {
      linearOnly(fields)
      const { exchange } = this.#parts
      const before = exchange.wallet(account)
      const answer = exchange.preview(account, newOrderOf(exchange, account, fields))
      if (!answer.ok) refuse(refusals[answer.refusal])
      const rate = (wallet: Wallet, part: Money): number => (wallet.equity.gt(0) ? part.times(10_000).div(wallet.equity).round().toNumber() : 0)
      return {
        orderId: '', orderLinkId: textOf(fields, 'orderLinkId'), preImrE4: rate(before, before.positionMargin.plus(before.orderMargin)), preMmrE4: rate(before, before.maintenanceMargin),
        postImrE4: rate(answer.value, answer.value.positionMargin.plus(answer.value.orderMargin)), postMmrE4: rate(answer.value, answer.value.maintenanceMargin),
      }
    })
  }

  /**
   * @param allowed how many orders the rate limit lets through; the rest fail one by one.
   * @returns code 0 even when every order failed: the reasons stand in the extension.
   */
  batch(account: string, kind: 'create' | 'amend' | 'cancel', fields: Fields, allowed: number): CommandResult {
    return this.#guard(kind, () => {
      linearOnly(fields)
      const list: Row[] = []
      const reasons: Row[] = []
      for (const [index, one] of batchOf(fields).entries()) {
        const done = this.#one(account, kind, one, index < allowed)
        list.push(done.row)
        reasons.push({ code: done.verdict.code, msg: done.verdict.text })
      }
      return { list, ext: { list: reasons } }
    })
  }

  #one(account: string, kind: 'create' | 'amend' | 'cancel', one: unknown, allowed: boolean): { row: Row; verdict: Verdict } {
    const fields = isFields(one) ? one : {}
    const said = (name: string): string => (typeof field(fields, name) === 'string' ? String(field(fields, name)).slice(0, 200) : '')
    const row: Row = { category: 'linear', symbol: said('symbol'), orderId: '', orderLinkId: said('orderLinkId') }
    if (kind === 'create') row['createAt'] = ''
    try {
      if (!allowed) refuse(codes.tooManyVisits)
      if (!isFields(one)) refuse(wrong('request item invalid'))
      const order = kind === 'create' ? this.#create(account, fields) : kind === 'amend' ? this.#amend(account, fields) : this.#cancel(account, fields)
      Object.assign(row, ids(order))
      if (kind === 'create') row['createAt'] = String(order.createdMs)
      return { row, verdict: codes.ok }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      this.#parts.counters.commandsRefused++
      return { row, verdict: error.verdict }
    }
  }

  #create(account: string, fields: Fields): ExchangeOrder {
    const { exchange } = this.#parts
    return accepted(exchange.place(account, newOrderOf(exchange, account, fields)))
  }

  #amend(account: string, fields: Fields): ExchangeOrder {
    const { exchange } = this.#parts
    const contract = contractOf(exchange, textOf(fields, 'symbol'))
    const key = keyOf(fields)
    for (const name of ['takeProfit', 'stopLoss']) if (textOf(fields, name) !== '') refuse(wrong(`${name} of a resting order cannot be amended on this venue`))
    const trigger = textOf(fields, 'triggerPrice')
    const price = textOf(fields, 'price')
    const qty = textOf(fields, 'qty')
    if (price === '' && qty === '' && isNone(trigger)) refuse(refusals['amend-nothing'])
    const change: { priceTicks?: number; lots?: number; triggerTicks?: number; onBand: 'move' | 'refuse' } = { onBand: bandAction(exchange, account) }
    if (price !== '') change.priceTicks = stepsOf(contract.tick, price, 'price')
    if (qty !== '') change.lots = stepsOf(contract.lot, qty, 'Qty')
    if (!isNone(trigger)) change.triggerTicks = stepsOf(contract.tick, trigger, 'triggerPrice')
    if (change.priceTicks === 0) refuse(refusals['bad-price'])
    if (change.lots === 0) refuse(refusals['bad-size'])
    return accepted(exchange.amend(account, contract.symbol, key, change))
  }

  #cancel(account: string, fields: Fields): ExchangeOrder {
    const { exchange } = this.#parts
    const contract = contractOf(exchange, textOf(fields, 'symbol'))
    return accepted(exchange.cancel(account, contract.symbol, keyOf(fields)))
  }

  #guard(kind: CommandKind, run: () => Row): CommandResult {
    const { counters, faults } = this.#parts
    counters.commands++
    try {
      const planned = faults.takeRefusal(kind)
      if (planned !== null) refuse(planned)
      const { ext, ...result } = run()
      return { ...codes.ok, result, ext: isFields(ext) ? ext : {} }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      counters.commandsRefused++
      return { ...error.verdict, result: {}, ext: {} }
    }
  }
}

/** The orders of a batch. @throws Refused when there are none or too many. */
export function batchOf(fields: Fields): readonly unknown[] {
  const request = field(fields, 'request')
  if (!Array.isArray(request) || request.length === 0) refuse(wrong('request is required'))
  if (request.length > BATCH_MAX) refuse(wrong(`request has more than ${BATCH_MAX} orders`))
  return request
}

/** `orderFilter` of a cancel-all. */
function kindsOf(filter: string): 'orders' | 'conditional' | 'all' {
  if (filter === '') return 'all'
  if (filter === 'Order') return 'orders'
  return filter === 'StopOrder' ? 'conditional' : refuse(wrong('orderFilter invalid'))
}

const ids = (order: ExchangeOrder): Row => ({ orderId: order.orderId, orderLinkId: order.clientId })

function accepted(answer: Answer<ExchangeOrder>): ExchangeOrder {
  return answer.ok ? answer.value : refuse(refusals[answer.refusal])
}
