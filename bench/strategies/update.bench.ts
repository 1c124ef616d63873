/**
 * Everything that is made of one update of a symbol beside its order: detectors, five strategies and their vote; and the same with the vector of
 * 110 features in front. The market is the generated one with much planted, a quarter of an hour of it, played again and again.
 */
import { fail, SystemClock } from '../../src/core/index.ts'
import { DetectorSet } from '../../src/detection/index.ts'
import { defaultContracts, mixedEpisodes } from '../../src/exchange/index.ts'
import { FeaturePipeline, featureNames, FEATURES, firstNonFinite, type RecordedTrade } from '../../src/features/index.ts'
import { FEATURE_VECTOR, STRATEGY_NAMES } from '../../src/memory/index.ts'
import { CandleTape, type DeskSettings, makeStrategy, StrategyDesk, strategyDefaults } from '../../src/strategies/index.ts'
import type { BookUpdate } from '../../src/venues/index.ts'
import { PlantedMarket } from '../../test/detection/planted-market.ts'
import { detection } from '../../test/detection/settings.ts'
import { walkBars } from '../features/bars.ts'
import { defineBench, type Side } from '../harness.ts'

const SECONDS = 900
const MINUTE_MS = 60_000
const PAST_CANDLES = 200
/** Compilers and habits settle before it. */
const TIMED_FROM = 2000

interface Step {
  readonly update: BookUpdate
  readonly trades: readonly RecordedTrade[]
}

function record(): Step[] {
  const steps: { readonly update: BookUpdate; readonly trades: RecordedTrade[] }[] = []
  const keep = (update: BookUpdate): void => {
    const { bidTicks, bidLots, askTicks, askLots, ...rest } = update
    steps.push({ update: { ...rest, bidTicks: bidTicks.slice(), bidLots: bidLots.slice(), askTicks: askTicks.slice(), askLots: askLots.slice() }, trades: [] })
  }
  new PlantedMarket(1, mixedEpisodes(240), { onSnapshot: keep, onDelta: keep, onTrade: (side, priceTicks, lots, venueTimeMs) => void steps.at(-1)?.trades.push({ side, priceTicks, lots, venueTimeMs }), onClosed: () => {} }).run(SECONDS)
  return steps
}

const steps = record()
const instrument = defaultContracts[0]!
const names = featureNames()
const on = <T>(value: T) => ({ imbalance: value, momentum: value, sar_wave: value, super_trend: value, volume_profile: value })
const settings: DeskSettings = {
  consensus: { mode: 'weighted', strategiesMin: 2, confidenceMin: 0.6, conflict: 'resolve' },
  single: 'imbalance', model: 'decides', exits: 'any', repeatMs: 2000, budgetMs: 1e9, backoffMs: 1000, backoffMsMax: 60_000, recordNoTrade: false,
  enabled: on(true), weights: on(1), configs: { ...strategyDefaults, imbalance: { ...strategyDefaults.imbalance, clusterConfirmation: true } },
}
const clock = new SystemClock(process.hrtime.bigint())
const watch = { onFailed: (name: string, error: unknown) => fail('RM_ASSERT', { what: `${name} works` }, error), onBack: () => {} }
const times = new Float64Array(steps.length)

/** One symbol with a history of candles, as the actors of features and inference have it. */
class Symbol {
  readonly pipeline = new FeaturePipeline(instrument, { minClusterValue: 10_000 })
  readonly detectors = new DetectorSet(detection, instrument, watch)
  readonly vector = FEATURE_VECTOR.view(new ArrayBuffer(FEATURE_VECTOR.byteLength))
  readonly desk = new StrategyDesk(settings, STRATEGY_NAMES.map((name) => makeStrategy(name, settings.configs, names)), clock, ({ name }, trouble) => fail('RM_ASSERT', { what: `${name} is never left out, it was ${trouble}` }))
  readonly held = { side: 0 as const, entryPrice: 1, price: 1, bestPrice: 1 }
  warm = 0
  #closeTicks = 0

