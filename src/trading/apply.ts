import { fail, money } from '../core/index.ts'
import { votersOf } from './basis.ts'
import { damagePlan, moveStop } from './apply-exits.ts'
import { applyFill, applyFunding } from './apply-fill.ts'
import { beginPosition, finishPosition, moveOrder, movePosition, settleOrder, settlePosition } from './apply-moves.ts'
import { doubtStop, failProtection, intendProtection, promiseStop, setProtection } from './apply-protection.ts'
import { symbolOf } from './journal/grids.ts'
import { foldKill } from './kill/apply.ts'
import { ABSENT, ACCEPT, CANCEL, FILL_WHOLE, isFinal, isLiveAtVenue, PENDING, REJECT, UNSENT, type OrderEvent } from './order-machine.ts'
import { OPENING, POSITION_EXIT, POSITION_FILL } from './position-machine.ts'
import type { EpochStarted, InstrumentSeen, OrderAdopted, OrderIntended, OrderSeen, PositionAdopted, TradingRecord } from './records.ts'
import { ORDERS_PER_WINDOW_LIMIT } from './settings.ts'
import { marginLacks, marginSuffices } from './margin-pause.ts'
import { regrid } from './regrid.ts'
import { standingPlan, symbolState, type Order, type SymbolState, type TradingState } from './state.ts'

/**
 * Folds one record into the books. The only writer of `TradingState`, the same at work and at recovery.
 * Depends on nothing but the two arguments. A transition that its table refuses is counted and changes nothing.
 */
export function apply(state: TradingState, record: TradingRecord): void {
  fold(state, record)
  const name = symbolOf(record, state)
  const symbol = name === undefined ? undefined : state.symbols.get(name)
  if (symbol !== undefined) state.exposure.refresh(symbol)
}

function fold(state: TradingState, record: TradingRecord): void {
  state.records++
  foldKill(state.kill, record)
  switch (record.kind) {
    case 'epoch-started':
      return startEpoch(state, record)
    case 'instrument-seen':
      return seeInstrument(state, record)
    case 'order-intended':
      return intend(state, record)
    case 'order-accepted':
      return onOrder(state, record.clientId, (order) => {
        if (record.venueId !== '') order.venueId = record.venueId
        order.unknown = ''
        marginSuffices(state, order)
        moveOrder(state, order, ACCEPT, record, `accepted by the venue as ${record.venueId}`)
      })
    case 'order-refused':
      return onOrder(state, record.clientId, (order) => {
        if (record.errorClass === 'insufficient-margin') marginLacks(state, order, record)
        end(state, order, REJECT, record, `refused by the venue: ${record.code} ${record.text}`)
      })
    case 'order-unsent':
      return onOrder(state, record.clientId, (order) => end(state, order, UNSENT, record, `never left: ${record.reason}`))
    case 'order-absent':
      return onOrder(state, record.clientId, (order) => end(state, order, ABSENT, record, `found nowhere at the venue ${record.waitedMs} ms after sending`))
    case 'order-unknown':
      return onOrder(state, record.clientId, (order) => {
        if (!isFinal(order.state)) order.unknown = record.reason
      })
    case 'order-seen':
      return onOrder(state, record.clientId, (order) => see(state, order, record))
    case 'order-adopted':
      return adoptOrder(state, record)
    case 'order-hanging':
      return onOrder(state, record.clientId, (order) => {
        // A fill of the same step may have ended it.
        if (isFinal(order.state)) return
        order.hanging = true
        if (record.issue === 'not-open') order.unknown = record.reason
      })
    case 'hanging-resolved':
      return onOrder(state, record.clientId, (order) => {
        order.hanging = false
        order.checkedNs = record.atNs
      })
    case 'cancel-intended':
      return onOrder(state, record.clientId, (order) => void (order.cancelNs = record.atNs))
    case 'fill-booked':
      return applyFill(state, record)
    case 'funding-booked':
      return applyFunding(state, record)
    case 'position-adopted':
      return adoptPosition(state, record)
    case 'plan-damaged':
      return damagePlan(state, record)
    case 'stop-moved':
      return moveStop(state, record)
    case 'symbol-frozen':
      symbolState(state, record.symbol).frozen = { code: record.code, why: record.why }
      return
    case 'symbol-released':
      symbolState(state, record.symbol).frozen = null
      return
    case 'symbol-suspended':
      symbolState(state, record.symbol).suspended = true
      return
    case 'symbol-resumed':
      symbolState(state, record.symbol).suspended = false
      return
    case 'protection-intended':
      return intendProtection(state, record)
    case 'protection-set':
      return setProtection(state, record)
    case 'protection-failed':
      return failProtection(state, record)
    case 'protection-alarm':
      symbolState(state, record.symbol).stop.alarm = true
      return
    case 'limits-changed':
      return state.limits.set(record.limit, record.value, record.configured)
    case 'reconciled':
      state.reconciledMs = record.askedMs
      // Once an audit, whether or not anything is traded.
      state.orders.expire(record.atMs)
      return
    case 'cancel-refused':
    case 'transition-refused':
    case 'strategy-changed':
    case 'stop-requested':
    case 'epoch-ended':
    case 'kill-engaged':
    case 'kill-released':
    case 'equity-seen':
      return
    default:
      return unknownKind(record)
  }
}

