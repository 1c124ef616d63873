import type { Clock, Timers } from '../core/index.ts'

/** What this room uses of the context of the actor that it works for. */
export interface MarketContext {
  readonly clock: Clock
  readonly timers: Timers
  readonly log: (level: 'debug' | 'info' | 'warn' | 'error', message: string, data?: Readonly<Record<string, unknown>>) => void
  /** Counts something for the metrics page, by name and one label. */
  readonly count: (name: string, label?: string) => void
  /** Adds a duration to the latency histogram of a hop. */
  readonly observe: (hop: string, durationNs: number) => void
}
