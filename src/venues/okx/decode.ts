import { BUY, fail, limits, SELL } from '../../core/index.ts'
import type { Kline, Ticker } from '../market-port.ts'
import type { OkxContract } from './contracts.ts'
import { checkKline, isObject, type Json, show, steps } from '../common/json.ts'
import { createPublicRecords, LEVELS_PER_FRAME_MAX, type PublicRecords, sortTrades } from '../common/records.ts'

/** What a frame was; the matching record holds its content. */
export const FRAME_PONG = 0
export const FRAME_BOOK = 1
export const FRAME_TRADES = 2
export const FRAME_TICKER = 3
export const FRAME_CONTROL = 4
export type FrameKind = typeof FRAME_PONG | typeof FRAME_BOOK | typeof FRAME_TRADES | typeof FRAME_TICKER | typeof FRAME_CONTROL

/** A number that the frame does not carry (recordings from before the venue had it). */
export const NO_SEQUENCE = -2
/** `prevSeqId` of a snapshot. */
export const SNAPSHOT_PREVIOUS = -1

/** Acknowledgements, errors and notices. */
export interface ControlFrame {
  event: string
  /** '' where the frame names none. */
  channel: string
  id: string
  code: string
  text: string
}

const DECIMAL = /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/
const PONG = 0x70

const TICKER_KEYS = [
  ['last', 'lastPrice'], ['bidPx', 'bidPrice'], ['askPx', 'askPrice'], ['volCcy24h', 'volume24h'],
  ['high24h', 'high24h'], ['low24h', 'low24h'], ['open24h', 'open24h'],
] as const satisfies readonly (readonly [string, keyof Ticker])[]

/**
 * Strict decoder of the public frames of one instrument into reused records. A frame is read whole before anything
 * of it is used; unknown fields are ignored, known ones must have the right type and lie on the instrument's grid.
 */
export class PublicDecoder {
  readonly records: PublicRecords = createPublicRecords()
  readonly control: ControlFrame = { event: '', channel: '', id: '', code: '', text: '' }
  /** `prevSeqId` of the last book frame: `NO_SEQUENCE` where absent, `SNAPSHOT_PREVIOUS` in a snapshot. */
  previousSequence = NO_SEQUENCE
  readonly #contract: OkxContract
  readonly #bookChannel: string
  readonly #fields = new Float64Array(TICKER_KEYS.length)

  constructor(contract: OkxContract, bookChannel: string) {
    this.#contract = contract
    this.#bookChannel = bookChannel
  }