  constructor() {
    const { high, low, close, volume } = walkBars(PAST_CANDLES, 5)
    const tape = new CandleTape(MINUTE_MS)
    const firstMs = Math.floor(steps[0]!.update.venueTimeMs / MINUTE_MS) * MINUTE_MS - PAST_CANDLES * MINUTE_MS
    for (let i = 0; i < PAST_CANDLES; i++) {
      const startMs = firstMs + i * MINUTE_MS
      const [open, top, bottom, last, lots] = [close[Math.max(0, i - 1)]!, high[i]!, low[i]!, close[i]!, volume[i]!].map((value) => Math.round(value * 10)) as [number, number, number, number, number]
      this.pipeline.onClosed(startMs, open, top, bottom, last, lots, MINUTE_MS)
      this.detectors.onClosed(startMs, open, top, bottom, last, lots)
      tape.push(startMs, open / 10, top / 10, bottom / 10, last / 10, lots)
      this.desk.onCandle(tape.candle, clock.nowNs())
      this.#closeTicks = last
    }
  }

  /** Messages and trades as the pipeline tells them to whoever listens. */
  detect({ update, trades }: Step): void {
    const { book } = this.pipeline.bookFeatures
    if (update.snapshot) this.detectors.onSnapshot(update, book)
    else this.detectors.onDelta(update, book)
    for (let t = 0; t < trades.length; t++) this.detectors.takeTrade(trades[t]!)
  }

  /** The 110 values of an update. */
  features({ update, trades }: Step, place: number): void {
    const { pipeline, vector } = this
    if (!pipeline.onBook(update)) fail('RM_ASSERT', { what: 'the recorded message applies', place })
    pipeline.onForming(this.#closeTicks, this.#closeTicks + 400, this.#closeTicks - 400, this.#closeTicks + (place % 200), place)
    if (pipeline.compute(vector.f64, vector.values) < 0) this.warm++
    for (let t = 0; t < trades.length; t++) pipeline.takeTrade(trades[t]!)
  }

  /** Opinions, vote and exits, as the inference actor asks for them. */
  decide({ update }: Step): void {
    const { desk, vector, held } = this
    desk.observe(vector, clock.nowNs())
    desk.poll(update.venueTimeMs)
    desk.exit(held, 0b11111, clock.nowNs())
  }
}

/** Plays all of it through a new symbol. @param whole the vector is in the time, too */
function play(whole: boolean): Float64Array {
  const symbol = new Symbol()
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!
    let startMs = performance.now()
    symbol.features(step, i)
    if (!whole) startMs = performance.now()
    symbol.detect(step)
    symbol.decide(step)
    times[i] = performance.now() - startMs
  }
  if (symbol.warm < steps.length / 2) fail('RM_ASSERT', { what: 'most vectors are warm', warm: symbol.warm, cold: names[firstNonFinite(symbol.vector.f64, symbol.vector.values, FEATURES)] })
  return times.slice(TIMED_FROM).toSorted()
}
for (let i = 0; i < 3; i++) play(true)

const percentile = (name: string, whole: boolean, share: number): Side => ({
  name,
  measure: () => {
    const sorted = play(whole)
    return sorted[Math.floor(share * sorted.length)]! * 1000
  },
})

export const bench = defineBench(
  'signals-update',
  { rounds: 7 },
  { name: 'detectors, five strategies and their vote on one update, 50th percentile', unit: 'us', better: 'lower', ours: percentile('DetectorSet, StrategyDesk', false, 0.5), goal: { atMost: 30 } },
  { name: 'the same, 99th percentile', unit: 'us', better: 'lower', ours: percentile('DetectorSet, StrategyDesk', false, 0.99), goal: null },
  { name: 'the same with the 110 features in front, 50th percentile', unit: 'us', better: 'lower', ours: percentile('FeaturePipeline, DetectorSet, StrategyDesk', true, 0.5), goal: { atMost: 30 } },
  { name: 'the same with the 110 features in front, 99th percentile', unit: 'us', better: 'lower', ours: percentile('FeaturePipeline, DetectorSet, StrategyDesk', true, 0.99), goal: null },
)

if (import.meta.main) await bench.run()
