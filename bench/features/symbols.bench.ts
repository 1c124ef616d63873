/**
 * Fifty symbols at twenty book messages a second each, on one core: how much of it the features take, and how many
 * messages a second they would sustain.
 */
import { defineBench } from '../harness.ts'
import { BenchMarket } from './market.ts'

const SYMBOLS = 50
const PER_SECOND = 20
const NEEDED = SYMBOLS * PER_SECOND
const SECONDS = 20

const markets = Array.from({ length: SYMBOLS }, (_, i) => new BenchMarket(100 + i))

/** Updates a second of one core, symbols in turn as their messages come. */
function sustained(): number {
  const startMs = performance.now()
  for (let round = 0; round < SECONDS * PER_SECOND; round++) for (const market of markets) market.step()
  return (SECONDS * NEEDED * 1000) / (performance.now() - startMs)
}

export const bench = defineBench(
  'features-symbols',
  { rounds: 5 },
  { name: `${SYMBOLS} symbols in turn, vectors on one core`, unit: 'updates/s', better: 'higher', ours: { name: 'FeaturePipeline', measure: sustained }, goal: { atLeast: NEEDED } },
)

if (import.meta.main) {
  const { cases } = await bench.run()
  const rate = cases[0]!.ours.median
  console.log(`headroom: ${(rate / NEEDED).toFixed(0)}× what ${SYMBOLS} symbols × ${PER_SECOND} updates/s need, ${((100 * NEEDED) / rate).toFixed(1)} % of one core`)
}
