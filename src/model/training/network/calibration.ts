/** Corrections of what a network says about its own certainty, fitted on validation windows. */
export interface Calibration {
  /** The logits of the direction are divided by it (Guo et al. 2017). */
  readonly temperature: number
  /** The logit of the confidence becomes `scale · logit + shift` (Platt 1999). */
  readonly confidenceScale: number
  readonly confidenceShift: number
}

export const noCalibration: Calibration = { temperature: 1, confidenceScale: 1, confidenceShift: 0 }

const TEMPERATURE_MIN = 0.2
const TEMPERATURE_MAX = 20
const SEARCH_STEPS = 60
const NEWTON_STEPS = 50
/** Keeps the fit finite when confidence separates hits from misses perfectly, as it does in tiny sets. */
const RIDGE = 1e-3

/**
 * Temperature with the least cross-entropy, by golden-section search over its logarithm.
 * @param logits [n, classes] @param classes index of each row's class
 */
export function fitTemperature(logits: Float32Array, classes: ArrayLike<number>): number {
  const width = logits.length / classes.length
  const loss = (logTemperature: number): number => {
    const scale = Math.exp(-logTemperature)
    let sum = 0
    for (let row = 0; row < classes.length; row++) {
      let top = Number.NEGATIVE_INFINITY
      for (let c = 0; c < width; c++) top = Math.max(top, logits[row * width + c]! * scale)
      let total = 0
      for (let c = 0; c < width; c++) total += Math.exp(logits[row * width + c]! * scale - top)
      sum += Math.log(total) + top - logits[row * width + classes[row]!]! * scale
    }
    return sum
  }
  const golden = (Math.sqrt(5) - 1) / 2
  let low = Math.log(TEMPERATURE_MIN)
  let high = Math.log(TEMPERATURE_MAX)
  if (classes.length === 0) return 1
  for (let i = 0; i < SEARCH_STEPS; i++) {
    const left = high - golden * (high - low)
    const right = low + golden * (high - low)
    if (loss(left) < loss(right)) high = right
    else low = left
  }
  return Math.exp((low + high) / 2)
}

/** Scale and shift of the confidence's logit with the least cross-entropy against hits (1) and misses (0), by Newton's method. */
export function fitConfidence(logits: ArrayLike<number>, hits: ArrayLike<number>): Pick<Calibration, 'confidenceScale' | 'confidenceShift'> {
  let scale = 1
  let shift = 0
  for (let i = 0; i < NEWTON_STEPS && logits.length > 0; i++) {
    let [gScale, gShift, hScale, hBoth, hShift] = [RIDGE * (scale - 1), RIDGE * shift, RIDGE, 0, RIDGE]
    for (let row = 0; row < logits.length; row++) {
      const x = logits[row]!
      const p = 1 / (1 + Math.exp(-(scale * x + shift)))
      const error = (p - hits[row]!) / logits.length
      const weight = (p * (1 - p)) / logits.length
      gScale += error * x
      gShift += error
      hScale += weight * x * x
      hBoth += weight * x
      hShift += weight
    }
    const determinant = hScale * hShift - hBoth * hBoth
    const dScale = (hShift * gScale - hBoth * gShift) / determinant
    const dShift = (hScale * gShift - hBoth * gScale) / determinant
    // A full Newton step can leap over the valley where the sigmoid is flat.
    const part = Math.min(1, 2 / Math.max(Math.abs(dScale), Math.abs(dShift), 1e-12))
    scale -= part * dScale
    shift -= part * dShift
    if (Math.abs(dScale) + Math.abs(dShift) < 1e-9) break
  }
  return { confidenceScale: scale, confidenceShift: shift }
}
