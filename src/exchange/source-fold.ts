import { BUY, SELL, type Lots, type PriceTicks, type Side } from '../core/index.ts'
import type { MatchingBook } from './matching/matching-book.ts'

/**
 * What the source of a market shows, kept aside while the book may not show it as it is: on a coarser grid several of its
 * levels are one (bids rounded down, asks up, so that they never meet), and while a contract is suspended there are none.
 * On the finest grid of a trading contract nothing is kept and nothing costs.
 */
export class SourceFold {
  readonly #book: MatchingBook
  #levels: readonly [Map<PriceTicks, Lots>, Map<PriceTicks, Lots>] | null = null
  #steps = 1
  #held = false

  constructor(book: MatchingBook) {
    this.#book = book
  }

  /** Whether levels go to the book as they are. */
  get through(): boolean {
    return this.#levels === null
  }

  get held(): boolean {
    return this.#held
  }

  /** Shows the source on a grid of `steps` ticks from now on, or not at all. */
  change(steps: number, held: boolean): void {
    if (steps === this.#steps && held === this.#held) return
    const levels = this.#levels ?? [this.#copy(BUY), this.#copy(SELL)]
    this.#book.clearExternal()
    this.#steps = steps
    this.#held = held
    this.#levels = steps === 1 && !held ? null : levels
    if (held) return
    for (const side of [BUY, SELL] as const) {
      for (const [ticks, lots] of levels[side]) {
        if (this.#levels === null) this.#book.setLevel(side, ticks, lots)
        else this.#show(side, this.snap(side, ticks))
      }
    }
  }

  setLevel(side: Side, ticks: PriceTicks, lots: Lots): void {
    const levels = this.#levels!
    if (lots === 0) levels[side].delete(ticks)
    else {
      levels[side].set(ticks, lots)
      this.#makeRoom(side, ticks)
    }
    if (!this.#held) this.#show(side, this.snap(side, ticks))
  }

  externalAt(side: Side, ticks: PriceTicks): Lots {
    return this.#levels![side].get(ticks) ?? 0
  }

  best(side: Side): PriceTicks | null {
    let best: PriceTicks | null = null
    for (const ticks of this.#levels![side].keys()) if (best === null || (side === BUY ? ticks > best : ticks < best)) best = ticks
    return best
  }

  clear(): void {
    this.#levels?.[BUY].clear()
    this.#levels?.[SELL].clear()
  }

  /** The listed price of a level of this side. */
  snap(side: Side, ticks: PriceTicks): PriceTicks {
    const steps = this.#steps
    return side === BUY ? Math.max(steps, Math.floor(ticks / steps) * steps) : Math.ceil(ticks / steps) * steps
  }

  // A level that arrives through the other side takes the source's own stale size with it, as it does in the book.
  #makeRoom(side: Side, ticks: PriceTicks): void {
    const other: Side = side === BUY ? SELL : BUY
    for (const at of this.#levels![other].keys()) {
      if (side === BUY ? at > ticks : at < ticks) continue
      this.#levels![other].delete(at)
      if (!this.#held) this.#show(other, this.snap(other, at))
    }
  }

  #show(side: Side, listed: PriceTicks): void {
    const levels = this.#levels![side]
    let lots = 0
    const away = side === BUY ? 1 : -1
    for (let i = 0, ticks = listed; i < this.#steps; i++, ticks += away) lots += levels.get(ticks) ?? 0
    this.#book.setLevel(side, listed, lots)
  }

  #copy(side: Side): Map<PriceTicks, Lots> {
    const levels = new Map<PriceTicks, Lots>()
    const from = this.#book.side(side)
    for (let left = from.levels.count, ticks = from.best; left > 0; left--, ticks = from.behind(ticks)) {
      const lots = this.#book.externalAt(side, ticks)
      if (lots > 0) levels.set(ticks, lots)
    }
    return levels
  }
}
