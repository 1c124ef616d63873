import { ZERO } from '../core/index.ts'
import { followPosition } from './apply-protection.ts'
import { ILLEGAL } from './machine.ts'
import { CANCELLED, isFinal, nextOrderState, ORDER_STATES, REJECTED, type OrderEvent } from './order-machine.ts'
import {
  CLOSED,
  CLOSING,
  nextPositionState,
  OPENING,
  POSITION_ABANDON,
  POSITION_EXIT_ENDED,
  POSITION_FILL,
  POSITION_FLAT,
  POSITION_STATES,
  type PositionEvent,
} from './position-machine.ts'
import { planDamage, usable } from './plan.ts'
import { protect } from './protect.ts'
import type { ExitPlan, TradingRecord } from './records.ts'
import { CLOSED_POSITIONS_MAX, standingPlan, symbolState, type Order, type Position, type SymbolState, type TradingState } from './state.ts'

/** Moves an order by its table and writes the step down. @returns false when the table refuses: nothing changed. */
export function moveOrder(state: TradingState, order: Order, event: OrderEvent, record: TradingRecord, why: string): boolean {
  const from = order.state
  const to = nextOrderState(from, event)
  if (to === ILLEGAL) {
    state.refusedTransitions++
    return false
  }
  if (to === from) return true
  order.history.push({ from: ORDER_STATES[from]!, to: ORDER_STATES[to]!, atMs: record.atMs, why, trace: order.trace })
  order.state = to
  if (isFinal(to)) ended(state, order, record)
  return true
}

function ended(state: TradingState, order: Order, record: TradingRecord): void {
  order.endedMs = record.atMs
  order.unknown = ''
  order.ending = -1
  state.orders.noteEnded(order)
  const symbol = symbolState(state, order.symbol)
  symbol.live.splice(symbol.live.indexOf(order), 1)
  if (order.purpose === 'entry') {
    if (order.state === REJECTED) {
      symbol.rejects++
      symbol.rejectNs = record.atNs
    } else if (order.filledLots > 0 || order.state === CANCELLED) symbol.rejects = 0
    return
  }
  const position = symbol.position
  if (position !== null && position.id === order.positionId) position.exitFailures = order.filledLots > 0 ? 0 : position.exitFailures + 1
}

/** Ends an order whose end was announced, once all fills that the venue counts are booked. */
export function settleOrder(state: TradingState, order: Order, record: TradingRecord): void {
  if (order.ending === -1 || order.filledLots < order.venueFilledLots) return
  moveOrder(state, order, order.ending, record, order.endingWhy)
}

/** As `moveOrder`, for positions. */
export function movePosition(state: TradingState, position: Position, event: PositionEvent, record: TradingRecord, why: string): boolean {
  const from = position.state
  const to = nextPositionState(from, event)
  if (to === ILLEGAL) {
    state.refusedTransitions++
    return false
  }
  if (to === from) return true
  position.history.push({ from: POSITION_STATES[from]!, to: POSITION_STATES[to]!, atMs: record.atMs, why, trace: position.trace })
  position.state = to
  return true
}

export function beginPosition(state: TradingState, symbol: SymbolState, plan: ExitPlan | null, record: TradingRecord, trace: string, id: number): void {
  state.nextPositionId = Math.max(state.nextPositionId, id + 1)
  symbol.position = {
    id,
    symbol: symbol.symbol,
    plan: plan !== null && usable(plan) ? plan : standingPlan(state, symbol.symbol),
    damage: plan === standingPlan(state, symbol.symbol) ? 'it did not come by an entry of this engine' : planDamage(plan),
    damageTold: false,
    trace,
    basis: null,
    voters: 0,
    state: OPENING,
    openedMs: record.atMs,
    openedNs: record.atNs,
    exits: 0,
    exitFailures: 0,
    exitNs: -1,
    exitReason: null,
    takeProfitTicks: 0,
    stopLossTicks: 0,
    trailedTicks: 0,
    trailFromTicks: 0,
    trailBehindTicks: 0,
    trailStepTicks: 0,
    realised: ZERO,
    fees: ZERO,
    funding: ZERO,
    otherFees: new Map(),
    firstFillMs: 0,
    lastFillMs: 0,
    closes: [],
    history: [],
  }
}

/** Brings the position of a symbol in line with its ledger and its live orders, after either changed. */
export function settlePosition(state: TradingState, symbol: SymbolState, record: TradingRecord): void {
  settle(state, symbol, record)
  followPosition(symbol, record)
}

function settle(state: TradingState, symbol: SymbolState, record: TradingRecord): void {
  const position = symbol.position
  if (position === null) return
  const lots = symbol.ledger.signedLots
  if (lots === 0) {
    if (!symbol.live.some((order) => order.purpose === 'entry')) finishPosition(state, symbol, record, closedBy(record))
    return
  }
  if (position.state === OPENING) {
    movePosition(state, position, POSITION_FILL, record, 'entry filled')
    position.openedMs = record.atMs
    position.openedNs = record.atNs
  }
  if (position.state === CLOSING && !symbol.live.some((order) => order.purpose === 'exit')) movePosition(state, position, POSITION_EXIT_ENDED, record, `exit ended with ${lots} lots left`)
  protect(symbol, position)
}

const closedBy = (record: TradingRecord): string => (record.kind !== 'fill-booked' ? 'flat' : record.note === 'stop' ? 'stop at the venue' : record.note === 'watchdog' ? 'closed by the watchdog' : 'flat')

/** Closes the position of a symbol, if there is one, and sets it aside. */
export function finishPosition(state: TradingState, symbol: SymbolState, record: TradingRecord, why: string): void {
  const position = symbol.position
  if (position === null) return
  const never = position.state === OPENING
  movePosition(state, position, never ? POSITION_ABANDON : POSITION_FLAT, record, never ? 'entry ended without a fill' : why)
  if (position.state !== CLOSED) return
  position.takeProfitTicks = 0
  position.stopLossTicks = 0
  symbol.position = null
  if (!never) state.outcomes.note(position)
  state.closed.push(position)
  if (state.closed.length > CLOSED_POSITIONS_MAX) state.closed.shift()
}
