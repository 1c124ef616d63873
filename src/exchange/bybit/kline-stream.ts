import type { Timer, Timers, WallMs } from '../../core/index.ts'
import type { Candle, Contract, ExchangePort } from '../port.ts'
import type { FaultPlan } from '../front/faults.ts'
import { numberText, StepText } from '../front/text.ts'
import type { TopicStream } from '../front/topic.ts'

/** Intervals with a stream, in minutes, by the venue's name. */
export const klineMinutes: Readonly<Record<string, number>> = { 1: 1, 3: 3, 5: 5, 15: 15, 30: 30, 60: 60, 120: 120, 240: 240, 360: 360, 720: 720, D: 1440 }

const PERIOD_MS = 1_000

export interface KlineStreamParts {
  readonly exchange: ExchangePort
  readonly timers: Timers
  readonly faults: FaultPlan
  readonly nowMs: () => WallMs
  readonly publish: (frame: string) => void
}

/** `kline.{interval}.{symbol}`: the running candle when it changed, each finished one exactly once with `confirm`. */
export class KlineStream implements TopicStream {
  readonly topic: string
  readonly #symbol: string
  readonly #interval: string
  readonly #minutes: number
  readonly #parts: KlineStreamParts
  readonly #price: StepText
  readonly #size: StepText
  #timer: Timer | null = null
  #soon: Timer | null = null
  #confirmedMs: WallMs = 0
  #said = ''

  constructor(contract: Contract, interval: string, parts: KlineStreamParts) {
    this.topic = `kline.${interval}.${contract.symbol}`
    this.#symbol = contract.symbol
    this.#interval = interval
    this.#minutes = klineMinutes[interval]!
    this.#parts = parts
    this.#price = new StepText(contract.tick)
    this.#size = new StepText(contract.lot)
  }

  start(): void {
    const last = this.#candles().at(-1)
    // What closed before the first subscriber came is not news.
    this.#confirmedMs = last === undefined ? 0 : this.#closed(last) ? last.startMs : last.startMs - 1
    this.#said = ''
    this.#timer = this.#parts.timers.every(PERIOD_MS, this.#push)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#soon?.cancel()
    this.#timer = null
    this.#soon = null
  }

  greet(): string | null {
    const last = this.#candles().at(-1)
    return last === undefined ? null : this.#frame(this.#row(last), this.#closed(last))
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
      if (this.#closed(candle)) {
        this.#confirmedMs = candle.startMs
        this.#parts.publish(this.#frame(row, true))
      } else if (row !== this.#said) {
        this.#said = row
        this.#parts.publish(this.#frame(row, false))
      }
    }
  }

  // A long stall may hold back more than one closed candle.
  #candles(): readonly Candle[] {
    return this.#parts.exchange.candles(this.#symbol, this.#minutes, 4)
  }

  #closed(candle: Candle): boolean {
    return this.#parts.nowMs() >= candle.startMs + this.#minutes * 60_000
  }

  #row(candle: Candle): string {
    const end = candle.startMs + this.#minutes * 60_000 - 1
    return `"start":${candle.startMs},"end":${end},"interval":"${this.#interval}","open":"${this.#price.of(candle.openTicks)}","close":"${this.#price.of(candle.closeTicks)}","high":"${this.#price.of(candle.highTicks)}","low":"${this.#price.of(candle.lowTicks)}","volume":"${this.#size.of(candle.lots)}","turnover":"${numberText(candle.turnover, 8)}"`
  }

  #frame(row: string, confirm: boolean): string {
    const nowMs = this.#parts.nowMs()
    return `{"topic":"${this.topic}","data":[{${row},"confirm":${confirm},"timestamp":${nowMs}}],"ts":${nowMs},"type":"snapshot"}`
  }
}
