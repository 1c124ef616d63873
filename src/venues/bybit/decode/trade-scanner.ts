import { BUY, type Instrument, limits, SELL } from '../../../core/index.ts'
import { asciiSlice, at, boolean, bytesOf, CLOSE, CLOSE_LIST, COLON, COMMA, FrameReader, OPEN, OPEN_LIST, plainText, QUOTE } from '../../common/frame-reader.ts'
import { DATA, DELTA, ENVELOPE, HAS_DATA, HAS_TS, HAS_TYPE, KEY_SEQ, TS, TYPE } from './envelope.ts'
import { type PublicRecords, sortTrades } from '../../common/records.ts'

const BUY_TEXT = bytesOf('Buy"')
const SELL_TEXT = bytesOf('Sell"')
/** Bits of the fields that every trade has: T, S, v, p, s, i. */
const NEEDED = 0b111111

/** Trade frames, from behind the topic. */
export class TradeScanner extends FrameReader {
  readonly #records: PublicRecords

  constructor(instrument: Instrument, records: PublicRecords) {
    super(instrument.symbol, instrument.tick, instrument.lot)
    this.#records = records
  }

  /** @param start behind the topic and its comma. @returns whether the record holds the frame. */
  scan(frame: Uint8Array, start: number): boolean {
    let p = start
    let seen = 0
    for (;;) {
      let bit: number
      if (at(frame, p, TS)) {
        bit = HAS_TS
        p = this.whole(frame, p + TS.length)
      } else if (at(frame, p, TYPE)) {
        bit = HAS_TYPE
        p = this.kind(frame, p + TYPE.length, DELTA)
      } else if (at(frame, p, DATA)) {
        bit = HAS_DATA
        p = this.#list(frame, p + DATA.length)
      } else return false
      if (p < 0 || (seen & bit) !== 0) return false
      seen |= bit
      if (frame[p] === CLOSE) break
      if (frame[p] !== COMMA) return false
      p++
    }
    if (p !== frame.length - 1 || seen !== ENVELOPE) return false
    sortTrades(this.#records.trades)
    return true
  }

  #list(frame: Uint8Array, start: number): number {
    const batch = this.#records.trades
    let p = start
    let count = 0
    if (frame[p] !== OPEN_LIST) return -1
    if (frame[p + 1] === CLOSE_LIST) {
      batch.count = 0
      return p + 2
    }
    do {
      p++
      if (count === limits.tradesPerFrameMax || frame[p] !== OPEN) return -1
      p = this.#trade(frame, p + 1, count)
      if (p < 0) return -1
      count++
    } while (frame[p] === COMMA)
    batch.count = count
    return frame[p] === CLOSE_LIST ? p + 1 : -1
  }

  /** The fields of one trade in any order, from behind the opening brace. */
  #trade(frame: Uint8Array, start: number, index: number): number {
    const batch = this.#records.trades
    let p = start
    let seen = 0
    for (;;) {
      if (frame[p] !== QUOTE) return -1
      let bit = 0
      const key = frame[p + 1]
      if (frame[p + 2] === QUOTE) {
        if (frame[p + 3] !== COLON) return -1
        p += 4
        if (key === 84) {
          bit = 1 // T
          p = this.whole(frame, p)
          batch.timeMs[index] = this.number
        } else {
          if (frame[p] !== QUOTE) return -1
          p++
          switch (key) {
            case 83: // S
              bit = 2
              if (at(frame, p, BUY_TEXT)) {
                batch.sides[index] = BUY
                p += BUY_TEXT.length
              } else if (at(frame, p, SELL_TEXT)) {
                batch.sides[index] = SELL
                p += SELL_TEXT.length
              } else return -1
              break
            case 118: // v
              bit = 4
              p = this.steps(frame, p, this.lotDecimals, this.lotUnits)
              batch.lots[index] = this.number
              break
            case 112: // p
              bit = 8
              p = this.steps(frame, p, this.tickDecimals, this.tickUnits)
              batch.priceTicks[index] = this.number
              break
            case 115: // s
              bit = 16
              if (!at(frame, p, this.nameText)) return -1
              p += this.nameText.length
              break
            case 105: { // i
              bit = 32
              const from = p
              p = plainText(frame, p)
              if (p < 0 || p - from < 2) return -1
              batch.ids[index] = asciiSlice(frame, from, p - 1)
              break
            }
            case 76: // L
              bit = 64
              p = plainText(frame, p)
              break
            default:
              return -1
          }
        }
      } else if (key === 66 && frame[p + 2] === 84 && frame[p + 3] === QUOTE && frame[p + 4] === COLON) {
        bit = 128 // BT
        p = boolean(frame, p + 5)
      } else if (key === 82 && frame[p + 2] === 80 && frame[p + 3] === 73 && frame[p + 4] === QUOTE && frame[p + 5] === COLON) {
        bit = 256 // RPI
        p = boolean(frame, p + 6)
      } else if (at(frame, p, KEY_SEQ)) {
        bit = 512
        p = this.whole(frame, p + KEY_SEQ.length)
      } else return -1
      if (p < 0 || (seen & bit) !== 0) return -1
      seen |= bit
      if (frame[p] === COMMA) p++
      else if (frame[p] === CLOSE) break
      else return -1
    }
    return (seen & NEEDED) === NEEDED ? p + 1 : -1
  }
}
