import type { Nanos, WallMs } from './numbers.ts'
import type { Clock, Timer, Timers } from './time.ts'

/** The machine's monotonic clock read as an origin; hand it to every thread and process of a run. */
export const systemOriginNs = (): bigint => process.hrtime.bigint()

/**
 * The real clock. `performance.now` counts from the start of each thread, so the distance to the shared
 * origin is taken once from the machine-wide monotonic clock and added: no BigInt on the way of a tick.
 */
export class SystemClock implements Clock {
  readonly #offsetNs: number

  constructor(originNs: bigint) {
    this.#offsetNs = Number(process.hrtime.bigint() - originNs) - performance.now() * 1e6
  }

  nowNs(): Nanos {
    return Math.round(performance.now() * 1e6 + this.#offsetNs)
  }

  wallMs(): WallMs {
    return Date.now()
  }
}

/** Timers of the event loop. */
export class SystemTimers implements Timers {
  after(delayMs: number, callback: () => void): Timer {
    const handle = setTimeout(callback, delayMs)
    return { cancel: () => clearTimeout(handle) }
  }

  every(periodMs: number, callback: () => void): Timer {
    const handle = setInterval(callback, periodMs)
    return { cancel: () => clearInterval(handle) }
  }
}
