import { BUY, errorLabel, errorLine, fail, type Side } from '../../core/index.ts'
import type { FEATURE_VECTOR, View } from '../../memory/index.ts'
import type { SampleSink } from './collector.ts'
import type { Sample, SignalType } from './sample.ts'

/** Features that a sample repeats beside its row: quote currency, quote currency, fraction of the best five levels. */
const MID = 'mid_price'
const SPREAD = 'bid_ask_spread_abs'
const IMBALANCE = 'imbalance_5'

export interface SamplerOptions {
  readonly symbol: string
  readonly featureNames: readonly string[]
  /** Every so many analyses one is sampled. */
  readonly every: number
  /** Tried again at every `sync` while it fails. @throws RM_DATASET_FILE */
  readonly open: () => SampleSink
  readonly log: (level: 'info' | 'warn', message: string, data: Readonly<Record<string, unknown>>) => void
  readonly count: (name: string, label?: string) => void
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * Samples every Nth analysis of an actor, with what came of it: `hold` the vector, tell `decided` if anything was, then `release`
 * it to the sink. A sink that fails costs samples, which are counted, and is told once until it is better; the actor does not notice.
 */
export class Sampler {
  readonly #options: SamplerOptions
  readonly #mid: number
  readonly #spread: number
  readonly #imbalance: number
  readonly #sample: Writable<Sample>
  #sink: SampleSink | null = null
  #analyses = 0
  #held = false
  #closed = false
  #lost = 0
  #told = ''
  #syncFails = false

  /** @throws RM_INFERENCE_WIRING when the features that a sample repeats are missing, or `every` makes no sense */
  constructor(options: SamplerOptions) {
    const { symbol, featureNames, every } = options
    const column = (name: string): number => {
      const at = featureNames.indexOf(name)
      return at >= 0 ? at : fail('RM_INFERENCE_WIRING', { symbol, what: 'features to collect', actual: `no ${name}`, expected: `${MID}, ${SPREAD} and ${IMBALANCE}` })
    }
    if (!Number.isInteger(every) || every < 1) fail('RM_INFERENCE_WIRING', { symbol, what: 'analyses per sample', actual: every, expected: 'a whole number from 1 on' })
    this.#options = options
    this.#mid = column(MID)
    this.#spread = column(SPREAD)
    this.#imbalance = column(IMBALANCE)
    this.#sample = { timestampMs: 0, midPrice: 0, spread: 0, imbalance: 0, signalType: 'hold', signalConfidence: 0, features: new Float32Array(featureNames.length) }
  }

  /** Counts an analysis; every Nth is copied, as nothing decided yet. */
  hold(vector: View<typeof FEATURE_VECTOR.fields>): void {
    if (++this.#analyses < this.#options.every) return
    this.#analyses = 0
    this.#held = true
    const sample = this.#sample
    const { f64, values } = vector
    sample.timestampMs = vector.venueTimeMs
    sample.midPrice = f64[values + this.#mid]!
    sample.spread = f64[values + this.#spread]!
    sample.imbalance = f64[values + this.#imbalance]!
    sample.signalType = 'hold'
    sample.signalConfidence = 0
    const { features } = sample
    for (let i = 0; i < features.length; i++) features[i] = f64[values + i]!
  }

  /** What was decided on the vector that is held; nothing happens when none is. */
  decided(side: Side, confidence: number): void {
    const type: SignalType = side === BUY ? 'buy' : 'sell'
    this.#sample.signalType = type
    this.#sample.signalConfidence = confidence
  }

  /** Gives the vector that is held, if any, to the sink. */
  release(): void {
    if (!this.#held || this.#closed) return
    this.#held = false
    try {
      this.#options.count(this.#open().add(this.#sample) ? 'samples' : 'samples_known')
      this.#written()
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Opens the sink, or brings to the disk what it has. */
  sync(): void {
    try {
      this.#open().sync()
      this.#syncFails = false
    } catch (error) {
      if (!this.#syncFails) this.#options.log('warn', 'samples cannot be brought to the disk', { error: errorLine(error) })
      this.#syncFails = true
    }
  }

  /** Takes no samples any more. */
  close(): void {
    this.#closed = true
    try {
      this.#sink?.close()
    } catch (error) {
      this.#options.log('warn', 'the last samples may not be on the disk', { error: errorLine(error) })
    }
    this.#sink = null
  }

  #open(): SampleSink {
    return (this.#sink ??= this.#options.open())
  }

  /** Told once for each kind of failure: the text of a sample that is refused names its time, and is new every time. */
  #failed(error: unknown): void {
    const kind = errorLabel(error)
    this.#lost++
    this.#options.count('samples_lost', kind)
    if (kind === this.#told) return
    this.#told = kind
    this.#options.log('warn', 'samples are not collected', { error: errorLine(error) })
  }

  #written(): void {
    if (this.#told === '') return
    this.#options.log('info', 'samples are collected again', { lost: this.#lost })
    this.#told = ''
    this.#lost = 0
  }
}
