import type { TrainingTable } from '../data/index.ts'
import {
  accuracyOf, blockInterval, calibrationError, calibrationOf, type CalibrationBin, choiceOf, type ClassScores, classScoresOf, confusionOf, constantProbabilities, crossEntropyOf, hitsOf, type Interval, lossesOf, naivePolicy,
  type PolicyOptions, type PolicyTrade,
} from '../evaluate/index.ts'
import { classesOf, probabilitiesOf } from '../fit/index.ts'
import type { FoldResult } from './train-fold.ts'

export interface Score {
  readonly accuracy: number
  readonly crossEntropy: number
}

export interface FoldVerdict {
  readonly index: number
  readonly windows: number
  readonly network: Score
  readonly linear: Score
  readonly prior: Score
  /** Cross-entropy that the network saves against each baseline, nats a window. */
  readonly gainOverPrior: Interval
  readonly gainOverLinear: Interval
  readonly accuracy: Interval
}

export interface Verdict {
  readonly folds: readonly FoldVerdict[]
  /** Over the test windows of all folds, each judged by the model of its fold. */
  readonly all: FoldVerdict
  /** Rows: class, columns: choice. */
  readonly confusion: readonly (readonly number[])[]
  readonly perClass: readonly ClassScores[]
  /** Of the probability of the choice, and of the confidence, against being right. */
  readonly calibration: readonly CalibrationBin[]
  readonly calibrationError: number
  readonly confidence: readonly CalibrationBin[]
  readonly confidenceError: number
  readonly trades: readonly PolicyTrade[]
  /** Return of a trade after fees, a fraction; null without trades. */
  readonly netPerTrade: Interval | null
  readonly grossPerTrade: Interval | null
  /** Why it may not be published; empty when it may. */
  readonly objections: readonly string[]
}

export interface VerdictOptions {
  readonly stride: number
  readonly steps: number
  /** Time from row to row, ms. */
  readonly spacingMs: number
  readonly policy: PolicyOptions
  readonly seed: number
}

/** With fewer independent stretches of test data an interval means nothing. */
const BLOCKS_MIN = 8

/** Judges a walk forward: the network against the frequencies of the classes and against a linear model, on windows that no training saw. */
export function judge(table: TrainingTable, results: readonly FoldResult[], options: VerdictOptions): Verdict {
  const { stride, steps, spacingMs, policy, seed } = options
  // Windows hang together as long as they share rows or future.
  const reach = steps + (table.horizonMs + table.toleranceMs) / Math.max(1, spacingMs)
  const block = Math.max(1, Math.ceil((2 * reach) / stride))
  const parts = results.map((result) => partOf(table, result))
  const folds = parts.map((part, i) => foldVerdict(results[i]!.fold.index, part, block, seed))
  const whole = joined(parts)
  const all = foldVerdict(-1, whole, block, seed)
  const hits = hitsOf(whole.network, whole.classes)
  const claims = Float64Array.from(hits, (_, i) => whole.network[i * 3 + choiceOf(whole.network, i)]!)
  const calibration = calibrationOf(claims, hits)
  const confidence = calibrationOf(whole.confidence, hits)
  const confusion = confusionOf(whole.network, whole.classes)
  const trades = results.flatMap((result, i) => naivePolicy(table, result.windows, parts[i]!.network, result.network.predictions.confidence, policy))
  const perTrade = (of: (trade: PolicyTrade) => number): Interval | null => (trades.length === 0 ? null : blockInterval(trades.map(of), Math.max(1, Math.ceil(trades.length / 30)), seed))
  return {
    folds, all, confusion, perClass: classScoresOf(confusion), calibration, calibrationError: calibrationError(calibration), confidence, confidenceError: calibrationError(confidence),
    trades, netPerTrade: perTrade((trade) => trade.net), grossPerTrade: perTrade((trade) => trade.gross), objections: objectionsTo(all, folds),
  }
}

interface Part {
  readonly classes: Uint8Array
  readonly network: Float32Array
  readonly linear: Float32Array
  readonly prior: Float32Array
  readonly confidence: Float32Array
}

function partOf(table: TrainingTable, { windows, prior, network, linear }: FoldResult): Part {
  return {
    classes: classesOf(table, windows), network: probabilitiesOf(network.predictions.logits), linear: probabilitiesOf(linear.predictions.logits),
    prior: constantProbabilities(prior, windows.length), confidence: network.predictions.confidence,
  }
}

function joined(parts: readonly Part[]): Part {
  const floats = (of: (part: Part) => Float32Array): Float32Array => Float32Array.from(parts.flatMap((part) => [...of(part)]))
  return { classes: Uint8Array.from(parts.flatMap((part) => [...part.classes])), network: floats((part) => part.network), linear: floats((part) => part.linear), prior: floats((part) => part.prior), confidence: floats((part) => part.confidence) }
}

function foldVerdict(index: number, { classes, network, linear, prior }: Part, block: number, seed: number): FoldVerdict {
  const score = (probabilities: Float32Array): Score => ({ accuracy: accuracyOf(probabilities, classes), crossEntropy: crossEntropyOf(probabilities, classes) })
  const own = lossesOf(network, classes)
  const gain = (other: Float32Array): Interval => blockInterval(lossesOf(other, classes).map((loss, i) => loss - own[i]!), block, seed)
  return { index, windows: classes.length, network: score(network), linear: score(linear), prior: score(prior), gainOverPrior: gain(prior), gainOverLinear: gain(linear), accuracy: blockInterval(hitsOf(network, classes), block, seed) }
}

/** A model goes to the engine only when it beats both baselines beyond chance over all tests, and does not lose to them on the newest. */
function objectionsTo(all: FoldVerdict, folds: readonly FoldVerdict[]): readonly string[] {
  const objections: string[] = []
  const newest = folds.at(-1)!
  const nats = (value: number): string => value.toFixed(4)
  for (const [name, gain, last] of [['the frequencies of the classes', all.gainOverPrior, newest.gainOverPrior], ['the linear model', all.gainOverLinear, newest.gainOverLinear]] as const) {
    if (!(gain.low > 0)) objections.push(`over all tests it does not beat ${name} beyond chance: it saves ${nats(gain.mean)} nats a window, 95 % interval ${nats(gain.low)} to ${nats(gain.high)}`)
    if (!(last.mean > 0)) objections.push(`on the newest test it loses to ${name} by ${nats(-last.mean)} nats a window`)
  }
  if (all.gainOverPrior.blocks < BLOCKS_MIN) objections.push(`the tests hold ${all.gainOverPrior.blocks} stretches that do not hang together, ${BLOCKS_MIN} are needed to judge by: collect more`)
  return objections
}
