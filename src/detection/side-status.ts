import { BUY, SELL, type Side } from '../core/index.ts'
import type { Detector, DetectorStatus } from './detector.ts'
import type { PatternList } from './pattern.ts'

/** Status of a detector that judges both sides. @param quiet what it says when it sees nothing */
export function sideStatus(detector: Pick<Detector, 'name' | 'against' | 'block'>, patterns: PatternList, quiet: string): DetectorStatus {
  const active: Side[] = [BUY, SELL].filter((side) => detector.against(side) > 0)
  return {
    name: detector.name,
    active,
    confidence: Math.max(detector.against(BUY), detector.against(SELL)),
    patterns: patterns.list(),
    found: patterns.found,
    explanation: active.length === 0 ? quiet : active.map((side) => detector.block(side).reason).join('; '),
  }
}
