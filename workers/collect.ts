/** `ringmaster collect`: samples for training, from an engine that runs on paper or from recorded files in virtual time. */
import { type CollectRequest, EXIT, renderTable } from '../src/cli/index.ts'
import type { Config } from '../src/config/index.ts'
import { fail } from '../src/core/index.ts'
import { featureNames } from '../src/features/index.ts'
import { Collector, lockDataset } from '../src/model/index.ts'
import { MemoryJournal } from '../src/trading/index.ts'
import { openRecordedRun, playToEnd } from './recorded-run.ts'
import { withRecordedPairs } from './recordings.ts'
import { VirtualEngine } from './virtual-engine.ts'

type Print = (line: string) => void

/** Collects until the time is up, the files are at their end, or it is stopped; then what is there becomes whole batches. @returns the exit code */
export async function collect(request: CollectRequest, print: Print): Promise<number> {
  return request.files.length > 0 ? collectRecorded(request, print) : collectLive(request, print)
}

async function collectLive(request: CollectRequest, print: Print): Promise<number> {
  const { run } = await import('./run.ts')
  const config = await withRecordedPairs(request.loaded)
  // Refused before anything starts; the engine process takes the locks itself, so that they live and die with it.
  lockDataset(config.collect.dir, config.trading_pairs, 'collector')()
  const code = await run(request, request.minutes)
  if (code !== EXIT.ok) return code
  const release = lockDataset(config.collect.dir, config.trading_pairs, 'collector')
  try {
    for (const symbol of config.trading_pairs) finishBatch(config, symbol)
  } finally {
    release()
  }
  if (!request.json) print(`collected into ${config.collect.dir}: see "ringmaster dataset info"`)
  return code
}

async function collectRecorded(request: CollectRequest, print: Print): Promise<number> {
  const run = await openRecordedRun(request, request.files)
  const { config, markets, originMs } = run
  const release = lockDataset(config.collect.dir, config.trading_pairs, 'collector')
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal)
  try {
    const startedMs = performance.now()
    const engine = new VirtualEngine({
      config, markets, originMs, journal: new MemoryJournal(), openSamples: (symbol) => collectorOf(config, symbol),
      onLog: (line) => (line.level === 'error' || (line.level === 'warn' && line.actor.startsWith('inference:'))) && print(`${(line.atNs / 1e9).toFixed(3)} s  ${line.actor}: ${line.message} ${JSON.stringify(line.data)}`),
    })
    const playedNs = await playToEnd(engine, run, 'collect', stop.signal)
    engine.stop()
    const tookS = (performance.now() - startedMs) / 1000
    const of = (symbol: string, name: string): number => [...engine.record.counts].reduce((sum, [key, count]) => sum + (key === `inference:${symbol} ${name}` || key.startsWith(`inference:${symbol} ${name} `) ? count : 0), 0)
    const rows = config.trading_pairs.map((symbol) => ({ symbol, samples: of(symbol, 'samples'), known: of(symbol, 'samples_known'), lost: of(symbol, 'samples_lost') }))
    for (const symbol of config.trading_pairs) finishBatch(config, symbol)
    const facts = { dir: config.collect.dir, playedS: playedNs / 1e9, tookS, symbols: rows }
    if (request.json) print(JSON.stringify(facts))
    else {
      print(renderTable(['symbol', 'samples', 'known before', 'lost'], rows.map((row) => [row.symbol, row.samples, row.known, row.lost].map(String))).trimEnd())
      print(`${(playedNs / 1e9).toFixed(1)} s in ${tookS.toFixed(1)} s, ${(playedNs / 1e9 / tookS).toFixed(0)} × real time, into ${config.collect.dir}`)
    }
    if (stop.signal.aborted) return EXIT.interrupted
    const outdated = rows.filter((row) => row.samples === 0 && row.known > 0).map((row) => row.symbol)
    if (outdated.length > 0) fail('RM_DATASET_FILE', { file: config.collect.dir, problem: `it holds samples of ${outdated.join(', ')} that are as new as these files or newer, and takes only newer ones: give another --dir, or play older files first` })
    const cold = rows.filter((row) => row.samples + row.known + row.lost === 0).map((row) => row.symbol)
    if (cold.length > 0) fail('RM_DATASET_EMPTY', { folder: config.collect.dir, problem: `nothing was collected of ${cold.join(', ')}: the features were never warm, and they need some 50 minutes of candles` })
    return rows.some((row) => row.lost > 0) ? EXIT.failure : EXIT.ok
  } finally {
    release()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal)
  }
}

const collectorOf = ({ collect: { dir, batch_samples } }: Config, symbol: string): Collector => new Collector({ root: dir, symbol, featureNames: featureNames(), batchSamples: batch_samples })

/** What was collected is to be used now: the batch in progress becomes a whole one. */
function finishBatch(config: Config, symbol: string): void {
  const collector = collectorOf(config, symbol)
  collector.finish()
  collector.close()
}
