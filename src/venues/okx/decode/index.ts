import type { OkxContract } from '../contracts.ts'
import { JsonDecoder } from './json-decoder.ts'
import { createOkxRecords, FRAME_BOOK, FRAME_TRADES, type OkxFrameKind, type OkxRecords } from './records.ts'
import { NOT_SCANNED, Scanner } from './scanner.ts'

export * from './channels.ts'
export { isPong, only, parseFrame } from './fields.ts'
export { JsonDecoder } from './json-decoder.ts'
export { readCandle, readFunding, readLiquidation, readPriceLimits, toTicks } from './market-rows.ts'
export * from './records.ts'
export { NOT_SCANNED, Scanner } from './scanner.ts'
export { TICKER_KEYS } from './ticker-keys.ts'

/**
 * Decodes the public frames of one instrument into reused records: bytes first, JSON.parse for every frame that the
 * scanner does not know. Both give bit-equal results. Mark prices, funding, limits, liquidations and events come a few
 * times a second at most and always take the second way; they are no fallbacks.
 */
export class PublicDecoder {
  readonly records: OkxRecords
  /** Frames of book and trades that needed JSON.parse. */
  fallbacks = 0
  readonly #scanner: Scanner
  readonly #json: JsonDecoder

  constructor(contract: OkxContract, bookChannel: string) {
    this.records = createOkxRecords()
    this.#scanner = new Scanner(contract, bookChannel, this.records)
    this.#json = new JsonDecoder(contract, bookChannel, this.records)
  }

  /**
   * @returns what the frame was; its record is valid until the next call.
   * @throws RM_VENUE_FRAME_* for a bad frame. The ticker is untouched then, the other records must not be read.
   */
  decode(frame: Uint8Array): OkxFrameKind {
    const scanned = this.#scanner.scan(frame)
    if (scanned !== NOT_SCANNED) return scanned
    const kind = this.#json.decode(frame)
    if (kind === FRAME_BOOK || kind === FRAME_TRADES) this.fallbacks++
    return kind
  }
}
