import { sideName, type Timer, type Timers, type WallMs } from '../../core/index.ts'
import type { Contract, PublicLiquidation, PublicTrade } from '../port.ts'
import type { FaultPlan } from '../front/faults.ts'
import { StepText } from '../front/text.ts'
import type { TickDirection } from './tick-direction.ts'
import type { TopicStream } from '../front/topic.ts'

/** The venue's own bound for one frame. */
const ROWS_MAX = 1024
/** Liquidations are gathered this long, ms; trades only for the current turn. */
const LIQUIDATION_PERIOD_MS = 500

export interface RowStreamParts {
  readonly timers: Timers
  readonly faults: FaultPlan
  readonly nowMs: () => WallMs
  readonly publish: (frame: string) => void
}

/** Rows that are gathered and sent together, oldest first; nobody gets rows from before the subscription. */
class RowStream implements TopicStream {
  readonly topic: string
  readonly #periodMs: number
  readonly #parts: RowStreamParts
  readonly #rows: string[] = []
  #active = false
  #timer: Timer | null = null

  constructor(topic: string, periodMs: number, parts: RowStreamParts) {
    this.topic = topic
    this.#periodMs = periodMs
    this.#parts = parts
  }

  get active(): boolean {
    return this.#active
  }

  start(): void {
    this.#active = true
  }

  stop(): void {
    this.#active = false
    this.#timer?.cancel()
    this.#timer = null
    this.#rows.length = 0
  }

  greet(): null {
    return null
  }

  wake(): void {
    if (this.#rows.length > 0) this.#arm()
  }

  protected append(row: string): void {
    this.#rows.push(row)
    this.#arm()
  }

  #arm(): void {
    if (this.#timer === null) this.#timer = this.#parts.timers.after(this.#periodMs, this.#flush)
  }

  readonly #flush = (): void => {
    this.#timer = null
    if (this.#parts.faults.isStalled(this.topic)) return
    const ts = this.#parts.nowMs()
    for (let from = 0; from < this.#rows.length; from += ROWS_MAX) {
      const rows = this.#rows.slice(from, from + ROWS_MAX).join(',')
      this.#parts.publish(`{"topic":"${this.topic}","type":"snapshot","ts":${ts},"data":[${rows}]}`)
    }
    this.#rows.length = 0
  }
}

/** `publicTrade.{symbol}`. */
export class TradeStream extends RowStream {
  readonly #price: StepText
  readonly #size: StepText

  constructor(contract: Contract, parts: RowStreamParts) {
    super(`publicTrade.${contract.symbol}`, 0, parts)
    this.#price = new StepText(contract.tick)
    this.#size = new StepText(contract.lot)
  }

  traded(trade: PublicTrade, direction: TickDirection): void {
    if (!this.active) return
    this.append(
      `{"T":${trade.timeMs},"s":"${trade.symbol}","S":"${sideName(trade.side)}","v":"${this.#size.of(trade.lots)}","p":"${this.#price.of(trade.priceTicks)}","L":"${direction}","i":${JSON.stringify(trade.tradeId)},"BT":false,"RPI":false,"seq":${trade.sequence}}`,
    )
  }
}

/** `allLiquidation.{symbol}`: `S` is the side of the position that was taken over, not that of the order. */
export class LiquidationStream extends RowStream {
  readonly #price: StepText
  readonly #size: StepText

  constructor(contract: Contract, parts: RowStreamParts) {
    super(`allLiquidation.${contract.symbol}`, LIQUIDATION_PERIOD_MS, parts)
    this.#price = new StepText(contract.tick)
    this.#size = new StepText(contract.lot)
  }

  liquidated(one: PublicLiquidation): void {
    if (!this.active) return
    this.append(`{"T":${one.timeMs},"s":"${one.symbol}","S":"${sideName(one.positionSide)}","v":"${this.#size.of(one.lots)}","p":"${this.#price.of(one.priceTicks)}"}`)
  }
}
