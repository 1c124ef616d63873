import type { Instrument } from '../../../core/index.ts'
import { at, bytesOf, CLOSE, COLON, COMMA, FrameReader, OPEN, plainText, QUOTE } from '../../common/frame-reader.ts'
import { CS, DATA, DELTA, ENVELOPE, HAS_CS, HAS_DATA, HAS_TS, HAS_TYPE, TS, TYPE } from './envelope.ts'
import { type BybitRecords, commitBybitTicker } from './records.ts'
import { TICKER_KEYS } from './ticker-keys.ts'

const KEYS = TICKER_KEYS.map(bytesOf)
const SYMBOL_KEY = bytesOf('symbol"')
const keyHash = (first: number, third: number, last: number, length: number): number => (first + 5 * third + 3 * last + 11 * length) & 127

/** Ticker frames, from behind the topic. */
export class TickerScanner extends FrameReader {
  readonly #records: BybitRecords
  /** Key hash to index of the key; a test says that no two keys share a slot. */
  readonly #slots = new Int8Array(128).fill(-1)

  constructor(instrument: Instrument, records: BybitRecords) {
    super(instrument.symbol, instrument.tick, instrument.lot)
    this.#records = records
    KEYS.forEach((key, i) => {
      this.#slots[keyHash(key[0]!, key[2]!, key[key.length - 1]!, key.length)] = i
    })
  }

  /** @param start behind the topic and its comma. @returns whether the ticker has taken the frame in. */
  scan(frame: Uint8Array, start: number): boolean {
    const stage = this.#records.tickerStage
    let p = start
    let seen = 0
    let ts = 0
    for (;;) {
      let bit: number
      if (at(frame, p, TS)) {
        bit = HAS_TS
        p = this.whole(frame, p + TS.length)
        ts = this.number
      } else if (at(frame, p, CS)) {
        bit = HAS_CS
        p = this.whole(frame, p + CS.length)
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
    stage.snapshot = this.snapshot
    stage.timeMs = ts
    commitBybitTicker(this.#records)
    return true
  }

  /** A flat object of text fields in any order; those that nobody asked for are stepped over. */
  #data(frame: Uint8Array, start: number): number {
    const stage = this.#records.tickerStage
    stage.present = 0
    let symbolSeen = false
    let p = start
    if (frame[p] !== OPEN) return -1
    do {
      p++
      if (frame[p] !== QUOTE) return -1
      const key = p + 1
      p = plainText(frame, key)
      if (p < 0 || frame[p] !== COLON || frame[p + 1] !== QUOTE) return -1
      const length = p - 1 - key
      p += 2
      if (length === 6 && frame[key] === 115 && frame[key + 1] === 121) {
        if (symbolSeen || !at(frame, key, SYMBOL_KEY) || !at(frame, p, this.nameText)) return -1
        symbolSeen = true
        p += this.nameText.length
        continue
      }
      const field = this.#field(frame, key, length)
      if (field < 0) {
        p = plainText(frame, p)
        if (p < 0) return -1
        continue
      }
      if ((stage.present & (1 << field)) !== 0) return -1
      stage.present |= 1 << field
      p = this.decimal(frame, p)
      if (p < 0) return -1
      stage.values[field] = this.number
    } while (frame[p] === COMMA)
    return symbolSeen && frame[p] === CLOSE ? p + 1 : -1
  }

  #field(frame: Uint8Array, key: number, length: number): number {
    if (length < 3) return -1
    const field = this.#slots[keyHash(frame[key]!, frame[key + 2]!, frame[key + length - 1]!, length)]!
    if (field < 0) return -1
    const expected = KEYS[field]!
    return expected.length === length && at(frame, key, expected) ? field : -1
  }
}
