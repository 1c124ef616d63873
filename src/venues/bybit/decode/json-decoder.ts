import { BUY, fail, type Instrument, limits, SELL } from '../../../core/index.ts'
import type { Kline, Liquidation } from '../../market-port.ts'
import { intervalMsOf } from '../intervals.ts'
import { readPriceLimits } from '../price-limits.ts'
import { TICKER_KEYS } from './ticker-keys.ts'
import { checkKline, isObject, type Json, nearSteps, show, steps } from '../../common/json.ts'
import {
  FRAME_BOOK, FRAME_CONTROL, FRAME_KLINE, FRAME_TICKER, FRAME_TRADES, LEVELS_PER_FRAME_MAX, sortTrades,
} from '../../common/records.ts'
import { type BybitFrameKind, type BybitRecords, commitBybitTicker, FRAME_LIQUIDATIONS, FRAME_PRICE_LIMITS } from './records.ts'

const PLAIN_DECIMAL = /^-?\d+(?:\.\d+)?$/

/**
 * Strict decoder of the public frames by JSON.parse: the definition of what a frame means, the way out for frames
 * that the byte scanner does not know, and the yardstick in tests and benchmarks. Unknown fields are ignored,
 * known ones must have the right type and lie on the instrument's grid.
 */
export class JsonDecoder {
  readonly #instrument: Instrument
  readonly #bookTopic: string
  readonly #records: BybitRecords

  constructor(instrument: Instrument, bookDepth: number, records: BybitRecords) {
    this.#instrument = instrument
    this.#bookTopic = `orderbook.${bookDepth}.${instrument.symbol}`
    this.#records = records
  }

  /** @throws RM_VENUE_FRAME_*, or RM_VENUE_ROW for a price band, where the frame is not exactly what the venue documents; no record is usable then. */
  decode(frame: Uint8Array): BybitFrameKind {
    if (frame.length > limits.frameBytesMax) fail('RM_VENUE_FRAME_SIZE', { bytes: frame.length, limit: limits.frameBytesMax })
    let parsed: unknown
    try {
      parsed = JSON.parse(Buffer.from(frame.buffer, frame.byteOffset, frame.length).toString('utf8'))
    } catch (error) {
      fail('RM_VENUE_FRAME_JSON', { bytes: frame.length, problem: error instanceof Error ? error.message : String(error) }, error)
    }
    if (!isObject(parsed)) fail('RM_VENUE_FRAME_JSON', { bytes: frame.length, problem: `it is ${show(parsed)}` })
    if (parsed['topic'] === undefined) return this.#control(parsed, frame.length)
    const topic = string(parsed, 'topic', 'unnamed')
    const symbol = this.#instrument.symbol
    if (topic === this.#bookTopic) return this.#book(parsed, topic)
    if (topic === `publicTrade.${symbol}`) return this.#trades(parsed, topic)
    if (topic === `tickers.${symbol}`) return this.#ticker(parsed, topic)
    if (topic.startsWith('kline.') && topic.endsWith(`.${symbol}`)) return this.#klines(parsed, topic)
    if (topic === `allLiquidation.${symbol}`) return this.#liquidations(parsed, topic)
    if (topic === `priceLimit.${symbol}`) return this.#priceLimits(parsed, topic)
    return fail('RM_VENUE_FRAME_TOPIC', { topic, expected: `${this.#bookTopic}, publicTrade, tickers, kline, allLiquidation and priceLimit of ${symbol}` })
  }

  #book(frame: Json, topic: string): BybitFrameKind {
    const book = this.#records.book
    const data = object(frame, 'data', topic)
    this.#checkSymbol(data['s'], topic)
    book.snapshot = snapshotOrDelta(frame, topic)
    book.pushTimeMs = whole(frame, 'ts', topic)
    book.venueTimeMs = frame['cts'] === undefined ? book.pushTimeMs : whole(frame, 'cts', topic)
    book.updateId = whole(data, 'u', topic)
    book.sequence = data['seq'] === undefined ? -1 : whole(data, 'seq', topic)
    book.bidCount = this.#levels(data, 'b', topic, book.bidTicks, book.bidLots)
    book.askCount = this.#levels(data, 'a', topic, book.askTicks, book.askLots)
    return FRAME_BOOK
  }

