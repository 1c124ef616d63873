import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { BUY, DecimalStep, errorLabel, type Instrument, limits, SELL } from '../../src/core/index.ts'
import {
  type BybitRecords, createBybitRecords, FRAME_BOOK, FRAME_CONTROL, FRAME_KLINE, FRAME_LIQUIDATIONS, FRAME_PRICE_LIMITS, FRAME_TICKER, FRAME_TRADES, JsonDecoder, LEVELS_PER_FRAME_MAX, NOT_SCANNED, PublicDecoder, Scanner,
  TICKER_FIELDS,
} from '../../src/venues/bybit/decode/index.ts'
import { BTC, bytesOf, DATA, fixturesPresent, framesOf, instrumentOf } from './fixtures.ts'

/** Everything a decoder put out, copied, with exact bits: NaN and -0 included. */
function contentOf(kind: number, records: BybitRecords): unknown {
  const { book, trades, ticker } = records
  switch (kind) {
    case FRAME_BOOK:
      return {
        ...book, bidTicks: [...book.bidTicks.subarray(0, book.bidCount)], bidLots: [...book.bidLots.subarray(0, book.bidCount)],
        askTicks: [...book.askTicks.subarray(0, book.askCount)], askLots: [...book.askLots.subarray(0, book.askCount)],
      }
    case FRAME_TRADES: {
      const n = trades.count
      return { n, prices: [...trades.priceTicks.subarray(0, n)], lots: [...trades.lots.subarray(0, n)], times: [...trades.timeMs.subarray(0, n)], sides: [...trades.sides.subarray(0, n)], ids: trades.ids.slice(0, n) }
    }
    case FRAME_TICKER:
      return { ...ticker, fundingIntervalHours: records.fundingIntervalHours }
    case FRAME_KLINE:
      return records.klines
    case FRAME_LIQUIDATIONS:
      return records.liquidations
    case FRAME_PRICE_LIMITS:
      return records.priceLimits
    default:
      return { ...records.control }
  }
}

interface Outcome {
  readonly kind: number
  readonly content: unknown
  readonly error: string | null
}

function decodeWith(decoder: { decode(frame: Uint8Array): number }, records: BybitRecords, frame: Uint8Array): Outcome {
  try {
    const kind = decoder.decode(frame)
    return { kind, content: contentOf(kind, records), error: null }
  } catch (error) {
    return { kind: 0, content: null, error: errorLabel(error) }
  }
}

/** Frames of the generated tests that the scanner took by itself, so that they cannot pass by never meeting it. */
let scannedFrames = 0

/** Runs both ways over the same frames and demands the same output, frame by frame. */
function compare(instrument: Instrument, depth: number, frames: readonly Uint8Array[]): { readonly outcomes: readonly Outcome[]; readonly fallbacks: number } {
  const fast = new PublicDecoder(instrument, depth)
  const records = createBybitRecords()
  const strict = new JsonDecoder(instrument, depth, records)
  const outcomes = frames.map((frame) => {
    const expected = decodeWith(strict, records, frame)
    const before = fast.fallbacks
    expect(decodeWith(fast, fast.records, frame)).toStrictEqual(expected)
    if (expected.error === null && (expected.kind === FRAME_BOOK || expected.kind === FRAME_TRADES || expected.kind === FRAME_TICKER) && fast.fallbacks === before) scannedFrames++
    return expected
  })
  return { outcomes, fallbacks: fast.fallbacks }
}

const step = fc.constantFrom('0.10', '0.5', '0.0001', '1', '0.00025', '5', '0.01').map((text) => new DecimalStep(text))

const pad = (text: string, zeros: number): string => (zeros === 0 ? text : `${text.includes('.') ? text : `${text}.`}${'0'.repeat(zeros)}`)
const trim = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)

/** Decimal text on the grid, written in one of the ways the venue writes it. */
const onGrid = (grid: DecimalStep, least: number): fc.Arbitrary<string> =>
  fc.tuple(fc.oneof(fc.integer({ min: least, max: 5_000_000 }), fc.integer({ min: least, max: 40 })), fc.integer({ min: 0, max: 3 }), fc.boolean())
    .map(([steps, zeros, short]) => pad(short ? trim(grid.format(steps)) : grid.format(steps), zeros))

/** Text that is off the grid, too long, or no number. */
const offGrid = fc.constantFrom('NaN', '', '-1', '1e5', '1.', '.5', '0.00003', '12345678901234567', '123456789012.1234567', '+1', ' 1', '1 ', '0x10', '1,5', '00012', '-0', '0', '١', '1\u0000')

