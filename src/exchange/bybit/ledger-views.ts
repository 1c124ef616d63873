import { money, sideName, signOf, ZERO, type Money } from '../../core/index.ts'
import type { Execution, ExchangePort } from '../port.ts'
import type { Row, Rows } from './rows.ts'
import { moneyText } from '../front/text.ts'

/** A row with what queries filter by. */
export interface LedgerRow {
  readonly id: string
  readonly symbol: string
  readonly timeMs: number
  readonly type: string
  readonly row: Row
}

const TYPES = { Trade: 'TRADE', Funding: 'SETTLEMENT', Liquidation: 'LIQUIDATION', Adl: 'ADL', Settlement: 'DELIVERY' } as const

/**
 * The transaction log: every execution with its cash flow, and the balance and position after it, found by walking
 * back from the present. Newest first. `change = cashFlow + funding − fee`; `funding` is positive when received.
 */
export function transactionLog(exchange: ExchangePort, rows: Rows, account: string): readonly LedgerRow[] {
  let balance = exchange.wallet(account).balance
  const lots = new Map(exchange.positions(account).map((position) => [`${position.symbol} ${position.leg}`, position.signedLots]))
  return exchange.executions(account, {}).map((execution) => {
    const contract = exchange.contract(execution.symbol)!
    const { price, size } = rows.texts(contract)
    const isFunding = execution.kind === 'Funding'
    const funding = isFunding ? execution.fee.negated() : ZERO
    const fee = isFunding ? ZERO : execution.fee
    const change = execution.realisedPnl.plus(funding).minus(fee)
    const key = `${execution.symbol} ${execution.leg}`
    const after = lots.get(key) ?? 0
    const row: Row = {
      id: `${account}_${execution.symbol}_${execution.sequence}`,
      transSubType: '',
      symbol: execution.symbol,
      category: 'linear',
      side: sideName(execution.side),
      type: TYPES[execution.kind],
      transactionTime: String(execution.timeMs),
      orderId: execution.orderId,
      orderLinkId: execution.clientId,
      tradeId: execution.executionId,
      tradePrice: execution.kind === 'Trade' ? price.of(execution.priceTicks) : moneyText(execution.price),
      qty: size.of(execution.lots),
      size: after < 0 ? `-${size.of(-after)}` : size.of(after),
      currency: contract.quoteCoin,
      funding: isFunding ? moneyText(funding) : '',
      fee: moneyText(fee),
      feeRate: isFunding && execution.side === 1 ? moneyText(money(execution.feeRate).negated()) : execution.feeRate,
      cashFlow: moneyText(execution.realisedPnl),
      change: moneyText(change),
      cashBalance: moneyText(balance),
      bonusChange: '',
      extraFees: '',
    }
    balance = balance.minus(change)
    if (!isFunding) lots.set(key, after - execution.lots * signOf(execution.side))
    return { id: execution.executionId, symbol: execution.symbol, timeMs: execution.timeMs, type: TYPES[execution.kind], row }
  })
}

interface Open {
  lots: number
  fees: Money
}

interface Closing {
  readonly first: Execution
  last: Execution
  lots: number
  fills: number
  exitValue: Money
  realised: Money
  openFee: Money
  closeFee: Money
}

/**
 * One row per closing order, newest first. Opening fees are carried with the position and given back in proportion
 * to what is closed; `closedPnl` is net of both fees.
 */
export function closedPnl(exchange: ExchangePort, rows: Rows, account: string): readonly LedgerRow[] {
  const opens = new Map<string, Open>()
  const closings = new Map<string, Closing>()
  for (const execution of [...exchange.executions(account, {})].reverse()) {
    if (execution.kind === 'Funding') continue
    const key = `${execution.symbol} ${execution.leg}`
    const open = opens.get(key) ?? { lots: 0, fees: ZERO }
    opens.set(key, open)
    const closed = execution.closedLots
    const closeFee = execution.lots === 0 ? ZERO : execution.fee.times(closed).div(execution.lots)
    if (closed > 0) {
      const openFee = open.lots === 0 ? ZERO : open.fees.times(Math.min(closed, open.lots)).div(open.lots)
      open.fees = open.fees.minus(openFee)
      open.lots -= Math.min(closed, open.lots)
      gather(closings, execution, execution.value.times(closed).div(execution.lots), openFee, closeFee)
    }
    open.lots += execution.lots - closed
    open.fees = open.fees.plus(execution.fee.minus(closeFee))
  }
  return [...closings.values()].reverse().map((closing) => closedRow(exchange, rows, account, closing))
}

function gather(closings: Map<string, Closing>, execution: Execution, exitValue: Money, openFee: Money, closeFee: Money): void {
  // A settlement has no order.
  const id = execution.orderId || execution.executionId
  let closing = closings.get(id)
  if (closing === undefined) {
    closing = { first: execution, last: execution, lots: 0, fills: 0, exitValue: ZERO, realised: ZERO, openFee: ZERO, closeFee: ZERO }
    closings.set(id, closing)
  }
  closing.last = execution
  closing.lots += execution.closedLots
  closing.fills++
  closing.exitValue = closing.exitValue.plus(exitValue)
  closing.realised = closing.realised.plus(execution.realisedPnl)
  closing.openFee = closing.openFee.plus(openFee)
  closing.closeFee = closing.closeFee.plus(closeFee)
}

function closedRow(exchange: ExchangePort, rows: Rows, account: string, closing: Closing): LedgerRow {
  const { first, last } = closing
  const contract = exchange.contract(last.symbol)!
  const { price, size } = rows.texts(contract)
  const order = exchange.findOrder(account, { orderId: last.orderId })
  const qty = size.of(closing.lots)
  // A long is closed by a sell: realised = exit − entry; a short the other way round.
  const entryValue = closing.exitValue.plus(closing.realised.times(signOf(last.side)))
  const row: Row = {
    symbol: last.symbol,
    category: 'linear',
    orderType: order === undefined || order.type === 'market' ? 'Market' : 'Limit',
    leverage: exchange.position(account, last.symbol, last.leg).leverage,
    updatedTime: String(last.timeMs),
    createdTime: String(first.timeMs),
    side: sideName(last.side),
    orderId: last.orderId,
    orderPrice: order === undefined || order.priceTicks === null ? '0' : price.of(order.priceTicks),
    qty,
    closedSize: qty,
    avgEntryPrice: moneyText(entryValue.div(qty), 8),
    avgExitPrice: moneyText(closing.exitValue.div(qty), 8),
    cumEntryValue: moneyText(entryValue),
    cumExitValue: moneyText(closing.exitValue),
    openFee: moneyText(closing.openFee),
    closeFee: moneyText(closing.closeFee),
    closedPnl: moneyText(closing.realised.minus(closing.openFee).minus(closing.closeFee)),
    execType: last.kind === 'Liquidation' ? 'BustTrade' : last.kind === 'Adl' ? 'AdlTrade' : last.kind === 'Settlement' ? 'Settle' : 'Trade',
    fillCount: String(closing.fills),
  }
  return { id: last.orderId || last.executionId, symbol: last.symbol, timeMs: last.timeMs, type: 'Trade', row }
}
