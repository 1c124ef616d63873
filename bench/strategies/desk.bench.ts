/**
 * Five strategies and their vote: one vector (each strategy sees it, each is asked, the votes are counted), one closed candle, and a hundred symbols
 * at twenty vectors a second each on one core.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Clock, fail, Random, SystemClock } from '../../src/core/index.ts'
import { featureNames } from '../../src/features/index.ts'
import { FEATURE_VECTOR, STRATEGY_NAMES } from '../../src/memory/index.ts'
import { RegimeDetector, regimeDefaults } from '../../src/regime/index.ts'
import { ADX, ATR_14, CandleTape, type DeskSettings, makeStrategy, StrategyDesk, strategyDefaults } from '../../src/strategies/index.ts'
import { defineBench, type Side } from '../harness.ts'

const MINUTE_MS = 60_000
const UPDATES = 20_000
const names = featureNames()
const on = <T>(value: T) => ({ imbalance: value, momentum: value, sar_wave: value, super_trend: value, volume_profile: value })
const settings: DeskSettings = {
  consensus: { mode: 'weighted', strategiesMin: 2, confidenceMin: 0.6, conflict: 'resolve' },
  single: 'imbalance', model: 'decides', exits: 'any', repeatMs: 2000, budgetMs: 1e9, backoffMs: 1000, backoffMsMax: 60_000, recordNoTrade: false,
  enabled: on(true), weights: on(1), configs: { ...strategyDefaults, imbalance: { ...strategyDefaults.imbalance, clusterConfirmation: true } },
}
const system = new SystemClock(process.hrtime.bigint())
/** Costs nothing to read: a number of the real one is an object of sixteen bytes. */
const still: Clock = { nowNs: () => 5, wallMs: () => 5 }
const bid = names.indexOf('depth_bid_5')
const ask = names.indexOf('depth_ask_5')

/** One symbol, warm, with a market of its own. */
class Symbol {
  readonly desk: StrategyDesk
  readonly clock: Clock
  readonly vector = FEATURE_VECTOR.view(new ArrayBuffer(FEATURE_VECTOR.byteLength))
  readonly tape = new CandleTape(MINUTE_MS)
  readonly detector = new RegimeDetector(regimeDefaults)
  readonly held = { side: 0 as const, entryPrice: 1000, price: 1000, bestPrice: 1000 }
  readonly random: Random
  price = 1000
  startMs = 0
  venueMs = 0

  constructor(seed: number, clock: Clock) {
    this.clock = clock
    this.desk = new StrategyDesk(settings, STRATEGY_NAMES.map((name) => makeStrategy(name, settings.configs, names)), clock, ({ name }, trouble) => fail('RM_ASSERT', { what: `${name} is never left out, it was ${trouble}` }))
    this.random = new Random(seed)
    for (let i = 0; i < 200; i++) this.candle()
  }

  candle(): void {
    const { random, tape } = this
    const open = this.price
    this.price *= 1 + random.between(-0.002, 0.002)
    const reach = random.between(0, 1)
    this.startMs += MINUTE_MS
    tape.push(this.startMs, open, Math.max(open, this.price) + reach, Math.min(open, this.price) - reach, this.price, random.between(1, 100))
    const { candle } = tape
    this.desk.onCandle(candle, this.clock.nowNs())
    this.detector.onCandle(candle.high, candle.low, candle.close, candle.indicators[ADX]!, candle.indicators[ATR_14]!)
    this.venueMs = this.startMs + MINUTE_MS
  }

  /** What comes of one vector, as the inference actor asks for it. @returns the outcome of the vote */
  update(): number {
    const { vector, desk, held } = this
    vector.f64[vector.values + bid] = this.random.between(0, 10)
    vector.f64[vector.values + ask] = this.random.between(0, 10)
    desk.observe(vector, this.clock.nowNs())
    desk.poll(this.venueMs)
    held.price = this.price
    desk.exit(held, 0b11111, this.clock.nowNs())
    return desk.tally.outcome
  }
}

const one = new Symbol(1, system)
const quiet = new Symbol(1, still)
const times = new Float64Array(UPDATES)
function timed(name: string, share: number, step: () => void, count = UPDATES): Side {
  return {
    name,
    measure: () => {
      for (let i = 0; i < count; i++) {
        const startMs = performance.now()
        step()
        times[i] = performance.now() - startMs
      }
      return times.subarray(0, count).toSorted()[Math.floor(share * count)]! * 1000
    },
  }
}

const hundred = Array.from({ length: 100 }, (_, i) => new Symbol(i + 2, system))
/** Share of one core that a second of it takes: vectors, and the candle of each minute. */
function coreShare(): number {
  const startMs = performance.now()
  for (let vector = 0; vector < 20; vector++) for (const symbol of hundred) symbol.update()
  // A candle a minute: of sixty seconds one has all, or each has a part.
  for (let i = 0; i < 100 / 60; i++) hundred[i]!.candle()
  return (performance.now() - startMs) / 10
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
/** Heap that grew over many updates, less what an empty measurement grows it by. */
function bytesPerUpdate(): number {
  const grown = (body: () => void): number => {
    collect()
    const before = process.memoryUsage().heapUsed
    body()
    return process.memoryUsage().heapUsed - before
  }
  const idle = grown(() => {})
  return Math.max((grown(() => {
    for (let i = 0; i < UPDATES; i++) quiet.update()
  }) - idle) / UPDATES, 1e-3)
}

export const bench = defineBench(
  'strategies-desk',
  { rounds: 9 },
  { name: 'five strategies and their vote on one vector, 50th percentile', unit: 'us', better: 'lower', ours: timed('StrategyDesk', 0.5, () => void one.update()), goal: { atMost: 30 } },
  { name: 'the same, 99th percentile', unit: 'us', better: 'lower', ours: timed('StrategyDesk', 0.99, () => void one.update()), goal: null },
  { name: 'heap grown by it, apart from reading the clock', unit: 'bytes', better: 'lower', ours: { name: 'StrategyDesk', measure: bytesPerUpdate }, goal: { atMost: 1.5 } },
  { name: 'one closed candle: indicators, five strategies, regime, 50th percentile', unit: 'us', better: 'lower', ours: timed('StrategyDesk', 0.5, () => one.candle(), 2000), goal: null },
  { name: '100 symbols at 20 vectors a second, share of one core', unit: '%', better: 'lower', ours: { name: 'StrategyDesk', measure: coreShare }, goal: { atMost: 100 } },
)

if (import.meta.main) await bench.run()
