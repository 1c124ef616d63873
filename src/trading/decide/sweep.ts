import { decided, type Decided, type Effect, type Moment, NOTHING, refuse } from '../events.ts'
import { PENDING } from '../order-machine.ts'
import { OPENING } from '../position-machine.ts'
import type { StopPolicy, TradingRecord } from '../records.ts'
import { cancelOrAsk } from './cancel.ts'
import type { Rules } from '../rules.ts'
import { needsEvidence, symbolState, type Order, type SymbolState, type TradingState } from '../state.ts'
import { reportDamage } from './damage.ts'

/** Looks at every live order: entries that are too old, cancels without an end, orders without an answer, siblings of a closed position. */
export function decideSweep(rules: Rules, state: TradingState, now: Moment): Decided {
  const records: TradingRecord[] = []
  const effects: Effect[] = []
  const { venue } = rules.settings
  reportDamage(rules, state, now, records)
  for (const symbol of state.symbols.values()) {
    for (let i = 0; i < symbol.live.length; i++) {
      const order = symbol.live[i]!
      const silent = order.state === PENDING && order.unknown === '' && now.ns - order.intendedNs > venue.pendingMs * 1e6
      if (silent) records.push({ kind: 'order-unknown', atMs: now.wallMs, atNs: now.ns, clientId: order.clientId, reason: `no answer for ${venue.pendingMs} ms` })
      // Usually asked already; after a crash this is what asks again.
      if (silent || (needsEvidence(order) && (order.cancelNs < 0 || now.ns - order.cancelNs >= venue.cancelRetryMs * 1e6))) {
        effects.push({ kind: 'ask', symbol: order.symbol, clientId: order.clientId, afterMs: venue.askMs, filledLots: 0, always: silent })
        continue
      }
      const why = cancelReason(state, symbol, order, now)
      if (why === '') continue
      records.push({ kind: 'cancel-intended', atMs: now.wallMs, atNs: now.ns, clientId: order.clientId, symbol: order.symbol, why })
      effects.push({ kind: 'cancel', symbol: order.symbol, clientId: order.clientId })
    }
  }
  return records.length === 0 && effects.length === 0 ? NOTHING : decided(records, effects)
}

function cancelReason(state: TradingState, symbol: SymbolState, order: Order, now: Moment): string {
  // An order that may not exist yet is asked about first: a cancel could overtake it.
  if (order.cancelNs >= 0 || order.state === PENDING) return ''
  if (order.ttlMs > 0 && now.ns - order.intendedNs >= order.ttlMs * 1e6) return `not filled within ${order.ttlMs} ms`
  if (order.purpose === 'entry' && state.kill.engaged !== null) return `kill switch: ${state.kill.engaged.code}`
  if (order.purpose === 'entry' && symbol.suspended) return 'symbol suspended'
  if (order.purpose === 'entry' && symbol.frozen !== null) return `symbol frozen: ${symbol.frozen.code}`
  const position = symbol.position
  if (symbol.ledger.signedLots === 0 && (position === null ? order.purpose === 'exit' : position.state !== OPENING)) return 'its position is flat'
  return ''
}

/** Begins a stop: writes it down and cancels what the policy takes along. */
export function decideStop(state: TradingState, policy: StopPolicy, now: Moment): Decided {
  const drain = decideDrain(state, policy, now)
  return decided([{ kind: 'stop-requested', atMs: now.wallMs, atNs: now.ns, policy }, ...drain.records], drain.effects)
}

/** Cancels what a stop takes along and has not reached: an order that was on its way is cancelled once it is known to live. */
export function decideDrain(state: TradingState, policy: StopPolicy, now: Moment): Decided {
  const records: TradingRecord[] = []
  const effects: Effect[] = []
  for (const symbol of state.symbols.values()) for (const order of symbol.live) if (drains(policy, order)) cancelOrAsk(order, `stop: ${policy}`, now, records, effects)
  return records.length === 0 && effects.length === 0 ? NOTHING : decided(records, effects)
}

/** True for an order that a stop of this policy waits for. */
export const drains = (policy: StopPolicy, order: Order): boolean => policy === 'cancel-all' || (policy === 'cancel-entries' && order.purpose === 'entry')

export function decideSuspend(state: TradingState, name: string, why: string, now: Moment): Decided {
  const symbol = symbolState(state, name)
  const records: TradingRecord[] = []
  const effects: Effect[] = []
  if (!symbol.suspended) records.push({ kind: 'symbol-suspended', atMs: now.wallMs, atNs: now.ns, symbol: name, why })
  for (const order of symbol.live) if (order.purpose === 'entry') cancelOrAsk(order, `suspended: ${why}`, now, records, effects)
  return records.length === 0 && effects.length === 0 ? refuse('repeated') : decided(records, effects)
}

export function decideResume(state: TradingState, name: string, why: string, now: Moment): Decided {
  if (state.symbols.get(name)?.suspended !== true) return refuse('repeated')
  return decided([{ kind: 'symbol-resumed', atMs: now.wallMs, atNs: now.ns, symbol: name, why }], [])
}

export function decideRelease(state: TradingState, name: string, why: string, now: Moment): Decided {
  if ((state.symbols.get(name)?.frozen ?? null) === null) return refuse('repeated')
  return decided([{ kind: 'symbol-released', atMs: now.wallMs, atNs: now.ns, symbol: name, why }], [])
}

/** The venue's pushes tell another position than the books, for too long: no new exposure until that is explained. */
export function decideMismatch(state: TradingState, name: string, venueLots: number, now: Moment): Decided {
  const symbol = symbolState(state, name)
  const reconcile: Effect = { kind: 'reconcile', reason: `position of ${name}: ${symbol.ledger.signedLots} lots here, ${venueLots} at the venue` }
  if (symbol.frozen !== null) return decided([], [reconcile])
  return decided(
    [{ kind: 'symbol-frozen', atMs: now.wallMs, atNs: now.ns, symbol: name, code: 'mismatch', why: `${symbol.ledger.signedLots} lots here, ${venueLots} at the venue` }],
    [reconcile],
  )
}
