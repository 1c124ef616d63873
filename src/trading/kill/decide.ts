import { money, type Money } from '../../core/index.ts'
import { decided, type Decided, type Effect, type Moment, NOTHING, refuse } from '../events.ts'
import type { TradingRecord } from '../records.ts'
import type { Rules } from '../rules.ts'
import type { TradingState } from '../state.ts'
import { cancelOrAsk } from '../decide/cancel.ts'
import type { KillFacts } from './facts.ts'
import type { EquitySeen, KillOrder, KillWay } from './records.ts'
import { dayOf, foldTrail, type Trail } from './trail.ts'
import { realisedResult, standingTrips, type Trip } from './trips.ts'

/** A move of the result by this share of equity is written down at once, so that no peak between two records is forgotten … */
const MOVE_SHARE = money('0.0005')
/** … but not more often than this. */
const MOVE_RECORD_NS = 1e9

/**
 * Names an engagement of this journal. The side file may hold one of another journal (of the other venue, or of one that
 * was lost), so the name is one that no other journal gives.
 */
export const killId = (state: TradingState, now: Moment): string => `${state.account}E${state.epoch}K${state.kill.engagements + 1}T${now.wallMs}`

/** Engages the kill switch: the record first, then every entry is called back. What it reaches for again is in the sweep. */
export function decideKill(state: TradingState, order: KillOrder, now: Moment): Decided {
  const { engaged } = state.kill
  if (engaged !== null && (engaged.flatten || !order.flatten)) return refuse('repeated')
  const { id, by, code, reason, flatten, values } = order
  const records: TradingRecord[] = [{ kind: 'kill-engaged', atMs: now.wallMs, atNs: now.ns, id, by, code, reason, flatten, values }]
  const effects: Effect[] = []
  for (const symbol of state.symbols.values()) for (const live of symbol.live) if (live.purpose === 'entry') cancelOrAsk(live, `kill switch: ${code}`, now, records, effects)
  return decided(records, effects)
}

export interface ReleaseOrder {
  readonly by: KillWay
  readonly why: string
  /** Release although its cause stands: losses are counted anew from here. */
  readonly force: boolean
}

/** Releases it, unless a cause stands and nobody overrules it. */
export function decideKillRelease(rules: Rules, state: TradingState, order: ReleaseOrder, facts: KillFacts, now: Moment): Decided {
  const { engaged } = state.kill
  if (engaged === null) return refuse('repeated')
  const standing = standingCauses(rules, state, facts, now)
  if (standing.length > 0 && !order.force) return refuse('cause-stands')
  const result = resultOf(state, facts)
  return decided([{ kind: 'kill-released', atMs: now.wallMs, atNs: now.ns, id: engaged.id, by: order.by, why: order.why, overruled: standing.map((trip) => trip.reason), result: result === null ? null : result.toFixed() }], [])
}

/** Trips that would not let it stay released at this moment. */
export function standingCauses(rules: Rules, state: TradingState, facts: KillFacts, now: Moment): readonly Trip[] {
  const { kill } = rules.settings
  const result = resultOf(state, facts)
  const record = equityRecord(rules, state, facts, now)
  const trail = record === null ? state.kill.trail : foldTrail(state.kill.trail, record)
  return standingTrips({ settings: kill, state, trail, result, facts, nowNs: now.ns }).filter((trip) => trip.lasts)
}

/** One look: writes equity down when that is due, and engages the kill switch when a trip says so. */
export function decideWatch(rules: Rules, state: TradingState, facts: KillFacts, now: Moment): Decided {
  const { kill } = rules.settings
  const record = equityRecord(rules, state, facts, now)
  const seen = record === null ? NOTHING : decided([record], [])
  if (state.kill.engaged !== null) return seen
  const trail: Trail | null = record === null ? state.kill.trail : foldTrail(state.kill.trail, record)
  const [trip] = standingTrips({ settings: kill, state, trail, result: resultOf(state, facts), facts, nowNs: now.ns })
  if (trip === undefined) return seen
  const engaged = decideKill(state, { id: killId(state, now), by: 'trip', code: trip.code, reason: trip.reason, flatten: kill.flattenOnTrip, values: trip.values }, now)
  return decided([...seen.records, ...engaged.records], engaged.effects)
}

/** Result of all trading at this moment; null while an open position never had a price. */
export const resultOf = (state: TradingState, facts: KillFacts): Money | null => (facts.unrealised === null ? null : realisedResult(state).add(facts.unrealised))

function equityRecord(rules: Rules, state: TradingState, facts: KillFacts, now: Moment): EquitySeen | null {
  const { kill } = rules.settings
  const { trail, trailNs } = state.kill
  if (facts.equity === null || facts.unrealised === null) return null
  const equity = money(facts.equity)
  const realised = realisedResult(state)
  const result = realised.add(facts.unrealised)
  const day = dayOf(now.wallMs, kill.dayStartHour)
  if (trail !== null && day <= trail.day) {
    const sinceNs = now.ns - trailNs
    const moved = result.sub(trail.result).abs()
    const changed = !moved.isZero() || !equity.eq(trail.equity)
    const due = sinceNs >= kill.recordMs * 1e6 ? changed : sinceNs >= MOVE_RECORD_NS && moved.gt(trail.equity.mul(MOVE_SHARE))
    if (!due) return null
  }
  return {
    kind: 'equity-seen',
    atMs: now.wallMs,
    atNs: now.ns,
    day,
    equity: equity.toFixed(),
    realised: realised.toFixed(),
    unrealised: facts.unrealised.toFixed(),
    unexplained: (trail === null ? equity.sub(equity) : equity.sub(trail.equity).sub(result.sub(trail.result))).toFixed(),
  }
}
