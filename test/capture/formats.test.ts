import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CaptureEvent, namedInstrument, openCapture, parseSteps, plainText, readEpochDigits, StepFinder } from '../../src/capture/index.ts'
import { readEpochSeconds } from '../../src/capture/stamp.ts'
import { DecimalStep } from '../../src/core/index.ts'

let root = ''
beforeAll(() => void (root = mkdtempSync(join(tmpdir(), 'formats-'))))
afterAll(() => rmSync(root, { recursive: true }))

let files = 0
function write(lines: readonly string[], name = 'recorded', pack: (text: string) => string | Buffer = (text) => text): string {
  const dir = join(root, String(++files))
  const path = `${dir}-${name}`
  writeFileSync(path, pack(lines.map((line) => `${line}\n`).join('')))
  return path
}

async function eventsOf(path: string): Promise<CaptureEvent[]> {
  const events: CaptureEvent[] = []
  await (await openCapture(path)).read((event) => void events.push(event))
  return events
}

const S = '1723161255088169167'
const binance = (data: object): string => `${S} ${JSON.stringify({ stream: 'x@y', data })}`
const depth = { e: 'depthUpdate', E: 1723161256000, s: 'BTCUSDT', U: 5, u: 7, pu: 4, b: [['100.10', '1']], a: [['100.20', '0']] }
const okx = (message: object): string => `1652459225.5073643: ${JSON.stringify(message)}`
const bitmex = (action: string, data: object[], table = 'orderBookL2'): string => `1626993368.5: ${JSON.stringify({ table, action, data })}`
const kraken = (message: object): string => `1626994927.744: ${JSON.stringify(message)}`

describe('a recording is known by its content', () => {
  it.each([
    ['Binance, stamped lines', [binance(depth)]],
    ['Bybit V5, bare lines', ['{"topic":"orderbook.500.X","type":"snapshot","ts":1,"data":{"s":"X","b":[],"a":[],"u":5,"seq":1},"cts":1}']],
    ['Bybit V5, stamped lines', [`${S} {"topic":"publicTrade.X","type":"snapshot","ts":1,"data":[]}`]],
    ['Bybit V5, own recording', [`${S} {"recorder":"begin","version":1,"venue":"bybit","symbols":["X"],"part":1}`]],
    ['OKX V5, own recording', [`${S} {"recorder":"begin","version":1,"venue":"okx","symbols":["X"],"part":1}`]],
    ['OKX V5, cryptofeed lines', ['wss://somewhere.invalid/ws <-> 1652459224.53', okx({ arg: { channel: 'tickers', instId: 'X' }, data: [] })]],
    ['Bybit V2, cryptofeed lines', ['1618677786.98285: {"topic":"trade.X","data":[]}']],
    ['BitMEX, cryptofeed lines', [bitmex('insert', [])]],
    ['Kraken Futures, cryptofeed lines', [kraken({ feed: 'heartbeat' })]],
    ['Bybit five-level CSV', [`both,BTCUSDT,1719823044587.1501,1719823044454,"[[['1', '2']], [['3', '4']]]"`]],
    ['trades CSV', ['ts_ms,price,qty,side,trade_id']],
    ['tardis trades CSV', ['exchange,symbol,timestamp,local_timestamp,id,side,price,amount']],
    ['tardis quotes CSV', ['exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount']],
    ['candles CSV', ['ts_ms,open,high,low,close,volume']],
    ['mark price CSV', ['ts_ms,open,high,low,close']],
    ['funding CSV', ['ts_ms,funding_rate']],
    ['Lean funding', ['20221213 00:00:00,-0.0002016']],
    ['Lean bars', ['0,17194,17199.5,17193.5,17199,78.677']],
  ])('%s, whatever its name says', async (format, lines) => {
    expect((await openCapture(write(lines, 'okx_20221213.raw'))).format).toBe(format)
    expect((await openCapture(write(lines, '20221213_bitmex.gz', gzipSync))).format).toBe(format)
    expect((await openCapture(write(lines, '20221213.zst', zstdCompressSync))).format).toBe(format)
    expect((await openCapture(write(lines, '20221213_packed_but_not_named', gzipSync))).format).toBe(format)
  })

  it.each([
    ['nothing in it', []],
    ['prose', ['Dear diary,']],
    ['a table of something else', ['a,b,c', '1,2,3']],
    ['JSON of nobody', ['{"a":1}', '{"b":2}']],
    ['a recording of an unknown venue', [`${S} {"recorder":"begin","version":1,"venue":"mtgox","symbols":[],"part":1}`]],
  ])('and refused by name of the file when it is of no known one: %s', async (_, lines) => {
    const path = write(lines, 'binance_usdm_btcusdt.raw')
    await expect(openCapture(path)).rejects.toThrow(expect.objectContaining({ code: 'RM_CAPTURE_FORMAT', details: expect.objectContaining({ file: path }) }))
  })
})

