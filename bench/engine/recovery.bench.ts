/**
 * Times to recover. A round is one engine that trades on the built-in exchange, struck once in each way. Every blow is
 * the first of its kind within its window, so that no time is spent in back-off.
 *
 * Health is told ten times a second, so a time read from it is up to 100 ms too long. Where the log of the engine
 * carries the moments (1 ms), those are used.
 */
import type { ActorHealth, HealthSnapshot } from '../../src/runtime/health/index.ts'
import { defineBench } from '../harness.ts'
import { SharedRun } from './shared-run.ts'
import { allReady, type LogLine, sleep, WholeEngine } from './whole-engine.ts'

/** Silence of a young thread is given four times the time before it counts as a hang. */
const GROWN_UP_MS = 6000
/** Until the next worker stands by, and the last blow is digested. */
const BETWEEN_MS = 2500
const SETTINGS = ['supervision.restart.max=100']

const FEATURES = 'features:ETHUSDT'
const INFERENCE = 'inference:XRPUSDT'
const INGEST = 'ingest:BTCUSDT'
const EXECUTION = 'execution'

interface HungThread {
  /** Blow → taken for dead. */
  readonly detectedMs: number
  /** Taken for dead → a new thread is there. */
  readonly replacedMs: number
  /** Taken for dead → its actors work again. */
  readonly workingMs: number
}

interface Crash {
  /** Blow → health shows the actor ready in a new life. */
  readonly healthMs: number
  /** Exception → its word that it works again; 0 where it has none. */
  readonly wordMs: number
}

interface Recovery {
  readonly exception: { readonly features: Crash; readonly inference: Crash; readonly ingest: Crash; readonly execution: Crash }
  readonly shard: HungThread
  readonly execution: HungThread
  readonly exchangeMs: number
  readonly engineMs: number
  readonly engineReconciledMs: number
  /** Snapshots that it took: one more when the account moved under the first. */
  readonly snapshots: number
}

const actorOf = (health: HealthSnapshot, id: string): ActorHealth => health.actors.find((one) => one.id === id)!
const pidOf = (health: HealthSnapshot, name: string): number | null => health.processes.find((one) => one.name === name)!.pid
// By their data, not by their words: those are for people, and change.
const isBack = (id: string) => (line: LogLine) => (id === EXECUTION ? line.from === EXECUTION && line.data['kind'] === 'reconciled' : line.from === id && line.message === 'feed live')

async function calm(engine: WholeEngine): Promise<HealthSnapshot> {
  await sleep(BETWEEN_MS)
  const health = await engine.until('all is well before the blow', allReady)
  // A blow may fall at any moment between two beats.
  await sleep(Math.random() * 100)
  return health
}

/** An exception at the next event of an actor. Health is believed only once the log has told of the crash and of the new life. */
async function exception(engine: WholeEngine, id: string, hasWord: boolean): Promise<Crash> {
  const before = actorOf(await calm(engine), id).restarts
  const blowMs = Date.now()
  const start = performance.now()
  engine.process.plant(id, 'throw')
  const crash = await engine.logged(`${id} crashed`, blowMs, (line) => line.from === id && 'verdict' in line.data)
  const word = hasWord ? await engine.logged(`${id} works again`, crash.atMs, isBack(id)) : crash
  await engine.until(`${id} is back`, (health) => actorOf(health, id).restarts > before && allReady(health))
  return { healthMs: performance.now() - start, wordMs: word.atMs - crash.atMs }
}

/** An endless loop in the thread of `id`; `witness` is the actor of that thread which says that it works again. */
async function loop(engine: WholeEngine, id: string, witness: string): Promise<HungThread> {
  await calm(engine)
  const blowMs = Date.now()
  engine.process.plant(id, 'loop')
  const back = await engine.logged(`the thread of ${id} is back`, blowMs, (line) => 'thread' in line.data && 'tookMs' in line.data)
  const replacedMs = Number(back.data['tookMs'])
  const deadMs = back.atMs - replacedMs
  const works = await engine.logged(`${witness} works again`, deadMs, isBack(witness))
  await engine.until('all is well after a loop', allReady)
  return { detectedMs: deadMs - blowMs, replacedMs, workingMs: works.atMs - deadMs }
}

