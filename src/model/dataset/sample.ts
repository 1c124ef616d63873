/** One vector as it is collected, with what is known at its time. */
export interface Sample {
  /** Venue time of the market event, ms. */
  readonly timestampMs: number
  readonly midPrice: number
  readonly spread: number
  readonly imbalance: number
  readonly signalType: SignalType
  readonly signalConfidence: number
  readonly features: Float32Array
}

export type SignalType = 'buy' | 'sell' | 'hold'

export const HORIZONS = ['10s', '30s', '60s'] as const
export type Horizon = (typeof HORIZONS)[number]
export const HORIZON_MS: Readonly<Record<Horizon, number>> = { '10s': 10_000, '30s': 30_000, '60s': 60_000 }

/** One row of a label file; the future is null until the labelling pass, and stays null where there is none. */
export interface LabelRow {
  readonly timestamp: number
  future_direction_10s: -1 | 0 | 1 | null
  future_direction_30s: -1 | 0 | 1 | null
  future_direction_60s: -1 | 0 | 1 | null
  future_movement_10s: number | null
  future_movement_30s: number | null
  future_movement_60s: number | null
  readonly current_mid_price: number
  readonly current_imbalance: number
  readonly signal_type: SignalType
  readonly signal_confidence: number
}

/** A metadata file. */
export interface BatchMetadata {
  readonly batch_info: {
    readonly symbol: string
    readonly batch_number: number
    readonly sample_count: number
    /** ISO 8601, venue time of the first sample. */
    readonly timestamp: string
    readonly features_shape: readonly [number, number]
    readonly feature_names: readonly string[]
    /** SHA-256 of the feature file, so that a damaged one is found. */
    readonly features_sha256: string
  }
  readonly samples: readonly {
    readonly timestamp: number
    readonly symbol: string
    readonly mid_price: number
    readonly spread: number
    readonly imbalance: number
    readonly signal: SignalType
    readonly feature_count: number
  }[]
}

export const emptyLabel = (sample: Sample): LabelRow => ({
  timestamp: sample.timestampMs,
  future_direction_10s: null, future_direction_30s: null, future_direction_60s: null,
  future_movement_10s: null, future_movement_30s: null, future_movement_60s: null,
  current_mid_price: sample.midPrice,
  current_imbalance: sample.imbalance,
  signal_type: sample.signalType,
  signal_confidence: sample.signalConfidence,
})
