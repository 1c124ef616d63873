import type { Clock, Random, Timers } from '../core/index.ts'
import type { Transport } from './transport.ts'

/** What every part of a venue adapter is given; real or virtual, they cannot tell. */
export interface VenueServices {
  readonly transport: Transport
  readonly clock: Clock
  readonly timers: Timers
  /** Jitter of back-offs only. */
  readonly random: Random
  /**
   * Takes a place for one new connection, where the venue limits how fast an address may connect: granted with the wait
   * for it, or not granted with the wait before the next question, ms. Absent: at once.
   */
  readonly connectPlace?: (url: string) => { readonly waitMs: number; readonly granted: boolean }
  /**
   * Asked of every order that may increase exposure at the moment it leaves, also of one that waited for its place or its
   * next try: on false it is told as unsent. Absent: always.
   */
  readonly mayIncrease?: () => boolean
  /** Counts something for the metrics page. */
  readonly count: (name: string, label?: string, by?: number) => void
}
