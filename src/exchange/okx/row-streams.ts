import type { Timer, Timers, WallMs } from '../../core/index.ts'
import type { TopicStream } from '../front/topic.ts'
import type { Candle, ExchangePort, PublicTrade } from '../port.ts'
import type { OkxFaults } from './faults.ts'
import type { Listing } from './listing.ts'
import type { MarketRows } from './market-rows.ts'

/** Minutes of the candle channels and REST bars. Bars of six hours and more exist on UTC days only. */
export const barMinutes: Readonly<Record<string, number>> = {
  '1m': 1, '3m': 3, '5m': 5, '15m': 15, '30m': 30, '1H': 60, '2H': 120, '4H': 240, '6Hutc': 360, '12Hutc': 720, '1Dutc': 1440,
}

export interface RowStreamParts {
  readonly exchange: ExchangePort
  readonly timers: Timers
  readonly faults: OkxFaults
  readonly rows: MarketRows
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

/** `trades` and `trades-all`: every trade once, nothing from before the subscription. */
export class TradeStream implements TopicStream {
  readonly topic: string
  readonly #listing: Listing
  readonly #arg: string
  readonly #parts: RowStreamParts
  readonly #held: string[] = []
  #active = false

  constructor(channel: string, listing: Listing, parts: RowStreamParts) {
    this.topic = `${channel}:${listing.instId}`
    this.#listing = listing
    this.#arg = `{"channel":"${channel}","instId":"${listing.instId}"}`
    this.#parts = parts
  }

  start(): void {
    this.#active = true
  }

  stop(): void {
    this.#active = false
    this.#held.length = 0
  }

  greet(): null {
    return null
  }

  wake(): void {
    for (const frame of this.#held.splice(0)) this.#parts.publish(frame)
  }

  traded(trade: PublicTrade): void {
    if (!this.#active) return
    const frame = frameOf(this.#arg, this.#parts.rows.trade(this.#listing, trade))
    if (this.#parts.faults.isStalled(this.topic)) this.#held.push(frame)
    else this.#parts.publish(frame)
  }
}

const CANDLE_PERIOD_MS = 500

/** `candle{bar}`: the running candle when it changed, each finished one exactly once with confirm "1". */
export class CandleStream implements TopicStream {
  readonly topic: string
  readonly #listing: Listing
  readonly #minutes: number
  readonly #arg: string
  readonly #parts: RowStreamParts
  #timer: Timer | null = null
  #soon: Timer | null = null
  #confirmedMs: WallMs = 0
  #said = ''

  constructor(bar: string, listing: Listing, parts: RowStreamParts) {
    this.topic = `candle${bar}:${listing.instId}`
    this.#listing = listing
    this.#minutes = barMinutes[bar]!
    this.#arg = `{"channel":"candle${bar}","instId":"${listing.instId}"}`
    this.#parts = parts
  }

  start(): void {
    const last = this.#candles().at(-1)
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
    const last = this.#candles().at(-1)
    return last === undefined ? null : frameOf(this.#arg, this.#row(last))
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
    for (const candle of this.#candles()) {
      if (candle.startMs <= this.#confirmedMs) continue
      const row = this.#row(candle)
      if (this.#closed(candle)) this.#confirmedMs = candle.startMs
      else if (row === this.#said) continue
      else this.#said = row
      this.#parts.publish(frameOf(this.#arg, row))
    }
  }

  // A long stall may hold back more than one closed candle.
  #candles(): readonly Candle[] {
    return this.#parts.exchange.candles(this.#listing.symbol, this.#minutes, 4)
  }

  #closed(candle: Candle): boolean {
    return this.#parts.nowMs() >= candle.startMs + this.#minutes * 60_000
  }

  #row(candle: Candle): string {
    return JSON.stringify(this.#parts.rows.candle(this.#listing, candle, this.#minutes))
  }
}