/** A journal of a newer version: its facts cannot be left out. */
function unknownKind(record: never): never {
  return fail('RM_ASSERT', { what: `record kind ${String((record as { kind?: unknown }).kind)} is known` })
}

function onOrder(state: TradingState, clientId: string, change: (order: Order) => void): void {
  const order = state.orders.get(clientId)
  if (order !== undefined) change(order)
}

function end(state: TradingState, order: Order, event: OrderEvent, record: TradingRecord, why: string): void {
  moveOrder(state, order, event, record, why)
  settlePosition(state, symbolState(state, order.symbol), record)
}

/** Monotonic times of another epoch mean nothing here: they are carried over by the wall clock. */
function startEpoch(state: TradingState, record: EpochStarted): void {
  state.epoch = record.epoch
  state.account = record.account
  state.plan = record.plan
  state.planBySymbol = record.planBySymbol
  state.epochMs = record.atMs
  state.entryNs.length = 0
  state.marginRefusals = { inARow: 0, lastNs: 0 }
  const inThisEpoch = (ms: number): number => record.atNs - Math.max(0, record.atMs - ms) * 1e6
  for (const symbol of state.symbols.values()) {
    symbol.decisionSequence = -1
    symbol.rejects = 0
    symbol.rejectNs = 0
    for (const order of symbol.live) {
      order.intendedNs = inThisEpoch(order.intendedMs)
      order.checkedNs = -1
      if (order.cancelNs >= 0) order.cancelNs = record.atNs
    }
    doubtStop(symbol, record)
    if (symbol.position === null) continue
    symbol.position.openedNs = inThisEpoch(symbol.position.openedMs)
    symbol.position.exitNs = -1
    symbol.position.exitFailures = 0
  }
}

function seeInstrument(state: TradingState, record: InstrumentSeen): void {
  regrid(state, symbolState(state, record.symbol), record.tick, record.lot)
}

function intend(state: TradingState, record: OrderIntended): void {
  state.orders.expire(record.atMs)
  const symbol = symbolState(state, record.symbol)
  if (record.decisionSequence > symbol.decisionSequence) symbol.decisionSequence = record.decisionSequence
  const order = newOrder(record)
  state.orders.register(order)
  symbol.live.push(order)
  if (record.purpose === 'entry') {
    state.entryNs.push(record.atNs)
    if (state.entryNs.length > ORDERS_PER_WINDOW_LIMIT) state.entryNs.shift()
    if (symbol.position === null) {
      beginPosition(state, symbol, record.plan, record, record.trace, record.positionId)
      restOn(symbol, record)
    }
    promiseStop(symbol, record)
    return
  }
  const position = symbol.position
  if (position === null) return
  position.exits++
  position.exitNs = record.atNs
  position.exitReason = record.reason
  movePosition(state, position, POSITION_EXIT, record, `exit ${record.clientId}: ${record.why}`)
}

