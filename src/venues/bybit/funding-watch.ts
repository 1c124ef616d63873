import type { FundingEstimate } from '../market-port.ts'
import type { BybitRecords } from './decode/index.ts'

const HOUR_MS = 3_600_000

/** The venue has no topic for funding: its estimate comes with the ticker, many times a second, and rarely moves. */
export class FundingWatch {
  readonly #records: BybitRecords
  #rate = Number.NaN
  #settleMs = Number.NaN
  #intervalHours = Number.NaN

  constructor(records: BybitRecords) {
    this.#records = records
  }

  /** What the last ticker said about funding, null when that is nothing, or nothing new. */
  changed(): FundingEstimate | null {
    const { ticker, fundingIntervalHours } = this.#records
    const { fundingRate, nextFundingMs } = ticker
    if (Number.isNaN(fundingRate) || Number.isNaN(nextFundingMs)) return null
    if (fundingRate === this.#rate && nextFundingMs === this.#settleMs && Object.is(fundingIntervalHours, this.#intervalHours)) return null
    this.#rate = fundingRate
    this.#settleMs = nextFundingMs
    this.#intervalHours = fundingIntervalHours
    return { rate: fundingRate, settleMs: nextFundingMs, intervalMs: fundingIntervalHours * HOUR_MS, timeMs: ticker.venueTimeMs }
  }
}
