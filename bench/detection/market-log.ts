import { BUY, type Instrument, type Side } from '../../src/core/index.ts'
import { type Detector, DetectorSet, noBlock, type Pattern } from '../../src/detection/index.ts'
import type { OrderBook } from '../../src/market/index.ts'
import type { BookUpdate } from '../../src/venues/index.ts'
import type { MarketEar } from '../../test/detection/planted-market.ts'
import { detection } from '../../test/detection/settings.ts'

export interface SeenOrder {
  readonly side: Side
  readonly ticks: number
  readonly startMs: number
  readonly endMs: number
  /** In typical levels. */
  readonly multiple: number
  /** NaN when the market went over it. */
  readonly cancelShare: number
}

const TOUCH_MS = 100

/** Detectors over a market, with a log of what they saw: touches, trades, followed orders, patterns. */
export class MarketLog implements MarketEar {
  readonly touches: { readonly atMs: number; readonly bid: number; readonly ask: number }[] = []
  readonly trades: { readonly atMs: number; readonly ticks: number; readonly side: Side }[] = []
  readonly orders: SeenOrder[] = []
  readonly patterns = new Map<string, Pattern>()
  readonly set: DetectorSet
  /** Time with a valid book, and of it that with a blocked side, ms. */
  heardMs = 0
  blockedMs = 0
  messages = 0
  #lastMs = Number.NaN

  constructor(instrument: Pick<Instrument, 'tick' | 'lot'>) {
    const nothing = (): void => {}
    const spy: Detector = {
      name: 'levels', originMs: 0, patterns: null, status: { name: 'levels', active: [], confidence: 0, patterns: [], found: 0, explanation: '' },
      advance: nothing, onPlaced: nothing, onRested: nothing, onClosed: nothing, gap: nothing, reset: nothing, against: () => 0, block: noBlock,
      onEnded: (order) => {
        const { orders } = this.set
        this.orders.push({
          side: orders.sides[order] as Side, ticks: orders.priceTicks[order]!, startMs: spy.originMs + orders.bornMs[order]!, endMs: spy.originMs + orders.endMs[order]!,
          multiple: orders.multiples[order]!, cancelShare: orders.overrun[order] === 1 ? Number.NaN : orders.cancelShare(order),
        })
      },
    }
    this.set = new DetectorSet({ ...detection, levels: { ...detection.levels, enabled: false } }, instrument, { onFailed: (name, error) => { throw new Error(`${name} failed`, { cause: error }) }, onBack: nothing }, [spy])
  }

  onSnapshot(update: BookUpdate, book: OrderBook): void {
    this.set.onSnapshot(update, book)
    this.#lastMs = update.venueTimeMs
  }

  onDelta(update: BookUpdate, book: OrderBook): void {
    this.set.onDelta(update, book)
    this.messages++
    const atMs = update.venueTimeMs
    const passedMs = Math.max(0, atMs - this.#lastMs)
    this.heardMs += passedMs
    if (this.set.against(BUY) > 0 || this.set.against(1) > 0) this.blockedMs += passedMs
    this.#lastMs = atMs
    if (atMs - (this.touches.at(-1)?.atMs ?? 0) >= TOUCH_MS) this.touches.push({ atMs, bid: book.bestBid, ask: book.bestAsk })
    if (this.messages % 200 === 0) this.collect()
  }

  onTrade(side: Side, ticks: number, lots: number, timeMs: number): void {
    this.set.onTrade(side, ticks, lots, timeMs)
    this.trades.push({ atMs: timeMs, ticks, side })
  }

  onClosed(): void {}

  /** Takes over patterns before their lists forget them. */
  collect(): void {
    for (const { patterns } of this.set.status) for (const one of patterns) this.patterns.set(`${one.detector} ${one.side} ${one.startMs}`, one)
  }
}
