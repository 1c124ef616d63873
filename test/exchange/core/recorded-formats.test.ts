import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CaptureEvent, openCaptures } from '../../../src/capture/index.ts'
import { BUY, SELL, VirtualTime } from '../../../src/core/index.ts'
import { Exchange, loadRecording, RecordedMarket, recordedContracts, VolatileLedger } from '../../../src/exchange/index.ts'
import { recordedPairs, recordingsOf } from '../../../workers/recordings.ts'
import { levelsOf } from './support.ts'

const DATA = process.env['RINGMASTER_DATA'] ?? '../shared/data'
const present = existsSync(join(DATA, 'ws_other'))
const at = (names: readonly string[]): string[] => names.map((name) => join(DATA, name))

interface Played {
  readonly files: readonly string[]
  readonly pair: string
  /** The venue's name of the instrument. */
  readonly symbol: string
  readonly tick: string
  readonly lot: string
  readonly trades: number
  /** Coins of one unit of size, or of one over the price. */
  readonly coins: number
  readonly inverse?: boolean
}

const V2 = ['ws_bybit_v2_legacy/bybit_v2_linear_ws_20210417.log.gz']
const OKX = ['ws_okx_v5/okx_v5_instruments_20220513.log.gz', 'ws_okx_v5/okx_v5_ws_20220513.log.gz']
const KRAKEN = ['ws_other/kraken_futures_ws_20210722.log.gz']
const BITMEX = ['ws_other/bitmex_ws_20210722.log.gz']

const played: readonly Played[] = [
  { files: ['ws_bybit_v5/2024-12-01_XRPUSDT_ob500.data.gz'], pair: 'XRPUSDT', symbol: 'XRPUSDT', tick: '0.0001', lot: '1', trades: 0, coins: 1 },
  { files: ['ws_bybit_v5/bybit_linear_l5_78symbols_20240701.csv.gz'], pair: 'BNBUSDT', symbol: 'BNBUSDT', tick: '0.05', lot: '0.01', trades: 0, coins: 1 },
  { files: OKX, pair: 'UNIUSDT', symbol: 'UNI-USD-SWAP', tick: '0.001', lot: '0.1', trades: 0, coins: 10, inverse: true },
  { files: OKX, pair: 'BTCUSDT', symbol: 'BTC-USDT', tick: '0.1', lot: '0.00000001', trades: 68, coins: 1 },
  { files: V2, pair: 'BCHUSDT', symbol: 'BCHUSDT', tick: '0.05', lot: '0.01', trades: 15, coins: 1 },
  { files: V2, pair: 'LTCUSDT', symbol: 'LTCUSDT', tick: '0.01', lot: '0.1', trades: 28, coins: 1 },
  { files: ['ws_other/binance_usdm_ws_20210722.log.gz', 'ws_other/binance_usdm_depth_rest_20210722.log.gz'], pair: 'SUSHIUSDT', symbol: 'SUSHIUSDT', tick: '0.001', lot: '1', trades: 40, coins: 1 },
  { files: BITMEX, pair: 'BTCUSDT', symbol: 'XBTUSD', tick: '0.10', lot: '0.001', trades: 15, coins: 1, inverse: true },
  { files: KRAKEN, pair: 'ETHUSDT', symbol: 'PI_ETHUSD', tick: '0.01', lot: '0.001', trades: 1, coins: 1, inverse: true },
  { files: KRAKEN, pair: 'BCHUSDT', symbol: 'FI_BCHUSD_210730', tick: '0.1', lot: '0.0001', trades: 1, coins: 1, inverse: true },
]

