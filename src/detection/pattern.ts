import { BUY, type PriceTicks, SELL, type Side, sideName, type WallMs } from '../core/index.ts'
import type { DetectorName } from './names.ts'

/** One stretch of manipulation on one side of the book. */
export interface Pattern {
  readonly detector: DetectorName
  /** Of the book: where the orders stood. They mislead those who trade in the same direction. */
  readonly side: Side
  /** First placement and last withdrawal, ms since 1970. */
  readonly startMs: WallMs
  readonly endMs: WallMs
  readonly orders: number
  readonly lowTicks: PriceTicks
  readonly highTicks: PriceTicks
  /** Share of the withdrawn size that was cancelled, not traded. */
  readonly cancelRate: number
  /** 0 to 1 */
  readonly confidence: number
}

/** Whether trading in a direction is blocked, and why. */
export interface BlockAnswer {
  readonly side: Side
  readonly blocked: boolean
  /** 0 to 1; 0 when it is not blocked. */
  readonly confidence: number
  readonly detector: DetectorName | null
  /** In words, '' when it is not blocked. */
  readonly reason: string
}

export const noBlock = (side: Side): BlockAnswer => ({ side, blocked: false, confidence: 0, detector: null, reason: '' })

/** Patterns that a list keeps. */
const PATTERNS_KEPT = 32

/**
 * The newest patterns of a detector, in columns: one that goes on is extended in place, so that nothing is allocated while
 * it lasts; objects are made for those who ask.
 */
export class PatternList {
  readonly startMs = new Float64Array(PATTERNS_KEPT)
  readonly endMs = new Float64Array(PATTERNS_KEPT)
  readonly orders = new Float64Array(PATTERNS_KEPT)
  readonly lowTicks = new Float64Array(PATTERNS_KEPT)
  readonly highTicks = new Float64Array(PATTERNS_KEPT)
  readonly cancelRates = new Float64Array(PATTERNS_KEPT)
  readonly confidences = new Float64Array(PATTERNS_KEPT)
  readonly sides = new Uint8Array(PATTERNS_KEPT)
  readonly detector: DetectorName
  /** Of time 0 of its detector, ms since 1970. */
  originMs: WallMs = 0
  /** Patterns ever begun. */
  found = 0
  /** Places of the newest pattern of each side, −1 for none: bids and asks. */
  readonly #newest = new Int32Array(2).fill(-1)

  constructor(detector: DetectorName) {
    this.detector = detector
  }

  /** Place of the newest pattern of a side, −1 before the first. */
  newest(side: Side): number {
    return this.#newest[side]!
  }

  /** Begins a pattern. @returns its place */
  begin(side: Side): number {
    const at = this.found++ % PATTERNS_KEPT
    for (const one of [BUY, SELL]) if (this.#newest[one] === at) this.#newest[one] = -1
    this.sides[at] = side
    this.#newest[side] = at
    return at
  }

  /** Newest last. */
  list(): Pattern[] {
    const held = Math.min(this.found, PATTERNS_KEPT)
    return Array.from({ length: held }, (_, i) => this.at((this.found - held + i) % PATTERNS_KEPT))
  }

  at(place: number): Pattern {
    return {
      detector: this.detector,
      side: this.sides[place] as Side,
      startMs: this.originMs + this.startMs[place]!,
      endMs: this.originMs + this.endMs[place]!,
      orders: this.orders[place]!,
      lowTicks: this.lowTicks[place]!,
      highTicks: this.highTicks[place]!,
      cancelRate: this.cancelRates[place]!,
      confidence: this.confidences[place]!,
    }
  }

  reset(): void {
    this.found = 0
    this.#newest.fill(-1)
  }
}

/** For explanations: "5 orders on the bid side between 600000 and 600004 ticks, 97 % cancelled". */
export function patternWords(pattern: Pattern): string {
  const where = pattern.lowTicks === pattern.highTicks ? `at ${pattern.lowTicks} ticks` : `between ${pattern.lowTicks} and ${pattern.highTicks} ticks`
  return `${pattern.orders} large orders on the ${sideName(pattern.side) === 'Buy' ? 'bid' : 'ask'} side ${where}, ${Math.round(100 * pattern.cancelRate)} % cancelled within ${((pattern.endMs - pattern.startMs) / 1000).toFixed(1)} s`
}
