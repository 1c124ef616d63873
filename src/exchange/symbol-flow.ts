import { opposite, type Clock, type Lots, type PriceTicks, type Side, type Timers, type WallMs } from '../core/index.ts'
import type { Clearing } from './clearing.ts'
import type { Market } from './market/market.ts'
import type { MarketFlow } from './market/source.ts'
import { SourceFold } from './source-fold.ts'
import type { Triggers } from './triggers.ts'

export interface SymbolFlowParts {
  readonly market: Market
  readonly clearing: Clearing
  readonly triggers: Triggers
  readonly clock: Clock
  readonly timers: Timers
  readonly start: number
  readonly resumeTicks: PriceTicks | null
  /** Account orders queue again behind the new book. */
  readonly requeue: () => void
}

/** The market side of one symbol, handed to its source. */
export class SymbolFlow implements MarketFlow {
  readonly clock: Clock
  readonly timers: Timers
  readonly start: number
  readonly resumeTicks: PriceTicks | null
  readonly #market: Market
  readonly #parts: SymbolFlowParts
  readonly #fold: SourceFold

  constructor(parts: SymbolFlowParts) {
    this.#parts = parts
    this.#market = parts.market
    this.clock = parts.clock
    this.timers = parts.timers
    this.start = parts.start
    this.resumeTicks = parts.resumeTicks
    this.#fold = new SourceFold(parts.market.book)
    this.regrid()
  }

  /** Follows the terms of the contract: its grid, and whether it trades at all. */
  regrid(): void {
    const { tickSteps, status } = this.#market.contract
    this.#fold.change(tickSteps, status !== 'Trading')
  }

  setLevel(side: Side, ticks: PriceTicks, lots: Lots): void {
    if (this.#fold.through) this.#market.book.setLevel(side, ticks, lots)
    else this.#fold.setLevel(side, ticks, lots)
  }

  take(side: Side, limitTicks: PriceTicks, lots: Lots): Lots {
    return this.#fold.held ? lots : this.#market.book.take(side, limitTicks, lots)
  }

  print(side: Side, ticks: PriceTicks, lots: Lots): void {
    if (this.#fold.held) return
    // A buyer meets an ask.
    const at = this.#fold.through ? ticks : this.#fold.snap(opposite(side), ticks)
    const left = lots - this.#market.book.print(side, at, lots)
    if (left > 0) this.#parts.clearing.trade(this.#market, side, at, left, this.clock.wallMs())
  }

  best(side: Side): PriceTicks {
    const { best } = this.#market.book.side(side)
    if (!this.#fold.held) return best
    return this.#fold.best(side) ?? best
  }

  externalAt(side: Side, ticks: PriceTicks): Lots {
    return this.#fold.through ? this.#market.book.externalAt(side, ticks) : this.#fold.externalAt(side, ticks)
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
    this.#fold.clear()
    this.#market.book.clearExternal()
  }

  seamEnd(reason: string): void {
    this.#parts.requeue()
    this.#market.mark.reset(this.#market.midTicks)
    this.#parts.clearing.outbox.push({ kind: 'seam', symbol: this.#market.contract.symbol, reason })
    this.commit()
  }

  commit(): void {
    const { mark } = this.#market
    if (mark.indexTicks === 0 && this.#market.midTicks > 0) mark.reset(this.#market.midTicks)
    this.#parts.triggers.check(this.#market)
    this.#parts.clearing.finish(this.#market)
  }
}
