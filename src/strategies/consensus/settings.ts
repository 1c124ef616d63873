import type { StrategyName } from '../../memory/index.ts'
import type { StrategyConfigs } from '../table.ts'

export const CONSENSUS_MODES = ['majority', 'weighted', 'unanimous'] as const
export type ConsensusMode = (typeof CONSENSUS_MODES)[number]

/** How votes become one. */
export interface ConsensusSettings {
  readonly mode: ConsensusMode
  /** Least number of strategies on the side that wins. */
  readonly strategiesMin: number
  readonly confidenceMin: number
  /** Votes on both sides: counted out by the mode, or nothing is done. */
  readonly conflict: 'resolve' | 'stand-aside'
}

/** Everything about strategies and their vote. */
export interface DeskSettings {
  readonly consensus: ConsensusSettings
  /** The strategy that may decide alone where there is neither a consensus nor anybody against it; null: none may. */
  readonly single: StrategyName | null
  /** With a model: it decides and the strategies stand in for it, or the strategies decide and it must agree. */
  readonly model: 'decides' | 'validates'
  /** Whose `shouldExit` closes a position: that of the strategies which voted for it, of all, of none. */
  readonly exits: 'voters' | 'any' | 'off'
  /** A consensus that stands is acted upon again after this; 0: once. */
  readonly repeatMs: number
  /** Longest time that a strategy may take for one question, ms. */
  readonly budgetMs: number
  /** How long a strategy that failed is left out; doubled for each failure in a row up to the second. */
  readonly backoffMs: number
  readonly backoffMsMax: number
  /** Also votes that led to nothing are decisions. */
  readonly recordNoTrade: boolean
  readonly enabled: Readonly<Record<StrategyName, boolean>>
  /** In the weighted mode; at 0 a strategy is looked at and neither counted nor heard. */
  readonly weights: Readonly<Record<StrategyName, number>>
  readonly configs: StrategyConfigs
}
