import { at, bytesOf, CLOSE, CLOSE_LIST, COMMA } from '../../common/frame-reader.ts'
import { LevelReader } from '../../common/level-reader.ts'
import type { OkxContract } from '../contracts.ts'
import { DATA, INST_ID } from './envelope.ts'
import { NO_SEQUENCE, type OkxRecords, SNAPSHOT_PREVIOUS } from './records.ts'

const ACTION = bytesOf('"action":"')
const UPDATE = bytesOf('update"')
const ASKS = bytesOf('"asks":[')
const BIDS = bytesOf('"bids":[')
const TS = bytesOf('"ts":"')
const CHECKSUM = bytesOf('"checksum":')
const PREVIOUS = bytesOf('"prevSeqId":')
const SEQUENCE = bytesOf('"seqId":')
const MINUS = 45
const ONE = 49
const HAS_ASKS = 1
const HAS_BIDS = 2
const HAS_TS = 4
const NEEDED = HAS_ASKS | HAS_BIDS | HAS_TS

/** Order book frames of one channel, from behind `arg`. */
export class BookScanner extends LevelReader {
  readonly #records: OkxRecords
  readonly #incremental: boolean

  /** @param incremental whether the channel names an action. */
  constructor({ instId, instrument, size }: OkxContract, incremental: boolean, records: OkxRecords) {
    // A level is price, size, a deprecated zero, and the count of orders.
    super(instId, instrument.tick, size, 2)
    this.#records = records
    this.#incremental = incremental
  }

  /** @param start behind `arg` and its comma. @returns whether the record holds the frame. */
  scan(frame: Uint8Array, start: number): boolean {
    const { book } = this.#records
    let p = start
    this.snapshot = true
    if (this.#incremental) {
      if (!at(frame, p, ACTION)) return false
      p = this.kind(frame, p + ACTION.length, UPDATE)
      if (p < 0 || frame[p++] !== COMMA) return false
    }
    if (!at(frame, p, DATA)) return false
    p = this.#row(frame, p + DATA.length)
    if (p < 0 || frame[p] !== CLOSE_LIST || frame[p + 1] !== CLOSE || p + 2 !== frame.length) return false
    book.snapshot = this.snapshot
    return true
  }

  /** The fields of the one row in any order, from behind the opening brace. */
  #row(frame: Uint8Array, start: number): number {
    const records = this.#records
    const { book } = records
    book.updateId = book.sequence = NO_SEQUENCE
    records.previousSequence = NO_SEQUENCE
    let p = start
    let seen = 0
    for (;;) {
      let bit: number
      switch (frame[p + 1]) {
        case 97: // asks
          bit = HAS_ASKS
          if (!at(frame, p, ASKS)) return -1
          p = this.levels(frame, p + ASKS.length, book.askTicks, book.askLots)
          book.askCount = this.levelCount
          break
        case 98: // bids
          bit = HAS_BIDS
          if (!at(frame, p, BIDS)) return -1
          p = this.levels(frame, p + BIDS.length, book.bidTicks, book.bidLots)
          book.bidCount = this.levelCount
          break
        case 116: // ts
          bit = HAS_TS
          if (!at(frame, p, TS)) return -1
          p = this.wholeText(frame, p + TS.length)
          book.pushTimeMs = book.venueTimeMs = this.number
          break
        case 115: // seqId
          bit = 8
          if (!at(frame, p, SEQUENCE)) return -1
          p = this.whole(frame, p + SEQUENCE.length)
          book.updateId = book.sequence = this.number
          break
        case 112: // prevSeqId
          bit = 16
          if (!at(frame, p, PREVIOUS)) return -1
          p += PREVIOUS.length
          if (frame[p] === MINUS && frame[p + 1] === ONE) {
            p += 2
            records.previousSequence = SNAPSHOT_PREVIOUS
          } else {
            p = this.whole(frame, p)
            records.previousSequence = this.number
          }
          break
        case 99: // checksum, a constant that proves nothing
          bit = 32
          if (!at(frame, p, CHECKSUM)) return -1
          p += CHECKSUM.length
          p = this.whole(frame, frame[p] === MINUS ? p + 1 : p)
          break
        case 105: // instId
          bit = 64
          if (!at(frame, p, INST_ID) || !at(frame, p + INST_ID.length, this.nameText)) return -1
          p += INST_ID.length + this.nameText.length
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
