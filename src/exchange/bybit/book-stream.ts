import { BUY, SELL, type Clock, type Timer, type Timers, type WallMs } from '../../core/index.ts'
import type { Contract, ExchangePort } from '../port.ts'
import type { FaultPlan } from '../front/faults.ts'
import { StepText } from '../front/text.ts'
import type { TopicStream } from '../front/topic.ts'

/** Push period of each depth, ms. */
export const bookPeriodMs: Readonly<Record<number, number>> = { 1: 10, 50: 20, 200: 100, 1000: 200 }
/** Silence after which depth 1 repeats itself, ms. */
const REPEAT_MS = 3_000

interface Ladder {
  ticks: Float64Array
  lots: Float64Array
  count: number
}

const ladder = (depth: number): Ladder => ({ ticks: new Float64Array(depth), lots: new Float64Array(depth), count: 0 })

export interface BookStreamParts {
  readonly exchange: ExchangePort
  readonly clock: Clock
  readonly timers: Timers
  readonly faults: FaultPlan
  readonly nowMs: () => WallMs
  /** Hands a finished frame to the subscribers. */
  readonly publish: (frame: string) => void
}

/**
 * `orderbook.{depth}.{symbol}`: keeps the levels as the subscribers know them, compares with the market on a fixed
 * grid of the push period, and says the difference. No timer runs while the book stands still.
 */
export class BookStream implements TopicStream {
  readonly topic: string
  readonly #contract: Contract
  readonly #depth: number
  readonly #periodNs: number
  readonly #phaseNs: number
  readonly #parts: BookStreamParts
  readonly #price: StepText
  readonly #size: StepText
  #bids: Ladder
  #asks: Ladder
  #nextBids: Ladder
  #nextAsks: Ladder
  #updateId: number
  #sequence = 0
  #changedMs: WallMs = 0
  #active = false
  #whole = false
  #timer: Timer | null = null
  #repeat: Timer | null = null
  #pushedNs = 0

  /** @param firstUpdateId number of the first message. @param phase where on the grid it pushes, in [0, 1). */
  constructor(contract: Contract, depth: number, firstUpdateId: number, phase: number, parts: BookStreamParts) {
    this.topic = `orderbook.${depth}.${contract.symbol}`
    this.#contract = contract
    this.#depth = depth
    this.#periodNs = bookPeriodMs[depth]! * 1e6
    this.#phaseNs = Math.floor(phase * this.#periodNs)
    this.#parts = parts
    this.#price = new StepText(contract.tick)
    this.#size = new StepText(contract.lot)
    this.#bids = ladder(depth)
    this.#asks = ladder(depth)
    this.#nextBids = ladder(depth)
    this.#nextAsks = ladder(depth)
    this.#updateId = firstUpdateId
  }

