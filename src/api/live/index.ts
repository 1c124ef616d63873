export { AlertLog, type AlertLine } from './alert-log.ts'
export { DecisionLog, type DecisionCounts, type HeardDecision, type VoteCounts } from './decision-log.ts'
export { type LiveSymbol, MarketView } from './market-view.ts'
