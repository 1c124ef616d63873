import { defineBench } from '../harness.ts'
import { overMessages, overRing } from './sides.ts'

const ring = overRing('ring, 64-byte records, batches of 64', ['produce', 'consume'], [640_000, 6_400_000])

export const bench = defineBench(
  'memory-streaming',
  { rounds: 7 },
  {
    name: 'one thread to another, against messages of 8 fields',
    unit: 'records/s',
    better: 'higher',
    ours: ring,
    peer: overMessages('postMessage of an object', 'object', ['produce', 'consume'], [19_200, 128_000]),
    goal: { ratio: 50 },
  },
  {
    name: 'one thread to another, against batches of 64 records',
    unit: 'records/s',
    better: 'higher',
    ours: ring,
    peer: overMessages('postMessage of a Float64Array', 'batch', ['produce', 'consume'], [64_000, 960_000]),
    goal: { ratio: 5 },
  },
)

if (import.meta.main) await bench.run()
