/** `ringmaster train`: folds in threads, the verdict over all of them, a page, and the registry when the model is worth it. */
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, setPriority } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { EXIT, renderTable, type TrainRequest, trainingBars } from '../src/cli/index.ts'
import type { Config } from '../src/config/index.ts'
import { fail, isoTime, releaseProcessLock, SystemClock, takeProcessLock } from '../src/core/index.ts'
import { featureNames } from '../src/features/index.ts'
import { BatchFiles, ModelRegistry } from '../src/model/index.ts'
import { checkpointPath, FOLD_PARTS, type FitSettings, type Fold, type FoldResult, judge, type LoadedTable, loadTable, networkShape, type NetworkShape, publish, trainingReport, type TrainingTable, type Verdict, walkForward } from '../src/model/training/index.ts'
import { gitRevision } from './git-revision.ts'
import type { TrainFailure, TrainJob, TrainNote } from './train-job.ts'

type Print = (line: string) => void

/** Leaves the processor to an engine on the same machine. */
const NICE = 10
/** Share of a time limit that is for the folds; the rest reads, judges and writes. */
const FOLDS_SHARE = 0.92

/**
 * Trains on the data set of `collect.dir`, or on one that it makes for a demonstration.
 * @returns 0 when it came to a verdict, whatever that is; 130 after Ctrl-C
 * @throws RM_TRAIN_…, RM_DATASET_…, RM_MODEL_…
 */
export async function trainCommand(request: TrainRequest, print: Print): Promise<number> {
  setPriority(0, NICE)
  const startedMs = performance.now()
  const say: Print = request.json ? () => {} : print
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const onSignal = (): void => void Atomics.store(stop, 0, 1)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal)
  try {
    const config = request.demo ? await (await import('./train-demo.ts')).makeDemoSet(request.loaded.config, stop, say) : request.loaded.config
    if (Atomics.load(stop, 0) === 1) return EXIT.interrupted
    return await new TrainRun(config, request, stop, say, startedMs).go(print)
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal)
  }
}

class TrainRun {
  readonly #config: Config
  readonly #request: TrainRequest
  readonly #stop: Int32Array
  readonly #say: Print
  readonly #startedMs: number
  readonly #settings: FitSettings
  readonly #clock = new SystemClock(process.hrtime.bigint())

  constructor(config: Config, request: TrainRequest, stop: Int32Array, say: Print, startedMs: number) {
    this.#config = config
    this.#request = request
    this.#stop = stop
    this.#say = say
    this.#startedMs = startedMs
    const { batch, epochs, patience, stride, seed, dropout, learning_rate: learningRate, weight_decay: weightDecay, class_balance: classBalance } = config.train
    this.#settings = { batch, epochs, patience, stride, learningRate, weightDecay, dropout, classBalance, seed }
  }

  async go(print: Print): Promise<number> {
    const { train, collect, label } = this.#config
    const names = featureNames()
    const loaded = loadTable(collect.dir, { horizon: train.horizon, toleranceMs: label.tolerance_s * 1000, gapMs: label.gap_s * 1000, featureNames: names })
    const { table } = loaded
    const folds = walkForward(table, { steps: train.window_rows, folds: train.folds, validationShare: train.validation_share, testShare: train.test_share, embargoMs: train.embargo_s * 1000 })
    const shape = networkShape(train.network, train.size, train.window_rows, names.length)
    const fingerprint = createHash('sha256').update(JSON.stringify([loaded.fingerprint, train, label, shape])).digest('hex')
    const folder = join(train.dir, fingerprint.slice(0, 16))
    mkdirSync(folder, { recursive: true })
    const lock = join(folder, '.lock')
    const pid = takeProcessLock(lock)
    if (pid !== null) fail('RM_TRAIN_LOCKED', { folder, pid })
    try {
      this.#say(`${table.rows} samples of ${table.symbols.join(', ')} every ${(loaded.spacingMs / 1000).toFixed(2)} s; ${folds.length} folds, ${folds.at(-1)!.train.length} windows to train the newest on`)
      const results = await this.#folds(table, folds, shape, fingerprint, folder)
      if (results === null) {
        this.#say('interrupted: the same command goes on from here')
        return EXIT.interrupted
      }
      const verdict = judge(table, results, { stride: train.stride, steps: train.window_rows, spacingMs: loaded.spacingMs, seed: train.seed, policy: { minProbability: train.min_probability, minConfidence: train.min_confidence, fee: train.fee_percent / 100 } })
      await this.#tell(loaded, folds, results, verdict, print)
      for (const fold of folds) for (const part of FOLD_PARTS) rmSync(checkpointPath(folder, fold.index, part), { force: true })
      return EXIT.ok
    } finally {
      releaseProcessLock(lock)
    }
  }

