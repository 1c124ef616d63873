import { fail } from '../../src/core/index.ts'
import { type BenchCase, defineBench, inProcess } from '../harness.ts'
import { type Contestant, ours, plain, tardis } from './contestants.ts'
import { type DeltaStream, deltaStream } from './streams.ts'

/** All must read the same best bid after every message, or there is nothing to compare. */
function checked(name: string, stream: DeltaStream, perMessage: number): Contestant {
  const all = [ours(stream, perMessage), plain(stream, perMessage), tardis(stream, perMessage)] as const
  const sums = all.map((contestant) => contestant.apply(contestant.messages))
  if (sums.some((sum) => sum !== sums[0])) fail('RM_ASSERT', { what: `books agree on ${name}: sums of best bids are ${sums.join(', ')}` })
  return all[0]
}

/** Levels of one timed call: some tenths of a millisecond of the fast ones, not too long of the slow ones. */
const PER_CALL = 4096

const side = (name: string, contestant: Contestant, perMessage = 1) =>
  inProcess(name, () => void contestant.apply(PER_CALL / perMessage), { perCall: PER_CALL, timeMs: 150, warmupMs: 50 })

function cases(depth: number, drift: boolean, perMessage = 1): BenchCase[] {
  const stream = deltaStream(depth, drift)
  const name = `depth ${depth}, ${drift ? 'drifting' : 'fixed'} mid, ${perMessage === 1 ? '1 level' : `${perMessage} levels`} per message`
  const us = side('OrderBook.apply', checked(name, stream, perMessage), perMessage)
  return [
    { name: `${name}, tardis-dev`, unit: 'levels/s', better: 'higher', ours: us, peer: side('tardis-dev OrderBook.update', tardis(stream, perMessage), perMessage), goal: { ratio: depth >= 200 ? 6 : 5 } },
    { name: `${name}, plain arrays`, unit: 'levels/s', better: 'higher', ours: us, peer: side('plain sorted arrays', plain(stream, perMessage), perMessage), goal: { ratio: 2 } },
  ]
}

function depthCase(drift: boolean): BenchCase {
  const [shallow, deep] = [deltaStream(50, drift), deltaStream(500, drift)]
  return {
    name: `cost at depth 500 against depth 50, ${drift ? 'drifting' : 'fixed'} mid`,
    unit: 'levels/s',
    better: 'higher',
    ours: side('OrderBook.apply at 500', ours(deep)),
    peer: side('OrderBook.apply at 50', ours(shallow)),
    goal: { ratio: 0.8 },
  }
}

const grid = [50, 200, 500].flatMap((depth) => [false, true].flatMap((drift) => cases(depth, drift)))

export const bench = defineBench('book', { rounds: 5 }, ...grid, ...cases(200, true, 16), depthCase(false), depthCase(true))

if (import.meta.main) await bench.run()
