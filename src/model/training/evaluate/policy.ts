import type { TrainingTable } from '../data/index.ts'
import { choiceOf } from './scores.ts'

export interface PolicyOptions {
  /** Least probability of the direction, and least confidence, that a trade is made on. */
  readonly minProbability: number
  readonly minConfidence: number
  /** Fee of one side, a fraction; a trade pays it twice. */
  readonly fee: number
}

/** One trade of the naive policy. */
export interface PolicyTrade {
  readonly timeMs: number
  readonly symbol: number
  readonly side: 1 | -1
  /** Return after fees, a fraction of the value traded. */
  readonly net: number
  readonly gross: number
}

/**
 * The most naive policy: where the model is sure enough of a direction, take it at the mid price, hold for the horizon, close at the
 * mid price, pay the fee of a taker both times. One position a symbol. It knows neither spread nor stops nor size: it says
 * whether there is anything to trade on, not what would be earned.
 * @param windows last rows, in order of time within each symbol @param probabilities windows × 3
 */
export function naivePolicy(table: TrainingTable, windows: Int32Array, probabilities: ArrayLike<number>, confidence: ArrayLike<number>, { minProbability, minConfidence, fee }: PolicyOptions): readonly PolicyTrade[] {
  const trades: PolicyTrade[] = []
  const freeFromMs = table.symbols.map(() => Number.NEGATIVE_INFINITY)
  windows.forEach((row, i) => {
    const choice = choiceOf(probabilities, i)
    const symbol = table.symbol[row]!
    const timeMs = table.timeMs[row]!
    if (choice === 1 || probabilities[i * 3 + choice]! < minProbability || confidence[i]! < minConfidence || timeMs < freeFromMs[symbol]!) return
    const side = choice === 2 ? 1 : -1
    const gross = side * table.movement[row]!
    trades.push({ timeMs, symbol, side, gross, net: gross - 2 * fee })
    freeFromMs[symbol] = timeMs + table.horizonMs
  })
  return trades.toSorted((a, b) => a.timeMs - b.timeMs)
}
