import { type Nanos, SELL, type Side, type WallMs } from '../core/index.ts'
import type { DecisionReason, StrategyName } from '../memory/index.ts'
import { type Bounds, configured, type Ordered } from './bounds.ts'
import { type ClosedCandle, emptySignal, type FeatureVectorView, type HeldPosition, type Signal, type Strategy, type StrategyConfig, type StrategyStatus } from './strategy.ts'

/**
 * What strategies that look at closed candles have in common: an opinion is formed when a candle closes, and stands for `holdCandles`
 * candles after it, or until another one takes its place. It may be acted upon alone once, also when the candles are told anew.
 */
export abstract class CandleStrategy<C extends StrategyConfig & { readonly holdCandles: number }> implements Strategy {
  abstract readonly name: StrategyName
  abstract readonly numberNames: readonly string[]
  protected abstract readonly bounds: Bounds<C>
  protected abstract readonly ordered: Ordered<C>
  readonly #opinion: Signal = emptySignal()
  #config: C
  #standsUntilMs: WallMs = Number.NEGATIVE_INFINITY
  #taken = true
  /** Start of the newest candle, and of the newest one when an opinion was acted upon. */
  #newestMs: WallMs = Number.NEGATIVE_INFINITY
  #actedMs: WallMs = Number.NEGATIVE_INFINITY

  constructor(config: C) {
    this.#config = config
  }

  get config(): C {
    return this.#config
  }

  /** Looks at a closed candle. @returns whether `out` holds an opinion now */
  protected abstract judge(candle: ClosedCandle, out: Signal): boolean
  /** Everything that is remembered of candles goes. */
  protected abstract forget(): void
  /** New settings are in place: what was built on the old ones must go. */
  protected abstract rebuild(): void
  abstract shouldExit(position: HeldPosition): DecisionReason | null
  abstract status(): StrategyStatus

  /** Vectors say nothing to it. */
  observe(_vector: FeatureVectorView): void {}

  onCandle(candle: ClosedCandle): void {
    const opinion = this.#opinion
    const { side } = opinion
    const stood = this.#standsUntilMs > candle.startMs
    this.#newestMs = candle.startMs
    if (!this.judge(candle, opinion)) return
    // The same opinion again is no reason to act again, and a candle that was acted upon is none when it is told anew.
    if ((!stood || opinion.side !== side) && candle.startMs > this.#actedMs) this.#taken = false
    this.#standsUntilMs = candle.startMs + candle.intervalMs * (1 + this.#config.holdCandles)
  }

  analyze(venueMs: WallMs, out: Signal): boolean {
    if (!(venueMs < this.#standsUntilMs)) return false
    const opinion = this.#opinion
    out.side = opinion.side
    out.confidence = opinion.confidence
    out.reason = opinion.reason
    out.numbers.set(opinion.numbers)
    return true
  }

  take(_nowNs: Nanos): boolean {
    const free = !this.#taken
    this.#taken = true
    if (free) this.recall(this.#newestMs)
    return free
  }

  recall(candleMs: WallMs): void {
    this.#actedMs = Math.max(this.#actedMs, candleMs)
  }

  configure(changes: StrategyConfig): void {
    const before = this.#config
    this.#config = configured(this.name, this.bounds, before, changes, this.ordered)
    try {
      this.rebuild()
    } catch (error) {
      this.#config = before
      throw error
    }
    this.#drop()
  }

  /** The book is nothing to it. */
  reset(): void {}

  resetCandles(): void {
    this.forget()
    this.#drop()
  }

  #drop(): void {
    this.#standsUntilMs = Number.NEGATIVE_INFINITY
    this.#taken = true
  }
}

/** Between 0 and 1. */
export const unit = (value: number): number => Math.min(1, Math.max(0, value))

/** +1 where a rise is good for the side. */
export const favour = (side: Side): 1 | -1 => (side === SELL ? -1 : 1)
