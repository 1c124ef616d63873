import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { BUY, Random, SELL, type Side, VirtualTime } from '../../../src/core/index.ts'
import { defaultContracts, defaultStartTicks, Exchange, generatedMarket, MemoryLedger, VolatileLedger, type FlowProcess, type GeneratedMarketOptions, type Ledger, type MarketSource } from '../../../src/exchange/index.ts'
import { levelsOf, order } from './support.ts'

function open(seed: number, change: Partial<GeneratedMarketOptions> = {}, ledger: Ledger = new VolatileLedger(), wallMs = 1_700_000_000_000) {
  const time = new VirtualTime(wallMs)
  const markets: MarketSource[] = defaultContracts.map((contract) => generatedMarket({ contract, seed, startTicks: defaultStartTicks[contract.symbol], ...change }))
  return { time, markets, exchange: new Exchange({ clock: time, timers: time, markets, ledger, startingBalance: '100000', defaultLeverage: '10' }) }
}

/** Hash of everything that listeners hear while a scripted account trades. */
function eventHash(seed: number, seconds: number): string {
  const { time, exchange } = open(seed, { historyMin: 10 })
  const hash = createHash('sha256')
  const note = (kind: string) => (...values: readonly unknown[]): void => void hash.update(kind + JSON.stringify(values))
  exchange.listen({
    onBookChanged: (symbol) => note('book')(symbol, exchange.sequence(symbol), levelsOf(exchange, symbol, BUY, 5), levelsOf(exchange, symbol, SELL, 5)),
    onTrade: note('trade'), onCandle: note('candle'), onOrder: note('order'), onExecution: note('execution'), onPosition: note('position'), onWallet: note('wallet'),
  })
  const random = new Random(99)
  let sent = 0
  time.every(500, () => {
    const { symbol } = defaultContracts[random.below(3)]
    const summary = exchange.summary(symbol)
    const side = random.chance(0.5) ? BUY : SELL
    exchange.place('alice', order({ symbol, clientId: `d${++sent}`, side, priceTicks: side === BUY ? summary.bidTicks : summary.askTicks, lots: 100 + random.below(100) }))
    if (random.chance(0.3)) exchange.cancelAll('alice', symbol)
  })
  exchange.start()
  time.runUntil(seconds * 1e9)
  exchange.stop()
  expect(exchange.executions('alice', {}).length).toBeGreaterThan(5)
  return hash.digest('hex')
}

