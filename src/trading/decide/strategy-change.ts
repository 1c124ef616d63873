import { type Decided, decided, type Moment, type StrategyChangeEvent } from '../events.ts'

/** A person changed a strategy: it is written down, and changes no books. */
export function decideStrategyChange({ strategy, setting, before, value, configured, why }: StrategyChangeEvent, now: Moment): Decided {
  return decided([{ kind: 'strategy-changed', atMs: now.wallMs, atNs: now.ns, strategy, setting, before, value, configured, why }], [])
}