/** The last book of an instrument, kept as texts in maps by the plainest rules: a snapshot replaces, a size of 0 deletes. */
async function lastBook(files: readonly string[], symbol: string): Promise<{ readonly bids: Map<string, string>; readonly asks: Map<string, string> }> {
  const sides = { bids: new Map<string, string>(), asks: new Map<string, string>() }
  let snapshotId = -1
  const take = (event: CaptureEvent): void => {
    if (event.kind !== 'book' || event.symbol !== symbol) return
    if (!event.snapshot && event.sync === 'rest' && event.lastId < snapshotId) return
    if (event.snapshot) snapshotId = event.lastId
    for (const side of ['bids', 'asks'] as const) {
      if (event.snapshot) sides[side].clear()
      for (const [price, size] of event[side]) {
        const key = String(Number(price))
        if (Number(size) === 0) sides[side].delete(key)
        else sides[side].set(key, size)
      }
    }
  }
  for (const capture of await openCaptures(files)) await capture.read(take)
  return sides
}

describe.skipIf(!present)('every recorded format that has depth (needs recorded data: RINGMASTER_DATA)', () => {
  it.each(played)('$symbol of $files.0 is played as $pair on the grid of the recording and ends with the recorded book', async ({ files, pair, symbol, tick, lot, trades, coins, inverse }) => {
    const paths = at(files)
    // ETHUSDT and BTCUSDT are known contracts; they hold where the recording is on their grid.
    const { contract, tape } = await loadRecording(paths, pair, recordedContracts)
    expect([contract.symbol, contract.tick.text, contract.lot.text]).toEqual([pair, tick, lot])
    const time = new VirtualTime(tape.originMs)
    const market = new RecordedMarket(tape, { contract, speed: 1, loop: false })
    const exchange = new Exchange({ clock: time, timers: time, markets: [market], ledger: new VolatileLedger(), startingBalance: '1000', defaultLeverage: '5' })
    let printed = 0
    let crossed = 0
    exchange.listen({
      onTrade: () => void printed++,
      onBookChanged: (changed) => {
        const { bidTicks, askTicks } = exchange.summary(changed)
        if (!(bidTicks > 0 && bidTicks < askTicks)) crossed++
      },
    })
    exchange.start()
    time.runUntil(tape.durationNs + 1e9)
    expect([printed, crossed, market.ended]).toEqual([trades, 0, true])
    const truth = await lastBook(paths, symbol)
    for (const [side, levels, sign] of [[BUY, truth.bids, -1], [SELL, truth.asks, 1]] as const) {
      const expected = [...levels].map(([price, size]): [number, number] => {
        const units = Number(size) * coins
        return [Math.round(Number(price) / contract.tick.value), Math.max(1, Math.round((inverse === true ? units / Number(price) : units) / contract.lot.value))]
      }).sort((a, b) => sign * (a[0] - b[0]))
      expect(expected.length).toBeGreaterThanOrEqual(5)
      expect(levelsOf(exchange, pair, side, expected.length + 5)).toEqual(expected)
    }
  })

  it('files are told apart by what is in them: pairs of a run, files of a pair', async () => {
    const nexo = at(['l2_binance_raw/binance_spot_nexousdt_20240723.raw.gz', 'l2_binance_raw/binance_spot_nexousdt_20240724.raw.gz'])
    const btc = at(['l2_binance_raw/binance_cm_btcusd_perp_20240808.raw.gz'])
    expect(await recordedPairs([...nexo, ...btc])).toEqual(expect.arrayContaining(['NEXOUSDT', 'BTCUSDT']))
    const found = await recordingsOf([nexo[0]!, ...btc, nexo[1]!], ['NEXOUSDT', 'BTCUSDT'])
    expect(found.map(({ symbol, files }) => [symbol, files.map((file) => file.split('/').at(-1))])).toEqual([
      ['NEXOUSDT', ['binance_spot_nexousdt_20240723.raw.gz', 'binance_spot_nexousdt_20240724.raw.gz']], ['BTCUSDT', ['binance_cm_btcusd_perp_20240808.raw.gz']],
    ])
    expect((await recordingsOf(at(OKX), ['UNIUSDT']))[0]!.files).toHaveLength(2)
    await expect(recordingsOf(nexo, ['NEXOUSDT', 'ETHUSDT'])).rejects.toThrow(expect.objectContaining({ code: 'RM_REPLAY_FILES', details: { missing: 'ETHUSDT', foreign: 'none' } }))
    await expect(recordingsOf([...nexo, ...btc], ['NEXOUSDT'])).rejects.toThrow(expect.objectContaining({ code: 'RM_REPLAY_FILES', details: { missing: 'none', foreign: btc[0] } }))
  })

  it('contracts of unknown value are refused by name, and no run takes them unasked', async () => {
    const alone = at(OKX.slice(1))
    await expect(loadRecording(alone, 'UNIUSDT', [])).rejects.toThrow(expect.objectContaining({ code: 'RM_CAPTURE_UNIT', details: expect.objectContaining({ symbol: 'UNI-USD-SWAP' }) }))
    expect(await recordedPairs(alone)).toEqual(['BTCUSDT'])
    await expect(loadRecording(at(V2), 'DOGEUSDT', [])).rejects.toThrow(expect.objectContaining({ code: 'RM_CAPTURE_SYMBOL' }))
  })
})

