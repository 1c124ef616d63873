import { BUY, fail, type Nanos, type Side } from '../src/core/index.ts'
import { BY_CONSENSUS, BY_FALLBACK, BY_MODEL, DECISION_ENTRY, DECISION_NONE, type DecisionReason, type RingProducer } from '../src/memory/index.ts'
import type { ModelOutput } from '../src/model/index.ts'
import type { ActorContext } from '../src/runtime/index.ts'
import { AGREED, type BlockSource, CONFLICT, type FeatureVectorView, LOW_CONFIDENCE, NO_VOTES, type StrategyDesk } from '../src/strategies/index.ts'
import { type DecisionDraft, DecisionWriter, exitDraft } from './decision-writer.ts'
import type { HeldView } from './held-view.ts'

/** Two words about votes that led to nothing are never closer than this. */
const NO_TRADE_MS = 1000

export interface DeciderWiring {
  readonly decisions: RingProducer
  readonly desk: StrategyDesk
  readonly blocks: BlockSource | null
  readonly held: HeldView | null
  /** After each decision that was written. */
  readonly onPublished: () => void
}

/** Brings what the desk and the model say to the decision ring: entries that no detector blocks, exits, and where asked for what led to nothing. */
export class Decider {
  readonly writer: DecisionWriter
  readonly #context: ActorContext
  readonly #wiring: DeciderWiring
  readonly #draft: DecisionDraft = { kind: DECISION_ENTRY, side: BUY, confidence: 0, by: BY_FALLBACK, reason: 'unknown', strategy: null, block: null, model: null }
  #toldNothingNs: Nanos = Number.NEGATIVE_INFINITY

  constructor(context: ActorContext, wiring: DeciderWiring) {
    this.#context = context
    this.#wiring = wiring
    this.writer = new DecisionWriter(wiring.decisions)
  }

  /** What `propose` left. */
  get proposal(): Pick<DecisionDraft, 'side' | 'confidence' | 'reason'> {
    return this.#draft
  }

  /** A strategy wants the position closed. @returns whether that was decided */
  leave(vector: FeatureVectorView, nowNs: Nanos): boolean {
    const { held } = this.#wiring
    if (held === null || !held.read(vector)) return false
    const wish = this.#wiring.desk.exit(held.position, held.voters, nowNs)
    if (wish === null) return false
    exitDraft(wish, held.position, this.#draft)
    this.#draft.by = BY_FALLBACK
    this.#write(vector, nowNs)
    this.#context.count('decisions', 'exit')
    return true
  }

  /** What the strategies want: their consensus, else the one that may decide alone. Left in the draft. @returns by whom, 0 for nobody */
  propose(vector: FeatureVectorView, nowNs: Nanos): number {
    const desk = this.#wiring.desk
    const { tally, settings } = desk
    const draft = this.#draft
    draft.strategy = null
    if (tally.outcome === AGREED) {
      if (!desk.takeConsensus(nowNs)) return 0
      draft.side = tally.side
      draft.confidence = tally.confidence
      draft.reason = 'consensus'
      return BY_CONSENSUS
    }
    const alone = desk.takeSingle(nowNs)
    if (alone !== null) {
      draft.side = alone.signal.side
      draft.confidence = alone.signal.confidence
      draft.reason = 'single'
      draft.strategy = settings.single
      return BY_FALLBACK
    }
    if (tally.outcome !== NO_VOTES) this.nothing(vector, tally.side, tally.confidence, tally.outcome === CONFLICT ? 'conflict' : tally.outcome === LOW_CONFIDENCE ? 'low-confidence' : 'too-few-votes', null, nowNs)
    return 0
  }

  /** A wish to hold the side, unless a detector has something against it. @returns whether it was written @throws RM_INFERENCE_BUSY */
  enter(vector: FeatureVectorView, side: Side, confidence: number, by: number, reason: DecisionReason, model: ModelOutput | null, nowNs: Nanos): boolean {
    const draft = this.#draft
    const block = this.#wiring.blocks?.blocked(side) ?? null
    if (block !== null) {
      this.#context.count('decisions_blocked', block.kind)
      this.nothing(vector, side, confidence, 'blocked', model, nowNs)
      return false
    }
    draft.kind = DECISION_ENTRY
    draft.side = side
    draft.confidence = confidence
    draft.by = by
    draft.reason = reason
    draft.block = null
    draft.model = model
    if (by !== BY_FALLBACK) draft.strategy = null
    this.#write(vector, nowNs)
    this.#context.count('decisions', by === BY_MODEL ? 'model' : by === BY_CONSENSUS ? 'consensus' : 'fallback')
    return true
  }

  /** Votes that led to nothing: counted, and where the settings ask for it a decision of its own, at most one a second. */
  nothing(vector: FeatureVectorView, side: Side, confidence: number, reason: DecisionReason, model: ModelOutput | null, nowNs: Nanos): void {
    this.#context.count('no_trade', reason)
    if (!this.#wiring.desk.settings.recordNoTrade || nowNs - this.#toldNothingNs < NO_TRADE_MS * 1e6) return
    this.#toldNothingNs = nowNs
    const draft = this.#draft
    draft.kind = DECISION_NONE
    draft.side = side
    draft.confidence = confidence
    draft.by = BY_FALLBACK
    draft.reason = reason
    draft.strategy = null
    draft.block = reason === 'blocked' ? (this.#wiring.blocks?.blocked(side) ?? null) : null
    draft.model = model
    this.#write(vector, nowNs)
  }

  #write(vector: FeatureVectorView, nowNs: Nanos): void {
    if (!this.writer.write(vector, this.#draft, this.#wiring.desk, nowNs)) fail('RM_INFERENCE_BUSY', { symbol: this.#context.symbol, sequence: vector.sequence, why: 'the decision ring is full' })
    this.#wiring.onPublished()
  }
}
