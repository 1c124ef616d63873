import { BUY, limits, SELL } from '../../../core/index.ts'
import { asciiSlice, at, bytesOf, CLOSE, CLOSE_LIST, COMMA, FrameReader, OPEN, plainText } from '../../common/frame-reader.ts'
import { sortTrades } from '../../common/records.ts'
import type { OkxContract } from '../contracts.ts'
import { DATA, INST_ID } from './envelope.ts'
import type { OkxRecords } from './records.ts'

const TRADE_ID = bytesOf('"tradeId":"')
const PX = bytesOf('"px":"')
const SZ = bytesOf('"sz":"')
const SIDE_BUY = bytesOf('"side":"buy"')
const SIDE_SELL = bytesOf('"side":"sell"')
const TS = bytesOf('"ts":"')
const COUNT = bytesOf('"count":"')
const SOURCE = bytesOf('"source":"')
const SEQUENCE = bytesOf('"seqId":')
/** Bits of the fields that every trade has: instId, tradeId, px, sz, side, ts. */
const NEEDED = 0b111111

/** Trade frames, from behind `arg`. */
export class TradeScanner extends FrameReader {
  readonly #records: OkxRecords

  constructor({ instId, instrument, size }: OkxContract, records: OkxRecords) {
    super(instId, instrument.tick, size)
    this.#records = records
  }

  /** @param start behind `arg` and its comma. @returns whether the record holds the frame. */
  scan(frame: Uint8Array, start: number): boolean {
    const { trades } = this.#records
    if (!at(frame, start, DATA)) return false
    // Back to the brace of the first row, which the loop below expects of each.
    let p = start + DATA.length - 1
    let count = 0
    for (;;) {
      if (count === limits.tradesPerFrameMax || frame[p] !== OPEN) return false
      p = this.#trade(frame, p + 1, count)
      if (p < 0) return false
      count++
      if (frame[p] !== COMMA) break
      p++
    }
    if (frame[p] !== CLOSE_LIST || frame[p + 1] !== CLOSE || p + 2 !== frame.length) return false
    trades.count = count
    sortTrades(trades)
    return true
  }

  /** The fields of one trade in any order, from behind the opening brace. */
  #trade(frame: Uint8Array, start: number, index: number): number {
    const batch = this.#records.trades
    let p = start
    let seen = 0
    for (;;) {
      let bit: number
      switch (frame[p + 1]) {
        case 112: // px
          bit = 1
          if (!at(frame, p, PX)) return -1
          p = this.steps(frame, p + PX.length, this.tickDecimals, this.tickUnits)
          batch.priceTicks[index] = this.number
          break
        case 115: // sz, side, source, seqId
          switch (frame[p + 2]) {
            case 122:
              bit = 2
              if (!at(frame, p, SZ)) return -1
              p = this.steps(frame, p + SZ.length, this.lotDecimals, this.lotUnits)
              batch.lots[index] = this.number
              break
            case 105:
              bit = 4
              if (at(frame, p, SIDE_BUY)) {
                p += SIDE_BUY.length
                batch.sides[index] = BUY
              } else if (at(frame, p, SIDE_SELL)) {
                p += SIDE_SELL.length
                batch.sides[index] = SELL
              } else return -1
              break
            case 111:
              bit = 128
              if (!at(frame, p, SOURCE)) return -1
              p = plainText(frame, p + SOURCE.length)
              break
            default:
              bit = 256
              if (!at(frame, p, SEQUENCE)) return -1
              p = this.whole(frame, p + SEQUENCE.length)
          }
          break
        case 116: // ts, tradeId
          if (at(frame, p, TS)) {
            bit = 8
            p = this.wholeText(frame, p + TS.length)
            batch.timeMs[index] = this.number
          } else {
            bit = 16
            if (!at(frame, p, TRADE_ID)) return -1
            const from = p + TRADE_ID.length
            p = plainText(frame, from)
            if (p - from < 2) return -1
            batch.ids[index] = asciiSlice(frame, from, p - 1)
          }
          break
        case 105: // instId
          bit = 32
          if (!at(frame, p, INST_ID) || !at(frame, p + INST_ID.length, this.nameText)) return -1
          p += INST_ID.length + this.nameText.length
          break
        case 99: // count
          bit = 64
          if (!at(frame, p, COUNT)) return -1
          p = plainText(frame, p + COUNT.length)
          break
        default:
          return -1
      }
      if (p < 0 || (seen & bit) !== 0) return -1
      seen |= bit
      if (frame[p] === COMMA) p++
      else if (frame[p] === CLOSE) break
      else return -1
    }
    return (seen & NEEDED) === NEEDED ? p + 1 : -1
  }
}
