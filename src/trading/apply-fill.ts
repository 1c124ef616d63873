import { money, type Money, ZERO } from '../core/index.ts'
import { beginPosition, finishPosition, moveOrder, settleOrder, settlePosition } from './apply-moves.ts'
import { stopFired } from './apply-protection.ts'
import { FILL_PART, FILL_WHOLE, isFinal } from './order-machine.ts'
import type { FillBooked, FundingBooked } from './records.ts'
import { standingPlan, symbolState, type Position, type SymbolState, type TradingState } from './state.ts'

/** Books an execution: order, ledger and position move together. One that is booked already changes nothing. */
export function applyFill(state: TradingState, record: FillBooked): void {
  if (state.seen.has(record.executionId)) return
  state.seen.add(record.executionId, record.timeMs)
  const symbol = symbolState(state, record.symbol)
  const order = state.orders.get(record.clientId)
  if (order !== undefined) {
    order.filledLots += record.lots
    if (order.filledLots > order.venueFilledLots) order.venueFilledLots = order.filledLots
    order.unknown = ''
    if (order.venueId === '') order.venueId = record.venueId
    if (!isFinal(order.state)) {
      moveOrder(state, order, order.filledLots >= order.lots ? FILL_WHOLE : FILL_PART, record, `execution ${record.executionId}: ${record.lots} lots, ${order.filledLots} of ${order.lots} filled`)
      if (!isFinal(order.state)) settleOrder(state, order, record)
    }
    if (order.purpose === 'entry') symbol.rejects = 0
  }

  const { ledger } = symbol
  const before = ledger.signedLots
  const inQuote = record.feeCoin === null
  const fee = inQuote ? money(record.fee) : ZERO
  if (!inQuote) ledger.payIn(record.feeCoin, money(record.fee))
  const price = record.priceText === null ? record.priceTicks : money(record.priceText).div(symbol.tick)
  const profit = ledger.book(record.side, record.lots, price, fee, symbol.unit, record.realised === null ? null : money(record.realised))
  symbol.moves++
  if (record.timeMs >= symbol.lastFillMs) {
    symbol.lastFillMs = record.timeMs
    symbol.lastFillId = record.executionId
  }
  const after = ledger.signedLots

  // A fill that nobody here asked for, or that went past zero, stands for a position of its own: it takes the rest of the fee.
  let left = fee
  const turned = before * after < 0
  if (turned && symbol.position !== null) {
    const part = fee.mul(Math.abs(before)).div(record.lots).toDecimalPlaces(FEE_DECIMALS)
    left = fee.sub(part)
    charge(symbol.position, record, profit, part)
    noteClose(symbol.position, record, before, 0, profit, part)
    finishPosition(state, symbol, record, `went through zero with execution ${record.executionId}`)
  }
  if (after !== 0 && symbol.position === null) beginPosition(state, symbol, standingPlan(state, record.symbol), record, order?.trace ?? `fill/${record.executionId}`, state.nextPositionId)
  const position = symbol.position
  if (position !== null) {
    const own = turned ? ZERO : profit
    charge(position, record, own, left)
    if (!inQuote) position.otherFees.set(record.feeCoin, (position.otherFees.get(record.feeCoin) ?? ZERO).add(record.fee))
    if (!turned && Math.abs(after) < Math.abs(before)) noteClose(position, record, before, after, own, fee)
  }
  if (record.note === 'stop') stopFired(symbol, record)
  settlePosition(state, symbol, record)
}

/** Digits of the part of a fee that is split between two positions; the rest goes to the second, so that nothing is lost. */
const FEE_DECIMALS = 12

function charge(position: Position, record: FillBooked, profit: Money, fee: Money): void {
  position.realised = position.realised.add(profit)
  position.fees = position.fees.add(fee)
  if (position.firstFillMs === 0) position.firstFillMs = record.timeMs
  position.lastFillMs = Math.max(position.lastFillMs, record.timeMs)
}

function noteClose(position: Position, record: FillBooked, beforeLots: number, afterLots: number, realised: Money, fee: Money): void {
  const { executionId, type, priceTicks, priceText, atMs } = record
  position.closes.push({ executionId, type, beforeLots, afterLots, priceTicks, priceText, realised: realised.toFixed(), fee: fee.toFixed(), atMs })
}

/**
 * Funding moves cash, never the position. A payment that is told after its position has closed belongs to that one, by
 * the venue's own times.
 */
export function applyFunding(state: TradingState, record: FundingBooked): void {
  if (state.seen.has(record.executionId)) return
  state.seen.add(record.executionId, record.timeMs)
  const symbol = symbolState(state, record.symbol)
  const fee = money(record.fee)
  symbol.ledger.funding = symbol.ledger.funding.add(fee)
  const position = fundedPosition(state, symbol, record.timeMs)
  if (position === null) return
  position.funding = position.funding.add(fee)
  if (position !== symbol.position) state.outcomes.fund(position, fee)
}

function fundedPosition(state: TradingState, symbol: SymbolState, timeMs: number): Position | null {
  const { position } = symbol
  if (position !== null && (position.firstFillMs === 0 || position.firstFillMs <= timeMs)) return position
  return state.closed.findLast((one) => one.symbol === symbol.symbol && one.firstFillMs <= timeMs && timeMs <= one.lastFillMs) ?? position
}
