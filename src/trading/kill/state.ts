import type { KillCode, KillWay } from './records.ts'
import type { Trail } from './trail.ts'

/** Refusals that are remembered: as many as a limit can look at. */
export const REFUSALS_MAX = 1000

export interface Engaged {
  readonly id: string
  readonly by: KillWay
  readonly code: KillCode
  readonly reason: string
  readonly flatten: boolean
  readonly values: Readonly<Record<string, string>>
  readonly sinceMs: number
  readonly sinceNs: number
}

/** What the kill switch and its trips know. Only `foldKill` writes here. */
export interface KillState {
  engaged: Engaged | null
  /** Engagements so far: numbers the next one. */
  engagements: number
  /** The last engagement that was released, '' for none, and when. */
  releasedId: string
  releasedMs: number
  trail: Trail | null
  /** Monotonic time of the last record of it. */
  trailNs: number
  /** Orders that the venue refused, oldest first; wall time carries them over epochs. */
  readonly refusals: { readonly ms: number; ns: number }[]
  /** Symbols frozen for what a stranger or nothing explains, with the reason. */
  readonly strangers: Map<string, string>
}

export const createKillState = (): KillState => ({ engaged: null, engagements: 0, releasedId: '', releasedMs: 0, trail: null, trailNs: 0, refusals: [], strangers: new Map() })
