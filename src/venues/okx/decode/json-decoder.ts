import { fail, limits } from '../../../core/index.ts'
import { isObject, type Json, show, steps } from '../../common/json.ts'
import { LEVELS_PER_FRAME_MAX, sortTrades } from '../../common/records.ts'
import type { OkxContract } from '../contracts.ts'
import { isIncremental } from './channels.ts'
import { decimal, isPong, millis, only, optional, parseFrame, rowsOf, text, whole } from './fields.ts'
import { readFunding, readLiquidation, readPriceLimits, sideOf } from './market-rows.ts'
import {
  FRAME_BOOK, FRAME_EVENT, FRAME_FUNDING, FRAME_INSTRUMENTS, FRAME_LIQUIDATIONS, FRAME_PONG, FRAME_PRICE_LIMITS, FRAME_TICKER, FRAME_TRADES, NO_SEQUENCE, type OkxFrameKind, type OkxRecords, SNAPSHOT_PREVIOUS,
} from './records.ts'
import { TICKER_KEYS } from './ticker-keys.ts'

const TOPICS = 'trades, tickers, mark-price, funding-rate, price-limit, liquidation-orders and instruments'

/**
 * Strict decoder of the public frames of one instrument into reused records: the definition of what a frame means,
 * which the byte scanner has to meet. A frame is read whole before anything of it is used; unknown fields are ignored,
 * known ones must have the right type and lie on the instrument's grid.
 */
export class JsonDecoder {
  readonly #records: OkxRecords
  readonly #contract: OkxContract
  readonly #bookChannel: string
  readonly #incremental: boolean
  readonly #fields = new Float64Array(TICKER_KEYS.length)

  constructor(contract: OkxContract, bookChannel: string, records: OkxRecords) {
    this.#records = records
    this.#contract = contract
    this.#bookChannel = bookChannel
    this.#incremental = isIncremental(bookChannel)
  }

  /** @throws RM_VENUE_FRAME_* for a bad frame. The ticker is untouched then, the other records must not be read. */
  decode(bytes: Uint8Array): OkxFrameKind {
    if (isPong(bytes)) return FRAME_PONG
    const frame = parseFrame(bytes)
    if (frame['event'] !== undefined) return this.#event(frame, bytes.length)
    const arg = frame['arg']
    if (!isObject(arg)) fail('RM_VENUE_FRAME_JSON', { bytes: bytes.length, problem: 'it has neither event nor arg' })
    const channel = text(arg['channel'], 'arg.channel', 'unnamed')
    // These two are subscribed for all swaps at once.
    if (channel === 'liquidation-orders') return this.#liquidations(rowsOf(frame, channel), channel)
    if (channel === 'instruments') return this.#instruments(rowsOf(frame, channel))
    this.#checkInstrument(arg['instId'], channel)
    const data = rowsOf(frame, channel)
    if (channel === this.#bookChannel) return this.#book(frame, data, channel)
    if (channel === 'trades') return this.#trades(data, channel)
    switch (channel) {
      case 'tickers':
        return this.#ticker(only(data, channel), channel)
      case 'mark-price':
        return this.#mark(only(data, channel), channel)
      case 'funding-rate':
        return this.#funding(only(data, channel), channel)
      case 'price-limit':
        return this.#priceLimits(only(data, channel), channel)
      default:
        return fail('RM_VENUE_FRAME_TOPIC', { topic: channel, expected: `${this.#bookChannel} of ${this.#contract.instId}, its ${TOPICS}` })
    }
  }

  #book(frame: Json, data: readonly Json[], channel: string): OkxFrameKind {
    const records = this.#records
    const { book } = records
    const action = frame['action']
    if (this.#incremental ? action !== 'snapshot' && action !== 'update' : action !== undefined) {
      fail('RM_VENUE_FRAME_FIELD', { topic: channel, field: 'action', actual: show(action), expected: this.#incremental ? 'snapshot or update' : 'none' })
    }
    const row = only(data, channel)
    book.snapshot = action !== 'update'
    book.pushTimeMs = book.venueTimeMs = millis(row['ts'], 'ts', channel)
    // Recordings of 2022 have no numbers; whether that is good enough is not for the decoder to say.
    book.updateId = book.sequence = row['seqId'] === undefined ? NO_SEQUENCE : whole(row['seqId'], 'seqId', 0, channel)
    const previous = row['prevSeqId']
    records.previousSequence = previous === undefined ? NO_SEQUENCE : whole(previous, 'prevSeqId', SNAPSHOT_PREVIOUS, channel)
    book.bidCount = this.#levels(row['bids'], 'bids', channel, book.bidTicks, book.bidLots)
    book.askCount = this.#levels(row['asks'], 'asks', channel, book.askTicks, book.askLots)
    return FRAME_BOOK
  }

  #levels(levels: unknown, side: string, channel: string, outTicks: Float64Array, outLots: Float64Array): number {
    if (!Array.isArray(levels)) fail('RM_VENUE_FRAME_FIELD', { topic: channel, field: side, actual: show(levels), expected: 'a list' })
    if (levels.length > LEVELS_PER_FRAME_MAX) fail('RM_VENUE_FRAME_COUNT', { topic: channel, count: levels.length, what: 'levels of a side', limit: LEVELS_PER_FRAME_MAX })
    const { instrument, size } = this.#contract
    for (let i = 0; i < levels.length; i++) {
      const level: unknown = levels[i]
      if (!Array.isArray(level) || level.length < 2) fail('RM_VENUE_FRAME_FIELD', { topic: channel, field: `${side}[${i}]`, actual: show(level), expected: 'price, size, and two more' })
      outTicks[i] = steps(level[0], instrument.tick, 1, side, channel)
      outLots[i] = steps(level[1], size, 0, side, channel)
    }
    return levels.length
  }

  #trades(data: readonly Json[], channel: string): OkxFrameKind {
    const { trades: batch } = this.#records
    if (data.length > limits.tradesPerFrameMax) fail('RM_VENUE_FRAME_COUNT', { topic: channel, count: data.length, what: 'trades', limit: limits.tradesPerFrameMax })
    const { instrument, size } = this.#contract
    for (let i = 0; i < data.length; i++) {
      const row = data[i]!
      this.#checkInstrument(row['instId'], channel)
      batch.timeMs[i] = millis(row['ts'], 'ts', channel)
      batch.sides[i] = sideOf(row['side'], channel)
      batch.priceTicks[i] = steps(row['px'], instrument.tick, 1, 'px', channel)
      batch.lots[i] = steps(row['sz'], size, 1, 'sz', channel)
      batch.ids[i] = text(row['tradeId'], 'tradeId', channel)
    }
    batch.count = data.length
    sortTrades(batch)
    return FRAME_TRADES
  }