  #levels(data: Json, side: string, topic: string, outTicks: Float64Array, outLots: Float64Array): number {
    const levels = array(data, side, topic)
    if (levels.length > LEVELS_PER_FRAME_MAX) fail('RM_VENUE_FRAME_COUNT', { topic, count: levels.length, what: 'levels of a side', limit: LEVELS_PER_FRAME_MAX })
    for (let i = 0; i < levels.length; i++) {
      const level = levels[i]
      if (!Array.isArray(level) || level.length !== 2) fail('RM_VENUE_FRAME_FIELD', { topic, field: `${side}[${i}]`, actual: show(level), expected: 'a pair of price and size' })
      outTicks[i] = steps(level[0], this.#instrument.tick, 1, `${side}[${i}] price`, topic)
      outLots[i] = steps(level[1], this.#instrument.lot, 0, `${side}[${i}] size`, topic)
    }
    return levels.length
  }

  #trades(frame: Json, topic: string): BybitFrameKind {
    const batch = this.#records.trades
    snapshotOrDelta(frame, topic)
    whole(frame, 'ts', topic)
    const rows = array(frame, 'data', topic)
    if (rows.length > limits.tradesPerFrameMax) fail('RM_VENUE_FRAME_COUNT', { topic, count: rows.length, what: 'trades', limit: limits.tradesPerFrameMax })
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]
      if (!isObject(row)) fail('RM_VENUE_FRAME_FIELD', { topic, field: `data[${i}]`, actual: show(row), expected: 'an object' })
      this.#checkSymbol(row['s'], topic)
      const side = row['S']
      if (side !== 'Buy' && side !== 'Sell') fail('RM_VENUE_FRAME_FIELD', { topic, field: `data[${i}].S`, actual: show(side), expected: 'Buy or Sell' })
      batch.timeMs[i] = whole(row, 'T', topic)
      batch.sides[i] = side === 'Buy' ? BUY : SELL
      batch.priceTicks[i] = steps(row['p'], this.#instrument.tick, 1, `data[${i}].p`, topic)
      batch.lots[i] = steps(row['v'], this.#instrument.lot, 1, `data[${i}].v`, topic)
      batch.ids[i] = string(row, 'i', topic)
    }
    batch.count = rows.length
    sortTrades(batch)
    return FRAME_TRADES
  }

  #ticker(frame: Json, topic: string): BybitFrameKind {
    const stage = this.#records.tickerStage
    const data = object(frame, 'data', topic)
    this.#checkSymbol(data['symbol'], topic)
    stage.snapshot = snapshotOrDelta(frame, topic)
    stage.timeMs = whole(frame, 'ts', topic)
    stage.present = 0
    for (let i = 0; i < TICKER_KEYS.length; i++) {
      const value = data[TICKER_KEYS[i]!]
      if (value === undefined) continue
      if (value === '') stage.values[i] = Number.NaN
      else if (typeof value === 'string' && PLAIN_DECIMAL.test(value)) stage.values[i] = Number(value)
      else fail('RM_VENUE_FRAME_FIELD', { topic, field: TICKER_KEYS[i], actual: show(value), expected: 'decimal text' })
      stage.present |= 1 << i
    }
    commitBybitTicker(this.#records)
    return FRAME_TICKER
  }

  #klines(frame: Json, topic: string): BybitFrameKind {
    const { tick, lot } = this.#instrument
    const name = topic.slice('kline.'.length, topic.length - this.#instrument.symbol.length - 1)
    const intervalMs = intervalMsOf(name)
    if (intervalMs === null) fail('RM_VENUE_FRAME_FIELD', { topic, field: 'interval', actual: show(name), expected: 'an interval of the venue' })
    whole(frame, 'ts', topic)
    const klines: Kline[] = []
    for (const row of array(frame, 'data', topic)) {
      if (!isObject(row)) fail('RM_VENUE_FRAME_FIELD', { topic, field: 'data', actual: show(row), expected: 'an object' })
      if (row['interval'] !== name) fail('RM_VENUE_FRAME_FIELD', { topic, field: 'interval', actual: show(row['interval']), expected: show(name) })
      const closed = row['confirm']
      if (typeof closed !== 'boolean') fail('RM_VENUE_FRAME_FIELD', { topic, field: 'confirm', actual: show(closed), expected: 'true or false' })
      klines.push(checkKline({
        intervalMs,
        startMs: whole(row, 'start', topic),
        openTicks: nearSteps(row['open'], tick, 1, 'open', topic),
        highTicks: nearSteps(row['high'], tick, 1, 'high', topic),
        lowTicks: nearSteps(row['low'], tick, 1, 'low', topic),
        closeTicks: nearSteps(row['close'], tick, 1, 'close', topic),
        lots: nearSteps(row['volume'], lot, 0, 'volume', topic),
        closed,
      }, topic))
    }
    this.#records.klines = klines
    return FRAME_KLINE
  }

