import type { Nanos, WallMs } from './numbers.ts'

/** Where an actor learns the time. Durations come from `nowNs` only; `wallMs` is for display and venues. */
export interface Clock {
  /** Monotonic nanoseconds since the origin of the run, the same origin in every thread and process of it. */
  nowNs(): Nanos
  /** Milliseconds since 1970 UTC. */
  wallMs(): WallMs
}

export interface Timer {
  /** After this the callback does not run any more; harmless when it has run. */
  cancel(): void
}

/** Where an actor gets its timers. */
export interface Timers {
  after(delayMs: number, callback: () => void): Timer
  every(periodMs: number, callback: () => void): Timer
}

/** Milliseconds since 1970 as ISO 8601 in UTC. */
export const isoTime = (ms: WallMs): string => new Date(ms).toISOString()
