/** Features are cut at so many deviations from their mean: what lies beyond is an accident of the market, or of the feed. */
export const CLIP = 8

/** Mean and deviation of each feature, of training rows alone. */
export interface Normaliser {
  readonly mean: Float32Array
  /** Never 0. */
  readonly deviation: Float32Array
}

/**
 * Normaliser of the given rows of a table. Sums are kept in float64, in two passes, so that large prices with small deviations keep
 * their digits. A feature that never moves gets deviation 1.
 * @param values row after row @param rows indices of rows
 */
export function normaliserOf(values: Float32Array, features: number, rows: Iterable<number>): Normaliser {
  const list = Int32Array.from(rows)
  const mean = new Float64Array(features)
  for (const row of list) for (let f = 0; f < features; f++) mean[f]! += values[row * features + f]!
  for (let f = 0; f < features; f++) mean[f]! /= Math.max(1, list.length)
  const squares = new Float64Array(features)
  for (const row of list) for (let f = 0; f < features; f++) squares[f]! += (values[row * features + f]! - mean[f]!) ** 2
  const deviation = Float32Array.from(squares, (sum, f) => {
    const spread = Math.sqrt(sum / Math.max(1, list.length))
    // Rounding alone gives a constant a deviation of some units in its last place.
    return spread > Math.abs(mean[f]!) * 1e-7 && spread > 1e-12 ? spread : 1
  })
  return { mean: Float32Array.from(mean), deviation }
}
