import type { Clock, Timer, Timers } from '../../core/index.ts'

/**
 * One direction of one connection: things come out in the order in which they went in, each at its time. A later
 * thing with less delay waits for the earlier one, as bytes of one stream do.
 */
export class Lane<T> {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #deliver: (item: T) => void
  readonly #items: T[] = []
  readonly #dueNs: number[] = []
  #head = 0
  #timer: Timer | null = null
  #closed = false
  #draining = false

  constructor(clock: Clock, timers: Timers, deliver: (item: T) => void) {
    this.#clock = clock
    this.#timers = timers
    this.#deliver = deliver
  }

  get empty(): boolean {
    return this.#head === this.#items.length
  }

  /** Delivers after `delayMs`, always later than this call. */
  push(item: T, delayMs: number): void {
    if (this.#closed) return
    const dueNs = this.#clock.nowNs() + Math.max(0, delayMs) * 1e6
    const last = this.empty ? 0 : this.#dueNs[this.#dueNs.length - 1]!
    this.#items.push(item)
    this.#dueNs.push(Math.max(dueNs, last))
    if (this.#timer === null) this.#arm()
  }

  /** Delivers inside this call when nothing waits and no delay is asked for. */
  pass(item: T, delayMs: number): void {
    if (this.#closed) return
    if (delayMs <= 0 && this.empty && this.#timer === null) this.#deliver(item)
    else this.push(item, delayMs)
  }

  /** Nothing that waits has to wait any longer; the order stays. */
  hurry(): void {
    if (this.empty) return
    this.#dueNs.fill(this.#clock.nowNs(), this.#head)
    // While things go out the loop looks at the times again, and no second timer may be set.
    if (this.#draining) return
    this.#timer?.cancel()
    this.#arm()
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#timer = null
    this.#items.length = 0
    this.#dueNs.length = 0
    this.#head = 0
  }

  #arm(): void {
    const delayMs = Math.max(0, (this.#dueNs[this.#head]! - this.#clock.nowNs()) / 1e6)
    this.#timer = this.#timers.after(delayMs, this.#drain)
  }

  // The timer stays set while items go out: what the receiver sends back meanwhile queues behind them.
  readonly #drain = (): void => {
    const nowNs = this.#clock.nowNs()
    this.#draining = true
    do {
      const item = this.#items[this.#head]!
      this.#head++
      this.#deliver(item)
    } while (!this.#closed && this.#head < this.#items.length && this.#dueNs[this.#head]! <= nowNs)
    this.#draining = false
    if (this.#closed) return
    if (this.#head === this.#items.length) {
      this.#items.length = 0
      this.#dueNs.length = 0
      this.#head = 0
      this.#timer = null
      return
    }
    if (this.#head > 1024) {
      this.#items.splice(0, this.#head)
      this.#dueNs.splice(0, this.#head)
      this.#head = 0
    }
    this.#arm()
  }
}
