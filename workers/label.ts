/** `ringmaster label`: labels of all symbols of a data set, a thread each as far as there are cores. */
import { availableParallelism } from 'node:os'
import { MessageChannel } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { EXIT, type LabelRequest, renderTable, startProgress } from '../src/cli/index.ts'
import { errorLine, fail } from '../src/core/index.ts'
import { BatchFiles, type LabellingReport, type LabelOptions, lockDataset, symbolsOf } from '../src/model/index.ts'
import type { LabelFailure, LabelJob } from './label-job.ts'

/** Labels what is not labelled yet. @returns 0 when every symbol was labelled, 130 after Ctrl-C @throws RM_DATASET_EMPTY, RM_DATASET_LOCKED */
export async function label({ dir, label: settings, force, json }: LabelRequest, print: (line: string) => void): Promise<number> {
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  let release = (): void => {}
  try {
    const symbols = symbolsOf(dir)
    if (symbols.length === 0) fail('RM_DATASET_EMPTY', { folder: dir, problem: 'there is no symbol in it; "ringmaster collect" makes one' })
    release = lockDataset(dir, symbols, 'labels')
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal)
    const results = await labelAll(dir, symbols, labelOptions(settings), force, stop.signal)
    const failed = results.filter((one) => 'error' in one)
    if (json) for (const one of results) print(JSON.stringify(one))
    else {
      const reports = results.filter((one): one is LabellingReport => !('error' in one))
      if (reports.length > 0) print(renderTable(['symbol', 'batches', 'done before', 'labels', 'unknown'], reports.map((one) => [one.symbol, one.batches, one.skipped, one.labels, one.unknown].map(String))).trimEnd())
      for (const { symbol, error } of failed) print(`${symbol}: ${error}`)
      const open = symbols.reduce((sum, symbol) => sum + new BatchFiles(dir, symbol).unfinished().length, 0)
      if (open > 0) print(`${open} ${open === 1 ? 'batch is' : 'batches are'} still being collected: labels come once they are whole`)
    }
    if (stop.signal.aborted) return EXIT.interrupted
    return failed.length > 0 ? EXIT.failure : EXIT.ok
  } finally {
    release()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal)
  }
}

/** Settings of the configuration as the labelling takes them. */
export const labelOptions = (settings: LabelRequest['label']): LabelOptions => ({
  threshold: settings.threshold_percent / 100,
  volatilityScale: settings.volatility_scale === 0 ? null : settings.volatility_scale,
  toleranceMs: settings.tolerance_s * 1000,
  gapMs: settings.gap_s * 1000,
})

async function labelAll(root: string, symbols: readonly string[], options: LabelOptions, force: boolean, signal: AbortSignal): Promise<readonly (LabellingReport | LabelFailure)[]> {
  const total = symbols.reduce((sum, symbol) => sum + new BatchFiles(root, symbol).batches().length, 0)
  const bar = startProgress({ label: 'label', total, unit: 'batches', stream: process.stderr, nowMs: () => performance.now() })
  const done = new Map<string, number>()
  const pool = new Piscina({ filename: new URL('./label-job.ts', import.meta.url).href, maxThreads: Math.min(symbols.length, availableParallelism()), minThreads: 0 })
  try {
    return await Promise.all(
      symbols.map(async (symbol) => {
        const { port1, port2 } = new MessageChannel()
        port1.on('message', (batches: number) => {
          done.set(symbol, batches)
          bar.update([...done.values()].reduce((sum, one) => sum + one, 0))
        })
        try {
          const job: LabelJob = { root, symbol, options, force, progress: port2 }
          return (await pool.run(job, { transferList: [port2], signal })) as LabellingReport | LabelFailure
        } catch (error) {
          return { symbol, error: signal.aborted ? 'interrupted; the next run goes on where this one was' : errorLine(error) }
        } finally {
          port1.close()
        }
      }),
    )
  } finally {
    bar.stop()
    await pool.destroy()
  }
}
