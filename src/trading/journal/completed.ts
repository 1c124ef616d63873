import type { FillBooked, FundingBooked, HangingFinding, TradingRecord } from '../records.ts'

/** Fields that records have gained since the first journals: what their absence means. */
const GAINED: { readonly [Kind in TradingRecord['kind']]?: object } = {
  'fill-booked': { priceText: null, feeCoin: null, realised: null } satisfies Partial<FillBooked>,
  'funding-booked': { rate: null, lots: null, priceText: null } satisfies Partial<FundingBooked>,
  'order-hanging': { venueData: null } satisfies Partial<HangingFinding>,
  'hanging-resolved': { venueData: null } satisfies Partial<HangingFinding>,
}

/** A record as it lies in a journal, with what an older version of the program did not write filled in. */
export function completed(record: TradingRecord): TradingRecord {
  const gained = GAINED[record.kind]
  if (gained === undefined || Object.keys(gained).every((field) => field in record)) return record
  return { ...gained, ...record }
}
