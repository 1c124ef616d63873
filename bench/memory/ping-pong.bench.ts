import { defineBench } from '../harness.ts'
import { overMessages, overRing } from './sides.ts'

export const bench = defineBench(
  'memory-ping-pong',
  { rounds: 9 },
  {
    name: 'one record there and back, one under way',
    unit: 'round trips/s',
    better: 'higher',
    ours: overRing('two rings, Atomics.wait', ['ping', 'pong'], [2_000, 20_000]),
    peer: overMessages('postMessage of an object', 'object', ['ping', 'pong'], [2_000, 20_000]),
    goal: { ratio: 2 },
  },
)

if (import.meta.main) await bench.run()
