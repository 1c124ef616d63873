/** Strategies in the order of `DECISION.votes`. New ones are added behind: the places stand in journals of decisions. */
export const STRATEGY_NAMES = ['imbalance', 'momentum', 'sar_wave', 'super_trend', 'volume_profile'] as const
export type StrategyName = (typeof STRATEGY_NAMES)[number]

/** Room for votes in a decision. */
export const VOTES_MAX = 8

/** `DECISION.kind`: a wish to hold the side, a wish of a strategy to close what is held, or what did not become either. */
export const DECISION_ENTRY = 0
export const DECISION_EXIT = 1
export const DECISION_NONE = 2

/** `DECISION.block`: what a detector has against a side. */
export const BLOCK_KINDS = ['none', 'spoofing', 'layering', 'manipulation'] as const
export type BlockKind = Exclude<(typeof BLOCK_KINDS)[number], 'none'>

/**
 * `DECISION.reason`. Of entries: who had the word; of none: what stood in the way; of exits: why a strategy wants out.
 */
export const DECISION_REASONS = [
  'unknown',
  'model',
  'consensus',
  'single',
  'blocked',
  'model-against',
  'conflict',
  'too-few-votes',
  'low-confidence',
  'trend-turned',
  'trailing-stop-crossed',
  'target-reached',
  'momentum-lost',
  'left-value-area',
  'book-turned',
] as const
export type DecisionReason = (typeof DECISION_REASONS)[number]
