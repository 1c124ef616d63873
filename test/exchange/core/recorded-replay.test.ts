import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { BUY, SELL, VirtualTime } from '../../../src/core/index.ts'
import { Exchange, loadTape, RecordedMarket, recordedContracts, recordedMarket, tapeEvent, TAPE_EVENT_MASK, VolatileLedger, type Contract, type PublicTrade } from '../../../src/exchange/index.ts'
import { levelsOf, order } from './support.ts'

const folder = join(process.env['RINGMASTER_DATA'] ?? '../shared/data', 'l2_binance_raw')
const file = (name: string): string => join(folder, `binance_${name}.raw.gz`)
const [btc, eth, nexo] = recordedContracts
const present = existsSync(file('spot_nexousdt_20240724'))

function replayed(market: RecordedMarket): { readonly time: VirtualTime; readonly exchange: Exchange } {
  const time = new VirtualTime(1_700_000_000_000)
  return { time, exchange: new Exchange({ clock: time, timers: time, markets: [market], ledger: new VolatileLedger(), startingBalance: '100000', defaultLeverage: '10' }) }
}

interface Shown {
  /** Nanoseconds after the snapshot, exact. */
  readonly atNs: bigint
  readonly bids: [number, number][]
  readonly asks: [number, number][]
}

/**
 * The capture read again, by other means: whole-file gunzip, BigInt clock, prices kept as text in maps, no chain rules but the
 * documented "drop what the snapshot contains". Best levels after every `every`-th depth message, and the trades.
 */
interface Levels {
  readonly b: string[][]
  readonly a: string[][]
}
/** A line of a capture: a bare snapshot, or an event of a stream. */
interface CaptureMessage {
  readonly lastUpdateId?: number
  readonly bids: string[][]
  readonly asks: string[][]
  readonly data: Levels & { readonly e: string; readonly u: number; readonly q: string }
}

function plainReplay(paths: readonly string[], every: number, sizeOf: (quantity: string, price: string) => number, priceOf: (text: string) => number, linesMax = Number.POSITIVE_INFINITY) {
  const sides = { b: new Map<string, string>(), a: new Map<string, string>() }
  const shown: Shown[] = []
  const waiting: { readonly u: number; readonly b: string[][]; readonly a: string[][] }[] = []
  let trades = 0
  let originNs = -1n
  let snapshotId = -1
  let messages = 0
  const apply = (depth: { readonly b: string[][]; readonly a: string[][] }): void => {
    for (const key of ['b', 'a'] as const) for (const [price, quantity] of depth[key]) if (Number(quantity) === 0) sides[key].delete(price); else sides[key].set(price, quantity)
  }
  const best = (levels: Map<string, string>, sign: 1 | -1): [number, number][] =>
    [...levels].map(([price, quantity]): [number, number] => [priceOf(price), sizeOf(quantity, price)]).sort((x, y) => sign * (x[0] - y[0])).slice(0, 200)
  for (const path of paths) {
    const lines = gunzipSync(readFileSync(path)).toString('utf8').split('\n')
    for (const line of lines.slice(0, linesMax)) {
      if (line === '' || line.includes('bookTicker')) continue
      const [stamp] = line.split(' ', 1)
      const atNs = BigInt(stamp) * (stamp.length === 16 ? 1000n : 1n)
      const message = JSON.parse(line.slice(stamp.length)) as CaptureMessage
      if (message.lastUpdateId !== undefined) {
        snapshotId = message.lastUpdateId
        originNs = atNs
        apply({ b: message.bids, a: message.asks })
        for (const depth of waiting) if (depth.u >= snapshotId) apply(depth)
      } else if (message.data.e === 'depthUpdate') {
        if (snapshotId < 0) waiting.push(message.data)
        else if (message.data.u > snapshotId) {
          apply(message.data)
          if (++messages % every === 0) shown.push({ atNs: atNs - originNs, bids: best(sides.b, -1), asks: best(sides.a, 1) })
        }
      } else if (message.data.e === 'trade' && snapshotId >= 0 && Number(message.data.q) > 0) trades++
    }
  }
  return { shown, trades }
}

