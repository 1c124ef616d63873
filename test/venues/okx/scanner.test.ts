import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { DecimalStep, errorLabel, limits } from '../../../src/core/index.ts'
import type { OkxContract } from '../../../src/venues/okx/contracts.ts'
import {
  createOkxRecords, FRAME_BOOK, FRAME_TICKER, FRAME_TRADES, JsonDecoder, NOT_SCANNED, type OkxRecords, PublicDecoder, Scanner, TICKER_KEYS,
} from '../../../src/venues/okx/decode/index.ts'
import { bytesOf } from '../fixtures.ts'
import { BTC, type Row } from './okx-world.ts'

/*
 * The JSON decoder is the definition, the scanner an optimisation: on every frame they say the same, or the scanner
 * says nothing.
 */

const contractOf = (tick: DecimalStep, size: DecimalStep): OkxContract => ({ instId: 'BTC-USDT-SWAP', instIdCode: 10459, coins: '0.01', groupId: '', size, instrument: { ...BTC, tick } })
const SWAP = contractOf(new DecimalStep('0.1'), new DecimalStep('0.01'))
const arg = (channel: string): Row => ({ channel, instId: 'BTC-USDT-SWAP' })

/** What a record says after a frame of this kind. */
function contentOf(kind: number, { book, trades, ticker, previousSequence }: OkxRecords): unknown {
  if (kind === FRAME_BOOK) {
    const { bidTicks, bidLots, askTicks, askLots, bidCount, askCount, ...rest } = book
    return { ...rest, previousSequence, bids: [[...bidTicks.subarray(0, bidCount)], [...bidLots.subarray(0, bidCount)]], asks: [[...askTicks.subarray(0, askCount)], [...askLots.subarray(0, askCount)]] }
  }
  if (kind === FRAME_TRADES) {
    const { count, priceTicks, lots, timeMs, sides, ids } = trades
    return [count, [...priceTicks.subarray(0, count)], [...lots.subarray(0, count)], [...timeMs.subarray(0, count)], [...sides.subarray(0, count)], ids.slice(0, count)]
  }
  return { ...ticker }
}

interface Compared { readonly scanned: boolean; readonly content: unknown; readonly error: string }

interface Pair { readonly scanner: Scanner; readonly scanned: OkxRecords; readonly json: JsonDecoder; readonly meant: OkxRecords }
const pairs = new Map<string, Pair>()

function pairOf(contract: OkxContract, channel: string): Pair {
  const key = `${contract.instrument.tick.text} ${contract.size.text} ${channel}`
  let pair = pairs.get(key)
  if (pair === undefined) {
    const scanned = createOkxRecords()
    const meant = createOkxRecords()
    pair = { scanner: new Scanner(contract, channel, scanned), scanned, json: new JsonDecoder(contract, channel, meant), meant }
    pairs.set(key, pair)
  }
  return pair
}

/** Runs both over a frame, on records of their own. */
function compare(bytes: Uint8Array, contract: OkxContract, channel: string): Compared {
  const { scanner, scanned, json, meant } = pairOf(contract, channel)
  const before = { ...scanned.ticker }
  const kind = scanner.scan(bytes)
  let content: unknown = null
  let error = ''
  let wanted: number = NOT_SCANNED
  try {
    wanted = json.decode(bytes)
    content = contentOf(wanted, meant)
  } catch (problem) {
    error = errorLabel(problem)
    expect(error).toMatch(/^RM_VENUE_FRAME_/)
  }
  if (kind === NOT_SCANNED) {
    expect(scanned.ticker).toStrictEqual(before)
    Object.assign(scanned.ticker, meant.ticker)
  } else {
    expect(error).toBe('')
    expect(kind).toBe(wanted)
    expect(contentOf(kind, scanned)).toStrictEqual(content)
  }
  return { scanned: kind !== NOT_SCANNED, content, error }
}

const grids = fc.constantFrom('0.10', '0.5', '0.0001', '1', '0.00025', '5', '0.01', '10').map((text) => new DecimalStep(text))
const onGrid = (grid: DecimalStep, least: number): fc.Arbitrary<string> =>
  fc.tuple(fc.integer({ min: least, max: 5_000_000 }), fc.integer({ min: 0, max: 3 }), fc.boolean()).map(([steps, zeros, pad]) => {
    const text = grid.format(steps)
    return pad && text.includes('.') ? text + '0'.repeat(zeros) : text
  })