  start(): void {
    this.#active = true
    this.#changedMs = this.#parts.nowMs()
    this.#read()
    this.#swap()
    this.#updateId++
    this.#pushedNs = this.#parts.clock.nowNs()
    if (this.#depth === 1) this.#armRepeat(REPEAT_MS)
  }

  stop(): void {
    this.#active = false
    this.#whole = false
    this.#timer?.cancel()
    this.#repeat?.cancel()
    this.#timer = null
    this.#repeat = null
  }

  greet(): string {
    return this.#snapshot()
  }

  /** The market moved: the difference goes out at the next point of the grid. */
  changed(): void {
    if (!this.#active) return
    this.#changedMs = this.#parts.nowMs()
    this.#arm()
  }

  /** Everything known is void: the next push is a snapshot. */
  renew(restart: boolean): void {
    if (!this.#active) return
    this.#whole = true
    if (restart) this.#updateId = 0
    this.#changedMs = this.#parts.nowMs()
    this.#arm()
  }

  wake(): void {
    if (this.#active) this.#arm()
  }

  #arm(): void {
    if (this.#timer !== null) return
    const passed = (this.#parts.clock.nowNs() + this.#periodNs - this.#phaseNs) % this.#periodNs
    this.#timer = this.#parts.timers.after((this.#periodNs - passed) / 1e6, this.#push)
  }

  readonly #push = (): void => {
    this.#timer = null
    if (!this.#active || this.#parts.faults.isStalled(this.topic)) return
    this.#read()
    let frame: string
    if (this.#whole || this.#depth === 1) {
      if (!this.#whole && same(this.#bids, this.#nextBids) && same(this.#asks, this.#nextAsks)) return
      this.#swap()
      this.#updateId++
      this.#whole = false
      frame = this.#snapshot()
    } else {
      const bids = this.#difference(this.#bids, this.#nextBids, -1)
      const asks = this.#difference(this.#asks, this.#nextAsks, 1)
      if (bids === '' && asks === '') return
      this.#swap()
      this.#updateId++
      frame = this.#frame('delta', bids, asks)
    }
    this.#pushedNs = this.#parts.clock.nowNs()
    if (!this.#parts.faults.takeSkip(this.topic)) this.#parts.publish(frame)
  }

  #armRepeat(delayMs: number): void {
    this.#repeat = this.#parts.timers.after(delayMs, this.#again)
  }

  readonly #again = (): void => {
    const restMs = REPEAT_MS - (this.#parts.clock.nowNs() - this.#pushedNs) / 1e6
    if (restMs > 1) return this.#armRepeat(restMs)
    this.#pushedNs = this.#parts.clock.nowNs()
    if (!this.#parts.faults.isStalled(this.topic)) this.#parts.publish(this.#snapshot())
    this.#armRepeat(REPEAT_MS)
  }

  #read(): void {
    const { exchange } = this.#parts
    const { symbol } = this.#contract
    this.#nextBids.count = exchange.levels(symbol, BUY, this.#depth, this.#nextBids.ticks, this.#nextBids.lots)
    this.#nextAsks.count = exchange.levels(symbol, SELL, this.#depth, this.#nextAsks.ticks, this.#nextAsks.lots)
    this.#sequence = exchange.sequence(symbol)
  }

  #swap(): void {
    const bids = this.#bids
    const asks = this.#asks
    this.#bids = this.#nextBids
    this.#asks = this.#nextAsks
    this.#nextBids = bids
    this.#nextAsks = asks
  }

  #snapshot(): string {
    return this.#frame('snapshot', this.#levels(this.#bids), this.#levels(this.#asks))
  }

  #frame(type: 'snapshot' | 'delta', bids: string, asks: string): string {
    return `{"topic":"${this.topic}","type":"${type}","ts":${this.#parts.nowMs()},"data":{"s":"${this.#contract.symbol}","b":[${bids}],"a":[${asks}],"u":${this.#updateId},"seq":${this.#sequence}},"cts":${this.#changedMs}}`
  }

  #levels(side: Ladder): string {
    let text = ''
    for (let i = 0; i < side.count; i++) text += this.#level(side.ticks[i]!, side.lots[i]!, text === '')
    return text
  }

  #level(ticks: number, lots: number, first: boolean): string {
    return `${first ? '' : ','}["${this.#price.of(ticks)}","${lots === 0 ? '0' : this.#size.of(lots)}"]`
  }

  // Both sides are sorted best first: one walk finds what went (also what fell out of the depth), came and changed.
  #difference(old: Ladder, now: Ladder, direction: 1 | -1): string {
    let text = ''
    let i = 0
    let j = 0
    while (i < old.count || j < now.count) {
      const order = i === old.count ? 1 : j === now.count ? -1 : (old.ticks[i]! - now.ticks[j]!) * direction
      if (order < 0) text += this.#level(old.ticks[i++]!, 0, text === '')
      else if (order > 0) {
        text += this.#level(now.ticks[j]!, now.lots[j]!, text === '')
        j++
      } else {
        if (old.lots[i] !== now.lots[j]) text += this.#level(now.ticks[j]!, now.lots[j]!, text === '')
        i++
        j++
      }
    }
    return text
  }
}

function same(a: Ladder, b: Ladder): boolean {
  if (a.count !== b.count) return false
  for (let i = 0; i < a.count; i++) if (a.ticks[i] !== b.ticks[i] || a.lots[i] !== b.lots[i]) return false
  return true
}
