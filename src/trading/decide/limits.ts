import { decided, type Decided, type Moment, refuse } from '../events.ts'
import { isLimitName } from '../limit-names.ts'
import { limitProblem } from '../limits.ts'
import type { Rules } from '../rules.ts'
import type { TradingState } from '../state.ts'

/** Another value for a limit, by command (CF-3). One that cannot stand beside the others changes nothing. */
export function decideLimit(rules: Rules, state: TradingState, name: string, value: string, why: string, now: Moment): Decided {
  const { texts } = state.limits.over(rules.limits)
  if (!isLimitName(name) || limitProblem(name, value, texts) !== null) return refuse('bad-limit')
  if (texts[name] === value) return refuse('repeated')
  return decided([{ kind: 'limits-changed', atMs: now.wallMs, atNs: now.ns, limit: name, before: texts[name], value, configured: rules.limits.texts[name], why }], [])
}
