import { BUY, SELL } from '../src/core/index.ts'
import { DECISION, DECISION_ENTRY, DECISION_REASONS, type RingProducer, STRATEGY_NAMES } from '../src/memory/index.ts'
import type { StrategyDesk } from '../src/strategies/index.ts'

const CONSENSUS = DECISION_REASONS.indexOf('consensus')
const SINGLE = DECISION_REASONS.indexOf('single')

/**
 * Tells a new desk what the life before it acted upon, as far as the decision ring still holds it: the candles are told anew, and an opinion that
 * was acted upon must not be acted upon once more.
 * @param candleMs length of a candle
 */
export function recallDecisions({ ring, next }: RingProducer, desk: StrategyDesk, candleMs: number): void {
  const view = DECISION.view(ring.buffer)
  // Oldest first: the newest word holds.
  for (let sequence = Math.max(0, next - ring.slots); sequence < next; sequence++) {
    const { kind, reason, side, strategy, venueTimeMs, publishNs } = view.at(ring.slotAt(sequence))
    if (kind !== DECISION_ENTRY) continue
    // The newest candle that can have been closed by then.
    const candle = (Math.floor(venueTimeMs / candleMs) - 1) * candleMs
    if (reason === CONSENSUS) desk.recallConsensus(side === SELL ? SELL : BUY, candle, publishNs)
    if (reason === SINGLE) desk.member(STRATEGY_NAMES[strategy]!).strategy.recall(candle)
  }
}
