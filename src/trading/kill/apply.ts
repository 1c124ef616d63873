import { money } from '../../core/index.ts'
import type { TradingRecord } from '../records.ts'
import type { KillEngaged, KillReleased } from './records.ts'
import { REFUSALS_MAX, type KillState } from './state.ts'
import { foldTrail, rebase } from './trail.ts'

/** Folds one record into what the kill switch knows. Looks at every kind that a trip counts; the rest passes. */
export function foldKill(kill: KillState, record: TradingRecord): void {
  switch (record.kind) {
    case 'kill-engaged':
      return engage(kill, record)
    case 'kill-released':
      return release(kill, record)
    case 'equity-seen':
      kill.trail = foldTrail(kill.trail, record)
      kill.trailNs = record.atNs
      return
    case 'order-refused':
      return refused(kill, record)
    case 'order-seen':
      if (record.status === 'rejected') refused(kill, record)
      return
    case 'symbol-frozen':
      if (record.code !== 'mismatch') kill.strangers.set(record.symbol, `${record.symbol} ${record.code}: ${record.why}`)
      return
    case 'symbol-released':
      kill.strangers.delete(record.symbol)
      return
    case 'epoch-started': {
      // Monotonic times of another epoch mean nothing here: they are carried over by the wall clock.
      const inThisEpoch = (ms: number): number => record.atNs - Math.max(0, record.atMs - ms) * 1e6
      kill.trailNs = record.atNs
      for (const one of kill.refusals) one.ns = inThisEpoch(one.ms)
      if (kill.engaged !== null) kill.engaged = { ...kill.engaged, sinceNs: inThisEpoch(kill.engaged.sinceMs) }
      return
    }
    default:
  }
}

/** A second engagement while one stands adds what it asks for beyond the first: closing the positions. */
function engage(kill: KillState, record: KillEngaged): void {
  kill.engagements++
  if (kill.engaged !== null) {
    kill.engaged = { ...kill.engaged, flatten: kill.engaged.flatten || record.flatten }
    return
  }
  const { id, by, code, reason, flatten, values } = record
  kill.engaged = { id, by, code, reason, flatten, values, sinceMs: record.atMs, sinceNs: record.atNs }
}

function release(kill: KillState, record: KillReleased): void {
  kill.engaged = null
  kill.releasedId = record.id
  kill.releasedMs = record.atMs
  kill.refusals.length = 0
  if (record.overruled.length === 0) return
  kill.strangers.clear()
  if (kill.trail !== null) kill.trail = rebase(kill.trail, record.result === null ? null : money(record.result))
}

function refused(kill: KillState, record: { readonly atMs: number; readonly atNs: number }): void {
  kill.refusals.push({ ms: record.atMs, ns: record.atNs })
  if (kill.refusals.length > REFUSALS_MAX) kill.refusals.shift()
}
