/*
 * Venue-neutral pieces that the Bybit adapter brought into being. The one place where this adapter reaches over to
 * it: when they move to a common folder, only these lines change.
 */
export { attempt } from '../bybit/evidence.ts'
export { checkKline, isObject, show, steps } from '../bybit/decode/json-decoder.ts'
export { createPublicRecords, forgetTicker, LEVELS_PER_FRAME_MAX, type PublicRecords, sortTrades } from '../bybit/decode/records.ts'
export type { Venue } from '../bybit/index.ts'
export { inTurn, type Params } from '../bybit/queries.ts'
export { VenueTime } from '../bybit/venue-time.ts'

export type Json = Readonly<Record<string, unknown>>
