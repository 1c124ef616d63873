import { BUY, type Nanos, type Side, type WallMs } from '../core/index.ts'
import type { DecisionReason, FEATURE_VECTOR, StrategyName } from '../memory/index.ts'

export type FeatureVectorView = ReturnType<typeof FEATURE_VECTOR.view>

/** Numbers that a signal can have behind it. */
export const NUMBERS_MAX = 6

/** What a strategy thinks; a reused record that is only good until the next question. */
export interface Signal {
  side: Side
  /** 0 to 1, by the formula of the strategy. */
  confidence: number
  /** What was seen, in words that are made once. */
  reason: string
  /** The numbers behind it, in the order of `numberNames` of the strategy. */
  readonly numbers: Float64Array
}

export const emptySignal = (): Signal => ({ side: BUY, confidence: 0, reason: '', numbers: new Float64Array(NUMBERS_MAX) })

/** A closed candle, and the 35 indicators as of its close (order of the indicator channel). Reused: read it at once. */
export interface ClosedCandle {
  startMs: WallMs
  intervalMs: number
  /** Quote currency. */
  open: number
  high: number
  low: number
  close: number
  /** Base coin. */
  volume: number
  /** NaN while they warm up. */
  readonly indicators: Float64Array
}

/** The position that a symbol holds. Reused: read it at once. */
export interface HeldPosition {
  side: Side
  /** Quote currency: average entry, price that it could be closed at now, best such price since it was first seen. */
  entryPrice: number
  price: number
  bestPrice: number
}

/** Plain settings of a strategy, by name. */
export type StrategyConfig = Readonly<Record<string, number | boolean>>

export interface StrategyStatus {
  /** Whether everything it looks back on is there. */
  readonly warm: boolean
  /** What it looks at, in one line. */
  readonly note: string
}

/**
 * A strategy of one symbol. It sees every warm vector and every closed candle, in the order of events; asked, it tells what it thinks now.
 * Time is that of the venue and of the run clock, handed in. Nothing here allocates.
 */
export interface Strategy {
  readonly name: StrategyName
  readonly numberNames: readonly string[]
  readonly config: StrategyConfig
  observe(vector: FeatureVectorView): void
  onCandle(candle: ClosedCandle): void
  /** @returns false for no opinion; `out` may then hold anything */
  analyze(venueMs: WallMs, out: Signal): boolean
  /** Whether what it thinks may be acted upon alone: a standing opinion is no new one. Saying yes uses it up. */
  take(nowNs: Nanos): boolean
  /** Why the position should be closed, or null. */
  shouldExit(position: HeldPosition): DecisionReason | null
  /** Other settings while running; those not named stay. @throws RM_STRATEGY_CONFIG, RM_STRATEGY_FEATURE, and then nothing changed */
  configure(config: StrategyConfig): void
  /** The book had a gap. */
  reset(): void
  /** Candles begin anew. */
  resetCandles(): void
  /** What candles up to the one that begins at `candleMs` say has been acted upon: told anew, it is no new opinion. */
  recall(candleMs: WallMs): void
  status(): StrategyStatus
}
