import { binOf, placeOf, type DriftBaseline } from './baseline.ts'
import { ksCritical, ksOf, psiOf } from './measures.ts'

export const SEVERITIES = ['none', 'low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** Newest samples that are held against the baseline, kept as so many blocks, of which the oldest goes when a new one is full. */
export const CURRENT_ROWS = 10_000
const BLOCKS = 10

/** From here on a level begins: share of features that drifted, index of the predictions, accuracy lost. */
const SHARE_LEVELS = [0.1, 0.25, 0.5, 0.75]
const INDEX_LEVELS = [0.1, 0.2, 0.3, 0.5]
const LOSS_LEVELS = [0.03, 0.05, 0.1, 0.15]
/** A feature has drifted when chance alone does not explain its distance, and it is this large. */
const DISTANCE_MIN = 0.1
/** Fewer known outcomes say nothing about accuracy. */
const OUTCOMES_MIN = 500

const RECOMMENDATIONS: Readonly<Record<Severity, string>> = {
  none: 'nothing to do',
  low: 'look again tomorrow',
  medium: 'collect and label newer data; plan a training',
  high: 'train anew and let the new model run as a shadow',
  critical: 'take the model out of use: roll back or deactivate it, then train anew',
}

/** What is known about the drift of one model. */
export interface DriftReport {
  readonly severity: Severity
  readonly recommendation: string
  /** Samples in the window; the distances are of this many. */
  readonly rows: number
  /** Share of the features that drifted, 0..1, and those furthest off. null: too few samples yet, or no baseline. */
  readonly features: { readonly share: number; readonly worst: readonly { readonly name: string; readonly distance: number }[] } | null
  /** Population stability index of the predictions. */
  readonly predictions: number | null
  /** Of predictions whose future is known by now, and what the model reached on unseen data. */
  readonly accuracy: { readonly outcomes: number; readonly now: number; readonly test: number | null } | null
}

/**
 * Watches what a model is fed and what it says. Memory is bounded: counts over the places of the baseline's sketches, by block.
 * A report is made when a block is full; nothing is allocated for a sample.
 */
export class DriftMonitor {
  readonly #baseline: DriftBaseline | null
  readonly #testAccuracy: number | null
  readonly #edges: readonly Float32Array[]
  /** Where the places of each feature begin in a block. */
  readonly #starts: readonly number[]
  readonly #blocks: readonly Uint32Array[]
  readonly #totals: Uint32Array
  readonly #predictionEdges: Float32Array
  readonly #predictionBlocks: readonly Uint32Array[]
  readonly #predictionTotals: Uint32Array
  readonly #blockRows: number
  readonly #rights = new Uint8Array(CURRENT_ROWS)
  #block = 0
  #filled = 0
  #rows = 0
  #outcomes = 0
  #right = 0
  #report: DriftReport

  /** @param testAccuracy on unseen data; null: not known @param currentRows a multiple of ten */
  constructor(baseline: DriftBaseline | null, testAccuracy: number | null, currentRows = CURRENT_ROWS) {
    this.#baseline = baseline
    this.#testAccuracy = testAccuracy
    const features = baseline?.features ?? []
    this.#edges = features.map(({ edges }) => Float32Array.from(edges))
    let size = 0
    this.#starts = features.map(({ counts }) => (size += counts.length) - counts.length)
    this.#blocks = Array.from({ length: BLOCKS }, () => new Uint32Array(size))
    this.#totals = new Uint32Array(size)
    this.#predictionEdges = Float32Array.from(baseline?.predictions.edges ?? [])
    this.#predictionBlocks = Array.from({ length: BLOCKS }, () => new Uint32Array(this.#predictionEdges.length + 1))
    this.#predictionTotals = new Uint32Array(this.#predictionEdges.length + 1)
    this.#blockRows = currentRows / BLOCKS
    this.#report = this.#made()
  }

  /**
   * Takes what a model was asked and what it answered.
   * @param from where the newest row begins in the window
   * @param score chance of buy less chance of sell
   */
  add(window: Float32Array, from: number, score: number): void {
    if (this.#baseline === null) return
    const block = this.#blocks[this.#block]!
    for (let f = 0; f < this.#edges.length; f++) {
      const place = this.#starts[f]! + placeOf(this.#edges[f]!, window[from + f]!)
      block[place]!++
      this.#totals[place]!++
    }
    const bin = binOf(this.#predictionEdges, Math.fround(score))
    this.#predictionBlocks[this.#block]![bin]!++
    this.#predictionTotals[bin]!++
    this.#rows++
    if (++this.#filled === this.#blockRows) this.#turn()
  }

  /** A prediction turned out right or wrong. */
  outcome(right: boolean): void {
    const at = this.#outcomes % CURRENT_ROWS
    if (this.#outcomes >= CURRENT_ROWS) this.#right -= this.#rights[at]!
    this.#rights[at] = right ? 1 : 0
    this.#right += this.#rights[at]
    this.#outcomes++
    if (this.#outcomes % OUTCOMES_MIN === 0) this.#report = this.#made()
  }

  get report(): DriftReport {
    return this.#report
  }

  #turn(): void {
    this.#report = this.#made()
    this.#filled = 0
    this.#block = (this.#block + 1) % BLOCKS
    const oldest = this.#blocks[this.#block]!
    for (let i = 0; i < oldest.length; i++) this.#totals[i]! -= oldest[i]!
    oldest.fill(0)
    const bins = this.#predictionBlocks[this.#block]!
    let gone = 0
    for (let i = 0; i < bins.length; i++) {
      this.#predictionTotals[i]! -= bins[i]!
      gone += bins[i]!
    }
    bins.fill(0)
    this.#rows -= gone
  }

  #made(): DriftReport {
    const features = this.#features()
    const predictions = this.#rows === 0 ? null : psiOf(this.#baseline!.predictions.counts, this.#predictionTotals)
    const known = Math.min(this.#outcomes, CURRENT_ROWS)
    const accuracy = known < OUTCOMES_MIN ? null : { outcomes: known, now: this.#right / known, test: this.#testAccuracy }
    const loss = accuracy === null || accuracy.test === null ? 0 : accuracy.test - accuracy.now
    const level = Math.max(levelOf(SHARE_LEVELS, features?.share ?? 0), levelOf(INDEX_LEVELS, predictions ?? 0), levelOf(LOSS_LEVELS, loss))
    const severity = SEVERITIES[level]!
    return { severity, recommendation: RECOMMENDATIONS[severity], rows: this.#rows, features, predictions, accuracy }
  }

  #features(): DriftReport['features'] {
    const baseline = this.#baseline
    if (baseline === null || this.#rows === 0) return null
    const limit = Math.max(DISTANCE_MIN, ksCritical(this.#rows, baseline.rows))
    const distances = baseline.features.map((sketch, f) => {
      const start = this.#starts[f]!
      return { name: sketch.name, distance: ksOf(sketch, this.#totals.subarray(start, start + sketch.counts.length), this.#rows, baseline.rows) }
    })
    const share = distances.filter(({ distance }) => distance > limit).length / distances.length
    return { share, worst: distances.sort((a, b) => b.distance - a.distance).slice(0, 5) }
  }
}

/** Whether a severity is at least the other. */
export const atLeast = (one: Severity, other: Severity): boolean => SEVERITIES.indexOf(one) >= SEVERITIES.indexOf(other)

function levelOf(levels: readonly number[], value: number): number {
  return levels.filter((level) => value >= level).length
}