/** Journals of older versions do not say what a decision rested on: no strategy voted then. */
function restOn({ position }: SymbolState, { basis, side }: OrderIntended): void {
  if (position === null) return
  position.basis = basis ?? null
  position.voters = votersOf(position.basis, side)
}

function see(state: TradingState, order: Order, record: OrderSeen): void {
  if (record.venueId !== '') order.venueId = record.venueId
  order.unknown = ''
  order.lots = record.lots
  if (record.filledLots > order.venueFilledLots) order.venueFilledLots = record.filledLots
  if (isFinal(order.state)) return
  const words = `${record.source}: ${record.status}${record.reason === '' ? '' : ` (${record.reason})`}, ${record.filledLots} of ${record.lots} lots filled`
  if (isLiveAtVenue(record.status)) {
    if (order.state === PENDING) moveOrder(state, order, ACCEPT, record, words)
    return
  }
  order.ending = record.status === 'filled' ? FILL_WHOLE : record.status === 'cancelled' ? CANCEL : REJECT
  order.endingWhy = words
  settleOrder(state, order, record)
  settlePosition(state, symbolState(state, order.symbol), record)
}

function adoptOrder(state: TradingState, record: OrderAdopted): void {
  const symbol = symbolState(state, record.symbol)
  const order: Order = {
    ...newOrder({
      ...record,
      kind: 'order-intended',
      positionId: symbol.position?.id ?? -1,
      type: record.priceTicks === null ? 'market' : 'limit',
      referenceTicks: record.priceTicks ?? 0,
      timeInForce: 'GTC',
      ttlMs: 0,
      why: 'found at the venue without an intent here',
      trace: `adopted/${record.venueId}`,
      decisionSequence: -1,
      plan: null,
      reason: null,
      terms: null,
    }),
    venueId: record.venueId,
    venueFilledLots: record.filledLots,
  }
  state.orders.register(order)
  symbol.live.push(order)
  moveOrder(state, order, ACCEPT, record, 'found at the venue without an intent here')
}

function adoptPosition(state: TradingState, record: PositionAdopted): void {
  const symbol = symbolState(state, record.symbol)
  const turned = symbol.ledger.signedLots * record.toLots < 0
  symbol.ledger.adopt(record.toLots, money(record.entryTicks))
  symbol.moves++
  if (turned) finishPosition(state, symbol, record, record.why)
  if (record.toLots !== 0 && symbol.position === null) beginPosition(state, symbol, standingPlan(state, record.symbol), record, `adopted/${record.symbol}`, state.nextPositionId)
  if (record.toLots !== 0 && symbol.position!.state === OPENING) movePosition(state, symbol.position!, POSITION_FILL, record, record.why)
  settlePosition(state, symbol, record)
}

function newOrder(record: OrderIntended): Order {
  return {
    clientId: record.clientId,
    symbol: record.symbol,
    purpose: record.purpose,
    positionId: record.positionId,
    side: record.side,
    type: record.type,
    priceTicks: record.priceTicks,
    referenceTicks: record.referenceTicks,
    reduceOnly: record.reduceOnly,
    ttlMs: record.ttlMs,
    why: record.why,
    trace: record.trace,
    terms: record.terms,
    state: PENDING,
    venueId: '',
    lots: record.lots,
    filledLots: 0,
    venueFilledLots: 0,
    ending: -1,
    endingWhy: '',
    unknown: '',
    hanging: false,
    checkedNs: -1,
    intendedMs: record.atMs,
    intendedNs: record.atNs,
    cancelNs: -1,
    endedMs: 0,
    history: [],
  }
}