  /** @throws RM_VENUE_FRAME_* for a bad frame. The ticker is untouched then, the other records must not be read. */
  decode(bytes: Uint8Array): FrameKind {
    if (bytes.length === 4 && bytes[0] === PONG) return FRAME_PONG
    const frame = parseFrame(bytes)
    if (frame['event'] !== undefined) return this.#control(frame, bytes.length)
    const arg = frame['arg']
    if (!isObject(arg)) fail('RM_VENUE_FRAME_JSON', { bytes: bytes.length, problem: 'it has neither event nor arg' })
    const channel = text(arg['channel'], 'arg.channel', 'unnamed')
    this.#checkInstrument(arg['instId'], channel)
    const data = rows(frame, channel)
    if (channel === this.#bookChannel) return this.#book(frame, data, channel)
    if (channel === 'trades') return this.#trades(data, channel)
    if (channel === 'tickers') return this.#ticker(data, channel)
    if (channel === 'mark-price') return this.#mark(data, channel)
    if (channel === 'funding-rate') return this.#funding(data, channel)
    return fail('RM_VENUE_FRAME_TOPIC', { topic: channel, expected: `${this.#bookChannel}, trades, tickers, mark-price and funding-rate of ${this.#contract.instId}` })
  }

  #book(frame: Json, data: readonly Json[], channel: string): FrameKind {
    const { book } = this.records
    const action = frame['action']
    const incremental = this.#bookChannel === 'books'
    if (incremental ? action !== 'snapshot' && action !== 'update' : action !== undefined) {
      fail('RM_VENUE_FRAME_FIELD', { topic: channel, field: 'action', actual: show(action), expected: incremental ? 'snapshot or update' : 'none' })
    }
    const row = only(data, channel)
    book.snapshot = action !== 'update'
    book.pushTimeMs = book.venueTimeMs = millis(row['ts'], 'ts', channel)
    // Recordings of 2022 have no numbers; whether that is good enough is not for the decoder to say.
    book.updateId = book.sequence = row['seqId'] === undefined ? NO_SEQUENCE : whole(row['seqId'], 'seqId', 0, channel)
    const previous = row['prevSeqId']
    this.previousSequence = previous === undefined ? NO_SEQUENCE : whole(previous, 'prevSeqId', SNAPSHOT_PREVIOUS, channel)
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

  #trades(data: readonly Json[], channel: string): FrameKind {
    const { trades: batch } = this.records
    if (data.length > limits.tradesPerFrameMax) fail('RM_VENUE_FRAME_COUNT', { topic: channel, count: data.length, what: 'trades', limit: limits.tradesPerFrameMax })
    const { instrument, size } = this.#contract
    for (let i = 0; i < data.length; i++) {
      const row = data[i]!
      this.#checkInstrument(row['instId'], channel)
      const side = row['side']
      if (side !== 'buy' && side !== 'sell') fail('RM_VENUE_FRAME_FIELD', { topic: channel, field: 'side', actual: show(side), expected: 'buy or sell' })
      batch.timeMs[i] = millis(row['ts'], 'ts', channel)
      batch.sides[i] = side === 'buy' ? BUY : SELL
      batch.priceTicks[i] = steps(row['px'], instrument.tick, 1, 'px', channel)
      batch.lots[i] = steps(row['sz'], size, 1, 'sz', channel)
      batch.ids[i] = text(row['tradeId'], 'tradeId', channel)
    }
    batch.count = data.length
    sortTrades(batch)
    return FRAME_TRADES
  }

  /** The venue sends the whole ticker each time; an empty text is a price that does not exist. */
  #ticker(data: readonly Json[], channel: string): FrameKind {
    const { ticker } = this.records
    const row = only(data, channel)
    this.#checkInstrument(row['instId'], channel)
    for (let i = 0; i < TICKER_KEYS.length; i++) this.#fields[i] = decimal(row[TICKER_KEYS[i]![0]], TICKER_KEYS[i]![0], channel)
    const timeMs = millis(row['ts'], 'ts', channel)
    for (let i = 0; i < TICKER_KEYS.length; i++) ticker[TICKER_KEYS[i]![1]] = this.#fields[i]!
    ticker.venueTimeMs = timeMs
    return FRAME_TICKER
  }

  #mark(data: readonly Json[], channel: string): FrameKind {
    const { ticker } = this.records
    const row = only(data, channel)
    this.#checkInstrument(row['instId'], channel)
    const markPrice = decimal(row['markPx'], 'markPx', channel)
    ticker.venueTimeMs = Math.max(ticker.venueTimeMs, millis(row['ts'], 'ts', channel))
    ticker.markPrice = markPrice
    return FRAME_TICKER
  }

  /** The rate is the estimate for the settlement at `fundingTime`. */
  #funding(data: readonly Json[], channel: string): FrameKind {
    const { ticker } = this.records
    const row = only(data, channel)
    this.#checkInstrument(row['instId'], channel)
    const rate = decimal(row['fundingRate'], 'fundingRate', channel)
    ticker.nextFundingMs = millis(row['fundingTime'], 'fundingTime', channel)
    ticker.fundingRate = rate
    return FRAME_TICKER
  }

  #control(frame: Json, bytes: number): FrameKind {
    const { control } = this
    if (typeof frame['event'] !== 'string') fail('RM_VENUE_FRAME_JSON', { bytes, problem: 'its event is no text' })
    const arg = frame['arg']
    const channel = isObject(arg) ? arg['channel'] : frame['channel']
    control.event = frame['event']
    control.channel = optional(channel)
    control.id = optional(frame['id'])
    control.code = optional(frame['code'])
    control.text = optional(frame['msg'])
    return FRAME_CONTROL
  }

  #checkInstrument(actual: unknown, channel: string): void {
    const { instId } = this.#contract
    if (actual !== instId) fail('RM_VENUE_FRAME_SYMBOL', { topic: channel, actual: typeof actual === 'string' ? actual : show(actual), expected: instId })
  }
}

