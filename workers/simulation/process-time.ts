import type { Clock, Nanos, Timer, Timers, VirtualTime, WallMs } from '../../src/core/index.ts'

/**
 * The clock and the timers of one process on virtual time: it can stand still (a pause of its event loop, a slow call
 * of the system), have a wrong wall clock, and die. Nothing of a dead process runs, whoever calls.
 */
export class ProcessTime implements Clock, Timers {
  readonly #time: VirtualTime
  readonly #held: (() => void)[] = []
  #alive = true
  #stalledUntilNs: Nanos = 0
  /** Added to the wall clock, ms. */
  skewMs = 0

  constructor(time: VirtualTime) {
    this.#time = time
  }

  get alive(): boolean {
    return this.#alive
  }

  /** Within a stall this is its end: whoever reads it is what runs first behind it. */
  nowNs(): Nanos {
    return Math.max(this.#time.nowNs(), this.#stalledUntilNs)
  }

  wallMs(): WallMs {
    return this.#time.wallMs() + Math.floor((this.nowNs() - this.#time.nowNs()) / 1e6) + this.skewMs
  }

  after(delayMs: number, callback: () => void): Timer {
    let due: (() => void) | null = callback
    const timer = this.#time.at(this.nowNs() + Math.max(0, Math.round(delayMs * 1e6)), () =>
      this.enter(() => {
        const run = due
        due = null
        run?.()
      }),
    )
    return {
      cancel: () => {
        due = null
        timer.cancel()
      },
    }
  }

  every(periodMs: number, callback: () => void): Timer {
    let stopped = false
    let current: Timer
    const again = (): void => {
      callback()
      if (!stopped) current = this.after(periodMs, again)
    }
    current = this.after(periodMs, again)
    return {
      cancel: () => {
        stopped = true
        current.cancel()
      },
    }
  }

  /** Whether what reaches it now has to wait. */
  get waits(): boolean {
    return this.#held.length > 0 || this.#stalled
  }

  /** Something from outside reaches the process: now, at the end of its stall, or never. */
  enter(callback: () => void): void {
    if (!this.#alive) return
    if (this.waits) this.#held.push(callback)
    else callback()
  }

  /** Something leaves the process: at the end of the call that takes so long, or now. */
  leave(callback: () => void): void {
    if (!this.#alive) return
    if (this.#stalled) this.#time.at(this.#stalledUntilNs, callback)
    else callback()
  }

  /** The process does nothing for so long; what reaches it waits. */
  stall(ms: number): void {
    if (!this.#alive) return
    this.#stalledUntilNs = this.nowNs() + Math.round(ms * 1e6)
    this.#time.at(this.#stalledUntilNs, () => this.#resume())
  }

  /** From now on nothing of it runs. */
  kill(): void {
    this.#alive = false
    this.#held.length = 0
  }

  get #stalled(): boolean {
    return this.#stalledUntilNs > this.#time.nowNs()
  }

  #resume(): void {
    while (this.#held.length > 0 && this.#alive && !this.#stalled) this.#held.shift()!()
  }
}
