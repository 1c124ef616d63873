import type { Timer, Timers, WallMs } from '../../core/index.ts'
import type { Contract, ExchangePort } from '../port.ts'
import type { FaultPlan } from '../front/faults.ts'
import { TickerReader } from './ticker.ts'
import type { TickDirections } from './tick-direction.ts'
import type { TopicStream } from '../front/topic.ts'

const PERIOD_MS = 100

export interface TickerStreamParts {
  readonly exchange: ExchangePort
  readonly timers: Timers
  readonly faults: FaultPlan
  readonly directions: TickDirections
  readonly nowMs: () => WallMs
  readonly publish: (frame: string) => void
}

/** `tickers.{symbol}`: a whole snapshot for a newcomer, then only the fields that changed. */
export class TickerStream implements TopicStream {
  readonly topic: string
  readonly #symbol: string
  readonly #reader: TickerReader
  readonly #parts: TickerStreamParts
  #sent: Record<string, string> = {}
  #timer: Timer | null = null

  constructor(contract: Contract, parts: TickerStreamParts) {
    this.topic = `tickers.${contract.symbol}`
    this.#symbol = contract.symbol
    this.#reader = new TickerReader(parts.exchange, contract)
    this.#parts = parts
  }

  start(): void {
    this.#sent = this.#reader.read(this.#parts.directions.current, this.#parts.nowMs())
    this.#timer = this.#parts.timers.every(PERIOD_MS, this.#push)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  greet(): string {
    return this.#frame('snapshot', this.#sent)
  }

  /** Nothing is kept back: the next period says what changed. */
  wake(): void {}

  readonly #push = (): void => {
    if (this.#parts.faults.isStalled(this.topic)) return
    const now = this.#reader.read(this.#parts.directions.current, this.#parts.nowMs())
    const changed: Record<string, string> = { symbol: this.#symbol }
    let any = false
    for (const name in now) {
      if (now[name] === this.#sent[name]) continue
      changed[name] = now[name]!
      any = true
    }
    if (!any) return
    this.#sent = now
    this.#parts.publish(this.#frame('delta', changed))
  }

  #frame(type: 'snapshot' | 'delta', data: Record<string, string>): string {
    return `{"topic":"${this.topic}","type":"${type}","data":${JSON.stringify(data)},"cs":${this.#parts.exchange.sequence(this.#symbol)},"ts":${this.#parts.nowMs()}}`
  }
}
