import { fail } from '../core/index.ts'
import type { Moment } from './events.ts'
import type { TradingRecord } from './records.ts'
import { regridProblem } from './regrid.ts'
import type { Rules } from './rules.ts'
import type { TradingState } from './state.ts'

/**
 * The facts that a life of the execution actor adds before it does anything: its epoch, unless it goes on in one, and
 * the grid of every instrument that is new or has changed: the books are counted on it from there on.
 * @throws RM_INSTRUMENT_CHANGED when a size that is held or ordered is no multiple of the new lot
 */
export function openingRecords(rules: Rules, state: TradingState, newEpoch: boolean, now: Moment): TradingRecord[] {
  const stamp = { atMs: now.wallMs, atNs: now.ns }
  const records: TradingRecord[] = []
  if (newEpoch) records.push({ kind: 'epoch-started', ...stamp, epoch: state.epoch + 1, account: rules.settings.account, plan: rules.plan, planBySymbol: Object.fromEntries(rules.symbols.map(({ instrument, conservative }) => [instrument.symbol, conservative])) })
  for (const { instrument } of rules.symbols) {
    const known = state.symbols.get(instrument.symbol)
    const tick = instrument.tick.text
    const lot = instrument.lot.text
    if (known !== undefined && known.tick === tick && known.lot === lot) continue
    const lost = known === undefined ? '' : regridProblem(known, tick, lot)
    if (known !== undefined && lost !== '') fail('RM_INSTRUMENT_CHANGED', { symbol: instrument.symbol, tickBefore: known.tick, lotBefore: known.lot, tickNow: tick, lotNow: lot, size: lost })
    records.push({ kind: 'instrument-seen', ...stamp, symbol: instrument.symbol, symbolIndex: instrument.index, tick, lot })
  }
  if (newEpoch && !rules.settings.reconcile.restoreAuto)
    for (const { symbol, frozen, live, position } of state.symbols.values()) {
      if (frozen !== null || (live.length === 0 && position === null) || !rules.indexOf.has(symbol)) continue
      records.push({ kind: 'symbol-frozen', ...stamp, symbol, code: 'restored', why: `${live.length} live orders${position === null ? '' : ` and position ${position.id}`} were restored from the journal; recovery has to be asked for` })
    }
  return records
}
