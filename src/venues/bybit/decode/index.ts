import type { Instrument } from '../../../core/index.ts'
import { JsonDecoder } from './json-decoder.ts'
import { FRAME_BOOK, FRAME_TICKER, FRAME_TRADES } from '../../common/records.ts'
import { type BybitFrameKind, type BybitRecords, createBybitRecords } from './records.ts'
import { NOT_SCANNED, Scanner } from './scanner.ts'

export { JsonDecoder } from './json-decoder.ts'
export * from '../../common/records.ts'
export * from './records.ts'
export { TICKER_KEYS } from './ticker-keys.ts'
export { NOT_SCANNED, Scanner } from './scanner.ts'

/**
 * Decodes the public frames of one symbol into reused records: bytes first, JSON.parse for every frame that the
 * scanner does not know. Both give bit-equal results. Candles, price limits, liquidations and acknowledgements come
 * about once a second and always take the second way; they are no fallbacks.
 */
export class PublicDecoder {
  readonly records: BybitRecords
  /** Frames of book, trades and ticker that needed JSON.parse. */
  fallbacks = 0
  readonly #scanner: Scanner
  readonly #json: JsonDecoder

  constructor(instrument: Instrument, bookDepth: number) {
    this.records = createBybitRecords()
    this.#scanner = new Scanner(instrument, bookDepth, this.records)
    this.#json = new JsonDecoder(instrument, bookDepth, this.records)
  }

  /**
   * @returns what the frame was; its record is valid until the next call.
   * @throws RM_VENUE_FRAME_* for a bad frame. The ticker is untouched then, the other records must not be read.
   */
  decode(frame: Uint8Array): BybitFrameKind {
    const scanned = this.#scanner.scan(frame)
    if (scanned !== NOT_SCANNED) return scanned
    const kind = this.#json.decode(frame)
    if (kind === FRAME_BOOK || kind === FRAME_TRADES || kind === FRAME_TICKER) this.fallbacks++
    return kind
  }
}
