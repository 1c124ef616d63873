import { BUY, type Side } from '../core/index.ts'
import { type DECISION, DECISION_REASONS, type DecisionReason, STRATEGY_NAMES, type StrategyName } from '../memory/index.ts'

/** What the decision behind an intent rests on. */
export interface DecisionBasis {
  readonly reason: DecisionReason
  readonly vectorSequence: number
  /** Signed confidence of every strategy that had an opinion: above 0 buy. */
  readonly votes: Readonly<Partial<Record<StrategyName, number>>>
  /** Strategies that were switched off or left out. */
  readonly leftOut: readonly StrategyName[]
  /** null: the model was not asked. */
  readonly model: { readonly sell: number; readonly hold: number; readonly buy: number; readonly confidence: number } | null
  /** Of the settings of the strategies in force, hexadecimal. */
  readonly config: string
}

/** Where the basis of a decision is read from, when an intent needs it: a decision that leads to nothing costs nothing. */
export interface BasisSource {
  read(): DecisionBasis
}

/** Reads it from a decision of the ring. @param view must stand at the record when `read` is called */
export class RingBasis implements BasisSource {
  readonly #view: ReturnType<typeof DECISION.view>

  constructor(view: ReturnType<typeof DECISION.view>) {
    this.#view = view
  }

  read(): DecisionBasis {
    const view = this.#view
    const votes: Partial<Record<StrategyName, number>> = {}
    const leftOut: StrategyName[] = []
    for (const [i, name] of STRATEGY_NAMES.entries()) {
      const vote = view.f64[view.votes + i]!
      if (Number.isNaN(vote)) leftOut.push(name)
      else if (vote !== 0) votes[name] = vote
    }
    return {
      reason: DECISION_REASONS[view.reason] ?? 'unknown',
      vectorSequence: view.vectorSequence,
      votes,
      leftOut,
      model: view.modelRun === 1 ? { sell: view.modelSell, hold: view.modelHold, buy: view.modelBuy, confidence: view.modelConfidence } : null,
      config: view.configHash.toString(16).padStart(8, '0'),
    }
  }
}

/** Strategies that voted for a side, as bits in the order of `STRATEGY_NAMES`. Without a basis, as in journals of older versions: nobody. */
export function votersOf(basis: DecisionBasis | null, side: Side): number {
  if (basis === null) return 0
  let bits = 0
  for (const [i, name] of STRATEGY_NAMES.entries()) {
    const vote = basis.votes[name] ?? 0
    if (side === BUY ? vote > 0 : vote < 0) bits |= 1 << i
  }
  return bits
}