describe('each format', () => {
  it('Binance: receive time in two whole numbers, both clocks, chains of futures and of spot, contracts of coin-margined books', async () => {
    const { pu: _, ...spot } = depth
    const events = await eventsOf(write([binance(depth), binance({ ...spot, E: 1 }), binance({ ...depth, s: 'ETHUSD_PERP' })]))
    expect(events[0]).toEqual({ kind: 'book', stream: 'depth', snapshot: false, sync: 'rest', rule: 'follows', previousId: 4, firstId: 5, lastId: 7, bids: [['100.10', '1']], asks: [['100.20', '0']], checksum: null, symbol: 'BTCUSDT', receiveS: 1_723_161_255, receiveNs: 88_169_167, venueMs: 1_723_161_256_000, line: 1 })
    expect(events[1]).toMatchObject({ rule: 'next', firstId: 5, lastId: 7, line: 2 })
    expect(events.slice(2).map((event) => event.kind)).toEqual(['instrument', 'book'])
    expect(events[2]).toMatchObject({ symbol: 'ETHUSD_PERP', unit: { in: 'quote', value: '10' } })
  })

  it('Binance: whose snapshot it is must be certain', async () => {
    const single = [binance(depth), `${S} {"lastUpdateId":9,"bids":[],"asks":[]}`]
    expect((await eventsOf(write(single)))[1]).toMatchObject({ symbol: 'BTCUSDT', snapshot: true, sync: 'rest', lastId: 9 })
    await expect(eventsOf(write([binance({ ...depth, s: 'ETHUSDT' }), ...single]))).rejects.toThrow(expect.objectContaining({ code: 'RM_CAPTURE_LINE', details: expect.objectContaining({ line: 3 }) }))
  })

  it('Binance: the maker side turns into the aggressor, spot quotes have no event name, an unknown event is no silence', async () => {
    const trade = { e: 'trade', E: 2, T: 1, s: 'X', t: 3, p: '1.0', q: '2', m: true }
    const [sold, bought] = await eventsOf(write([binance(trade), binance({ ...trade, m: false })]))
    expect([sold, bought]).toMatchObject([{ kind: 'trade', side: 'sell', firstNumber: 3 }, { kind: 'trade', side: 'buy' }])
    const quote = `${S} {"stream":"x@bookTicker","data":{"u":4,"s":"X","b":"1","B":"2","a":"3","A":"4"}}`
    expect(await eventsOf(write([quote]))).toMatchObject([{ kind: 'quote', bidPrice: '1', askSize: '4', updateId: 4, venueMs: Number.NaN }])
    await expect(eventsOf(write([binance(trade), binance({ ...trade, e: 'rumour' })]))).rejects.toThrow(expect.objectContaining({ code: 'RM_CAPTURE_LINE' }))
  })

  it('Bybit V5: time of the matching engine, update id 1 is a new book', async () => {
    const frame = (type: string, u: number): string => JSON.stringify({ topic: 'orderbook.500.XRPUSDT', type, ts: 20, data: { s: 'XRPUSDT', b: [['1.9520', '3']], a: [], u, seq: 9 }, cts: 10 })
    expect(await eventsOf(write([frame('snapshot', 7), frame('delta', 8), frame('delta', 1)]))).toMatchObject([
      { snapshot: true, venueMs: 10, receiveS: -1, lastId: 7, sync: 'stream' }, { snapshot: false, rule: 'next', firstId: 8 }, { snapshot: true, lastId: 1 },
    ])
    await expect(eventsOf(write([frame('snapshot', 7), frame('rumour', 8)]))).rejects.toThrow(expect.objectContaining({ code: 'RM_CAPTURE_LINE' }))
  })

  it('Bybit five levels: Python literals, asks turned, every row a book', async () => {
    const [event] = await eventsOf(write([`ask,BTCUSDT,1719823044587.1501,1719823044454,"[[['9', '1'], ['8', '2']], [['12', '3'], ['11', '4']]]"`]))
    expect(event).toMatchObject({ snapshot: true, bids: [['9', '1'], ['8', '2']], asks: [['11', '4'], ['12', '3']], receiveS: 1_719_823_044, receiveNs: 587_150_146 })
  })

  it('OKX V5: with numbers a chain, without them a checksum; sizes in the unit that the instruments say', async () => {
    const arg = { channel: 'books', instId: 'BTC-USDT-SWAP' }
    const row = { bids: [['1', '2', '0', '1']], asks: [], ts: '5' }
    const lines = [
      'https://somewhere.invalid/api/v5/public/instruments?instType=SWAP -> 1652459225.1: {"code":"0","data":[{"instId":"BTC-USDT-SWAP","instType":"SWAP","ctVal":"0.01","ctValCcy":"BTC","tickSz":"0.1","lotSz":"1"},{"instId":"BTC-USD-SWAP","instType":"SWAP","ctVal":"100","ctValCcy":"USD","tickSz":"0.1","lotSz":"1"}]}',
      okx({ arg, action: 'snapshot', data: [{ ...row, checksum: -7 }] }), okx({ arg, action: 'update', data: [{ ...row, seqId: 12, prevSeqId: 10, checksum: 0 }] }), okx({ arg: { ...arg, channel: 'books5' }, data: [{ ...row, seqId: 12 }] }),
    ]
    const events = await eventsOf(write(lines))
    expect(events.slice(0, 2)).toMatchObject([{ kind: 'instrument', unit: { in: 'base', value: '0.01' }, tick: '0.1' }, { unit: { in: 'quote', value: '100' } }])
    expect(events.slice(2)).toMatchObject([
      { snapshot: true, rule: 'none', checksum: -7, stream: 'books', receiveNs: 507_364_300 }, { snapshot: false, rule: 'follows', previousId: 10, lastId: 12, checksum: null }, { snapshot: true, stream: 'books5' },
    ])
  })

  it('Bybit V2: deletes, updates and inserts in one message; sums in single precision read as the size that was meant', async () => {
    const level = (price: string, side: string, size?: number): object => ({ price, symbol: 'X', id: '1', side, ...(size === undefined ? {} : { size }) })
    const message = { topic: 'orderBookL2_25.X', type: 'delta', data: { delete: [level('9', 'Buy')], update: [level('8', 'Buy', 56.300003)], insert: [level('11', 'Sell', 6684.9995)] }, cross_seq: '5', timestamp_e6: '1618677786999999' }
    expect(await eventsOf(write([`1618677786.98285: ${JSON.stringify(message)}`]))).toMatchObject([{ bids: [['9', '0'], ['8', '56.3']], asks: [['11', '6685']], rule: 'rising', firstId: 5, venueMs: 1_618_677_786_999.999 }])
  })

  it('BitMEX: prices of updates by id, and every change that must be dropped is told', async () => {
    const level = (id: number, more: object = {}): object => ({ symbol: 'XBTUSD', id, side: 'Buy', ...more })
    const events = await eventsOf(write([bitmex('update', [level(1, { size: 5 })]), bitmex('partial', [level(1, { size: 5, price: 32000.5 })]), bitmex('update', [level(1, { size: 6 }), level(2, { size: 7 })]), bitmex('delete', [level(1)]), bitmex('update', [level(1, { size: 9 })])]))
    expect(events.map((event) => (event.kind === 'book' ? [event.snapshot, ...event.bids] : event.kind === 'control' ? event.text : event.kind))).toEqual([
      'update of id 1 before the partial', [true, ['32000.5', '5']], 'update of unknown id 2', [false, ['32000.5', '6']], [false, ['32000.5', '0']], 'update of unknown id 1',
    ])
  })

  it('BitMEX: what a contract is worth is read off the trades', async () => {
    const trade = (symbol: string, more: object): object => ({ symbol, side: 'Buy', price: 32000, trdMatchID: 'a', timestamp: '2021-07-22T22:36:10.014Z', ...more })
    const events = await eventsOf(write([bitmex('insert', [trade('XBTUSD', { size: 100, homeNotional: 0.003125, foreignNotional: 100 }), trade('SOLUSDT', { size: 50, homeNotional: 16, foreignNotional: 432 })], 'trade')]))
    expect(events.filter((event) => event.kind === 'instrument')).toMatchObject([{ symbol: 'XBTUSD', unit: { in: 'quote', value: '1' } }, { symbol: 'SOLUSDT', unit: { in: 'base', value: '0.32' } }])
  })

  it('Kraken Futures: one level a message, numbers as plain texts, trades from before the recording marked', async () => {
    const events = await eventsOf(write([
      kraken({ feed: 'book_snapshot', product_id: 'PI_XRPUSD', timestamp: 1, seq: 4, bids: [{ price: 0.0000001, qty: 20108.0 }], asks: [] }), kraken({ feed: 'book', product_id: 'PI_XRPUSD', side: 'sell', seq: 5, price: 2004.85, qty: 0.0, timestamp: 2 }),
      kraken({ feed: 'trade_snapshot', product_id: 'PI_XRPUSD', trades: [{ uid: 'b', side: 'buy', seq: 8, time: 1, qty: 2, price: 3 }, { uid: 'a', side: 'sell', seq: 7, time: 1, qty: 2, price: 3 }] }),
    ]))
    expect(events).toMatchObject([
      { kind: 'instrument', unit: { in: 'quote', value: '1' } }, { snapshot: true, bids: [['0.0000001', '20108']] }, { rule: 'next', firstId: 5, asks: [['2004.85', '0']], bids: [] }, { kind: 'trade', history: true, firstNumber: 7 }, { history: true, firstNumber: 8 },
    ])
  })

  it('tables: microseconds, asks first, funding on the whole minute with the interval that it was', async () => {
    const quotes = ['exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount', 'binance-futures,BTCUSDT,1582329601096000,1582329603502092,0.84,9682,9681.92,0.67']
    expect(await eventsOf(write(quotes))).toMatchObject([{ kind: 'quote', askPrice: '9682', askSize: '0.84', bidPrice: '9681.92', bidSize: '0.67', receiveS: 1_582_329_603, receiveNs: 502_092_000, venueMs: 1_582_329_601_096 }])
    const hour = 3_600_000
    const funding = ['ts_ms,funding_rate', `${480 * hour + 3},0.0001`, `${484 * hour - 2},-0.02`, `${485 * hour},0.0001`]
    expect(await eventsOf(write(funding, 'LAYERUSDT_funding.csv'))).toMatchObject([
      { intervalMs: Number.NaN, settleMs: 480 * hour }, { settleMs: 484 * hour, intervalMs: 4 * hour, rate: '-0.02' }, { intervalMs: hour },
    ])
  })

  it('Lean bars: day and symbol from the name, quotes as the middle of both sides; without a day in the name they are refused', async () => {
    const row = '60000,17199,17212,17199,17212,168.661,17199.5,17212.5,17199.5,17212.5,4.289'
    const [bar, quote] = await eventsOf(write([row], 'bybit_linear_btcusdt_20221213_quote_1m.csv'))
    expect(bar).toMatchObject({ kind: 'candle', of: 'quotes', symbol: 'BTCUSDT', openMs: Date.UTC(2022, 11, 13, 0, 1), open: '17199.25', high: '17212.25', close: '17212.25', sparse: true })
    expect(quote).toMatchObject({ kind: 'quote', bidPrice: '17212', askPrice: '17212.5', venueMs: Date.UTC(2022, 11, 13, 0, 2) })
    await expect(eventsOf(write([row], 'monday.csv'))).rejects.toThrow(expect.objectContaining({ code: 'RM_CAPTURE_FORMAT' }))
  })
})

