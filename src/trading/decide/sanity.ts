import { decided, type Decided, type Moment, refuse } from '../events.ts'
import { symbolState, type TradingState } from '../state.ts'

/** An order that the last gate held back says that something upstream is wrong: no new exposure until a person has looked. */
export function decideInsane(state: TradingState, name: string, why: string, now: Moment): Decided {
  if (symbolState(state, name).frozen !== null) return refuse('repeated')
  return decided([{ kind: 'symbol-frozen', atMs: now.wallMs, atNs: now.ns, symbol: name, code: 'insane-order', why }], [])
}
