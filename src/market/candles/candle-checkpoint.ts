import type { Lots } from '../../core/index.ts'
import type { Candle } from './candle.ts'

/** The candles of one symbol as plain data, to be kept over a restart. */
export interface CandleCheckpoint {
  readonly intervalMs: number
  /** Oldest first, without a hole, up to the forming one. */
  readonly closed: readonly Candle[]
  readonly forming: Candle | null
  /** Volume of the forming candle as counted from trades. */
  readonly tradedLots: Lots
}

/** @returns what keeps a value from being a checkpoint of candles of that interval, or null when it is one. */
export function checkpointProblem(value: unknown, intervalMs: number): string | null {
  if (typeof value !== 'object' || value === null || !Array.isArray((value as CandleCheckpoint).closed)) return 'no closed candles in it'
  const { closed, forming, tradedLots, intervalMs: theirs } = value as CandleCheckpoint
  if (theirs !== intervalMs) return `interval ${theirs} ms, not ${intervalMs} ms`
  if (!Number.isFinite(tradedLots) || forming === undefined) return 'forming candle incomplete'
  const all = forming === null ? closed : [...closed, forming]
  for (let i = 0; i < all.length; i++) {
    const c = all[i]!
    if (![c.startMs, c.openTicks, c.highTicks, c.lowTicks, c.closeTicks, c.lots, c.source].every((n) => Number.isFinite(n))) return `candle ${i} is not all numbers`
    if (i > 0 && c.startMs - all[i - 1]!.startMs !== intervalMs) return `hole before candle ${i}`
  }
  return null
}
