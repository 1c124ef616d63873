import { BUY, SELL, type Side } from '../core/index.ts'
import type { Detector, DetectorStatus } from './detector.ts'
import { type BlockAnswer, noBlock, type PatternList, patternWords } from './pattern.ts'

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

/** What such a detector answers when it is asked about a side: its newest pattern there, in words. */
export function sideBlock(detector: Pick<Detector, 'name' | 'against'>, patterns: PatternList, side: Side): BlockAnswer {
  const { name } = detector
  const confidence = detector.against(side)
  const at = patterns.newest(side)
  if (confidence === 0 || at < 0) return noBlock(side)
  return { side, blocked: true, confidence, detector: name, reason: `${name}: ${patternWords(patterns.at(at))}` }
}
