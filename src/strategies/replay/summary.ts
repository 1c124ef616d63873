import { type Money, ZERO } from '../../core/index.ts'
import type { ReplayTrade } from './paper-trader.ts'

/** What became of trades of the same size; percent of the value of one. */
export interface ReplaySummary {
  readonly trades: number
  /** Those that left something after fees and funding. */
  readonly wins: number
  readonly grossPercent: Money
  readonly feesPercent: Money
  readonly fundingPercent: Money
  readonly netPercent: Money
}

export function summarise(trades: readonly ReplayTrade[]): ReplaySummary {
  const sum = (take: (trade: ReplayTrade) => Money): Money => trades.reduce((total, trade) => total.add(take(trade)), ZERO)
  return {
    trades: trades.length,
    wins: trades.filter(({ netPercent }) => netPercent.gt(0)).length,
    grossPercent: sum((trade) => trade.grossPercent),
    feesPercent: sum((trade) => trade.feesPercent),
    fundingPercent: sum((trade) => trade.fundingPercent),
    netPercent: sum((trade) => trade.netPercent),
  }
}