describe('a bad line is an error with file and line, never a silence', () => {
  const head: Readonly<Record<string, string>> = {
    trades: 'ts_ms,price,qty,side,trade_id', candles: 'ts_ms,open,high,low,close,volume', funding: 'ts_ms,funding_rate', tardis: 'exchange,symbol,timestamp,local_timestamp,id,side,price,amount',
    l5: `both,BTCUSDT,1719823044587.1501,1719823044454,"[[['1', '2']], [['3', '4']]]"`, okx: okx({ event: 'subscribe', arg: { channel: 'books', instId: 'X' } }), stamped: binance(depth), bybit: '{"topic":"publicTrade.X","type":"snapshot","ts":1,"data":[]}',
    lean: '0,17194,17199.5,17193.5,17199,78.677', feed: 'https://www.okx.com/x -> 1652459225.1: {"code":"0"}', kraken: kraken({ feed: 'heartbeat' }), bitmex: bitmex('insert', []),
  }
  it.each([
    ['trades', '1750507467356,83.29,0.107,buy'], ['trades', '1750507467356,83.29,0.107,neither,1'], ['trades', '17505.5,83.29,0.107,buy,1'], ['trades', '1750507467356,dear,0.107,buy,1'],
    ['candles', '1,5,6,4,7,1'], ['candles', '1,5,4,4,4,1'], ['candles', '1,5,6,4,5'], ['funding', '1,much'], ['tardis', 'x,B,1582329601096000,1582329603,1,buy,1,1'],
    ['l5', "both,BTCUSDT,1719823044587.1501,1719823044454,nothing"], ['l5', `both,BTCUSDT,1719823044587.1,1719823044454,"[[['1', '2']]]"`], ['l5', `both,BTCUSDT,1719823044587.1,1719823044454,"[[[1, 2]], []]"`],
    ['okx', okx({ arg: { channel: 'books' }, data: [] })], ['okx', okx({ arg: { channel: 'books', instId: 'X' }, data: [{ bids: [[1, 2]], asks: [], ts: '1' }] })], ['okx', '1652459225.5: {"arg":'], ['okx', 'hello'], ['okx', okx({ hello: 1 })],
    ['stamped', '1723161255088 {"stream":"x","data":{}}'], ['stamped', `${S} [1]`], ['stamped', S], ['stamped', binance({ ...depth, u: 'x' })], ['stamped', binance({ ...depth, b: 'x' })],
    ['bybit', '{"topic":"orderbook.50.X","type":"delta","ts":1,"data":{"b":[],"a":[]}}'], ['bybit', '{"hello":1}'], ['lean', '86400000,1,1,1,1,1'], ['lean', '0,1,1,1,1,1,2,2,2,2,2'],
    ['kraken', kraken({ feed: 'book', product_id: 'X', side: 'sideways', seq: 1, price: 1, qty: 1, timestamp: 1 })], ['bitmex', bitmex('partial', [{ symbol: 'X', id: 1, side: 'Buy', size: 1 }])], ['feed', 'https://www.okx.com/x -> soon: {"code":"0"}'],
  ])('%s: %s', async (of, line) => {
    const path = write([head[of]!, line], '20221213_x')
    await expect(eventsOf(path)).rejects.toThrow(expect.objectContaining({ code: 'RM_CAPTURE_LINE', details: expect.objectContaining({ file: path, line: 2 }) }))
  })
})

