import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Capture, type CaptureEvent, groupCaptures, openCapture } from '../../src/capture/index.ts'
import { type CaptureReport, checkCaptures } from '../../src/market/capture-check/index.ts'

const DATA = process.env['RINGMASTER_DATA'] ?? '../shared/data'
const present = existsSync(join(DATA, 'l2_binance_raw'))
const pathOf = (name: string): string => join(DATA, name)
const l2 = (name: string): string => `l2_binance_raw/binance_${name}.raw.gz`

const reports = new Map<string, Promise<CaptureReport>>()
/** Each recording is checked once, whoever asks. */
function check(...names: readonly string[]): Promise<CaptureReport> {
  const key = names.join(' ')
  const report = reports.get(key) ?? checkAnew(names)
  reports.set(key, report)
  return report
}

async function checkAnew(names: readonly string[], lineLimit?: number): Promise<CaptureReport> {
  const captures: Capture[] = []
  for (const name of names) captures.push(await openCapture(pathOf(name)))
  const groups = await groupCaptures(captures)
  expect(groups, `files that belong together: ${names.join(' ')}`).toHaveLength(1)
  return checkCaptures(groups[0]!, lineLimit)
}

async function eventsOf(name: string): Promise<readonly CaptureEvent[]> {
  const events: CaptureEvent[] = []
  await (await openCapture(pathOf(name))).read((event) => void events.push(event))
  return events
}

/** What the description of the data says: lines, depth messages, best quotes, trades, mark prices (both files together). */
const binance: readonly (readonly [files: readonly string[], lines: readonly number[], book: number, quote: number, trade: number, mark: number])[] = [
  [['usdm_btcusdt_20230404', 'usdm_btcusdt_20230405'], [13384, 60381], 4322 + 11788, 6765 + 37440, 2197 + 10738, 99 + 415],
  [['usdm_btcusdt_20240808'], [93954], 6551, 66089, 21313, 0],
  [['usdm_ethusdt_20240808'], [74655], 6586, 53992, 14076, 0],
  [['cm_btcusd_perp_20240808', 'cm_btcusd_perp_20240809'], [48270, 50116], 26847 + 17948, 19136 + 29219, 2286 + 2949, 0],
  [['cm_ethusd_perp_20240808', 'cm_ethusd_perp_20240809'], [40454, 37860], 22909 + 16246, 15812 + 19751, 1732 + 1863, 0],
  [['spot_btcusdt_20240808', 'spot_btcusdt_20240809'], [41249, 58325], 3451 + 3044, 28040 + 45134, 9757 + 10147, 0],
  [['spot_ethusdt_20240808', 'spot_ethusdt_20240809'], [33618, 46126], 3434 + 3036, 24077 + 34681, 6106 + 8409, 0],
  [['spot_nexousdt_20240723', 'spot_nexousdt_20240724'], [1804, 112274], 1188 + 66994, 437 + 33000, 178 + 12280, 0],
]

/** The whole files take a minute of a busy machine: `ringmaster data check` reads them all. */
const BARS = 10_000

