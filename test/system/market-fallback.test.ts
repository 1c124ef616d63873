import { describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/index.ts'
import { defaultContracts, generatedMarket, type MarketSource } from '../../src/exchange/index.ts'
import { type TradingRecord } from '../../src/trading/index.ts'
import { SymbolReporter } from '../../workers/symbol-reporter.ts'
import { CutTransport } from './cut-transport.ts'
import { eagerConfig, type VirtualRun, virtualStart } from './virtual-run.ts'

const COINS = ['AVAX', 'BNB', 'BTC', 'DOGE', 'ETH', 'LINK', 'LTC', 'SOL', 'TRX', 'XRP']
const SYMBOLS = COINS.map((coin) => `${coin}USDT`)
const SECOND_NS = 1e9
/** No vector is whole, and nothing is traded, before the book was seen for so long. */
const WARM_S = 12

/** Ten markets on the grid of XRP, each with a seed of its own. */
function tenMarkets(): MarketSource[] {
  const xrp = defaultContracts.find((one) => one.symbol === 'XRPUSDT')!
  return COINS.map((baseCoin, i) => generatedMarket({ contract: { ...xrp, symbol: `${baseCoin}USDT`, baseCoin }, seed: 100 + i, startTicks: 6000 + 100 * i, historyMin: 60 }))
}

function configOf(venue: 'bybit' | 'okx'): Config {
  const config = eagerConfig(SYMBOLS, venue)
  return { ...config, risk: { ...config.risk, sizing: 'fixed', max_open_positions: 10, max_orders_per_minute: 600 }, exit: { ...config.exit, max_holding_s: 12 } }
}

interface World extends VirtualRun {
  readonly wire: CutTransport
  /** Runs for so many seconds more. */
  run(seconds: number): void
  health(): ReturnType<SymbolReporter['symbols']>
  count(pattern: RegExp): number
  intents(sinceMs: number, purpose: 'entry' | 'exit'): readonly Extract<TradingRecord, { kind: 'order-intended' }>[]
}

function start(venue: 'bybit' | 'okx'): World {
  let wire: CutTransport | null = null
  let run: VirtualRun | null = null
  // The wire is needed before the engine has given its time away.
  run = virtualStart(configOf(venue), tenMarkets(), {
    wrapTransport: (inner) => (wire = new CutTransport(inner, () => run?.engine.time.nowNs() ?? 0, (delayMs, callback) => void run!.engine.time.after(delayMs, callback))),
  })
  const { engine, journal } = run
  wire!.seen.length = 0
  const reporter = new SymbolReporter(engine.memory.registry, engine.memory.shares, engine.instruments, engine.time)
  return {
    ...run,
    wire: wire!,
    run: (seconds) => engine.runUntil(engine.time.nowNs() + seconds * SECOND_NS),
    health: () => reporter.symbols(),
    count: (pattern) => [...engine.record.counts].reduce((sum, [name, value]) => (pattern.test(name) ? sum + value : sum), 0),
    intents: (sinceMs, purpose) => {
      const found: Extract<TradingRecord, { kind: 'order-intended' }>[] = []
      journal.replay((record) => {
        if (record.kind === 'order-intended' && record.purpose === purpose && record.atMs >= sinceMs) found.push(record)
      })
      return found
    },
  }
}

const sum = (counts: readonly number[]): number => counts.reduce((total, one) => total + one, 0)

function expectDiscipline({ wire }: World): void {
  expect(wire.endless).toEqual([])
  expect(wire.shortestGapMs).toBeGreaterThanOrEqual(100)
  expect(wire.mostInFlight).toBeLessThanOrEqual(5)
  // OKX takes 20 of one kind in two seconds from one address.
  expect(wire.mostWithin(2000)).toBeLessThanOrEqual(20)
}

describe.each(['bybit', 'okx'] as const)('ten symbols whose public streams are cut, on %s', (venue) => {
  it('MD-15 to MD-19: exits are served by REST inside every limit, no entry is made, and all are back on the stream within 5 s', () => {
    const world = start(venue)
    const { wire, engine } = world
    world.run(WARM_S + 10)
    const held = world.health().filter((one) => one.position !== null).length
    expect(held).toBeGreaterThanOrEqual(3)
    expect(sum(world.health().map((one) => one.reads.exit.rest))).toBe(0)

    wire.sever()
    const cutMs = engine.time.wallMs()
    world.run(1.5)
    const deadMs = engine.time.wallMs()
    world.run(18)
    // Not one entry on a price that nobody has seen any more: the stale-price case of MD-12.
    expect(world.intents(deadMs, 'entry')).toEqual([])
    for (const one of world.health()) expect([one.symbol, one.bookValid, one.priceSource === 'stream']).toEqual([one.symbol, false, false])
    // Positions that came to their time meanwhile were closed on REST prices.
    expect(world.intents(deadMs, 'exit').length).toBeGreaterThanOrEqual(held)
    expect(sum(world.health().map((one) => one.reads.exit.rest))).toBeGreaterThan(0)
    expect(world.health().filter((one) => one.position !== null)).toEqual([])
    // Each step down is told once.
    const steps = world.logs.filter((line) => line.message.startsWith('exit prices come from') && line.data['is'] === 'rest')
    expect(steps.length).toBeGreaterThanOrEqual(held)
    for (const step of steps) expect([step.data['was'], Number.isFinite(step.data['ageMs'])]).toEqual([expect.stringMatching(/^(?:stream|none)$/), true])
    expect(steps.length).toBeLessThanOrEqual(2 * SYMBOLS.length)

    wire.mend()
    world.run(5)
    for (const one of world.health()) expect([one.symbol, one.bookValid, one.priceSource, one.priceAgeMs! < 1000]).toEqual([one.symbol, true, 'stream', true])
    expectDiscipline(world)
    expect(wire.seen.some((one) => one.atNs / 1e6 > 0 && /ticker/.test(one.path))).toBe(true)
    expect(cutMs).toBeLessThan(deadMs)
    for (let row = 0; row < SYMBOLS.length * 3 + 1; row++) expect(engine.record.table.read(row).restarts).toBe(0)
    engine.stop()
  }, 60_000)

  it('MD-19: with REST silent too, no exit has a price, every question ends by its deadline, and nothing blocks', () => {
    const world = start(venue)
    const { wire, engine } = world
    world.run(WARM_S + 10)
    const held = world.health().filter((one) => one.position !== null).length
    expect(held).toBeGreaterThanOrEqual(3)
    wire.mute = true
    wire.sever()
    world.run(3)
    const sinceMs = engine.time.wallMs()
    world.run(12)
    expect([...world.intents(sinceMs, 'entry'), ...world.intents(sinceMs, 'exit')]).toEqual([])
    for (const one of world.health()) expect([one.symbol, one.priceSource]).toEqual([one.symbol, 'none'])
    expect(world.count(/^execution exits_refused no-price/)).toBeGreaterThan(held)
    expect(world.count(/^execution quote_failures/)).toBeGreaterThan(0)
    // The wire keeps a place until its deadline, and the engine asks no more than there are places.
    expectDiscipline(world)

    wire.mute = false
    wire.mend()
    world.run(7)
    for (const one of world.health()) expect([one.symbol, one.bookValid, one.priceSource]).toEqual([one.symbol, true, 'stream'])
    // What was due while nobody knew a price is closed now.
    expect(world.intents(sinceMs, 'exit').length).toBeGreaterThanOrEqual(held)
    for (let row = 0; row < SYMBOLS.length * 3 + 1; row++) expect(engine.record.table.read(row).restarts).toBe(0)
    engine.stop()
  }, 60_000)
})