describe('a recording with a lost connection', () => {
  let root = ''
  beforeAll(() => void (root = mkdtempSync(join(tmpdir(), 'recorded-formats-'))))
  afterAll(() => rmSync(root, { recursive: true }))
  const line = (n: number, json: object): string => `${1_732_000_000_000 + n}000000 ${JSON.stringify(json)}`
  const book = (n: number, type: 'snapshot' | 'delta', u: number, b: string[][], a: string[][]): string => line(n, { topic: 'orderbook.50.XRPUSDT', type, ts: n, data: { s: 'XRPUSDT', b, a, u, seq: u }, cts: n })
  const head = [line(0, { recorder: 'begin', version: 1, venue: 'bybit', symbols: ['XRPUSDT'], part: 1 }), book(1, 'snapshot', 7, [['1.0000', '5'], ['0.9999', '6']], [['1.0001', '5']])]
  const gone = line(20, { recorder: 'lost', symbol: 'XRPUSDT', connection: 1, url: 'ws://x/v5/public/linear', reason: 'cut' })
  const write = (lines: readonly string[]): string => {
    const path = join(root, 'x.rec')
    writeFileSync(path, lines.map((one) => `${one}\n`).join(''))
    return path
  }

  it('is played on from the next snapshot, which removes what is not in it', async () => {
    const path = write([...head, gone, book(25, 'delta', 9, [['0.9998', '1']], []), book(30, 'snapshot', 90, [['0.9999', '6'], ['0.9990', '1']], [['1.0001', '4']])])
    const { tape, contract } = await loadRecording([path], 'XRPUSDT', [])
    const time = new VirtualTime(tape.originMs)
    const exchange = new Exchange({ clock: time, timers: time, markets: [new RecordedMarket(tape, { contract, speed: 1, loop: false })], ledger: new VolatileLedger(), startingBalance: '1000', defaultLeverage: '5' })
    exchange.start()
    time.runUntil(25e6)
    expect(levelsOf(exchange, 'XRPUSDT', BUY, 9)).toEqual([[10_000, 5], [9999, 6]])
    time.runUntil(40e6)
    expect(levelsOf(exchange, 'XRPUSDT', BUY, 9)).toEqual([[9999, 6], [9990, 1]])
    expect(levelsOf(exchange, 'XRPUSDT', SELL, 9)).toEqual([[10_001, 4]])
  })

  it('and one with a gap that nobody noted is refused with its line', async () => {
    await expect(loadRecording([write([...head, book(25, 'delta', 9, [], [])])], 'XRPUSDT', [])).rejects.toThrow(expect.objectContaining({ code: 'RM_CAPTURE_GAP', details: expect.objectContaining({ line: 3, expected: '8', actual: '9', symbol: 'XRPUSDT' }) }))
  })
})
