/**
 * A whole vector: book message into the features' own book, histories, candles, all 110 values, and the trade behind it.
 * Time of one update, and what it leaves for the garbage collector, over twenty thousand of them.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { fail } from '../../src/core/index.ts'
import { FEATURES, firstNonFinite } from '../../src/features/index.ts'
import { defineBench, type Side } from '../harness.ts'
import { BenchMarket } from './market.ts'

const UPDATES = 20_000
/** Few enough for the young generation: a collection in between would hide what it took. */
const COUNTED = 20_000

const market = new BenchMarket(1)
const cold = firstNonFinite(market.out, 0, FEATURES)
if (cold >= 0) fail('RM_ASSERT', { what: 'the vector is warm before it is timed', place: cold })

const times = new Float64Array(UPDATES)
function timeAll(): Float64Array {
  for (let i = 0; i < UPDATES; i++) {
    const startMs = performance.now()
    market.step()
    times[i] = performance.now() - startMs
  }
  return times.toSorted()
}
const percentile = (name: string, share: number): Side => ({ name, measure: () => timeAll()[Math.floor(share * UPDATES)]! * 1000 })

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
/**
 * Heap that grew by one update of many: what the first ones after a collection grow it by is taken off. That is a matter of the compiler, once a
 * collection (10 to 24 kB, from build to build of the same code), and was half of the number while it stood in it.
 */
function bytesPerUpdate(): number {
  const grown = (updates: number): number => {
    collect()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < updates; i++) market.step()
    return process.memoryUsage().heapUsed - before
  }
  const first = grown(COUNTED)
  return Math.max((grown(4 * COUNTED) - first) / (3 * COUNTED), 1e-3)
}

export const bench = defineBench(
  'features-vector',
  { rounds: 7 },
  { name: 'one update, 50th percentile', unit: 'us', better: 'lower', ours: percentile('FeaturePipeline', 0.5), goal: { atMost: 10 } },
  { name: 'one update, 99th percentile', unit: 'us', better: 'lower', ours: percentile('FeaturePipeline', 0.99), goal: null },
  { name: 'heap grown by one update', unit: 'bytes', better: 'lower', ours: { name: 'FeaturePipeline', measure: bytesPerUpdate }, goal: { atMost: 1.5 } },
)

if (import.meta.main) await bench.run()
