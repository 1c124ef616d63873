/**
 * A hundred symbols on one core: how many frames a second their whole market data side sustains. Four frames in five are
 * book deltas of 4+4 levels on books of 50, one is a trade. The rate rises until the backlog grows. Once without a network,
 * once over a hundred real sockets, one for each symbol; the frame server has the other core to itself.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { fail } from '../../src/core/index.ts'
import { SharedRun } from '../engine/shared-run.ts'
import { type BenchCase, defineBench } from '../harness.ts'
import { CAN_PIN, ClientProcess, LoopProcess, ServerProcess } from './processes.ts'
import { highestSustained } from './rising.ts'
import type { ScriptShape } from './script.ts'

const SYMBOLS = 100
const SCRIPT: ScriptShape = { symbols: SYMBOLS, depth: 50, perSide: 4, deltas: 511, tradeEvery: 4 }
const [SERVER_CORE, CLIENT_CORE] = [0, 1]
const WARM_UP_PER_S = 8000
const WARM_UP_MS = 2000
const CLIMB = { startPerS: 20_000, factor: 1.15 } as const
const STEP_MS = 600
/** What was sent last has to be handled so much later at most. */
const LATE_MS = 25
const LOOK_MS = 2
/** The server's own part: it sent what was due. */
const KEPT_UP = 0.99

interface Sustained {
  readonly updatesPerS: number
  /** Processor time for each, us. */
  readonly cpuUs: number
}

async function overSockets(): Promise<Sustained> {
  const { server, port } = await ServerProcess.start(SCRIPT, SERVER_CORE)
  const client = await ClientProcess.start('ringmaster', { port, symbols: SYMBOLS, depth: 50, features: true }, CLIENT_CORE)
  let serverKeptUp = true
  let cpuUs = Number.NaN
  const run = async (framesPerS: number, durationMs: number): Promise<boolean> => {
    const before = await client.usage()
    server.rate(framesPerS)
    await sleep(durationMs)
    const { sent, due } = await server.stop()
    const stoppedMs = performance.now()
    let after = await client.usage()
    for (; after.taken - before.taken < sent; after = await client.usage()) {
      if (performance.now() - stoppedMs > 5000) fail('RM_ASSERT', { what: `the client takes all of ${sent} frames` })
      await sleep(LOOK_MS)
    }
    serverKeptUp = sent >= KEPT_UP * due
    if (!serverKeptUp || performance.now() - stoppedMs >= LATE_MS) return false
    cpuUs = ((after.cpuMs - before.cpuMs) * 1000) / sent
    return true
  }
  try {
    await run(WARM_UP_PER_S, WARM_UP_MS)
    const updatesPerS = await highestSustained(CLIMB, (framesPerS) => run(framesPerS, STEP_MS))
    if (!serverKeptUp) console.log(`the frame server was the slower one above ${updatesPerS.toFixed(0)} frames/s: the client may sustain more`)
    return { updatesPerS, cpuUs }
  } finally {
    client.end()
    server.end()
  }
}

const loops = new SharedRun('ringmaster', (): Promise<Sustained> => LoopProcess.measure(SCRIPT, CLIENT_CORE))
const sockets = new SharedRun('ringmaster', overSockets)
const where = CAN_PIN ? 'one core' : 'one thread'
const rows = (name: string, runs: SharedRun<Sustained>): BenchCase[] => [
  { name: `${SYMBOLS} symbols, ${where}, ${name}`, unit: 'updates/s', better: 'higher', ours: runs.side('rate', ({ updatesPerS }) => updatesPerS), goal: null },
  { name: `${SYMBOLS} symbols, ${where}, ${name}: processor time of each`, unit: 'us', better: 'lower', ours: runs.side('each', ({ cpuUs }) => cpuUs), goal: null },
]

export const bench = defineBench('venues-symbols', { rounds: 3 }, ...rows('frames handed over in the thread', loops), ...rows(`${SYMBOLS} sockets`, sockets))

if (import.meta.main) await bench.run()
