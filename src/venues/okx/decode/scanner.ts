import { limits } from '../../../core/index.ts'
import { at, bytesOf, CLOSE } from '../../common/frame-reader.ts'
import type { OkxContract } from '../contracts.ts'
import { BookScanner } from './book-scanner.ts'
import { isIncremental } from './channels.ts'
import { FRAME_BOOK, FRAME_TICKER, FRAME_TRADES, type OkxFrameKind, type OkxRecords } from './records.ts'
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

  constructor(contract: OkxContract, bookChannel: string, records: OkxRecords) {
    const start = (channel: string): Uint8Array => bytesOf(`{"arg":{"channel":"${channel}","instId":"${contract.instId}"},`)
    this.#bookStart = start(bookChannel)
    this.#tradesStart = start('trades')
    this.#tickerStart = start('tickers')
    this.#book = new BookScanner(contract, isIncremental(bookChannel), records)
    this.#trades = new TradeScanner(contract, records)
    this.#ticker = new TickerScanner(contract, records)
  }

  /** @returns the kind of the frame, its record filled; or `NOT_SCANNED`, the records not usable. */
  scan(frame: Uint8Array): OkxFrameKind | typeof NOT_SCANNED {
    const end = frame.length
    // With the closing brace known to be there, a loop over digits cannot run over the end unnoticed.
    if (end < 48 || end > limits.frameBytesMax || frame[end - 1] !== CLOSE) return NOT_SCANNED
    switch (frame[19]) {
      case 98:
        return at(frame, 0, this.#bookStart) && this.#book.scan(frame, this.#bookStart.length) ? FRAME_BOOK : NOT_SCANNED
      case 116:
        if (frame[20] === 114) return at(frame, 0, this.#tradesStart) && this.#trades.scan(frame, this.#tradesStart.length) ? FRAME_TRADES : NOT_SCANNED
        return at(frame, 0, this.#tickerStart) && this.#ticker.scan(frame, this.#tickerStart.length) ? FRAME_TICKER : NOT_SCANNED
      default:
        return NOT_SCANNED
    }
  }
}
