import type { Moment } from './events.ts'
import type { TradingRecord } from './records.ts'
import { doubled } from './risk.ts'
import type { Rules } from './rules.ts'
import type { Order, TradingState } from './state.ts'

/**
 * An entry was refused for want of margin. The margin is the account's, so what one symbol met holds for all. Entries
 * that were on their way together are one refusal: only one made after the last counts further.
 */
export function marginLacks(state: TradingState, order: Order, record: TradingRecord): void {
  if (order.purpose !== 'entry') return
  const { inARow, lastNs } = state.marginRefusals
  state.marginRefusals = { inARow: inARow === 0 || order.intendedNs >= lastNs ? inARow + 1 : inARow, lastNs: record.atNs }
}

/** An entry made after the last refusal was accepted: there is margin again. */
export function marginSuffices(state: TradingState, order: Order): void {
  const { inARow, lastNs } = state.marginRefusals
  if (inARow > 0 && order.purpose === 'entry' && order.intendedNs >= lastNs) state.marginRefusals = { inARow: 0, lastNs: 0 }
}

/** Pause of all entries after refusals for want of margin: doubled for each in a row, as that of a symbol. */
export function pausedByMargin(rules: Rules, state: TradingState, now: Moment): boolean {
  const { inARow, lastNs } = state.marginRefusals
  if (inARow === 0) return false
  const { rejectPauseMs, rejectPauseMsMax } = rules.settings.venue
  return now.ns - lastNs < doubled(rejectPauseMs, rejectPauseMsMax, inARow - 1) * 1e6
}
