/**
 * `kill -9` at random moments on the real processes of an engine that trades on the built-in exchange, over each venue's
 * protocol: engine, engine again before it has recovered, exchange, execution thread, supervisor, and all of them at once.
 * Ten kills at a time, then everything is compared. A difference ends the run and says where to look.
 *
 * RINGMASTER_BENCH_KILLS: kills of each venue, 100 without it. RINGMASTER_BENCH_SEED: moments and victims. RINGMASTER_BENCH_VENUES:
 * bybit, okx or both. RINGMASTER_BENCH_KEEP=1: journal, ledger and logs stay. The loop runs once, whatever the number of rounds: a kill is the round.
 */
import { type BenchCase, defineBench, type Goal } from '../harness.ts'
import { type Blow, KillLoop, type LoopResult, type Venue } from './kill-loop.ts'

const KILLS = Number(process.env['RINGMASTER_BENCH_KILLS'] ?? 100)
const SEED = Number(process.env['RINGMASTER_BENCH_SEED'] ?? 1)
const venues = (process.env['RINGMASTER_BENCH_VENUES'] ?? 'bybit,okx').split(',')
if (!Number.isInteger(KILLS) || KILLS < 1 || !Number.isInteger(SEED)) throw new Error('RINGMASTER_BENCH_KILLS is a whole number from 1, RINGMASTER_BENCH_SEED a whole number')
for (const venue of venues) if (venue !== 'bybit' && venue !== 'okx') throw new Error(`RINGMASTER_BENCH_VENUES: ${venue} is neither bybit nor okx`)

const READY_MS_MAX = 3000
const DUPLICATES = 'duplicate orders, orders without an intent'
const LOST = 'lost, doubled or altered executions'
const DIFFERENT = 'positions, cash or stops that differ'
const MUST_NOT: ReadonlySet<string> = new Set([DUPLICATES, LOST, DIFFERENT])

/** The numbers of one run, by the name of their row. */
function numbersOf({ kills, checks, ordersCompared, executionsCompared, positionsCompared, found }: LoopResult): Map<string, number> {
  const numbers = new Map<string, number>([
    ['kills', kills.length],
    ['kills with a live order', kills.filter((kill) => kill.orders > 0).length],
    ['kills with a live order or a position', kills.filter((kill) => kill.orders + kill.positions > 0).length],
    ['comparisons of everything', checks],
    ['orders compared', ordersCompared],
    ['executions compared', executionsCompared],
    ['open positions compared', positionsCompared],
    [DUPLICATES, found.duplicateOrders + found.unknownOrders],
    [LOST, found.executions],
    [DIFFERENT, found.positions + found.stops + found.journal],
  ])
  for (const [name, blows] of GROUPS) {
    for (const [what, pick] of [['→ Ready', 'readyMs'], ['new process → Ready', 'fromSpawnMs'], ['processor time until Ready', 'cpuMs']] as const) {
      const times = kills.filter((kill) => blows.includes(kill.blow)).map((kill) => kill[pick]).filter((ms) => ms !== null).toSorted((a, b) => a - b)
      if (times.length === 0) continue
      const label = pick === 'readyMs' ? `${name} ${what}` : `${name}: ${what}`
      numbers.set(`${label}, p50`, times[Math.floor((times.length - 1) / 2)]!)
      numbers.set(`${label}, max`, times.at(-1)!)
    }
  }
  return numbers
}

const GROUPS: readonly (readonly [string, readonly Blow[]])[] = [
  ['kill -9 of the engine', ['engine', 'engine-again']],
  ['kill -9 of the exchange', ['exchange']],
  ['hang of the execution thread', ['execution']],
  ['kill -9 of the supervisor, started by hand', ['root', 'all']],
]

/** Runs the loop of one venue. @returns its rows */
async function rowsOf(venue: Venue): Promise<BenchCase[]> {
  const loop = new KillLoop(venue, SEED, process.env['RINGMASTER_BENCH_KEEP'] === '1', (line) => console.log(line))
  const numbers = numbersOf(await loop.run(KILLS))
  return [...numbers].map(([name, value]) => {
    const isTime = name.includes('Ready')
    return { name, unit: isTime ? 'ms' : 'times', better: isTime || MUST_NOT.has(name) ? 'lower' : 'higher', mayBeZero: true, ours: { name: 'ringmaster', measure: () => value }, goal: goalOf(name) } satisfies BenchCase
  })
}

function goalOf(name: string): Goal | null {
  if (name === 'kills') return { atLeast: KILLS }
  if (MUST_NOT.has(name)) return { atMost: 0 }
  return name.startsWith('kill -9 of the engine →') ? { atMost: READY_MS_MAX } : null
}

if (import.meta.main) for (const venue of venues as Venue[]) await defineBench(`engine-kill-loop-${venue}`, { rounds: 1 }, ...(await rowsOf(venue))).run()