describe('texts to numbers', () => {
  it('stamps keep every nanosecond', () => {
    expect(readEpochDigits('1723161255088169167')).toEqual({ seconds: 1_723_161_255, nanos: 88_169_167 })
    expect(readEpochDigits('1680652700600379')).toEqual({ seconds: 1_680_652_700, nanos: 600_379_000 })
    expect(readEpochSeconds('1652459225.508')).toEqual({ seconds: 1_652_459_225, nanos: 508_000_000 })
    for (const text of ['1723161255088', '17231612550881691670', '172316125508816916x', '']) expect(readEpochDigits(text), text).toBeNull()
    for (const text of ['soon', '1652459225.', '.5', '165245922x']) expect(readEpochSeconds(text), text).toBeNull()
  })

  it('steps agree with the decimal grid for every text', () => {
    const texts = fc.oneof(fc.integer({ min: 0, max: 1e9 }).map(String), fc.tuple(fc.nat(1e6), fc.nat(1e6)).map(([a, b]) => `${a}.${b}`), fc.stringMatching(/^[0-9.+-]{0,8}$/))
    fc.assert(fc.property(texts, fc.constantFrom('0.1', '0.05', '1', '0.001', '10', '0.00000001'), (text, step) => {
      const grid = new DecimalStep(step)
      expect(parseSteps(text, grid)).toEqual(text.startsWith('-') ? Number.NaN : grid.tryParse(text))
    }))
  })

  it('the found step is the largest that every text is a multiple of', () => {
    fc.assert(fc.property(fc.constantFrom('0.1', '0.05', '1', '0.0005', '10', '25'), fc.array(fc.nat(100_000), { minLength: 1, maxLength: 30 }), (text, counts) => {
      const grid = new DecimalStep(text)
      const finder = new StepFinder()
      for (const count of counts) expect(finder.take(grid.format(count))).toBe(true)
      const found = new DecimalStep(finder.step)
      for (const count of counts) expect(found.tryParse(grid.format(count))).not.toBeNaN()
      // One count next to another makes the step itself.
      finder.take(grid.format(70_001))
      finder.take(grid.format(70_002))
      expect(new DecimalStep(finder.step).value).toBe(grid.value)
    }))
    for (const bad of ['', '1e5', 'x', '-1', '12345678901234567890']) expect(new StepFinder().take(bad), bad).toBe(false)
  })

  it('numbers become the plain text that reads back the same', () => {
    fc.assert(fc.property(fc.double({ min: 1e-12, max: 1e15, noNaN: true }), (value) => {
      const text = plainText(value)
      expect(text).not.toContain('e')
      if (value > 1e-6) expect(Number(text)).toBe(value)
    }))
    expect([plainText(1e-7), plainText(0), plainText(20_108), plainText(1.5e-8)]).toEqual(['0.0000001', '0', '20108', '0.000000015'])
  })

  it.each([
    ['BTCUSDT', 'BTCUSDT', 0], ['BTCUSD_PERP', 'BTCUSDT', 2], ['ETHUSD_240927', 'ETHUSDT', 3], ['BTC-USDT-SWAP', 'BTCUSDT', 0], ['BTC-USDT', 'BTCUSDT', 1], ['UNI-USD-SWAP', 'UNIUSDT', 2], ['BTC-USD-220527', 'BTCUSDT', 3],
    ['PI_XBTUSD', 'BTCUSDT', 2], ['PF_XBTUSD', 'BTCUSDT', 0], ['FI_XBTUSD_210924', 'BTCUSDT', 3], ['XBTUSD', 'BTCUSDT', 2], ['1000PEPEUSDT', '1000PEPEUSDT', 0],
  ])('%s stands for %s', (symbol, pair, rank) => {
    expect(namedInstrument(symbol)).toMatchObject({ pair, rank })
  })

  it('a price in no dollar stands for no pair', () => expect(['XRPU21', 'ETHBTC', ''].map(namedInstrument)).toEqual([null, null, null]))
})
