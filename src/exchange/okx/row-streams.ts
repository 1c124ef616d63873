import type { Timer, Timers, WallMs } from '../../core/index.ts'
import type { TopicStream } from '../front/topic.ts'
import type { OkxFaults } from './faults.ts'

/** Minutes of the candle channels and REST bars. Bars of six hours and more exist on UTC days only. */
export const barMinutes: Readonly<Record<string, number>> = {
  '1m': 1, '3m': 3, '5m': 5, '15m': 15, '30m': 30, '1H': 60, '2H': 120, '4H': 240, '6Hutc': 360, '12Hutc': 720, '1Dutc': 1440,
}

export interface RowStreamParts {
  readonly timers: Timers
  readonly faults: OkxFaults
  readonly nowMs: () => WallMs
  readonly publish: (frame: string) => void
}

const frameOf = (arg: string, data: string): string => `{"arg":${arg},"data":[${data}]}`

/**
 * A channel that says its whole row: to newcomers at once, then in each period when it changed, and after `repeatMs`
 * also when it did not.
 */
export class StateStream implements TopicStream {
  readonly topic: string
  readonly #arg: string
  readonly #periodMs: number
  readonly #repeatMs: number
  readonly #read: () => string
  readonly #parts: RowStreamParts
  #said = ''
  #quietMs = 0
  #timer: Timer | null = null

  /** @param read the row as JSON without its time stamp being a change: `ts` is left out of the comparison. */
  constructor(topic: string, arg: string, periodMs: number, repeatMs: number, read: () => string, parts: RowStreamParts) {
    this.topic = topic
    this.#arg = arg
    this.#periodMs = periodMs
    this.#repeatMs = repeatMs
    this.#read = read
    this.#parts = parts
  }

  start(): void {
    this.#said = withoutTime(this.#read())
    this.#quietMs = 0
    this.#timer = this.#parts.timers.every(this.#periodMs, this.#push)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  greet(): string {
    return frameOf(this.#arg, this.#read())
  }

  /** Nothing is kept back: the next period says what changed. */
  wake(): void {}

  readonly #push = (): void => {
    if (this.#parts.faults.isStalled(this.topic)) return
    const now = this.#read()
    const compared = withoutTime(now)
    this.#quietMs += this.#periodMs
    if (compared === this.#said && this.#quietMs < this.#repeatMs) return
    this.#said = compared
    this.#quietMs = 0
    this.#parts.publish(frameOf(this.#arg, now))
  }
}

const withoutTime = (row: string): string => row.replace(/"ts":"\d+"/, '')

const CANDLE_PERIOD_MS = 500

/** A candle as a stream says it. */
export interface CandleRow {
  readonly startMs: WallMs
  readonly text: string
}

/** Candle channels: the running candle when it changed, each finished one exactly once with confirm "1". */
export class CandleStream implements TopicStream {
  readonly topic: string
  readonly #minutes: number
  readonly #arg: string
  readonly #read: () => readonly CandleRow[]
  readonly #parts: RowStreamParts
  #timer: Timer | null = null
  #soon: Timer | null = null
  #confirmedMs: WallMs = 0
  #said = ''

  /** @param read the last few candles, oldest first: a long stall may hold back more than one closed candle. */
  constructor(topic: string, arg: string, minutes: number, read: () => readonly CandleRow[], parts: RowStreamParts) {
    this.topic = topic
    this.#minutes = minutes
    this.#arg = arg
    this.#read = read
    this.#parts = parts
  }

  start(): void {
    const last = this.#read().at(-1)
    // What closed before the first subscriber came is not news.
    this.#confirmedMs = last === undefined ? 0 : this.#closed(last) ? last.startMs : last.startMs - 1
    this.#said = ''
    this.#timer = this.#parts.timers.every(CANDLE_PERIOD_MS, this.#push)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#soon?.cancel()
    this.#timer = null
    this.#soon = null
  }

  greet(): string | null {
    const last = this.#read().at(-1)
    return last === undefined ? null : frameOf(this.#arg, last.text)
  }

  wake(): void {
    this.closed()
  }

  /** A candle closed: subscribers hear it before the period is over. */
  closed(): void {
    if (this.#timer !== null && this.#soon === null) this.#soon = this.#parts.timers.after(0, this.#push)
  }

  readonly #push = (): void => {
    this.#soon = null
    if (this.#parts.faults.isStalled(this.topic)) return
    for (const candle of this.#read()) {
      if (candle.startMs <= this.#confirmedMs) continue
      if (this.#closed(candle)) this.#confirmedMs = candle.startMs
      else if (candle.text === this.#said) continue
      else this.#said = candle.text
      this.#parts.publish(frameOf(this.#arg, candle.text))
    }
  }

  #closed(candle: CandleRow): boolean {
    return this.#parts.nowMs() >= candle.startMs + this.#minutes * 60_000
  }
}

/** A channel that says rows when they happen, and nothing to newcomers but what `greeting` gives. */
export class EventStream implements TopicStream {
  readonly topic: string
  readonly #arg: string
  readonly #greeting: () => string
  readonly #parts: RowStreamParts
  readonly #held: string[] = []
  #active = false

  /** @param greeting rows as JSON that a newcomer gets; "" for none. */
  constructor(topic: string, arg: string, greeting: () => string, parts: RowStreamParts) {
    this.topic = topic
    this.#arg = arg
    this.#greeting = greeting
    this.#parts = parts
  }

  start(): void {
    this.#active = true
  }

  stop(): void {
    this.#active = false
    this.#held.length = 0
  }

  greet(): string | null {
    const rows = this.#greeting()
    return rows === '' ? null : frameOf(this.#arg, rows)
  }

  wake(): void {
    for (const frame of this.#held.splice(0)) this.#parts.publish(frame)
  }

  /** @param rows as JSON, separated by commas. */
  happened(rows: string): void {
    if (!this.#active) return
    const frame = frameOf(this.#arg, rows)
    if (this.#parts.faults.isStalled(this.topic)) this.#held.push(frame)
    else this.#parts.publish(frame)
  }
}
