import { money } from '../core/index.ts'
import { beginPosition, finishPosition, moveOrder, settleOrder, settlePosition } from './apply-moves.ts'
import { FILL_PART, FILL_WHOLE, isFinal } from './order-machine.ts'
import type { FillBooked, FundingBooked } from './records.ts'
import { standingPlan, symbolState, type TradingState } from './state.ts'

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
  const fee = money(record.fee)
  const profit = ledger.book(record.side, record.lots, record.priceTicks, fee, symbol.unit)
  symbol.moves++
  symbol.lastFillMs = Math.max(symbol.lastFillMs, record.timeMs)
  const after = ledger.signedLots

  // A fill that nobody here asked for, or that went past zero, stands for a position of its own.
  if (before * after < 0) {
    noteClose(symbol.position, record, before, 0, profit.toFixed())
    finishPosition(state, symbol, record, `went through zero with execution ${record.executionId}`)
  }
  if (after !== 0 && symbol.position === null) beginPosition(state, symbol, standingPlan(state, record.symbol), record, order?.trace ?? `fill/${record.executionId}`, state.nextPositionId)
  const position = symbol.position
  if (position !== null) {
    position.fees = position.fees.add(fee)
    position.realised = position.realised.add(profit)
    if (Math.abs(after) < Math.abs(before) && before * after >= 0) noteClose(position, record, before, after, profit.toFixed())
  }
  settlePosition(state, symbol, record)
}

function noteClose(position: { closes: unknown[] } | null, record: FillBooked, beforeLots: number, afterLots: number, realised: string): void {
  position?.closes.push({ beforeLots, afterLots, priceTicks: record.priceTicks, realised, fee: record.fee, atMs: record.atMs })
}

/** Funding moves cash, never the position. */
export function applyFunding(state: TradingState, record: FundingBooked): void {
  if (state.seen.has(record.executionId)) return
  state.seen.add(record.executionId, record.timeMs)
  const symbol = symbolState(state, record.symbol)
  const fee = money(record.fee)
  symbol.ledger.funding = symbol.ledger.funding.add(fee)
  if (symbol.position !== null) symbol.position.funding = symbol.position.funding.add(fee)
}
