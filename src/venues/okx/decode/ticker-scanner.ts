import { at, bytesOf, CLOSE, CLOSE_LIST, COLON, COMMA, FrameReader, plainText, QUOTE } from '../../common/frame-reader.ts'
import type { OkxContract } from '../contracts.ts'
import { DATA } from './envelope.ts'
import { TICKER_KEYS } from './ticker-keys.ts'
import type { OkxRecords } from './records.ts'

const KEYS = TICKER_KEYS.map(([key]) => bytesOf(`${key}":"`))
const ALL = (1 << KEYS.length) - 1
const INST_ID = bytesOf('instId":"')
const TS = bytesOf('ts":"')
const HAS_INST_ID = 1 << KEYS.length
const HAS_TS = HAS_INST_ID << 1
const NEEDED = ALL | HAS_INST_ID | HAS_TS

/** Ticker frames, from behind `arg`: one flat object of texts; those that nobody asked for are stepped over. */
export class TickerScanner extends FrameReader {
  readonly #records: OkxRecords
  /** A ticker is taken in whole or not at all. */
  readonly #values = new Float64Array(KEYS.length)

  constructor({ instId, instrument, size }: OkxContract, records: OkxRecords) {
    super(instId, instrument.tick, size)
    this.#records = records
  }

  /** @param start behind `arg` and its comma. @returns whether the ticker has taken the frame in. */
  scan(frame: Uint8Array, start: number): boolean {
    if (!at(frame, start, DATA)) return false
    let p = start + DATA.length
    let seen = 0
    // The venue's order is that of the keys: the next one that is missing is nearly always the one that comes.
    let next = 0
    let timeMs = 0
    for (;;) {
      if (frame[p] !== QUOTE) return false
      p++
      let bit = 0
      if (next < KEYS.length && at(frame, p, KEYS[next]!)) {
        bit = 1 << next
        p = this.decimal(frame, p + KEYS[next]!.length)
        this.#values[next++] = this.number
      } else if (at(frame, p, TS)) {
        bit = HAS_TS
        p = this.wholeText(frame, p + TS.length)
        timeMs = this.number
      } else if (at(frame, p, INST_ID)) {
        bit = HAS_INST_ID
        p += INST_ID.length
        if (!at(frame, p, this.nameText)) return false
        p += this.nameText.length
      } else {
        // A known key out of its order, or for the second time, is not for this scanner.
        for (let i = 0; i < KEYS.length; i++) if (at(frame, p, KEYS[i]!)) return false
        p = plainText(frame, p)
        if (p < 0 || frame[p] !== COLON || frame[p + 1] !== QUOTE) return false
        p = plainText(frame, p + 2)
      }
      if (p < 0 || (seen & bit) !== 0) return false
      seen |= bit
      if (frame[p] === COMMA) p++
      else if (frame[p] === CLOSE) break
      else return false
    }
    if (seen !== NEEDED || frame[p + 1] !== CLOSE_LIST || frame[p + 2] !== CLOSE || p + 3 !== frame.length) return false
    const { ticker } = this.#records
    for (let i = 0; i < KEYS.length; i++) ticker[TICKER_KEYS[i]![1]] = this.#values[i]!
    ticker.venueTimeMs = timeMs
    return true
  }
}