const captures: readonly { readonly id: string; readonly contract: Contract; readonly files: readonly string[]; readonly every: number; readonly coinUsd: number }[] = [
  { id: 'spot NEXO, microseconds, a day, follow-on file', contract: nexo, files: ['spot_nexousdt_20240723', 'spot_nexousdt_20240724'], every: 3001, coinUsd: 0 },
  { id: 'BTC perpetual, microseconds, over midnight', contract: btc, files: ['usdm_btcusdt_20230404', 'usdm_btcusdt_20230405'], every: 701, coinUsd: 0 },
  { id: 'ETH perpetual, nanoseconds', contract: eth, files: ['usdm_ethusdt_20240808'], every: 401, coinUsd: 0 },
  { id: 'BTC coin-margined, contracts of 100 USD', contract: btc, files: ['cm_btcusd_perp_20240808'], every: 2003, coinUsd: 100 },
]

describe.skipIf(!present)('recorded captures (needs recorded data: RINGMASTER_DATA)', () => {
  it.each(captures)('the book equals an independent replay whenever no account has orders: $id', async ({ contract, files, every, coinUsd }) => {
    const paths = files.map(file)
    const market = await recordedMarket({ contract, files: paths, speed: 1, loop: false })
    const { time, exchange } = replayed(market)
    let trades = 0
    let crossed = 0
    exchange.listen({
      onTrade: () => { trades++ },
      onBookChanged: (symbol) => { const { bidTicks, askTicks } = exchange.summary(symbol); if (bidTicks >= askTicks) crossed++ },
    })
    exchange.start()
    const sizeOf = (quantity: string, price: string): number => (coinUsd === 0 ? Math.round(Number(quantity) / contract.lot.value) : Math.max(1, Math.round((Number(quantity) * coinUsd) / Number(price) / contract.lot.value)))
    const truth = plainReplay(paths, every, sizeOf, (text) => Math.round(Number(text) / contract.tick.value))
    expect(truth.shown.length).toBeGreaterThan(10)
    for (const { atNs, bids, asks } of truth.shown) {
      time.runUntil(Number(atNs))
      expect(levelsOf(exchange, contract.symbol, BUY, 200), `bids ${atNs} ns after the snapshot`).toEqual(bids)
      expect(levelsOf(exchange, contract.symbol, SELL, 200), `asks ${atNs} ns after the snapshot`).toEqual(asks)
    }
    time.runUntil(market.tape.durationNs + 1e9)
    expect([trades, crossed, market.ended]).toEqual([truth.trades, 0, true])
  })

  it('begins again with a seam: the snapshot replaces the whole book, account orders stay at the tail', async () => {
    const tape = await loadTape([file('spot_nexousdt_20240723')], nexo)
    const { time, exchange } = replayed(new RecordedMarket(tape, { contract: nexo, speed: 50, loop: true }))
    const seams: string[] = []
    exchange.listen({ onSeam: (symbol, reason) => seams.push(`${symbol}: ${reason}`) })
    exchange.start()
    const [bids, asks] = [levelsOf(exchange, 'NEXOUSDT', BUY, 400), levelsOf(exchange, 'NEXOUSDT', SELL, 1000)]
    expect([bids.length, asks.length]).toEqual([305, 818])
    // Deep in the book, where nothing of the recording trades.
    expect(exchange.place('alice', order({ symbol: 'NEXOUSDT', clientId: 'deep', priceTicks: 1000, lots: 1000 })).ok).toBe(true)
    const passNs = tape.durationNs / 50
    time.runUntil(Math.ceil(passNs) + 1)
    expect(seams).toEqual(['NEXOUSDT: recording begins again'])
    expect(exchange.queueAheadLots('alice', { clientId: 'deep' })).toBe(exchange.externalLots('NEXOUSDT', BUY, 1000))
    exchange.cancelAll('alice', null)
    expect(levelsOf(exchange, 'NEXOUSDT', BUY, 400)).toEqual(bids)
    expect(levelsOf(exchange, 'NEXOUSDT', SELL, 1000)).toEqual(asks)
    time.runUntil(Math.ceil(2 * passNs) + 2)
    expect(seams).toHaveLength(2)
    expect(levelsOf(exchange, 'NEXOUSDT', BUY, 400)).toEqual(bids)
  })

  it('is re-timed to the clock of the exchange, and faster when asked', async () => {
    const tape = await loadTape([file('spot_nexousdt_20240723')], nexo)
    const times = (speed: number): number[] => {
      const { time, exchange } = replayed(new RecordedMarket(tape, { contract: nexo, speed, loop: false }))
      const seen: number[] = []
      exchange.listen({ onTrade: () => seen.push(time.nowNs()) })
      exchange.start()
      time.runUntil(tape.durationNs + 1e9)
      return seen
    }
    const expected: number[] = []
    for (let i = 0; i < tape.length; i++) if ((tape.code[i] & TAPE_EVENT_MASK) === tapeEvent.buy || (tape.code[i] & TAPE_EVENT_MASK) === tapeEvent.sell) expected.push(tape.timeNs[i])
    expect(expected.length).toBeGreaterThan(100)
    expect(times(1)).toEqual(expected)
    expect(times(10)).toEqual(expected.map((ns) => Math.ceil(ns / 10)))
  })

  it('fills an account order that recorded trades went through, and prints the recorded volume all the same', async () => {
    const tape = await loadTape([file('usdm_btcusdt_20230404')], btc)
    const run = (withOrder: boolean): { readonly volume: number; readonly filled: number } => {
      const { time, exchange } = replayed(new RecordedMarket(tape, { contract: btc, speed: 1, loop: false }))
      const trades: PublicTrade[] = []
      exchange.listen({ onTrade: (trade) => trades.push(trade) })
      exchange.start()
      time.runUntil(1e9)
      if (withOrder) {
        const { bidTicks } = exchange.summary('BTCUSDT')
        exchange.place('alice', order({ symbol: 'BTCUSDT', priceTicks: bidTicks, lots: 20 }))
      }
      const from = trades.length
      time.runUntil(90e9)
      return { volume: trades.slice(from).reduce((sum, trade) => sum + trade.lots, 0), filled: exchange.position('alice', 'BTCUSDT').signedLots }
    }
    const [without, with_] = [run(false), run(true)]
    expect(without.filled).toBe(0)
    expect(with_.filled).toBe(20)
    // Trades of the recording are printed once; only market levels that ran into the order print more.
    expect(with_.volume).toBeGreaterThanOrEqual(without.volume)
    expect(with_.volume).toBeLessThanOrEqual(without.volume + 20)
  })

  it('plays the first minutes before the start: they become candles, the book is the one of that moment', async () => {
    const tape = await loadTape([file('spot_nexousdt_20240723')], nexo)
    const whole = replayed(new RecordedMarket(tape, { contract: nexo, speed: 1, loop: false }))
    whole.exchange.start()
    whole.time.runUntil(600e9)
    const later = replayed(new RecordedMarket(tape, { contract: nexo, speed: 1, loop: false, historyMin: 10 }))
    later.exchange.start()
    expect(levelsOf(later.exchange, 'NEXOUSDT', BUY, 500)).toEqual(levelsOf(whole.exchange, 'NEXOUSDT', BUY, 500))
    expect(levelsOf(later.exchange, 'NEXOUSDT', SELL, 1000)).toEqual(levelsOf(whole.exchange, 'NEXOUSDT', SELL, 1000))
    const sum = (exchange: Exchange): number => exchange.candles('NEXOUSDT', 1, 100).reduce((total, candle) => total + candle.lots, 0)
    expect(sum(later.exchange)).toBe(sum(whole.exchange))
    expect(later.exchange.candles('NEXOUSDT', 1, 100).length).toBeGreaterThanOrEqual(9)
  })
})
