import { type StartRequest, startProgress } from '../src/cli/index.ts'
import type { Config } from '../src/config/index.ts'
import type { RecordedMarket } from '../src/exchange/index.ts'
import { recordedMarkets } from './recorded-markets.ts'
import { recordedPairs } from './recordings.ts'
import type { VirtualEngine } from './virtual-engine.ts'

/** Virtual time between two looks at the progress. */
const STEP_NS = 1e9

/** What an engine plays recorded files with. */
export interface RecordedRun {
  readonly config: Config
  readonly markets: readonly RecordedMarket[]
  /** Wall time of the first recorded event. */
  readonly originMs: number
}

/** Opens recorded files; pairs that were asked for by name hold, the default list gives way to what the files are about. @throws RM_REPLAY_FILES, RM_CAPTURE_* */
export async function openRecordedRun({ loaded }: StartRequest, files: readonly string[]): Promise<RecordedRun> {
  const asked = loaded.sources.get('trading_pairs') ?? 'default'
  const symbols = asked.startsWith('--') || asked.startsWith('environment') ? loaded.config.trading_pairs : [...(await recordedPairs(files))]
  const markets = await recordedMarkets(files, symbols, false)
  return { config: { ...loaded.config, trading_pairs: symbols, mode: 'backtest' }, markets, originMs: Math.min(...markets.map((market) => market.tape.originMs)) }
}

/** Plays an engine to the end of its recordings, with a bar; sockets, files and signals have their turn every virtual second. @returns virtual time, ns */
export async function playToEnd(engine: VirtualEngine, { markets }: RecordedRun, label: string, stop: AbortSignal | null = null): Promise<number> {
  const endNs = Math.max(...markets.map((market) => market.tape.durationNs)) + engine.time.nowNs()
  const bar = startProgress({ label, total: Math.ceil(endNs / 1e9), unit: 's', stream: process.stderr, nowMs: () => performance.now() })
  for (let untilNs = STEP_NS; engine.time.nowNs() < endNs && stop?.aborted !== true; untilNs += STEP_NS) {
    engine.runUntil(Math.min(untilNs, endNs))
    bar.update(Math.floor(engine.time.nowNs() / 1e9))
    await new Promise((resolve) => setImmediate(resolve))
  }
  bar.stop()
  return engine.time.nowNs()
}