  /** @returns null when it was stopped */
  async #folds(table: TrainingTable, folds: readonly Fold[], shape: NetworkShape, fingerprint: string, folder: string): Promise<readonly FoldResult[] | null> {
    const { minutes, threads: wanted, fresh } = this.#request
    const threads = Math.min(folds.length, wanted ?? availableParallelism())
    const leftMs = minutes === null ? null : minutes * 60_000 - (performance.now() - this.#startedMs)
    const budgetMs = leftMs === null ? null : Math.max(1000, (leftMs * FOLDS_SHARE) / Math.ceil(folds.length / threads))
    const bars = trainingBars(process.stderr)
    const pool = new Piscina({ filename: new URL('./train-job.ts', import.meta.url).href, maxThreads: threads, minThreads: threads })
    try {
      const answers = await Promise.all(
        folds.map(async (fold) => {
          if (fresh) for (const part of FOLD_PARTS) rmSync(checkpointPath(folder, fold.index, part), { force: true })
          const { port1, port2 } = new MessageChannel()
          let epoch = 0
          port1.on('message', ({ part, progress }: TrainNote) => {
            bars.update(`fold ${fold.index + 1} ${part}`, progress)
            if (part === 'linear' || process.stderr.isTTY || progress.epoch === epoch || progress.validationLoss === null) return
            epoch = progress.epoch
            this.#say(`fold ${fold.index + 1}: epoch ${epoch} done, step ${progress.step} of ${progress.steps}, loss ${progress.loss.toFixed(4)}, validation ${progress.validationLoss.toFixed(4)}`)
          })
          try {
            const job: TrainJob = { table, fold, shape, settings: this.#settings, fingerprint: `${fingerprint}:${fold.index}`, folder, budgetMs, stop: this.#stop, progress: port2 }
            const answer = (await pool.run(job, { transferList: [port2] })) as FoldResult | TrainFailure | null
            // One fold without a result makes the others worthless: they end with a checkpoint.
            if (answer !== null && 'error' in answer) Atomics.store(this.#stop, 0, 1)
            return answer
          } finally {
            port1.close()
          }
        }),
      )
      const failed = answers.find((answer): answer is TrainFailure => answer !== null && 'error' in answer)
      if (failed !== undefined) fail('RM_TRAIN_FOLD', { problem: failed.error })
      return answers.includes(null) ? null : (answers as readonly FoldResult[])
    } finally {
      bars.stop()
      await pool.destroy()
    }
  }

  async #tell({ table, spacingMs }: LoadedTable, folds: readonly Fold[], results: readonly FoldResult[], verdict: Verdict, print: Print): Promise<void> {
    const { train, model, collect } = this.#config
    const wallMs = this.#clock.wallMs()
    const version = this.#request.version ?? `${this.#request.demo ? 'demo-' : ''}${train.network}-${train.size}-${isoTime(wallMs).slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}`
    const published = verdict.objections.length === 0 ? version : null
    const newest = results.at(-1)!
    if (published !== null) {
      await publish(new ModelRegistry(model.dir, this.#clock), version, {
        table, fold: folds.at(-1)!, result: newest, verdict, featureNames: featureNames(), spacingMs, label: this.#labelFacts(table), stride: train.stride, wallMs, gitRevision: gitRevision(),
        thresholds: { minProbability: train.min_probability, minConfidence: train.min_confidence },
      })
    }
    const { all, netPerTrade, trades } = verdict
    const percent = (value: number): string => `${(value * 100).toFixed(1)} %`
    const tookS = (performance.now() - this.#startedMs) / 1000
    const rows = [
      ['data', `${table.rows} samples of ${table.symbols.join(', ')}, ${collect.dir}`],
      ['network', `${train.network} ${train.size}, ${train.window_rows} rows, label of ${train.horizon}`],
      ['windows', `${newest.fold.trainWindows} to train the newest fold, ${all.windows} tested`],
      ['accuracy', `${percent(all.network.accuracy)} (95 %: ${percent(all.accuracy.low)} to ${percent(all.accuracy.high)}); linear ${percent(all.linear.accuracy)}, prior ${percent(all.prior.accuracy)}`],
      ['cross-entropy', `${all.network.crossEntropy.toFixed(4)}; linear ${all.linear.crossEntropy.toFixed(4)}, prior ${all.prior.crossEntropy.toFixed(4)}`],
      ['saved against linear', `${all.gainOverLinear.mean.toFixed(4)} (95 %: ${all.gainOverLinear.low.toFixed(4)} to ${all.gainOverLinear.high.toFixed(4)})`],
      ['saved against prior', `${all.gainOverPrior.mean.toFixed(4)} (95 %: ${all.gainOverPrior.low.toFixed(4)} to ${all.gainOverPrior.high.toFixed(4)})`],
      ['calibration error', `${percent(verdict.calibrationError)}, of the confidence ${percent(verdict.confidenceError)}`],
      ['naive policy', netPerTrade === null ? 'never sure enough to trade' : `${trades.length} trades, ${(netPerTrade.mean * 1e4).toFixed(2)} bp each after fees (95 %: ${(netPerTrade.low * 1e4).toFixed(2)} to ${(netPerTrade.high * 1e4).toFixed(2)})`],
      ['time', `${tookS.toFixed(0)} s`],
    ] as const
    const page = join(train.dir, `${version}.html`)
    writeFileSync(page, trainingReport(results, verdict, { published, rows }))
    if (this.#request.json) {
      print(JSON.stringify({ published, version, page, tookS, objections: verdict.objections, all, folds: verdict.folds, trades: trades.length, netPerTrade, calibrationError: verdict.calibrationError }))
      return
    }
    print(renderTable(['training', version], rows.map((row) => [...row])).trimEnd())
    print(published === null ? `NOT published:\n${verdict.objections.map((one) => `  ${one}`).join('\n')}` : `published as ${version}: "ringmaster models activate ${version}" makes it decide`)
    print(`page: ${page}`)
  }

  /** Threshold of the labels as the labelling pass noted it. */
  #labelFacts(table: TrainingTable): { readonly threshold: number; readonly volatilityScale: number | null } {
    const noted = new BatchFiles(this.#config.collect.dir, table.symbols[0]!).readLabelState()?.options as { threshold?: number; volatilityScale?: number | null } | undefined
    const volatilityScale = noted?.volatilityScale ?? null
    const threshold = noted?.threshold ?? this.#config.label.threshold_percent / 100
    if (volatilityScale === null) return { threshold, volatilityScale }
    const known = table.movement.filter(Number.isFinite)
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length
    return { threshold: volatilityScale * Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length), volatilityScale }
  }
}
