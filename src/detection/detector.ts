import type { Lots, PriceTicks, Side, WallMs } from '../core/index.ts'
import type { DetectorName } from './names.ts'
import type { BlockAnswer, Pattern, PatternList } from './pattern.ts'

/** What a detector shows of itself: for health and the dashboard, made when asked. */
export interface DetectorStatus {
  readonly name: DetectorName
  /** Sides on which it sees something now. */
  readonly active: readonly Side[]
  /** Of the strongest of them, 0 to 1. */
  readonly confidence: number
  /** Newest last, a bounded list. */
  readonly patterns: readonly Pattern[]
  /** Patterns since the start. */
  readonly found: number
  /** In words, what it sees. */
  readonly explanation: string
}

/**
 * Looks for one thing in the market of one symbol. It is fed in the order of events and knows no clock, only their
 * times; it allocates nothing per event. Times are ms from the origin that its set keeps.
 */
export interface Detector {
  readonly name: DetectorName
  readonly status: DetectorStatus
  /** null for a detector that does not look for manipulation. */
  readonly patterns: PatternList | null
  /** Of its time 0, ms since 1970: set by whoever feeds it. */
  originMs: WallMs
  /** Time moved on: before the changes of every book message. */
  advance(nowMs: WallMs): void
  /** See `OrderSink`. */
  onPlaced(order: number): void
  onEnded(order: number): void
  onRested(order: number): void
  /** A closed candle, in the order of time. @param startMs ms since 1970 */
  onClosed(startMs: WallMs, openTicks: PriceTicks, highTicks: PriceTicks, lowTicks: PriceTicks, closeTicks: PriceTicks, lots: Lots): void
  /** How sure it is, 0 to 1, that whoever trades in this direction now is meant to be misled; 0 for nothing. */
  against(side: Side): number
  /** `against`, with its reason in words. */
  block(side: Side): BlockAnswer
  /** The book is not known any more. What is over stays listed. */
  gap(): void
  /** As new. */
  reset(): void
}
