/** What a thread of the training pool does: one fold, baseline and network. */
import type { MessagePort } from 'node:worker_threads'
import { errorLine } from '../src/core/index.ts'
import { CheckpointFile, checkpointPath, type FitProgress, type FitSettings, type Fold, type FoldPart, type FoldResult, type NetworkShape, trainFold, type TrainingTable } from '../src/model/training/index.ts'

export interface TrainJob {
  readonly table: TrainingTable
  readonly fold: Fold
  readonly shape: NetworkShape
  readonly settings: FitSettings
  readonly fingerprint: string
  /** Folder of the checkpoints. */
  readonly folder: string
  readonly budgetMs: number | null
  /** 1 asks all folds to leave a checkpoint and end. */
  readonly stop: Int32Array
  readonly progress: MessagePort
}

export interface TrainNote {
  readonly part: FoldPart
  readonly progress: FitProgress
}

/** A fold that could not be trained; in words, because errors lose their class between threads. */
export interface TrainFailure {
  readonly error: string
}

/** @returns null when it was stopped */
export default async function trainJob({ table, fold, shape, settings, fingerprint, folder, budgetMs, stop, progress }: TrainJob): Promise<FoldResult | TrainFailure | null> {
  try {
    return await trainFold(table, fold, shape, settings, {
      fingerprint, budgetMs,
      storeOf: (part) => new CheckpointFile(checkpointPath(folder, fold.index, part)),
      nowMs: () => performance.now(),
      stopped: () => Atomics.load(stop, 0) === 1,
      onProgress: (part, state) => progress.postMessage({ part, progress: state } satisfies TrainNote),
    })
  } catch (error) {
    return { error: errorLine(error) }
  }
}
