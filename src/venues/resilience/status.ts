import type { BreakerStatus } from './breaker.ts'
import type { EndpointGroup } from './urgency.ts'

export interface GroupStatus {
  readonly group: EndpointGroup
  readonly breaker: BreakerStatus
  /** Share of its fullest limit that is used now, 0 to 1, and the name of that limit ('' when nothing is used). */
  readonly utilisation: number
  readonly fullest: string
  /** Requests that wait for a place. */
  readonly waiting: number
}

/** How the way to a venue is. */
export interface ResilienceStatus {
  /** What is left of a ban, ms; 0 when there is none. */
  readonly banMs: number
  readonly groups: readonly GroupStatus[]
}

/** What a venue lets its owner see and do about the way to it. */
export interface ResiliencePort {
  /** Whether a new order may be tried now. Asked before every decision: it costs nothing. */
  takesEntries(): boolean
  status(): ResilienceStatus
  /** Execution lets nothing increase exposure any more: entries that wait for their place are ended as unsent. */
  endHeld(): void
  /** Closes the breaker of a group by hand. @returns false when it was closed already */
  reset(group: EndpointGroup): boolean
}
