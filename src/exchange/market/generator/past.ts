import type { Lots, PriceTicks, Random } from '../../../core/index.ts'
import type { Contract } from '../../port.ts'
import { MINUTE_MS } from '../candle-series.ts'
import type { MarketFlow } from '../source.ts'

const MINUTE_VOLATILITY = 4e-4
const FUNDING_ROWS = 200

/** Makes closed candles that lead up to `ticks` and funding rates of the past, so that clients see both at once. */
export function makePast(flow: MarketFlow, contract: Contract, random: Random, ticks: PriceTicks, minutes: number, minuteLots: Lots): void {
  const nowMs = flow.clock.wallMs()
  const thisMinute = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS
  const closes = new Float64Array(minutes + 1)
  closes[minutes] = ticks
  for (let i = minutes - 1; i >= 0; i--) closes[i] = Math.max(2, Math.round(closes[i + 1] * (1 + MINUTE_VOLATILITY * random.normal())))
  const unit = contract.tick.value * contract.lot.value
  for (let i = 1; i <= minutes; i++) {
    const open = closes[i - 1]
    const close = closes[i]
    const wick = open * MINUTE_VOLATILITY * 0.5
    const high = Math.round(Math.max(open, close) + Math.abs(random.normal()) * wick)
    const low = Math.max(1, Math.round(Math.min(open, close) - Math.abs(random.normal()) * wick))
    const lots = Math.max(1, Math.round(minuteLots * Math.exp(0.6 * random.normal() - 0.18)))
    flow.history(thisMinute - (minutes + 1 - i) * MINUTE_MS, open, high, low, close, lots, ((open + close) / 2) * lots * unit)
  }
  const intervalMs = contract.fundingIntervalMin * MINUTE_MS
  const boundary = Math.floor(nowMs / intervalMs) * intervalMs
  for (let i = FUNDING_ROWS - 1; i >= 0; i--) {
    flow.fundingHistory(Math.round((0.0001 + 0.00004 * random.normal()) * 1e8) / 1e8, boundary - i * intervalMs)
  }
}
