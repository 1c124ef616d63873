/** The data set of `ringmaster train --demo`: a generated market in which something can be learned. */
import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { startProgress } from '../src/cli/index.ts'
import type { Config } from '../src/config/index.ts'
import { labelDefaults, labelSymbol } from '../src/model/index.ts'
import type { DemoMarketJob } from './demo-market-job.ts'

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'] as const
/** Of market a symbol, and its messages a second: a thin market, so that hours of it go by in less than a minute. */
const MINUTES = 240
const RATE = 8
/** Analyses a sample: about a second. */
const EVERY = 8
/** What suits events of some seconds and some 29 000 samples. */
const TRAIN = { horizon: '10s', window_rows: 20, stride: 5, dropout: 0.2, learning_rate: 2e-3, epochs: 10, embargo_s: 20 } as const
const EDGES_PER_HOUR = 300
/** Threshold of the labels in deviations: a third of the windows each way and a third still. */
const VOLATILITY_SCALE = 0.4
/** Of the first sample, so that the same seed gives the same files. */
const ORIGIN_MS = Date.UTC(2026, 0, 1)

/** Collects and labels; what an earlier demonstration left is replaced. @returns the configuration with the folder of the set */
export async function makeDemoSet(config: Config, stop: Int32Array, say: (line: string) => void): Promise<Config> {
  const dir = join(config.train.dir, 'demo-set')
  rmSync(dir, { recursive: true, force: true })
  const demo: Config = { ...config, mode: 'backtest', train: { ...config.train, ...TRAIN }, collect: { ...config.collect, enabled: true, dir, every: EVERY }, exchange: { ...config.exchange, edges_per_hour: EDGES_PER_HOUR, manipulations_per_hour: 0 } }
  const startedMs = performance.now()
  const bar = startProgress({ label: 'market', total: SYMBOLS.length * MINUTES * 60, unit: 's', stream: process.stderr, nowMs: () => performance.now() })
  const done = new Map<string, number>()
  const pool = new Piscina({ filename: new URL('./demo-market-job.ts', import.meta.url).href, maxThreads: Math.min(SYMBOLS.length, availableParallelism()), minThreads: 0 })
  try {
    await Promise.all(
      SYMBOLS.map(async (symbol) => {
        const { port1, port2 } = new MessageChannel()
        port1.on('message', (seconds: number) => {
          done.set(symbol, seconds)
          bar.update([...done.values()].reduce((sum, one) => sum + one, 0))
        })
        const job: DemoMarketJob = { config: demo, symbol, minutes: MINUTES, rate: RATE, originMs: ORIGIN_MS, stop, progress: port2 }
        try {
          await pool.run(job, { transferList: [port2] })
        } finally {
          port1.close()
        }
      }),
    )
  } finally {
    bar.stop()
    await pool.destroy()
  }
  if (Atomics.load(stop, 0) === 0) for (const symbol of SYMBOLS) labelSymbol(dir, symbol, { ...labelDefaults, volatilityScale: VOLATILITY_SCALE })
  say(`collected ${MINUTES} minutes of ${SYMBOLS.join(' and ')} from a generated market with ${EDGES_PER_HOUR} planted events an hour, in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`)
  return demo
}
