import { BUY, type Side } from '../core/index.ts'

/** A strategy's wish to trade; a reused record that is only good until the next question. */
export interface Vote {
  side: Side
  /** 0 to 1, by the formula of the strategy. */
  confidence: number
}

export const emptyVote = (): Vote => ({ side: BUY, confidence: 0 })
