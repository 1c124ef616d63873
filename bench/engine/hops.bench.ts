/**
 * From tick to order frame on a running engine: three processes, a thread a symbol, real sockets, the generated market.
 * Each hop is timed by the engine itself, by the clock that all its threads share; a round is one engine from its start
 * on, its first cold calls included.
 */
import type { LatencySummary } from '../../src/telemetry/index.ts'
import { type BenchCase, defineBench } from '../harness.ts'
import { SharedRun } from './shared-run.ts'
import { sleep, WholeEngine } from './whole-engine.ts'

const HOPS: readonly (readonly [hop: string, says: string])[] = [
  ['receive_publish', 'frame received → tick in the ring'],
  ['tick_features', 'tick in the ring → feature vector'],
  ['features_inference', 'feature vector → inference'],
  ['decision_execution', 'decision → execution thread'],
  ['decide', 'a decision or price → records and effects'],
  ['journal_append', 'append to the journal and apply to the books'],
  ['order_send', 'effect → order frame sent'],
  ['tick_to_order', 'frame received → order frame sent'],
]
const RUN_MS = 40_000
/** A run that counts for nothing but warm caches of the machine. */
const WARM_UP_MS = 5000
const SAMPLES_MIN = 50

let runs = 0
const engine = new SharedRun('ringmaster', () =>
  WholeEngine.with([], async (running) => {
    const warmUp = runs++ === 0
    await sleep(warmUp ? WARM_UP_MS : RUN_MS)
    const { latencyNs } = await running.process.health()
    if (!warmUp) for (const [hop] of HOPS) if ((latencyNs[hop]?.count ?? 0) < SAMPLES_MIN) throw new Error(`${hop}: ${latencyNs[hop]?.count ?? 0} samples, at least ${SAMPLES_MIN} are needed`)
    console.log(`run ${runs}: ${HOPS.map(([hop]) => `${hop} ×${latencyNs[hop]?.count ?? 0}, longest ${((latencyNs[hop]?.max ?? 0) / 1e6).toFixed(1)} ms`).join('; ')}`)
    for (const [what, count] of running.troubles()) console.log(`  ${count} × ${what}`)
    return latencyNs
  }),
)

const cases = HOPS.flatMap(([hop, says]): BenchCase[] =>
  (['p50', 'p99'] as const).map((quantile) => ({
    name: `${hop}: ${says}, ${quantile}`,
    unit: 'us',
    better: 'lower',
    ours: engine.side(`${hop} ${quantile}`, (latencyNs: Readonly<Record<string, LatencySummary>>) => (latencyNs[hop]?.[quantile] ?? 0) / 1000),
    goal: null,
  })),
)

export const bench = defineBench('engine-hops', { rounds: 3 }, ...cases)

if (import.meta.main) await bench.run()
