import { BUY, type Lots, opposite, type PriceTicks, SELL, type Side, type WallMs } from '../core/index.ts'
import type { Detector, DetectorStatus } from './detector.ts'
import type { OrderTracker } from './order-tracker.ts'
import { type BlockAnswer, PatternList } from './pattern.ts'
import { sideBlock, sideStatus } from './side-status.ts'

export interface LayeringSettings {
  /** Smallest layer, in ticks times lots. */
  readonly minTicksLots: number
  /** …and in typical levels of the near book. */
  readonly minMultiple: number
  /** Levels from the best one within which layers are placed. */
  readonly depth: number
  /** Orders that make a pattern. */
  readonly minLayers: number
  /** Layers differ by at most this share of their size. */
  readonly similarity: number
  /** Ticks between neighbouring layers, at most. */
  readonly gapTicks: number
  /** Time from the first placement to the withdrawal below which nobody is misled, ms. */
  readonly minLifeMs: number
  /** All of them are placed within this time, ms. */
  readonly placedWithinMs: number
  /** …and withdrawn within this time of the first, ms. */
  readonly togetherMs: number
  /** Orders of their size that come within this time of the withdrawal are a quote that moves, ms. */
  readonly replaceMs: number
  /** Share of a layer that is cancelled, not traded. */
  readonly minCancelRate: number
  /** How long after the withdrawal it still counts, ms. */
  readonly holdMs: number
  /** How long after its end the fate of an order may be open, ms. */
  readonly settleMs: number
}

const KEPT = 128

/** The newest events of a side in columns. */
class Events {
  readonly atMs = new Float64Array(KEPT)
  readonly bornMs = new Float64Array(KEPT)
  readonly priceTicks = new Float64Array(KEPT)
  readonly lots = new Float64Array(KEPT)
  readonly cancelShares = new Float64Array(KEPT)
  made = 0
  first = 0

  add(atMs: WallMs, bornMs: WallMs, priceTicks: PriceTicks, lots: Lots, cancelShare: number): void {
    if (this.made - this.first === KEPT) this.first++
    const at = this.made++ % KEPT
    this.atMs[at] = atMs
    this.bornMs[at] = bornMs
    this.priceTicks[at] = priceTicks
    this.lots[at] = lots
    this.cancelShares[at] = cancelShare
  }

  clear(): void {
    this.first = this.made
  }
}

/**
 * Layering: orders of similar size on neighbouring levels of one side, placed within half a minute and cancelled together.
 *
 * Judged a moment after the first of them left. Two things look like it and are none: a quote that moves (orders of the same size
 * come back at once) and a market maker that withdraws (the other side loses the same at the same time).
 * Confidence = mean cancelled share · (1 − ½ · spread of the sizes ÷ the spread allowed) · (1 − 2^(1−layers)).
 */
export class LayeringDetector implements Detector {
  readonly name = 'layering'
  readonly patterns = new PatternList('layering')
  /** Groups that left together and were a quote that moved, or one of two sides. */
  quotes = 0
  readonly #settings: LayeringSettings
  /** From the end of the first order to the judgement of its group. */
  readonly #settleMs: number
  readonly #orders: OrderTracker
  readonly #gone = [new Events(), new Events()] as const
  readonly #placed = [new Events(), new Events()] as const
  readonly #confidence = new Float64Array(2)
  /** End of the order that opened the group that is to be judged; NaN for none. */
  readonly #openMs = new Float64Array(2).fill(Number.NaN)
  /** Size of the newest quote that moved, and when it did. */
  readonly #quoteLots = new Float64Array(2)
  readonly #quoteMs = new Float64Array(2).fill(Number.NEGATIVE_INFINITY)
  /** Members of a group, by price. */
  readonly #members = new Int32Array(KEPT)
  #count = 0
  #nowMs: WallMs = 0
  // The longest chain of similar neighbours among the members, as last looked for.
  #chainFrom = 0
  #chainTo = 0
  #chainLayers = 0
  #chainLots = 0

  constructor(settings: LayeringSettings, orders: OrderTracker) {
    this.#settings = settings
    this.#settleMs = settings.settleMs + Math.max(settings.togetherMs, settings.replaceMs)
    this.#orders = orders
  }

  advance(nowMs: WallMs): void {
    this.#nowMs = nowMs
    this.#look(BUY)
    this.#look(SELL)
  }

