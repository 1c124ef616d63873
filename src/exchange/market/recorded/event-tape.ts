import type { Lots, PriceTicks, WallMs } from '../../../core/index.ts'

/** What an event of a tape says; the low bits of its code. */
export const tapeEvent = {
  /** The market shows `lots` at `ticks` now, bid side. */
  bid: 0,
  ask: 1,
  /** Somebody bought / sold `lots` at `ticks`. */
  buy: 2,
  sell: 3,
  /** A new book begins: what was shown before is gone. */
  snapshot: 4,
} as const
export const TAPE_EVENT_MASK = 7
/** Set on the last event of a market message. */
export const TAPE_LAST = 8

/**
 * A recorded market in memory: 21 bytes per event in typed columns, in order of the recorder's clock. It begins with a snapshot.
 * Several exchanges and backtests may read one tape.
 */
export class EventTape {
  /** When the first event was recorded. */
  originMs: WallMs = 0
  /** Nanoseconds since the first event. */
  timeNs = new Float64Array(4096)
  code = new Uint8Array(4096)
  ticks = new Int32Array(4096)
  lots = new Float64Array(4096)
  length = 0

  get durationNs(): number {
    return this.length === 0 ? 0 : this.timeNs[this.length - 1]
  }

  push(timeNs: number, code: number, ticks: PriceTicks, lots: Lots): void {
    if (this.length === this.code.length) this.#grow()
    const at = this.length++
    this.timeNs[at] = timeNs
    this.code[at] = code
    this.ticks[at] = ticks
    this.lots[at] = lots
  }

  /** Marks the newest event as the end of its message. */
  endMessage(): void {
    if (this.length > 0) this.code[this.length - 1] |= TAPE_LAST
  }

  #grow(): void {
    const length = this.length * 2
    const timeNs = new Float64Array(length)
    timeNs.set(this.timeNs)
    this.timeNs = timeNs
    const code = new Uint8Array(length)
    code.set(this.code)
    this.code = code
    const ticks = new Int32Array(length)
    ticks.set(this.ticks)
    this.ticks = ticks
    const lots = new Float64Array(length)
    lots.set(this.lots)
    this.lots = lots
  }
}
