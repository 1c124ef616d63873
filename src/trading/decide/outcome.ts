import type { CommandOutcome } from '../../venues/index.ts'
import { decided, type Decided, type Effect, type Moment, refuse } from '../events.ts'
import { isFinal, PENDING } from '../order-machine.ts'
import type { Rules } from '../rules.ts'
import type { Order, TradingState } from '../state.ts'

/**
 * The answer to an order we sent. Only a clear refusal of an order that nothing else has shown alive ends it; a
 * duplicate id proves that it was taken, and a lost answer proves nothing: both are answered by a question.
 */
export function decidePlaceOutcome(rules: Rules, state: TradingState, clientId: string, outcome: CommandOutcome, now: Moment): Decided {
  const order = state.orders.get(clientId)
  if (order === undefined) return refuse('unknown-id')
  const stamp = { atMs: now.wallMs, atNs: now.ns, clientId }
  const ask = askFor(order, rules.settings.venue.askMs)
  switch (outcome.kind) {
    case 'accepted':
      if (order.state !== PENDING && order.unknown === '') return refuse('repeated')
      if (isFinal(order.state)) return refuse('repeated')
      return decided([{ kind: 'order-accepted', ...stamp, venueId: outcome.venueId }], [])
    case 'unsent':
      if (order.state !== PENDING) return decided([], [ask])
      return decided([{ kind: 'order-unsent', ...stamp, reason: outcome.reason }], [])
    case 'unknown':
      if (order.state !== PENDING) return refuse('repeated')
      return decided([{ kind: 'order-unknown', ...stamp, reason: outcome.reason }], [ask])
    case 'refused': {
      if (order.state !== PENDING) return isFinal(order.state) ? refuse('repeated') : decided([], [ask])
      const unclear = outcome.errorClass === 'unknown' || outcome.errorClass === 'duplicate' || outcome.errorClass === 'not-found' || outcome.errorClass === 'unchanged'
      if (unclear) return decided([{ kind: 'order-unknown', ...stamp, reason: `${outcome.errorClass}: ${outcome.code} ${outcome.text}` }], [ask])
      return decided([{ kind: 'order-refused', ...stamp, code: outcome.code, text: outcome.text, errorClass: outcome.errorClass }], [])
    }
  }
}

/** The answer to a cancel. It never ends an order: "not found" may mean that it has just filled. */
export function decideCancelOutcome(rules: Rules, state: TradingState, clientId: string, outcome: CommandOutcome, now: Moment): Decided {
  const order = state.orders.get(clientId)
  if (order === undefined) return refuse('unknown-id')
  if (isFinal(order.state)) return refuse('repeated')
  const { venue } = rules.settings
  // Accepted: the push that tells the end is on its way, and asked for when it does not come.
  if (outcome.kind === 'accepted') return decided([], [askFor(order, venue.cancelRetryMs)])
  if (outcome.kind === 'refused') return decided([{ kind: 'cancel-refused', atMs: now.wallMs, atNs: now.ns, clientId, code: outcome.code, text: outcome.text }], [askFor(order, venue.askMs)])
  return decided([], [askFor(order, venue.askMs)])
}

const askFor = (order: Order, afterMs: number): Effect => ({ kind: 'ask', symbol: order.symbol, clientId: order.clientId, afterMs, filledLots: 0, always: false })
