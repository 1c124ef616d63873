import { BUY, money, type PriceTicks, type Side } from '../../core/index.ts'
import type { CommandOutcome, VenueErrorClass } from '../../venues/index.ts'
import { clientId } from '../client-id.ts'
import { isCovered, isLeaving } from '../coverage.ts'
import { decided, type Decided, type Effect, type Moment, NOTHING, refuse } from '../events.ts'
import type { AttachedStop, ExitPlan, ProtectionTrouble, TradingRecord } from '../records.ts'
import { doubled } from '../risk.ts'
import type { Rules } from '../rules.ts'
import type { SymbolState, TradingState } from '../state.ts'
import { venueStopTicks } from '../venue-stop.ts'
import { emergencyExit } from './emergency.ts'

/** Refusals that say nothing about the stop itself: it is asked for again. */
const ASK_AGAIN: ReadonlySet<VenueErrorClass> = new Set(['retryable', 'rate-limited', 'clock', 'auth', 'unknown', 'duplicate'])

/** The stop that an entry takes along to the venue, so that no crash between its fill and ours leaves the position bare. */
export function attachedStop(rules: Rules, state: TradingState, symbol: SymbolState, side: Side, priceTicks: PriceTicks, plan: ExitPlan): { stop?: AttachedStop } {
  if (!rules.settings.protection.enabled) return {}
  const long = side === BUY
  const loss = money(plan.stopLossPercent)
  const ours = money(priceTicks).mul(money(100).add(long ? loss.neg() : loss)).div(100)
  const ticks = venueStopTicks((long ? ours.floor() : ours.ceil()).toNumber(), long, rules.stopBehindPercent)
  return { stop: { clientId: stopId(state, symbol, state.nextPositionId), ticks } }
}

/** Looks at every symbol: what the venue must be asked for, and who stands bare for too long. */
export function decideProtect(rules: Rules, state: TradingState, now: Moment): Decided {
  if (!rules.settings.protection.enabled) return NOTHING
  const records: TradingRecord[] = []
  const effects: Effect[] = []
  for (const own of rules.symbols) {
    const symbol = state.symbols.get(own.instrument.symbol)
    if (symbol === undefined) continue
    const { stop } = symbol
    if (stop.askedNs >= 0) {
      if (now.ns - stop.askedNs >= rules.settings.venue.pendingMs * 1e6) records.push(failed(symbol, 'unknown', stop.ids.at(-1) ?? '', `no answer for ${rules.settings.venue.pendingMs} ms`, now))
    } else {
      const wanted = wantedTicks(rules, symbol, now)
      if (wanted !== null) ask(state, symbol, wanted.ticks, wanted.why, now, records, effects)
    }
    const nakedMs = stop.nakedNs < 0 ? 0 : (now.ns - stop.nakedNs) / 1e6
    if (nakedMs >= rules.settings.protection.nakedMs && !stop.alarm && !isLeaving(symbol))
      records.push({ kind: 'protection-alarm', atMs: now.wallMs, atNs: now.ns, symbol: symbol.symbol, positionId: symbol.position?.id ?? -1, lots: symbol.ledger.signedLots, nakedMs: Math.floor(nakedMs), why: stop.why === '' ? 'no stop is known to rest at the venue' : stop.why })
  }
  return records.length === 0 && effects.length === 0 ? NOTHING : decided(records, effects)
}