/** Kills a process without a word. @returns ms until every actor is ready and every book whole */
async function kill(engine: WholeEngine, name: 'engine' | 'exchange'): Promise<number> {
  const pid = pidOf(await calm(engine), name)!
  const start = performance.now()
  process.kill(pid, 'SIGKILL')
  await engine.until(`a new ${name} is ready`, (health) => pidOf(health, name) !== pid && allReady(health))
  return performance.now() - start
}

const round = (): Promise<Recovery> =>
  WholeEngine.with(SETTINGS, async (engine) => {
    await sleep(GROWN_UP_MS)
    const features = await exception(engine, FEATURES, false)
    const inference = await exception(engine, INFERENCE, false)
    const ingest = await exception(engine, INGEST, true)
    const execution = await exception(engine, EXECUTION, true)
    const shard = await loop(engine, FEATURES, 'ingest:ETHUSDT')
    const executionThread = await loop(engine, EXECUTION, EXECUTION)
    const exchangeMs = await kill(engine, 'exchange')
    const killedMs = Date.now()
    const engineMs = await kill(engine, 'engine')
    const trading = await engine.logged('trading again', killedMs, (line) => 'recoveredMs' in line.data)
    const reconciled = engine.log(killedMs).findLast((line) => line.atMs <= trading.atMs && isBack(EXECUTION)(line))
    const recovery: Recovery = {
      exception: { features, inference, ingest, execution },
      shard,
      execution: executionThread,
      exchangeMs,
      engineMs,
      engineReconciledMs: Number(trading.data['recoveredMs']),
      snapshots: Number(reconciled?.data['tries']),
    }
    console.log(JSON.stringify(recovery, (_key, value: unknown) => (typeof value === 'number' ? Math.round(value) : value)))
    for (const [what, count] of engine.troubles()) console.log(`  ${count} × ${what}`)
    return recovery
  })

const rounds = new SharedRun('ringmaster', round)
const row = (name: string, goalMs: number | null, pick: (recovery: Recovery) => number) => ({ name, unit: 'ms', better: 'lower' as const, ours: rounds.side(name, pick), goal: goalMs === null ? null : { atMost: goalMs } })

export const bench = defineBench(
  'engine-recovery',
  { rounds: 5 },
  row('exception in features: blow → ready in health', 250, ({ exception: { features } }) => features.healthMs),
  row('exception in inference: blow → ready in health', 250, ({ exception: { inference } }) => inference.healthMs),
  row('exception in ingest: blow → ready in health', 250, ({ exception: { ingest } }) => ingest.healthMs),
  row('exception in ingest: exception → feed live, by the log', 250, ({ exception: { ingest } }) => ingest.wordMs),
  row('exception in execution: blow → ready in health', 250, ({ exception: { execution } }) => execution.healthMs),
  row('exception in execution: exception → reconciled, by the log', 250, ({ exception: { execution } }) => execution.wordMs),
  row('endless loop in a shard: blow → taken for dead', null, ({ shard }) => shard.detectedMs),
  row('endless loop in a shard: taken for dead → new thread', 250, ({ shard }) => shard.replacedMs),
  row('endless loop in a shard: taken for dead → feed live', null, ({ shard }) => shard.workingMs),
  row('endless loop in execution: blow → taken for dead', null, ({ execution }) => execution.detectedMs),
  row('endless loop in execution: taken for dead → new thread', 250, ({ execution }) => execution.replacedMs),
  row('endless loop in execution: taken for dead → reconciled', null, ({ execution }) => execution.workingMs),
  row('kill -9 of the exchange → all ready', null, ({ exchangeMs }) => exchangeMs),
  row('kill -9 of the engine → reconciled', 3000, ({ engineReconciledMs }) => engineReconciledMs),
  row('kill -9 of the engine → all ready', 3000, ({ engineMs }) => engineMs),
)

if (import.meta.main) await bench.run()
