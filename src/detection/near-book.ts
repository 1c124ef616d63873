import { BUY, fail, type Lots, type PriceTicks, type Side, type WallMs } from '../core/index.ts'
import type { OrderBook } from '../market/index.ts'

/** Levels of a side that may be looked at. */
export const NEAR_LEVELS_MAX = 100
/** Time over which the typical size forgets, ms. */
const TYPICAL_MS = 30_000

/**
 * The best levels of both sides after each message, and how large a level of them typically is. What happens beyond them is not
 * judged: a venue drops levels that leave its depth, and says so like a cancel.
 */
export class NearBook {
  readonly levels: number
  readonly bidTicks: Float64Array
  readonly bidLots: Float64Array
  readonly askTicks: Float64Array
  readonly askLots: Float64Array
  bidLevels = 0
  askLevels = 0
  /** Mean size of a level, smoothed over half a minute; NaN before the first book. */
  typicalLots: Lots = Number.NaN
  #timeMs: WallMs = 0
  /** Last level that was looked at after the message before: NaN for none. */
  #bidFarBefore = Number.NaN
  #askFarBefore = Number.NaN

  /** @throws RM_DETECTION_CONFIG */
  constructor(levels: number) {
    if (!Number.isSafeInteger(levels) || levels < 5 || levels > NEAR_LEVELS_MAX) fail('RM_DETECTION_CONFIG', { what: 'near levels', actual: levels, needed: `a whole number from 5 to ${NEAR_LEVELS_MAX}` })
    this.levels = levels
    this.bidTicks = new Float64Array(levels)
    this.bidLots = new Float64Array(levels)
    this.askTicks = new Float64Array(levels)
    this.askLots = new Float64Array(levels)
  }

  read(book: OrderBook, timeMs: WallMs): void {
    this.#bidFarBefore = this.bidLevels === 0 ? Number.NaN : this.bidTicks[this.bidLevels - 1]!
    this.#askFarBefore = this.askLevels === 0 ? Number.NaN : this.askTicks[this.askLevels - 1]!
    this.bidLevels = book.copyTop(BUY, this.levels, this.bidTicks, this.bidLots)
    this.askLevels = book.copyTop(1, this.levels, this.askTicks, this.askLots)
    const held = this.bidLevels + this.askLevels
    if (held === 0) return
    let lots = 0
    for (let i = 0; i < this.bidLevels; i++) lots += this.bidLots[i]!
    for (let i = 0; i < this.askLevels; i++) lots += this.askLots[i]!
    const mean = lots / held
    if (Number.isNaN(this.typicalLots)) this.typicalLots = mean
    else this.typicalLots += (mean - this.typicalLots) * Math.min(1, Math.max(0, timeMs - this.#timeMs) / TYPICAL_MS)
    this.#timeMs = timeMs
  }

  /** Whether a price is not behind the `depth`th level of its side. */
  reaches(side: Side, priceTicks: PriceTicks, depth: number): boolean {
    const held = side === BUY ? this.bidLevels : this.askLevels
    if (held === 0) return false
    const last = Math.min(depth, held) - 1
    return side === BUY ? priceTicks >= this.bidTicks[last]! : priceTicks <= this.askTicks[last]!
  }

  /** Whether a price was among those looked at before the newest message: a level that comes into view is not new. */
  reachedBefore(side: Side, priceTicks: PriceTicks): boolean {
    return side === BUY ? priceTicks >= this.#bidFarBefore : priceTicks <= this.#askFarBefore
  }

  /** Whether the other side stands at a price or beyond: the market has gone over it. */
  isOverrun(side: Side, priceTicks: PriceTicks): boolean {
    if (side === BUY) return this.askLevels > 0 && this.askTicks[0]! <= priceTicks
    return this.bidLevels > 0 && this.bidTicks[0]! >= priceTicks
  }

  reset(): void {
    this.bidLevels = this.askLevels = 0
    this.typicalLots = Number.NaN
    this.#timeMs = 0
  }
}
