import { BUY, type Lots, type PriceTicks, SELL, type Side } from '../core/index.ts'
import type { OrderBook } from '../market/index.ts'

/** Levels of a side that clusters and support are looked for in. */
const DEPTH = 50
/** Neighbouring levels whose joint size makes a support or a resistance. */
const RUN = 5

/** Clusters and the heaviest stretch of one side of a book. Prices in ticks, sizes in lots. */
export class SideShape {
  /** Level with the largest size among those that are worth at least the least cluster value; the best level when there is none. */
  clusterTicks: PriceTicks = Number.NaN
  /** 0 when there is no cluster. */
  clusterLots: Lots = Number.NaN
  clusters = 0
  /** Size-weighted mean price of the five neighbouring levels with the largest joint size. */
  heavyTicks = Number.NaN
  readonly #side: Side
  readonly #ticks = new Float64Array(DEPTH)
  readonly #lots = new Float64Array(DEPTH)

  constructor(side: Side) {
    this.#side = side
  }

  /** @param clusterValue least ticks · lots of a cluster */
  measure(book: OrderBook, clusterValue: number): void {
    const ticks = this.#ticks
    const lots = this.#lots
    const count = book.copyTop(this.#side, DEPTH, ticks, lots)
    this.clusters = 0
    this.clusterLots = 0
    this.clusterTicks = count > 0 ? ticks[0]! : Number.NaN
    this.heavyTicks = Number.NaN
    let run = 0
    let heaviest = 0
    let heavyAt = 0
    for (let i = 0; i < count; i++) {
      const size = lots[i]!
      if (size * ticks[i]! >= clusterValue) {
        this.clusters++
        if (size > this.clusterLots) {
          this.clusterLots = size
          this.clusterTicks = ticks[i]!
        }
      }
      run += size
      if (i >= RUN) run -= lots[i - RUN]!
      if (i < RUN - 1 || run <= heaviest) continue
      heaviest = run
      heavyAt = i - RUN + 1
    }
    if (count < RUN) return
    // Distances from the first level keep the digits that whole prices would lose.
    const first = ticks[heavyAt]!
    let weighted = 0
    for (let i = heavyAt; i < heavyAt + RUN; i++) weighted += (ticks[i]! - first) * lots[i]!
    this.heavyTicks = first + weighted / heaviest
  }
}

/** Both sides. */
export class BookShape {
  readonly bids = new SideShape(BUY)
  readonly asks = new SideShape(SELL)

  measure(book: OrderBook, clusterValue: number): void {
    this.bids.measure(book, clusterValue)
    this.asks.measure(book, clusterValue)
  }
}
