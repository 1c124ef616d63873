/** Least probability that a loss is taken of: one certain mistake must not be infinite. */
const LEAST = 1e-7
const CLASSES = 3

/** Index of the largest of the three probabilities of a window. */
export function choiceOf(probabilities: ArrayLike<number>, window: number): number {
  const at = window * CLASSES
  const [sell, hold, buy] = [probabilities[at]!, probabilities[at + 1]!, probabilities[at + 2]!]
  return buy > hold && buy > sell ? 2 : sell > hold ? 0 : 1
}

/** Cross-entropy of each window, nats. @param probabilities windows × 3 @param classes index of each window's class */
export const lossesOf = (probabilities: ArrayLike<number>, classes: ArrayLike<number>): Float64Array => Float64Array.from(classes, (one, i) => -Math.log(Math.max(LEAST, probabilities[i * CLASSES + one]!)))

/** 1 for each window whose class had the largest probability, else 0. */
export const hitsOf = (probabilities: ArrayLike<number>, classes: ArrayLike<number>): Float64Array => Float64Array.from(classes, (one, i) => Number(choiceOf(probabilities, i) === one))

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

export const crossEntropyOf = (probabilities: ArrayLike<number>, classes: ArrayLike<number>): number => meanOf(lossesOf(probabilities, classes))
export const accuracyOf = (probabilities: ArrayLike<number>, classes: ArrayLike<number>): number => meanOf(hitsOf(probabilities, classes))

/** The same probabilities for every window. */
export function constantProbabilities(prior: readonly number[], windows: number): Float32Array {
  return Float32Array.from({ length: windows * CLASSES }, (_, i) => prior[i % CLASSES]!)
}

/** Windows by class (row) and choice (column). */
export function confusionOf(probabilities: ArrayLike<number>, classes: ArrayLike<number>): readonly (readonly number[])[] {
  const table = Array.from({ length: CLASSES }, () => [0, 0, 0])
  for (let i = 0; i < classes.length; i++) table[classes[i]!]![choiceOf(probabilities, i)]!++
  return table
}

/** Fractions; null where nothing was chosen, or nothing was there to find. */
export interface ClassScores {
  readonly precision: number | null
  readonly recall: number | null
  readonly support: number
}

export function classScoresOf(confusion: readonly (readonly number[])[]): readonly ClassScores[] {
  return confusion.map((row, one) => {
    const support = row.reduce((sum, count) => sum + count, 0)
    const chosen = confusion.reduce((sum, other) => sum + other[one]!, 0)
    const right = row[one]!
    return { precision: chosen === 0 ? null : right / chosen, recall: support === 0 ? null : right / support, support }
  })
}

/** What was claimed against what came true, in one bin of claims. */
export interface CalibrationBin {
  readonly claimed: number
  readonly true: number
  readonly count: number
}

/** Ten bins of claims between 0 and 1; empty ones are left out. */
export function calibrationOf(claims: ArrayLike<number>, outcomes: ArrayLike<number>): readonly CalibrationBin[] {
  const BINS = 10
  const bins = Array.from({ length: BINS }, () => ({ claimed: 0, true: 0, count: 0 }))
  for (let i = 0; i < claims.length; i++) {
    const bin = bins[Math.min(BINS - 1, Math.floor(claims[i]! * BINS))]!
    bin.claimed += claims[i]!
    bin.true += outcomes[i]!
    bin.count++
  }
  return bins.filter((bin) => bin.count > 0).map((bin) => ({ claimed: bin.claimed / bin.count, true: bin.true / bin.count, count: bin.count }))
}

/** Mean distance of claim and truth over the bins, weighted by their counts (expected calibration error, Naeini et al. 2015). */
export function calibrationError(bins: readonly CalibrationBin[]): number {
  const total = bins.reduce((sum, bin) => sum + bin.count, 0)
  return bins.reduce((sum, bin) => sum + Math.abs(bin.claimed - bin.true) * bin.count, 0) / Math.max(1, total)
}