const odd = fc.constantFrom('', '-1', '1e5', '1.', '.5', '0.00003', '12345678901234567', '123456789012.1234567', '+1', ' 1', '0x10', '1,5', '00012', '-0', '0', 'NaN')
const mostly = <T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<T>, weight = 40): fc.Arbitrary<T> => fc.oneof({ weight, arbitrary: good }, { weight: 1, arbitrary: bad })
const stamp = mostly(fc.integer({ min: 0, max: 2_000_000_000_000 }).map(String), fc.constantFrom('', '-1', '1.5', '007', '99999999999999999'))
const number = mostly(fc.integer({ min: 0, max: 2_000_000_000_000 }), fc.constantFrom(-1, -2, 1.5, 2 ** 53, 1e21))

/** The keys of an object in another order. */
const shuffled = (row: Row, order: readonly number[]): Row => Object.fromEntries(Object.entries(row).map((entry, i) => [order[i % order.length] ?? 0, entry] as const).sort(([a], [b]) => a - b).map(([, entry]) => entry))
const order: fc.Arbitrary<readonly number[]> = mostly<readonly number[]>(fc.constant([0]), fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 9 }), 3)

/** Frames as text: compact, sometimes with whitespace, an escape, a byte changed, or the end cut off. */
const written = (frame: fc.Arbitrary<Row>): fc.Arbitrary<Buffer> =>
  fc.tuple(frame, fc.nat(), fc.oneof({ weight: 6, arbitrary: fc.constant('whole') }, { weight: 1, arbitrary: fc.constantFrom('spaced', 'cut', 'byte', 'escaped', 'twice') }), fc.integer({ min: 0, max: 127 })).map(([row, at, how, byte]) => {
    const text = JSON.stringify(row)
    if (how === 'spaced') return bytesOf(JSON.stringify(row, null, 1))
    if (how === 'cut') return bytesOf(text.slice(0, at % text.length))
    if (how === 'escaped') return bytesOf(text.replace('"channel"', '"\\u0063hannel"'))
    if (how === 'twice') return bytesOf(text.replace(/"ts":"(\d*)"/, '"ts":"$1","ts":"5"'))
    const bytes = bytesOf(text)
    if (how === 'byte') bytes[at % bytes.length] = byte
    return bytes
  })

const bookFrame = (channel: string, tick: DecimalStep, size: DecimalStep): fc.Arbitrary<Row> => {
  const level = fc.tuple(mostly(onGrid(tick, 1), odd), mostly(onGrid(size, 0), odd), mostly(fc.constant('0'), odd), mostly(fc.nat(500).map(String), odd)).map((parts) => [...parts] as unknown[])
  const side = fc.array(mostly(level, fc.constantFrom<unknown[]>(['1'], ['1', '1'], ['1', '1', '0', '1', '2'], [1, 1, 0, 1]), 60), { maxLength: 6 })
  const row = fc.record({
    asks: side, bids: side, instId: fc.option(mostly(fc.constant('BTC-USDT-SWAP'), fc.constant('X')), { nil: undefined }), ts: stamp, checksum: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 }), { nil: undefined }),
    prevSeqId: fc.option(mostly(number, fc.constant(-1), 2), { nil: undefined }), seqId: fc.option(number, { nil: undefined }),
  })
  return fc.tuple(row, order, fc.constantFrom('snapshot', 'update')).map(([one, keys, action]) => ({ arg: arg(channel), ...(channel === 'books' ? { action } : {}), data: [shuffled(one, keys)] }))
}
const tradeFrame = (tick: DecimalStep, size: DecimalStep): fc.Arbitrary<Row> => {
  const trade = fc.record({
    instId: mostly(fc.constant('BTC-USDT-SWAP'), fc.constant('X'), 80), tradeId: mostly(fc.nat().map(String), fc.constantFrom('', 'ü', 'a"b')), px: mostly(onGrid(tick, 1), odd), sz: mostly(onGrid(size, 1), odd),
    side: mostly(fc.constantFrom('buy', 'sell'), fc.constant('Buy')), ts: stamp, count: fc.option(fc.nat().map(String), { nil: undefined }), source: fc.option(fc.constant('0'), { nil: undefined }), seqId: fc.option(fc.nat(), { nil: undefined }),
  })
  return fc.array(fc.tuple(trade, order).map(([one, keys]) => shuffled(one, keys)), { maxLength: 4 }).map((data) => ({ arg: arg('trades'), data }))
}
const decimalText = fc.oneof(
  { weight: 30, arbitrary: fc.tuple(fc.integer({ min: -99_999, max: 999_999_999 }), fc.nat(8)).map(([whole, digits]) => (whole / 10 ** digits).toFixed(digits)) },
  { weight: 6, arbitrary: fc.constantFrom('141946527.22907118', '0.000000000000000001', '-0.0000', '', '9007199254740993') }, { weight: 1, arbitrary: fc.constantFrom('1e5', 'x', '-', '1.') },
)
const tickerFrame = fc.tuple(fc.array(decimalText, { minLength: 12, maxLength: 12 }), stamp, order).map(([texts, ts, keys]) => {
  const names = ['instType', 'instId', 'last', 'lastSz', 'askPx', 'askSz', 'bidPx', 'bidSz', 'open24h', 'high24h', 'low24h', 'sodUtc0', 'volCcy24h', 'vol24h']
  const row = Object.fromEntries(names.map((name, i) => [name, i === 0 ? 'SWAP' : i === 1 ? 'BTC-USDT-SWAP' : texts[i - 2]]))
  return { arg: arg('tickers'), data: [shuffled({ ...row, ts }, keys)] }
})

