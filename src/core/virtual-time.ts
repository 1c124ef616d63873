import { assert, fail } from './errors/index.ts'
import type { Nanos, WallMs } from './numbers.ts'
import type { Clock, Timer, Timers } from './time.ts'

interface Entry {
  readonly atNs: Nanos
  readonly sequence: number
  callback: (() => void) | null
}

/**
 * One thread, one queue ordered by (time, sequence): the clock and the timers of backtests and simulations.
 * Two callbacks due at the same nanosecond run in the order in which they were asked for.
 */
export class VirtualTime implements Clock, Timers {
  #nowNs: Nanos = 0
  #sequence = 0
  readonly #wallOriginMs: WallMs
  readonly #heap: Entry[] = []

  /** @param wallOriginMs what `wallMs` answers at virtual time zero. */
  constructor(wallOriginMs: WallMs) {
    this.#wallOriginMs = wallOriginMs
  }

  nowNs(): Nanos {
    return this.#nowNs
  }

  wallMs(): WallMs {
    return this.#wallOriginMs + Math.floor(this.#nowNs / 1e6)
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.at(this.#nowNs + Math.max(0, Math.round(delayMs * 1e6)), callback)
  }

  every(periodMs: number, callback: () => void): Timer {
    assert(periodMs > 0, `period of a timer is ${periodMs} ms`)
    let current: Timer
    let stopped = false
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

  /** Runs `callback` at the given virtual nanosecond. @throws RM_VIRTUAL_TIME_PAST for a past one, or none at all. */
  at(atNs: Nanos, callback: () => void): Timer {
    if (!Number.isFinite(atNs) || atNs < this.#nowNs) fail('RM_VIRTUAL_TIME_PAST', { nowNs: this.#nowNs, thenNs: atNs })
    const entry: Entry = { atNs, sequence: this.#sequence++, callback }
    this.#push(entry)
    return { cancel: () => void (entry.callback = null) }
  }

  /** Callbacks that wait, cancelled ones not yet swept included. */
  get pending(): number {
    return this.#heap.length
  }

  /** Time of the next callback that will run, or Infinity. */
  get nextNs(): Nanos {
    while (this.#heap.length > 0 && this.#heap[0]!.callback === null) this.#pop()
    return this.#heap.length === 0 ? Number.POSITIVE_INFINITY : this.#heap[0]!.atNs
  }

  /** Moves to the next callback and runs it. @returns false when nothing waits. */
  step(): boolean {
    while (this.#heap.length > 0) {
      const entry = this.#pop()
      if (entry.callback === null) continue
      this.#nowNs = entry.atNs
      const callback = entry.callback
      entry.callback = null
      callback()
      return true
    }
    return false
  }

  /** Runs everything due until `untilNs` (inclusive) and leaves the clock there. */
  runUntil(untilNs: Nanos): void {
    while (this.nextNs <= untilNs && this.step());
    if (untilNs > this.#nowNs && untilNs !== Number.POSITIVE_INFINITY) this.#nowNs = untilNs
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let i = heap.push(entry) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!earlier(entry, heap[parent]!)) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = entry
  }

  #pop(): Entry {
    const heap = this.#heap
    const top = heap[0]!
    const last = heap.pop()!
    if (heap.length > 0) {
      let i = 0
      for (;;) {
        let child = 2 * i + 1
        if (child >= heap.length) break
        if (child + 1 < heap.length && earlier(heap[child + 1]!, heap[child]!)) child++
        if (!earlier(heap[child]!, last)) break
        heap[i] = heap[child]!
        i = child
      }
      heap[i] = last
    }
    return top
  }
}

const earlier = (a: Entry, b: Entry): boolean => a.atNs < b.atNs || (a.atNs === b.atNs && a.sequence < b.sequence)
