/**
 * From the gap that ingest tells to a book that is valid again: the whole engine on virtual time with the wire of paper
 * mode, over seeded faults of the wire. A time is virtual (latencies, back-off, the venue's push period) plus what this
 * machine worked on the engine and the exchange meanwhile.
 */
import { loadConfig } from '../../src/config/index.ts'
import type { Nanos } from '../../src/core/index.ts'
import { defaultContracts, defaultStartTicks, generatedMarket } from '../../src/exchange/index.ts'
import { drawFaults, type FaultRates } from '../../src/exchange/front/index.ts'
import { TICK, TICK_GAP } from '../../src/memory/index.ts'
import { MemoryJournal } from '../../src/trading/index.ts'
import { VirtualEngine } from '../../workers/virtual-engine.ts'
import { type BenchCase, defineBench } from '../harness.ts'

type Venue = 'bybit' | 'okx'
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'XRPUSDT']
/** Long, so that breaks lie apart: a crowd of them measures the back-off. */
const RUN_NS = 400e9
const ORIGIN_MS = Date.UTC(2024, 6, 24)
/** Fewer than a hundred make the p99 the slowest one. */
const SAMPLES_MIN = 10

/** Losses inside a connection that stays, and connections that are cut: two different roads back. */
const FAULTS: Readonly<Record<string, FaultRates>> = {
  'lost and swapped frames': { 'drop-frames': 1.5, 'reorder-frames': 1.5, 'skip-updates': 1.5 },
  'connections cut': { 'drop-connections': 1.5, 'cut-frames': 1.5 },
}

let seed = 0
const runs = new Map<string, { readonly firstAsked: number; readonly samplesMs: readonly number[] }>()

/** Time in ms at a quantile. A round asks for two of them: the first one makes a fresh run, the other reads the same. */
function resyncsMs(venue: Venue, faults: string, quantile: number): number {
  const key = `${venue} ${faults}`
  const known = runs.get(key)
  if (known === undefined || known.firstAsked === quantile) runs.set(key, { firstAsked: quantile, samplesMs: run(venue, FAULTS[faults]!, ++seed) })
  const { samplesMs } = runs.get(key)!
  if (samplesMs.length < SAMPLES_MIN) throw new Error(`${key}: ${samplesMs.length} resyncs, at least ${SAMPLES_MIN} are needed`)
  return samplesMs[Math.min(samplesMs.length - 1, Math.floor(samplesMs.length * quantile))]!
}

/** Times of all resyncs of one run in ms, sorted. */
function run(venue: Venue, rates: FaultRates, ofSeed: number): number[] {
  const overrides = Object.entries({ venue, trading_pairs: SYMBOLS.join(',') }).map(([path, value]) => ({ path, value, from: 'bench' }))
  const { config } = loadConfig({ dir: new URL('../../config', import.meta.url).pathname, env: {}, envFile: null, overrides })
  const markets = SYMBOLS.map((symbol) => generatedMarket({ contract: defaultContracts.find((one) => one.symbol === symbol)!, seed: ofSeed, startTicks: defaultStartTicks[symbol]!, historyMin: 60 }))
  const engine = new VirtualEngine({ config, markets, originMs: ORIGIN_MS, journal: new MemoryJournal(), onLog: () => {} })
  const { memory, time, front } = engine
  const views = memory.ticks.map((ring) => TICK.view(ring.buffer))
  const next = memory.ticks.map(() => 0)
  const gaps = memory.ticks.map((): { readonly atNs: Nanos; workMs: number } | null => null)
  const samplesMs: number[] = []
  front.playFaults(drawFaults(ofSeed, rates, front.faultNames(config.book_depth)))
  while (time.nextNs <= RUN_NS) {
    const startedMs = performance.now()
    if (!time.step()) break
    const workMs = performance.now() - startedMs
    for (const [i, ring] of memory.ticks.entries()) {
      const gap = gaps[i]
      if (gap !== null && gap !== undefined) gap.workMs += workMs
      for (; next[i]! < ring.published; next[i]!++) {
        const tick = views[i]!.at(ring.slotAt(next[i]!))
        if (tick.kind === TICK_GAP) gaps[i] ??= { atNs: time.nowNs(), workMs: 0 }
        const open = gaps[i]
        if (tick.bookValid !== 1 || open === null || open === undefined) continue
        samplesMs.push((time.nowNs() - open.atNs) / 1e6 + open.workMs)
        gaps[i] = null
      }
    }
  }
  engine.stop()
  console.log(`${venue}, seed ${ofSeed}: ${samplesMs.length} resyncs`)
  return samplesMs.sort((a, b) => a - b)
}

const cases = (['bybit', 'okx'] as const).flatMap((venue) =>
  Object.keys(FAULTS).flatMap((faults): BenchCase[] =>
    ([['p50', 0.5], ['p99', 0.99]] as const).map(([name, quantile]) => ({
      name: `resync on ${venue}, ${faults}, ${name}`,
      unit: 'ms',
      better: 'lower',
      ours: { name: 'ringmaster', measure: () => resyncsMs(venue, faults, quantile) },
      goal: null,
    })),
  ),
)

export const bench = defineBench('engine-resync', { rounds: 3 }, ...cases)

if (import.meta.main) await bench.run()