  onPlaced(order: number): void {
    if (!this.#orders.counts(order, this.#settings)) return
    const orders = this.#orders
    this.#placed[orders.sides[order] as Side].add(orders.bornMs[order]!, orders.bornMs[order]!, orders.priceTicks[order]!, orders.lots[order]!, 0)
  }

  onEnded(order: number): void {
    const orders = this.#orders
    const cancelShare = orders.cancelShare(order)
    const endMs = orders.endMs[order]!
    if (orders.overrun[order] === 1 || !this.#orders.counts(order, this.#settings) || !(cancelShare > this.#settings.minCancelRate) || endMs - orders.bornMs[order]! > this.#settings.placedWithinMs) return
    const side = orders.sides[order] as Side
    this.#gone[side].add(endMs, orders.bornMs[order]!, orders.priceTicks[order]!, orders.lots[order]!, cancelShare)
    if (Number.isNaN(this.#openMs[side])) this.#openMs[side] = endMs
  }

  onRested(): void {}

  onClosed(): void {}

  get originMs(): WallMs {
    return this.patterns.originMs
  }

  set originMs(originMs: WallMs) {
    this.patterns.originMs = originMs
  }

  against(side: Side): number {
    return this.#confidence[side]!
  }

  block(side: Side): BlockAnswer {
    return sideBlock(this, this.patterns, side)
  }

  get status(): DetectorStatus {
    return sideStatus(this, this.patterns, 'no layers that are withdrawn together')
  }

  gap(): void {
    for (const events of [...this.#gone, ...this.#placed]) events.clear()
    this.#openMs.fill(Number.NaN)
    this.#quoteMs.fill(Number.NEGATIVE_INFINITY)
    this.#confidence.fill(0)
  }

  reset(): void {
    this.gap()
    this.patterns.reset()
    this.quotes = this.#nowMs = 0
  }

  #look(side: Side): void {
    const openMs = this.#openMs[side]!
    if (this.#nowMs - openMs > this.#settleMs) {
      this.#judge(side, openMs)
      this.#reopen(side, openMs)
    }
    if (this.#confidence[side]! > 0) this.#fade(side)
  }

  /** The next group begins with the first order that left after the one before. */
  #reopen(side: Side, openMs: WallMs): void {
    const gone = this.#gone[side]
    let nextMs = Number.NaN
    for (let i = gone.first; i < gone.made; i++) {
      const atMs = gone.atMs[i % KEPT]!
      if (atMs > openMs + this.#settings.togetherMs && !(atMs >= nextMs)) nextMs = atMs
    }
    this.#openMs[side] = nextMs
  }

  #judge(side: Side, openMs: WallMs): void {
    const { minLayers, togetherMs } = this.#settings
    const gone = this.#gone[side]
    this.#gather(gone, openMs - togetherMs, openMs + togetherMs)
    if (this.#count < minLayers) return
    this.#findChain(gone)
    if (this.#chainLayers < minLayers || openMs - this.#chainBornMs(gone) < this.#settings.minLifeMs) return
    if (this.#isReplaced(side, gone, openMs) || this.#isTwoSided(side, openMs) || this.#isQuoted(side, openMs)) {
      this.quotes++
      this.#quoteLots[side] = this.#chainLots
      this.#quoteMs[side] = openMs
      return
    }
    this.#note(side, gone)
  }

  /** Members: what left between two moments, by price. */
  #gather(events: Events, fromMs: WallMs, toMs: WallMs): void {
    const members = this.#members
    let count = 0
    for (let i = events.first; i < events.made; i++) {
      const at = i % KEPT
      if (events.atMs[at]! < fromMs || events.atMs[at]! > toMs) continue
      let place = count++
      for (; place > 0 && events.priceTicks[members[place - 1]!]! > events.priceTicks[at]!; place--) members[place] = members[place - 1]!
      members[place] = at
    }
    this.#count = count
  }

  /** Looks from each member for the neighbours that are of its size and of its time. */
  #findChain(gone: Events): void {
    const members = this.#members
    const { gapTicks, placedWithinMs } = this.#settings
    this.#chainLayers = 0
    for (let reference = 0; reference < this.#count; reference++) {
      const lots = gone.lots[members[reference]!]!
      let layers = 0
      let from = 0
      let lastTicks = Number.NaN
      let firstMs = 0
      let lastMs = 0
      for (let i = 0; i < this.#count; i++) {
        const at = members[i]!
        if (!this.#isSimilar(gone.lots[at]!, lots)) continue
        const bornMs = gone.bornMs[at]!
        const earliest = Math.min(firstMs, bornMs)
        const latest = Math.max(lastMs, bornMs)
        // No price is near NaN: the first one begins a chain.
        if (gone.priceTicks[at]! - lastTicks <= gapTicks && latest - earliest <= placedWithinMs) {
          layers++
          firstMs = earliest
          lastMs = latest
        } else {
          layers = 1
          from = i
          firstMs = lastMs = bornMs
        }
        lastTicks = gone.priceTicks[at]!
        if (layers <= this.#chainLayers) continue
        this.#chainLayers = layers
        this.#chainFrom = from
        this.#chainTo = i
        this.#chainLots = lots
      }
    }
  }

  /** First placement of the chain. */
  #chainBornMs(gone: Events): WallMs {
    let bornMs = Number.POSITIVE_INFINITY
    for (let i = this.#chainFrom; i <= this.#chainTo; i++) if (this.#isSimilar(gone.lots[this.#members[i]!]!, this.#chainLots)) bornMs = Math.min(bornMs, gone.bornMs[this.#members[i]!]!)
    return bornMs
  }

  #isSimilar(lots: Lots, other: Lots): boolean {
    return Math.abs(lots - other) <= this.#settings.similarity * other
  }

  /** Orders of the same size came to this side around the withdrawal. */
  #isReplaced(side: Side, gone: Events, openMs: WallMs): boolean {
    const { replaceMs } = this.#settings
    const placed = this.#placed[side]
    let replaced = 0
    for (let i = placed.first; i < placed.made; i++) {
      const at = i % KEPT
      if (Math.abs(placed.atMs[at]! - openMs) <= replaceMs && this.#isSimilar(placed.lots[at]!, this.#chainLots) && !this.#isMember(gone, placed.priceTicks[at]!, placed.bornMs[at]!)) replaced++
    }
    return 2 * replaced >= this.#chainLayers
  }

  #isMember(gone: Events, priceTicks: PriceTicks, bornMs: WallMs): boolean {
    for (let i = 0; i < this.#count; i++) if (gone.priceTicks[this.#members[i]!] === priceTicks && gone.bornMs[this.#members[i]!] === bornMs) return true
    return false
  }

  /** The other side lost as many orders of the same size at the same time. */
  #isTwoSided(side: Side, openMs: WallMs): boolean {
    const other = this.#gone[opposite(side)]
    let same = 0
    for (let i = other.first; i < other.made; i++) {
      const at = i % KEPT
      if (Math.abs(other.atMs[at]! - openMs) <= this.#settings.togetherMs && this.#isSimilar(other.lots[at]!, this.#chainLots)) same++
    }
    return 2 * same >= this.#chainLayers
  }

  /** Whoever quoted orders of this size here a moment ago also takes them away at last. */
  #isQuoted(side: Side, openMs: WallMs): boolean {
    return openMs - this.#quoteMs[side]! <= this.#settings.placedWithinMs && this.#isSimilar(this.#quoteLots[side]!, this.#chainLots)
  }

  #note(side: Side, gone: Events): void {
    const { patterns } = this
    const { similarity } = this.#settings
    let at = patterns.newest(side)
    if (at < 0 || this.#confidence[side] === 0) {
      at = patterns.begin(side)
      patterns.startMs[at] = patterns.lowTicks[at] = Number.POSITIVE_INFINITY
      patterns.endMs[at] = Number.NEGATIVE_INFINITY
      patterns.highTicks[at] = patterns.orders[at] = patterns.confidences[at] = 0
    }
    let shares = 0
    let least = Number.POSITIVE_INFINITY
    let most = 0
    let layers = 0
    for (let i = this.#chainFrom; i <= this.#chainTo; i++) {
      const from = this.#members[i]!
      const lots = gone.lots[from]!
      if (!this.#isSimilar(lots, this.#chainLots)) continue
      layers++
      shares += gone.cancelShares[from]!
      least = Math.min(least, lots)
      most = Math.max(most, lots)
      patterns.startMs[at] = Math.min(patterns.startMs[at]!, gone.bornMs[from]!)
      patterns.endMs[at] = Math.max(patterns.endMs[at]!, gone.atMs[from]!)
      patterns.lowTicks[at] = Math.min(patterns.lowTicks[at]!, gone.priceTicks[from]!)
      patterns.highTicks[at] = Math.max(patterns.highTicks[at]!, gone.priceTicks[from]!)
    }
    const cancelRate = shares / layers
    const uneven = (most - least) / (2 * similarity * this.#chainLots)
    const confidence = cancelRate * (1 - 0.5 * uneven) * (1 - 2 ** (1 - layers))
    patterns.orders[at]! += layers
    patterns.cancelRates[at] = cancelRate
    patterns.confidences[at] = Math.max(patterns.confidences[at]!, confidence)
    this.#confidence[side] = confidence
  }

  #fade(side: Side): void {
    const at = this.patterns.newest(side)
    if (at < 0 || this.#nowMs - this.patterns.endMs[at]! > this.#settings.holdMs) this.#confidence[side] = 0
  }
}
