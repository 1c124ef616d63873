import type { Instrument } from '../../../core/index.ts'
import {
  at, bytesOf, CLOSE, CLOSE_LIST, COMMA, CTS, DATA, DIGITS_MAX, DOT, ENVELOPE, FrameReader, HAS_CTS, HAS_DATA, HAS_TS, HAS_TYPE, KEY_SEQ, OPEN_LIST, POWERS, QUOTE, TS, TYPE, ZERO,
} from './frame-reader.ts'
import { LEVELS_PER_FRAME_MAX, type PublicRecords } from '../../common/records.ts'

const KEY_U = bytesOf('"u":')
const KEY_BIDS = bytesOf('"b":[')
const KEY_ASKS = bytesOf('"a":[')

/** Order book frames, from behind the topic. */
export class BookScanner extends FrameReader {
  readonly #symbolField: Uint8Array
  #count = 0

  constructor(instrument: Instrument, records: PublicRecords) {
    super(instrument, records)
    this.#symbolField = bytesOf(`{"s":"${instrument.symbol}",`)
  }

  /** @param start behind the topic and its comma. @returns whether the record holds the frame. */
  scan(frame: Uint8Array, start: number): boolean {
    const book = this.records.book
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
        p = this.type(frame, p + TYPE.length)
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
    const book = this.records.book
    let p = start
    if (!at(frame, p, this.#symbolField)) return -1
    p += this.#symbolField.length
    if (!at(frame, p, KEY_BIDS)) return -1
    p = this.#levels(frame, p + KEY_BIDS.length, book.bidTicks, book.bidLots)
    if (p < 0) return -1
    book.bidCount = this.#count
    if (frame[p] !== COMMA || !at(frame, p + 1, KEY_ASKS)) return -1
    p = this.#levels(frame, p + 1 + KEY_ASKS.length, book.askTicks, book.askLots)
    if (p < 0) return -1
    book.askCount = this.#count
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

  /** The levels of a side from behind the opening bracket, `["price","size"],…]`. One loop, its state in locals. */
  #levels(frame: Uint8Array, start: number, outTicks: Float64Array, outLots: Float64Array): number {
    const tickDecimals = this.tickDecimals
    const tickUnits = this.tickUnits
    const lotDecimals = this.lotDecimals
    const lotUnits = this.lotUnits
    const lastByte = frame.length - 1
    let p = start
    let count = 0
    if (frame[p] === CLOSE_LIST) {
      this.#count = 0
      return p + 1
    }
    for (;;) {
      // The shortest level is `["1","0"]`: with room for one, the bytes looked at below exist.
      if (p + 9 > lastByte || count === LEVELS_PER_FRAME_MAX || frame[p] !== OPEN_LIST || frame[p + 1] !== QUOTE) return -1
      p += 2

      let mantissa = 0
      let from = p
      let c = frame[p]! - ZERO
      while (c >= 0 && c <= 9) {
        mantissa = mantissa * 10 + c
        c = frame[++p]! - ZERO
      }
      let digits = p - from
      if (digits === 0) return -1
      let missing = tickDecimals
      if (c === DOT - ZERO) {
        from = ++p
        c = frame[p]! - ZERO
        while (c >= 0 && c <= 9) {
          if (missing > 0) {
            mantissa = mantissa * 10 + c
            missing--
          } else if (c !== 0) return -1
          c = frame[++p]! - ZERO
        }
        if (p === from) return -1
      }
      if (digits + tickDecimals > DIGITS_MAX) return -1
      if (missing > 0) mantissa *= POWERS[missing]!
      if (tickUnits !== 1) {
        if (mantissa % tickUnits !== 0) return -1
        mantissa /= tickUnits
      }
      if (mantissa === 0 || p + 5 > lastByte || frame[p] !== QUOTE || frame[p + 1] !== COMMA || frame[p + 2] !== QUOTE) return -1
      outTicks[count] = mantissa
      p += 3

      mantissa = 0
      from = p
      c = frame[p]! - ZERO
      while (c >= 0 && c <= 9) {
        mantissa = mantissa * 10 + c
        c = frame[++p]! - ZERO
      }
      digits = p - from
      if (digits === 0) return -1
      missing = lotDecimals
      if (c === DOT - ZERO) {
        from = ++p
        c = frame[p]! - ZERO
        while (c >= 0 && c <= 9) {
          if (missing > 0) {
            mantissa = mantissa * 10 + c
            missing--
          } else if (c !== 0) return -1
          c = frame[++p]! - ZERO
        }
        if (p === from) return -1
      }
      if (digits + lotDecimals > DIGITS_MAX) return -1
      if (missing > 0) mantissa *= POWERS[missing]!
      if (lotUnits !== 1) {
        if (mantissa % lotUnits !== 0) return -1
        mantissa /= lotUnits
      }
      if (p + 2 > lastByte || frame[p] !== QUOTE || frame[p + 1] !== CLOSE_LIST) return -1
      outLots[count++] = mantissa
      p += 2
      const next = frame[p]
      if (next === COMMA) p++
      else if (next === CLOSE_LIST) {
        this.#count = count
        return p + 1
      } else return -1
    }
  }
}
