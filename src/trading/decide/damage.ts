import type { Moment } from '../events.ts'
import { conservativePlan, usable } from '../plan.ts'
import type { TradingRecord } from '../records.ts'
import type { Rules } from '../rules.ts'
import type { TradingState } from '../state.ts'

/**
 * Reports each position whose exit plan is missing or damaged, once, and gives it the conservative plan of its symbol (EX-17):
 * never that of the regime of the moment, and no stop further away than its own, where that can still be read.
 */
export function reportDamage(rules: Rules, state: TradingState, now: Moment, records: TradingRecord[]): void {
  for (const symbol of state.symbols.values()) {
    const { position } = symbol
    if (position === null || position.damage === '' || position.damageTold) continue
    const index = rules.indexOf.get(symbol.symbol)
    if (index === undefined) continue
    const { exits } = rules.symbols[index]!
    const plan = conservativePlan(rules.settings.exit, Object.values(exits), usable(position.plan) ? position.plan : null)
    records.push({ kind: 'plan-damaged', atMs: now.wallMs, atNs: now.ns, symbol: symbol.symbol, positionId: position.id, problem: position.damage, plan })
  }
}
