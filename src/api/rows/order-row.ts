import { money } from '../../core/index.ts'
import { STRATEGY_NAMES, type StrategyName } from '../../memory/index.ts'
import type { OrderRow, TradeRow } from '../contract/index.ts'
import { type JournalBooks, type OrderEntry, statusOf, type TradeEntry } from '../books/index.ts'

const AVERAGE_DECIMALS = 12

export const strategiesOf = (voters: number): StrategyName[] => STRATEGY_NAMES.filter((_name, i) => (voters & (1 << i)) !== 0)

/** Whole steps as decimal text; the number itself where nobody has told the grid. */
export const inSteps = (step: { format(steps: number): string } | null, steps: number): string => (step === null ? String(steps) : step.format(steps))

/** An order as the contract shows it. */
export function orderRow(entry: OrderEntry, books: JournalBooks): OrderRow {
  const { tick, lot, valuedLots, filledValue, purpose } = entry
  const position = purpose === 'entry' ? books.position(entry.positionId) : undefined
  const level = (ticks: number | undefined): string | null => (ticks === undefined || ticks <= 0 ? null : inSteps(tick, ticks))
  return {
    id: entry.id,
    venueId: entry.venueId,
    symbol: entry.symbol,
    purpose,
    positionId: String(entry.positionId),
    side: entry.side === 0 ? 'buy' : 'sell',
    type: entry.type,
    reduceOnly: entry.reduceOnly,
    price: entry.priceTicks === null ? null : inSteps(tick, entry.priceTicks),
    size: inSteps(lot, entry.lots),
    filled: inSteps(lot, entry.filledLots),
    averagePrice: valuedLots === 0 ? null : filledValue.div(valuedLots).toDecimalPlaces(AVERAGE_DECIMALS).toFixed(),
    takeProfit: level(position?.takeProfitTicks),
    stopLoss: level(position?.stopLossTicks),
    status: statusOf(entry.state) as OrderRow['status'],
    unknown: entry.unknown,
    createdMs: entry.createdMs,
    updatedMs: entry.updatedMs,
    endedMs: entry.endedMs === 0 ? null : entry.endedMs,
    why: entry.why,
    reason: entry.reason,
    strategies: strategiesOf(entry.voters),
    fee: entry.fee.toFixed(),
    realised: entry.realised.toFixed(),
  }
}

/** A closed position as the contract shows it; funding that was told late is in it. */
export function tradeRow({ entry, position, closedMs }: TradeEntry): TradeRow {
  const { realised, fees, funding, openedMs } = position
  return {
    id: String(entry.id),
    symbol: entry.symbol,
    side: entry.long === null ? null : entry.long ? 'long' : 'short',
    openedMs,
    closedMs,
    heldMs: Math.max(0, closedMs - openedMs),
    realised: realised.toFixed(),
    fees: fees.toFixed(),
    funding: funding.toFixed(),
    net: money(realised).sub(fees).sub(funding).toFixed(),
    exitReason: entry.exitReason,
    strategies: strategiesOf(entry.voters),
  }
}