/** The answer to a command about a stop. A refusal of the stop itself is answered by leaving the position. */
export function decideProtectOutcome(rules: Rules, state: TradingState, name: string, id: string, outcome: CommandOutcome, now: Moment): Decided {
  const symbol = state.symbols.get(name)
  const index = rules.indexOf.get(name)
  if (symbol === undefined || index === undefined) return refuse('unknown-symbol')
  const { stop } = symbol
  // Late: it was given up as unknown, and what is true was asked for again.
  if (stop.askedNs < 0 || stop.askedId !== id) return refuse('repeated')
  const removal = stop.askedTicks === 0
  const agreed = outcome.kind === 'refused' && (outcome.errorClass === 'unchanged' || (removal && outcome.errorClass === 'not-found'))
  if (agreed || outcome.kind === 'accepted') return decided([{ kind: 'protection-set', atMs: now.wallMs, atNs: now.ns, symbol: name, positionId: stop.positionId, stopTicks: stop.askedTicks, source: 'answer' }], [])
  if (outcome.kind === 'unsent' || outcome.kind === 'unknown') return decided([failed(symbol, outcome.kind, id, outcome.reason, now)], [])
  const text = `${outcome.code} ${outcome.text}`
  const records: TradingRecord[] = [failed(symbol, 'refused', id, text, now)]
  const effects: Effect[] = []
  if (!ASK_AGAIN.has(outcome.errorClass)) emergencyExit(rules, state, rules.symbols[index]!, symbol, `the venue refused the stop: ${text}`, now, records, effects)
  return decided(records, effects)
}

/** What the venue is to be asked for now, and why; null for nothing. */
function wantedTicks(rules: Rules, symbol: SymbolState, now: Moment): { readonly ticks: PriceTicks; readonly why: string } | null {
  const { stop, position, ledger } = symbol
  const { protection, venue } = rules.settings
  const sinceMs = (now.ns - stop.changedNs) / 1e6
  const paused = stop.failures > 0 && sinceMs < doubled(protection.retryMs, protection.retryMsMax, stop.failures - 1)
  if (ledger.signedLots === 0) {
    const clear = protection.clearAfterClose && stop.state === 'leftover' && position === null && symbol.live.length === 0 && !paused
    return clear ? { ticks: 0, why: 'its position is closed' } : null
  }
  if (position === null || position.stopLossTicks <= 0) return null
  const long = ledger.signedLots > 0
  const ticks = venueStopTicks(position.stopLossTicks, long, rules.stopBehindPercent)
  if (!isCovered(symbol)) {
    // What fired is given the time in which its fills arrive.
    if (paused || (stop.state === 'triggered' && sinceMs < venue.graceMs)) return null
    return { ticks, why: stop.why === '' ? 'the position has none' : stop.why }
  }
  // Ours must come first whatever the step says.
  const before = long ? stop.ticks >= position.stopLossTicks : stop.ticks <= position.stopLossTicks
  const off = money(Math.abs(ticks - stop.ticks)).mul(100)
  if (ticks === stop.ticks || sinceMs < protection.intervalMs || !(before || off.gte(rules.stopStepPercent.mul(position.stopLossTicks)))) return null
  return { ticks, why: `${stop.ticks} ticks at the venue` }
}

function ask(state: TradingState, symbol: SymbolState, ticks: PriceTicks, why: string, now: Moment, records: TradingRecord[], effects: Effect[]): void {
  const positionId = symbol.position?.id ?? Math.max(0, symbol.stop.positionId)
  const id = stopId(state, symbol, positionId)
  records.push({ kind: 'protection-intended', atMs: now.wallMs, atNs: now.ns, symbol: symbol.symbol, positionId, clientId: id, stopTicks: ticks, why })
  effects.push({ kind: 'protect', symbol: symbol.symbol, clientId: id, stopTicks: ticks, replaces: [...symbol.stop.ids] })
}

const stopId = (state: TradingState, symbol: SymbolState, positionId: number): string =>
  clientId({ account: state.account, epoch: state.epoch, intent: { kind: 'stop', positionId, n: symbol.stop.commands }, attempt: 0 })

const failed = (symbol: SymbolState, trouble: ProtectionTrouble, id: string, text: string, now: Moment): TradingRecord => ({
  kind: 'protection-failed',
  atMs: now.wallMs,
  atNs: now.ns,
  symbol: symbol.symbol,
  positionId: symbol.position?.id ?? symbol.stop.positionId,
  trouble,
  clientId: id,
  text,
})
