import type { PriceTicks } from '../core/index.ts'
import { capOf, clampToBand } from './band.ts'
import { carries, type MarkOf } from './accounts/margin.ts'
import type { OrderRecord } from './accounts/order-record.ts'
import type { Clearing } from './clearing.ts'
import type { Market } from './market/market.ts'
import type { OrderDesk } from './order-desk.ts'
import { followed, priceOf } from './trail.ts'

/** Watches the conditional orders of every market and lets those fire whose price is there. */
export class Triggers {
  readonly #clearing: Clearing
  readonly #desk: OrderDesk
  readonly #markOf: MarkOf
  readonly #due: OrderRecord[] = []

  constructor(clearing: Clearing, desk: OrderDesk, markOf: MarkOf) {
    this.#clearing = clearing
    this.#desk = desk
    this.#markOf = markOf
  }

  /**
   * To be called between two pieces of work on the book, never inside one. What fires may trade and let others fire: it goes
   * on until nothing is due. Orders fire in the order in which they were made.
   */
  check(market: Market): void {
    for (;;) {
      const high = market.highTicks
      const low = market.lowTicks
      market.highTicks = 0
      market.lowTicks = 0
      if (market.watch.size === 0 || !market.trading) return
      const due = this.#due
      due.length = 0
      for (const record of market.watch.values()) if (this.#isDue(market, record, low, high)) due.push(record)
      if (due.length === 0) return
      for (const record of due) if (record.waiting) this.#fire(market, record)
    }
  }

  #isDue(market: Market, record: OrderRecord, low: PriceTicks, high: PriceTicks): boolean {
    const trigger = record.trigger!
    const now = priceOf(market, trigger.by)
    // A trade that came and went between two looks counts too.
    const highest = trigger.by === 'last' && high > now ? high : now
    const lowest = trigger.by === 'last' && low > 0 && low < now ? low : now
    if (trigger.ticks !== null && (trigger.rise ? highest >= trigger.ticks : lowest <= trigger.ticks)) return true
    if (trigger.trail === null) return false
    const ticks = followed(trigger.trail, trigger.rise, trigger.ticks, trigger.rise ? lowest : highest)
    if (ticks === null || ticks === trigger.ticks) return false
    this.#clearing.move(record, ticks)
    return trigger.rise ? now >= ticks : now <= ticks
  }

  #fire(market: Market, record: OrderRecord): void {
    const account = this.#clearing.accounts.all.get(record.account)!
    const position = account.position(market.math, this.#clearing.accounts.leverageOf(market.math), record.leg)
    const { group, whole } = record.trigger!
    if (group !== '') {
      for (const other of account.waiting.values()) if (other !== record && other.trigger!.group === group) this.#clearing.end(other, 'one-cancels-other')
    }
    const closable = position.closable(record.side)
    const lots = whole ? closable : record.reduceOnly ? Math.min(record.lots, closable) : record.lots
    if (lots === 0) return this.#clearing.end(record, 'reduce-only')
    const limit = record.priceTicks === null ? capOf(market, record.side) : clampToBand(market, record.side, record.priceTicks)
    const carried = record.reduceOnly || carries(account, position, record.side, lots, record.priceTicks === null ? market.mark.markTicks : limit, this.#markOf)
    this.#clearing.fire(record, lots)
    if (!carried) return this.#clearing.end(record, 'margin-at-trigger')
    if (record.priceTicks !== null && record.priceTicks !== limit) this.#clearing.amend(record, limit, lots)
    this.#desk.work(market, record, limit)
  }
}
