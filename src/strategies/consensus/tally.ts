import { BUY, SELL, type Side } from '../../core/index.ts'
import type { ConsensusSettings } from './settings.ts'

/** What a count of votes came to. */
export const NO_VOTES = 0
export const TOO_FEW = 1
export const CONFLICT = 2
export const LOW_CONFIDENCE = 3
export const AGREED = 4

/** The same in words, for counters. */
export const TALLY_WORDS = ['none', 'too-few', 'conflict', 'low-confidence', 'agreed'] as const

/**
 * Counts votes. With B and S the voters of both sides, c their confidences and w their weights:
 *
 * - majority: the side with more voters; confidence = mean c of its voters · its share of the voters
 * - weighted: the side with the larger Σ w·c; confidence = |Σ_B w·c − Σ_S w·c| / Σ w
 * - unanimous: no voter on the other side; confidence = mean c
 *
 * A draw, and votes on both sides where the settings want none, is a conflict. A weight of 0 is no voter.
 */
export class Tally {
  outcome = NO_VOTES
  side: Side = BUY
  /** 0 to 1 of the side that leads; 0 when none does. */
  confidence = 0
  buyers = 0
  sellers = 0

  /** Votes on both sides. */
  get opposed(): boolean {
    return this.buyers > 0 && this.sellers > 0
  }

  /** @param votes signed confidence of each strategy: above 0 buy, below sell, 0 none, NaN left out */
  count(votes: Float64Array, weights: Float64Array, { mode, strategiesMin, confidenceMin, conflict }: ConsensusSettings): void {
    let buyers = 0
    let sellers = 0
    let bought = 0
    let sold = 0
    let boughtWeighted = 0
    let soldWeighted = 0
    let weight = 0
    for (let i = 0; i < votes.length; i++) {
      const vote = votes[i]!
      const own = weights[i]!
      if (!(own > 0)) continue
      if (vote > 0) {
        buyers++
        bought += vote
        boughtWeighted += own * vote
      } else if (vote < 0) {
        sellers++
        sold -= vote
        soldWeighted -= own * vote
      } else continue
      weight += own
    }
    this.buyers = buyers
    this.sellers = sellers
    this.confidence = 0
    if (buyers + sellers === 0) {
      this.outcome = NO_VOTES
      return
    }
    const lead = mode === 'weighted' ? boughtWeighted - soldWeighted : buyers - sellers
    if (lead === 0) {
      this.outcome = CONFLICT
      return
    }
    this.side = lead > 0 ? BUY : SELL
    const voters = lead > 0 ? buyers : sellers
    const mean = (lead > 0 ? bought : sold) / voters
    // One rounding at most: never beyond what the voters themselves say.
    this.confidence = Math.min(1, mode === 'weighted' ? Math.abs(lead) / weight : mode === 'majority' ? (mean * voters) / (buyers + sellers) : mean)
    if (this.opposed && (conflict === 'stand-aside' || mode === 'unanimous')) this.outcome = CONFLICT
    else if (voters < strategiesMin) this.outcome = TOO_FEW
    else this.outcome = this.confidence >= confidenceMin ? AGREED : LOW_CONFIDENCE
  }
}
