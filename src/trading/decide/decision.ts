import { sideName, signOf } from '../../core/index.ts'
import { clientId } from '../client-id.ts'
import { isAlarmed } from '../coverage.ts'
import { decided, refuse, refuseBroken, type Decided, type DecisionEvent, type Moment, type Refusal } from '../events.ts'
import { isFinal, PENDING } from '../order-machine.ts'
import { MAKERS } from '../parameters.ts'
import { pausedByMargin } from '../margin-pause.ts'
import { soundQuote } from '../pricing.ts'
import type { CancelIntended, OrderIntended } from '../records.ts'
import { pausedByRejects } from '../risk.ts'
import type { Rules } from '../rules.ts'
import { symbolState, type SymbolState, type TradingState } from '../state.ts'
import { draftEntry } from './entry.ts'
import { exitNow } from './exit.ts'
import { placeOf } from './place.ts'
import { attachedStop } from './protection.ts'

/** Why the market refused a price for an entry, where that is more than its age. */
const REFUSALS: Readonly<Record<string, Refusal | undefined>> = { integrity: 'book-integrity', 'not-trading': 'not-trading', 'instrument-changed': 'instrument-changed' }

/**
 * A decision of the model or its fallback. With the symbol empty it becomes a limit entry; against a pending entry
 * it cancels that; against a position it closes it; along with either it does nothing: one entry a symbol.
 */
export function decideDecision(rules: Rules, state: TradingState, event: DecisionEvent, now: Moment): Decided {
  const { entry } = rules.settings
  const own = rules.symbols[event.symbolIndex]
  if (own === undefined) return refuse('unknown-symbol')
  const symbol = symbolState(state, own.instrument.symbol)
  if (event.sequence <= symbol.decisionSequence) return refuse('seen-decision')
  if (!(event.confidence >= 0 && event.confidence <= 1) || (event.side !== 0 && event.side !== 1)) return refuse('bad-decision')
  if (now.ns - event.receiveNs > entry.decisionAgeMsMax * 1e6) return refuse('stale-decision')
  if (event.confidence < entry.confidenceMin) return refuse('low-confidence')

  const sign = signOf(event.side)
  if (symbol.ledger.signedLots !== 0) {
    if (symbol.ledger.signedLots * sign > 0 || !rules.settings.exit.onOppositeDecision) return refuse('holding')
    return exitNow(rules, state, own, symbol, event.price, 'opposite-decision', '', event.receiveNs, event.sequence, now, event.basis)
  }
  if (symbol.live.length > 0) return againstPending(symbol, event, now)
  if (symbol.position !== null) return refuse('holding')
  if (state.kill.engaged !== null) return refuse('kill-switch')
  if (!now.opens) return refuse('not-open')
  if (symbol.suspended) return refuse('suspended')
  if (symbol.frozen !== null) return refuse('frozen')
  if (isAlarmed(state.symbols)) return refuse('unprotected')
  // A command about the stop of the last position that is on its way would meet the stop of the next one.
  if (symbol.stop.askedNs >= 0) return refuse('holding')
  if (pausedByRejects(rules, symbol, now)) return refuse('reject-pause')
  if (pausedByMargin(rules, state, now)) return refuse('margin-pause')
  if (event.regime === null) return refuse('no-regime')
  if (event.price.refused) return refuse(REFUSALS[event.price.reason] ?? 'no-price')
  if (!soundQuote(event.price.bidTicks, event.price.askTicks)) return refuse('no-price')

  const draft = draftEntry(rules, own, state, symbol, event, event.price, now)
  if ('refusal' in draft) return refuseBroken(draft)
  const { market, priceTicks, lots, terms, plan } = draft

  const id = clientId({ account: state.account, epoch: state.epoch, intent: { kind: 'decision', symbolIndex: event.symbolIndex, sequence: event.sequence }, attempt: 0 })
  if (state.orders.has(id)) return refuse('seen-decision')
  const record: OrderIntended = {
    kind: 'order-intended',
    atMs: now.wallMs,
    atNs: now.ns,
    clientId: id,
    symbol: symbol.symbol,
    purpose: 'entry',
    positionId: state.nextPositionId,
    side: event.side,
    type: market ? 'market' : 'limit',
    priceTicks: market ? null : priceTicks,
    referenceTicks: priceTicks,
    lots,
    timeInForce: market ? 'IOC' : entry.timeInForce,
    reduceOnly: false,
    ttlMs: market ? 0 : entry.ttlMs,
    why: `${MAKERS[event.by - 1] ?? 'unknown'} ${sideName(event.side)} at ${event.confidence.toFixed(4)}, ${market ? 'market' : `offset ${terms.offsetPercent} %`} from ${terms.offsetSource}, sized by ${terms.sizedBy}`,
    trace: `${symbol.symbol}/${event.tickSequence}/${event.sequence}`,
    decisionSequence: event.sequence,
    plan,
    reason: null,
    terms,
    ...(event.basis === undefined ? {} : { basis: event.basis.read() }),
    ...attachedStop(rules, state, symbol, event.side, priceTicks, plan),
  }
  return decided([record], [placeOf(record, event.receiveNs)], true)
}

function againstPending(symbol: SymbolState, event: DecisionEvent, now: Moment): Decided {
  for (const order of symbol.live) if (order.unknown !== '') return refuse('unknown-order')
  const against = symbol.live.find((order) => order.purpose === 'entry' && order.side !== event.side && order.cancelNs < 0 && order.state !== PENDING && !isFinal(order.state))
  if (against === undefined) return refuse('order-pending')
  const record: CancelIntended = { kind: 'cancel-intended', atMs: now.wallMs, atNs: now.ns, clientId: against.clientId, symbol: symbol.symbol, why: `opposite decision ${event.sequence}` }
  return decided([record], [{ kind: 'cancel', symbol: symbol.symbol, clientId: against.clientId }])
}
