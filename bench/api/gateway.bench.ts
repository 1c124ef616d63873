/**
 * The gateway of a running engine, and what it costs that engine: latency of the engine with nobody listening, then with 200
 * clients on ten channels each and a caller of the API, in one run. The clients live in a process of their own.
 */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { LatencySummary } from '../../src/telemetry/index.ts'
import { SharedRun } from '../engine/shared-run.ts'
import { sleep, WholeEngine } from '../engine/whole-engine.ts'
import { type BenchCase, defineBench } from '../harness.ts'
import type { FanoutReport, FanoutTask } from './fanout-clients.ts'

const PAIRS = ['BTCUSDT', 'ETHUSDT', 'XRPUSDT']
/** Tick, book and candle of each pair, and the screener. */
const CHANNELS = 3 * PAIRS.length + 1
const CLIENTS = 200
const PASSWORD = 'a password for the bench'
const PART_MS = 15_000
const HOP = 'tick_to_order'

interface Numbers {
  readonly idle: LatencySummary
  readonly loaded: LatencySummary
  readonly fanout: FanoutReport
  readonly gatewayRssMb: number
}

const clients = (task: FanoutTask): Promise<FanoutReport> =>
  new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'fanout-clients.ts'), [JSON.stringify(task)])
    child.once('message', (report) => resolve(report as FanoutReport))
    child.once('exit', (code) => reject(new Error(`the clients ended with ${code}`)))
  })

/** One half of the comparison: a fresh engine each, as its histograms count from its start. */
const half = <T>(load: (url: string) => Promise<T>): Promise<{ readonly latency: LatencySummary; readonly told: T; readonly gatewayRssMb: number }> =>
  WholeEngine.with([`trading_pairs=${PAIRS.join(',')}`, 'gateway.enabled=true', 'gateway.port=0', `gateway.password=${PASSWORD}`, 'gateway.calls_per_minute=1000000'], async (engine) => {
    while (engine.process.gatewayUrl === '') await sleep(50)
    const told = await load(engine.process.gatewayUrl)
    const { latencyNs, processes } = await engine.process.health()
    return { latency: latencyNs[HOP]!, told, gatewayRssMb: (processes.find(({ name }) => name === 'gateway')?.rssBytes ?? 0) / 1e6 }
  })

const run = new SharedRun('ringmaster', async (): Promise<Numbers> => {
  const idle = await half(() => sleep(PART_MS))
  const loaded = await half((url) => clients({ url, password: PASSWORD, symbols: PAIRS, clients: CLIENTS, forMs: PART_MS }))
  const { told } = loaded
  console.log(`engine ${HOP}: nobody ×${idle.latency.count} p50 ${(idle.latency.p50 / 1000).toFixed(0)} us p99 ${(idle.latency.p99 / 1000).toFixed(0)} us; ${CLIENTS} clients ×${loaded.latency.count} p50 ${(loaded.latency.p50 / 1000).toFixed(0)} us p99 ${(loaded.latency.p99 / 1000).toFixed(0)} us`)
  console.log(`clients: ${told.messages} messages in ${told.frames} frames, ${told.holes} holes, calls ${told.calls}, failed ${told.failed}; gateway ${loaded.gatewayRssMb.toFixed(0)} MB`)
  if (told.failed > 0 || told.holes > 0) throw new Error(`${told.failed} calls failed, ${told.holes} holes in what was told`)
  return { idle: idle.latency, loaded: loaded.latency, fanout: told, gatewayRssMb: loaded.gatewayRssMb }
})
/** The same run, told as what it is compared with. */
const without = (key: string, pick: (numbers: Numbers) => number) => ({ ...run.side(key, pick), name: 'the same engine without clients' })

const cases: BenchCase[] = [
  ...(['p50', 'p99'] as const).map((quantile): BenchCase => ({
    name: `tick to order with ${CLIENTS} clients × ${CHANNELS} channels, ${quantile}`,
    unit: 'us',
    better: 'lower',
    ours: run.side(`loaded ${quantile}`, ({ loaded }) => loaded[quantile] / 1000),
    peer: without(`idle ${quantile}`, ({ idle }) => idle[quantile] / 1000),
    goal: null,
  })),
  { name: `messages told to ${CLIENTS} clients`, unit: 'messages/s', better: 'higher', ours: run.side('rate', ({ fanout }) => (fanout.messages / fanout.tookMs) * 1000), goal: null },
  { name: 'from the making of a message to a client, p50', unit: 'ms', better: 'lower', ours: run.side('age p50', ({ fanout }) => fanout.ageMs.p50), mayBeZero: true, goal: null },
  { name: 'from the making of a message to a client, p99', unit: 'ms', better: 'lower', ours: run.side('age p99', ({ fanout }) => fanout.ageMs.p99), mayBeZero: true, goal: null },
  { name: 'a call of the API under that load, p50', unit: 'ms', better: 'lower', ours: run.side('call p50', ({ fanout }) => fanout.callMs.p50), goal: null },
  { name: 'a call of the API under that load, p99', unit: 'ms', better: 'lower', ours: run.side('call p99', ({ fanout }) => fanout.callMs.p99), goal: { atMost: 100 } },
  { name: 'memory of the gateway with them', unit: 'MB', better: 'lower', ours: run.side('rss', ({ gatewayRssMb }) => gatewayRssMb), goal: null },
]

export const bench = defineBench('gateway', { rounds: 3 }, ...cases)

if (import.meta.main) await bench.run()