describe.skipIf(!present)('every recorded file (needs recorded data: RINGMASTER_DATA)', () => {
  it.each(binance)('Binance %j: as many messages as were counted, no gap in ids, no crossed book, over midnight too', async (files, lines, book, quote, trade, mark) => {
    const report = await check(...files.map(l2))
    expect(report).toMatchObject({ sound: true, gapCount: 0, faultCount: 0 })
    expect(report.files.map((one) => one.lines)).toEqual(lines)
    // One snapshot line beside the depth messages.
    expect(report.messages).toMatchObject({ book: book + 1, quote, trade, ...(mark > 0 ? { mark } : {}) })
    const [one] = report.books
    expect([one!.snapshots, one!.updates + report.leftOut.inSnapshot]).toEqual([1, book])
  }, 20_000)

  it('a file without a snapshot and without a predecessor: its chain is checked, and the missing book is said', async () => {
    const report = await check(l2('spot_btcusdt_20230405'))
    expect(report).toMatchObject({ sound: true, messages: { book: 3929, quote: 8015, trade: 3144 }, notes: ['no snapshot of BTCUSDT depth: the chain of its 3929 updates was checked, the book was not'] })
  })

  it('clock skew is measured as described: 2024-08 about -1270 ms, NEXO about -40 ms; NEXO is silent for 43.5 s once', async () => {
    const skewed = await check(l2('usdm_ethusdt_20240808'))
    expect(skewed.skewMs!.median).toBeCloseTo(-1270, -1)
    const nexo = await check(l2('spot_nexousdt_20240723'), l2('spot_nexousdt_20240724'))
    expect(nexo.skewMs!.median).toBeGreaterThan(-42)
    expect(nexo.skewMs!.median).toBeLessThan(-12)
    expect(nexo.skewMs!.min).toBeCloseTo(-193, 0)
    expect(nexo.silence!.ms).toBeCloseTo(43_500, -1)
  }, 20_000)

  it('Bybit V5 depth 500: contiguous from 20254869 to 20254918, 500 levels a side throughout', async () => {
    const report = await check('ws_bybit_v5/2024-12-01_XRPUSDT_ob500.data.gz')
    expect(report).toMatchObject({ sound: true, messages: { book: 50 }, books: [{ stream: 'orderbook.500', snapshots: 1, updates: 49, bidLevels: 500, askLevels: 500 }] })
    const ids = (await eventsOf('ws_bybit_v5/2024-12-01_XRPUSDT_ob500.data.gz')).map((event) => (event.kind === 'book' ? event.lastId : -1))
    expect([ids[0], ids.at(-1)]).toEqual([20_254_869, 20_254_918])
  })

  it('Bybit five-level CSV: 1068 books of 78 symbols, asks turned best first, none crossed, latencies as described', async () => {
    const name = 'ws_bybit_v5/bybit_linear_l5_78symbols_20240701.csv.gz'
    const report = await check(name)
    expect(report).toMatchObject({ sound: true, messages: { book: 1068 } })
    expect(report.symbols).toHaveLength(78)
    expect([report.skewMs!.min, report.skewMs!.median, report.skewMs!.max].map(Math.round)).toEqual([72, 148, 1842])
    const [first] = await eventsOf(name)
    expect(first).toMatchObject({ symbol: 'BTCUSDT', receiveS: 1_719_823_044, venueMs: 1_719_823_044_454, bids: expect.arrayContaining([['62918.1', '1.293']]), asks: [['62918.2', '14.179'], ['62918.3', '0.021'], ['62918.4', '0.021'], ['62918.5', '1.136'], ['62918.8', '0.003']] })
  })

  it('OKX V5 of 2022: 290 of 290 checksums over the texts of the venue, books without sequence numbers', async () => {
    const report = await check('ws_okx_v5/okx_v5_instruments_20220513.log.gz', 'ws_okx_v5/okx_v5_ws_20220513.log.gz')
    expect(report).toMatchObject({ sound: true, checksums: { checked: 290, matching: 290 }, messages: { book: 290, trade: 74, ticker: 28, instrument: 15 } })
    expect(report.books.map(({ symbol, updates, bidLevels, askLevels }) => [symbol, updates, bidLevels, askLevels])).toEqual([['BTC-USD-220527', 98, 74, 62], ['UNI-USD-SWAP', 92, 125, 118], ['BTC-USDT', 97, 400, 400]])
    const swap = (await eventsOf('ws_okx_v5/okx_v5_instruments_20220513.log.gz')).find((event) => event.symbol === 'BTC-USDT-SWAP')
    expect(swap).toMatchObject({ kind: 'instrument', tick: '0.1', unit: { in: 'base', value: '0.01' } })
  })

  it('Bybit V2: 3260 book messages of 8 symbols and 66 trades, 25 levels, none crossed', async () => {
    const report = await check('ws_bybit_v2_legacy/bybit_v2_linear_ws_20210417.log.gz')
    expect(report).toMatchObject({ sound: true, messages: { book: 3260, trade: 66 } })
    expect(report.books.map(({ bidLevels, askLevels }) => [bidLevels, askLevels])).toEqual(Array.from({ length: 8 }, () => [25, 25]))
  })

  it('Binance 2021 with its REST snapshots: all four books synchronised, in either order of the files', async () => {
    const [rest, stream] = ['ws_other/binance_usdm_depth_rest_20210722.log.gz', 'ws_other/binance_usdm_ws_20210722.log.gz']
    for (const report of [await check(rest, stream), await check(stream, rest)]) {
      expect(report).toMatchObject({ sound: true, messages: { book: 764 + 4, quote: 613, trade: 91, candle: 67 } })
      expect(report.books.map((book) => [book.symbol, book.snapshots, book.updates > 100])).toEqual([['SUSHIUSDT', 1, true], ['AKROUSDT', 1, true], ['KEEPUSDT', 1, true], ['CTKUSDT', 1, true]])
    }
  })

  it('BitMEX and Kraken Futures: ten books each, sequence numbers without a gap where there are any, none crossed', async () => {
    expect(await check('ws_other/bitmex_ws_20210722.log.gz')).toMatchObject({ sound: true, messages: { book: 1090 + 445 + 434 + 10, quote: 93, trade: 17 } })
    const kraken = await check('ws_other/kraken_futures_ws_20210722.log.gz')
    expect(kraken).toMatchObject({ sound: true, messages: { book: 7014 + 10, ticker: 107, trade: 13 } })
    expect(kraken.books).toHaveLength(10)
  })

  it('LTC trades: 149 944 trades with exactly the 25 holes and 950 missing ids that are known', async () => {
    const report = await check('trades/binance_spot_trades_LTCUSDT_20250621_22.csv.gz')
    expect(report).toMatchObject({ sound: false, gapCount: 25, missingCount: 950, faultCount: 0, messages: { trade: 149_944 }, symbols: ['LTCUSDT'] })
    expect(Math.max(...report.gaps.map((gap) => gap.missing))).toBe(629)
  })

  it('tardis tables: trade ids contiguous, quotes never crossed with the asks standing first, median latency 122 and 128 ms', async () => {
    const quotes = await check('trades/tardis_binance-futures_quotes_BTCUSDT_20200222.csv.gz')
    const trades = await check('trades/tardis_binance-futures_trades_BTCUSDT_20200222.csv.gz')
    expect([quotes.sound, trades.sound, quotes.messages['quote'], trades.messages['trade']]).toEqual([true, true, 9999, 9999])
    expect([quotes.skewMs!.median, trades.skewMs!.median].map(Math.round)).toEqual([122, 128])
  })

  it(`all candles, mark prices, funding and Lean bars, the first ${BARS} rows of each: no bar missing, none inside out, none twice`, async () => {
    const folders = ['candles/binance_usdm', 'candles/bybit_linear', 'candles/okx_swap', 'bars_lean']
    const files = folders.flatMap((folder) => readdirSync(pathOf(folder)).map((file) => `${folder}/${file}`))
    expect(files).toHaveLength(36 + 15 + 19 + 5)
    let bars = 0
    for (const file of files) {
      const report = await checkAnew([file], BARS)
      expect([file, report.sound, report.gapCount]).toEqual([file, true, 0])
      bars += report.messages['candle'] ?? 0
    }
    expect(bars).toBeGreaterThan(24 * BARS)
  }, 20_000)

  it('funding intervals are read, not assumed: LAYER goes from 4 hours to 1 hour on 2025-05-06', async () => {
    const events = await eventsOf('candles/binance_usdm/LAYERUSDT_funding.csv.gz')
    const intervals = events.map((event) => (event.kind === 'funding' ? [event.settleMs, event.intervalMs / 3_600_000] : [])) as [number, number][]
    expect(intervals.every(([settleMs]) => settleMs % 3_600_000 === 0)).toBe(true)
    expect(intervals.find(([, hours]) => hours === 1)![0]).toBe(Date.UTC(2025, 4, 6, 9))
    expect(intervals.find(([settleMs]) => settleMs === Date.UTC(2025, 4, 6, 8))![1]).toBe(4)
  })
})
