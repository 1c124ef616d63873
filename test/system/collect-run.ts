import { defaultContracts, defaultStartTicks, generatedMarket } from '../../src/exchange/index.ts'
import type { SampleSink } from '../../src/model/index.ts'
import { eagerConfig, type VirtualRun, virtualStart } from './virtual-run.ts'

/** Samples every second analysis of generated markets that have had an hour and a half of candles. Same symbols, same samples. */
export function collectingRun(symbols: readonly string[], openSamples: (symbol: string) => SampleSink): VirtualRun {
  const config = eagerConfig(symbols)
  const markets = symbols.map((symbol, i) => generatedMarket({ contract: defaultContracts.find((one) => one.symbol === symbol)!, seed: 40 + i, startTicks: defaultStartTicks[symbol]!, historyMin: 90 }))
  return virtualStart({ ...config, collect: { ...config.collect, every: 2 } }, markets, { openSamples })
}

/** Virtual seconds that a run with crashes lasts. */
export const KILLED_RUN_S = 120
export const KILLED_BATCH = 40
