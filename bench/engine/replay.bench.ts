/**
 * Speed of the whole graph on one core: market → exchange → protocol front → adapters → ingest → features → inference →
 * execution → journal, joined by real frames on one queue of virtual time. A book event is one level change or one trade
 * of the market's order flow. Every round has to leave the same journal, byte by byte.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { loadConfig } from '../../src/config/index.ts'
import { MemoryJournal } from '../../src/trading/index.ts'
import type { Transport } from '../../src/venues/index.ts'
import { VirtualEngine } from '../../workers/virtual-engine.ts'
import type { VirtualTransport } from '../../workers/virtual-transport.ts'
import { defineBench } from '../harness.ts'
import { CountedMarket, replayMarket } from './markets.ts'
import { SharedRun } from './shared-run.ts'

interface Replay {
  readonly tookS: number
  readonly cpuS: number
  readonly vectors: number
  readonly records: number
  readonly sha256: string
}

const market = await replayMarket()
const { config } = loadConfig({ dir: join(import.meta.dirname, '../../config'), env: {}, envFile: null })

function replay(source = market.fresh(), wrapTransport = (inner: VirtualTransport): Transport => inner): Replay {
  const journal = new MemoryJournal()
  const cpuBefore = process.cpuUsage()
  const startMs = performance.now()
  const engine = new VirtualEngine({
    config: { ...config, trading_pairs: [market.symbol], mode: 'backtest' },
    markets: [source],
    originMs: market.originMs,
    journal,
    onLog: ({ level, actor, message, data }) => {
      if (level === 'error') throw new Error(`${actor}: ${message} ${JSON.stringify(data)}`)
    },
    wrapTransport,
  })
  engine.runUntil(engine.time.nowNs() + market.durationS * 1e9)
  const tookS = (performance.now() - startMs) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  engine.stop()
  return {
    tookS,
    cpuS: (cpu.user + cpu.system) / 1e6,
    vectors: engine.memory.vectors[0]!.published,
    records: journal.length,
    sha256: createHash('sha256').update(journal.bytes()).digest('hex'),
  }
}

/** One uncounted run that counts: what flows does not change from run to run, so that nothing counts while it is timed. */
function countedReplay(): Replay & { readonly events: number; readonly frames: number } {
  const counted = new CountedMarket(market.fresh())
  let frames = 0
  const counting = (inner: VirtualTransport): Transport => ({
    request: (request, done) => inner.request(request, done),
    socket: (url, handlers) =>
      inner.socket(url, {
        ...handlers,
        message: (frame) => {
          frames++
          handlers.message(frame)
        },
      }),
  })
  return { ...replay(counted, counting), events: counted.events, frames }
}

const first = countedReplay()
if (first.records < 10) throw new Error(`a replay that leaves ${first.records} journal records does not pass through the whole graph`)
console.log(`${market.name}: ${market.durationS.toFixed(0)} s, ${first.events} book events, ${first.frames} frames, ${first.vectors} vectors, ${first.records} journal records, sha256 ${first.sha256}`)

const runs = new SharedRun('ringmaster', () => {
  const run = replay()
  if (run.sha256 !== first.sha256) throw new Error(`two replays of the same market left different journals: ${run.records} records ${run.sha256}, before ${first.records} records ${first.sha256}`)
  return run
})

const unit = 'events/s'
export const bench = defineBench(
  'engine-replay',
  { rounds: 9 },
  { name: `whole graph, ${market.name}, one core`, unit, better: 'higher', ours: runs.side('events', ({ tookS }) => first.events / tookS), goal: { atLeast: 200_000 } },
  { name: `whole graph, ${market.name}, by processor time of all threads`, unit, better: 'higher', ours: runs.side('cpu', ({ cpuS }) => first.events / cpuS), goal: null },
  { name: 'venue frames through the adapters', unit: 'frames/s', better: 'higher', ours: runs.side('frames', ({ tookS }) => first.frames / tookS), goal: null },
  { name: 'feature vectors', unit: 'vectors/s', better: 'higher', ours: runs.side('vectors', ({ tookS, vectors }) => vectors / tookS), goal: null },
  { name: 'against real time', unit: '×', better: 'higher', ours: runs.side('speed', ({ tookS }) => market.durationS / tookS), goal: null },
)

if (import.meta.main) {
  await bench.run()
  console.log(`every journal: sha256 ${first.sha256}`)
}