describe('the byte scanner gives bit for bit what JSON.parse gives, or nothing', () => {
  it.each(['books', 'books5', 'bbo-tbt'])('on generated frames of %s: any grid, order of keys, odd values, damaged bytes', (channel) => {
    let scanned = 0
    fc.assert(fc.property(grids, grids, (tick, size) => {
      fc.assert(fc.property(written(bookFrame(channel, tick, size)), (bytes) => {
        if (compare(bytes, contractOf(tick, size), channel).scanned) scanned++
      }), { numRuns: 20 })
    }), { numRuns: 20 })
    expect(scanned).toBeGreaterThan(60)
  })

  it('on generated trades', () => {
    let scanned = 0
    fc.assert(fc.property(grids, grids, (tick, size) => {
      fc.assert(fc.property(written(tradeFrame(tick, size)), (bytes) => {
        if (compare(bytes, contractOf(tick, size), 'books').scanned) scanned++
      }), { numRuns: 25 })
    }), { numRuns: 20 })
    expect(scanned).toBeGreaterThan(60)
  })

  it('on generated tickers', () => {
    let scanned = 0
    fc.assert(fc.property(written(tickerFrame), (bytes) => {
      if (compare(bytes, SWAP, 'books').scanned) scanned++
    }), { numRuns: 500 })
    expect(scanned).toBeGreaterThan(60)
  })

  it('on every single byte of a book frame, a trade and a ticker replaced by something else', () => {
    const frames = [
      { arg: arg('books'), action: 'update', data: [{ asks: [['63921.5', '0', '0', '0']], bids: [['63921.4', '420.01', '0', '27']], ts: '1786541241106', checksum: 0, prevSeqId: 10, seqId: 15 }] },
      { arg: arg('trades'), data: [{ instId: 'BTC-USDT-SWAP', tradeId: '7', px: '60000.5', sz: '0.2', side: 'buy', ts: '1700000000001', count: '1', source: '0', seqId: 3 }] },
      { arg: arg('tickers'), data: [{ instType: 'SWAP', instId: 'BTC-USDT-SWAP', last: '1', lastSz: '2', askPx: '3', bidPx: '4', open24h: '5', high24h: '6', low24h: '7', volCcy24h: '8', ts: '9' }] },
    ]
    for (const frame of frames) {
      const whole = bytesOf(frame)
      expect(compare(whole, SWAP, 'books').scanned).toBe(true)
      for (let i = 0; i < whole.length; i++) {
        for (const byte of [0, 32, 34, 45, 46, 48, 57, 92, 101, 123, 125]) {
          const damaged = Buffer.from(whole)
          damaged[i] = byte
          compare(damaged, SWAP, 'books')
        }
      }
    }
  })

  it.each<[string, string]>([
    ['a repeated field', '"ts":"1","ts":"2","seqId":4,"prevSeqId":3'], ['a leading zero', '"ts":"1","seqId":04,"prevSeqId":3'], ['a fraction', '"ts":"1","seqId":4.0,"prevSeqId":3'], ['an exponent', '"ts":"1","seqId":4e0,"prevSeqId":3'],
    ['minus ten', '"ts":"1","seqId":4,"prevSeqId":-10'], ['minus one', '"ts":"1","seqId":4,"prevSeqId":-1'], ['minus zero', '"ts":"1","seqId":4,"prevSeqId":-0'], ['an unknown field', '"ts":"1","seqId":4,"prevSeqId":3,"x":1'],
    ['a comma too much', '"ts":"1","seqId":4,"prevSeqId":3,'], ['text for a number', '"ts":"1","seqId":"4","prevSeqId":3'],
  ])('on %s', (_what, tail) => {
    compare(bytesOf(`{"arg":{"channel":"books","instId":"BTC-USDT-SWAP"},"action":"update","data":[{"asks":[],"bids":[],${tail}}]}`), SWAP, 'books')
  })

  it('on a ticker whose known field comes twice, of which JSON takes the last', () => {
    const text = '{"arg":{"channel":"tickers","instId":"BTC-USDT-SWAP"},"data":[{"instId":"BTC-USDT-SWAP","last":"1","askPx":"3","bidPx":"4","open24h":"5","high24h":"6","low24h":"7","volCcy24h":"8","last":"2","ts":"9"}]}'
    expect(compare(bytesOf(text), SWAP, 'books')).toMatchObject({ scanned: false, content: { lastPrice: 2 } })
  })
})