/** One candle row of REST or of the candle channel: start, open, high, low, close, contracts, coins, quote, closed. @throws RM_VENUE_FRAME_FIELD */
export function readCandle(row: unknown, { instrument, size }: OkxContract, intervalMs: number, topic: string): Kline {
  if (!Array.isArray(row) || row.length < 9) fail('RM_VENUE_FRAME_FIELD', { topic, field: 'row', actual: show(row), expected: 'a list of 9 texts' })
  const [start, open, high, low, close, volume, , , confirm] = row as unknown[]
  if (confirm !== '0' && confirm !== '1') fail('RM_VENUE_FRAME_FIELD', { topic, field: 'confirm', actual: show(confirm), expected: '"0" or "1"' })
  return checkKline({
    intervalMs,
    startMs: millis(start, 'start', topic),
    openTicks: steps(open, instrument.tick, 1, 'open', topic),
    highTicks: steps(high, instrument.tick, 1, 'high', topic),
    lowTicks: steps(low, instrument.tick, 1, 'low', topic),
    closeTicks: steps(close, instrument.tick, 1, 'close', topic),
    lots: steps(volume, size, 0, 'volume', topic),
    closed: confirm === '1',
  }, topic)
}

/** @throws RM_VENUE_FRAME_SIZE, RM_VENUE_FRAME_JSON. */
export function parseFrame(bytes: Uint8Array): Json {
  if (bytes.length > limits.frameBytesMax) fail('RM_VENUE_FRAME_SIZE', { bytes: bytes.length, limit: limits.frameBytesMax })
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'))
  } catch (error) {
    fail('RM_VENUE_FRAME_JSON', { bytes: bytes.length, problem: error instanceof Error ? error.message : String(error) }, error)
  }
  if (!isObject(parsed)) fail('RM_VENUE_FRAME_JSON', { bytes: bytes.length, problem: `it is ${show(parsed)}` })
  return parsed
}

/** Whether a frame is the venue's answer to a ping, which is no JSON. */
export const isPong = (bytes: Uint8Array): boolean => bytes.length === 4 && bytes[0] === PONG

const optional = (value: unknown): string => (typeof value === 'string' ? value : '')

function rows(frame: Json, channel: string): readonly Json[] {
  const data = frame['data']
  if (!Array.isArray(data) || !data.every(isObject)) fail('RM_VENUE_FRAME_FIELD', { topic: channel, field: 'data', actual: show(data), expected: 'a list of objects' })
  return data as Json[]
}

function only(data: readonly Json[], channel: string): Json {
  if (data.length !== 1) fail('RM_VENUE_FRAME_COUNT', { topic: channel, count: data.length, what: 'rows', limit: 1 })
  return data[0]!
}

function text(value: unknown, field: string, topic: string): string {
  if (typeof value !== 'string' || value === '') fail('RM_VENUE_FRAME_FIELD', { topic, field, actual: show(value), expected: 'text' })
  return value
}

function decimal(value: unknown, field: string, topic: string): number {
  if (value === '') return Number.NaN
  if (typeof value !== 'string' || !DECIMAL.test(value)) fail('RM_VENUE_FRAME_FIELD', { topic, field, actual: show(value), expected: 'decimal text' })
  return Number(value)
}

function millis(value: unknown, field: string, topic: string): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : Number.NaN
  if (!Number.isSafeInteger(number)) fail('RM_VENUE_FRAME_FIELD', { topic, field, actual: show(value), expected: 'milliseconds' })
  return number
}

function whole(value: unknown, field: string, least: number, topic: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) fail('RM_VENUE_FRAME_FIELD', { topic, field, actual: show(value), expected: `a whole number of at least ${least}` })
  return value
}
