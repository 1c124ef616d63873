import { BUY, money, type Money, type Side, type WallMs, ZERO } from '../../core/index.ts'
import type { HeldPosition } from '../strategy.ts'

/** How a position of a regime is left, percent of the entry. */
export interface ReplayExits {
  readonly takeProfitPercent: number
  readonly stopLossPercent: number
  readonly holdMsMax: number
  /** null: the stop does not follow. */
  readonly trailing: { readonly activationPercent: number; readonly distancePercent: number } | null
}

export interface ReplayTrade {
  readonly side: Side
  readonly openedMs: WallMs
  readonly closedMs: WallMs
  readonly entryPrice: number
  readonly exitPrice: number
  readonly why: 'stop' | 'target' | 'time' | 'strategy' | 'opposite' | 'end'
  /** Percent of the value at entry. */
  readonly grossPercent: Money
  readonly feesPercent: Money
  readonly fundingPercent: Money
  readonly netPercent: Money
}

/** A candle as it is played: prices in quote currency. */
export interface ReplayCandle {
  readonly startMs: WallMs
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** Digits that a price ratio is kept with. */
const DIGITS = 12

/**
 * One position at a time on a train of candles, without a glance at the future: what is wished at a close happens at the next open, at the fee of a taker.
 * Within a candle the stop comes before the target, and a candle that opens beyond one of them is left at its open. The stop follows at closes.
 */
export class PaperTrader {
  readonly trades: ReplayTrade[] = []
  readonly held: HeldPosition = { side: BUY, entryPrice: 0, price: 0, bestPrice: 0 }
  /** Strategies that voted for the position. */
  voters = 0
  readonly #feePercent: number
  #open = false
  #openedMs: WallMs = 0
  #exits: ReplayExits | null = null
  #stop = 0
  #target = 0
  #funding: Money = ZERO
  #wish: { readonly side: Side; readonly exits: ReplayExits; readonly voters: number } | null = null
  #leave: 'strategy' | 'opposite' | null = null

  /** @param feePercent of the value, at each end */
  constructor(feePercent: number) {
    this.#feePercent = feePercent
  }

  get open(): boolean {
    return this.#open
  }

  /** To be entered at the next open. Against the position: it is left there. Along with it: nothing. */
  wish(side: Side, exits: ReplayExits, voters: number): void {
    if (this.#open) {
      if (side !== this.held.side) this.#leave = 'opposite'
    } else this.#wish = { side, exits, voters }
  }

  /** To be left at the next open. */
  leave(): void {
    if (this.#open) this.#leave ??= 'strategy'
  }

  /** Rate is a fraction of the value; the long pays a positive one. */
  payFunding(rate: number): void {
    if (this.#open) this.#funding = this.#funding.add(money(rate).mul(this.held.side === BUY ? 100 : -100))
  }

  /** Plays a candle: its open, what lies within, its close. */
  candle({ startMs, open, high, low, close }: ReplayCandle, intervalMs: number): void {
    if (this.#open && this.#leave !== null) this.#close(open, startMs, this.#leave)
    this.#leave = null
    if (!this.#open && this.#wish !== null) this.#enter(open, startMs, this.#wish)
    this.#wish = null
    if (!this.#open) return
    const long = this.held.side === BUY
    const worst = long ? low : high
    const best = long ? high : low
    const stopped = long ? worst <= this.#stop : worst >= this.#stop
    const reached = long ? best >= this.#target : best <= this.#target
    // Beyond at the open: there is no better price than that one.
    if (stopped) return this.#close(long ? Math.min(open, this.#stop) : Math.max(open, this.#stop), startMs, 'stop')
    if (reached) return this.#close(long ? Math.max(open, this.#target) : Math.min(open, this.#target), startMs, 'target')
    const closeMs = startMs + intervalMs
    if (closeMs - this.#openedMs >= this.#exits!.holdMsMax) return this.#close(close, closeMs, 'time')
    this.held.price = close
    this.held.bestPrice = long ? Math.max(this.held.bestPrice, close) : Math.min(this.held.bestPrice, close)
    this.#trail()
  }

  /** The candles end: what is open is left at their last price. */
  end(price: number, ms: WallMs): void {
    if (this.#open) this.#close(price, ms, 'end')
  }

  #enter(price: number, ms: WallMs, { side, exits, voters }: { readonly side: Side; readonly exits: ReplayExits; readonly voters: number }): void {
    const sign = side === BUY ? 1 : -1
    this.#open = true
    this.#openedMs = ms
    this.#exits = exits
    this.#funding = ZERO
    this.voters = voters
    this.held.side = side
    this.held.entryPrice = this.held.price = this.held.bestPrice = price
    this.#stop = price * (1 - (sign * exits.stopLossPercent) / 100)
    this.#target = price * (1 + (sign * exits.takeProfitPercent) / 100)
  }

  #trail(): void {
    const { trailing } = this.#exits!
    if (trailing === null) return
    const { side, entryPrice, bestPrice } = this.held
    const sign = side === BUY ? 1 : -1
    if (((sign * (bestPrice - entryPrice)) / entryPrice) * 100 < trailing.activationPercent) return
    const stop = bestPrice - (sign * entryPrice * trailing.distancePercent) / 100
    this.#stop = side === BUY ? Math.max(this.#stop, stop) : Math.min(this.#stop, stop)
  }

  #close(price: number, ms: WallMs, why: ReplayTrade['why']): void {
    const { side, entryPrice } = this.held
    const ratio = money(price).div(entryPrice).toDecimalPlaces(DIGITS)
    const grossPercent = ratio.sub(1).mul(side === BUY ? 100 : -100)
    // The second fee is of the value at the exit.
    const feesPercent = money(this.#feePercent).mul(ratio.add(1))
    this.trades.push({ side, openedMs: this.#openedMs, closedMs: ms, entryPrice, exitPrice: price, why, grossPercent, feesPercent, fundingPercent: this.#funding, netPercent: grossPercent.sub(feesPercent).sub(this.#funding) })
    this.#open = false
  }
}
