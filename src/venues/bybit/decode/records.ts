import type { FrameKind, PublicRecords } from '../../common/records.ts'
import { commitTicker, createPublicRecords, forgetTicker } from '../../common/records.ts'
import type { Liquidation, PriceLimits } from '../../market-port.ts'
import { TICKER_KEYS } from './ticker-keys.ts'

// Kinds of frames beside those that all venues have.
export const FRAME_LIQUIDATIONS = 32
export const FRAME_PRICE_LIMITS = 33
export type BybitFrameKind = FrameKind | typeof FRAME_LIQUIDATIONS | typeof FRAME_PRICE_LIMITS

/** The reused output of the decoder. */
export interface BybitRecords extends PublicRecords {
  liquidations: readonly Liquidation[]
  priceLimits: PriceLimits | null
  /** Hours between two fundings as the ticker last said; NaN before. */
  fundingIntervalHours: number
}

export function createBybitRecords(): BybitRecords {
  const records = createPublicRecords()
  return {
    ...records,
    // One more value than the ticker of the port has: the funding interval.
    tickerStage: { ...records.tickerStage, values: new Float64Array(TICKER_KEYS.length) },
    liquidations: [],
    priceLimits: null,
    fundingIntervalHours: Number.NaN,
  }
}

const INTERVAL_BIT = TICKER_KEYS.length - 1

/** Merges a staged ticker message, its funding interval with it. */
export function commitBybitTicker(records: BybitRecords): void {
  const { tickerStage: stage } = records
  commitTicker(records)
  if ((stage.present & (1 << INTERVAL_BIT)) !== 0) records.fundingIntervalHours = stage.values[INTERVAL_BIT]!
  else if (stage.snapshot) records.fundingIntervalHours = Number.NaN
}

/** Nothing is known of the ticker any more. */
export function forgetBybitTicker(records: BybitRecords): void {
  forgetTicker(records)
  records.fundingIntervalHours = Number.NaN
}