  /** `S` is the side of the position: a long ("Buy") is closed by selling it (reference: Bybit V5, all liquidation). */
  #liquidations(frame: Json, topic: string): BybitFrameKind {
    const { tick, lot } = this.#instrument
    whole(frame, 'ts', topic)
    const rows = array(frame, 'data', topic)
    if (rows.length > limits.tradesPerFrameMax) fail('RM_VENUE_FRAME_COUNT', { topic, count: rows.length, what: 'liquidations', limit: limits.tradesPerFrameMax })
    this.#records.liquidations = rows.map((row, i): Liquidation => {
      if (!isObject(row)) return fail('RM_VENUE_FRAME_FIELD', { topic, field: `data[${i}]`, actual: show(row), expected: 'an object' })
      this.#checkSymbol(row['s'], topic)
      const position = row['S']
      if (position !== 'Buy' && position !== 'Sell') fail('RM_VENUE_FRAME_FIELD', { topic, field: `data[${i}].S`, actual: show(position), expected: 'Buy or Sell' })
      const price = row['p']
      // A bankruptcy price is computed, and lies between ticks.
      if (typeof price !== 'string' || !PLAIN_DECIMAL.test(price) || !(Number(price) > 0)) fail('RM_VENUE_FRAME_FIELD', { topic, field: `data[${i}].p`, actual: show(price), expected: 'positive decimal text' })
      const onGrid = tick.tryParse(price as string)
      return {
        side: position === 'Buy' ? SELL : BUY,
        priceTicks: Number.isNaN(onGrid) ? Number(price) / tick.value : onGrid,
        lots: steps(row['v'], lot, 1, `data[${i}].v`, topic),
        timeMs: whole(row, 'T', topic),
      }
    })
    return FRAME_LIQUIDATIONS
  }

  #priceLimits(frame: Json, topic: string): BybitFrameKind {
    const data = object(frame, 'data', topic)
    this.#checkSymbol(data['symbol'], topic)
    this.#records.priceLimits = readPriceLimits(data, whole(frame, 'ts', topic), this.#instrument)
    return FRAME_PRICE_LIMITS
  }

  /** Public acks carry `ret_msg`, others of the venue's sockets `retMsg`; ids may be numbers. */
  #control(frame: Json, bytes: number): BybitFrameKind {
    const op = frame['op']
    if (typeof op !== 'string') fail('RM_VENUE_FRAME_JSON', { bytes, problem: 'it has neither topic nor op' })
    const control = this.#records.control
    const requestId = frame['req_id'] ?? frame['reqId']
    control.op = op
    control.success = frame['success'] === true || (frame['success'] === undefined && (frame['retCode'] === undefined || frame['retCode'] === 0))
    control.requestId = typeof requestId === 'string' || typeof requestId === 'number' ? String(requestId) : ''
    control.text = wordsOf(frame)
    return FRAME_CONTROL
  }

  #checkSymbol(actual: unknown, topic: string): void {
    if (actual !== this.#instrument.symbol) fail('RM_VENUE_FRAME_SYMBOL', { topic, actual: typeof actual === 'string' ? actual : show(actual), expected: this.#instrument.symbol })
  }
}

/** The venue's words in an acknowledgement, whichever way this socket spells the field. */
export function wordsOf(frame: Json): string {
  const text = frame['ret_msg'] ?? frame['retMsg']
  return typeof text === 'string' ? text : ''
}

function string(row: Json, field: string, topic: string): string {
  const value = row[field]
  if (typeof value !== 'string' || value === '') fail('RM_VENUE_FRAME_FIELD', { topic, field, actual: show(value), expected: 'text' })
  return value
}

function whole(row: Json, field: string, topic: string): number {
  const value = row[field]
  // `-0` is an integer for JavaScript; the scanner never makes one.
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) fail('RM_VENUE_FRAME_FIELD', { topic, field, actual: show(value), expected: 'a whole number' })
  return value
}

function object(row: Json, field: string, topic: string): Json {
  const value = row[field]
  if (!isObject(value)) fail('RM_VENUE_FRAME_FIELD', { topic, field, actual: show(value), expected: 'an object' })
  return value
}

function array(row: Json, field: string, topic: string): readonly unknown[] {
  const value = row[field]
  if (!Array.isArray(value)) fail('RM_VENUE_FRAME_FIELD', { topic, field, actual: show(value), expected: 'a list' })
  return value
}

function snapshotOrDelta(frame: Json, topic: string): boolean {
  const type = frame['type']
  if (type !== 'snapshot' && type !== 'delta') fail('RM_VENUE_FRAME_FIELD', { topic, field: 'type', actual: show(type), expected: 'snapshot or delta' })
  return type === 'snapshot'
}