  /** The venue sends the whole ticker each time; an empty text is a price that does not exist. */
  #ticker(row: Json, channel: string): OkxFrameKind {
    const { ticker } = this.#records
    this.#checkInstrument(row['instId'], channel)
    for (let i = 0; i < TICKER_KEYS.length; i++) this.#fields[i] = decimal(row[TICKER_KEYS[i]![0]], TICKER_KEYS[i]![0], channel)
    const timeMs = millis(row['ts'], 'ts', channel)
    for (let i = 0; i < TICKER_KEYS.length; i++) ticker[TICKER_KEYS[i]![1]] = this.#fields[i]!
    ticker.venueTimeMs = timeMs
    return FRAME_TICKER
  }

  #mark(row: Json, channel: string): OkxFrameKind {
    const { ticker } = this.#records
    this.#checkInstrument(row['instId'], channel)
    const markPrice = decimal(row['markPx'], 'markPx', channel)
    ticker.venueTimeMs = Math.max(ticker.venueTimeMs, millis(row['ts'], 'ts', channel))
    ticker.markPrice = markPrice
    return FRAME_TICKER
  }

  #funding(row: Json, channel: string): OkxFrameKind {
    const { ticker } = this.#records
    this.#checkInstrument(row['instId'], channel)
    const funding = readFunding(row, channel)
    ticker.nextFundingMs = funding.settleMs
    ticker.fundingRate = funding.rate
    this.#records.funding = funding
    return FRAME_FUNDING
  }

  #priceLimits(row: Json, channel: string): OkxFrameKind {
    this.#checkInstrument(row['instId'], channel)
    this.#records.priceLimits = readPriceLimits(row, this.#contract, channel)
    return FRAME_PRICE_LIMITS
  }

  #liquidations(data: readonly Json[], channel: string): OkxFrameKind {
    const details: Json[] = []
    for (const row of data) {
      if (row['instId'] !== this.#contract.instId) continue
      const list = row['details']
      if (!Array.isArray(list) || !list.every(isObject)) fail('RM_VENUE_FRAME_FIELD', { topic: channel, field: 'details', actual: show(list), expected: 'a list of objects' })
      details.push(...(list as Json[]))
    }
    this.#records.liquidations = details.map((detail) => readLiquidation(detail, this.#contract, channel))
    return FRAME_LIQUIDATIONS
  }

  #instruments(data: readonly Json[]): OkxFrameKind {
    this.#records.instrument = data.find((row) => row['instId'] === this.#contract.instId) ?? null
    return FRAME_INSTRUMENTS
  }

  #event(frame: Json, bytes: number): OkxFrameKind {
    const { event } = this.#records
    if (typeof frame['event'] !== 'string') fail('RM_VENUE_FRAME_JSON', { bytes, problem: 'its event is no text' })
    const arg = frame['arg']
    event.event = frame['event']
    event.channel = optional(isObject(arg) ? arg['channel'] : frame['channel'])
    event.id = optional(frame['id'])
    event.code = optional(frame['code'])
    event.text = optional(frame['msg'])
    return FRAME_EVENT
  }

  #checkInstrument(actual: unknown, channel: string): void {
    const { instId } = this.#contract
    if (actual !== instId) fail('RM_VENUE_FRAME_SYMBOL', { topic: channel, actual: typeof actual === 'string' ? actual : show(actual), expected: instId })
  }
}
