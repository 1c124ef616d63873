import type { Clock, Random, Timers } from '../core/index.ts'
import type { Transport } from './transport.ts'

/** What every part of a venue adapter is given; real or virtual, they cannot tell. */
export interface VenueServices {
  readonly transport: Transport
  readonly clock: Clock
  readonly timers: Timers
  /** Jitter of back-offs only. */
  readonly random: Random
  /** Counts something for the metrics page. */
  readonly count: (name: string, label?: string, by?: number) => void
}
