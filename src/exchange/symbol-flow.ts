import type { Clock, Lots, PriceTicks, Side, Timers, WallMs } from '../core/index.ts'
import type { Clearing } from './clearing.ts'
import type { Market } from './market/market.ts'
import type { MarketFlow } from './market/source.ts'

/** The market side of one symbol, handed to its source. */
export class SymbolFlow implements MarketFlow {
  readonly clock: Clock
  readonly timers: Timers
  readonly start: number
  readonly resumeTicks: PriceTicks | null
  readonly #market: Market
  readonly #clearing: Clearing
  readonly #requeue: () => void

  constructor(market: Market, clearing: Clearing, clock: Clock, timers: Timers, start: number, resumeTicks: PriceTicks | null, requeue: () => void) {
    this.#market = market
    this.#clearing = clearing
    this.clock = clock
    this.timers = timers
    this.start = start
    this.resumeTicks = resumeTicks
    this.#requeue = requeue
  }

  setLevel(side: Side, ticks: PriceTicks, lots: Lots): void {
    this.#market.book.setLevel(side, ticks, lots)
  }

  take(side: Side, limitTicks: PriceTicks, lots: Lots): Lots {
    return this.#market.book.take(side, limitTicks, lots)
  }

  print(side: Side, ticks: PriceTicks, lots: Lots): void {
    const left = lots - this.#market.book.print(side, ticks, lots)
    if (left > 0) this.#clearing.trade(this.#market, side, ticks, left, this.clock.wallMs())
  }

  best(side: Side): PriceTicks {
    return this.#market.book.side(side).best
  }

  externalAt(side: Side, ticks: PriceTicks): Lots {
    return this.#market.book.externalAt(side, ticks)
  }

  history(startMs: WallMs, open: PriceTicks, high: PriceTicks, low: PriceTicks, close: PriceTicks, lots: Lots, turnover: number): void {
    this.#market.candles.history(startMs, open, high, low, close, lots, turnover)
  }

  fundingHistory(rate: number, timeMs: WallMs): void {
    this.#market.addFunding(rate, timeMs)
  }

  openInterest(lots: Lots): void {
    this.#market.openInterestLots = lots
  }

  seamBegin(): void {
    this.#market.book.clearExternal()
  }

  seamEnd(reason: string): void {
    this.#requeue()
    this.#market.mark.reset(this.#market.midTicks)
    this.#clearing.outbox.push({ kind: 'seam', symbol: this.#market.contract.symbol, reason })
    this.commit()
  }

  commit(): void {
    const { mark } = this.#market
    if (mark.indexTicks === 0 && this.#market.midTicks > 0) mark.reset(this.#market.midTicks)
    this.#clearing.finish(this.#market)
  }
}
