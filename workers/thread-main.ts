/**
 * A worker thread of the engine. It loads its modules, waits to be told which thread it is, then builds its
 * actors on the shared memory and hands them to the host.
 */
import { once } from 'node:events'
import { flushCompileCache } from 'node:module'
import { parentPort, threadId } from 'node:worker_threads'
import { type ActorId, errorLine, SystemClock, SystemTimers } from '../src/core/index.ts'
import { featureNames } from '../src/features/index.ts'
import { Door } from '../src/memory/index.ts'
import { Collector, type ModelPredictor, type ModelService, type SampleSink } from '../src/model/index.ts'
import { type FromThread, runThread } from '../src/runtime/index.ts'
import type { LatencyHistogram } from '../src/telemetry/index.ts'
import { openBooks } from '../src/storage/checkpoint/index.ts'
import { FileKillStore } from '../src/trading/index.ts'
import { NodeTransport } from '../src/venues/index.ts'
import { EngineMemory, HOPS } from './engine-memory.ts'
import { Sealer } from './sealer.ts'
import { serveModels } from './model-source.ts'
import { KILL_REPORT, MODEL_REPORT, richInstrument, rowsOf, type ThreadData } from './thread-data.ts'
import { journalPath } from './journal-path.ts'
import { readStrategyChanges } from './strategy-changes.ts'
import { type Assembly, specFor } from './wiring.ts'

// What was compiled serves the next worker, also when this process is killed.
flushCompileCache()
const [data] = (await once(parentPort!, 'message')) as [ThreadData]
const { settings, thread, plan, instruments, buffers, checkpoints, seed } = data
const { config, trading } = settings
const memory = EngineMemory.attach(buffers, plan.length)
const clock = new SystemClock(BigInt(settings.originNs))
const timers = new SystemTimers()
const doors = plan.map((_one, index) => new Door(buffers.doors, index))
const actors = plan[thread]!.actors
const histograms = new Map<string, LatencyHistogram>(HOPS.map((hop) => [hop, memory.latency.at(thread, hop)]))

const model = await openModels()
const { collect } = config
const tellOfSamples = (symbol: string, level: 'warn' | 'error', message: string, facts: Readonly<Record<string, unknown>>): void =>
  parentPort!.postMessage({ type: 'log', id: `inference:${symbol}`, level, message, data: facts } satisfies FromThread)
const sealer = new Sealer(({ symbol, name }, error) => tellOfSamples(symbol, 'error', 'a full batch of samples could not be finished; the next start tries again', { ...name, error: errorLine(error) }))
const assembly: Assembly = {
  config,
  trading,
  venue: settings.venue,
  memory,
  instruments: instruments.map(richInstrument),
  transport: new NodeTransport(),
  rows: rowsOf(plan),
  ringDoorOf: (id: ActorId) => {
    const owner = plan.findIndex((one) => one.actors.includes(id))
    const door = doors[owner]!
    return owner === thread ? () => {} : () => door.ring()
  },
  openBooks: () => openBooks(journalPath(config)),
  modelFor: (): ModelPredictor | null => model?.predictor() ?? null,
  openSamples: collect.enabled ? openSamples : null,
  strategyChanges: () => readStrategyChanges(config.data_dir),
  onRecovery: (report) => parentPort!.postMessage({ type: 'report', id: 'execution', report: { recovery: report } } satisfies FromThread),
  onFenced: (error) => parentPort!.postMessage({ type: 'report', id: 'execution', report: { fenced: error } } satisfies FromThread),
  onRisk: (risk) => parentPort!.postMessage({ type: 'risk', risk } satisfies FromThread),
  onStopped: (report) => parentPort!.postMessage({ type: 'report', id: 'execution', report } satisfies FromThread),
  openKillStore: () => new FileKillStore(config.data_dir),
  onKill: (report) => parentPort!.postMessage({ type: 'report', id: KILL_REPORT, report } satisfies FromThread),
}

runThread({
  thread,
  clock,
  timers,
  seed: seed ^ threadId,
  table: memory.table,
  door: doors[thread]!,
  restartLimits: {
    max: config.supervision.restart.max,
    windowMs: config.supervision.restart.window_s * 1000,
    backoffMs: config.supervision.backoff.initial_ms,
    backoffMaxMs: config.supervision.backoff.max_ms,
  },
  observe: (hop, durationNs) => histograms.get(hop)?.record(durationNs),
  specs: actors.map((id) => specFor(id, assembly)),
  checkpoints,
})

function openSamples(symbol: string): SampleSink {
  const collector = new Collector({ root: collect.dir, symbol, featureNames: featureNames(), batchSamples: collect.batch_samples, seal: (job) => sealer.seal(job) })
  if (collector.tornBytes > 0) tellOfSamples(symbol, 'warn', 'the last end cut off a sample that was being written', { bytes: collector.tornBytes })
  return collector
}

/** The models of this thread, or null where nobody would ask them. */
async function openModels(): Promise<ModelService | null> {
  const first = actors.find((id) => id.startsWith('inference:'))
  if (first === undefined) return null
  const log = (level: 'info' | 'warn' | 'error', message: string, facts: Readonly<Record<string, unknown>>): void => parentPort!.postMessage({ type: 'log', id: first, level, message, data: facts } satisfies FromThread)
  return serveModels({ config, gates: buffers.gates, thread, clock, timers, log, tell: (status) => parentPort!.postMessage({ type: 'report', id: MODEL_REPORT, report: status } satisfies FromThread) })
}
