import type { Instrument } from '../../../core/index.ts'
import { at, bytesOf, CLOSE, COMMA } from '../../common/frame-reader.ts'
import { LevelReader } from '../../common/level-reader.ts'
import type { PublicRecords } from '../../common/records.ts'
import { CTS, DATA, DELTA, ENVELOPE, HAS_CTS, HAS_DATA, HAS_TS, HAS_TYPE, KEY_SEQ, TS, TYPE } from './envelope.ts'

const KEY_U = bytesOf('"u":')
const KEY_BIDS = bytesOf('"b":[')
const KEY_ASKS = bytesOf('"a":[')

/** Order book frames, from behind the topic. */
export class BookScanner extends LevelReader {
  readonly #records: PublicRecords
  readonly #symbolField: Uint8Array

  constructor(instrument: Instrument, records: PublicRecords) {
    super(instrument.symbol, instrument.tick, instrument.lot, 0)
    this.#records = records
    this.#symbolField = bytesOf(`{"s":"${instrument.symbol}",`)
  }

  /** @param start behind the topic and its comma. @returns whether the record holds the frame. */
  scan(frame: Uint8Array, start: number): boolean {
    const book = this.#records.book
    let p = start
    let seen = 0
    let ts = 0
    let cts = -1
    for (;;) {
      let bit: number
      if (at(frame, p, TS)) {
        bit = HAS_TS
        p = this.whole(frame, p + TS.length)
        ts = this.number
      } else if (at(frame, p, CTS)) {
        bit = HAS_CTS
        p = this.whole(frame, p + CTS.length)
        cts = this.number
      } else if (at(frame, p, TYPE)) {
        bit = HAS_TYPE
        p = this.kind(frame, p + TYPE.length, DELTA)
      } else if (at(frame, p, DATA)) {
        bit = HAS_DATA
        p = this.#data(frame, p + DATA.length)
      } else return false
      if (p < 0 || (seen & bit) !== 0) return false
      seen |= bit
      if (frame[p] === CLOSE) break
      if (frame[p] !== COMMA) return false
      p++
    }
    if (p !== frame.length - 1 || (seen & ENVELOPE) !== ENVELOPE) return false
    book.snapshot = this.snapshot
    book.pushTimeMs = ts
    book.venueTimeMs = cts < 0 ? ts : cts
    return true
  }

  /** `{"s":…,"b":[…],"a":[…],"u":…,"seq":…}` in this order; `seq` may be missing. */
  #data(frame: Uint8Array, start: number): number {
    const book = this.#records.book
    let p = start
    if (!at(frame, p, this.#symbolField)) return -1
    p += this.#symbolField.length
    if (!at(frame, p, KEY_BIDS)) return -1
    p = this.levels(frame, p + KEY_BIDS.length, book.bidTicks, book.bidLots)
    if (p < 0) return -1
    book.bidCount = this.levelCount
    if (frame[p] !== COMMA || !at(frame, p + 1, KEY_ASKS)) return -1
    p = this.levels(frame, p + 1 + KEY_ASKS.length, book.askTicks, book.askLots)
    if (p < 0) return -1
    book.askCount = this.levelCount
    if (frame[p] !== COMMA || !at(frame, p + 1, KEY_U)) return -1
    p = this.whole(frame, p + 1 + KEY_U.length)
    if (p < 0) return -1
    book.updateId = this.number
    book.sequence = -1
    if (frame[p] === COMMA) {
      if (!at(frame, p + 1, KEY_SEQ)) return -1
      p = this.whole(frame, p + 1 + KEY_SEQ.length)
      if (p < 0) return -1
      book.sequence = this.number
    }
    return frame[p] === CLOSE ? p + 1 : -1
  }
}
