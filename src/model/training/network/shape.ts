import { fail } from '../../../core/index.ts'

/** Networks that can be trained: what goes over the steps, or no more than a linear model. */
export const NETWORK_KINDS = ['lstm', 'gru', 'tcn', 'linear'] as const
export type NetworkKind = (typeof NETWORK_KINDS)[number]
export const NETWORK_SIZES = ['small', 'big'] as const
export type NetworkSize = (typeof NETWORK_SIZES)[number]

/** Sizes of a network; a linear one only has steps and features. */
export interface NetworkShape {
  readonly kind: NetworkKind
  /** Rows of a window. */
  readonly steps: number
  /** Numbers of a row. */
  readonly features: number
  /** Channels of the two convolutions. */
  readonly channels: readonly [number, number]
  /** Rows that become one after the convolutions. */
  readonly pool: number
  readonly hidden: number
  /** Width of the scores of the attention. */
  readonly attention: number
  /** Width of the layer before the heads. */
  readonly dense: number
}

/** Taps of every convolution. */
export const TAPS = 3
/** Layers of a `tcn`; layer n looks 2·2ⁿ rows back. */
export const TCN_LAYERS = 4
/** Rows of the three means that the linear model sees: the last one, some, and all. */
export const LINEAR_RECENT = 10
export const CLASSES = 3

const SIZES: Readonly<Record<NetworkSize, Omit<NetworkShape, 'kind' | 'steps' | 'features'>>> = {
  small: { channels: [32, 64], pool: 2, hidden: 64, attention: 32, dense: 32 },
  big: { channels: [64, 128], pool: 2, hidden: 128, attention: 64, dense: 64 },
}

/** @throws RM_TRAIN_SETTINGS for a window that cannot be pooled */
export function networkShape(kind: NetworkKind, size: NetworkSize, steps: number, features: number): NetworkShape {
  return checkedShape({ kind, steps, features, ...SIZES[size] })
}

/** @throws RM_TRAIN_SETTINGS for sizes that make no network */
export function checkedShape(shape: NetworkShape): NetworkShape {
  const { steps, features, channels, pool, hidden, attention, dense } = shape
  const bad = Object.entries({ steps, features, channels: channels[0], 'channels 2': channels[1], pool, hidden, attention, dense }).find(([, size]) => !Number.isSafeInteger(size) || size < 1)
  if (bad !== undefined) fail('RM_TRAIN_SETTINGS', { what: `${bad[0]} of the network`, actual: bad[1], needed: 'a whole number from 1 on' })
  if (steps % pool !== 0) fail('RM_TRAIN_SETTINGS', { what: 'the window', actual: `${steps} rows`, needed: `a multiple of ${pool}` })
  return shape
}
