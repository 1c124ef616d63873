import type { Timer, Timers, WallMs } from '../../core/index.ts'
import type { Contract, ExchangePort } from '../port.ts'
import type { FaultPlan } from '../front/faults.ts'
import { StepText } from '../front/text.ts'
import type { TopicStream } from '../front/topic.ts'

const PERIOD_MS = 300

export interface PriceLimitStreamParts {
  readonly exchange: ExchangePort
  readonly timers: Timers
  readonly faults: FaultPlan
  readonly nowMs: () => WallMs
  readonly publish: (frame: string) => void
}

/** `priceLimit.{symbol}`: highest buy and lowest sale, when they changed. */
export class PriceLimitStream implements TopicStream {
  readonly topic: string
  readonly #symbol: string
  readonly #price: StepText
  readonly #parts: PriceLimitStreamParts
  #said = ''
  #timer: Timer | null = null

  constructor(contract: Contract, parts: PriceLimitStreamParts) {
    this.topic = `priceLimit.${contract.symbol}`
    this.#symbol = contract.symbol
    this.#price = new StepText(contract.tick)
    this.#parts = parts
  }

  start(): void {
    this.#said = this.#data()
    this.#timer = this.#parts.timers.every(PERIOD_MS, this.#push)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  greet(): string {
    return this.#frame(this.#said)
  }

  /** The next period says what changed. */
  wake(): void {}

  readonly #push = (): void => {
    if (this.#parts.faults.isStalled(this.topic)) return
    const data = this.#data()
    if (data === this.#said) return
    this.#said = data
    this.#parts.publish(this.#frame(data))
  }

  #data(): string {
    const { highestBuyTicks, lowestSellTicks } = this.#parts.exchange.priceBand(this.#symbol)
    return `{"symbol":"${this.#symbol}","buyLmt":"${this.#price.of(highestBuyTicks)}","sellLmt":"${this.#price.of(lowestSellTicks)}"}`
  }

  #frame(data: string): string {
    return `{"topic":"${this.topic}","data":${data},"ts":${this.#parts.nowMs()}}`
  }
}
