import { BUY, type DecimalStep, fail, SELL, type Side } from '../../../core/index.ts'
import type { FundingEstimate, Kline, Liquidation, PriceLimits } from '../../market-port.ts'
import { checkKline, type Json, nearSteps, show, steps } from '../../common/json.ts'
import type { OkxContract } from '../contracts.ts'
import { decimal, millis } from './fields.ts'

/*
 * Rows that the stream and REST have in common, in ticks and lots. All of them throw RM_VENUE_FRAME_FIELD.
 */

/** One candle: start, open, high, low, close, contracts, coins, quote, closed. */
export function readCandle(row: unknown, { instrument, size }: OkxContract, intervalMs: number, topic: string): Kline {
  if (!Array.isArray(row) || row.length < 9) fail('RM_VENUE_FRAME_FIELD', { topic, field: 'row', actual: show(row), expected: 'a list of 9 texts' })
  const [start, open, high, low, close, volume, , , confirm] = row as unknown[]
  if (confirm !== '0' && confirm !== '1') fail('RM_VENUE_FRAME_FIELD', { topic, field: 'confirm', actual: show(confirm), expected: '"0" or "1"' })
  return checkKline({
    intervalMs,
    startMs: millis(start, 'start', topic),
    openTicks: nearSteps(open, instrument.tick, 1, 'open', topic),
    highTicks: nearSteps(high, instrument.tick, 1, 'high', topic),
    lowTicks: nearSteps(low, instrument.tick, 1, 'low', topic),
    closeTicks: nearSteps(close, instrument.tick, 1, 'close', topic),
    lots: nearSteps(volume, size, 0, 'volume', topic),
    closed: confirm === '1',
  }, topic)
}

/** The band outside of which limit orders are refused; without one the venue sends empty texts and `enabled: false`. */
export function readPriceLimits(row: Json, { instrument }: OkxContract, topic: string): PriceLimits {
  const enabled = row['enabled'] ?? true
  if (typeof enabled !== 'boolean') fail('RM_VENUE_FRAME_FIELD', { topic, field: 'enabled', actual: show(enabled), expected: 'true or false' })
  const limit = (field: string, without: number): number => (!enabled && row[field] === '' ? without : steps(row[field], instrument.tick, 1, field, topic))
  return {
    highestBuyTicks: limit('buyLmt', Number.MAX_SAFE_INTEGER),
    lowestSellTicks: limit('sellLmt', 1),
    enabled,
    timeMs: millis(row['ts'], 'ts', topic),
  }
}

/** The rate is the estimate for the settlement at `fundingTime`; the interval is the way from there to the next. */
export function readFunding(row: Json, topic: string): FundingEstimate {
  const settleMs = millis(row['fundingTime'], 'fundingTime', topic)
  const next = row['nextFundingTime']
  const intervalMs = next === undefined || next === '' ? Number.NaN : millis(next, 'nextFundingTime', topic) - settleMs
  return {
    rate: decimal(row['fundingRate'], 'fundingRate', topic),
    settleMs,
    intervalMs: intervalMs > 0 ? intervalMs : Number.NaN,
    timeMs: row['ts'] === undefined ? settleMs : millis(row['ts'], 'ts', topic),
  }
}

/** One detail of a liquidation; its price is the bankruptcy price, which lies where it lies. */
export function readLiquidation(row: Json, { instrument, size }: OkxContract, topic: string): Liquidation {
  const price = decimal(row['bkPx'], 'bkPx', topic)
  if (!(price > 0)) fail('RM_VENUE_FRAME_FIELD', { topic, field: 'bkPx', actual: show(row['bkPx']), expected: 'a positive price' })
  return {
    side: sideOf(row['side'], topic),
    priceTicks: toTicks(price, instrument.tick),
    lots: steps(row['sz'], size, 1, 'sz', topic),
    timeMs: millis(row['ts'], 'ts', topic),
  }
}

/** Binary number of ticks, between them where the price is. */
export const toTicks = (price: number, tick: DecimalStep): number => (price * 10 ** tick.decimals) / tick.units

export function sideOf(side: unknown, topic: string): Side {
  if (side !== 'buy' && side !== 'sell') fail('RM_VENUE_FRAME_FIELD', { topic, field: 'side', actual: show(side), expected: 'buy or sell' })
  return side === 'buy' ? BUY : SELL
}
