import type { OrderEvidence, VenueOrder } from '../../venues/index.ts'
import { isOurs, isOurStop, parseClientId } from '../client-id.ts'
import { decided, type Decided, type Effect, type Moment, refuse } from '../events.ts'
import { ILLEGAL } from '../machine.ts'
import { ACCEPT, CANCEL, FILL_WHOLE, FILLED, isFinal, isLiveAtVenue, nextOrderState, ORDER_EVENTS, ORDER_STATES, PENDING, REJECT, type OrderEvent } from '../order-machine.ts'
import type { Source, TradingRecord } from '../records.ts'
import type { Rules } from '../rules.ts'
import { symbolState, type Order, type TradingState } from '../state.ts'
import { bookFill, FillTally } from './fill.ts'
import { seeKept } from './kept.ts'

/** A status push. Fills are never taken from it: the stream of executions is their authority. */
export function decideOrder(rules: Rules, state: TradingState, order: VenueOrder, now: Moment): Decided {
  if (!rules.indexOf.has(order.symbol)) return refuse('unknown-symbol')
  const records: TradingRecord[] = []
  const effects: Effect[] = []
  const known = state.orders.get(order.clientId)
  if (known === undefined && isKept(state, order)) seeKept(state, order, now, records)
  else if (known === undefined) seeUnlisted(state, order, now, records, effects)
  else seeListed(known, known.filledLots, order, 'stream', rules.settings.venue.graceMs, now, records, effects)
  return records.length === 0 && effects.length === 0 ? refuse('repeated') : decided(records, effects)
}

/** The answer to a question about one order: its executions first, then its status. */
export function decideEvidence(rules: Rules, state: TradingState, clientId: string, evidence: OrderEvidence, now: Moment): Decided {
  const order = state.orders.get(clientId)
  if (order === undefined) return refuse('unknown-id')
  const { venue } = rules.settings
  const again: Effect = { kind: 'ask', symbol: order.symbol, clientId, afterMs: venue.askMs, filledLots: 0, always: false }
  if (evidence.kind === 'no-answer') return decided([], [{ ...again, always: isFinal(order.state) }])
  const stamp = { atMs: now.wallMs, atNs: now.ns }
  const records: TradingRecord[] = []
  const effects: Effect[] = []

  if (evidence.kind === 'absent') {
    if (isFinal(order.state)) return refuse('repeated')
    const waitedMs = Math.floor((now.ns - order.intendedNs) / 1e6)
    if (waitedMs < venue.absentAfterMs) return decided([], [{ ...again, afterMs: Math.min(venue.askMsMax, venue.absentAfterMs - waitedMs) }])
    if (order.hanging) records.push(resolved(order, 'not-found', 'found neither among open orders nor in history nor in executions', null, now))
    records.push({ kind: 'order-absent', ...stamp, clientId, waitedMs })
    return decided(records, effects)
  }

  const tally = new FillTally()
  for (const fill of evidence.fills) bookFill(state, fill, 'query', now, tally, records)
  const found = evidence.order
  const filled = tally.filledLots(order)
  const live = isLiveAtVenue(found.status)
  if (order.hanging) records.push(resolved(order, live ? 'still-open' : 'status-mismatch', found.reason === '' ? `the venue says ${found.status}` : found.reason, found, now))
  if (live && isFinal(order.state) && order.state !== FILLED) {
    // It lives at the venue although it has ended here: called back, and asked about until it is gone.
    records.push({ kind: 'transition-refused', ...stamp, entity: 'order', id: clientId, symbol: order.symbol, from: ORDER_STATES[order.state]!, event: 'accept', why: `found ${found.status} at the venue` })
    records.push({ kind: 'cancel-intended', ...stamp, clientId, symbol: order.symbol, why: `alive at the venue after ${ORDER_STATES[order.state]}` })
    effects.push({ kind: 'cancel', symbol: order.symbol, clientId }, { ...again, afterMs: venue.cancelRetryMs, always: true })
    return decided(records, effects)
  }
  seeListed(order, filled, found, 'query', venue.askMs, now, records, effects)
  if (live && !isFinal(order.state) && order.cancelNs >= 0 && now.ns - order.cancelNs >= venue.cancelRetryMs * 1e6) {
    records.push({ kind: 'cancel-intended', ...stamp, clientId, symbol: order.symbol, why: 'still open after the last cancel' })
    effects.push({ kind: 'cancel', symbol: order.symbol, clientId })
  }
  return records.length === 0 && effects.length === 0 ? refuse('repeated') : decided(records, effects)
}

/**
 * Compares what the venue says of an order with the books and adds what follows.
 * @param filled lots booked, counting the fills that are decided in the same step
 */
