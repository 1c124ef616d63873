/** What a thread of the labelling pool does: one symbol. */
import type { MessagePort } from 'node:worker_threads'
import { errorLine } from '../src/core/index.ts'
import { type LabellingReport, type LabelOptions, labelSymbol } from '../src/model/index.ts'

export interface LabelJob {
  readonly root: string
  readonly symbol: string
  readonly options: LabelOptions
  readonly force: boolean
  /** Is told after each batch how many of the symbol's are done. */
  readonly progress: MessagePort
}

/** A symbol that could not be labelled; in words, because errors lose their class between threads. */
export interface LabelFailure {
  readonly symbol: string
  readonly error: string
}

export default function labelJob({ root, symbol, options, force, progress }: LabelJob): LabellingReport | LabelFailure {
  try {
    return labelSymbol(root, symbol, options, force, (done) => progress.postMessage(done))
  } catch (error) {
    return { symbol, error: errorLine(error) }
  }
}
