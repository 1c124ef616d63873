import type { PriceTicks, Side, WallMs } from '../../../../core/index.ts'

/** What is planted into a market. The first two are manipulation, the others look like it and are not. */
export const EPISODE_KINDS = ['spoof', 'layer', 'traded', 'resting', 'requote', 'refill'] as const
export type EpisodeKind = (typeof EPISODE_KINDS)[number]

/** One planted episode: the ground truth for detectors. */
export interface Episode {
  readonly kind: EpisodeKind
  /** Of the book. A market maker that quotes both sides has none of its own: it stands under BUY. */
  readonly side: Side
  /** First placement and last withdrawal, ms since 1970 by the clock of the exchange. */
  readonly startMs: WallMs
  readonly endMs: WallMs
  /** False when the market cut it short before anybody could see it: too little to be found, and no mistake if it is. */
  readonly whole: boolean
  /** Orders placed. */
  readonly orders: number
  readonly lowTicks: PriceTicks
  readonly highTicks: PriceTicks
}

/** Episodes an hour of market time; a kind that is not named is not planted. */
export type EpisodeRates = Partial<Readonly<Record<EpisodeKind, number>>>

/** A mix of all kinds, so many manipulations an hour and as many look-alikes. */
export function mixedEpisodes(manipulationsPerHour: number): EpisodeRates {
  const half = manipulationsPerHour / 2
  const quarter = manipulationsPerHour / 4
  return { spoof: half, layer: half, traded: quarter, resting: quarter, requote: quarter, refill: quarter }
}
