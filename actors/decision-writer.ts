import { BUY, type Nanos, SELL, type Side } from '../src/core/index.ts'
import { BLOCK_KINDS, DECISION, DECISION_EXIT, DECISION_NONE, DECISION_REASONS, type DecisionReason, type RingProducer, STRATEGY_NAMES, type StrategyName } from '../src/memory/index.ts'
import type { ModelOutput } from '../src/model/index.ts'
import type { Block, ExitWish, FeatureVectorView, HeldPosition, StrategyDesk } from '../src/strategies/index.ts'

/** What a decision is made of, beside the vector and the votes of the desk. Reused. */
export interface DecisionDraft {
  kind: number
  side: Side
  confidence: number
  by: number
  reason: DecisionReason
  /** Who decided alone or wants out; null: nobody in particular. */
  strategy: StrategyName | null
  block: Block | null
  /** Of this vector; null: the model was not asked. */
  model: ModelOutput | null
}

/** Writes decisions to the ring, each with everything that it rests on. */
export class DecisionWriter {
  /** What the newest decision of the ring was about. */
  vectorSequence = -1
  decidedNs: Nanos = Number.NEGATIVE_INFINITY
  readonly #producer: RingProducer
  readonly #decision: ReturnType<typeof DECISION.view>

  /** Goes on behind what the ring holds: a vector that comes again after a restart does not become a second decision. */
  constructor(producer: RingProducer) {
    this.#producer = producer
    this.#decision = DECISION.view(producer.ring.buffer)
    if (producer.next === 0) return
    const last = this.#decision.at(producer.ring.slotAt(producer.next - 1))
    this.vectorSequence = last.vectorSequence
    this.decidedNs = last.publishNs
  }

  /** @returns false when the ring is full: nothing was written */
  write(vector: FeatureVectorView, draft: DecisionDraft, desk: StrategyDesk, nowNs: Nanos): boolean {
    const producer = this.#producer
    if (!producer.claim(1)) return false
    const decision = this.#decision.at(producer.slot(0))
    decision.sequence = producer.next
    decision.vectorSequence = vector.sequence
    decision.tickSequence = vector.tickSequence
    decision.venueTimeMs = vector.venueTimeMs
    decision.receiveNs = vector.receiveNs
    decision.tickPublishNs = vector.tickPublishNs
    decision.vectorPublishNs = vector.publishNs
    decision.bidTicks = vector.bidTicks
    decision.askTicks = vector.askTicks
    decision.confidence = draft.confidence
    decision.side = draft.side
    decision.by = draft.by
    decision.kind = draft.kind
    decision.reason = DECISION_REASONS.indexOf(draft.reason)
    decision.strategy = draft.strategy === null ? 0 : STRATEGY_NAMES.indexOf(draft.strategy)
    decision.block = draft.block === null ? 0 : BLOCK_KINDS.indexOf(draft.block.kind)
    decision.blockConfidence = draft.block === null ? 0 : draft.block.confidence
    decision.configHash = desk.configHash
    const at = decision.votes
    for (let i = 0; i < desk.votes.length; i++) decision.f64[at + i] = desk.votes[i]!
    const { model } = draft
    decision.modelRun = model === null ? 0 : 1
    decision.modelSell = model === null ? Number.NaN : model.sell
    decision.modelHold = model === null ? Number.NaN : model.hold
    decision.modelBuy = model === null ? Number.NaN : model.buy
    decision.modelConfidence = model === null ? Number.NaN : model.confidence
    decision.publishNs = nowNs
    producer.publish()
    this.vectorSequence = vector.sequence
    // A word about nothing holds nothing back.
    if (draft.kind !== DECISION_NONE) this.decidedNs = nowNs
    return true
  }
}

/** Makes the wish of a strategy to be out of a position a draft. */
export function exitDraft(wish: ExitWish, { side }: HeldPosition, draft: DecisionDraft): void {
  draft.kind = DECISION_EXIT
  draft.side = side === BUY ? SELL : BUY
  draft.confidence = 1
  draft.reason = wish.reason
  draft.strategy = wish.strategy
  draft.block = null
  draft.model = null
}