describe('the scanner reads the venue\'s own form', () => {
  it('books with and without an action, trades and tickers, without JSON.parse', () => {
    const decoder = new PublicDecoder(SWAP, 'books')
    expect(decoder.decode(bytesOf({ arg: arg('books'), action: 'snapshot', data: [{ asks: [['63921.5', '0.01', '0', '1']], bids: [], ts: '5', checksum: -7, prevSeqId: -1, seqId: 15 }] }))).toBe(FRAME_BOOK)
    expect(contentOf(FRAME_BOOK, decoder.records)).toMatchObject({ snapshot: true, updateId: 15, sequence: 15, previousSequence: -1, venueTimeMs: 5, asks: [[639_215], [1]], bids: [[], []] })
    expect(decoder.decode(bytesOf({ arg: arg('trades'), data: [{ instId: 'BTC-USDT-SWAP', tradeId: '9', px: '60000.5', sz: '0.2', side: 'sell', ts: '7', count: '2', source: '0', seqId: 3 }, { instId: 'BTC-USDT-SWAP', tradeId: '8', px: '60000', sz: '1', side: 'buy', ts: '6', count: '1', source: '0', seqId: 2 }] }))).toBe(FRAME_TRADES)
    expect(contentOf(FRAME_TRADES, decoder.records)).toEqual([2, [600_000, 600_005], [100, 20], [6, 7], [0, 1], ['8', '9']])
    expect(decoder.fallbacks).toBe(0)
    const small = new PublicDecoder(SWAP, 'books5')
    small.decode(bytesOf({ arg: arg('books5'), data: [{ asks: [['63921.5', '790.41', '0', '42']], bids: [['63921.4', '421.93', '0', '28']], instId: 'BTC-USDT-SWAP', ts: '1786541241006', seqId: 333794734980 }] }))
    expect([small.fallbacks, contentOf(FRAME_BOOK, small.records)]).toMatchObject([0, { snapshot: true, updateId: 333794734980, asks: [[639_215], [79_041]] }])
  })

  it('every field of the ticker that the venue sends is fed by its key', () => {
    const decoder = new PublicDecoder(SWAP, 'books')
    const row = Object.fromEntries(TICKER_KEYS.map(([key], i) => [key, String(i + 1)]))
    expect(new Scanner(SWAP, 'books', decoder.records).scan(bytesOf({ arg: arg('tickers'), data: [{ instId: 'BTC-USDT-SWAP', ...row, ts: '9' }] }))).toBe(FRAME_TICKER)
    expect(TICKER_KEYS.map(([, field]) => decoder.records.ticker[field])).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it('sizes in contracts are whole lots for every contract: what is read is what is written', () => {
    fc.assert(fc.property(grids, fc.integer({ min: 1, max: 2 ** 30 }), (size, lots) => {
      const contract = contractOf(new DecimalStep('0.1'), size)
      const decoder = new PublicDecoder(contract, 'books')
      decoder.decode(bytesOf({ arg: arg('books'), action: 'update', data: [{ asks: [['1.0', size.format(lots), '0', '1']], bids: [], ts: '1', checksum: 0, prevSeqId: 1, seqId: 2 }] }))
      expect(decoder.records.book.askLots[0]).toBe(lots)
    }))
  })

  it('counts a frame of the book that needed JSON.parse, and reads it all the same', () => {
    const decoder = new PublicDecoder(SWAP, 'books')
    expect(decoder.decode(Buffer.from(JSON.stringify({ arg: arg('books'), action: 'update', data: [{ asks: [], bids: [], ts: '1', prevSeqId: 1, seqId: 2 }] }, null, 1)))).toBe(FRAME_BOOK)
    expect(decoder.fallbacks).toBe(1)
  })

  it('refuses more levels or trades than the records hold', () => {
    const many = Array.from({ length: 2 * limits.bookLevelsMax + 1 }, () => ['1', '1', '0', '1'])
    expect(compare(bytesOf({ arg: arg('books'), action: 'update', data: [{ asks: many, bids: [], ts: '1', prevSeqId: 1, seqId: 2 }] }), SWAP, 'books')).toMatchObject({ scanned: false, error: 'RM_VENUE_FRAME_COUNT' })
    const trades = Array.from({ length: limits.tradesPerFrameMax + 1 }, (_, i) => ({ instId: 'BTC-USDT-SWAP', tradeId: String(i), px: '1', sz: '1', side: 'buy', ts: '1' }))
    expect(compare(bytesOf({ arg: arg('trades'), data: trades }), SWAP, 'books')).toMatchObject({ scanned: false, error: 'RM_VENUE_FRAME_COUNT' })
  })
})