const stamp = fc.oneof(fc.integer({ min: 0, max: 2_000_000_000_000 }), fc.constant(0))
const chance = (percent: number): fc.Arbitrary<boolean> => fc.oneof({ weight: 100 - percent, arbitrary: fc.constant(false) }, { weight: percent, arbitrary: fc.constant(true) })

/** Rebuilds an object with its keys in another order. */
function shuffled(value: Record<string, unknown>, seed: readonly number[]): Record<string, unknown> {
  const keys = Object.keys(value)
  const order = keys.map((key, i) => [seed[i % seed.length]! + i / 100, key] as const).sort((a, b) => a[0] - b[0])
  return Object.fromEntries(order.map(([, key]) => [key, value[key]]))
}

const wild = fc.record({
  keyOrder: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 3, maxLength: 9 }) }),
  spaces: chance(20),
  escape: chance(10),
  cut: chance(10),
  extra: chance(15),
})

function write(frame: Record<string, unknown>, how: { readonly keyOrder: readonly number[] | null; readonly spaces: boolean; readonly escape: boolean; readonly cut: boolean; readonly extra: boolean }): Buffer {
  let value = how.extra ? { ...frame, id: 'more' } : frame
  if (how.keyOrder !== null) {
    value = shuffled(value, how.keyOrder)
    const data = value['data']
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) value['data'] = shuffled(data as Record<string, unknown>, how.keyOrder)
    else if (Array.isArray(data)) value['data'] = data.map((row) => shuffled(row as Record<string, unknown>, how.keyOrder!))
  }
  let text = JSON.stringify(value, null, how.spaces ? 1 : 0)
  if (how.escape) text = text.replace('BTC', '\\u0042TC')
  if (how.cut) text = text.slice(0, Math.floor(text.length * 0.8))
  return Buffer.from(text)
}

const bookFrame = (tick: DecimalStep, lot: DecimalStep): fc.Arbitrary<Record<string, unknown>> => {
  const level = fc.tuple(onGrid(tick, 1), fc.oneof(onGrid(lot, 0), fc.constant('0'))).map(([price, size]) => [price, size])
  const badLevel = fc.oneof(fc.tuple(offGrid, onGrid(lot, 0)), fc.tuple(onGrid(tick, 1), offGrid), fc.constant(['1']), fc.constant(['1', '1', '0'])).map((pair) => [...pair])
  const side = fc.oneof({ weight: 8, arbitrary: fc.array(level, { maxLength: 12 }) }, { weight: 1, arbitrary: fc.array(fc.oneof(level, badLevel), { maxLength: 5 }) })
  return fc.record({ type: fc.constantFrom('snapshot', 'delta'), ts: stamp, b: side, a: side, u: stamp, seq: fc.option(stamp, { nil: undefined }), cts: fc.option(stamp, { nil: undefined }) })
    .map(({ type, ts, b, a, u, seq, cts }) => ({ topic: 'orderbook.50.BTCUSDT', type, ts, data: { s: 'BTCUSDT', b, a, u, ...(seq === undefined ? {} : { seq }) }, ...(cts === undefined ? {} : { cts }) }))
}