describe('generated market', () => {
  it('with planted events has books that lean one way or the other part of the time, and none else', () => {
    const leaning = (change: Partial<GeneratedMarketOptions>): number => {
      const { time, exchange } = open(4, { historyMin: 10, ...change })
      let looks = 0
      let leans = 0
      time.every(1000, () => {
        const near = (side: Side): number => levelsOf(exchange, 'BTCUSDT', side, 5).reduce((sum, level) => sum + level[1], 0)
        const [bids, asks] = [near(BUY), near(SELL)]
        looks++
        if (Math.abs(bids - asks) > 0.75 * (bids + asks)) leans++
      })
      exchange.start()
      time.runUntil(240e9)
      exchange.stop()
      return leans / looks
    }
    expect(leaning({})).toBeLessThan(0.05)
    expect(leaning({ edgesPerHour: 300 })).toBeGreaterThan(0.25)
  })

  it('two runs of one seed are equal event by event; another seed is another market', () => {
    const first = eventHash(5, 60)
    expect(eventHash(5, 60)).toBe(first)
    expect(eventHash(6, 60)).not.toBe(first)
  })

  it('is a plausible market: never crossed, tight, deep, two-sided, at the asked rate', () => {
    const { time, exchange } = open(3)
    const books = new Map<string, number>()
    const spreads = new Map<string, number[]>()
    const trades = { 0: 0, 1: 0 }
    let crossed = 0
    exchange.listen({
      onBookChanged: (symbol) => {
        books.set(symbol, (books.get(symbol) ?? 0) + 1)
        const { bidTicks, askTicks } = exchange.summary(symbol)
        if (bidTicks >= askTicks) crossed++
        const list = spreads.get(symbol) ?? []
        spreads.set(symbol, list)
        list.push(askTicks - bidTicks)
      },
      onTrade: (trade) => { trades[trade.side]++ },
    })
    exchange.start()
    time.runUntil(300e9)
    expect(crossed).toBe(0)
    for (const { symbol } of defaultContracts) {
      expect(books.get(symbol)! / 300).toBeGreaterThan(20)
      expect(books.get(symbol)! / 300).toBeLessThan(40)
      const sorted = spreads.get(symbol)!.sort((a, b) => a - b)
      expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(3)
      for (const side of [BUY, SELL] as const) {
        expect(levelsOf(exchange, symbol, side, 300).length).toBeGreaterThan(50)
        expect(levelsOf(exchange, symbol, side, 300).length).toBeLessThan(250)
      }
    }
    expect(Math.min(trades[0], trades[1])).toBeGreaterThan(1000)
  })

  it('clusters aggressive orders in time and draws heavy-tailed sizes', () => {
    const { time, exchange } = open(4)
    const counts = new Float64Array(600)
    const sizes: number[] = []
    exchange.listen({ onTrade: (trade) => { if (trade.symbol === 'XRPUSDT') { counts[Math.min(599, Math.floor(time.nowNs() / 0.5e9))]++; sizes.push(trade.lots) } } })
    exchange.start()
    time.runUntil(300e9)
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length
    // Independent arrivals would give a ratio of one.
    expect(variance / mean).toBeGreaterThan(1.3)
    sizes.sort((a, b) => a - b)
    expect(sizes[Math.floor(sizes.length * 0.99)] / sizes[Math.floor(sizes.length / 2)]).toBeGreaterThan(5)
  })

  it('goes through all regimes, and a trend moves further than a range', () => {
    const { time, exchange, markets } = open(8, { rate: 10 })
    exchange.start()
    const market = markets[0] as unknown as { readonly regime: string }
    const seen = new Map<string, { s: number; move: number; path: number }>()
    let last = exchange.summary('BTCUSDT').lastTicks
    for (let s = 10; s <= 3600; s += 10) {
      time.runUntil(s * 1e9)
      const { lastTicks } = exchange.summary('BTCUSDT')
      const entry = seen.get(market.regime) ?? { s: 0, move: 0, path: 0 }
      entry.s += 10
      entry.path += (lastTicks - last) ** 2
      seen.set(market.regime, entry)
      last = lastTicks
    }
    expect([...seen.keys()].sort()).toEqual(['choppy', 'ranging', 'trending'])
    const vol = (regime: string): number => Math.sqrt(seen.get(regime)!.path / seen.get(regime)!.s)
    expect(vol('choppy')).toBeGreaterThan(1.3 * vol('ranging'))
    expect(vol('trending')).toBeGreaterThan(vol('ranging'))
  })

  it('shows a day of candles and past funding at once', () => {
    const { exchange } = open(1)
    exchange.start()
    for (const { symbol } of defaultContracts) {
      const candles = exchange.candles(symbol, 1, 200)
      expect(candles).toHaveLength(200)
      for (let i = 1; i < candles.length; i++) {
        expect(candles[i].startMs - candles[i - 1].startMs).toBe(60_000)
        expect(candles[i].openTicks).toBe(candles[i - 1].closeTicks)
      }
      for (const candle of candles) {
        expect(candle.lowTicks).toBeLessThanOrEqual(Math.min(candle.openTicks, candle.closeTicks))
        expect(candle.highTicks).toBeGreaterThanOrEqual(Math.max(candle.openTicks, candle.closeTicks))
      }
      expect(exchange.candles(symbol, 5, 200)).toHaveLength(200)
      expect(exchange.candles(symbol, 60, 200).length).toBeGreaterThanOrEqual(24)
      expect(exchange.fundingHistory(symbol, 200)).toHaveLength(200)
    }
  })

  it('goes on near the last price after a restart, on another path', () => {
    const ledger = new MemoryLedger()
    const first = open(2, {}, ledger)
    first.exchange.start()
    first.time.runUntil(900e9)
    // Killed: nothing is stopped, the last note of the price is at most half a minute old.
    const last = first.exchange.summary('BTCUSDT').lastTicks
    expect(last).not.toBe(600_000)
    const second = open(2, {}, new MemoryLedger(ledger.lines), 1_700_001_000_000)
    second.exchange.start()
    const resumed = second.exchange.summary('BTCUSDT')
    expect(Math.abs(resumed.lastTicks / last - 1)).toBeLessThan(0.003)
    expect(second.exchange.sequence('BTCUSDT')).toBeGreaterThan(first.exchange.sequence('BTCUSDT'))
  })

  it('lets planted processes act on the book after every step, on their own chance', () => {
    const placed: number[] = []
    const wall: FlowProcess = {
      step: (view, flow, random) => {
        if (placed.length === 0 && view.seconds > 5) {
          placed.push(view.bidTicks - 3, 1_000_000 + random.below(10))
          flow.setLevel(BUY, placed[0], placed[1])
        }
      },
    }
    const { time, exchange } = open(1, { processes: [wall], rate: 20 })
    let seen = 0
    exchange.listen({ onBookChanged: (symbol) => { if (placed.length > 0 && exchange.externalLots(symbol, BUY, placed[0]) === placed[1]) seen++ } })
    exchange.start()
    time.runUntil(10e9)
    expect(placed).toHaveLength(2)
    expect(seen).toBeGreaterThan(0)
  })

  it('an account that sweeps the book finds it again a little later', () => {
    const { time, exchange } = open(9)
    exchange.start()
    time.runUntil(10e9)
    const depth = (): number => levelsOf(exchange, 'ETHUSDT', SELL, 20).reduce((sum, [, lots]) => sum + lots, 0)
    const before = depth()
    const { askTicks } = exchange.summary('ETHUSDT')
    const answer = exchange.place('alice', order({ symbol: 'ETHUSDT', priceTicks: askTicks + 10, lots: 20_000, timeInForce: 'IOC' }))
    expect(answer.ok && answer.value.filledLots).toBeGreaterThan(100)
    time.runUntil(70e9)
    expect(depth()).toBeGreaterThan(before / 3)
    expect(exchange.summary('ETHUSDT').askTicks - exchange.summary('ETHUSDT').bidTicks).toBeLessThan(20)
  })

  it.each([
    ['rate', { rate: 0 }], ['levels', { levels: 1000 }], ['start', { startTicks: 10 }], ['history', { historyMin: -1 }], ['notional', { levelNotional: Number.NaN }],
  ])('a bad %s is a coded error', (_, change) => {
    expect(() => open(1, change)).toThrow(expect.objectContaining({ code: 'RM_EXCHANGE_SETUP' }))
  })
})
