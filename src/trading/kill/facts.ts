import type { Money } from '../../core/index.ts'

/**
 * What the trips look at beside the books, at one moment. Durations are of the monotonic clock, ms, 0 while the
 * condition does not hold. Written anew at every look.
 */
export interface KillFacts {
  /** As the venue told it last, decimal text; null before its first word. */
  equity: string | null
  /** Since that word; Infinity before the first. */
  walletAgeMs: number
  /** Of open positions at the prices that would close them, quote currency; null while one of them never had a price. */
  unrealised: Money | null
  /** For how long an open position has been without a fresh price. */
  priceMissingMs: number
  /** For how long too many symbols have been without fresh data. */
  staleMs: number
  /** For how long the offset of the venue's clock has been unknown. */
  clockUnknownMs: number
  /** Change of that offset since the look before. */
  clockJumpMs: number
  /** For how long the journal has not taken what it should. */
  journalMs: number
  journalProblem: string
}

export const createKillFacts = (): KillFacts => ({ equity: null, walletAgeMs: Number.POSITIVE_INFINITY, unrealised: null, priceMissingMs: 0, staleMs: 0, clockUnknownMs: 0, clockJumpMs: 0, journalMs: 0, journalProblem: '' })

/** One look at the trips. */
export interface WatchEvent {
  readonly kind: 'watch'
  readonly facts: KillFacts
}
