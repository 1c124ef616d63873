import { BUY, errorLine, type Nanos, SELL, type WallMs } from '../../core/index.ts'
import type { DecisionReason } from '../../memory/index.ts'
import { type ClosedCandle, emptySignal, type FeatureVectorView, type HeldPosition, type Signal, type Strategy } from '../strategy.ts'

/** Why a strategy was left out. */
export type Trouble = 'threw' | 'slow' | 'nonsense'

export interface MemberSettings {
  readonly budgetMs: number
  readonly backoffMs: number
  readonly backoffMsMax: number
}

/** Hears that a strategy is left out, and for how long. */
export type HearTrouble = (strategy: Strategy, trouble: Trouble, text: string, leftOutMs: number) => void

/**
 * A strategy with a fence around it. Whatever it does wrong (an exception, an answer that is none, taking too long) costs it its own vote
 * for a time, twice as long with each failure in a row, and nobody else anything. One that was only slow goes on looking; one that broke is
 * begun anew.
 */
export class Member {
  readonly strategy: Strategy
  readonly signal: Signal = emptySignal()
  enabled: boolean
  weight: number
  /** How often it had an opinion, when it was asked; failures, of all times and in a row. */
  votes = 0
  failures = 0
  inARow = 0
  /** Back after a failure, without what it has missed. */
  missedCandles = false
  /** What it failed with last, '' before. */
  trouble = ''
  #outUntilNs: Nanos = Number.NEGATIVE_INFINITY
  #out = false
  /** Left out for more than being slow: what it holds cannot be gone on from. */
  #broken = false
  readonly #settings: MemberSettings
  readonly #hear: HearTrouble

  constructor(strategy: Strategy, enabled: boolean, weight: number, settings: MemberSettings, hear: HearTrouble) {
    this.strategy = strategy
    this.enabled = enabled
    this.weight = weight
    this.#settings = settings
    this.#hear = hear
  }

  /** Whether it is left out at this moment; the first look after the time is over lets it back in. */
  isOut(nowNs: Nanos): boolean {
    if (!this.#out) return false
    if (nowNs < this.#outUntilNs) return true
    this.#out = false
    this.missedCandles ||= this.#broken
    this.#broken = false
    return false
  }

  observe(vector: FeatureVectorView, nowNs: Nanos): void {
    if (!this.enabled || (this.isOut(nowNs) && this.#broken)) return
    try {
      this.strategy.observe(vector)
    } catch (error) {
      this.#fail('threw', errorLine(error), nowNs)
    }
  }

  /** Also while it is switched off: switched on, it knows what it needs. */
  onCandle(candle: ClosedCandle, nowNs: Nanos): void {
    if (this.isOut(nowNs) && this.#broken) return
    try {
      this.strategy.onCandle(candle)
    } catch (error) {
      this.#fail('threw', errorLine(error), nowNs)
    }
  }

  /** Signed confidence, 0 for no opinion, NaN when it is switched off or left out. */
  vote(venueMs: WallMs, nowNs: Nanos): number {
    if (!this.enabled || this.isOut(nowNs)) return Number.NaN
    const { signal } = this
    let has: unknown
    try {
      has = this.strategy.analyze(venueMs, signal)
    } catch (error) {
      this.#fail('threw', errorLine(error), nowNs)
      return Number.NaN
    }
    if (has === false) return this.#sound(0)
    const { side, confidence } = signal
    if (has !== true || (side !== BUY && side !== SELL) || !(confidence >= 0 && confidence <= 1)) {
      this.#fail('nonsense', `answered ${String(has)}, side ${String(side)}, confidence ${String(confidence)}`, nowNs)
      return Number.NaN
    }
    this.votes++
    return this.#sound(side === BUY ? confidence : -confidence)
  }

  /** Its answer came after `tookNs`: it does not count when that is beyond the budget. @returns whether it counts */
  inTime(tookNs: Nanos, nowNs: Nanos): boolean {
    const { budgetMs } = this.#settings
    if (tookNs <= budgetMs * 1e6) return true
    this.#fail('slow', `took ${(tookNs / 1e6).toFixed(3)} ms of ${budgetMs} ms`, nowNs)
    return false
  }

  shouldExit(position: HeldPosition, nowNs: Nanos): DecisionReason | null {
    if (!this.enabled || this.isOut(nowNs)) return null
    try {
      return this.strategy.shouldExit(position)
    } catch (error) {
      this.#fail('threw', errorLine(error), nowNs)
      return null
    }
  }

  /** @param what had a gap */
  reset(what: 'book' | 'candles', nowNs: Nanos): void {
    try {
      if (what === 'book') this.strategy.reset()
      else this.strategy.resetCandles()
    } catch (error) {
      this.#fail('threw', errorLine(error), nowNs)
    }
  }

  #sound(vote: number): number {
    this.inARow = 0
    return vote
  }

  #fail(trouble: Trouble, text: string, nowNs: Nanos): void {
    const { backoffMs, backoffMsMax } = this.#settings
    const leftOutMs = Math.min(backoffMsMax, backoffMs * 2 ** Math.min(30, this.inARow))
    this.failures++
    this.inARow++
    this.trouble = `${trouble}: ${text}`
    this.#out = true
    this.#outUntilNs = nowNs + leftOutMs * 1e6
    this.#hear(this.strategy, trouble, text, leftOutMs)
    // A thread that had to wait is no broken strategy.
    if (trouble === 'slow') return
    this.#broken = true
    // What it half did must not be gone on from.
    try {
      this.strategy.reset()
      this.strategy.resetCandles()
    } catch (error) {
      this.trouble += `; and its reset: ${errorLine(error)}`
    }
  }
}
