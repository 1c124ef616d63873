/** What a model says about the next move; the three chances add up to 1. */
export interface ModelOutput {
  sell: number
  hold: number
  buy: number
  /** 0 to 1, the model's own. */
  confidence: number
  /** Fraction of the price over the horizon it was trained for. */
  expectedReturn: number
  /** Of the model that gave this answer. */
  version: string
}

/** When an answer is worth a decision. */
export interface ModelThresholds {
  /** Smallest chance of the winning side. */
  readonly minProbability: number
  readonly minConfidence: number
}

/** What a model takes, and what its answers are held against. The same object as long as it is the same model. */
export interface ModelContract {
  readonly version: string
  /** Rows of the window, oldest first. */
  readonly windowSteps: number
  /** Numbers of a row, in the order of the names the model was checked against. */
  readonly featureCount: number
  /** Time from row to row that it was trained with, ms; 0: every vector is a row. */
  readonly stepMs: number
  /** Longest run whose answer still counts, ms. */
  readonly budgetMs: number
  readonly thresholds: ModelThresholds
}

/** One symbol's way to ask a model. Runs one at a time; the answer stands in `output` until the next run. */
export interface ModelPredictor {
  /** What the next run asks; null: no model is active. */
  readonly current: ModelContract | null
  /** Why its answers may not be used now; null: they may. */
  readonly unfit: 'model_resting' | 'model_drifted' | null
  readonly output: ModelOutput
  /**
   * Copies the window before it returns, then answers in `output`. Rejects with RM_MODEL_WINDOW, RM_MODEL_BUSY,
   * RM_MODEL_GATE_CLOSED, RM_MODEL_RUN, RM_MODEL_NOT_FINITE, RM_MODEL_RANGE or RM_MODEL_SLOW, and then `output` is void.
   */
  run(window: Float32Array): Promise<void>
  /** The price has moved on: later windows are about this moment, and earlier answers may be known right or wrong by now. */
  seen(timeMs: number, price: number): void
  /** What became of an answer, or that none was there in time. */
  judged(what: 'agreed' | 'disagreed' | 'fallback'): void
}

/** Chances from three logits (sell, hold, buy) that begin at `from`, shifted by the largest so that no exponent overflows. */
export function softmaxInto(logits: ArrayLike<number>, from: number, out: ModelOutput): void {
  const top = Math.max(logits[from]!, logits[from + 1]!, logits[from + 2]!)
  const sell = Math.exp(logits[from]! - top)
  const hold = Math.exp(logits[from + 1]! - top)
  const buy = Math.exp(logits[from + 2]! - top)
  const sum = sell + hold + buy
  out.sell = sell / sum
  out.hold = hold / sum
  out.buy = buy / sum
}

export const emptyOutput = (): ModelOutput => ({ sell: 0, hold: 1, buy: 0, confidence: 0, expectedReturn: 0, version: '' })

/** Index of the most likely class, in the order of `MODEL_CLASSES`. */
export const classOf = ({ sell, hold, buy }: ModelOutput): number => (buy > hold && buy >= sell ? 2 : sell > hold ? 0 : 1)
