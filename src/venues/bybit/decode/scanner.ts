import { type Instrument, limits } from '../../../core/index.ts'
import { BookScanner } from './book-scanner.ts'
import { at, bytesOf, CLOSE } from '../../common/frame-reader.ts'
import { FRAME_BOOK, FRAME_TICKER, FRAME_TRADES } from '../../common/records.ts'
import type { BybitFrameKind, BybitRecords } from './records.ts'
import { TickerScanner } from './ticker-scanner.ts'
import { TradeScanner } from './trade-scanner.ts'

/** The frame is not in the form that the scanner knows: ask the JSON decoder. */
export const NOT_SCANNED = 0

/**
 * Reads order book, trade and ticker frames from their bytes, in the compact form in which the venue sends them,
 * straight to whole ticks and lots. It accepts less than JSON does and never more: whitespace, escapes, unknown
 * fields, long numbers, everything unexpected ends in `NOT_SCANNED`, so that only the JSON decoder refuses frames.
 */
export class Scanner {
  readonly #bookStart: Uint8Array
  readonly #tradesStart: Uint8Array
  readonly #tickerStart: Uint8Array
  readonly #book: BookScanner
  readonly #trades: TradeScanner
  readonly #ticker: TickerScanner

  constructor(instrument: Instrument, bookDepth: number, records: BybitRecords) {
    const { symbol } = instrument
    this.#bookStart = bytesOf(`{"topic":"orderbook.${bookDepth}.${symbol}",`)
    this.#tradesStart = bytesOf(`{"topic":"publicTrade.${symbol}",`)
    this.#tickerStart = bytesOf(`{"topic":"tickers.${symbol}",`)
    this.#book = new BookScanner(instrument, records)
    this.#trades = new TradeScanner(instrument, records)
    this.#ticker = new TickerScanner(instrument, records)
  }

  /** @returns the kind of the frame, its record filled; or `NOT_SCANNED`, the records not usable. */
  scan(frame: Uint8Array): BybitFrameKind | typeof NOT_SCANNED {
    const end = frame.length
    // With the closing brace known to be there, a loop over digits cannot run over the end unnoticed.
    if (end < 32 || end > limits.frameBytesMax || frame[end - 1] !== CLOSE) return NOT_SCANNED
    const first = frame[10]
    if (first === 111 && at(frame, 0, this.#bookStart)) return this.#book.scan(frame, this.#bookStart.length) ? FRAME_BOOK : NOT_SCANNED
    if (first === 112 && at(frame, 0, this.#tradesStart)) return this.#trades.scan(frame, this.#tradesStart.length) ? FRAME_TRADES : NOT_SCANNED
    if (first === 116 && at(frame, 0, this.#tickerStart)) return this.#ticker.scan(frame, this.#tickerStart.length) ? FRAME_TICKER : NOT_SCANNED
    return NOT_SCANNED
  }
}
