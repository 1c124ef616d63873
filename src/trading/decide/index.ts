import type { Decided, Moment, TradingEvent } from '../events.ts'
import type { Rules } from '../rules.ts'
import { decideKill, decideKillRelease, decideWatch } from '../kill/decide.ts'
import { decideFlatten } from '../kill/flatten.ts'
import type { TradingState } from '../state.ts'
import { decideCallBack } from './cancel.ts'
import { decideDecision } from './decision.ts'
import { decideExitSignal, decidePrice } from './exit.ts'
import { decideFill } from './fill.ts'
import { decideLimit } from './limits.ts'
import { decideEvidence, decideOrder } from './order.ts'
import { decideCancelOutcome, decidePlaceOutcome } from './outcome.ts'
import { decideProtect, decideProtectOutcome } from './protection.ts'
import { decideInsane } from './sanity.ts'
import { decideDrain, decideMismatch, decideRelease, decideResume, decideStop, decideSuspend, decideSweep } from './sweep.ts'

/**
 * What an event means, as records to append and effects to run after that. Pure: it reads the books and the event,
 * changes neither, and answers the same to the same. Proposals that lead to nothing carry the reason and no records.
 */
export function decide(rules: Rules, state: TradingState, event: TradingEvent, now: Moment): Decided {
  switch (event.kind) {
    case 'decision':
      return decideDecision(rules, state, event, now)
    case 'price':
      return decidePrice(rules, state, event, now)
    case 'exit-signal':
      return decideExitSignal(rules, state, event, now)
    case 'venue-order':
      return decideOrder(rules, state, event.order, now)
    case 'venue-fill':
      return decideFill(rules, state, event.fill, now)
    case 'place-outcome':
      return decidePlaceOutcome(rules, state, event.clientId, event.outcome, now)
    case 'cancel-outcome':
      return decideCancelOutcome(rules, state, event.clientId, event.outcome, now)
    case 'evidence':
      return decideEvidence(rules, state, event.clientId, event.evidence, now)
    case 'sweep':
      return decideSweep(rules, state, now)
    case 'protect':
      return decideProtect(rules, state, now)
    case 'protect-outcome':
      return decideProtectOutcome(rules, state, event.symbol, event.clientId, event.outcome, now)
    case 'position-mismatch':
      return decideMismatch(state, event.symbol, event.venueLots, now)
    case 'suspend':
      return decideSuspend(state, event.symbol, event.why, now)
    case 'resume':
      return decideResume(state, event.symbol, event.why, now)
    case 'release':
      return decideRelease(state, event.symbol, event.why, now)
    case 'call-back':
      return decideCallBack(state, event.clientId, event.why, now)
    case 'limit':
      return decideLimit(rules, state, event.limit, event.value, event.why, now)
    case 'insane-order':
      return decideInsane(state, event.symbol, event.why, now)
    case 'stop':
      return decideStop(state, event.policy, now)
    case 'drain':
      return decideDrain(state, event.policy, now)
    case 'kill':
      return decideKill(state, event.order, now)
    case 'kill-release':
      return decideKillRelease(rules, state, event, event.facts, now)
    case 'watch':
      return decideWatch(rules, state, event.facts, now)
    case 'flatten':
      return decideFlatten(rules, state, event.symbolIndex, event.price, now)
  }
}
