import type { FundingEstimate, Liquidation, PriceLimits } from '../../market-port.ts'
import { createPublicRecords, type FRAME_BOOK, type FRAME_TICKER, type FRAME_TRADES, type PublicRecords } from '../../common/records.ts'
import type { Json } from '../../common/json.ts'

export { FRAME_BOOK, FRAME_TICKER, FRAME_TRADES } from '../../common/records.ts'

// Kinds of frames that only this venue has, beside those that all have.
export const FRAME_PONG = 16
export const FRAME_EVENT = 17
export const FRAME_FUNDING = 18
export const FRAME_PRICE_LIMITS = 19
export const FRAME_LIQUIDATIONS = 20
export const FRAME_INSTRUMENTS = 21
export type OkxFrameKind =
  | typeof FRAME_BOOK | typeof FRAME_TRADES | typeof FRAME_TICKER | typeof FRAME_PONG | typeof FRAME_EVENT
  | typeof FRAME_FUNDING | typeof FRAME_PRICE_LIMITS | typeof FRAME_LIQUIDATIONS | typeof FRAME_INSTRUMENTS

/** A number that the frame does not carry: recordings from before the venue had it, and books without a chain. */
export const NO_SEQUENCE = -2
/** `prevSeqId` of a snapshot. */
export const SNAPSHOT_PREVIOUS = -1

/** Acknowledgements, errors and notices. */
export interface EventFrame {
  event: string
  /** '' where the frame names none. */
  channel: string
  id: string
  code: string
  text: string
}

/** The reused output of the decoder. */
export interface OkxRecords extends PublicRecords {
  /** `prevSeqId` of the last book frame: `NO_SEQUENCE` where absent, `SNAPSHOT_PREVIOUS` in a snapshot. */
  previousSequence: number
  readonly event: EventFrame
  /** Of our instrument; the venue sends those of all. */
  liquidations: readonly Liquidation[]
  priceLimits: PriceLimits | null
  funding: FundingEstimate | null
  /** The row of our instrument, null when the frame has only others. */
  instrument: Json | null
}

export const createOkxRecords = (): OkxRecords => ({
  ...createPublicRecords(),
  previousSequence: NO_SEQUENCE,
  event: { event: '', channel: '', id: '', code: '', text: '' },
  liquidations: [],
  priceLimits: null,
  funding: null,
  instrument: null,
})
