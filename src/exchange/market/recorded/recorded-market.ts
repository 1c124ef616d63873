import { BUY, fail, SELL, type Nanos, type PriceTicks, type Side, type Timer } from '../../../core/index.ts'
import type { Contract } from '../../port.ts'
import { rules } from '../../rules.ts'
import { MINUTE_MS } from '../candle-series.ts'
import type { MarketFlow, MarketSource } from '../source.ts'
import { TAPE_EVENT_MASK, TAPE_LAST, tapeEvent, type EventTape } from './event-tape.ts'
import { loadTape } from './load-tape.ts'

export interface RecordedMarketOptions {
  readonly contract: Contract
  /** 1 is real time, 10 ten times as fast. */
  readonly speed: number
  /** Begin again at the end, with a seam; otherwise the market stands still after the last event. */
  readonly loop: boolean
  /** Minutes of the recording that are played before the start and become candles. */
  readonly historyMin?: number
}

/** A market source that plays captures. @throws RM_CAPTURE_*, RM_EXCHANGE_SETUP */
export async function recordedMarket(options: RecordedMarketOptions & { readonly files: readonly string[] }): Promise<RecordedMarket> {
  return new RecordedMarket(await loadTape(options.files, options.contract), options)
}

/**
 * A recording as the order flow of a market, re-timed to the clock of the exchange: depth updates set levels, trades work the
 * queue (see `MatchingBook.print`). An account order that took market size sees it come back at the next update of that level.
 */
export class RecordedMarket implements MarketSource {
  readonly contract: Contract
  readonly tape: EventTape
  /** Whether the last event was played (never with `loop`). */
  ended = false
  readonly #speed: number
  readonly #loop: boolean
  readonly #historyNs: number
  #flow: MarketFlow | null = null
  #timer: Timer | null = null
  #cursor = 0
  /** When the first event of the tape was, or would have been, due. */
  #originNs: Nanos = 0

  /** @throws RM_EXCHANGE_SETUP for a speed that is not positive, an empty tape or more history than there is. */
  constructor(tape: EventTape, options: RecordedMarketOptions) {
    if (!(options.speed > 0) || !Number.isFinite(options.speed)) fail('RM_EXCHANGE_SETUP', { what: `replay speed ${options.speed}` })
    if (tape.length === 0 || (tape.code[0] & TAPE_EVENT_MASK) !== tapeEvent.snapshot) fail('RM_EXCHANGE_SETUP', { what: 'a tape must begin with a snapshot' })
    this.#historyNs = (options.historyMin ?? 0) * MINUTE_MS * 1e6
    if (!(this.#historyNs >= 0) || this.#historyNs > tape.durationNs) fail('RM_EXCHANGE_SETUP', { what: `${options.historyMin} minutes of history from a recording of ${Math.floor(tape.durationNs / 6e10)}` })
    this.contract = options.contract
    this.tape = tape
    this.#speed = options.speed
    this.#loop = options.loop
  }

  start(flow: MarketFlow): void {
    this.#flow = flow
    if (this.#historyNs > 0) this.#begin(flow, this.#historyNs)
    else this.#playMessage(flow)
    this.#originNs = flow.clock.nowNs() - this.#historyNs / this.#speed
    flow.commit()
    this.#schedule()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#flow = null
  }

  #dueNs(): Nanos {
    return Math.ceil(this.#originNs + this.tape.timeNs[this.#cursor] / this.#speed)
  }

  #schedule(): void {
    const flow = this.#flow
    if (flow === null || this.ended) return
    this.#timer = flow.timers.after(Math.max(0, (this.#dueNs() - flow.clock.nowNs()) / 1e6), this.#run)
  }

  readonly #run = (): void => {
    const flow = this.#flow
    if (flow === null) return
    const nowNs = flow.clock.nowNs()
    const lateNs = nowNs - this.#dueNs()
    if (lateNs > rules.catchUpMs * 1e6) this.#originNs += lateNs
    while (!this.ended && this.#dueNs() <= nowNs) {
      this.#playMessage(flow)
      flow.commit()
      if (this.#cursor < this.tape.length) continue
      if (this.#loop) this.#seam(flow, nowNs)
      else this.ended = true
    }
    this.#schedule()
  }

  /** The snapshot replaces the whole book; the tape runs on from there. */
  #seam(flow: MarketFlow, nowNs: Nanos): void {
    this.#cursor = 0
    this.#originNs = nowNs
    flow.seamBegin()
    this.#playMessage(flow)
    flow.seamEnd('recording begins again')
  }

  #playMessage(flow: MarketFlow): void {
    const { code, ticks, lots } = this.tape
    let at = this.#cursor
    for (;;) {
      const event = code[at]
      switch (event & TAPE_EVENT_MASK) {
        case tapeEvent.bid:
          flow.setLevel(BUY, ticks[at], lots[at])
          break
        case tapeEvent.ask:
          flow.setLevel(SELL, ticks[at], lots[at])
          break
        case tapeEvent.buy:
          flow.print(BUY, ticks[at], lots[at])
          break
        case tapeEvent.sell:
          flow.print(SELL, ticks[at], lots[at])
          break
        default:
      }
      at++
      if ((event & TAPE_LAST) !== 0) break
    }
    this.#cursor = at
  }

  /** Begins inside the tape: what lies before becomes candles and one book, without passing through the account orders. */
  #begin(flow: MarketFlow, untilNs: Nanos): void {
    const { timeNs, code, ticks, lots } = this.tape
    const shown: readonly [Map<PriceTicks, number>, Map<PriceTicks, number>] = [new Map(), new Map()]
    const startMs = flow.clock.wallMs()
    const unit = this.contract.tick.value * this.contract.lot.value
    let minute = -1
    let open = 0, high = 0, low = 0, close = 0, volume = 0, turnover = 0
    let at = 0
    for (; at < this.tape.length && timeNs[at] < untilNs; at++) {
      const event = code[at] & TAPE_EVENT_MASK
      if (event === tapeEvent.bid || event === tapeEvent.ask) {
        const side: Side = event === tapeEvent.bid ? BUY : SELL
        if (lots[at] === 0) shown[side].delete(ticks[at])
        else shown[side].set(ticks[at], lots[at])
        continue
      }
      if (event === tapeEvent.snapshot) continue
      const ms = startMs - (untilNs - timeNs[at]) / 1e6 / this.#speed
      const begins = Math.floor(ms / MINUTE_MS) * MINUTE_MS
      if (begins !== minute) {
        if (minute >= 0) flow.history(minute, open, high, low, close, volume, turnover)
        minute = begins
        open = high = low = ticks[at]
        volume = turnover = 0
      }
      close = ticks[at]
      high = Math.max(high, close)
      low = Math.min(low, close)
      volume += lots[at]
      turnover += close * lots[at] * unit
    }
    if (minute >= 0) flow.history(minute, open, high, low, close, volume, turnover)
    this.#cursor = at
    for (const side of [BUY, SELL] as const) for (const [price, size] of shown[side]) flow.setLevel(side, price, size)
  }
}