export function seeListed(order: Order, filled: number, seen: VenueOrder, source: Source, askAfterMs: number, now: Moment, records: TradingRecord[], effects: Effect[]): void {
  const event = eventOf(seen)
  const ask: Effect = { kind: 'ask', symbol: order.symbol, clientId: order.clientId, afterMs: askAfterMs, filledLots: seen.filledLots, always: false }
  const stateNow = isFinal(order.state) ? order.state : filled >= seen.lots && filled > 0 ? FILLED : order.state
  const missing = seen.filledLots > filled
  if (isFinal(stateNow) && event === ACCEPT) {
    // Pushes overtake each other: an old "open" after the end is usual. One question settles whether it is more.
    if (stateNow !== FILLED) effects.push({ ...ask, always: true })
    else if (missing) effects.push(ask)
    return
  }
  if (event !== ACCEPT && event !== FILL_WHOLE && nextOrderState(stateNow, event) === ILLEGAL) {
    records.push({
      kind: 'transition-refused',
      atMs: now.wallMs,
      atNs: now.ns,
      entity: 'order',
      id: order.clientId,
      symbol: order.symbol,
      from: ORDER_STATES[stateNow]!,
      event: ORDER_EVENTS[event],
      why: `${source}: ${seen.status} ${seen.reason}`.trimEnd(),
    })
    return
  }
  if (missing) effects.push(ask)
  if (isFinal(order.state)) return
  const changes = seen.lots !== order.lots || order.unknown !== '' || (event === ACCEPT ? order.state === PENDING : order.ending !== event) || (source !== 'stream' && seen.filledLots > Math.max(filled, order.venueFilledLots))
  if (!changes) return
  records.push({
    kind: 'order-seen',
    atMs: now.wallMs,
    atNs: now.ns,
    clientId: order.clientId,
    venueId: seen.venueId,
    status: seen.status,
    lots: seen.lots,
    filledLots: seen.filledLots,
    reason: seen.reason,
    source,
    updatedMs: seen.updatedMs,
  })
}

/** An order that these books do not list: ours without an intent is taken in and called back, a stranger's freezes the symbol. */
export function seeUnlisted(state: TradingState, seen: VenueOrder, now: Moment, records: TradingRecord[], effects: Effect[]): void {
  // What the venue makes against the account (liquidation, deleveraging) is booked by its executions.
  if (!isLiveAtVenue(seen.status) || isKept(state, seen) || seen.forced === true) return
  // Take-profit and stop-loss that the venue keeps for a position: they can only close it, and go with it.
  if (seen.status === 'untriggered' && seen.reduceOnly && seen.clientId === '') return
  const stamp = { atMs: now.wallMs, atNs: now.ns }
  if (!isOurs(seen.clientId, state.account)) {
    if (symbolState(state, seen.symbol).frozen === null)
      records.push({ kind: 'symbol-frozen', ...stamp, symbol: seen.symbol, code: 'foreign', why: `order ${seen.venueId} ("${seen.clientId}") is not ours` })
    return
  }
  records.push(
    {
      kind: 'order-adopted',
      ...stamp,
      clientId: seen.clientId,
      venueId: seen.venueId,
      symbol: seen.symbol,
      purpose: parseClientId(seen.clientId)!.intent.kind === 'decision' ? 'entry' : 'exit',
      side: seen.side,
      priceTicks: seen.priceTicks,
      lots: seen.lots,
      filledLots: seen.filledLots,
      reduceOnly: seen.reduceOnly,
    },
    { kind: 'cancel-intended', ...stamp, clientId: seen.clientId, symbol: seen.symbol, why: 'no intent of it in this journal' },
  )
  effects.push({ kind: 'cancel', symbol: seen.symbol, clientId: seen.clientId })
  // Intents are written before orders leave: once the books have agreed with the venue, another program sends in our name.
  if (state.reconciledMs !== 0 && symbolState(state, seen.symbol).frozen === null)
    records.push({ kind: 'symbol-frozen', ...stamp, symbol: seen.symbol, code: 'foreign', why: `order ${seen.venueId} carries an id of ours ("${seen.clientId}") that this journal does not know: another engine on this account?` })
}

/** An exit that the venue keeps for the position: it can only close it, and is no stranger's. */
const isKept = (state: TradingState, seen: VenueOrder): boolean => seen.kept !== undefined || isOurStop(seen.clientId, state.account)

function eventOf(seen: VenueOrder): OrderEvent {
  switch (seen.status) {
    case 'open':
    case 'untriggered':
    case 'partially-filled':
      return ACCEPT
    case 'filled':
      return FILL_WHOLE
    case 'cancelled':
      return CANCEL
    case 'rejected':
      return REJECT
  }
}

function resolved(order: Order, issue: 'status-mismatch' | 'not-found' | 'still-open', reason: string, venue: VenueOrder | null, now: Moment): TradingRecord {
  return {
    kind: 'hanging-resolved',
    atMs: now.wallMs,
    atNs: now.ns,
    clientId: order.clientId,
    venueId: order.venueId,
    symbol: order.symbol,
    localState: ORDER_STATES[order.state]!,
    issue,
    reason,
    venueStatus: venue?.status ?? '',
    venueData: venue,
    venueFilledLots: venue?.filledLots ?? 0,
  }
}

