/** What a thread of the demonstration does: the engine on a generated market of one symbol, in virtual time, collecting. */
import type { MessagePort } from 'node:worker_threads'
import type { Config } from '../src/config/index.ts'
import { defaultContracts, defaultStartTicks, generatedMarket } from '../src/exchange/index.ts'
import { featureNames } from '../src/features/index.ts'
import { Collector } from '../src/model/index.ts'
import { MemoryJournal } from '../src/trading/index.ts'
import { VirtualEngine } from './virtual-engine.ts'

export interface DemoMarketJob {
  readonly config: Config
  readonly symbol: string
  readonly minutes: number
  /** Market messages a second. */
  readonly rate: number
  readonly originMs: number
  readonly stop: Int32Array
  readonly progress: MessagePort
}

const STEP_S = 10

export default function demoMarketJob({ config, symbol, minutes, rate, originMs, stop, progress }: DemoMarketJob): void {
  const { collect, exchange } = config
  const open = (): Collector => new Collector({ root: collect.dir, symbol, featureNames: featureNames(), batchSamples: collect.batch_samples })
  const engine = new VirtualEngine({
    config: { ...config, trading_pairs: [symbol] }, originMs, journal: new MemoryJournal(), openSamples: open, onLog: () => {},
    markets: [generatedMarket({ contract: defaultContracts.find((one) => one.symbol === symbol)!, seed: exchange.seed, startTicks: defaultStartTicks[symbol]!, edgesPerHour: exchange.edges_per_hour, rate })],
  })
  for (let second = STEP_S; second <= minutes * 60 && Atomics.load(stop, 0) === 0; second += STEP_S) {
    engine.runUntil(second * 1e9)
    progress.postMessage(second)
  }
  engine.stop()
  const collector = open()
  collector.finish()
  collector.close()
}
