import { money, type Money, ZERO } from '../../core/index.ts'
import type { EquitySeen } from './records.ts'

/**
 * How the account has done: the day's base, and an index of its value without deposits and withdrawals.
 *
 * Losses are counted in the *result of trading* (realised, less fees and funding, plus unrealised), which money that is
 * paid in or out does not change. For the drawdown, each step of it is set against the equity of that time, and the
 * steps are chained (time-weighted return), so that a withdrawal is no loss and a deposit hides none.
 */
export interface Trail {
  readonly day: number
  /** Result and equity at the last record before the day began. */
  readonly baseResult: Money
  readonly baseEquity: Money
  readonly result: Money
  readonly equity: Money
  /** 1 at the first record. */
  readonly index: Money
  readonly peak: Money
}

const ONE = money(1)
const DAY_MS = 86_400_000

/** Days since 1970 UTC, counted from an hour of the day. */
export const dayOf = (wallMs: number, startHour: number): number => Math.floor((wallMs - startHour * 3_600_000) / DAY_MS)

/** The index once the result of trading has moved on to `result`. */
export const indexAt = (trail: Trail, result: Money): Money => (trail.equity.gt(0) ? trail.index.mul(ONE.add(result.sub(trail.result).div(trail.equity))) : trail.index)

/** What the day has lost, quote currency; negative when it has earned. */
export const lossOfDay = (trail: Trail, result: Money): Money => trail.baseResult.sub(result)

/** Percent below the highest index. */
export const drawdownPercent = (trail: Trail, result: Money): Money => {
  const index = indexAt(trail, result)
  return index.gte(trail.peak) ? ZERO : ONE.sub(index.div(trail.peak)).mul(100)
}

/** The trail after one more record. A day that comes again, by a clock that was set back, begins no new one. */
export function foldTrail(trail: Trail | null, record: EquitySeen): Trail {
  const equity = money(record.equity)
  const result = money(record.realised).add(record.unrealised)
  if (trail === null) return { day: record.day, baseResult: result, baseEquity: equity, result, equity, index: ONE, peak: ONE }
  const index = indexAt(trail, result)
  const base = record.day > trail.day ? { day: record.day, baseResult: trail.result, baseEquity: trail.equity } : { day: trail.day, baseResult: trail.baseResult, baseEquity: trail.baseEquity }
  return { ...base, result, equity, index, peak: index.gt(trail.peak) ? index : trail.peak }
}

/** The trail from which losses are counted anew. @param result null: from the last record */
export function rebase(trail: Trail, result: Money | null): Trail {
  const now = result ?? trail.result
  const index = indexAt(trail, now)
  return { ...trail, baseResult: now, baseEquity: trail.equity, result: now, index, peak: index }
}