const tradeFrame = (tick: DecimalStep, lot: DecimalStep): fc.Arbitrary<Record<string, unknown>> => {
  const text = (good: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof({ weight: 60, arbitrary: good }, { weight: 1, arbitrary: offGrid })
  const trade = fc.record({
    T: stamp, s: fc.constant('BTCUSDT'), S: fc.oneof({ weight: 40, arbitrary: fc.constantFrom('Buy', 'Sell') }, { weight: 1, arbitrary: fc.constant('buy') }), v: text(onGrid(lot, 1)), p: text(onGrid(tick, 1)), L: fc.constantFrom('PlusTick', 'ZeroMinusTick'),
    i: fc.oneof({ weight: 30, arbitrary: fc.uuid() }, { weight: 1, arbitrary: fc.constantFrom('ü', 'a"b', '') }), BT: fc.boolean(), RPI: fc.boolean(), seq: stamp,
  }, { requiredKeys: ['T', 's', 'S', 'v', 'p', 'i'] })
  return fc.record({ ts: stamp, data: fc.array(trade, { maxLength: 5 }) }).map(({ ts, data }) => ({ topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts, data }))
}

const number = fc.oneof(
  { weight: 40, arbitrary: fc.tuple(fc.integer({ min: -99_999, max: 999_999_999 }), fc.integer({ min: 0, max: 8 })).map(([whole, digits]) => (whole / 10 ** digits).toFixed(digits)) },
  { weight: 10, arbitrary: fc.constantFrom('141946527.22907118', '0.000000000000000001', '-0.0000', '', '9007199254740993') },
  { weight: 1, arbitrary: fc.constantFrom('1e5', 'x', '-', '1.') },
)
const tickerFrame = fc.record({
  tickDirection: fc.constant('PlusTick'), lastPrice: number, markPrice: number, indexPrice: number, bid1Price: number, ask1Price: number, volume24h: number, turnover24h: number,
  highPrice24h: number, lowPrice24h: number, prevPrice24h: number, prevPrice1h: number, fundingRate: number, nextFundingTime: number, bid1Size: number, openInterest: number, lastPrixe: number,
}, { requiredKeys: [] }).chain((data) => fc.record({ type: fc.constantFrom('snapshot', 'delta'), ts: stamp, cs: stamp }).map(({ type, ts, cs }) => ({ topic: 'tickers.BTCUSDT', type, data: { symbol: 'BTCUSDT', ...data }, cs, ts })))

describe('the byte scanner gives bit for bit what JSON.parse gives', () => {
  beforeEach(() => void (scannedFrames = 0))

  it('on generated book frames: any grid, key order, whitespace, re-padded zeros, escapes, cuts, bad values', () => {
    fc.assert(fc.property(step, step, (tick, lot) => {
      const instrument = { ...BTC, tick, lot }
      fc.assert(fc.property(bookFrame(tick, lot), wild, (frame, how) => void compare(instrument, 50, [write(frame, how)])), { numRuns: 20 })
    }), { numRuns: 60 })
    expect(scannedFrames).toBeGreaterThan(200)
  })

  it('on generated trade frames', () => {
    fc.assert(fc.property(step, step, (tick, lot) => {
      fc.assert(fc.property(tradeFrame(tick, lot), wild, (frame, how) => void compare({ ...BTC, tick, lot }, 50, [write(frame, how)])), { numRuns: 30 })
    }), { numRuns: 50 })
    expect(scannedFrames).toBeGreaterThan(200)
  })

  it('on sequences of ticker snapshots and deltas, whose merged state must agree after each', () => {
    fc.assert(fc.property(fc.array(fc.tuple(tickerFrame, wild), { minLength: 1, maxLength: 8 }), (frames) => void compare(BTC, 50, frames.map(([frame, how]) => write(frame, how)))), { numRuns: 300 })
    expect(scannedFrames).toBeGreaterThan(200)
  })

  it('on frames with repeated keys, long numbers and other traps that JSON decides in its own way', () => {
    const book = (data: string, envelope = ''): string => `{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":5${envelope},"data":{"s":"BTCUSDT",${data}}}`
    const trade = (fields: string): string => `{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":5,"data":[{"T":1,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"1.0","i":"x"${fields}}]}`
    const ticker = (fields: string, envelope = ''): string => `{"topic":"tickers.BTCUSDT","type":"delta","ts":5${envelope},"data":{"symbol":"BTCUSDT","lastPrice":"1.5"${fields}}}`
    const frames = [
      book('"b":[],"a":[],"u":7,"seq":8', ',"ts":6'), book('"b":[],"a":[],"u":7,"seq":8', ',"type":"snapshot"'), book('"b":[],"a":[],"u":7,"u":8'), book('"b":[],"a":[],"u":7,"seq":8,"seq":9'),
      book('"b":[["1.0","1"]],"a":[],"b":[],"u":7'), book('"b":[],"a":[],"u":7}').slice(0, -1), `${book('"b":[],"a":[],"u":7')}}`, `${book('"b":[],"a":[],"u":7')} `, book('"b":[],"a":[],"u":07'), book('"b":[],"a":[],"u":7.0'), book('"b":[],"a":[],"u":-0'),
      book('"b":[],"a":[],"u":9007199254740991'), book('"b":[],"a":[],"u":9007199254740993'), book('"b":[],"a":[],"u":1e3'),
      ...['12345678901234567', '123456789012345678', '900719925474099.1', '900719925474099.3', '99999999999999.9', '000000000000000000001.0', '100000000000000.0', '1.00000000000000000000', '0.10000000000000000000001'].flatMap((text) => [
        book(`"b":[["${text}","1"]],"a":[],"u":7`), book(`"b":[["1.0","${text}"]],"a":[],"u":7`), trade(`,"p":"${text}"`), trade('').replace('"0.001"', `"${text}"`), trade('').replace('"1.0"', `"${text}"`), ticker(`,"markPrice":"${text}"`),
      ]),
      trade(',"i":"y"'), trade(',"T":2'), trade(',"S":"Sell"'), trade(',"BT":true,"BT":false'), trade(',"seq":1,"seq":2'), trade(',"X":1'), trade(',"L":"a\\nb"'), trade(',"L":"a\nb"'), trade(',"RPI":null'), trade(',"BT":"true"'),
      ticker(',"lastPrice":"2.5"'), ticker(',"symbol":"ETHUSDT"'), ticker(',"lastPr\\u0069ce":"2.5"'), ticker(',"":"x"'), ticker(',"tickDirection":"ü"'), ticker(',"markPrice":null'), ticker(',"openInterest":5'), ticker('', ',"cs":1,"cs":2'), ticker('', ',"cs":"1"'),
    ]
    const { outcomes, fallbacks } = compare(BTC, 50, frames.map(bytesOf))
    expect(fallbacks).toBeGreaterThan(10)
    expect(outcomes.filter((outcome) => outcome.error !== null).length).toBeGreaterThan(10)
  })

  it('on every frame of a book frame damaged in one byte', () => {
    const frame = bytesOf({ topic: 'orderbook.50.BTCUSDT', type: 'delta', ts: 1687940967466, data: { s: 'BTCUSDT', b: [['30247.20', '30.028'], ['30240.00', '0']], a: [['30248.70', '0']], u: 177400507, seq: 66544703342 }, cts: 1687940967464 })
    const damaged: Buffer[] = []
    for (let i = 0; i < frame.length; i++) {
      for (const byte of [0, 9, 32, 34, 45, 46, 48, 57, 91, 92, 93, 101, 123, 125, 200]) {
        const copy = Buffer.from(frame)
        copy[i] = byte
        damaged.push(copy)
      }
      damaged.push(frame.subarray(0, i))
    }
    const { outcomes } = compare(BTC, 50, damaged)
    // Most damage is noticed; a digit for a digit on the grid cannot be.
    expect(outcomes.filter((outcome) => outcome.error !== null).length).toBeGreaterThan(damaged.length / 2)
  })
})

describe('the scanner itself reads the venue\'s own form', () => {
  it('takes compact frames in the documented order without JSON.parse', () => {
    const records = createBybitRecords()
    const scanner = new Scanner(BTC, 50, records)
    expect(scanner.scan(bytesOf({ topic: 'orderbook.50.BTCUSDT', type: 'delta', ts: 5, data: { s: 'BTCUSDT', b: [['30247.20', '30.028'], ['30240.00', '0']], a: [], u: 7, seq: 9 }, cts: 4 }))).toBe(FRAME_BOOK)
    expect(contentOf(FRAME_BOOK, records)).toMatchObject({ snapshot: false, updateId: 7, sequence: 9, pushTimeMs: 5, venueTimeMs: 4, bidTicks: [302472, 302400], bidLots: [30028, 0], askTicks: [] })
    expect(scanner.scan(bytesOf({ topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: 5, data: [{ T: 4, s: 'BTCUSDT', S: 'Sell', v: '0.001', p: '16578.50', L: 'PlusTick', i: 'x-1', BT: false, RPI: true, seq: 3 }] }))).toBe(FRAME_TRADES)
    expect(contentOf(FRAME_TRADES, records)).toStrictEqual({ n: 1, prices: [165785], lots: [1], times: [4], sides: [1], ids: ['x-1'] })
    expect(scanner.scan(bytesOf({ topic: 'tickers.BTCUSDT', type: 'delta', data: { symbol: 'BTCUSDT', lastPrice: '1.5', turnover24h: '141946527.22907118' }, cs: 1, ts: 2 }))).toBe(FRAME_TICKER)
    expect(records.ticker).toMatchObject({ lastPrice: 1.5, turnover24h: 141946527.22907118, venueTimeMs: 2 })
  })

  it('leaves what it does not know to the JSON decoder and counts it', () => {
    const decoder = new PublicDecoder(BTC, 50)
    const frame = { topic: 'orderbook.50.BTCUSDT', type: 'delta', ts: 5, data: { s: 'BTCUSDT', a: [], b: [['30247.2', '1']], u: 7, seq: 9 } }
    expect(new Scanner(BTC, 50, createBybitRecords()).scan(bytesOf(frame))).toBe(NOT_SCANNED)
    expect(decoder.decode(bytesOf(frame))).toBe(FRAME_BOOK)
    expect(decoder.fallbacks).toBe(1)
    expect(decoder.decode(bytesOf({ success: true, ret_msg: 'pong', conn_id: 'c', req_id: 'p', op: 'ping' }))).toBe(FRAME_CONTROL)
    expect(decoder.fallbacks).toBe(1)
  })

  it('takes plain byte arrays as well as Buffers', () => {
    const decoder = new PublicDecoder(BTC, 50)
    const whole = bytesOf({ topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: 5, data: [{ T: 4, s: 'BTCUSDT', S: 'Buy', v: '0.002', p: '16578.50', i: 'id-7' }] })
    const inside = new Uint8Array(whole.length + 9).fill(120)
    inside.set(whole, 5)
    expect(decoder.decode(inside.subarray(5, 5 + whole.length))).toBe(FRAME_TRADES)
    expect(decoder.fallbacks).toBe(0)
    expect(decoder.records.trades.ids[0]).toBe('id-7')
  })

  it('gives trades in the order of time also when the frame does not', () => {
    const decoder = new PublicDecoder(BTC, 50)
    const trade = (T: number, i: string): unknown => ({ T, s: 'BTCUSDT', S: 'Buy', v: '0.002', p: '16578.50', i })
    decoder.decode(bytesOf({ topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: 9, data: [trade(3, 'c'), trade(1, 'a'), trade(3, 'd'), trade(2, 'b')] }))
    expect(decoder.records.trades.ids.slice(0, 4)).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('a bad frame is refused whole, with a code', () => {
  const book = (change: Record<string, unknown>, data: Record<string, unknown> = {}): unknown => ({ topic: 'orderbook.50.BTCUSDT', type: 'delta', ts: 5, data: { s: 'BTCUSDT', b: [['30247.20', '1']], a: [], u: 7, seq: 9, ...data }, ...change })
  const cases: readonly (readonly [name: string, frame: unknown, code: string])[] = [
    ['price off the tick', book({}, { b: [['30247.25', '1']] }), 'RM_VENUE_FRAME_FIELD'],
    ['size off the lot', book({}, { a: [['30247.20', '0.0005']] }), 'RM_VENUE_FRAME_FIELD'],
    ['negative size', book({}, { b: [['30247.20', '-1']] }), 'RM_VENUE_FRAME_FIELD'],
    ['price of zero', book({}, { b: [['0.00', '1']] }), 'RM_VENUE_FRAME_FIELD'],
    ['NaN as text', book({}, { b: [['NaN', '1']] }), 'RM_VENUE_FRAME_FIELD'],
    ['exponent', book({}, { b: [['3e4', '1']] }), 'RM_VENUE_FRAME_FIELD'],
    ['number instead of text', book({}, { b: [[30247.2, '1']] }), 'RM_VENUE_FRAME_FIELD'],
    ['three texts in a level', book({}, { b: [['30247.2', '1', '0']] }), 'RM_VENUE_FRAME_FIELD'],
    ['bids missing', book({}, { b: undefined }), 'RM_VENUE_FRAME_FIELD'],
    ['null side', book({}, { a: null }), 'RM_VENUE_FRAME_FIELD'],
    ['update id as text', book({}, { u: '7' }), 'RM_VENUE_FRAME_FIELD'],
    ['update id beyond exact integers', book({}, { u: 2 ** 53 }), 'RM_VENUE_FRAME_FIELD'],
    ['no type', book({ type: undefined }), 'RM_VENUE_FRAME_FIELD'],
    ['foreign symbol inside', book({}, { s: 'ETHUSDT' }), 'RM_VENUE_FRAME_SYMBOL'],
    ['foreign topic', book({ topic: 'orderbook.50.ETHUSDT' }), 'RM_VENUE_FRAME_TOPIC'],
    ['other depth', book({ topic: 'orderbook.200.BTCUSDT' }), 'RM_VENUE_FRAME_TOPIC'],
    ['rpi book', book({ topic: 'orderbook.rpi.BTCUSDT' }), 'RM_VENUE_FRAME_TOPIC'],
    ['too many levels', book({}, { b: Array.from({ length: LEVELS_PER_FRAME_MAX + 1 }, () => ['1', '1']) }), 'RM_VENUE_FRAME_COUNT'],
    ['too many trades', { topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: 1, data: Array.from({ length: limits.tradesPerFrameMax + 1 }, (_, i) => ({ T: 1, s: 'BTCUSDT', S: 'Buy', v: '1', p: '1', i: String(i) })) }, 'RM_VENUE_FRAME_COUNT'],
    ['trade of size zero', { topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: 1, data: [{ T: 1, s: 'BTCUSDT', S: 'Buy', v: '0', p: '1', i: 'x' }] }, 'RM_VENUE_FRAME_FIELD'],
    ['trade without id', { topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: 1, data: [{ T: 1, s: 'BTCUSDT', S: 'Buy', v: '1', p: '1' }] }, 'RM_VENUE_FRAME_FIELD'],
    ['ticker with a number', { topic: 'tickers.BTCUSDT', type: 'delta', ts: 1, data: { symbol: 'BTCUSDT', lastPrice: 5 } }, 'RM_VENUE_FRAME_FIELD'],
    ['candle upside down', { topic: 'kline.1.BTCUSDT', type: 'snapshot', ts: 1, data: [{ start: 1, end: 2, interval: '1', open: '5', close: '6', high: '4', low: '3', volume: '1', turnover: '1', confirm: false, timestamp: 1 }] }, 'RM_VENUE_FRAME_FIELD'],
    ['candle of no interval', { topic: 'kline.7.BTCUSDT', type: 'snapshot', ts: 1, data: [] }, 'RM_VENUE_FRAME_FIELD'],
    ['liquidation of no side', { topic: 'allLiquidation.BTCUSDT', type: 'snapshot', ts: 1, data: [{ T: 1, s: 'BTCUSDT', S: 'Long', v: '1', p: '1' }] }, 'RM_VENUE_FRAME_FIELD'],
    ['liquidation at zero', { topic: 'allLiquidation.BTCUSDT', type: 'snapshot', ts: 1, data: [{ T: 1, s: 'BTCUSDT', S: 'Buy', v: '1', p: '0' }] }, 'RM_VENUE_FRAME_FIELD'],
    ['liquidation of nothing', { topic: 'allLiquidation.BTCUSDT', type: 'snapshot', ts: 1, data: [{ T: 1, s: 'BTCUSDT', S: 'Buy', v: '0', p: '1' }] }, 'RM_VENUE_FRAME_FIELD'],
    ['liquidation of another symbol', { topic: 'allLiquidation.BTCUSDT', type: 'snapshot', ts: 1, data: [{ T: 1, s: 'ETHUSDT', S: 'Buy', v: '1', p: '1' }] }, 'RM_VENUE_FRAME_SYMBOL'],
    ['liquidation row that is a list', { topic: 'allLiquidation.BTCUSDT', type: 'snapshot', ts: 1, data: [[]] }, 'RM_VENUE_FRAME_FIELD'],
    ['price band upside down', { topic: 'priceLimit.BTCUSDT', ts: 1, data: { symbol: 'BTCUSDT', buyLmt: '5', sellLmt: '6' } }, 'RM_VENUE_ROW'],
    ['price band without an end', { topic: 'priceLimit.BTCUSDT', ts: 1, data: { symbol: 'BTCUSDT', buyLmt: '5', sellLmt: '' } }, 'RM_VENUE_ROW'],
    ['price band of another symbol', { topic: 'priceLimit.BTCUSDT', ts: 1, data: { symbol: 'ETHUSDT', buyLmt: '6', sellLmt: '5' } }, 'RM_VENUE_FRAME_SYMBOL'],
    ['truncated JSON', '{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":5,"data":{"s":"BTCUSDT","b":[["30', 'RM_VENUE_FRAME_JSON'],
    ['a list', '[1,2]', 'RM_VENUE_FRAME_JSON'],
    ['an empty frame', '', 'RM_VENUE_FRAME_JSON'],
    ['binary rubbish', '\u0000\u0001\ufffd', 'RM_VENUE_FRAME_JSON'],
    ['neither topic nor op', '{"hello":1}', 'RM_VENUE_FRAME_JSON'],
    ['a giant', `{"topic":"${'x'.repeat(limits.frameBytesMax)}"}`, 'RM_VENUE_FRAME_SIZE'],
  ]
  it.each(cases)('%s', (_name, frame, code) => {
    const decoder = new PublicDecoder(BTC, 50)
    expect(decodeWith(decoder, decoder.records, bytesOf(frame)).error).toBe(code)
  })

  it('and a bad ticker delta changes nothing of the ticker, not even the fields before the bad one', () => {
    const decoder = new PublicDecoder(BTC, 50)
    decoder.decode(bytesOf({ topic: 'tickers.BTCUSDT', type: 'snapshot', ts: 1, data: { symbol: 'BTCUSDT', lastPrice: '100.5', markPrice: '101', fundingRate: '0.0001' } }))
    const before = { ...decoder.records.ticker }
    expect(decodeWith(decoder, decoder.records, bytesOf({ topic: 'tickers.BTCUSDT', type: 'delta', ts: 2, data: { symbol: 'BTCUSDT', lastPrice: '99', markPrice: 'x' } })).error).toBe('RM_VENUE_FRAME_FIELD')
    expect(decoder.records.ticker).toStrictEqual(before)
  })
})

describe.skipIf(!fixturesPresent)('recorded and documented public frames (needs fixtures: RINGMASTER_FIXTURES)', () => {
  it('book: recorded snapshot and delta', () => {
    const { outcomes, fallbacks } = compare(instrumentOf('BTCPERP', '0.10', '0.001'), 50, framesOf('ws_public_orderbook_recorded').map(bytesOf))
    expect(fallbacks).toBe(0)
    expect(outcomes.map((outcome) => outcome.content)).toMatchObject([
      { snapshot: true, updateId: 20683568, sequence: 10916156551, bidTicks: [285552], bidLots: [597], askTicks: [285553], askLots: [225], venueTimeMs: 1680673821591 },
      { snapshot: false, updateId: 20683569, bidTicks: [285552], bidLots: [677], askTicks: [285553], askLots: [29] },
    ])
  })

  it('book of depth 1 with deltas, and the documented delta with the engine time beside the data', () => {
    expect(compare(BTC, 1, framesOf('ws_public_orderbook1_recorded').map(bytesOf))).toMatchObject({ fallbacks: 0, outcomes: [{ kind: FRAME_BOOK }, { kind: FRAME_BOOK }, { content: { bidTicks: [279946, 279917], bidLots: [0, 777] } }] })
    expect(compare(BTC, 50, framesOf('ws_public_orderbook_delta_docs').map(bytesOf))).toMatchObject({ fallbacks: 0, outcomes: [{ content: { venueTimeMs: 1687940967464, pushTimeMs: 1687940967466, bidCount: 5, askCount: 7 } }] })
  })

  it('trades: recorded, and with the later fields', () => {
    expect(compare(instrumentOf('LTCUSDT', '0.01', '0.1'), 50, framesOf('ws_public_publicTrade_recorded').map(bytesOf))).toMatchObject({
      fallbacks: 0, outcomes: [{ content: { n: 1, prices: [9453], lots: [4], sides: [0], times: [1680688979983], ids: ['4c7b6bdc-b4a3-5716-9c7b-bbe01dc7072f'] } }],
    })
    expect(compare(BTC, 50, framesOf('ws_public_publicTrade_docs').map(bytesOf)).fallbacks).toBe(0)
  })

  it('tickers: an absent field of a delta is unchanged', () => {
    const { outcomes, fallbacks } = compare(BTC, 50, framesOf('ws_public_tickers_2026_recorded').map(bytesOf))
    expect(fallbacks).toBe(0)
    expect(outcomes[1]!.content).toMatchObject({ indexPrice: 63986.66, markPrice: 63958.6, fundingRate: 0.0000544, nextFundingMs: 1786550400000, volume24h: 61874.639, bidPrice: 63958.6, open24h: 64283.9, venueTimeMs: 1786540397983 })
    expect(compare(BTC, 50, framesOf('ws_public_tickers_2023_recorded').map(bytesOf)).fallbacks).toBe(0)
    expect(compare(BTC, 50, framesOf('ws_public_tickers_linear_docs').map(bytesOf)).outcomes[0]!.content).toMatchObject({ lastPrice: 21109.77, markPrice: Number.NaN })
  })

  it('candles, acknowledgements, pongs and refusals', () => {
    const { outcomes } = compare(BTC, 50, ['ws_public_kline_docs', 'ws_public_pong', 'ws_subscribe_ack', 'ws_subscribe_error_topic', 'ws_subscribe_failure'].flatMap(framesOf).map(bytesOf))
    expect(outcomes.map((outcome) => outcome.content)).toMatchObject([
      [{ intervalMs: 300_000, startMs: 1672324800000, openTicks: 166495, closeTicks: 166770, lots: 2081, closed: false }],
      { op: 'ping', success: true, text: 'pong' },
      { op: 'subscribe', success: true, requestId: 'sub-orderbook-1' },
      { op: 'subscribe', success: false, requestId: '', text: 'error:handler not found,topic:orderbook.500.BTCUSDT' },
      { op: 'subscribe', success: false, text: 'Invalid topic: invalid.topic.BTCUSDT' },
    ])
  })

  it('liquidations: the side is that of the closing order, the price may lie between ticks', () => {
    expect(compare(instrumentOf('ROSEUSDT', '0.00001', '1'), 50, framesOf('ws_public_allLiquidation_docs').map(bytesOf)).outcomes).toEqual([
      { kind: FRAME_LIQUIDATIONS, error: null, content: [{ side: BUY, priceTicks: 4499, lots: 20_000, timeMs: 1739502302929 }] },
    ])
    expect(compare(instrumentOf('PIPPINUSDT', '0.0001', '1'), 50, framesOf('ws_public_allLiquidation_recorded').map(bytesOf)).outcomes).toMatchObject([{ kind: FRAME_LIQUIDATIONS, content: [{ side: BUY, lots: 2846 }] }])
    const frame = { topic: 'allLiquidation.BTCUSDT', type: 'snapshot', ts: 5, data: [{ T: 4, s: 'BTCUSDT', S: 'Buy', v: '0.002', p: '30000.15' }] }
    expect(compare(BTC, 50, [bytesOf(frame)]).outcomes).toMatchObject([{ content: [{ side: SELL, priceTicks: 300_001.5, lots: 2 }] }])
  })

  it('price band: the highest buy and the lowest sell that lie inside', () => {
    expect(compare(BTC, 50, framesOf('ws_public_priceLimit_docs').map(bytesOf)).outcomes).toEqual([
      { kind: FRAME_PRICE_LIMITS, error: null, content: { highestBuyTicks: 1_144_500, lowestSellTicks: 1_035_500, enabled: true, timeMs: 1750059683782 } },
    ])
    const between = { topic: 'priceLimit.BTCUSDT', ts: 5, data: { symbol: 'BTCUSDT', buyLmt: '30000.19', sellLmt: '29000.11' } }
    expect(compare(BTC, 50, [bytesOf(between)]).outcomes).toMatchObject([{ content: { highestBuyTicks: 300_001, lowestSellTicks: 290_002 } }])
  })

  it('topics that nobody subscribed are refused by name', () => {
    const names = ['ws_public_orderbook_full_docs', 'ws_public_orderbook_rpi_docs']
    expect(compare(BTC, 50, names.flatMap(framesOf).map(bytesOf)).outcomes.map((outcome) => outcome.error)).toEqual(names.map(() => 'RM_VENUE_FRAME_TOPIC'))
  })
})

const CAPTURE = `${DATA}/ws_bybit_v5/2024-12-01_XRPUSDT_ob500.data.gz`
describe.skipIf(!existsSync(CAPTURE))('recorded depth-500 capture (needs recorded data: RINGMASTER_DATA)', () => {
  it('is scanned without a fallback, bit-equal, in contiguous updates, and makes a book that never crosses', () => {
    const lines = gunzipSync(readFileSync(CAPTURE)).toString('utf8').split('\n').map((line) => line.trim()).filter((line) => line !== '')
    const instrument = instrumentOf('XRPUSDT', '0.0001', '1')
    const { outcomes, fallbacks } = compare(instrument, 500, lines.map(bytesOf))
    expect(lines).toHaveLength(50)
    expect(fallbacks).toBe(0)
    const bids = new Map<number, number>()
    const asks = new Map<number, number>()
    let previous = 20254868
    for (const { kind, content } of outcomes) {
      expect(kind).toBe(FRAME_BOOK)
      const book = content as { snapshot: boolean; updateId: number; bidTicks: number[]; bidLots: number[]; askTicks: number[]; askLots: number[] }
      expect(book.updateId).toBe(previous + 1)
      previous = book.updateId
      book.bidTicks.forEach((price, i) => (book.bidLots[i] === 0 ? bids.delete(price) : bids.set(price, book.bidLots[i]!)))
      book.askTicks.forEach((price, i) => (book.askLots[i] === 0 ? asks.delete(price) : asks.set(price, book.askLots[i]!)))
      expect([bids.size, asks.size]).toEqual([500, 500])
      expect(Math.max(...bids.keys())).toBeLessThan(Math.min(...asks.keys()))
    }
  })
})

it('every ticker field of the port is fed by one key of the venue', () => {
  const decoder = new PublicDecoder(BTC, 50)
  decoder.decode(bytesOf({
    topic: 'tickers.BTCUSDT', type: 'snapshot', ts: 99,
    data: { symbol: 'BTCUSDT', lastPrice: '1', markPrice: '2', indexPrice: '3', bid1Price: '4', ask1Price: '5', volume24h: '6', turnover24h: '7', highPrice24h: '8', lowPrice24h: '9', prevPrice24h: '10', fundingRate: '11', nextFundingTime: '12', openInterest: '13', fundingIntervalHour: '14' },
  }))
  expect(TICKER_FIELDS.map((field) => decoder.records.ticker[field])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
  expect(decoder.records.fundingIntervalHours).toBe(14)
  expect(decoder.fallbacks).toBe(0)
})
